//! One life: a task that tells when it is over.
use crate::{
    catch::{bury, caught},
    context::{Context, Entered, Here},
    entry::Entry,
    hooks,
    outcome::Ended,
    panics,
    place::PlaceError,
    reason::{ExitReason, SharedError, StartFailure},
    report::Report,
    span::{enter, span},
    start::{Body, Place, Start},
    thread::ThreadHandle,
};
use regrow_core::Incarnation;
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
    task::{self, Poll},
};
use tokio::{runtime::Handle, task::AbortHandle};
use tokio_util::sync::CancellationToken;
use tracing::span::Span;

/// A life that runs. Dropping the handle leaves it running.
#[derive(Debug)]
pub struct LifeHandle(Grip);

/// How a life is killed.
#[derive(Debug)]
enum Grip {
    /// Its task is aborted.
    Task(AbortHandle),
    /// It is told, and ends what it looks after before itself.
    Warden(Box<CancellationToken>),
    /// It is told; nobody can end a thread.
    Thread(Box<ThreadHandle>),
}

impl LifeHandle {
    /// Begins a life on the runtime that this code runs in, or where its start function wants it.
    pub fn spawn(entry: Arc<Entry>, incarnation: Incarnation, start: Start) -> Self {
        panics::install_hook();
        entry.begins(incarnation, start.notifies());
        let runtime = start.runtime().cloned();
        Self(match start.place() {
            Place::Task => Grip::Task(Life::spawn(entry, incarnation, start, runtime)),
            Place::Warden => {
                let kill = CancellationToken::new();
                Life::spawn(entry, incarnation, start.armed(kill.clone()), runtime);
                Grip::Warden(Box::new(kill))
            }
            Place::Thread(room) => {
                let runtime = runtime.unwrap_or_else(Handle::current);
                let handle = ThreadHandle::spawn(room, &runtime, entry, incarnation, start);
                Grip::Thread(Box::new(handle))
            }
        })
    }

    /// Ends the life at once: its task is aborted, and its body dropped when it next yields. What
    /// cannot be aborted is told. The life still reports its end.
    pub fn kill(&self) {
        match &self.0 {
            Grip::Task(task) => task.abort(),
            Grip::Warden(kill) => kill.cancel(),
            Grip::Thread(thread) => thread.kill(),
        }
    }
}

/// The future of a life.
struct Life {
    /// None when no subscriber wants it.
    span: Option<Box<Span>>,
    /// Always there, except while it is moved into the thread.
    here: Option<Here>,
    stage: Stage,
}

enum Stage {
    /// Its start function was not called yet.
    Fresh(Start),
    Running(Body),
    /// Its end is reported.
    Over,
}

impl Future for Life {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        let life = self.get_mut();
        let is_plain = matches!(&life.stage, Stage::Fresh(start) if !start.notifies());
        let polled = {
            let _here = Entered::new(&mut life.here);
            let (stage, span) = (&mut life.stage, &life.span);
            let entered = enter(span.as_deref());
            let polled = caught(|| stage.poll(cx));
            bury(entered);
            polled
        };
        if is_plain && matches!(life.stage, Stage::Running(_)) {
            life.report_started();
        }
        let ended = match polled {
            Ok(Poll::Pending) => {
                life.report_dropped_notifier();
                return Poll::Pending;
            }
            Ok(Poll::Ready(ended)) => ended,
            Err(panic) => Ended::new(ExitReason::Panicked(panic)),
        };
        life.end(ended);
        Poll::Ready(())
    }
}

impl Stage {
    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Ended> {
        if let Self::Fresh(start) = self {
            let context = Context::current().expect("a life is polled as itself");
            let start = start.clone();
            let body = start.begin(context, None);
            *self = Self::Running(body);
        }
        match self {
            Self::Running(body) => body.as_mut().poll(cx),
            Self::Fresh(_) | Self::Over => unreachable!("a life that is over is not polled"),
        }
    }
}

impl Life {
    fn spawn(
        entry: Arc<Entry>,
        incarnation: Incarnation,
        start: Start,
        runtime: Option<Handle>,
    ) -> AbortHandle {
        let life = Self {
            span: span(&entry, incarnation),
            here: Some(Here {
                context: Context::new(entry, incarnation),
                notifier_dropped: false,
            }),
            stage: Stage::Fresh(start),
        };
        match runtime {
            None => tokio::spawn(life).abort_handle(),
            Some(runtime) => Guest::spawn(life, &runtime),
        }
    }

    /// A plain body was polled once. It is told after that poll and not before it, because the
    /// report wakes the driver on this very worker: a body that blocks would make it deaf.
    fn report_started(&self) {
        if let Some(Here { context, .. }) = &self.here {
            let entry = context.entry();
            entry.report(context.incarnation(), Report::Started);
        }
    }

    /// Drops the body, and reports the end.
    fn end(&mut self, ended: Ended) {
        let body = std::mem::replace(&mut self.stage, Stage::Over);
        let dropped = {
            let _here = Entered::new(&mut self.here);
            let span = self.span.take();
            let entered = enter(span.as_deref());
            let dropped = caught(move || drop(body));
            bury(entered);
            bury(span);
            dropped
        };
        let ended = match (ended.reason, hooks::cut_short()) {
            (ExitReason::Killed, Some(hook)) => Ended::new(ExitReason::HookFailed(hook)),
            (reason, _) => Ended { reason, ..ended },
        };
        let ended = ended.after_drop(dropped);
        if let Some(here) = self.here.take() {
            let context = here.context;
            context.entry().ends(context.incarnation(), ended);
        }
    }

    /// A notifier that the body dropped while it goes on is a failure of its start.
    fn report_dropped_notifier(&mut self) {
        if let Some(here) = &mut self.here {
            if std::mem::take(&mut here.notifier_dropped) {
                let failure = Report::StartFailed(StartFailure::NotifierDropped);
                here.context
                    .entry()
                    .report(here.context.incarnation(), failure);
            }
        }
    }
}

impl Drop for Life {
    /// The task was aborted, or its runtime goes down.
    fn drop(&mut self) {
        if !matches!(self.stage, Stage::Over) {
            self.end(Ended::new(ExitReason::Killed));
        }
    }
}

/// A life on a runtime that is not its supervisor's, and may be gone.
struct Guest {
    life: Life,
    /// It is there while the runtime is asked to take the life.
    asking: Weak<()>,
}

impl Guest {
    fn spawn(life: Life, runtime: &Handle) -> AbortHandle {
        let asking = Arc::new(());
        let guest = Self {
            life,
            asking: Arc::downgrade(&asking),
        };
        runtime.spawn(guest).abort_handle()
    }
}

impl Future for Guest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        Pin::new(&mut self.life).poll(cx)
    }
}

impl Drop for Guest {
    /// A runtime that is shut down drops what it is given at once.
    fn drop(&mut self) {
        let is_refused =
            matches!(self.life.stage, Stage::Fresh(_)) && self.asking.strong_count() > 0;
        if let (true, Some(here)) = (is_refused, &self.life.here) {
            let child = here.context.runtime_name();
            let error = SharedError::new(PlaceError::RuntimeGone { child });
            self.life.end(Ended::new(ExitReason::Failed(error)));
        }
    }
}
