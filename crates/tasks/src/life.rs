//! One life: a task that tells when it is over.
use crate::{
    catch::{bury, caught, shielded},
    context::{Context, Entered, Here},
    entry::Entry,
    hooks,
    outcome::Ended,
    panics,
    reason::{ExitReason, StartFailure},
    report::Report,
    start::{Body, Start},
};
use regrow_core::Incarnation;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};
use tokio::task::AbortHandle;
use tracing::span::{self, Span};

/// A life that runs. Dropping the handle leaves it running.
#[derive(Debug)]
pub struct LifeHandle(AbortHandle);

impl LifeHandle {
    /// Begins a life on the runtime that this code runs in.
    pub fn spawn(entry: Arc<Entry>, incarnation: Incarnation, start: Start) -> Self {
        panics::install_hook();
        entry.begins(incarnation);
        let life = Life {
            span: span(&entry, incarnation),
            here: Some(Here {
                context: Context::new(entry, incarnation),
                notifier_dropped: false,
            }),
            stage: Stage::Fresh(start),
        };
        Self(tokio::spawn(life).abort_handle())
    }

    /// Aborts the life: its body is dropped when it next yields. The life still reports its end.
    pub fn kill(&self) {
        self.0.abort();
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
            let body = start.begin(context);
            *self = Self::Running(body);
        }
        match self {
            Self::Running(body) => body.as_mut().poll(cx),
            Self::Fresh(_) | Self::Over => unreachable!("a life that is over is not polled"),
        }
    }
}

impl Life {
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

/// Enters the span of a life. A subscriber that panics harms nobody.
fn enter(span: Option<&Span>) -> Option<span::Entered<'_>> {
    span.and_then(|span| shielded(|| span.enter()))
}

fn span(entry: &Entry, incarnation: Incarnation) -> Option<Box<Span>> {
    let span = shielded(|| {
        tracing::info_span!(
            target: "regrow",
            "child",
            name = %entry.runtime_name(),
            incarnation = incarnation.number()
        )
    })?;
    (!span.is_disabled()).then(|| Box::new(span))
}
