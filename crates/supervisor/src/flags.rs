//! What is the same for every child of one supervisor, as it is given.
use crate::spec::SpecError;
use regrow_core::{AutoShutdown, Incarnation, Name, StartOrder, Tolerance, engine::Flags};
use regrow_tasks::{Context, Values};
use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// The flags that were given; what was not, is the engine's default.
#[derive(Clone, Debug)]
pub(crate) struct GivenFlags {
    pub(crate) tolerance: Tolerance,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) start_order: StartOrder,
    pub(crate) kill_wait: Duration,
    pub(crate) seed: Option<u64>,
    pub(crate) values: Values,
}

impl Default for GivenFlags {
    fn default() -> Self {
        let flags = Flags::default();
        Self {
            tolerance: flags.tolerance,
            auto_shutdown: flags.auto_shutdown,
            start_order: flags.start_order,
            kill_wait: flags.kill_wait,
            seed: None,
            values: Values::default(),
        }
    }
}

impl GivenFlags {
    pub(crate) fn check(&self, supervisor: &Name) -> Result<(), SpecError> {
        if self.tolerance.window() == Some(Duration::ZERO) {
            let supervisor = supervisor.clone();
            return Err(SpecError::ZeroWindow { supervisor });
        }
        if self.kill_wait.is_zero() {
            let supervisor = supervisor.clone();
            return Err(SpecError::ZeroKillWait { supervisor });
        }
        Ok(())
    }

    /// Lends its values to the children of the supervisor that `own` is the context of.
    pub(crate) fn lend(&self, own: &Context) {
        if let Some(below) = own.entry().below() {
            below.lend(self.values.clone());
        }
    }

    /// The flags of one life, whose first life below has this number.
    pub(crate) fn flags(&self, first: Incarnation) -> Flags {
        Flags {
            tolerance: self.tolerance,
            auto_shutdown: self.auto_shutdown,
            start_order: self.start_order,
            kill_wait: self.kill_wait,
            seed: self.seed.unwrap_or_else(|| RandomState::new().hash_one(0)),
            first,
        }
    }
}

/// The builder methods of [`GivenFlags`], for a builder with a field `flags`.
macro_rules! flags_methods {
    () => {
        /// How many restarts it bears, in how long, before it gives up. Without it: 3 in 5 s
        /// (semantics 13).
        pub fn tolerance(mut self, tolerance: impl Into<regrow_core::Tolerance>) -> Self {
            self.flags.tolerance = tolerance.into();
            self
        }

        /// How long a killed life may take to be gone before it is abandoned. Without it: 1 s
        /// (semantics 7).
        pub fn kill_wait(mut self, span: std::time::Duration) -> Self {
            self.flags.kill_wait = span;
            self
        }

        /// Provides a value to all lives below: each finds it with `Context::value`. Of those of one
        /// type the nearest supervisor's is found, and of those given here the last. It is made once,
        /// and outlives every restart; it is dropped when the tree has ended, or the supervisor is
        /// forgotten, and nobody has it or its spec any more (semantics 30).
        ///
        /// ```
        /// use regrow_supervisor::{Supervisor, Worker};
        ///
        /// struct Greeting(&'static str);
        ///
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() {
        /// let greeter = Worker::new("greeter", |ctx| async move {
        ///     let greeting = ctx.value::<Greeting>().ok_or("no greeting")?;
        ///     println!("{}", greeting.0);
        ///     ctx.stopped().await;
        ///     Ok::<(), &'static str>(())
        /// });
        /// let root = Supervisor::new("root").provide(Greeting("hello")).child(greeter);
        /// # let tree = root.start().await.unwrap();
        /// # assert!(tree.shutdown().await.is_orderly());
        /// # }
        /// ```
        pub fn provide<T: std::any::Any + Send + Sync>(mut self, value: T) -> Self {
            self.flags.values.put(value);
            self
        }

        /// Makes the chance in backoffs repeatable. Without it, each life of the supervisor draws
        /// anew.
        pub fn seed(mut self, seed: u64) -> Self {
            self.flags.seed = Some(seed);
            self
        }
    };
}
pub(crate) use flags_methods;
