//! Small workers, and waiting for what happens.
use regrow_supervisor::{Change, Subscription, TreeEvent, Worker};
use regrow_tasks::Context;
use std::{future::pending, time::Duration};

pub(crate) const SEC: Duration = Duration::from_secs(1);

/// Waits until it is asked to stop.
pub(crate) fn idle(name: &str) -> Worker {
    Worker::new(name, |ctx: Context| async move { ctx.stopped().await })
}

/// Never stops by itself.
#[allow(dead_code, reason = "not every test binary needs it")]
pub(crate) fn stubborn(name: &str) -> Worker {
    Worker::new(name, |_| pending::<()>())
}

/// The sign of an event, where it has one: `+a`.
pub(crate) fn sign(event: &TreeEvent) -> Option<String> {
    let sign = match event.change {
        Change::Started => '+',
        Change::Stopped => '-',
        Change::Completed => '~',
        Change::Failed(_) | Change::StopFailed(_) => '!',
        Change::StartFailed(_) => 'x',
        Change::Abandoned => '?',
        _ => return None,
    };
    let name = event.runtime_name.as_str();
    let name = name.strip_prefix("root/").unwrap_or(".");
    Some(format!("{sign}{name}"))
}

/// The signs of all events until one is `last`.
pub(crate) async fn until(events: &mut Subscription, last: &str) -> String {
    let mut signs = Vec::new();
    while let Some(event) = events.next().await {
        signs.extend(sign(&event.expect("nothing was missed")));
        if signs.last().is_some_and(|sign| sign == last) {
            break;
        }
    }
    signs.join(" ")
}
