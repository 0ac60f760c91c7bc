//! `#[worker]`: functions of all shapes.
use std::fmt::Display;
use std::sync::Arc;
use std::sync::Mutex;

use regrow::testing::Recorder;
use regrow::{BoxError, Context, IntoChildSpec, Supervisor, Worker};

/// What the lives have said.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn say(&self, text: impl Display) {
        self.0.lock().unwrap().push(text.to_string());
    }
}

/// What a life of it says, until it has completed.
async fn said(make: impl FnOnce(Said) -> Worker) -> Vec<String> {
    let said = Said::default();
    let worker = make(said.clone()).named("one");
    let (tree, mut told) = Recorder::start(Supervisor::new("root").child(worker)).await;
    told.told("+one +. ~one").await;
    tree.unwrap().shutdown().await;
    let lines = said.0.lock().unwrap();
    lines.clone()
}

#[tokio::test(start_paused = true)]
async fn generic_functions() {
    #[regrow::worker(restart = Temporary)]
    async fn typed<T, const N: usize>(said: Said, all: [T; N])
    where
        T: Display + Clone + Send + Sync + 'static,
    {
        all.iter().for_each(|one| said.say(one));
        said.say(N);
    }
    /// Nothing but the turbofish says what these are.
    #[regrow::worker(restart = Temporary)]
    async fn told<T: Default + Display + Send + 'static, const N: usize>(said: Said) {
        said.say(T::default());
        said.say(N);
    }
    #[regrow::worker(restart = Temporary)]
    async fn hidden<const N: usize>(
        said: Said,
        text: impl Display + Clone + Send + Sync + 'static,
        more: Option<impl Display + Clone + Send + Sync + 'static>,
    ) {
        said.say(text);
        more.into_iter().for_each(|more| said.say(more));
        said.say(N);
    }
    assert_eq!(said(|to| typed(to, ['a', 'b'])).await, ["a", "b", "2"]);
    assert_eq!(said(told::<u8, 3>).await, ["0", "3"]);
    assert_eq!(
        said(|to| hidden::<9>(to, "x", Some(1))).await,
        ["x", "1", "9"]
    );
}

/// Its name is the function as it was written, within.
#[tokio::test(start_paused = true)]
async fn a_body_may_call_itself() {
    #[regrow::worker(restart = Temporary)]
    async fn counts_down(ctx: Context, said: Said, from: u32) -> Result<(), BoxError> {
        said.say(from);
        match from.checked_sub(1) {
            Some(less) => Box::pin(counts_down(ctx, said, less)).await,
            None => Ok(()),
        }
    }
    assert_eq!(said(|to| counts_down(to, 2)).await, ["2", "1", "0"]);
}

mod inner {
    use super::Said;

    const WORD: &str = "inner";

    pub(super) mod deeper {
        #[regrow::worker(restart = Temporary)]
        pub(in crate::shapes) async fn speaks(said: super::Said, ctx: regrow::Context) {
            said.say(super::WORD);
            said.say(ctx.runtime_name().name());
            said.say(helper());
        }

        fn helper() -> &'static str {
            "helped"
        }
    }
}

#[tokio::test(start_paused = true)]
async fn paths_in_a_body_are_those_of_its_module() {
    assert_eq!(
        said(inner::deeper::speaks).await,
        ["inner", "one", "helped"]
    );
}

/// Each attribute is where it does what it says; what is against a condition is not there.
#[tokio::test(start_paused = true)]
async fn attributes_are_kept() {
    #[regrow::worker(restart = Temporary)]
    #[cfg(any())]
    async fn speaks(said: Said) {
        said.say("never");
    }
    /// A document.
    #[cfg(test)]
    #[regrow::worker(restart = Temporary)]
    #[allow(clippy::too_many_arguments, reason = "of both functions")]
    #[expect(unused_variables, reason = "in the body")]
    async fn speaks(said: Said, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) {
        said.say("always");
    }
    assert_eq!(
        said(|to| speaks(to, 1, 2, 3, 4, 5, 6, 7, 8)).await,
        ["always"]
    );
}

/// What is marked as old is not called as such by the made code: this compiles without a warning, but for the one that is expected.
#[tokio::test(start_paused = true)]
async fn a_deprecated_function() {
    #[regrow::worker(restart = Temporary)]
    #[deprecated = "for a test"]
    async fn old(said: Said) {
        said.say("old");
    }
    #[expect(deprecated)]
    let lines = said(old).await;
    assert_eq!(lines, ["old"]);
}

/// Types and names that another macro hands on.
#[tokio::test(start_paused = true)]
async fn a_function_that_a_macro_writes() {
    macro_rules! speaker {
        ($name:ident, $called:literal, $context:ty, $said:ty, $text:expr) => {
            #[regrow::worker(name = $called, restart = Temporary)]
            async fn $name(ctx: $context, said: $said) {
                said.say(ctx.runtime_name().name());
                said.say($text);
            }
        };
    }
    speaker!(first, "1st", Context, Said, 1 + 1);
    assert_eq!(said(first).await, ["one", "2"]);
    let spec = first(Said::default()).into_child_spec().unwrap();
    assert_eq!(spec.name().as_str(), "1st");
}

/// Parameters that borrow for ever, that have attributes, and that are functions.
#[tokio::test(start_paused = true)]
async fn parameters_of_odd_types() {
    #[regrow::worker(restart = Temporary)]
    async fn speaks(
        said: Said,
        text: &'static str,
        #[allow(unused_variables, reason = "of both functions")] unused: (),
        make: fn(u8) -> String,
        all: &'static [u8],
    ) {
        said.say(text);
        all.iter().for_each(|one| said.say(make(*one)));
    }
    let lines = said(|to| speaks(to, "begins", (), |one| format!("<{one}>"), &[1, 2])).await;
    assert_eq!(lines, ["begins", "<1>", "<2>"]);
}

/// A method is none, but a function in an `impl` can be one.
#[tokio::test(start_paused = true)]
async fn a_function_of_a_type() {
    struct Speaker;
    impl Speaker {
        #[regrow::worker(restart = Temporary)]
        async fn speaks(said: Said) {
            said.say("spoken");
        }
    }
    assert_eq!(said(Speaker::speaks).await, ["spoken"]);
}
