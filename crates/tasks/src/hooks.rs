//! What is called when the body of a life has ended.
use crate::{
    block::block_on,
    catch::caught,
    context::{Context, forget_dropped_notifier},
    guarded::Guarded,
    outcome::{Ended, Outcome},
    reason::{ExitReason, Hook, HookFailure},
    start::{Begin, Body, Place, Start},
    until::Until,
};
use std::{cell::RefCell, fmt, future::Future, sync::Arc};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

type Call = Arc<dyn Fn(Context, ExitReason) -> Body + Send + Sync>;

/// What a worker has called when a body of it has ended.
#[derive(Clone, Default)]
pub struct Hooks {
    completion: Option<Call>,
    failure: Option<Call>,
    termination: Option<Call>,
}

impl Hooks {
    /// Sets one, in the place of an earlier one.
    pub fn set<F, R>(&mut self, hook: Hook, call: F)
    where
        F: Fn(Context, ExitReason) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        let call: Call = Arc::new(move |context, ended| {
            let future = call(context, ended);
            Box::pin(async move { Ended::new(future.await.into_reason()) })
        });
        *match hook {
            Hook::Completion => &mut self.completion,
            Hook::Failure => &mut self.failure,
            Hook::Termination => &mut self.termination,
        } = Some(call);
    }

    const fn get(&self, hook: Hook) -> Option<&Call> {
        match hook {
            Hook::Completion => self.completion.as_ref(),
            Hook::Failure => self.failure.as_ref(),
            Hook::Termination => self.termination.as_ref(),
        }
    }

    /// The same start, whose bodies have these hooks.
    pub fn on(self, start: Start) -> Start {
        match self {
            Self {
                completion: None,
                failure: None,
                termination: None,
            } => start,
            hooks => Start::new(Hooked {
                start,
                hooks: Arc::new(hooks),
            }),
        }
    }

    /// Calls the hook of this end, and says how the life ended with it.
    async fn after(&self, context: Context, ended: Ended) -> Ended {
        // How the notifier went is told by the end, as without a hook.
        forget_dropped_notifier();
        let hook = which(&ended.reason, context.is_stopping());
        let Some(call) = self.get(hook) else {
            return ended;
        };
        let running = Running::new(hook, &ended.reason);
        let begun = caught(|| call(context, ended.reason.clone()));
        let cause = Guarded::of(begun).await.reason;
        running.over();
        if !cause.is_abnormal() {
            return ended;
        }
        Ended::new(ExitReason::HookFailed(Box::new(HookFailure {
            hook,
            cause,
            ended: ended.reason,
        })))
    }
}

impl Hooks {
    /// As [`after`](Self::after), in a life that is not aborted but told when it is killed.
    async fn after_unless(
        &self,
        kill: &CancellationToken,
        context: Context,
        ended: Ended,
    ) -> Ended {
        if kill.is_cancelled() {
            return ended;
        }
        let after = Until::new(kill.cancelled(), self.after(context, ended)).await;
        after.unwrap_or_else(|()| {
            Ended::new(match cut_short() {
                Some(hook) => ExitReason::HookFailed(hook),
                None => ExitReason::Killed,
            })
        })
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hooks = [Hook::Completion, Hook::Failure, Hook::Termination];
        let set = hooks.iter().filter(|hook| self.get(**hook).is_some());
        f.debug_set().entries(set).finish()
    }
}

/// The hook of this end: a child's sign is that of its hook, `~`, `!` or `-`.
fn which(ended: &ExitReason, is_stopping: bool) -> Hook {
    match (ended.is_abnormal(), is_stopping) {
        (true, _) => Hook::Failure,
        (false, true) => Hook::Termination,
        (false, false) => Hook::Completion,
    }
}

/// A start whose bodies have hooks.
struct Hooked {
    start: Start,
    hooks: Arc<Hooks>,
}

impl Begin for Hooked {
    fn place(&self) -> Place {
        self.start.place()
    }

    fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        let (start, hooks) = (self.start.clone(), self.hooks.clone());
        Box::pin(async move {
            let begun = caught(|| start.begin(context.clone(), kill.clone()));
            let ended = Guarded::of(begun).await;
            match kill {
                // The task is aborted when it is killed.
                None => hooks.after(context, ended).await,
                Some(kill) => hooks.after_unless(&kill, context, ended).await,
            }
        })
    }

    fn run(&self, context: Context, kill: &CancellationToken) -> Ended {
        let ended = caught(|| self.start.run(context.clone(), kill));
        let ended = ended.unwrap_or_else(|panic| Ended::new(ExitReason::Panicked(panic)));
        let after = block_on(self.hooks.after_unless(kill, context, ended), None);
        after.expect("without a time-out it ends with its future")
    }

    fn notifies(&self) -> bool {
        self.start.notifies()
    }

    fn runtime(&self) -> Option<&Handle> {
        self.start.runtime()
    }

    fn print(&self, printed: &mut fmt::DebugStruct<'_, '_>) {
        self.start.print(printed);
        printed.field("hooks", &self.hooks);
    }
}

/// While it lives a hook runs. A kill drops it, and then it leaves word of that on its thread.
struct Running(Option<(Hook, ExitReason)>);

thread_local! {
    static CUT_SHORT: RefCell<Option<Box<HookFailure>>> = const { RefCell::new(None) };
}

impl Running {
    fn new(hook: Hook, ended: &ExitReason) -> Self {
        Self(Some((hook, ended.clone())))
    }

    fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((hook, ended)) = self.0.take() {
            let failure = Box::new(HookFailure {
                hook,
                cause: ExitReason::Killed,
                ended,
            });
            let _ = CUT_SHORT.try_with(|cut| cut.replace(Some(failure)));
        }
    }
}

/// The hook that was dropped on this thread while it ran, since this was asked last.
pub(crate) fn cut_short() -> Option<Box<HookFailure>> {
    CUT_SHORT.try_with(RefCell::take).ok().flatten()
}
