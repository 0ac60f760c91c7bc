//! task-supervisor 0.5.2: it clones tasks on its own task, and takes every join error for the end of the runtime.
//!
//! | number | where it is tested |
//! |---|---|
//! | 3 | the body blocks its thread, which a paused clock cannot show: `tests/real_clock`, `tok_06_child_in_blocking_code` |

use regrow::{
    Context, ExitReason, RestartChildError, StartFailure, Supervisor, TerminateChildError, Worker,
};

use crate::props::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{Story, root};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tsv_01_a_panic_in_the_drop_of_a_body_is_told() {
    let child = Worker::new("w", |ctx: Context| async move {
        let _bomb = Bomb;
        ctx.stopped().await;
    });
    let root = root().child(idle("a")).child(child);
    let mut story = Story::start(root, "+a +w +.").await;
    let stopped = story.terminate_child("w").await;
    let Err(TerminateChildError::StopFailed { reason, .. }) = stopped else {
        panic!("{stopped:?}");
    };
    let ExitReason::Panicked(panic) = reason else {
        panic!("{reason:?}");
    };
    assert_eq!(panic.message(), "dropped");
    story.restart_child("w").await.unwrap();
    story.told("!w +w").await;
    story.kill("w").unwrap();
    story.told("!w +w").await;
    story.stops("!w -a !.").await;
}

/// Cannot be cloned.
struct Unique;

impl Clone for Unique {
    fn clone(&self) -> Self {
        panic!("cloned")
    }
}

#[tokio::test(start_paused = true)]
async fn tsv_02_a_panic_in_a_clone_is_a_failed_start() {
    let unique = Unique;
    let child = Worker::new("w", move |_| {
        let own = unique.clone();
        async move {
            let _own = own;
        }
    });
    let mut story = Story::start(root().child(idle("a")), "+a +.").await;
    let started = story.start_child(child).await;
    let Err(regrow::StartChildError::Failed { cause, .. }) = started else {
        panic!("{started:?}");
    };
    let StartFailure::Panicked(panic) = cause else {
        panic!("{cause:?}");
    };
    assert_eq!(panic.message(), "cloned");
    story.told("xw").await;
    story.stops_cleanly("-a -.").await;
}

#[tokio::test(start_paused = true)]
async fn tsv_04_each_of_two_requests_is_answered_as_it_went() {
    let w = Puppet::new("w").asking();
    let starting = tokio::spawn({
        let root = Supervisor::new("root").child(w.worker());
        Story::start(root, "+w +.")
    });
    w.answer(Act::Complete).await;
    let mut story = starting.await.unwrap();
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    let (restarted, terminated) = tokio::join!(story.restart_child("w"), async {
        w.asked().await;
        story.terminate_child("w").await
    });
    assert!(
        matches!(restarted, Err(RestartChildError::Terminated { .. })),
        "{restarted:?}"
    );
    terminated.unwrap();
    story.told("-w").await;
    assert_eq!(crate::story::states(&story.children()), "w Down");
    story.stops_cleanly("-.").await;
}

#[tokio::test(start_paused = true)]
async fn tsv_05_children_start_as_declared_and_a_name_can_be_used_again() {
    let root = root().children(["z", "a", "m", "b"].map(idle));
    let mut story = Story::start(root, "+z +a +m +b +.").await;
    story.terminate_child("a").await.unwrap();
    story.delete_child("a").await.unwrap();
    story.start_child(idle("a")).await.unwrap();
    story.told("-a +a").await;
    story.stops_cleanly("-a -b -m -z -.").await;
}

#[tokio::test(start_paused = true)]
async fn tsv_06_ok_by_accident_is_not_the_end() {
    let w = Puppet::new("w");
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    w.completes();
    story.told("~w +w").await;
    story.stops_cleanly("-w -.").await;
}
