//! kameo 0.22.2: supervisors are actors that keep their children in a map, cleared on some paths only, and hear of their ends in the
//! same queue as of everything else.
//!
//! Of number 11 (supervision rides the user's mailbox) only the likeness has a test: requests that were made before. There are no
//! mailboxes yet.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use regrow::{
    Backoff, ChildState, Context, DynamicSupervisor, Restart, Strategy, Supervisor, Worker,
};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::props::{Diary, MS, deaf, failing, hanging, idle, panics_after, temporary, took};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, root};

#[tokio::test(start_paused = true)]
async fn kameo_01_a_finished_child_does_not_hang_its_group() {
    let (a, t) = (Puppet::new("a"), Puppet::new("t"));
    let root = root()
        .strategy(Strategy::OneForAll)
        .child(a.worker())
        .child(t.worker().restart(Restart::Transient))
        .child(idle("c"));
    let mut story = Story::start(root, "+a +t +c +.").await;
    t.completes();
    story.told("~t").await;
    a.fails();
    story.told("!a -c +a +t +c").await;
    story.stops_cleanly("-c -t -a -.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_02_a_failure_during_a_group_restart_widens_it() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b"));
    let root = root()
        .strategy(Strategy::RestForOne)
        .children([a.worker(), b.worker()])
        .child(Puppet::new("c").cleaning(SECOND).worker());
    let mut story = Story::start(root, "+a +b +c +.").await;
    b.fails();
    story.told("!b").await;
    a.fails();
    story.told("!a -c +a +b +c").await;
    story.stops_cleanly("-c -b -a -.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_03_a_child_that_has_ended_leaves_nothing() {
    let pool = DynamicSupervisor::new("pool");
    let story = Story::start(root().child(pool), "+pool +.").await;
    let pool = story.dynamic("pool").unwrap();
    let held = Arc::new(());
    for _ in 0..1_000 {
        let held = held.clone();
        let work = move |_| {
            let held = held.clone();
            async move { drop(held) }
        };
        let child = Worker::new("short", work).restart(Restart::Temporary);
        pool.start_numbered(child).await.unwrap();
    }
    sleep(SECOND).await;
    assert_eq!(pool.count().specs, 0);
    assert_eq!(Arc::strong_count(&held), 1);
    drop(story);
}

#[tokio::test(start_paused = true)]
async fn kameo_04_a_permanent_child_that_ends_normally_lives_again_and_works() {
    let w = Puppet::new("w");
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    w.tell(Act::Stop);
    story.told("~w +w").await;
    assert_eq!(story.child("w").unwrap().state(), ChildState::Up);
    // It takes what it is told, and so do the lives that a user asks for.
    w.completes();
    story.told("~w +w").await;
    story.terminate_child("w").await.unwrap();
    story.restart_child("w").await.unwrap();
    story.told("-w +w").await;
    w.fails();
    story.ends("!w !.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_05_a_start_function_that_panics_is_a_failure_like_any() {
    let s = Supervisor::new("s")
        .tolerance((2, HOUR))
        .child(idle("b"))
        .child(panics_after(1, "a"));
    let root = root().tolerance((0, HOUR)).child(s).child(idle("c"));
    // The start of `a` is tried again; then its supervisor stops what it has and ends, and the one above is told.
    let start = "+s/b +s/a +s +c +. !s/a xs/a xs/a -s/b !s -c !.";
    let story = Story::start(root, start).await;
    story.ends("").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_06_the_tolerance_is_a_window() {
    let w = Puppet::new("w");
    let root = root().tolerance((3, 500 * MS)).child(w.worker());
    let mut story = Story::start(root, "+w +.").await;
    // Two in each window, for as long as one likes.
    for _ in 0..20 {
        sleep(400 * MS).await;
        w.fails();
        story.told("!w +w").await;
    }
    sleep(SECOND).await;
    for _ in 0..3 {
        w.fails();
        story.told("!w +w").await;
    }
    w.fails();
    story.ends("!w !.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_07_a_group_does_not_start_temporary_children_again() {
    let (a, t) = (Puppet::new("a"), Puppet::new("t"));
    let root = root()
        .strategy(Strategy::OneForAll)
        .child(a.worker())
        .child(temporary(&t));
    let mut story = Story::start(root, "+a +t +.").await;
    a.fails();
    story.told("!a -t +a").await;
    assert!(story.child("t").is_err());
    story.stops_cleanly("-a -.").await;
    assert_eq!(t.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn kameo_08_a_reference_holds_over_a_restart() {
    let w = Puppet::new("w");
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    let child = story.child("w").unwrap();
    w.fails();
    story.told("!w +w").await;
    child.kill();
    story.told("!w +w").await;
    assert_eq!((child.restarts(), child.state()), (2, ChildState::Up));
    story.stops_cleanly("-w -.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_09_a_start_that_hangs_can_be_killed_and_has_a_time_out() {
    let pool = DynamicSupervisor::new("pool");
    let mut story = Story::start(root().child(pool), "+pool +.").await;
    let pool = story.dynamic("pool").unwrap();
    let start = tokio::spawn({
        let pool = pool.clone();
        async move { pool.start_child(hanging("w")).await }
    });
    sleep(SECOND).await;
    pool.kill("w").unwrap();
    story.told("xpool/w").await;
    assert!(start.await.unwrap().is_err());
    // Nobody kills this one.
    let (started, span) = took(pool.start_child(hanging("w"))).await;
    assert!(started.is_err());
    story.told("xpool/w").await;
    // The time-out, and the shutdown that a body has which goes on.
    assert_eq!(span, 35 * SECOND);
    story.stops_cleanly("-pool -.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_10_a_shutdown_is_bounded() {
    let root = root()
        .child(deaf("a").shutdown(HOUR))
        .child(Supervisor::new("s").child(deaf("b").shutdown(HOUR)));
    let story = Story::start(root, "+a +s/b +s +.").await;
    let (tree, events) = story.into_parts();
    let (exit, span) = took(tree.shutdown_within(SECOND)).await;
    events.told_last("{!s/b !a} !s !.").await;
    assert_eq!(span, SECOND);
    assert!(exit.is_orderly() && exit.abandoned().is_empty(), "{exit}");
}

#[tokio::test(start_paused = true)]
async fn kameo_11_a_restart_does_not_wait_for_what_was_asked_before() {
    let w = Puppet::new("w");
    let mut story = Story::start(root().child(w.worker()), "+w +.").await;
    let mut starts = JoinSet::new();
    for number in 0..100 {
        let root = story.clone();
        let child = hanging(&format!("slow{number}")).start_timeout(SECOND);
        starts.spawn(async move { root.start_child(child).await.is_err() });
    }
    w.fails();
    // None of the hundred has come to its time-out.
    story.told("!w +w").await;
    while let Some(failed) = starts.join_next().await {
        assert!(failed.unwrap());
    }
    for _ in 0..100 {
        let sign = story.next_sign().await;
        assert!(sign.starts_with("xslow"), "{sign}");
    }
    story.stops_cleanly("-w -.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_12_a_life_begins_when_the_one_before_has_let_go() {
    let (b, names) = (Puppet::new("b"), Arc::new(Mutex::new(BTreeSet::new())));
    let registry = names.clone();
    let registered = Worker::new("a", move |ctx: Context| {
        let registry = registry.clone();
        async move {
            // What a life registers is its own until its last line.
            assert!(registry.lock().unwrap().insert("a"), "the name is taken");
            ctx.stopped().await;
            sleep(2 * SECOND).await;
            registry.lock().unwrap().remove("a");
        }
    });
    let root = root()
        .strategy(Strategy::OneForAll)
        .child(registered)
        .child(b.worker());
    let mut story = Story::start(root, "+a +b +.").await;
    for _ in 0..2 {
        b.fails();
        story.told("!b -a +a +b").await;
        assert!(names.lock().unwrap().contains("a"));
    }
    story.stops_cleanly("-b -a -.").await;
    assert!(names.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn kameo_13_a_group_has_an_order() {
    let diary = Diary::default();
    let e = Puppet::new("e");
    let keepers = ["a", "b", "c", "d"].map(|name| diary.keeper(name, SECOND));
    let root = root()
        .strategy(Strategy::OneForAll)
        .children(keepers)
        .child(e.worker());
    let mut story = Story::start(root, "+a +b +c +d +e +.").await;
    diary.read();
    e.fails();
    story.told("!e -d -c -b -a +a +b +c +d +e").await;
    let ends = ["d", "c", "b", "a"].map(|name| format!("{name} ends"));
    let begins = ["a", "b", "c", "d"].map(|name| format!("{name} begins"));
    assert_eq!(diary.read(), [ends, begins].concat());
    story.stops_cleanly("-e -d -c -b -a -.").await;
}

#[tokio::test(start_paused = true)]
async fn kameo_14_a_start_that_fails_is_tried_again_after_its_backoff() {
    let w = Puppet::new("w").failing_later();
    let child = w.worker().backoff(Backoff::constant(10 * SECOND));
    let root = root().tolerance((3, HOUR)).child(child);
    let mut story = Story::start(root, "+w +.").await;
    let (_, span) = took(async {
        w.fails();
        story.told("!w xw xw xw !.").await;
    })
    .await;
    assert_eq!(span, 30 * SECOND);
    // A first start is not tried again, and says so.
    Story::fails(root_of(failing("w")), "xw x.").await;
}

fn root_of(worker: Worker) -> Supervisor {
    root().child(worker)
}
