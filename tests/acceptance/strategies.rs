//! Strategies: who is restarted with whom, in which order, and when a supervisor gives up.

use std::sync::Arc;

use regrow::{
    Backoff, ChildState, Context, Restart, RestartChildError, Strategy, Supervisor, Tolerance,
    Worker,
};
use tokio::sync::{Notify, mpsc};

use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, counts, repeated, root, states};

use Strategy::{OneForAll, OneForOne, RestForOne};

fn with(strategy: Strategy, limit: u32, children: &[&Puppet]) -> Supervisor {
    root()
        .strategy(strategy)
        .tolerance((limit, HOUR))
        .children(children.iter().map(|child| child.worker()))
}

fn puppets<const N: usize>(names: [&str; N]) -> [Puppet; N] {
    names.map(Puppet::new)
}

async fn sup_065_066_one_for_one() {
    let [c1, c2] = puppets(["c1", "c2"]);
    let mut story = Story::start(with(OneForOne, 2, &[&c1, &c2]), "+c1 +c2 +.").await;
    let second = story.child("c2").unwrap().incarnation();
    c1.fails();
    story.told("!c1 +c1").await;
    assert_eq!(story.child("c2").unwrap().incarnation(), second);
    assert_eq!(counts(&story), [2, 2, 0, 2]);
    c2.fails();
    story.told("!c2 +c2").await;
    c1.fails();
    story.ends("!c1 -c2 !.").await;
}

async fn sup_067_one_for_one_escalation() {
    let (c1, c2) = (Puppet::new("c1").failing_later(), Puppet::new("c2"));
    let story = Story::start(with(OneForOne, 4, &[&c1, &c2]), "+c1 +c2 +.").await;
    c1.fails();
    let attempts = repeated(4, "xc1");
    story.ends(&format!("!c1 {attempts} -c2 !.")).await;
}

async fn sup_068_one_for_all() {
    let [c1, c2] = puppets(["c1", "c2"]);
    let mut story = Story::start(with(OneForAll, 2, &[&c1, &c2]), "+c1 +c2 +.").await;
    let lives = |story: &Story| ["c1", "c2"].map(|c| story.child(c).unwrap().incarnation());
    let before = lives(&story);
    c1.fails();
    story.told("!c1 -c2 +c1 +c2").await;
    let after = lives(&story);
    assert!(before.iter().all(|life| !after.contains(life)), "{after:?}");
    assert_eq!(counts(&story), [2, 2, 0, 2]);
    story.stops_cleanly("-c2 -c1 -.").await;
}

async fn sup_070_one_for_all_escalation() {
    let (c1, c2) = (Puppet::new("c1"), Puppet::new("c2").failing_later());
    let story = Story::start(with(OneForAll, 4, &[&c1, &c2]), "+c1 +c2 +.").await;
    c1.fails();
    let attempts = repeated(4, "+c1 xc2 -c1");
    story.ends(&format!("!c1 -c2 {attempts} !.")).await;
}

async fn sup_071_one_for_all_other_child_fails_restart() {
    let [c1, c2] = puppets(["c1", "c2"]).map(Puppet::asking);
    let (one, two) = (c1.clone(), c2.clone());
    let starting = tokio::spawn(async move {
        one.answer(Act::Complete).await;
        two.answer(Act::Complete).await;
    });
    let mut story = Story::start(with(OneForAll, 3, &[&c1, &c2]), "+c1 +c2 +.").await;
    starting.await.unwrap();
    c1.fails();
    c1.answer(Act::Complete).await;
    c2.answer(Act::Stop).await;
    // The fresh c1 is stopped before any new start.
    c1.answer(Act::Complete).await;
    c2.answer(Act::Complete).await;
    story.told("!c1 -c2 +c1 xc2 -c1 +c1 +c2").await;
    story.stops_cleanly("-c2 -c1 -.").await;
}

async fn sup_078_079_rest_for_one() {
    let [c1, c2, c3] = puppets(["c1", "c2", "c3"]);
    let root = with(RestForOne, 2, &[&c1, &c2, &c3]);
    let mut story = Story::start(root, "+c1 +c2 +c3 +.").await;
    let first = story.child("c1").unwrap().incarnation();
    c2.fails();
    story.told("!c2 -c3 +c2 +c3").await;
    assert_eq!(story.child("c1").unwrap().incarnation(), first);
    assert_eq!(counts(&story), [3, 3, 0, 3]);
    c3.fails();
    story.told("!c3 +c3").await;
    c2.fails();
    story.ends("!c2 -c3 -c1 !.").await;
}

async fn sup_080_rest_for_one_escalation() {
    let (c1, c2) = (Puppet::new("c1"), Puppet::new("c2").failing_later());
    let story = Story::start(with(RestForOne, 4, &[&c1, &c2]), "+c1 +c2 +.").await;
    c1.fails();
    // It goes on at the child that failed (15.6).
    let attempts = repeated(4, "xc2");
    story.ends(&format!("!c1 -c2 +c1 {attempts} -c1 !.")).await;
}

/// Of three children the middle one is in a loop: its starts take two seconds and fail.
async fn loop_in_the_middle(strategy: Strategy) -> (Story, Puppet) {
    let (a, b) = (Puppet::new("a"), Puppet::new("b").flagged());
    let c = Puppet::new("c");
    let root = with(strategy, 1000, &[&a, &b, &c]);
    let mut story = Story::start(root, "+a +b +c +.").await;
    b.flag(true);
    b.fails();
    match strategy {
        RestForOne => story.told("!b -c xb xb").await,
        _ => story.told("!b -c -a +a xb -a +a xb -a +a").await,
    }
    (story, b)
}

fn is_down_for_now(story: &Story, child: &str) -> bool {
    let state = story.child(child).unwrap().state();
    matches!(state, ChildState::Starting | ChildState::Restarting)
}

async fn sup_120_hanging_restart_loop_rest_for_one() {
    let (mut story, b) = loop_in_the_middle(RestForOne).await;
    assert!(states(&story.children()).starts_with("a Up, "));
    assert!(is_down_for_now(&story, "b") && is_down_for_now(&story, "c"));
    assert_eq!(counts(&story), [3, 1, 0, 3]);
    // What the loop held up goes on without it (15.8).
    story.terminate_child("b").await.unwrap();
    story.told("-b +c").await;
    assert_eq!(states(&story.children()), "a Up, b Down, c Up");
    b.flag(false);
    story.restart_child("b").await.unwrap();
    b.flag(true);
    b.fails();
    story.told("+b !b -c xb").await;
    // A stop is obeyed in the middle of a start.
    story.stops_cleanly("-b -a -.").await;
}

async fn sup_164_rest_for_one_loop() {
    let (mut story, _b) = loop_in_the_middle(RestForOne).await;
    assert!(is_down_for_now(&story, "b") && is_down_for_now(&story, "c"));
    for child in ["b", "c"] {
        let error = story.restart_child(child).await.unwrap_err();
        assert!(
            matches!(error, RestartChildError::Restarting { .. }),
            "{error:?}"
        );
    }
    story.terminate_child("b").await.unwrap();
    story.told("-b +c").await;
    story.quiet(HOUR).await;
    story.stops_cleanly("-c -a -.").await;
}

async fn sup_165_one_for_all_loop() {
    let (mut story, b) = loop_in_the_middle(OneForAll).await;
    story.terminate_child("a").await.unwrap();
    // It stays down, through the next attempts and beyond (15.5).
    story.told("-a xb xb").await;
    b.flag(false);
    story.told("xb +b +c").await;
    assert_eq!(states(&story.children()), "a Down, b Up, c Up");
    story.stops_cleanly("-c -b -.").await;
}

async fn sup_122_order_of_children() {
    let children = puppets(["ch7", "ch3", "ch10", "ch2", "ch5"]);
    let root = with(RestForOne, 2, &children.each_ref());
    let mut story = Story::start(root, "+ch7 +ch3 +ch10 +ch2 +ch5 +.").await;
    children[2].fails();
    story.told("!ch10 -ch5 -ch2 +ch10 +ch2 +ch5").await;
    assert_eq!(children.each_ref().map(Puppet::begun), [1, 1, 2, 2, 2]);
    story.stops_cleanly("-ch5 -ch2 -ch10 -ch3 -ch7 -.").await;
}

async fn sup_139_announcements() {
    for (strategy, first, second) in [
        (OneForOne, "1", "2"),
        (RestForOne, "123", "23"),
        (OneForAll, "123", "123"),
    ] {
        let (announce, mut announced) = mpsc::unbounded_channel();
        let children = ["1", "2", "3"].map(|name| {
            let announce = announce.clone();
            Worker::new(name, move |context: Context| {
                announce.send(name).unwrap();
                async move { context.stopped().await }
            })
        });
        let root = root().strategy(strategy).children(children);
        let mut story = Story::start(root, "+1 +2 +3 +.").await;
        for (killed, expected) in [("", "123"), ("1", first), ("2", second)] {
            while counts(&story)[1] < 3 {
                story.next().await;
            }
            if !killed.is_empty() {
                story.kill(killed).unwrap();
            }
            for name in expected.split("").filter(|name| !name.is_empty()) {
                assert_eq!(bounded(announced.recv()).await, Some(name));
            }
        }
        let (tree, _events) = story.into_parts();
        assert!(bounded(tree.shutdown()).await.is_orderly());
        assert!(announced.try_recv().is_err());
    }
}

async fn sup_147_simultaneous_crashes() {
    // One wake-up fails them all before their supervisor sees the first.
    let together = Arc::new(Notify::new());
    let child = |name: &str| {
        let together = together.clone();
        Worker::new(name, move |context: Context| {
            let together = together.clone();
            async move {
                context.until_stopped(together.notified()).await?;
                Err::<(), Box<dyn std::error::Error + Send + Sync>>("together".into())
            }
        })
    };
    let all = root()
        .strategy(OneForAll)
        .tolerance((1, HOUR))
        .children(["a", "b", "c"].map(child));
    let mut story = Story::start(all, "+a +b +c +.").await;
    together.notify_waiters();
    story.told("!a !b !c +a +b +c").await;
    assert_eq!(counts(&story), [3, 3, 0, 3]);
    story.stops_cleanly("-c -b -a -.").await;

    let each = root().tolerance((1, HOUR)).children(["a", "b"].map(child));
    let story = Story::start(each, "+a +b +.").await;
    together.notify_waiters();
    // The restart of a is on its way when b's failure is one too many.
    story.ends("!a !b -a !.").await;
}

async fn sup_149_order_of_a_group() {
    for (strategy, expected) in [
        (OneForAll, "!b -c -a +a +b +c"),
        (RestForOne, "!b -c +b +c"),
    ] {
        let children = puppets(["a", "b", "c"]);
        let root = with(strategy, 2, &children.each_ref());
        let mut story = Story::start(root, "+a +b +c +.").await;
        children[1].fails();
        story.told(expected).await;
        story.stops_cleanly("-c -b -a -.").await;
    }
}

async fn sup_150_children_that_are_not_running() {
    // f finished, i ignored, t was terminated: before b and after it.
    for (strategy, restart, stop) in [
        (OneForAll, "+f1 +i1 +b +f2 +i2", "-i2 -f2 -b -i1 -f1 -."),
        (RestForOne, "+b +f2 +i2", "-i2 -f2 -b -."),
    ] {
        let mut root = root().strategy(strategy);
        let b = Puppet::new("b");
        let finished = puppets(["f1", "f2"]);
        let ignored = puppets(["i1", "i2"]).map(Puppet::ignoring_first);
        let terminated = puppets(["t1", "t2"]);
        for side in 0..2 {
            root = root
                .child(finished[side].worker().restart(Restart::Transient))
                .child(ignored[side].worker())
                .child(terminated[side].worker());
            if side == 0 {
                root = root.child(b.worker());
            }
        }
        let mut story = Story::start(root, "+f1 +t1 +b +f2 +t2 +.").await;
        for (f, t) in finished.iter().zip(["t1", "t2"]) {
            f.completes();
            story.terminate_child(t).await.unwrap();
        }
        story.told("{~f1 -t1 ~f2 -t2}").await;
        b.fails();
        story.told(&format!("!b {restart}")).await;
        // The user's word stands (15.5).
        assert_eq!(terminated.each_ref().map(Puppet::begun), [1, 1]);
        story.stops_cleanly(stop).await;
    }
}

async fn sup_157_siblings_are_stopped_in_reverse() {
    let [a, b, c] = puppets(["a", "b", "c"]);
    let root = with(OneForOne, 0, &[&a, &b, &c]);
    let story = Story::start(root, "+a +b +c +.").await;
    b.fails();
    story.ends("!b -c -a !.").await;
    assert_eq!([a.cleaned(), c.cleaned()], [1, 1]);
}

async fn sup_170_child_added_at_run_time() {
    for (strategy, expected) in [
        (OneForAll, "!b -e -c -a +a +b +c +e"),
        (RestForOne, "!b -e -c +b +c +e"),
    ] {
        let [a, b, c, e] = puppets(["a", "b", "c", "e"]);
        let root = with(strategy, 2, &[&a, &b, &c]);
        let mut story = Story::start(root, "+a +b +c +.").await;
        story.start_child(e.worker()).await.unwrap();
        story.told("+e").await;
        b.fails();
        story.told(expected).await;
        story.stops_cleanly("-e -c -b -a -.").await;
    }
}

/// A shutdown, and a terminate, cut a wait short (16.4).
async fn a_backoff_blocks_nobody() {
    let [a, b] = puppets(["a", "b"]);
    let waits = a.worker().backoff(Backoff::constant(HOUR));
    let root = root().child(waits).child(b.worker());
    let mut story = Story::start(root, "+a +b +.").await;
    a.fails();
    story.told("!a").await;
    b.fails();
    story.told("!b +b").await;
    assert_eq!(states(&story.children()), "a Restarting, b Up");
    let began = tokio::time::Instant::now();
    story.stops_cleanly("-b -.").await;
    assert!(began.elapsed() < SECOND);
}

async fn cap_028_tolerance_that_never_forgets() {
    let child = Puppet::new("w");
    let root = root().tolerance(Tolerance::ever(2)).child(child.worker());
    let mut story = Story::start(root, "+w +.").await;
    for _ in 0..2 {
        child.fails();
        story.told("!w +w").await;
        story.quiet(24 * HOUR).await;
    }
    child.fails();
    let exit = story.ends("!w !.").await;
    let told = exit.to_string();
    assert!(
        told.contains("would need more than 2 restarts ever"),
        "{told}"
    );
}

/// In a window of 5 s two are borne; six seconds later they count no more (13.5).
async fn cap_029_030_tolerance_of_a_window() {
    let child = Puppet::new("w");
    let root = root().tolerance((2, 5 * SECOND)).child(child.worker());
    let mut story = Story::start(root, "+w +.").await;
    for _ in 0..3 {
        for _ in 0..2 {
            child.fails();
            story.told("!w +w").await;
        }
        story.quiet(6 * SECOND).await;
    }
    for _ in 0..2 {
        child.fails();
        story.told("!w +w").await;
    }
    child.fails();
    story.ends("!w !.").await;
}

stories! {
    both:
        sup_065_066_one_for_one,
        sup_067_one_for_one_escalation,
        sup_068_one_for_all,
        sup_070_one_for_all_escalation,
        sup_071_one_for_all_other_child_fails_restart,
        sup_078_079_rest_for_one,
        sup_080_rest_for_one_escalation,
        sup_122_order_of_children,
        sup_139_announcements,
        sup_149_order_of_a_group,
        sup_150_children_that_are_not_running,
        sup_157_siblings_are_stopped_in_reverse,
        sup_170_child_added_at_run_time;
    paused:
        a_backoff_blocks_nobody,
        cap_028_tolerance_that_never_forgets,
        cap_029_030_tolerance_of_a_window,
        sup_120_hanging_restart_loop_rest_for_one,
        sup_147_simultaneous_crashes,
        sup_164_rest_for_one_loop,
        sup_165_one_for_all_loop;
}
