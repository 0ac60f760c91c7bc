//! Lives that block their thread, real processes and sockets, which a paused clock cannot show.
//!
//! Every wait is for a condition, with a bound of 30 s; no length of time is asserted.

mod branches;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod systemd;
mod threads;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::time::Duration;

use regrow::{
    Change, Context, ExitReason, Restart, RestartChildError, RootExit, Subscription, Supervisor,
    SupervisorFailure, TerminateChildError, ThreadContext, Worker,
};
use tokio::time::timeout;

pub(crate) const MS: Duration = Duration::from_millis(1);

pub(crate) async fn bounded<T>(wait: impl Future<Output = T>) -> T {
    let bound = Duration::from_secs(30);
    timeout(bound, wait).await.expect("it comes within 30 s")
}

type BoxedBody = Box<dyn Fn(ThreadContext) + Send + Sync>;

/// A child that does not yield until it is released.
struct Stuck {
    release: Arc<AtomicBool>,
    entered: mpsc::Receiver<()>,
}

impl Stuck {
    fn new(wait: fn()) -> (Self, Worker) {
        let release = Arc::new(AtomicBool::new(false));
        let (enter, entered) = mpsc::channel();
        let released = release.clone();
        let worker = Worker::new("stuck", move |context: Context| {
            let (released, enter) = (released.clone(), enter.clone());
            async move {
                tokio::task::yield_now().await;
                enter.send(()).unwrap();
                while !released.load(SeqCst) {
                    wait();
                }
                context.stopped().await;
            }
        });
        let stuck = Self { release, entered };
        (stuck, worker.shutdown(20 * MS))
    }

    /// A worker on a thread, which takes no notice of its context until it is released.
    fn on(thread: fn(&'static str, BoxedBody) -> Worker) -> (Self, Worker) {
        let release = Arc::new(AtomicBool::new(false));
        let (enter, entered) = mpsc::channel();
        let released = release.clone();
        let body = move |context: ThreadContext| {
            enter.send(()).unwrap();
            while !released.load(SeqCst) {
                std::thread::yield_now();
            }
            context.stopped();
        };
        let stuck = Self { release, entered };
        (stuck, thread("stuck", Box::new(body)).shutdown(20 * MS))
    }

    fn is_entered(&self) {
        self.entered.recv_timeout(Duration::from_secs(30)).unwrap();
    }
}

/// A test that fails must not leave its thread blocked for ever.
impl Drop for Stuck {
    fn drop(&mut self) {
        self.release.store(true, SeqCst);
    }
}

fn tree(stuck: Worker) -> Supervisor {
    let obeys = Worker::new("obeys", |context| async move { context.stopped().await });
    Supervisor::new("root")
        .kill_wait(20 * MS)
        .child(obeys)
        .child(stuck)
}

pub(crate) async fn until(events: &mut Subscription, is_it: impl Fn(&Change) -> bool) -> usize {
    let mut seen = 0;
    while let Some(event) = bounded(events.next()).await {
        let event = event.expect("nothing is missed");
        if event.runtime_name.name() == "stuck" && is_it(&event.change) {
            seen += 1;
            break;
        }
    }
    seen
}

fn tells_of_the_abandoned(exit: &RootExit) {
    assert!(
        matches!(exit.reason(), ExitReason::Failed(_) | ExitReason::Abandoned),
        "{exit}"
    );
    assert_eq!(exit.exit_code(), 3);
    let mut names = exit.report().troubled().iter();
    assert!(
        names.any(|life| life.runtime_name == "root/stuck"),
        "{}",
        exit.report()
    );
}

async fn stop_returns_without(wait: fn()) {
    stop_returns(Stuck::new(wait)).await;
}

async fn stop_returns((stuck, worker): (Stuck, Worker)) {
    let tree = tree(worker).start().await.unwrap();
    let mut events = tree.subscribe();
    stuck.is_entered();
    let exit = bounded(tree.shutdown()).await;
    tells_of_the_abandoned(&exit);
    let told = until(&mut events, |change| matches!(change, Change::Abandoned)).await;
    assert_eq!(told, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn tok_01_child_that_spins() {
    stop_returns_without(std::hint::spin_loop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn tok_06_child_in_blocking_code() {
    stop_returns_without(std::thread::yield_now).await;
    end_of_the_abandoned_is_told(Stuck::new(std::thread::yield_now)).await;
}

/// In a tree that lives on, its end, later, is told once; until then its name is taken.
async fn end_of_the_abandoned_is_told((stuck, worker): (Stuck, Worker)) {
    let tree = tree(worker).start().await.unwrap();
    let mut events = tree.subscribe();
    stuck.is_entered();
    let error = bounded(tree.terminate_child("stuck")).await.unwrap_err();
    assert!(
        matches!(error, TerminateChildError::StopFailed { .. }),
        "{error:?}"
    );
    let error = bounded(tree.restart_child("stuck")).await.unwrap_err();
    assert!(
        matches!(error, RestartChildError::StillEnding { .. }),
        "{error:?}"
    );
    stuck.release.store(true, SeqCst);
    let ended = |change: &Change| matches!(change, Change::AbandonedEnded);
    assert_eq!(until(&mut events, ended).await, 1);
    bounded(tree.restart_child("stuck")).await.unwrap();
    bounded(tree.shutdown()).await;
    assert_eq!(until(&mut events, ended).await, 0);
}

/// 9.3: there are never two lives of one child, so who needs the name gives up, to the root.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_child_that_cannot_be_ended_ends_the_tree() {
    let (stuck, worker) = Stuck::new(std::thread::yield_now);
    let sub = Supervisor::new("sub").kill_wait(20 * MS).child(worker);
    let tree = Supervisor::new("root").child(sub).start().await.unwrap();
    let mut events = tree.subscribe();
    stuck.is_entered();
    tree.kill("sub/stuck").unwrap();
    let exit = bounded(tree.wait()).await;
    assert_eq!(exit.exit_code(), 3, "{exit}");
    let [left] = exit.abandoned() else {
        panic!("{exit}");
    };
    assert_eq!(left.runtime_name, "root/sub/stuck");
    let Some(SupervisorFailure::StillEnding { life, .. }) = exit.failure() else {
        panic!("{exit}");
    };
    assert_eq!(life.runtime_name, "root/sub/stuck");
    let told = until(&mut events, |change| matches!(change, Change::Abandoned)).await;
    assert_eq!(told, 1);
}

/// 20.11: a kill is a crash, also when the body sees it and returns `Ok`.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_killed_child_that_returns_has_not_completed() {
    let (enter, entered) = mpsc::channel();
    let worker = Worker::new("stuck", move |context: Context| {
        let enter = enter.clone();
        async move {
            tokio::task::yield_now().await;
            enter.send(()).unwrap();
            while !context.is_stopping() {
                std::thread::yield_now();
            }
        }
    });
    let worker = worker.restart(Restart::Transient);
    let tree = Supervisor::new("root").child(worker).start().await.unwrap();
    let mut events = tree.subscribe();
    entered.recv_timeout(Duration::from_secs(30)).unwrap();
    tree.kill("stuck").unwrap();
    let started = |change: &Change| matches!(change, Change::Started);
    assert_eq!(until(&mut events, started).await, 1);
    bounded(tree.shutdown()).await;
}

/// A program that is a tree panics as the child did whose panics are not captured, when all else has stopped.
#[test]
fn run_panics_as_an_uncaptured_child_did() {
    for notifies in [false, true] {
        let bad = if notifies {
            Worker::with_notify_start("bad", |_, _: regrow::NotifyStart| async {
                panic!("enough")
            })
        } else {
            Worker::new("bad", |_| async { panic!("enough") })
        };
        let root = Supervisor::new("root").child(bad.capture_panic(false));
        let panic = std::thread::spawn(|| regrow::run(root)).join().unwrap_err();
        let text = panic.downcast_ref::<String>().expect("it is a text");
        assert!(text.starts_with("root/bad panicked: enough"), "{text}");
    }
}
