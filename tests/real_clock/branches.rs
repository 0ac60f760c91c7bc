//! Branches whose body, or a child of it, blocks its thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;

use regrow::{
    BoxError, Branch, BranchContext, Change, ChildKind, ExitReason, Restart, RestartChildError,
    Supervisor, Worker,
};

use crate::{MS, Stuck, bounded, until};

/// A branch whose body does not yield until it is released.
fn stuck() -> (Stuck, Branch) {
    let release = Arc::new(AtomicBool::new(false));
    let (enter, entered) = mpsc::channel();
    let released = release.clone();
    let branch = Branch::new("stuck", move |ctx: BranchContext| {
        let (released, enter) = (released.clone(), enter.clone());
        async move {
            ctx.run(Worker::new("a", |ctx| async move { ctx.stopped().await }))
                .await?;
            enter.send(())?;
            while !released.load(SeqCst) {
                std::thread::yield_now();
            }
            ctx.stopped().await;
            Ok::<_, BoxError>(())
        }
    });
    let branch = branch.body_shutdown(20 * MS).kill_wait(20 * MS);
    (Stuck { release, entered }, branch)
}

/// 9: the body is abandoned as what it is, the branch, and reserves the name of that.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn body_that_blocks_is_abandoned_as_its_branch() {
    let (stuck, branch) = stuck();
    let tree = Supervisor::new("root").child(branch).start().await.unwrap();
    let mut events = tree.subscribe();
    stuck.is_entered();
    let error = bounded(tree.terminate_child("stuck")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("root/stuck"), "{text}");
    let mut abandoned = 0;
    loop {
        let event = bounded(events.next()).await.unwrap().unwrap();
        if event.runtime_name != "root/stuck" {
            continue;
        }
        assert_eq!(event.kind, ChildKind::Supervisor, "{event}");
        match event.change {
            Change::Abandoned => abandoned += 1,
            Change::StopFailed(ExitReason::Abandoned) => break,
            Change::Stopping => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(abandoned, 1);
    let error = bounded(tree.restart_child("stuck")).await.unwrap_err();
    assert!(
        matches!(&error, RestartChildError::StillEnding { life, .. } if life.runtime_name == "root/stuck"),
        "{error:?}"
    );
    stuck.release.store(true, SeqCst);
    let ended = |change: &Change| matches!(change, Change::AbandonedEnded);
    assert_eq!(until(&mut events, ended).await, 1);
    bounded(tree.restart_child("stuck")).await.unwrap();
    assert!(bounded(tree.shutdown()).await.is_orderly());
}

/// The end of the tree tells of it once.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn tree_ends_without_a_body_that_blocks() {
    let (stuck, branch) = stuck();
    let tree = Supervisor::new("root").child(branch).start().await.unwrap();
    stuck.is_entered();
    let exit = bounded(tree.shutdown()).await;
    assert_eq!(exit.exit_code(), 3, "{exit}");
    let [left] = exit.abandoned() else {
        panic!("{exit}");
    };
    assert_eq!(left.runtime_name, "root/stuck");
    let troubled = exit.report().troubled().iter();
    let troubled: Vec<_> = troubled.map(|life| life.runtime_name.as_str()).collect();
    assert_eq!(troubled, ["root/stuck"], "{}", exit.report());
}

/// 9.3: the next life of the body meets the name of the child that it had left behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn child_that_blocks_ends_the_tree() {
    let (stuck, worker) = Stuck::new(std::thread::yield_now);
    let worker = Arc::new(worker.restart(Restart::Temporary).build().unwrap());
    let (fail, fails) = mpsc::channel::<()>();
    let fails = Arc::new(std::sync::Mutex::new(fails));
    let branch = Branch::new("one", move |ctx: BranchContext| {
        let (worker, fails) = (worker.clone(), fails.clone());
        async move {
            ctx.run(worker).await?;
            loop {
                let failed = fails.lock().is_ok_and(|fails| fails.try_recv().is_ok());
                if failed {
                    return Err::<(), BoxError>("the body fails".into());
                }
                ctx.until_stopped(tokio::time::sleep(MS)).await?;
            }
        }
    });
    let branch = branch.kill_wait(20 * MS);
    let tree = Supervisor::new("root").child(branch).start().await.unwrap();
    stuck.is_entered();
    fail.send(()).unwrap();
    let exit = bounded(tree.wait()).await;
    assert_eq!(exit.exit_code(), 3, "{exit}");
    let [left] = exit.abandoned() else {
        panic!("{exit}");
    };
    assert_eq!(left.runtime_name, "root/one/stuck");
}
