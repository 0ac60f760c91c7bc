//! Lives that are no plain futures keep the contract of a life too.

mod ground;

use ground::Ground;
use regrow_tasks::{
    BoxError, Context, ExitReason, NothingReturned, PlaceError, ReturnHandle, Start, Stopped,
    ThreadContext,
};
use std::{
    future::{Future, pending},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};
use tokio::{runtime::Builder, sync::oneshot};

type Blocks = Box<dyn Fn(ThreadContext) + Send + Sync>;

/// Says in a flag that it was dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

#[tokio::test]
async fn adopted_task_ends_its_life_with_its_own_end() {
    for (task, told) in [
        (tokio::spawn(async { Ok(()) }), "exited: completed"),
        (tokio::spawn(async { Err("died") }), "exited: failed: died"),
        (
            tokio::spawn(async { panic!("boom") }),
            "exited: panicked: boom",
        ),
    ] {
        let ground = Ground::new();
        ground.spawn(Start::join_handle(task));
        ground.exited().await;
        assert_eq!(ground.told(), ["started", told]);
    }
}

#[tokio::test]
async fn adopted_task_is_aborted_when_asked_and_that_is_clean() {
    let ground = Ground::new();
    ground.spawn(Start::join_handle(tokio::spawn(pending::<()>())));
    ground.until(|told| told == ["started"]).await;
    ground.entry.ask(regrow_core::Incarnation::new(1));
    assert!(matches!(ground.exited().await, ExitReason::Stopped));
}

#[tokio::test]
async fn adopted_task_is_gone_before_its_killed_life_is_told_as_over() {
    let ground = Ground::new();
    let flag = Arc::new(AtomicBool::new(false));
    ground.watch(flag.clone());
    let life = ground.spawn(Start::joining(move |_| {
        let guard = Dropped(flag.clone());
        tokio::spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        })
    }));
    ground.until(|told| told == ["started"]).await;
    life.kill();
    ground.exited().await;
    assert_eq!(
        ground.told(),
        ["started", "exited: killed", "its body was dropped before"]
    );
}

#[tokio::test]
async fn adopted_task_that_somebody_else_aborts_is_killed() {
    let ground = Ground::new();
    let task = tokio::spawn(pending::<()>());
    let abort = task.abort_handle();
    ground.spawn(Start::join_handle(task));
    ground.until(|told| told == ["started"]).await;
    abort.abort();
    assert!(matches!(ground.exited().await, ExitReason::Killed));
}

#[tokio::test]
async fn adopted_task_is_aborted_with_a_start_that_never_had_a_life() {
    let (tell, told) = oneshot::channel::<()>();
    let start = Start::join_handle(tokio::spawn(async move {
        let _tell = tell;
        pending::<()>().await;
    }));
    drop(start);
    assert!(told.await.is_err());
}

#[tokio::test]
async fn panic_payload_of_an_adopted_task_that_panics_again_harms_nobody() {
    let ground = Ground::new();
    let task = tokio::spawn(async { std::panic::panic_any(Bomb) });
    ground.spawn(Start::join_handle::<()>(task));
    assert!(matches!(ground.exited().await, ExitReason::Panicked(_)));
}

/// A thread that is killed while it waits for something else, and then returns.
#[tokio::test]
async fn thread_that_returns_after_its_kill_is_killed() {
    for start in [Start::thread::<Blocks, ()>, Start::blocking] {
        let ground = Ground::new();
        let (release, released) = mpsc::channel();
        let released = Mutex::new(released);
        let life = ground.spawn(start(Box::new(move |_| {
            released.lock().unwrap().recv().unwrap();
        })));
        ground.until(|told| told == ["started"]).await;
        life.kill();
        assert_eq!(ground.told(), ["started"], "nobody can end a thread");
        release.send(()).unwrap();
        assert!(matches!(ground.exited().await, ExitReason::Killed));
    }
}

#[tokio::test]
async fn end_of_a_thread_is_told_after_what_its_life_owned_was_dropped() {
    let ground = Ground::new();
    let flag = Arc::new(AtomicBool::new(false));
    ground.watch(flag.clone());
    ground.spawn(Start::thread(move |ctx: ThreadContext| {
        let _guard = Dropped(flag.clone());
        ctx.stopped();
    }));
    ground.until(|told| told == ["started"]).await;
    ground.entry.ask(regrow_core::Incarnation::new(1));
    ground.exited().await;
    assert_eq!(
        ground.told(),
        [
            "started",
            "exited: completed",
            "its body was dropped before"
        ]
    );
}

/// A start whose return is waited for.
fn returning<R>(start: impl FnOnce(Context) -> R + Send + 'static) -> (Start, ReturnHandle<u32>)
where
    R: Future<Output = Result<u32, BoxError>> + Send + 'static,
{
    Start::returning(start)
}

#[tokio::test]
async fn what_is_returned_comes_before_the_end_is_told() {
    let ground = Ground::new();
    let (start, returned) = returning(|_| async { Ok(7) });
    ground.spawn(start);
    assert_eq!(returned.await.unwrap(), 7);
    ground.exited().await;
    assert_eq!(ground.told(), ["started", "exited: completed"]);
}

#[tokio::test]
async fn who_waits_is_told_how_the_child_ended() {
    let told = async |start: Start, returned: ReturnHandle<u32>, kill: bool| {
        let ground = Ground::new();
        let life = ground.spawn(start);
        if kill {
            ground.until(|told| told == ["started"]).await;
            life.kill();
        }
        let error = returned.await.unwrap_err();
        let end = ground.exited().await;
        let NothingReturned::Ended { child, reason } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(*child, "root");
        assert_eq!(reason.to_string(), end.to_string());
        reason.to_string()
    };
    let (start, returned) = returning(|_| async { Err("died".into()) });
    assert_eq!(told(start, returned, false).await, "failed: died");
    let (start, returned) = returning(|_| async { Err(Stopped.into()) });
    assert_eq!(told(start, returned, false).await, "stopped");
    let (start, returned) = returning(|_| pending());
    assert_eq!(told(start, returned, true).await, "killed");
    let (start, returned) = returning(|_| async { panic!("boom") });
    let panicked = told(start, returned, false).await;
    assert!(panicked.starts_with("panicked: boom (at "), "{panicked}");
    let (start, returned) = returning(|_| async {
        let _bomb = Bomb;
        Ok(7)
    });
    let panicked = told(start, returned, false).await;
    assert!(panicked.contains("in a destructor"), "{panicked}");
}

#[tokio::test]
async fn child_without_a_life_returns_nothing() {
    let (start, returned) = returning(|_| async { Ok(7) });
    drop(start);
    assert!(matches!(returned.await, Err(NothingReturned::NeverStarted)));
}

#[tokio::test]
async fn life_runs_on_the_runtime_of_its_choice() {
    let other = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("other")
        .build()
        .unwrap();
    let (tell, told) = oneshot::channel();
    let ground = Ground::new();
    let start = Start::once(move |ctx: Context| async move {
        let thread = std::thread::current().name().map(ToOwned::to_owned);
        tell.send(thread).expect("somebody waits");
        ctx.stopped().await;
    });
    ground.spawn(start.on(other.handle().clone()));
    assert_eq!(told.await.unwrap().as_deref(), Some("other"));
    ground.until(|told| told == ["started"]).await;
    other.shutdown_background();
    assert!(matches!(ground.exited().await, ExitReason::Killed));
}

#[tokio::test]
async fn runtime_that_is_gone_takes_no_life() {
    let starts: [fn() -> Start; 3] = [
        || Start::plain(|_| async {}),
        || Start::joining(|_| tokio::spawn(async {})),
        || Start::blocking(|_| ()),
    ];
    for start in starts {
        let other = Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let handle = other.handle().clone();
        // Only a drop waits until it is shut down.
        std::thread::spawn(move || drop(other)).join().unwrap();
        let ground = Ground::new();
        ground.spawn(start().on(handle));
        let ExitReason::Failed(error) = ground.exited().await else {
            panic!("{:?}", ground.told());
        };
        let gone = error.find::<PlaceError>();
        assert!(matches!(gone, Some(PlaceError::RuntimeGone { child }) if *child == "root"));
        assert_eq!(ground.told().len(), 1);
    }
}

#[tokio::test]
async fn life_killed_on_its_way_to_another_runtime_is_killed() {
    // Nobody drives this runtime, so it never begins a life.
    let other = Builder::new_current_thread().build().unwrap();
    let ground = Ground::new();
    let start = Start::plain(|_| async {}).on(other.handle().clone());
    let life = ground.spawn(start);
    life.kill();
    other.shutdown_background();
    assert!(matches!(ground.exited().await, ExitReason::Killed));
}
