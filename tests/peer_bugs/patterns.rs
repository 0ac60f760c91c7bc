//! What is behind the bugs of the peers: twelve patterns, each of which is a way to break a supervisor.
//!
//! | pattern | tested by |
//! |---|---|
//! | c. a group starts before all of it has stopped | `rts_01`, `kameo_12`, `kameo_13` |
//! | f. supervision shares a queue or a turn with users | `kameo_11`, `tka_01`, `ractor_10` |
//! | g. names are free after a fixed time | `ractor_02`, `ractor_03` |
//! | i. serial waits against one deadline | `rts_04`, `kameo_10` |
//! | j. done before those below are | `ractor_02`, `tgs_05` |
//! | k. counters that are no windows, or that read a clock which tests cannot pause | `kameo_06`, `rts_06` |
//! | l. giving up silently | `rts_06`, `rts_10`, `tka_02` |

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use regrow::{Backoff, Context, DynamicSupervisor, NotifyStart, Restart, Strategy, Worker};
use tokio::time::sleep;

use crate::props::{MS, deaf, failing, idle, temporary};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, root};

/// An error that panics whatever one does with it.
struct Touchy;

impl fmt::Debug for Touchy {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("printed")
    }
}

impl fmt::Display for Touchy {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("printed")
    }
}

impl Error for Touchy {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("looked into")
    }
}

impl Drop for Touchy {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn pattern_a_no_code_of_a_user_takes_a_supervisor_along() {
    // What the spec captured panics when that is dropped.
    let captured = Arc::new(Touchy);
    let child = Worker::new("w", move |_| {
        let _own = captured.clone();
        async { Err::<(), _>(Touchy) }
    });
    let child = child.backoff(Backoff::constant(SECOND));
    let mut story = Story::start(root().child(idle("a")).child(child), "+a +w +.").await;
    story.told("!w").await;
    let event = story.next().await;
    assert!(!event.to_string().is_empty());
    story.terminate_child("w").await.unwrap();
    story.delete_child("w").await.unwrap();
    story.start_child(idle("b")).await.unwrap();
    story.told("+b").await;
    story.stops_cleanly("-b -a -.").await;
}

/// A timer that is due says so, and its supervisor decides: what was asked in the same moment, or before it, holds.
#[tokio::test(start_paused = true)]
async fn pattern_b_a_timer_asks() {
    for wait in [0, 1, 999, 1_000] {
        let w = Puppet::new("w");
        let child = w.worker().backoff(Backoff::constant(SECOND));
        let mut story = Story::start(root().child(child), "+w +.").await;
        w.fails();
        story.told("!w").await;
        sleep(wait * MS).await;
        story.terminate_child("w").await.unwrap();
        if wait == 1_000 {
            // The clock comes before requests: a life had begun, and is stopped before it is up.
            story.told("-w").await;
        }
        story.quiet(HOUR).await;
        assert_eq!(w.alive(), 0);
        story.stops_cleanly("-.").await;
    }
}

/// A task that did not end by itself is an end like any: each way of being aborted is told, and answered.
#[tokio::test(start_paused = true)]
async fn pattern_d_every_end_of_a_task_is_expected() {
    let child = |name| deaf(name).restart(Restart::Transient).shutdown(SECOND);
    let root = root()
        .strategy(Strategy::OneForAll)
        .children([child("a"), child("b")]);
    let mut story = Story::start(root, "+a +b +.").await;
    story.kill("a").unwrap();
    story.told("!a !b +a +b").await;
    story.terminate_child("b").await.unwrap_err();
    story.restart_child("b").await.unwrap();
    story.told("!b +b").await;
    story.stops("!b !a !.").await;
}

/// However a child ends, nothing is kept of it.
#[tokio::test(start_paused = true)]
async fn pattern_e_records_go_on_every_path() {
    let mut story = Story::start(root().child(DynamicSupervisor::new("pool")), "+pool +.").await;
    let pool = story.dynamic("pool").unwrap();
    let w = Puppet::new("w");
    for (act, told) in [
        (Act::Complete, "+pool/w ~pool/w"),
        (Act::Stop, "+pool/w ~pool/w"),
        (Act::Fail, "+pool/w !pool/w"),
        (Act::Panic, "+pool/w !pool/w"),
    ] {
        pool.start_child(temporary(&w)).await.unwrap();
        w.tell(act);
        story.told(told).await;
    }
    pool.start_child(temporary(&w)).await.unwrap();
    pool.kill("w").unwrap();
    story.told("+pool/w !pool/w").await;
    pool.start_child(temporary(&w)).await.unwrap();
    pool.terminate_child("w").await.unwrap();
    story.told("+pool/w -pool/w").await;
    pool.start_child(failing("w")).await.unwrap_err();
    story.told("xpool/w").await;
    let ignores = |_: Context, notify: NotifyStart| async move { notify.ignore() };
    pool.start_child(Worker::with_notify_start("w", ignores))
        .await
        .unwrap();
    sleep(SECOND).await;
    assert_eq!((pool.count().specs, w.alive()), (0, 0));
    assert!(pool.children().is_empty());
    assert!(story.snapshot().children[0].children.is_empty());
    story.stops_cleanly("-pool -.").await;
}

/// Who stops a child keeps the time for it, not the child.
#[tokio::test(start_paused = true)]
async fn pattern_h_a_child_does_not_keep_its_own_deadline() {
    let w = Puppet::new("w").answering(Act::Hang);
    let child = w.worker().shutdown(SECOND);
    let mut story = Story::start(root().child(child), "+w +.").await;
    let (stopped, span) = crate::props::took(story.terminate_child("w")).await;
    stopped.unwrap_err();
    assert_eq!(span, SECOND);
    story.told("!w").await;
    story.stops_cleanly("-.").await;
}
