//! One worker: its start, its end, and how either can fail.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use regrow::{
    BoxError, ExitReason, StartChildError, StartError, StartFailure, Stopped, TerminateChildError,
    Worker,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::fixtures::{fail_start, fail_stop, idle};
use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, bounded, root, says};

/// Why the worker was not started; that it was not is told.
async fn not_started(worker: Worker) -> StartFailure {
    let mut story = Story::start(root(), "+.").await;
    let failure = match bounded(story.start_child(worker)).await {
        Err(StartChildError::Failed { child, cause }) => {
            assert_eq!(child.to_string(), "root/w");
            cause
        }
        other => panic!("{other:?}"),
    };
    story.told("xw").await;
    story.stops_cleanly("-.").await;
    failure
}

/// How the worker ended that did not stop cleanly; `told` of its start and its end.
async fn not_stopped(worker: Worker) -> ExitReason {
    let mut story = Story::start(root(), "+.").await;
    story.start_child(worker).await.unwrap();
    let reason = match story.terminate_child("w").await {
        Err(TerminateChildError::StopFailed { child, reason }) => {
            assert_eq!(child.to_string(), "root/w");
            reason
        }
        other => panic!("{other:?}"),
    };
    story.told("+w !w").await;
    // An error is told once.
    story.terminate_child("w").await.unwrap();
    story.stops_cleanly("-.").await;
    reason
}

/// Starts and stops a worker with which all goes well.
async fn started_and_stopped(worker: Worker) {
    let mut story = Story::start(root(), "+.").await;
    story.start_child(worker).await.unwrap();
    story.terminate_child("w").await.unwrap();
    story.told("+w -w").await;
    story.stops_cleanly("-.").await;
}

/// Is up after three seconds.
fn slow() -> Worker {
    Worker::with_notify_start("w", |context, notify| async move {
        sleep(3 * SECOND).await;
        notify.ready();
        context.stopped().await;
    })
}

/// Takes no notice of its stop for three seconds.
fn heedless() -> Worker {
    Worker::new("w", |context| async move {
        context.stopped().await;
        sleep(3 * SECOND).await;
    })
}

fn is_timeout(failure: &StartFailure) -> bool {
    matches!(failure, StartFailure::TimedOut(span) if *span == SECOND)
}

async fn cap_002_terminated_twice() {
    let w = Puppet::new("w");
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    // One that is down is down (20.5): nothing is told, and nobody waits.
    story.terminate_child("w").await.unwrap();
    assert_eq!((w.begun(), w.cleaned()), (1, 1));
    story.stops_cleanly("-.").await;
}

async fn cap_003_error_of_a_stop_is_told_once() {
    let reason = not_stopped(fail_stop("w", "stopped badly")).await;
    assert_eq!(reason.to_string(), "failed: stopped badly");
}

async fn cap_101_stop_seen_by_a_context() {
    let (give, given) = oneshot::channel();
    let w = Worker::once("w", move |context| async move {
        give.send(context.clone()).unwrap();
        context.stopped().await;
    });
    let story = Story::start(root().child(w), "+w +.").await;
    let context = given.await.unwrap();
    let waiting = tokio::spawn({
        let context = context.clone();
        async move { context.until_stopped(pending::<()>()).await }
    });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(!context.is_stopping() && !waiting.is_finished());
    story.stops_cleanly("-w -.").await;
    assert!(context.is_stopping());
    let answer = bounded(waiting).await.unwrap();
    assert!(matches!(answer, Err(Stopped)), "{answer:?}");
}

async fn cap_110_reported_failure() {
    let failure = not_started(fail_start("w")).await;
    let StartFailure::Failed(error) = &failure else {
        panic!("{failure:?}");
    };
    assert_eq!(error.to_string(), "FailStartWorker w");
}

async fn cap_111_start_is_not_reported_in_time() {
    let began = Instant::now();
    let never = Puppet::new("w").asking().worker().start_timeout(SECOND);
    let failure = not_started(never).await;
    assert!(is_timeout(&failure), "{failure:?}");
    assert_eq!(began.elapsed(), SECOND);
}

async fn cap_113_killed_after_its_time() {
    let began = Instant::now();
    let deaf = Worker::new("w", |_| pending::<()>()).shutdown(SECOND);
    let reason = not_stopped(deaf).await;
    assert!(matches!(reason, ExitReason::Killed), "{reason}");
    assert_eq!(began.elapsed(), SECOND);
}

async fn cap_114_stop_without_an_error() {
    let w = Puppet::new("w").answering(Act::Complete);
    started_and_stopped(w.worker()).await;
    assert_eq!((w.begun(), w.alive()), (1, 0));
}

async fn cap_116_one_spec_started_again() {
    let w = Puppet::new("w");
    let spec = w.worker().build().unwrap();
    let mut story = Story::start(root(), "+.").await;
    for _ in 0..2 {
        story.start_child(&spec).await.unwrap();
        story.terminate_child("w").await.unwrap();
        story.delete_child("w").await.unwrap();
        story.told("+w -w").await;
    }
    assert_eq!((w.begun(), w.cleaned()), (2, 2));
    story.stops_cleanly("-.").await;
}

async fn cap_127_root_whose_worker_is_not_up_in_time() {
    let never = Puppet::new("worker").asking().worker();
    let began = Instant::now();
    let root = root().child(never.start_timeout(SECOND));
    let error = Story::fails(root, "xworker x.").await;
    assert_eq!(began.elapsed(), SECOND);
    assert!(says(&error, "start time-out of 1s"), "{error:?}");
    let StartError::Child { child, cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(child.to_string(), "root/worker");
    assert!(is_timeout(cause), "{error:?}");
}

async fn cap_128_root_whose_worker_does_not_stop() {
    let deaf = Worker::new("worker", |_| pending::<()>()).shutdown(SECOND);
    let story = Story::start(root().child(deaf), "+worker +.").await;
    let began = Instant::now();
    let exit = story.stops("!worker !.").await;
    assert_eq!(began.elapsed(), SECOND);
    assert!(matches!(exit.reason(), ExitReason::Failed(_)), "{exit}");
    let [troubled] = exit.report().troubled() else {
        panic!("{exit}");
    };
    assert_eq!(troubled.runtime_name.to_string(), "root/worker");
    assert!(matches!(troubled.reason, ExitReason::Killed), "{exit}");
}

async fn cap_310_body_before_and_after_its_stop() {
    let [before, after] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let (set_before, set_after) = (before.clone(), after.clone());
    let w = Worker::once("w", move |context| async move {
        set_before.store(true, SeqCst);
        context.stopped().await;
        set_after.store(true, SeqCst);
    });
    let mut story = Story::start(root().child(w), "+w +.").await;
    // A plain worker is up when it has done what it does before its first wait (3.1).
    assert!(before.load(SeqCst) && !after.load(SeqCst));
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    assert!(after.load(SeqCst));
    story.stops_cleanly("-.").await;
}

async fn cap_311_reported_start() {
    let reported = Worker::with_notify_start("w", |context, notify| async move {
        notify.ready();
        context.stopped().await;
    });
    started_and_stopped(reported).await;
}

async fn cap_312_error_instead_of_a_start() {
    let failing = Worker::with_notify_start("w", |_, notify| async move {
        let _kept = notify;
        Err::<(), _>("no start")
    });
    let failure = not_started(failing).await;
    let StartFailure::Failed(error) = &failure else {
        panic!("{failure:?}");
    };
    assert_eq!(error.to_string(), "no start");
}

async fn cap_313_start_that_takes_too_long() {
    let failure = not_started(slow().start_timeout(SECOND)).await;
    assert!(is_timeout(&failure), "{failure:?}");
    // It has the time if it may take it.
    started_and_stopped(slow().start_timeout(4 * SECOND)).await;
}

async fn cap_314_notifier_is_dropped() {
    let silent = Worker::with_notify_start("w", |context, notify| async move {
        drop(notify);
        context.stopped().await;
    });
    let failure = not_started(silent).await;
    assert!(
        matches!(failure, StartFailure::NotifierDropped),
        "{failure:?}"
    );
}

async fn cap_315_panic_in_a_stop() {
    let w = Puppet::new("w").answering(Act::Panic);
    let reason = not_stopped(w.worker()).await;
    let ExitReason::Panicked(panic) = &reason else {
        panic!("{reason}");
    };
    assert_eq!(panic.message(), "died");
}

async fn cap_115_317_error_in_a_stop() {
    let reason = not_stopped(fail_stop("w", "not so")).await;
    let ExitReason::Failed(error) = &reason else {
        panic!("{reason}");
    };
    assert_eq!(error.to_string(), "not so");
}

async fn cap_318_stop_that_takes_too_long() {
    let began = Instant::now();
    let reason = not_stopped(heedless().shutdown(SECOND)).await;
    assert!(matches!(reason, ExitReason::Killed), "{reason}");
    assert_eq!(began.elapsed(), SECOND);
    started_and_stopped(heedless().shutdown(4 * SECOND)).await;
}

async fn cap_410_body_that_runs_on_after_its_report() {
    let told_to_stop = Arc::new(AtomicUsize::new(0));
    let alive = Arc::new(());
    // One obeys, the other has to be killed.
    for obeys in [true, false] {
        let (told, life) = (told_to_stop.clone(), alive.clone());
        let w = Worker::with_notify_start("w", move |context, notify| {
            let (told, life) = (told.clone(), life.clone());
            async move {
                let _life = life;
                notify.failed("no start");
                context.stopped().await;
                told.fetch_add(1, SeqCst);
                if !obeys {
                    pending::<()>().await;
                }
                Ok::<(), BoxError>(())
            }
        });
        let began = Instant::now();
        let root = root().child(idle("a")).child(w.shutdown(2 * SECOND));
        let error = Story::fails(root, "+a xw -a x.").await;
        assert!(says(&error, "no start"), "{error:?}");
        assert_eq!(began.elapsed(), u32::from(!obeys) * 2 * SECOND);
    }
    assert_eq!(told_to_stop.load(SeqCst), 2);
    assert_eq!(Arc::strong_count(&alive), 1);
}

async fn cap_431_panics() {
    let w = Puppet::new("w").answering(Act::Panic);
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    w.tell(Act::Panic);
    story.told("!w +w").await;
    let exit = story.stops("!w !.").await;
    let [troubled] = exit.report().troubled() else {
        panic!("{exit}");
    };
    assert_eq!(troubled.runtime_name.to_string(), "root/w");
    let ExitReason::Panicked(panic) = &troubled.reason else {
        panic!("{exit}");
    };
    assert_eq!(panic.message(), "died");
    assert!(panic.location().unwrap().contains("puppet.rs"));
    assert!(panic.backtrace().is_some());
}

stories! {
    both:
        cap_002_terminated_twice,
        cap_003_error_of_a_stop_is_told_once,
        cap_101_stop_seen_by_a_context,
        cap_110_reported_failure,
        cap_114_stop_without_an_error,
        cap_116_one_spec_started_again,
        cap_310_body_before_and_after_its_stop,
        cap_311_reported_start,
        cap_312_error_instead_of_a_start,
        cap_314_notifier_is_dropped,
        cap_315_panic_in_a_stop,
        cap_115_317_error_in_a_stop,
        cap_431_panics;
    paused:
        cap_111_start_is_not_reported_in_time,
        cap_113_killed_after_its_time,
        cap_127_root_whose_worker_is_not_up_in_time,
        cap_128_root_whose_worker_does_not_stop,
        cap_313_start_that_takes_too_long,
        cap_318_stop_that_takes_too_long,
        cap_410_body_that_runs_on_after_its_report;
}
