//! A running tree, and what it told, in the notation of `regrow::testing`.

use std::ops::Deref;
use std::time::Duration;

pub(crate) use regrow::testing::{Recorder as Events, bounded};
use regrow::{ChildInfo, Counts, RootExit, StartError, Supervisor, SupervisorRef, Tree, TreeEvent};

/// Tells each story on a paused clock, and those of `both` once more on threads.
macro_rules! stories {
    (both: $($both:ident),* ; $(paused: $($timed:ident),+ ;)?) => {
        mod paused {
            $(
                #[::tokio::test(start_paused = true)]
                async fn $both() {
                    super::$both().await;
                }
            )*
            $($(
                #[::tokio::test(start_paused = true)]
                async fn $timed() {
                    super::$timed().await;
                }
            )+)?
        }
        mod threads {
            $(
                #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $both() {
                    super::$both().await;
                }
            )*
        }
    };
}

/// A second of the story's clock.
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// Longer than any story takes.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The supervisor of the catalogue: `root`, one-for-one, 2 restarts in an hour.
pub(crate) fn root() -> Supervisor {
    Supervisor::new("root").tolerance((2, HOUR))
}

/// A tree and what it told so far.
pub(crate) struct Story {
    tree: Tree,
    events: Events,
}

impl Story {
    /// Starts the tree, which must tell `expected` and be up.
    pub(crate) async fn start(root: Supervisor, expected: &str) -> Self {
        let (tree, mut events) = Events::start(root).await;
        let tree = tree.expect("the tree starts");
        events.told(expected).await;
        Self { tree, events }
    }

    /// Starts a tree that tells `expected` and does not come up.
    pub(crate) async fn fails(root: Supervisor, expected: &str) -> StartError {
        let (tree, events) = Events::start(root).await;
        events.told_last(expected).await;
        tree.expect_err("the start fails")
    }

    /// Waits until as many events are told as expected; they must be those.
    ///
    /// Names in braces may come in any order: `{-a -b} -.`
    pub(crate) async fn told(&mut self, expected: &str) {
        self.events.told(expected).await;
    }

    /// Lets `span` pass, in which nothing may be told.
    pub(crate) async fn quiet(&mut self, span: Duration) {
        self.events.quiet(span).await;
    }

    /// The next event, whatever it is.
    pub(crate) async fn next(&mut self) -> TreeEvent {
        self.events.next().await.expect("an event")
    }

    /// The next event that has a sign.
    pub(crate) async fn next_signed(&mut self) -> TreeEvent {
        self.events.next_signed().await.expect("an event")
    }

    /// The sign of the next event that has one.
    pub(crate) async fn next_sign(&mut self) -> String {
        self.events.next_sign().await.expect("an event")
    }

    /// Shuts the tree down; `expected` is all that is still told.
    pub(crate) async fn stops(self, expected: &str) -> RootExit {
        let exit = bounded(self.tree.shutdown()).await;
        self.events.told_last(expected).await;
        exit
    }

    /// As [`stops`](Self::stops), of a tree in which all goes well.
    pub(crate) async fn stops_cleanly(self, expected: &str) {
        let exit = self.stops(expected).await;
        assert!(exit.is_orderly(), "{exit}");
    }

    /// Waits for the end of a tree that ends by itself; `expected` is all that is still told.
    pub(crate) async fn ends(self, expected: &str) -> RootExit {
        let exit = bounded(self.tree.wait()).await;
        self.events.told_last(expected).await;
        exit
    }

    /// Gives the tree up; what is left is what it tells.
    pub(crate) fn into_parts(self) -> (Tree, Events) {
        (self.tree, self.events)
    }
}

impl Deref for Story {
    type Target = SupervisorRef;

    fn deref(&self) -> &SupervisorRef {
        &self.tree
    }
}

/// Specs, active, supervisors, workers.
pub(crate) fn counts(supervisor: &SupervisorRef) -> [usize; 4] {
    parts(supervisor.count())
}

/// The parts of a count, in OTP's order.
pub(crate) fn parts(counts: Counts) -> [usize; 4] {
    [
        counts.specs,
        counts.active,
        counts.supervisors,
        counts.workers,
    ]
}

/// The children by name and state, `a Up, b Down`.
pub(crate) fn states(children: &[ChildInfo]) -> String {
    let states: Vec<_> = children
        .iter()
        .map(|child| format!("{} {:?}", child.name, child.state))
        .collect();
    states.join(", ")
}

/// Whether `error` or one of its sources says `text`.
pub(crate) fn says(error: &(dyn std::error::Error + 'static), text: &str) -> bool {
    let mut causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.any(|cause| cause.to_string().contains(text))
}

/// `signs`, `times` times.
pub(crate) fn repeated(times: usize, signs: &str) -> String {
    vec![signs; times].join(" ")
}
