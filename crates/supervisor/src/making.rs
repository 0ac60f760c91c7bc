//! The making of a program's root, before there is a tree.
use crate::{
    beat::{BEAT, STOPPING_BEAT, beat},
    first::{Either, first},
    root::IntoRoot,
    signals::Signals,
    supervisor::Supervisor,
};
use regrow_tasks::{BoxError, beside};
use std::{
    fmt,
    future::Future,
    pin::{Pin, pin},
    process::exit,
    time::Duration,
};
use tokio::{runtime::Runtime, sync::oneshot, time::sleep};

type Made = Result<Supervisor, BoxError>;

/// A root that is there, or is to come.
pub(crate) enum Making {
    Done(Box<Made>),
    ToDo(Pin<Box<dyn Future<Output = Made>>>),
}

impl Making {
    pub(crate) fn done(root: impl IntoRoot) -> Self {
        Self::Done(Box::new(root.into_root()))
    }

    pub(crate) fn to_do<F>(root: F) -> Self
    where
        F: Future<Output: IntoRoot> + 'static,
    {
        Self::ToDo(Box::pin(async { root.await.into_root() }))
    }

    /// Makes the root on this thread, in the tree's runtime; `None` when a signal came first. Signals are watched from a
    /// thread beside, so that a future which blocks this one does not make the program deaf.
    pub(crate) fn finish(
        self,
        tasks: &Runtime,
        watch: &Runtime,
        signals: &mut Signals,
        within: Duration,
    ) -> Option<Made> {
        let root = match self {
            Self::Done(made) => return Some(*made),
            Self::ToDo(root) => root,
        };
        // What is dropped because of a signal may still want the runtime.
        let _tasks = tasks.enter();
        let (ask, asked) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let watching = || watch.block_on(stop(signals, tasks, within, ask, finished));
        let making = move || {
            let _finish: oneshot::Sender<()> = finish;
            tasks.block_on(async {
                match first(root, asked).await {
                    Either::One(made) => Some(made),
                    Either::Other(_) => None,
                }
            })
        };
        match beside("signals", watching, making) {
            Ok((made, is_asked)) => made.filter(|_| !is_asked),
            Err(error) => Some(Err(
                format!("no thread that watches for signals: {error}").into()
            )),
        }
    }
}

/// Asks the making to stop at a signal, until it is finished; whether it was asked. Another signal, or the end of
/// patience, ends the program: there is no other way to stop what blocks its thread.
async fn stop(
    signals: &mut Signals,
    tasks: &Runtime,
    within: Duration,
    ask: oneshot::Sender<()>,
    mut finished: oneshot::Receiver<()>,
) -> bool {
    {
        let signal = pin!(signals.next());
        let done = first(&mut finished, beat(tasks, BEAT));
        if first(signal, done).await.is_other() {
            return false;
        }
    }
    let _ = ask.send(());
    let (signal, late) = (pin!(signals.next()), pin!(sleep(within)));
    let enough = first(signal, first(late, beat(tasks, STOPPING_BEAT)));
    match first(&mut finished, enough).await {
        Either::One(_) => true,
        Either::Other(Either::One(signal)) => {
            eprintln!("stopped by a second signal: the root is still being made");
            exit(128 + i32::from(signal));
        }
        Either::Other(Either::Other(_)) => {
            eprintln!("not stopped in time: the root is still being made");
            exit(3);
        }
    }
}

impl fmt::Debug for Making {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(made) => match &**made {
                Ok(root) => root.fmt(f),
                Err(error) => error.fmt(f),
            },
            Self::ToDo(_) => f.write_str("a future"),
        }
    }
}
