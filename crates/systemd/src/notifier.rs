//! Where to tell it, on the way to be a worker.
use crate::body;
use regrow_supervisor::Worker;
use std::{
    env,
    ffi::{OsStr, OsString},
    process,
    sync::Arc,
    time::Duration,
};

/// Tells systemd how the tree stands that its worker is in.
///
/// Give [`worker`](Self::worker) to the root as its first child. Without a service manager the worker does nothing, and says so at the
/// level *debug*: the same program runs on a console.
///
/// - When the root is up: `READY=1`. A program whose tree does not come up has never been ready.
/// - `STATUS=`, one line: how the root stands, how many children are up of how many on all levels, their restarts, and the health
///   of the tree where somebody is not well, cut to 1000 bytes. After an event, at most once a second, and only when it changed. Each draws a snapshot of the tree.
/// - When the root stops or gives up: `STOPPING=1`.
/// - When there is a watchdog: `WATCHDOG=1` at once and then every half of its time, each time after the root's driver has answered a
///   request. A root that hangs, or a runtime that does, is not fed; a child that hangs is its supervisor's to deal with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a notifier is nothing until it is made a worker, and given to a supervisor"]
pub struct Notifier {
    address: Option<OsString>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// As the environment of this process says: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    pub fn from_env() -> Self {
        let is_meant = env::var("WATCHDOG_PID").map_or(true, |pid| is_own(&pid));
        let span = env::var("WATCHDOG_USEC").ok();
        Self {
            address: env::var_os("NOTIFY_SOCKET").filter(|address| !address.is_empty()),
            watchdog: span.filter(|_| is_meant).as_deref().and_then(microseconds),
        }
    }

    /// To this socket: a path, or an abstract name that begins with `@` (Linux).
    pub fn to(address: impl AsRef<OsStr>) -> Self {
        Self {
            address: Some(address.as_ref().to_owned()),
            watchdog: None,
        }
    }

    /// Feeds a watchdog that bites after this time. Zero is none.
    pub fn watchdog(mut self, span: Duration) -> Self {
        self.watchdog = Some(span).filter(|span| !span.is_zero());
        self
    }

    /// The child: a worker of this name, to be the first of the root.
    pub fn worker(self, name: impl Into<String>) -> Worker {
        let notifier = Arc::new(self);
        Worker::new(name, move |context| {
            let notifier = notifier.clone();
            async move { body::run(notifier.address.as_deref(), notifier.watchdog, context).await }
        })
    }
}

fn is_own(pid: &str) -> bool {
    pid.parse() == Ok(process::id())
}

fn microseconds(text: &str) -> Option<Duration> {
    let span = text.parse().ok().map(Duration::from_micros);
    span.filter(|span| !span.is_zero())
}

#[cfg(test)]
mod tests {
    use super::{is_own, microseconds};
    use std::time::Duration;

    #[test]
    fn what_the_environment_may_say() {
        assert_eq!(microseconds("10000000"), Some(Duration::from_secs(10)));
        for wrong in ["", "0", "-1", "10s"] {
            assert_eq!(microseconds(wrong), None);
        }
        assert!(is_own(&std::process::id().to_string()));
        assert!(!is_own("1x") && !is_own(&(std::process::id() + 1).to_string()));
    }
}
