//! Children that several modules need, and what their bodies write down.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regrow::{Context, NotifyStart, Restart, Strategy, Supervisor, SupervisorRef, Worker};
use tokio::time::{Instant, sleep};

use crate::puppet::Puppet;

pub(crate) const MS: Duration = Duration::from_millis(1);

/// What bodies did, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was written since it was read last.
    pub(crate) fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// A worker that writes down its begin and, when it has cleaned up for `span`, its end.
    pub(crate) fn keeper(&self, name: &str, span: Duration) -> Worker {
        let diary = self.clone();
        Worker::new(name, move |ctx: Context| {
            let diary = diary.clone();
            async move {
                let name = ctx.runtime_name().name().to_owned();
                diary.write(format!("{name} begins"));
                ctx.stopped().await;
                sleep(span).await;
                diary.write(format!("{name} ends"));
            }
        })
    }
}

/// Waits for its stop.
pub(crate) fn idle(name: &str) -> Worker {
    Puppet::new(name).worker()
}

/// Deaf to every request.
pub(crate) fn deaf(name: &str) -> Worker {
    Worker::new(name, |_| pending::<()>())
}

/// Never comes up by itself.
pub(crate) fn hanging(name: &str) -> Worker {
    Worker::with_notify_start(name, |_, notify: NotifyStart| async move {
        let _never_reported = notify;
        pending::<()>().await;
    })
}

/// Its first `lives` fail when they have been up for a second; then its start function panics.
pub(crate) fn panics_after(lives: usize, name: &str) -> Worker {
    let begun = AtomicUsize::new(0);
    Worker::new(name, move |_| {
        assert!(begun.fetch_add(1, SeqCst) < lives, "no more lives");
        async {
            sleep(Duration::from_secs(1)).await;
            Err::<(), _>("died")
        }
    })
}

/// Fails to start each time, when its dependency is down.
pub(crate) fn failing(name: &str) -> Worker {
    Worker::with_notify_start(name, |_, notify: NotifyStart| async move {
        notify.failed("the dependency is down");
    })
}

/// A puppet that never comes back.
pub(crate) fn temporary(puppet: &Puppet) -> Worker {
    puppet.worker().restart(Restart::Temporary)
}

/// A supervisor of these puppets.
pub(crate) fn group<const N: usize>(
    name: &str,
    strategy: Strategy,
    puppets: &[Puppet; N],
) -> Supervisor {
    Supervisor::new(name)
        .strategy(strategy)
        .children(puppets.each_ref().map(Puppet::worker))
}

/// Asks the whole tree to stop from inside it, when `span` has passed.
pub(crate) fn stopper(name: &str, span: Duration) -> Worker {
    Worker::new(name, move |ctx: Context| async move {
        sleep(span).await;
        SupervisorRef::root_of(&ctx).shutdown();
        ctx.stopped().await;
    })
}

/// How long `work` takes on the story's clock.
pub(crate) async fn took<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    let done = work.await;
    (done, began.elapsed())
}
