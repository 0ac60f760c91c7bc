//! Lives that look after a task which somebody else has spawned.
use crate::{
    catch::bury,
    context::Context,
    outcome::{Ended, Outcome},
    panics,
    reason::ExitReason,
    start::{Begin, Body, Once, Place, Start, used_up},
    until::Until,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

impl Start {
    /// Each life spawns a task, by whatever means, and looks after it.
    pub fn joining<F, R>(start: F) -> Self
    where
        F: Fn(Context) -> JoinHandle<R> + Send + Sync + 'static,
        R: Outcome,
    {
        Self::new(Warden(move |context: Context, kill| -> Body {
            let task = Adopted(start(context.clone()));
            Box::pin(look_after(task, context, kill))
        }))
    }

    /// The one life looks after this task. A second start of it fails.
    pub fn join_handle<R: Outcome>(task: JoinHandle<R>) -> Self {
        let task = Once::new(Adopted(task));
        Self::new(Warden(move |context, kill| -> Body {
            match task.take() {
                Some(task) => Box::pin(look_after(task, context, kill)),
                None => Box::pin(async { Ended::new(used_up()) }),
            }
        }))
    }
}

/// A start whose life looks after a task that runs elsewhere.
struct Warden<F>(F);

impl<F: Fn(Context, CancellationToken) -> Body + Send + Sync> Begin for Warden<F> {
    fn place(&self) -> Place {
        Place::Warden
    }

    fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        (self.0)(context, kill.unwrap_or_default())
    }
}

/// A task that is aborted when nobody looks after it any more.
struct Adopted<R>(JoinHandle<R>);

impl<R> Drop for Adopted<R> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for the task's end. A task cannot be asked: when its life is asked to stop or killed, it is
/// aborted, and the life ends when the task has.
async fn look_after<R: Outcome>(
    mut task: Adopted<R>,
    context: Context,
    kill: CancellationToken,
) -> Ended {
    let asked = Until::new(context.stopped(), &mut task.0);
    let joined = match Until::new(kill.cancelled(), asked).await {
        Ok(Ok(joined)) => joined,
        Ok(Err(_)) | Err(_) => {
            task.0.abort();
            (&mut task.0).await
        }
    };
    let reason = match joined.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(outcome) => outcome.into_reason(),
        Err(Ok(payload)) => {
            let panic = panics::claim(&*payload);
            bury(payload);
            ExitReason::Panicked(panic)
        }
        Err(Err(_)) if context.is_stopping() => ExitReason::Stopped,
        Err(Err(_)) => ExitReason::Killed,
    };
    if kill.is_cancelled() && !reason.is_abnormal() {
        return Ended::new(ExitReason::Killed);
    }
    Ended::new(reason)
}
