//! Children that are no async functions: futures, tasks that run already, what is returned to who started it, other runtimes.
//! Those on threads are in `tests/real_clock`.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use regrow::{
    BoxError, Change, Context, ExitReason, NothingReturned, PlaceError, Restart, Shutdown,
    SpecError, StartChildError, StartFailure, Strategy, Worker,
};
use tokio::runtime::Builder;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::fixtures::idle;
use crate::story::{SECOND, Story, bounded, root, says};

type Ask = mpsc::UnboundedSender<(u32, oneshot::Sender<u32>)>;

/// A subsystem that somebody else has started: it serves requests by doubling, and dies of zero.
struct Subsystem {
    ask: Ask,
    task: JoinHandle<Result<(), &'static str>>,
}

impl Subsystem {
    fn new() -> Self {
        let (ask, mut asked) = mpsc::unbounded_channel::<(u32, oneshot::Sender<u32>)>();
        let task = tokio::spawn(async move {
            while let Some((number, answer)) = asked.recv().await {
                if number == 0 {
                    return Err("died");
                }
                let _ = answer.send(2 * number);
            }
            Ok(())
        });
        Self { ask, task }
    }
}

/// Its answer to one request.
async fn doubled(ask: &Ask, number: u32) -> Option<u32> {
    let (answer, answered) = oneshot::channel();
    ask.send((number, answer)).ok()?;
    bounded(answered).await.ok()
}

/// OTP's bridge: a child whose start function starts something of its own, and says what came of it.
fn bridge(init: Result<bool, &'static str>) -> Worker {
    Worker::with_notify_start("bridge", move |_, notify| async move {
        match init {
            Ok(true) => notify.ready(),
            Ok(false) => notify.ignore(),
            Err(error) => notify.failed(error),
        }
    })
}

async fn sup_124_bridge_starting() {
    let mut story = Story::start(root(), "+.").await;
    story.start_child(bridge(Ok(false))).await.unwrap();
    let error = story.start_child(bridge(Err("testing"))).await;
    assert!(matches!(error, Err(StartChildError::AlreadyPresent { .. })));
    story.delete_child("bridge").await.unwrap();
    let error = story.start_child(bridge(Err("testing"))).await.unwrap_err();
    assert!(says(&error, "testing"), "{error:?}");
    story.told("xbridge").await;
    story.stops_cleanly("-.").await;
}

async fn sup_125_bridged_worker_is_killed() {
    let mut story = Story::start(root(), "+.").await;
    let Subsystem { ask, task } = Subsystem::new();
    let abort = task.abort_handle();
    let bridge = Worker::from_join_handle("bridge", task);
    story.start_child(bridge).await.unwrap();
    story.told("+bridge").await;
    assert_eq!(doubled(&ask, 4).await, Some(8));
    abort.abort();
    let end = story.next_signed().await;
    assert!(
        matches!(end.change, Change::Failed(ExitReason::Killed)),
        "{end}"
    );
    story.stops_cleanly("-.").await;
}

async fn sup_126_bridged_worker_dies() {
    let mut story = Story::start(root(), "+.").await;
    let Subsystem { ask, task } = Subsystem::new();
    let bridge = Worker::from_join_handle("bridge", task);
    story.start_child(bridge).await.unwrap();
    story.told("+bridge").await;
    assert_eq!(doubled(&ask, 0).await, None);
    let end = story.next_signed().await;
    assert_eq!(end.change.to_string(), "failed: died");
    story.stops_cleanly("-.").await;
}

async fn sup_128_killed_bridge_is_found_under_its_name_again() {
    let served = Arc::new(Mutex::new(None));
    let serves = served.clone();
    let bridge = Worker::joining("bridge", move |_| {
        let subsystem = Subsystem::new();
        *serves.lock().unwrap() = Some(subsystem.ask);
        subsystem.task
    });
    let beside = idle("beside");
    let root = root()
        .strategy(Strategy::OneForAll)
        .children([bridge, beside]);
    let mut story = Story::start(root, "+bridge +beside +.").await;
    let before = story.child("bridge").unwrap().incarnation();
    story.kill("bridge").unwrap();
    story.told("!bridge -beside +bridge +beside").await;
    let after = story.child("bridge").unwrap();
    assert!(after.incarnation() > before);
    let ask = served.lock().unwrap().clone().unwrap();
    assert_eq!(doubled(&ask, 4).await, Some(8));
    story.stops_cleanly("-beside -bridge -.").await;
}

/// A task that is adopted: it crashes twice and regrows, then it is asked to stop, and aborted.
async fn adopted_tasks_crash_and_regrow() {
    let lives = Arc::new(AtomicUsize::new(0));
    let begun = lives.clone();
    let worker = Worker::joining("w", move |_| {
        let life = begun.fetch_add(1, SeqCst);
        tokio::spawn(async move {
            match life {
                0 => panic!("boom"),
                1 => Err::<(), _>("died"),
                _ => pending().await,
            }
        })
    });
    let mut story = Story::start(root(), "+.").await;
    story.start_child(worker).await.unwrap();
    story.told("+w").await;
    let end = story.next_signed().await;
    let Change::Failed(ExitReason::Panicked(panic)) = end.change else {
        panic!("{end}");
    };
    assert_eq!(panic.message(), "boom");
    story.told("+w !w +w").await;
    assert_eq!(lives.load(SeqCst), 3);
    story.stops_cleanly("-w -.").await;
}

/// The life of an adopted task is over when the task is, and not before.
async fn adopted_task_is_over_before_its_life_is() {
    let (hold, mut held) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let _hold = hold;
        pending::<()>().await;
    });
    let mut story = Story::start(root(), "+.").await;
    let worker = Worker::from_join_handle("w", task).shutdown(Shutdown::Kill);
    story.start_child(worker).await.unwrap();
    story.told("+w").await;
    story.terminate_child("w").await.unwrap();
    assert_eq!(held.try_recv(), Err(TryRecvError::Closed));
    story.told("-w").await;
    story.stops_cleanly("-.").await;
}

async fn hook_of_an_adopted_task() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let task = tokio::spawn(async { Err::<(), _>("died") });
    let worker = Worker::from_join_handle("w", task).on_failure(move |_, ended| {
        tell.send(ended.to_string()).unwrap();
        pending::<()>()
    });
    let mut story = Story::start(root(), "+.").await;
    story.start_child(worker).await.unwrap();
    story.told("+w").await;
    assert_eq!(bounded(told.recv()).await.unwrap(), "failed: died");
    // The hook hangs: a kill ends it.
    story.kill("w").unwrap();
    let end = story.next_signed().await;
    assert!(
        matches!(&end.change, Change::Failed(ExitReason::HookFailed(_))),
        "{end}"
    );
    story.stops_cleanly("-.").await;
}

async fn future_is_a_child() {
    let mut story = Story::start(root(), "+.").await;
    let failing = Worker::future("failing", async { Err::<(), _>("died") });
    story.start_child(failing).await.unwrap();
    story.told("+failing !failing").await;
    let waiting = Worker::future("waiting", pending::<()>());
    story.start_child(waiting).await.unwrap();
    story.told("+waiting").await;
    story.stops_cleanly("-waiting -.").await;
    for worker in [
        Worker::future("w", async {}),
        Worker::from_join_handle("w", tokio::spawn(async {})),
        Worker::returning("w", |_| async { Ok::<_, BoxError>(()) }).0,
    ] {
        let error = worker.restart(Restart::Permanent).build().unwrap_err();
        assert!(matches!(error, SpecError::RestartsOnce { .. }), "{error}");
    }
}

/// How a child ended that is to return nothing.
async fn nothing<R>(start: impl FnOnce(Context) -> R + Send + 'static, told: &str) -> ExitReason
where
    R: Future<Output = Result<u32, BoxError>> + Send + 'static,
{
    let mut story = Story::start(root(), "+.").await;
    let (worker, returned) = Worker::returning("w", start);
    story.start_child(worker).await.unwrap();
    story.told("+w").await;
    if told == "-w" {
        story.terminate_child("w").await.unwrap();
    }
    let error = bounded(returned).await.unwrap_err();
    story.told(told).await;
    story.stops_cleanly("-.").await;
    match error {
        NothingReturned::Ended { child, reason } if child == "root/w" => reason,
        other => panic!("{other:?}"),
    }
}

async fn what_a_child_returns_is_handed_back() {
    let mut story = Story::start(root(), "+.").await;
    let (worker, returned) = Worker::returning("w", |ctx| async move {
        ctx.until_stopped(sleep(SECOND)).await?;
        Ok::<_, BoxError>(7)
    });
    story.start_child(worker).await.unwrap();
    assert_eq!(bounded(returned).await.unwrap(), 7);
    story.told("+w ~w").await;
    // Who does not want it does not harm the child.
    let (worker, returned) = Worker::returning("w", |_| async { Ok::<_, BoxError>(7) });
    drop(returned);
    story.start_child(worker).await.unwrap();
    story.told("+w ~w").await;
    story.stops_cleanly("-.").await;

    let failed = nothing(|_| async { Err("died".into()) }, "!w").await;
    assert_eq!(failed.to_string(), "failed: died");
    let panicked = nothing(|_| async { panic!("boom") }, "!w").await;
    assert!(matches!(panicked, ExitReason::Panicked(_)), "{panicked}");
    let stopped = nothing(
        |ctx| async move { Ok(ctx.until_stopped(pending()).await?) },
        "-w",
    );
    assert!(matches!(stopped.await, ExitReason::Stopped));

    let (worker, returned) = Worker::returning("w", |_| async { Ok::<_, BoxError>(7) });
    drop(worker);
    assert!(matches!(returned.await, Err(NothingReturned::NeverStarted)));
}

/// A runtime of one thread beside that of the story: a paused clock would not wait for it.
struct Beside(Option<tokio::runtime::Runtime>);

impl Beside {
    fn new() -> Self {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("beside").build();
        Self(Some(runtime.unwrap()))
    }

    fn handle(&self) -> tokio::runtime::Handle {
        self.0.as_ref().expect("it runs").handle().clone()
    }

    /// Shuts it down, and waits until it is: where that may block.
    fn end(&mut self) {
        if let Some(runtime) = self.0.take() {
            std::thread::spawn(move || drop(runtime)).join().unwrap();
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.end();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_on_another_runtime() {
    let mut beside = Beside::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    let worker = Worker::new("w", move |ctx: Context| {
        let thread = std::thread::current().name().map(ToOwned::to_owned);
        tell.send(thread).unwrap();
        async move {
            assert!(ctx.incarnation().number() > 2, "the first life fails");
            ctx.stopped().await;
        }
    });
    let worker = worker.on(beside.handle());
    let mut story = Story::start(root().child(idle("a")), "+a +.").await;
    story.start_child(worker).await.unwrap();
    story.told("+w !w +w").await;
    for _ in 0..2 {
        assert_eq!(told.recv().await.unwrap().as_deref(), Some("beside"));
    }
    story.kill("w").unwrap();
    story.told("!w +w").await;
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    beside.end();
    let error = story.restart_child("w").await.unwrap_err();
    assert!(says(&error, "is shut down"), "{error}");
    story.told("xw").await;
    story.stops_cleanly("-a -.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_whose_runtime_goes_down_is_killed() {
    let mut beside = Beside::new();
    let waits = Worker::new("w", |ctx: Context| async move { ctx.stopped().await });
    let waits = waits.on(beside.handle()).restart(Restart::Temporary);
    let mut story = Story::start(root(), "+.").await;
    story.start_child(waits.clone()).await.unwrap();
    story.told("+w").await;
    beside.end();
    let end = story.next_signed().await;
    assert!(
        matches!(end.change, Change::Failed(ExitReason::Killed)),
        "{end}"
    );
    let error = story.start_child(waits).await.unwrap_err();
    let StartChildError::Failed {
        cause: StartFailure::Failed(error),
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    let gone = error.find::<PlaceError>();
    assert!(matches!(gone, Some(PlaceError::RuntimeGone { child }) if *child == "root/w"));
    story.told("xw").await;
    story.stops_cleanly("-.").await;
}

stories! {
    both: sup_124_bridge_starting, sup_125_bridged_worker_is_killed, sup_126_bridged_worker_dies,
        sup_128_killed_bridge_is_found_under_its_name_again, adopted_tasks_crash_and_regrow,
        adopted_task_is_over_before_its_life_is, hook_of_an_adopted_task, future_is_a_child,
        what_a_child_returns_is_handed_back;
}
