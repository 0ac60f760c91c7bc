//! What to run, on the way to be a worker.
use crate::{body, plan::Plan, ready::Ready, roster::Signals, signal::Signal, stdin::Stdin};
use regrow_supervisor::Worker;
use std::{ffi::OsStr, path::PathBuf, sync::Arc};

/// A program to be run as a child: what to run, how to see that it is up, how to stop it.
///
/// [`worker`](Self::worker) makes the child, which then is given its rules (restart, shutdown, backoff, start time-out) as any worker
/// is. Each life spawns the program anew. Without a shell nothing in the arguments is special.
///
/// | the program | its life |
/// |---|---|
/// | exits with code 0 | completed |
/// | exits with another code, or by a signal | failed, with a [`ProcessExit`](crate::ProcessExit) |
/// | exits with code 0 after it was asked to stop | completed |
/// | ends by the stop signal after it was asked to stop, or with 128 + its number | stopped |
/// | has not ended when its shutdown is over | killed, and its group with it |
///
/// ```
/// use regrow_core::Restart;
/// use regrow_process::{Process, Ready, Signal};
/// use std::{net::Ipv4Addr, time::Duration};
///
/// let database = Process::new("postgres")
///     .args(["-D", "/var/lib/postgres", "-p", "5432"])
///     .env("TZ", "UTC")
///     .ready(Ready::port((Ipv4Addr::LOCALHOST, 5432)))
///     .stop_signal(Signal::Interrupt)
///     .worker("database")
///     .restart(Restart::Permanent)
///     .start_timeout(Duration::from_secs(60))
///     .shutdown(Duration::from_secs(20));
/// assert!(database.build().is_ok());
/// ```
#[derive(Clone, Debug)]
#[must_use = "a process is nothing until it is made a worker, and given to a supervisor"]
pub struct Process(Plan);

impl Process {
    /// A program: a path, or a name that is looked for in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self(Plan {
            program: program.as_ref().to_owned(),
            ..Plan::default()
        })
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0
            .args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of its environment. What is not set is that of this process.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        let value = Some(value.as_ref().to_owned());
        self.0.env.push((name.as_ref().to_owned(), value));
        self
    }

    /// Leaves a variable out of its environment.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.0.env.push((name.as_ref().to_owned(), None));
        self
    }

    /// Gives it nothing of the environment of this process, only what is set with [`env`](Self::env).
    pub fn env_clear(mut self) -> Self {
        self.0.is_env_clear = true;
        self
    }

    /// The directory that it runs in. Without it: that of this process.
    pub fn current_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.0.directory = Some(directory.into());
        self
    }

    /// What it reads as its stdin. Without it: nothing.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.0.stdin = stdin;
        self
    }

    /// When it is up. Without it: as soon as it runs.
    pub fn ready(mut self, ready: Ready) -> Self {
        self.0.ready = ready;
        self
    }

    /// The signal by which its group is asked to stop. Without it: SIGTERM.
    pub fn stop_signal(mut self, signal: Signal) -> Self {
        self.0.stop_signal = signal;
        self
    }

    /// A handle that sends signals to the lives of this process. Clones of a process share it.
    pub fn signals(&self) -> Signals {
        Signals::new(self.0.roster.clone())
    }

    /// The child: a worker of this name that notifies its start, and so has 30 s for it.
    pub fn worker(self, name: impl Into<String>) -> Worker {
        let plan = Arc::new(self.0);
        Worker::with_notify_start(name, move |context, notify| {
            body::run(plan.clone(), context, notify)
        })
    }
}
