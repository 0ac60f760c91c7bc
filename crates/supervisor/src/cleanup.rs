//! What is done when the last child of a built life is gone.
use crate::{
    alarm::Alarm,
    error::StartError,
    failure::SupervisorFailure,
    inbox::Inbox,
    report::{ShutdownReport, StoppedLife, millis},
};
use regrow_core::Exit;
use regrow_tasks::{Call, Context, Ended, ExitReason, Outcome, PanicReport, SharedError};
use std::{
    error::Error,
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::Instant;

/// How long a clean-up may take.
const LIMIT: Duration = Duration::from_secs(5);

type Running = Pin<Box<dyn Future<Output = ExitReason> + Send>>;

/// A clean-up, if there is one, and how long it may take.
pub(crate) struct Cleanup {
    call: Option<Box<dyn FnOnce() -> Running + Send>>,
    pub(crate) limit: Duration,
}

impl Default for Cleanup {
    fn default() -> Self {
        Self {
            call: None,
            limit: LIMIT,
        }
    }
}

impl Cleanup {
    pub(crate) fn set<R>(&mut self, call: impl FnOnce() -> R + Send + 'static)
    where
        R: Future<Output: Outcome> + Send + 'static,
    {
        self.call = Some(Box::new(move || {
            let running = call();
            Box::pin(async move { running.await.into_reason() })
        }));
    }

    /// Cleans up after the life of `own`, which ended so; says how it ended with that.
    pub(crate) async fn after(self, own: &Context, inbox: &Inbox, ended: Ended) -> Ended {
        let begun = Instant::now();
        let Some(call) = self.call else {
            return ended;
        };
        let Err(error) = done(call, self.limit, own, inbox).await else {
            return ended;
        };
        let life = StoppedLife {
            runtime_name: own.runtime_name(),
            incarnation: own.incarnation(),
            reason: ExitReason::Failed(SharedError::new(error)),
            took: begun.elapsed(),
        };
        with_trouble(ended, life)
    }
}

/// Runs it, until it is done or its time is up. It is begun however late it is.
async fn done(
    call: Box<dyn FnOnce() -> Running + Send>,
    limit: Duration,
    own: &Context,
    inbox: &Inbox,
) -> Result<(), CleanupError> {
    let begun = Instant::now();
    let mut alarm = Alarm::default();
    let mut running = pin!(Call::begin(call));
    loop {
        let ends = [begun.checked_add(limit), inbox.deadline(own.incarnation())];
        let due = ends.into_iter().flatten().min();
        let mut outcome = None;
        let mut woken = pin!(inbox.woken());
        let step = poll_fn(|cx| match running.as_mut().poll(cx) {
            Poll::Ready(done) => {
                outcome = Some(done);
                Poll::Ready(())
            }
            Poll::Pending => woken.as_mut().poll(cx),
        });
        alarm.wait(due, step).await;
        match outcome {
            Some(Ok(ExitReason::Failed(error))) => return Err(CleanupError::Failed(error)),
            Some(Ok(_)) => return Ok(()),
            Some(Err(panic)) => return Err(CleanupError::Panicked(panic)),
            None if due.is_some_and(|due| due <= Instant::now()) => {
                return Err(CleanupError::TimedOut(begun.elapsed()));
            }
            None => {}
        }
    }
}

/// The end of a supervisor that did not clean up: what else it ended for stays.
fn with_trouble(mut ended: Ended, life: StoppedLife) -> Ended {
    let supervisor = life.runtime_name.clone();
    let report = ended.report.take();
    let report = report.and_then(|report| report.downcast::<ShutdownReport>().ok());
    let mut report = report.map(|report| *report).unwrap_or_default();
    report.add(life.clone(), false);
    let error = match &ended.reason {
        ExitReason::Failed(error) => match (error.find(), error.find()) {
            (Some(error), _) => also(StartError::clone(error), life).map(SharedError::new),
            (None, Some(SupervisorFailure::StopFailed { .. })) => {
                Some(stop_failed(supervisor, &report))
            }
            (None, _) => None,
        },
        reason if !reason.is_abnormal() => Some(stop_failed(supervisor, &report)),
        _ => None,
    };
    if let Some(error) = error {
        ended.reason = ExitReason::Failed(error);
        if !ended.exit.is_abnormal() {
            ended.exit = Exit::Failed;
        }
    }
    ended.report = Some(Box::new(report));
    ended
}

fn stop_failed(supervisor: regrow_core::RuntimeName, report: &ShutdownReport) -> SharedError {
    let report = report.clone();
    SharedError::new(SupervisorFailure::StopFailed { supervisor, report })
}

/// The same failure of a start, which tells of this trouble too.
fn also(mut error: StartError, life: StoppedLife) -> Option<StartError> {
    match &mut error {
        StartError::Child { report, .. } | StartError::Build { report, .. } => {
            Arc::make_mut(report).add(life, false);
            Some(error)
        }
        _ => None,
    }
}

/// Why a supervisor did not clean up after its children (semantics 4).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CleanupError {
    /// It returned this error.
    Failed(SharedError),
    /// It panicked.
    Panicked(PanicReport),
    /// It was not done when its time was up, or that of a supervisor above, and was dropped where
    /// it stood: after this long.
    TimedOut(Duration),
}

impl fmt::Display for CleanupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "its clean-up failed: {error}"),
            Self::Panicked(panic) => write!(f, "its clean-up panicked: {panic}"),
            Self::TimedOut(span) => write!(
                f,
                "its clean-up was not done within {}, and is abandoned: raise `cleanup_timeout`, or leave it more of the deadline",
                millis(*span)
            ),
        }
    }
}

/// Beneath it is the error that was returned.
impl Error for CleanupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error.get()),
            _ => None,
        }
    }
}
