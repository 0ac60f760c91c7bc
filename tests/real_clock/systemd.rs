//! What systemd is told: a real socket stands in its place. Numbers in comments are those of `docs/semantics.md`.
use std::os::unix::net::UnixDatagram as Std;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::time::Duration;

use regrow::systemd::Notifier;
use regrow::{Backoff, ChildState, Context, NotifyStart, Restart, Stopped, Supervisor, Worker};
use tokio::net::UnixDatagram;

use crate::{MS, bounded};

/// The place of systemd.
struct Systemd {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Systemd {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Relaxed);
        let name = format!("regrow-systemd-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, path }
    }

    fn notifier(&self) -> Notifier {
        Notifier::to(&self.path)
    }

    /// The next datagram.
    async fn told(&self) -> String {
        let mut datagram = [0; 4096];
        let length = bounded(self.socket.recv(&mut datagram)).await.unwrap();
        String::from_utf8(datagram[..length].to_vec()).unwrap()
    }

    /// The next one that begins so.
    async fn told_with(&self, start: &str) -> String {
        loop {
            let told = self.told().await;
            if told.starts_with(start) {
                return told;
            }
        }
    }

    /// What has come and was not taken.
    fn left(&self) -> Vec<String> {
        let mut datagram = [0; 4096];
        std::iter::from_fn(|| {
            let length = self.socket.try_recv(&mut datagram).ok()?;
            Some(String::from_utf8(datagram[..length].to_vec()).unwrap())
        })
        .collect()
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn obeys(context: Context) {
    context.stopped().await;
}

/// 33.2, 33.3: ready when all of the tree is up, and not before; stopping when it stops.
#[tokio::test]
async fn ready_when_the_tree_is_up_and_stopping_when_it_stops() {
    let systemd = Systemd::new();
    let (go, goes) = tokio::sync::watch::channel(false);
    let slow = Worker::with_notify_start("slow", move |context: Context, notify| {
        let mut goes = goes.clone();
        async move {
            let _ = goes.wait_for(|go| *go).await;
            notify.ready();
            context.stopped().await;
        }
    });
    let below = Supervisor::new("below").child(slow);
    let root = Supervisor::new("root")
        .child(systemd.notifier().worker("systemd"))
        .child(below);
    let started = tokio::spawn(root.start());
    let counts = "STATUS=starting: 1 of 3 children up; degraded: ";
    loop {
        let told = systemd.told().await;
        assert!(told.starts_with("STATUS=starting: "), "{told}");
        if told.starts_with(counts) && told.contains("root/below/slow starting for ") {
            break;
        }
    }
    go.send(true).unwrap();
    let told = systemd.told_with("READY=1").await;
    assert_eq!(told, "READY=1\nSTATUS=up: 3 of 3 children up\n");
    let tree = bounded(started).await.unwrap().unwrap();
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.report().is_clean());
    let told = systemd.told_with("STOPPING=1\nSTATUS=stopping: ").await;
    assert!(told.contains(" of 3 children up"), "{told}");
    assert!(
        systemd
            .left()
            .iter()
            .all(|told| told.starts_with("STATUS="))
    );
}

/// 33.2: a tree that does not come up has never been ready.
#[tokio::test]
async fn a_tree_that_does_not_start_was_never_ready() {
    let systemd = Systemd::new();
    let root = Supervisor::new("root")
        .child(systemd.notifier().worker("systemd"))
        .child(Worker::with_notify_start("fails", |_, notify| async move {
            notify.failed("no disk");
        }));
    bounded(root.start()).await.unwrap_err();
    let told = systemd.left();
    assert!(told.iter().all(|told| !told.contains("READY")), "{told:?}");
}

/// 33.3: giving up is stopping too.
#[tokio::test]
async fn giving_up_is_stopping() {
    let systemd = Systemd::new();
    let root = Supervisor::new("root")
        .child(systemd.notifier().worker("systemd"))
        .child(Worker::new("fails", |_| async { Err::<(), _>("no luck") }));
    if let Ok(tree) = bounded(root.start()).await {
        bounded(tree.wait()).await;
    }
    systemd.told_with("READY=1\n").await;
    systemd.told_with("STOPPING=1\n").await;
}

/// 33.4: counts and restarts are in the status, and who is not well, in one line.
#[tokio::test]
async fn the_status_follows_the_tree() {
    let systemd = Systemd::new();
    let root = Supervisor::new("root").child(systemd.notifier().worker("systemd"));
    let root = "abcde"
        .chars()
        .fold(root, |root, name| root.child(Worker::new(name, obeys)));
    let tree = bounded(root.start()).await.unwrap();
    systemd.told_with("READY=1\n").await;
    tree.kill("a").unwrap();
    while systemd.told().await != "STATUS=up: 6 of 6 children up, 1 restart\n" {}
    for child in ["a", "b", "c", "d"] {
        bounded(tree.terminate_child(child)).await.unwrap();
    }
    while systemd.told().await != "STATUS=up: 2 of 6 children up, 1 restart\n" {}
    let fails = Worker::new("fails", |_| async { Err::<(), _>("no\nluck") });
    let fails = fails
        .restart(Restart::Transient)
        .backoff(Backoff::constant(Duration::from_secs(60)));
    bounded(tree.start_child(fails)).await.unwrap();
    let start = "STATUS=up: 2 of 7 children up, 1 restart; degraded: root/fails restarting for ";
    let told = systemd.told_with(start).await;
    assert!(told.ends_with(" (no luck)\n"), "{told}");
    // A new life of the worker tells anew: systemd takes it twice.
    tree.kill("systemd").unwrap();
    systemd.told_with("READY=1\n").await;
    bounded(tree.shutdown()).await;
}

/// 33.5: fed while the root answers, whatever its tree does.
#[tokio::test]
async fn the_watchdog_is_fed_while_the_root_answers() {
    let systemd = Systemd::new();
    let notifier = systemd.notifier().watchdog(20 * MS);
    let root = Supervisor::new("root").child(notifier.worker("systemd"));
    let tree = bounded(root.start()).await.unwrap();
    for _ in 0..5 {
        systemd.told_with("WATCHDOG=1\n").await;
    }
    // While a child does not come up, and while one takes its time to stop.
    let never = Worker::with_notify_start("never", |context: Context, notify| async move {
        context.stopped().await;
        drop(notify);
    });
    let root = tree.root().clone();
    let starts = tokio::spawn(async move { root.start_child(never).await });
    bounded(async {
        while tree.child("never").is_err() {
            tokio::time::sleep(MS).await;
        }
    })
    .await;
    systemd.left();
    for _ in 0..5 {
        systemd.told_with("WATCHDOG=1\n").await;
    }
    bounded(tree.terminate_child("never")).await.unwrap();
    bounded(starts).await.unwrap().unwrap_err();
    bounded(tree.shutdown()).await;
}

/// 33.5: a root that hangs is not fed, although the runtime goes on. A life that reports and then blocks its thread holds its
/// supervisor's driver, which is to run on that thread next.
#[tokio::test]
async fn a_root_that_hangs_is_not_fed() {
    let systemd = Systemd::new();
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).enable_all().build().unwrap();
    let ticks = Arc::new(AtomicU64::new(0));
    let counts = ticks.clone();
    let clock = Worker::new("clock", move |context: Context| {
        let counts = counts.clone();
        async move {
            loop {
                context.until_stopped(tokio::time::sleep(MS)).await?;
                counts.fetch_add(1, SeqCst);
            }
            #[expect(unreachable_code, reason = "it says what the error is")]
            Ok::<(), Stopped>(())
        }
    });
    let ticked = async |more: u64| {
        let end = ticks.load(SeqCst) + more;
        bounded(async {
            while ticks.load(SeqCst) < end {
                // Keeps a worker awake that looks after the clock.
                drop(runtime.spawn(std::future::ready(())));
                tokio::time::sleep(MS).await;
            }
        })
        .await;
    };
    let notifier = systemd.notifier().watchdog(20 * MS);
    let root = Supervisor::new("root")
        .child(notifier.worker("systemd"))
        .child(clock);
    let tree = bounded(runtime.spawn(root.start())).await.unwrap().unwrap();
    systemd.told_with("WATCHDOG=1\n").await;

    // It may be at work on its other thread just then: another one tries again.
    for attempt in 0.. {
        assert!(attempt < 50, "the root always answered");
        let hold = Arc::new(AtomicBool::new(true));
        let _release = Release(hold.clone());
        let name = format!("stuck-{attempt}");
        let root = tree.root().clone();
        let starts = tokio::spawn({
            let stuck = stuck(&name, hold.clone());
            async move { root.start_child(stuck).await }
        });
        ticked(100).await;
        let is_deaf = tokio::time::timeout(50 * MS, tree.answers()).await.is_err();
        if is_deaf {
            systemd.left();
            ticked(100).await;
            let told = systemd.left();
            assert!(told.iter().all(|told| told != "WATCHDOG=1\n"), "{told:?}");
        }
        hold.store(false, SeqCst);
        bounded(starts).await.unwrap().unwrap();
        bounded(tree.terminate_child(&name)).await.unwrap();
        if is_deaf {
            break;
        }
    }
    systemd.told_with("WATCHDOG=1\n").await;
    bounded(tree.shutdown()).await;
    runtime.shutdown_background();
}

/// A test that fails must not leave its thread blocked for ever.
struct Release(Arc<AtomicBool>);

impl Drop for Release {
    fn drop(&mut self) {
        self.0.store(false, SeqCst);
    }
}

/// Reports that it is up, and then blocks its thread until it is let go.
fn stuck(name: &str, hold: Arc<AtomicBool>) -> Worker {
    Worker::with_notify_start(name, move |context: Context, notify: NotifyStart| {
        let hold = hold.clone();
        async move {
            notify.ready();
            while hold.load(SeqCst) {
                std::thread::yield_now();
            }
            context.stopped().await;
        }
    })
}

/// 33.1: without a socket, and with one that is not there, the worker does nothing, and harms nobody.
#[tokio::test]
async fn without_a_service_manager() {
    for notifier in [
        Notifier::from_env(),
        Notifier::to("/no/such/socket"),
        Notifier::to("vsock:2:1234"),
    ] {
        assert!(std::env::var_os("NOTIFY_SOCKET").is_none());
        let root = Supervisor::new("root").child(notifier.watchdog(MS).worker("systemd"));
        let tree = bounded(root.start()).await.unwrap();
        assert_eq!(tree.child("systemd").unwrap().state(), ChildState::Up);
        let exit = bounded(tree.shutdown()).await;
        assert!(exit.report().is_clean(), "{exit}");
    }

    // One that goes away while the tree runs.
    let systemd = Systemd::new();
    let root = Supervisor::new("root").child(systemd.notifier().watchdog(2 * MS).worker("systemd"));
    let tree = bounded(root.start()).await.unwrap();
    systemd.told_with("READY=1\n").await;
    drop(systemd);
    let other = Worker::new("other", obeys).restart(Restart::Temporary);
    bounded(tree.start_child(other)).await.unwrap();
    assert!(bounded(tree.answers()).await);
    let info = tree.child("systemd").unwrap().info();
    assert_eq!((info.state, info.restarts), (ChildState::Up, 0));
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.report().is_clean(), "{exit}");
}

/// 33.1: an abstract name.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_abstract_name() {
    use std::os::linux::net::SocketAddrExt;
    let name = format!("regrow-systemd-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let socket = Std::bind_addr(&address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let root = Supervisor::new("root").child(Notifier::to(format!("@{name}")).worker("systemd"));
    let tree = bounded(root.start()).await.unwrap();
    bounded(tree.shutdown()).await;
    let mut datagram = [0; 100];
    let length = socket.recv(&mut datagram).unwrap();
    assert!(
        datagram[..length].starts_with(b"STATUS=starting")
            || datagram[..length].starts_with(b"READY=1")
    );
}
