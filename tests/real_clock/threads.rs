//! Children on threads: those that heed their stop, and those that do not.

use std::cell::Cell;
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use regrow::{
    BoxError, Change, ChildState, Context, ExitReason, OnAbandoned, PanicReport, PlaceError,
    Restart, Shutdown, StartChildError, StartFailure, Stopped, Subscription, Supervisor,
    ThreadContext, Tree, Worker,
};
use tokio::runtime::{Builder, Handle};

use crate::{MS, Stuck, bounded, end_of_the_abandoned_is_told, stop_returns};

const MINUTE: Duration = Duration::from_secs(60);

/// The tree of one child, and what it tells.
async fn tree_of(worker: Worker) -> (Tree, Subscription) {
    let mut events = None;
    let root = Supervisor::new("root").child(worker);
    let tree = root.start_observed(|all| events = Some(all)).await;
    (tree.unwrap(), events.unwrap())
}

/// The next end of a life of the child.
async fn end(events: &mut Subscription) -> Change {
    loop {
        let event = bounded(events.next()).await.unwrap().unwrap();
        let is_end = matches!(
            event.change,
            Change::Completed | Change::Stopped | Change::Failed(_) | Change::StopFailed(_)
        );
        if is_end && event.runtime_name != "root" {
            return event.change;
        }
    }
}

/// The panic that ended a life.
fn panic_of(change: Change) -> PanicReport {
    match change {
        Change::Failed(ExitReason::Panicked(panic)) => panic,
        other => panic!("{other:?}"),
    }
}

/// Why a worker does not start.
async fn not_started(worker: Worker) -> StartFailure {
    let tree = Supervisor::new("root").start().await.unwrap();
    let started = bounded(tree.start_child(worker)).await;
    assert!(bounded(tree.shutdown()).await.is_orderly());
    match started {
        Err(StartChildError::Failed { cause, .. }) => cause,
        other => panic!("{other:?}"),
    }
}

/// Waits for its stop.
fn heeds(ctx: &ThreadContext) -> Result<(), Stopped> {
    loop {
        ctx.check()?;
        ctx.sleep(MINUTE)?;
    }
}

#[tokio::test]
async fn a_thread_that_panics_regrows_on_another() {
    let lives = Arc::new(AtomicUsize::new(0));
    let begun = lives.clone();
    let worker = Worker::thread("indexer", move |ctx: ThreadContext| {
        let own = thread::current();
        assert_eq!(own.name(), Some("root/indexer"));
        let current = Context::current().expect("the life is known on its thread");
        assert_eq!(current.runtime_name(), ctx.runtime_name());
        assert_eq!(current.incarnation(), ctx.incarnation());
        Handle::current();
        assert!(begun.fetch_add(1, SeqCst) > 0, "the first life fails");
        heeds(&ctx)
    });
    let (tree, mut events) = tree_of(worker).await;
    let panic = panic_of(end(&mut events).await);
    assert_eq!(panic.message(), "the first life fails");
    let location = panic.location().expect("the hook took note");
    assert!(location.contains("threads.rs"), "{location}");
    while tree.child("indexer").unwrap().state() != ChildState::Up {
        bounded(events.next()).await.unwrap().unwrap();
    }
    let exit = bounded(tree.shutdown()).await;
    assert_eq!(lives.load(SeqCst), 2);
    assert!(exit.report().is_clean(), "{}", exit.report());
    assert!(matches!(end(&mut events).await, Change::Stopped));
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

#[tokio::test]
async fn what_a_thread_owned_may_panic_when_it_is_dropped() {
    for worker in [Worker::thread::<fn(_), ()>, Worker::blocking] {
        let body: fn(ThreadContext) = |_| drop((Bomb, ()));
        let (tree, mut events) = tree_of(worker("w", body).restart(Restart::Temporary)).await;
        assert_eq!(
            panic_of(end(&mut events).await).message(),
            "in a destructor"
        );
        assert!(bounded(tree.shutdown()).await.is_orderly());
    }
    // What the start function captured is nobody's life: it is buried.
    let bomb = Arc::new(Bomb);
    let worker = Worker::thread("w", move |ctx: ThreadContext| {
        let _captured = &bomb;
        ctx.stopped();
    });
    let (tree, mut events) = tree_of(worker).await;
    assert!(bounded(tree.shutdown()).await.report().is_clean());
    assert!(matches!(end(&mut events).await, Change::Stopped));
}

#[tokio::test]
async fn a_thread_that_is_killed_has_not_completed() {
    for worker in [Worker::thread::<fn(_), ()>, Worker::blocking] {
        let (tree, mut events) = tree_of(worker("w", |ctx| ctx.stopped())).await;
        tree.kill("w").unwrap();
        let killed = end(&mut events).await;
        assert!(
            matches!(killed, Change::Failed(ExitReason::Killed)),
            "{killed:?}"
        );
        while tree.child("w").unwrap().state() != ChildState::Up {
            bounded(events.next()).await.unwrap().unwrap();
        }
        assert!(bounded(tree.shutdown()).await.report().is_clean());
    }
}

#[tokio::test]
async fn a_thread_whose_shutdown_is_kill_is_asked_and_ends_cleanly() {
    let worker = Worker::thread("w", |ctx: ThreadContext| ctx.stopped());
    let (tree, mut events) = tree_of(worker.shutdown(Shutdown::Kill)).await;
    assert!(bounded(tree.shutdown()).await.report().is_clean());
    assert!(matches!(end(&mut events).await, Change::Stopped));
}

#[tokio::test]
async fn a_thread_that_does_not_end_is_abandoned_and_its_end_told() {
    for worker in [Worker::thread, Worker::blocking] {
        stop_returns(Stuck::on(worker)).await;
        end_of_the_abandoned_is_told(Stuck::on(worker)).await;
    }
}

#[tokio::test]
async fn a_thread_says_when_it_is_up() {
    let (tell, told) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let worker = Worker::thread_with_notify_start("w", move |ctx, notify| {
        told.lock().unwrap().recv().unwrap();
        notify.ready();
        heeds(&ctx)
    });
    let tree = Supervisor::new("root").start().await.unwrap();
    let mut events = tree.subscribe();
    let begin = async {
        while !matches!(
            events.next().await.unwrap().unwrap().change,
            Change::Starting
        ) {}
        assert_eq!(tree.child("w").unwrap().state(), ChildState::Starting);
        tell.send(()).unwrap();
    };
    let (child, ()) = bounded(async { tokio::join!(tree.start_child(worker), begin) }).await;
    assert_eq!(child.unwrap().state(), ChildState::Up);
    assert!(bounded(tree.shutdown()).await.report().is_clean());
}

#[tokio::test]
async fn a_thread_whose_start_fails_says_why() {
    let worker = Worker::thread_with_notify_start("w", |_, _notify| Err::<(), _>("no index"));
    let failure = not_started(worker).await;
    assert_eq!(failure.to_string(), "start failed: no index");

    let worker = Worker::thread_with_notify_start("w", |ctx, notify| {
        notify.failed("no index");
        heeds(&ctx)
    });
    let failure = not_started(worker).await;
    assert_eq!(failure.to_string(), "start failed: no index");

    let worker = Worker::thread_with_notify_start("w", |_, _notify| ());
    assert!(matches!(not_started(worker).await, StartFailure::Returned));

    let panics = Worker::thread_with_notify_start("w", |_, _notify| -> () { panic!("no index") });
    let failure = not_started(panics).await;
    assert!(matches!(failure, StartFailure::Panicked(_)), "{failure:?}");

    let worker = Worker::thread_with_notify_start("w", |ctx, notify| {
        drop(notify);
        heeds(&ctx)
    });
    let failure = not_started(worker).await;
    assert!(
        matches!(failure, StartFailure::NotifierDropped),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_thread_waits_for_futures_and_for_its_stop() {
    let (send, receive) = tokio::sync::mpsc::unbounded_channel::<u32>();
    let receive = std::sync::Mutex::new(receive);
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let worker = Worker::thread("w", move |ctx: ThreadContext| {
        assert!(!ctx.wait_stopped(MS));
        ctx.sleep(MS)?;
        ctx.until_stopped(tokio::time::sleep(MS))?;
        let mut receive = receive.lock().unwrap();
        let received = ctx.until_stopped(receive.recv())?;
        let tell = tell.lock().unwrap().take().unwrap();
        tell.send(received).unwrap();
        // A thread that works for this one is told too.
        let helper = ctx.clone();
        let helping = thread::spawn(move || helper.until_stopped(std::future::pending::<()>()));
        let stopped = ctx.until_stopped(receive.recv());
        assert_eq!(helping.join().unwrap(), Err(Stopped));
        stopped.map(drop)
    });
    let (tree, mut events) = tree_of(worker).await;
    send.send(7).unwrap();
    assert_eq!(bounded(told).await.unwrap(), Some(7));
    assert!(bounded(tree.shutdown()).await.report().is_clean());
    assert!(matches!(end(&mut events).await, Change::Stopped));
}

/// 21.5: nothing is waited for but what runs on the runtime's own pool.
#[test]
fn a_runtime_that_is_dropped_asks_threads_and_waits_for_none() {
    let (tell, told) = mpsc::channel();
    let (stuck, worker) = Stuck::on(Worker::thread);
    let bound = Duration::from_secs(30);
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let heeded = tell.clone();
    let thread = Worker::thread("thread", move |ctx: ThreadContext| {
        ctx.stopped();
        heeded.send("thread").unwrap();
    });
    let pooled = Worker::blocking("pooled", move |ctx: ThreadContext| {
        ctx.stopped();
        tell.send("pooled").unwrap();
    });
    let root = Supervisor::new("root").children([thread, pooled, worker]);
    runtime.block_on(root.start()).unwrap().detach();
    stuck.is_entered();
    let dropped = thread::spawn(move || drop(runtime));
    let mut told = [told.recv_timeout(bound), told.recv_timeout(bound)].map(Result::unwrap);
    told.sort_unstable();
    assert_eq!(told, ["pooled", "thread"]);
    dropped.join().unwrap();
}

#[test]
fn a_life_that_waits_for_a_full_pool_can_be_killed() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (stuck, first) = Stuck::on(Worker::blocking);
    let waits = Worker::blocking("waits", |_| ()).restart(Restart::Temporary);
    runtime.block_on(async {
        let tree = Supervisor::new("root").child(first).start().await.unwrap();
        stuck.is_entered();
        let mut events = tree.subscribe();
        let start = tree.start_child(waits);
        let kill = async {
            while !matches!(
                events.next().await.unwrap().unwrap().change,
                Change::Starting
            ) {}
            tree.kill("waits").unwrap();
        };
        let (started, ()) = bounded(async { tokio::join!(start, kill) }).await;
        let error = started.unwrap_err();
        assert!(
            matches!(
                error,
                StartChildError::Failed {
                    cause: StartFailure::Killed,
                    ..
                }
            ),
            "{error:?}"
        );
        stuck.release.store(true, SeqCst);
        bounded(tree.shutdown()).await;
    });
}

/// Where the system has no thread to give: that of a stack which no memory can hold.
#[test]
fn a_system_without_threads_fails_the_start() {
    const ALONE: &str = "REGROW_TEST_WITHOUT_THREADS";
    if std::env::var_os(ALONE).is_none() {
        let own = std::env::current_exe().unwrap();
        let name = "threads::a_system_without_threads_fails_the_start";
        let mut alone = Command::new(own);
        alone.args(["--exact", name, "--test-threads=1"]);
        alone
            .env(ALONE, "1")
            .env("RUST_MIN_STACK", (1_u64 << 46).to_string());
        let ran = alone.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        let failure = not_started(Worker::thread("w", |ctx| heeds(&ctx))).await;
        let StartFailure::Failed(error) = &failure else {
            panic!("{failure:?}");
        };
        let place = error.find::<PlaceError>();
        assert!(
            matches!(place, Some(PlaceError::NoThread { child, .. }) if *child == "root/w"),
            "{failure}"
        );
        let failure = not_started(Worker::blocking("w", |ctx| heeds(&ctx))).await;
        assert!(matches!(failure, StartFailure::Panicked(_)), "{failure:?}");
    });
}

/// Says that it was dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[tokio::test]
async fn a_body_that_is_not_send_regrows_and_takes_what_it_spawned_with_it() {
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = dropped.clone();
    let worker = Worker::local("w", move |ctx: Context| {
        let flag = flag.clone();
        async move {
            let current = Context::current().expect("the life is known on its thread");
            assert_eq!(current.incarnation(), ctx.incarnation());
            let count = Rc::new(Cell::new(0));
            let also = count.clone();
            let spawned = tokio::task::spawn_local(async move {
                also.set(also.get() + 1);
                assert!(Context::current().is_some());
            });
            spawned.await?;
            tokio::time::sleep(MS).await;
            assert_eq!(count.get(), 1);
            match ctx.incarnation().number() {
                1 => Err::<(), BoxError>("out of luck".into()),
                2 => {
                    tokio::task::spawn_local(async move {
                        let _held = Dropped(flag);
                        std::future::pending::<()>().await;
                    });
                    tokio::task::yield_now().await;
                    panic!("boom");
                }
                _ => {
                    // It never looks at its context: only a kill ends it.
                    std::future::pending::<()>().await;
                    Ok(())
                }
            }
        }
    });
    let (tree, mut events) = tree_of(worker.shutdown(Shutdown::Kill)).await;
    let failed = end(&mut events).await;
    assert!(failed.to_string().contains("out of luck"), "{failed}");
    assert_eq!(panic_of(end(&mut events).await).message(), "boom");
    assert!(dropped.load(SeqCst), "before its end is told");
    while !matches!(tree.child("w").unwrap().info(), info if info.restarts == 2 && info.state == ChildState::Up)
    {
        bounded(events.next()).await.unwrap().unwrap();
    }
    assert!(bounded(tree.shutdown()).await.report().is_clean());
}

#[tokio::test]
async fn a_hook_of_a_thread_runs_on_it() {
    for worker in [Worker::thread::<fn(_), ()>, Worker::blocking] {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let body = worker("w", |_| panic!("boom")).restart(Restart::Temporary);
        let hooked = body.on_failure(move |ctx, ended| {
            let current = Context::current().map(|current| current.runtime_name());
            assert_eq!(current, Some(ctx.runtime_name()));
            tell.send(ended.to_string()).unwrap();
            async { tokio::time::sleep(MS).await }
        });
        let (tree, mut events) = tree_of(hooked).await;
        assert_eq!(panic_of(end(&mut events).await).message(), "boom");
        let ended = told.recv().await.unwrap();
        assert!(ended.starts_with("panicked: boom"), "{ended}");
        assert!(bounded(tree.shutdown()).await.is_orderly());
    }
}

#[tokio::test]
async fn a_hook_of_a_thread_ends_with_a_kill() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let worker = Worker::thread("w", |_| ()).on_completion(move |_, _| {
        if let Some(tell) = tell.lock().unwrap().take() {
            tell.send(()).unwrap();
        }
        std::future::pending::<()>()
    });
    let (tree, mut events) = tree_of(worker.restart(Restart::Temporary)).await;
    bounded(told).await.unwrap();
    tree.kill("w").unwrap();
    let killed = end(&mut events).await;
    assert!(
        matches!(&killed, Change::Failed(ExitReason::HookFailed(hook)) if matches!(hook.cause, ExitReason::Killed)),
        "{killed:?}"
    );
    assert!(bounded(tree.shutdown()).await.is_orderly());
}

/// By choice, a child lives on beside a life of its own that cannot be ended.
#[tokio::test]
async fn a_life_overlaps_an_abandoned_one_by_choice() {
    let release = Arc::new(AtomicBool::new(false));
    let free = release.clone();
    let worker = Worker::thread("stuck", move |ctx: ThreadContext| {
        if ctx.incarnation().number() > 1 {
            return heeds(&ctx);
        }
        while !free.load(SeqCst) {
            thread::yield_now();
        }
        Ok(())
    });
    let worker = worker.on_abandoned(OnAbandoned::Overlap);
    let mut events = None;
    let root = Supervisor::new("root").kill_wait(MS).child(worker);
    let tree = root.start_observed(|all| events = Some(all)).await.unwrap();
    let mut events = events.unwrap();
    tree.kill("stuck").unwrap();
    let left = loop {
        let event = bounded(events.next()).await.unwrap().unwrap();
        if let Change::Overlaps(left) = event.change {
            assert_eq!(event.incarnation.unwrap().number(), 2);
            break left;
        }
    };
    assert_eq!(left.to_string(), "root/stuck #1 (abandoned)");
    let child = tree.child("stuck").unwrap();
    bounded(child.up()).await.unwrap();
    assert_eq!(tree.abandoned().len(), 1);
    release.store(true, SeqCst);
    loop {
        let event = bounded(events.next()).await.unwrap().unwrap();
        if matches!(event.change, Change::AbandonedEnded) {
            break;
        }
    }
    assert!(tree.abandoned().is_empty());
    assert_eq!(child.state(), ChildState::Up);
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.is_orderly() && exit.report().is_clean(), "{exit}");
}
