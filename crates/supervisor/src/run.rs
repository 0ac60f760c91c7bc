//! A program that is a tree.
use crate::{
    beat::{BEAT, STOPPING_BEAT, beat},
    exit::RootExit,
    first::{Either, first},
    making::Making,
    report::millis,
    root::IntoRoot,
    signals::Signals,
    snapshot::Snapshot,
    supervisor::Supervisor,
    tree::Tree,
};
use regrow_tasks::{ChildState, SharedError, shielded};
use std::{
    env, fmt, future::Future, ops::Deref, pin::pin, process::ExitCode, thread, time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    time::sleep,
};

/// How long a stopping tree has.
const STOP_WITHIN: Duration = Duration::from_secs(25);

/// How much longer it is waited for when the deadline has passed: kill waits are within.
const MARGIN: Duration = Duration::from_secs(3);

/// Runs a program that is a tree: see [`Runner`], of which this is the plain form.
///
/// ```no_run
/// use regrow_supervisor::{Supervisor, Worker, run};
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     run(Supervisor::new("shop").child(Worker::new("mailer", |ctx| async move {
///         ctx.stopped().await;
///     })))
/// }
/// ```
pub fn run(root: impl IntoRoot) -> ExitCode {
    Runner::new(root).run()
}

/// Runs a program that is a tree, from `main`, outside any runtime.
///
/// It owns a multi-thread runtime, of at least two workers unless `TOKIO_WORKER_THREADS` says otherwise, and starts the tree on it. SIGINT or SIGTERM (elsewhere Ctrl-C)
/// stops the tree in order within 25 s; at the second one it prints who is still up and exits with
/// 128 plus the signal's number. Signals and the deadline are watched from the main thread, so
/// that tasks which block the runtime's threads do not hold them up; and the end does not wait for
/// such tasks. Once a second the main thread wakes the runtime, so that one blocked thread does not
/// make the others miss the clock and the sockets.
///
/// The exit code is 0 after an orderly stop (lives that did not stop cleanly are in the report),
/// 1 when the tree gave up or did not start, 3 when lives were abandoned (semantics 22).
pub struct Runner {
    root: Making,
    manner: Manner,
}

/// How it is run.
struct Manner {
    stop_within: Duration,
    on_up: Box<dyn FnOnce(&Tree) + Send>,
    on_end: Box<dyn FnOnce(&RootExit) + Send>,
}

impl Runner {
    /// A program that is the tree of this root. One that could not be made is printed to stderr when
    /// the program runs, and its exit code is 1.
    pub fn new(root: impl IntoRoot) -> Self {
        Self::of(Making::done(root))
    }

    /// A program that is the tree of a root which is made first, on the tree's runtime: it may connect
    /// to a database, and spawn.
    ///
    /// The future is polled on the main thread, so it need not be [`Send`]. A signal drops it where it waits, and the
    /// program ends with 0: there is nothing to stop yet. One that blocks its thread instead has as long as the tree has
    /// to stop, then the program ends with 3; a second signal ends it at once. A panic of it is one of `main`.
    ///
    /// ```no_run
    /// use regrow_supervisor::{Runner, Supervisor, Worker};
    /// use std::{io, process::ExitCode, sync::Arc};
    /// use tokio::net::TcpListener;
    ///
    /// async fn server() -> io::Result<Supervisor> {
    ///     let socket = Arc::new(TcpListener::bind("127.0.0.1:8080").await?);
    ///     Ok(Supervisor::new("server").child(Worker::new("acceptor", move |ctx| {
    ///         let socket = socket.clone();
    ///         async move {
    ///             while let Ok(accepted) = ctx.until_stopped(socket.accept()).await {
    ///                 println!("{}", accepted?.1);
    ///             }
    ///             Ok::<(), io::Error>(())
    ///         }
    ///     })))
    /// }
    ///
    /// fn main() -> ExitCode {
    ///     Runner::of_future(server()).run()
    /// }
    /// ```
    pub fn of_future<F>(root: F) -> Self
    where
        F: Future<Output: IntoRoot> + 'static,
    {
        Self::of(Making::to_do(root))
    }

    fn of(root: Making) -> Self {
        let manner = Manner {
            stop_within: STOP_WITHIN,
            on_up: Box::new(|_| {}),
            on_end: Box::new(|exit| {
                if !exit.is_orderly() {
                    eprintln!("{exit}");
                }
            }),
        };
        Self { root, manner }
    }

    /// How long the whole tree has to stop, before all that lives is killed. Without it: 25 s.
    #[must_use]
    pub fn stop_within(mut self, span: Duration) -> Self {
        self.manner.stop_within = span;
        self
    }

    /// What is done when the tree is up. A panic of it harms nobody.
    #[must_use]
    pub fn on_up(mut self, act: impl FnOnce(&Tree) + Send + 'static) -> Self {
        self.manner.on_up = Box::new(act);
        self
    }

    /// What is done when the tree has ended. A panic of it harms nobody. Without it, the end is printed to stderr when it was
    /// not orderly.
    #[must_use]
    pub fn on_end(mut self, act: impl FnOnce(&RootExit) + Send + 'static) -> Self {
        self.manner.on_end = Box::new(act);
        self
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// When it is called from inside a tokio runtime; and as a child did whose panics are not
    /// captured.
    pub fn run(self) -> ExitCode {
        let runtimes = multi_thread()
            .enable_all()
            .build()
            .and_then(|tasks| Ok((tasks, Builder::new_current_thread().enable_all().build()?)));
        let (tasks, watch) = match runtimes {
            Ok((tasks, watch)) => (Unawaited(Some(tasks)), watch),
            Err(error) => return complain(&format!("no runtime: {error}")),
        };
        let end = self.on(&tasks, &watch);
        drop(tasks);
        match end {
            End::Code(code) => code,
            End::Tree(exit) => {
                exit.resume();
                ExitCode::from(exit.exit_code())
            }
        }
    }

    fn on(self, tasks: &Runtime, watch: &Runtime) -> End {
        let Self { root, manner } = self;
        let signals = {
            let _watch = watch.enter();
            Signals::new()
        };
        let mut signals = match signals {
            Ok(signals) => signals,
            Err(error) => return End::Code(complain(&format!("no signal handler: {error}"))),
        };
        let root = match root.finish(tasks, watch, &mut signals, manner.stop_within) {
            Some(Ok(root)) => root,
            Some(Err(error)) => return End::Code(complain(&SharedError::new(error).to_string())),
            None => return End::Code(ExitCode::SUCCESS),
        };
        watch.block_on(async {
            let watched = pin!(manner.watch(root, tasks, signals));
            match first(watched, beat(tasks, BEAT)).await {
                Either::One(end) => end,
                Either::Other(never) => match never {},
            }
        })
    }
}

impl Manner {
    /// On the main thread: nothing that a task does can hold this up.
    async fn watch(self, root: Supervisor, tasks: &Runtime, mut signals: Signals) -> End {
        let begun = {
            let _tasks = tasks.enter();
            root.begin(drop)
        };
        let tree = match begun {
            Ok(tree) => tree,
            Err(error) => return End::Code(complain(&error.to_string())),
        };
        let signalled = match first(pin!(tree.up()), signals.next()).await {
            Either::One(Err(error)) => {
                let code = complain(&error.to_string());
                return match tree.wait().await {
                    exit if exit.uncaptured().is_some() => End::Tree(exit),
                    _ => End::Code(code),
                };
            }
            Either::One(Ok(())) => {
                {
                    let _tasks = tasks.enter();
                    shielded(|| (self.on_up)(&tree));
                }
                first(pin!(tree.wait()), signals.next()).await.is_other()
            }
            Either::Other(_) => true,
        };
        if signalled {
            if let Err(code) = stop(&tree, self.stop_within, &mut signals, tasks).await {
                return End::Code(code);
            }
        }
        let exit = tree.wait().await;
        shielded(|| (self.on_end)(&exit));
        End::Tree(exit)
    }
}

/// What a program ends with.
enum End {
    Code(ExitCode),
    Tree(RootExit),
}

/// A builder of the tree's runtime. On a single worker one task that blocks its thread would make the whole tree deaf, so there are
/// two even where the machine has one processor.
fn multi_thread() -> Builder {
    let mut builder = Builder::new_multi_thread();
    let is_single = thread::available_parallelism().is_ok_and(|threads| threads.get() == 1);
    if is_single && env::var_os("TOKIO_WORKER_THREADS").is_none() {
        builder.worker_threads(2);
    }
    builder
}

/// Stops the tree after a signal; another one, or the end of patience, ends the program.
async fn stop(
    tree: &Tree,
    within: Duration,
    signals: &mut Signals,
    tasks: &Runtime,
) -> Result<(), ExitCode> {
    tree.stop_within(within);
    let late = async {
        first(
            pin!(sleep(within.saturating_add(MARGIN))),
            beat(tasks, STOPPING_BEAT),
        )
        .await;
    };
    match first(pin!(tree.wait()), first(pin!(late), signals.next())).await {
        Either::One(_) => Ok(()),
        Either::Other(Either::One(())) => {
            eprintln!("not stopped in time:{}", StillUp(&tree.snapshot()));
            Err(ExitCode::from(3))
        }
        Either::Other(Either::Other(signal)) => {
            eprintln!("stopped by a second signal:{}", StillUp(&tree.snapshot()));
            std::process::exit(128 + i32::from(signal));
        }
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("root", &self.root)
            .field("stop_within", &self.manner.stop_within)
            .finish_non_exhaustive()
    }
}

/// The tree's runtime, whose end waits for nobody, also when the main thread panics.
struct Unawaited(Option<Runtime>);

impl Deref for Unawaited {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("it is taken when it is dropped")
    }
}

impl Drop for Unawaited {
    fn drop(&mut self) {
        if let Some(tasks) = self.0.take() {
            tasks.shutdown_background();
        }
    }
}

fn complain(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}

/// Who is still up, a line each.
struct StillUp<'a>(&'a Snapshot);

impl fmt::Display for StillUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Snapshot {
            runtime_name,
            state,
            uptime,
            children,
            ..
        } = self.0;
        if *state != ChildState::Down {
            write!(f, "\n  {runtime_name} ({state}")?;
            if let Some(uptime) = uptime {
                write!(f, ", begun {} ago", millis(*uptime))?;
            }
            f.write_str(")")?;
        }
        children
            .iter()
            .try_for_each(|child| write!(f, "{}", Self(child)))
    }
}
