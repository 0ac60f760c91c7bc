//! A thread that waits for a future.
use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::{self, Poll, Wake},
    time::{Duration, Instant},
};

/// Runs a future on this thread; none when the time passed first.
pub(crate) fn block_on<F: Future>(future: F, timeout: Option<Duration>) -> Option<F::Output> {
    let bell = Arc::new(Bell::default());
    let waker = bell.clone().into();
    let mut cx = task::Context::from_waker(&waker);
    let mut future = pin!(future);
    // A span that is too long for the clock is without limit.
    let due = timeout.and_then(|timeout| now().checked_add(timeout));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        let left = due.map(|due| due.saturating_duration_since(now()));
        if left.is_some_and(|left| left.is_zero()) {
            return None;
        }
        bell.wait(left);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread that blocks is on the real clock: a paused one does not know of it"
)]
fn now() -> Instant {
    Instant::now()
}

/// Wakes a thread that waits for a future.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    /// Waits until it is rung, or the time has passed.
    fn wait(&self, timeout: Option<Duration>) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rung = match timeout {
            None => self
                .changed
                .wait_while(rung, |rung| !*rung)
                .unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                let waited = self
                    .changed
                    .wait_timeout_while(rung, timeout, |rung| !*rung);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        *rung = false;
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}
