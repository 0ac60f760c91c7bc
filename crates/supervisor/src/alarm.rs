//! The one timer of a driver.
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// Made when a deadline is first waited for; none is armed while there is no deadline.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// Waits until `woken` resolves, or the deadline has come. It may also return early.
    pub(crate) async fn wait(&mut self, due: Option<Instant>, woken: impl Future<Output = ()>) {
        let Some(due) = due else {
            self.sleep = None;
            return woken.await;
        };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
        // A timer that goes off too early is left as it is: arming one costs more than a look.
        if sleep.is_elapsed() || sleep.deadline() > due {
            sleep.as_mut().reset(due);
        }
        let mut woken = pin!(woken);
        poll_fn(|cx| {
            if woken.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(cx)
        })
        .await;
    }
}
