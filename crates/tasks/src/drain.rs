//! Lives that hear of their stop before it comes.
use crate::{
    context::Context,
    start::{Begin, Body, Place, Start},
    until::Until,
};
use std::{
    future::{Future, pending, poll_fn},
    pin::pin,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// How a life is asked to stop that is to drain first.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// How long it drains.
    pub span: Duration,
    /// How much of the time until a deadline is kept for the stop itself.
    pub kept: Duration,
}

impl Drain {
    /// Whether lives of this start can drain: what waits for the end of the drain runs beside the
    /// body, and a body that is on a thread leaves it none.
    pub fn is_for(start: &Start) -> bool {
        !matches!(start.place(), Place::Thread(_))
    }

    /// The same start, whose lives drain when they are asked to stop.
    pub fn on(self, start: Start) -> Start {
        Start::new(Draining { start, drain: self })
    }

    /// When the stop comes of a drain that began then, and must be over by then.
    fn end(self, began: Instant, by: Option<Instant>) -> Option<Instant> {
        let now = Instant::now();
        let full = began.checked_add(self.span);
        let left = by.map(|by| now + by.saturating_duration_since(now).saturating_sub(self.kept));
        full.into_iter().chain(left).min()
    }
}

/// A start whose lives drain.
struct Draining {
    start: Start,
    drain: Drain,
}

impl Begin for Draining {
    fn place(&self) -> Place {
        self.start.place()
    }

    fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        let (entry, life) = (context.entry().clone(), context.incarnation());
        let drain = self.drain;
        entry.drains(life);
        let mut body = self.start.begin(context, kill);
        Box::pin(async move {
            let mut drained = pin!(async {
                let mut by = entry.drain_asked(life).await;
                let began = Instant::now();
                loop {
                    let late = async {
                        match drain.end(began, by) {
                            Some(end) => sleep_until(end).await,
                            None => pending().await,
                        }
                    };
                    match Until::new(entry.drain_moved(life, by), late).await {
                        Err(sooner) => by = sooner,
                        Ok(()) => break,
                    }
                }
                entry.drained(life);
                pending::<()>().await;
            });
            let ended = poll_fn(|cx| {
                let _ = drained.as_mut().poll(cx);
                body.as_mut().poll(cx)
            })
            .await;
            // What runs after the body hears of a stop at once.
            entry.drained(life);
            ended
        })
    }

    fn notifies(&self) -> bool {
        self.start.notifies()
    }

    fn runtime(&self) -> Option<&Handle> {
        self.start.runtime()
    }
}

impl Context {
    /// Whether this life drains, was asked to stop, or is over.
    pub fn is_draining(&self) -> bool {
        self.entry().is_told(self.incarnation())
    }

    /// Resolves when this life begins to drain; for one without a drain, when it is asked to stop.
    /// It goes on working meanwhile, until it is [`stopped`](Self::stopped).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: dropping it loses nothing.
    pub async fn draining(&self) {
        self.entry().told(self.incarnation()).await;
    }
}
