//! Who waits for a change of a child.
use std::{pin::pin, sync::Arc};
use tokio::sync::Notify;

/// Who waits for a change of a child, and whether there will be one.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// There when anybody ever waited.
    watched: Option<Arc<Notify>>,
    /// The child is out of its directory, and never comes back.
    is_forgotten: bool,
}

/// Who waits for a change that was written: to be woken when the world has been told of it.
#[derive(Debug)]
#[must_use = "who waits is to be woken"]
pub struct Watchers(Option<Arc<Notify>>);

impl Watch {
    pub(crate) fn watched(&mut self) -> Arc<Notify> {
        self.watched.get_or_insert_default().clone()
    }

    pub(crate) fn watchers(&self) -> Watchers {
        Watchers(self.watched.clone())
    }

    pub(crate) fn forget(&mut self) -> Watchers {
        self.is_forgotten = true;
        self.watchers()
    }

    pub(crate) const fn is_forgotten(&self) -> bool {
        self.is_forgotten
    }
}

impl Watchers {
    /// Wakes them.
    pub fn wake(self) {
        if let Some(watched) = self.0 {
            watched.notify_waiters();
        }
    }
}

/// Resolves to what `look` finds; it looks again whenever something has changed.
pub(crate) async fn until<T>(changed: &Notify, look: impl Fn() -> Option<T>) -> T {
    let mut notified = pin!(changed.notified());
    loop {
        notified.as_mut().enable();
        if let Some(found) = look() {
            return found;
        }
        notified.as_mut().await;
        notified.set(changed.notified());
    }
}
