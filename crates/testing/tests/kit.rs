//! The kit finds what it is there to find: trees that tell something else, and faults that strike.
use regrow_supervisor::{Change, Supervisor, Tree, TreeEvent, Worker};
use regrow_tasks::{Context, ExitReason, NotifyStart};
use regrow_testing::{Faults, Injected, Recorder, Times};
use std::time::Duration;

const SEC: Duration = Duration::from_secs(1);

fn obeys(name: &str, faults: &Faults) -> Worker {
    Worker::new(
        name,
        faults.on(|ctx: Context| async move { ctx.stopped().await }),
    )
}

fn notifies(name: &str, faults: &Faults) -> Worker {
    let serve = |ctx: Context, notify: NotifyStart| async move {
        notify.ready();
        ctx.stopped().await;
    };
    Worker::with_notify_start(name, faults.on_notifying(serve)).shutdown(SEC)
}

async fn told(worker: Worker) -> (Tree, Recorder) {
    let (tree, told) = Recorder::start(Supervisor::new("root").child(worker)).await;
    (tree.unwrap(), told)
}

#[tokio::test(start_paused = true)]
async fn each_fault_strikes_the_life_it_is_for() {
    let faults = Faults::new()
        .fail("root/w", Times::Nth(1))
        .panic("root/w", Times::Nth(2))
        .fail_start("root/w", Times::Nth(3))
        .fail("root/other", Times::Always);
    let (tree, mut told) = told(obeys("w", &faults)).await;
    let is_failure = |event: &TreeEvent| matches!(event.change, Change::Failed(_));
    let first = told.wait_for(is_failure).await;
    let Change::Failed(ExitReason::Failed(error)) = first.change else {
        panic!("{first}");
    };
    assert!(error.find::<Injected>().is_some());
    told.told("+w !w xw +w").await;
    assert!(tree.shutdown().await.is_orderly());
    told.told_last("-w -.").await;
}

#[tokio::test(start_paused = true)]
async fn the_first_lives_fail_when_they_are_up() {
    let faults = Faults::new().fail("root/w", Times::First(2));
    let (tree, mut told) = told(notifies("w", &faults)).await;
    told.told("+w +. !w +w !w +w").await;
    told.quiet(SEC).await;
    drop(tree);
    told.told_last("-w -.").await;
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_killed_and_what_panics_in_its_drop_is_told() {
    let hangs = Faults::new().hang("root/w", Times::Always);
    let deaf = Faults::new().hang_in_stop("root/w", Times::Always);
    let bomb = Faults::new().panic_in_drop("root/w", Times::Always);
    for faults in [hangs, deaf, bomb] {
        let (tree, told) = told(notifies("w", &faults)).await;
        let exit = tree.shutdown().await;
        told.told_last("+w +. !w !.").await;
        assert_eq!(exit.report().troubled().len(), 1, "{exit}");
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "expected +w +. !w\n    told +w +. -w")]
async fn a_tree_that_tells_something_else_fails_the_test() {
    let (tree, mut told) = told(obeys("w", &Faults::new())).await;
    drop(tree);
    told.told("+w +. !w").await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "told -. after the end")]
async fn a_tree_that_tells_more_fails_the_test() {
    let (tree, told) = told(obeys("w", &Faults::new())).await;
    drop(tree);
    told.told_last("+w +. -w").await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "does not come")]
async fn a_tree_that_tells_nothing_fails_the_test() {
    let (_tree, mut told) = told(obeys("w", &Faults::new())).await;
    told.told("+w +. !w").await;
}

/// A real clock: the thread of the life is blocked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_yields_is_abandoned_until_it_is_released() {
    let millis = Duration::from_millis(20);
    let faults = Faults::new().never_yield("root/w", Times::Always);
    let root = Supervisor::new("root").kill_wait(millis);
    let worker = obeys("w", &faults).shutdown(millis);
    let (tree, told) = Recorder::start(root.child(worker)).await;
    let exit = tree.unwrap().shutdown().await;
    let [left] = exit.abandoned() else {
        panic!("{exit}");
    };
    assert_eq!(left.runtime_name, "root/w");
    told.told_last("+w +. ?w !w !.").await;
    faults.release();
}
