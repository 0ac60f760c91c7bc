//! What keeps a runtime from going deaf.
use std::{convert::Infallible, future::ready, time::Duration};
use tokio::{runtime::Runtime, time::sleep};

/// How often the tree's runtime is woken.
pub(crate) const BEAT: Duration = Duration::from_secs(1);

/// How often it is woken while it is to stop.
pub(crate) const STOPPING_BEAT: Duration = Duration::from_millis(100);

/// Wakes the runtime, for ever.
///
/// A worker that looked after the clock and the sockets, and then got caught in a task that does
/// not yield, leaves that post empty while the other workers sleep: only a wake from outside makes
/// one of them take it.
pub(crate) async fn beat(tasks: &Runtime, every: Duration) -> Infallible {
    loop {
        drop(tasks.spawn(ready(())));
        sleep(every).await;
    }
}
