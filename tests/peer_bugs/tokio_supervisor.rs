//! rust-tokio-supervisor 0.1.4: a group restart starts second copies beside the first, and timers act where they should ask.

use std::time::Duration;

use regrow::{
    Backoff, ChildState, ExitReason, Restart, Strategy, Supervisor, SupervisorFailure,
    SupervisorRef,
};
use tokio::time::sleep;

use crate::props::{MS, deaf, group, hanging, idle, panics_after, stopper, took};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, root};

#[tokio::test(start_paused = true)]
async fn rts_01_a_group_stops_before_it_starts_again() {
    for (strategy, told) in [
        (Strategy::OneForAll, "!b -c -a +a +b +c"),
        (Strategy::RestForOne, "!b -c +b +c"),
    ] {
        let puppets = ["a", "b", "c"].map(Puppet::new);
        let root = group("root", strategy, &puppets);
        let mut story = Story::start(root, "+a +b +c +.").await;
        puppets[1].fails();
        story.told(told).await;
        assert!(puppets.iter().all(|puppet| puppet.alive() == 1));
        story.stops_cleanly("-c -b -a -.").await;
        assert!(puppets.iter().all(|puppet| puppet.alive() == 0));
    }
}

#[tokio::test(start_paused = true)]
async fn rts_02_nothing_begins_after_a_shutdown() {
    let w = Puppet::new("w");
    let child = w.worker().backoff(Backoff::constant(SECOND));
    let mut story = Story::start(root().child(child), "+w +.").await;
    w.fails();
    story.told("!w").await;
    sleep(SECOND - MS).await;
    // The last event: the wait was cut short, and what was to come of it never comes.
    story.stops_cleanly("-.").await;
    sleep(HOUR).await;
    assert_eq!((w.begun(), w.alive()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn rts_03_nothing_begins_after_a_delete() {
    let w = Puppet::new("w");
    let child = w.worker().backoff(Backoff::constant(SECOND));
    let mut story = Story::start(root().child(child), "+w +.").await;
    w.fails();
    story.told("!w").await;
    sleep(SECOND - MS).await;
    story.terminate_child("w").await.unwrap();
    story.delete_child("w").await.unwrap();
    story.quiet(HOUR).await;
    assert_eq!((w.begun(), story.count().specs), (1, 0));
    story.stops_cleanly("-.").await;
}

#[tokio::test(start_paused = true)]
async fn rts_04_children_that_ignore_the_stop_are_killed_by_the_deadline() {
    let children = ["a", "b", "c", "d"].map(deaf);
    let story = Story::start(root().children(children), "+a +b +c +d +.").await;
    let (tree, events) = story.into_parts();
    // Two have their five seconds each; the deadline takes the others.
    let (exit, span) = took(tree.shutdown_within(11 * SECOND)).await;
    events.told_last("!d !c {!b !a} !.").await;
    assert_eq!(span, 11 * SECOND);
    assert!(exit.is_orderly(), "{exit}");
    assert_eq!(exit.report().troubled().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn rts_05_a_child_that_never_comes_up_does_not_keep_the_tree_from_stopping() {
    let root = root()
        .child(stopper("a", SECOND))
        .child(hanging("b").no_start_timeout())
        .child(idle("c"));
    let (error, span) = took(Story::fails(root, "+a !b -a !.")).await;
    // One until the shutdown, and five that the body has to end.
    assert_eq!(span, 6 * SECOND);
    assert!(error.to_string().contains("stopped"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rts_06_all_come_back_or_the_tree_says_why_not() {
    let puppets: Vec<_> = (0..10).map(|at| Puppet::new(&format!("w{at}"))).collect();
    let tree = |bears: (u32, Duration)| {
        Supervisor::new("root")
            .tolerance(bears)
            .children(puppets.iter().map(Puppet::worker))
    };
    let (tree, _events) = {
        let root = tree((10, SECOND));
        (root.start().await.unwrap(), ())
    };
    puppets.iter().for_each(Puppet::fails);
    sleep(MS).await;
    let all = tree.children();
    assert!(all.iter().all(|child| child.state == ChildState::Up));
    assert!(all.iter().all(|child| child.restarts == 1));
    // One that crashes every 1.5 s is more than three in five seconds can bear.
    for _ in 0..9 {
        sleep(1_500 * MS).await;
        puppets[0].fails();
    }
    assert!(tree.shutdown().await.is_orderly());
    let root = Supervisor::new("root").child(puppets[0].worker());
    let story = Story::start(root, "+w0 +.").await;
    let crashes = tokio::spawn({
        let w = puppets[0].clone();
        async move {
            for _ in 0..4 {
                w.fails();
                sleep(1_500 * MS).await;
            }
        }
    });
    let exit = story.ends("!w0 +w0 !w0 +w0 !w0 +w0 !w0 !.").await;
    let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
        panic!("{exit}");
    };
    assert_eq!((why.child.as_str(), why.limit()), ("root/w0", 3));
    crashes.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rts_07_a_start_function_that_panics_leaves_the_tree_in_control() {
    let child = panics_after(1, "w").backoff(Backoff::constant(SECOND));
    let root = root().tolerance((3, HOUR)).child(idle("a")).child(child);
    let mut story = Story::start(root, "+a +w +. !w xw").await;
    story.start_child(idle("c")).await.unwrap();
    story.told("+c xw").await;
    story.terminate_child("w").await.unwrap();
    story.quiet(HOUR).await;
    story.stops_cleanly("-c -a -.").await;
}

#[tokio::test(start_paused = true)]
async fn rts_08_whoever_lets_go_of_a_tree_stops_it() {
    let a = Puppet::new("a");
    let story = Story::start(root().children([a.worker(), idle("b")]), "+a +b +.").await;
    let (tree, events) = story.into_parts();
    drop(tree);
    events.told_last("-b -a -.").await;
    let story = Story::start(root().children([a.worker(), idle("b")]), "+a +b +.").await;
    SupervisorRef::shutdown(&story);
    story.ends("-b -a -.").await;
    assert_eq!(a.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn rts_09_a_supervisor_is_a_child_like_any() {
    let a = Puppet::new("a");
    let inner = Supervisor::new("inner").child(a.worker());
    let outer = Supervisor::new("outer").child(inner);
    let start = "+outer/inner/a +outer/inner +outer +.";
    let mut story = Story::start(root().child(outer), start).await;
    a.fails();
    story.told("!outer/inner/a +outer/inner/a").await;
    story
        .stops_cleanly("-outer/inner/a -outer/inner -outer -.")
        .await;
}

#[tokio::test(start_paused = true)]
async fn rts_10_what_a_supervisor_cannot_bear_its_own_must() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let s = group("s", Strategy::OneForOne, &[a.clone(), b.clone()]).tolerance((1, HOUR));
    let root = root().tolerance((1, HOUR)).child(s);
    let mut story = Story::start(root, "+s/a +s/b +s +.").await;
    for _ in 0..2 {
        a.fails();
    }
    story.told("!s/a +s/a !s/a -s/b !s +s/a +s/b +s").await;
    for _ in 0..2 {
        a.fails();
    }
    // At the root there is nobody left to bear it: the tree is down, and nothing runs on.
    story.ends("!s/a +s/a !s/a -s/b !s !.").await;
    assert_eq!([a.alive(), b.alive()], [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn rts_11_a_restart_that_waits_takes_nothing_from_the_others() {
    let waits = Puppet::new("waits");
    let others = ["a", "b", "c"].map(Puppet::new);
    let root = root()
        .tolerance((100, HOUR))
        .child(waits.worker().backoff(Backoff::constant(HOUR)))
        .children(others.each_ref().map(Puppet::worker));
    let mut story = Story::start(root, "+waits +a +b +c +.").await;
    waits.fails();
    story.told("!waits").await;
    for _ in 0..5 {
        others.iter().for_each(Puppet::fails);
        // One after another, or all at once: each is its own restart.
        story.told("{!a !b !c +a +b +c}").await;
    }
    story.told("+waits").await;
    story.stops_cleanly("-c -b -a -waits -.").await;
}

#[tokio::test(start_paused = true)]
async fn rts_12_a_panic_is_told_with_its_words_and_its_place() {
    let w = Puppet::new("w");
    let child = w.worker().restart(Restart::Temporary);
    let mut story = Story::start(root().child(child), "+w +.").await;
    w.tell(Act::Panic);
    let event = story.next_signed().await;
    let regrow::Change::Failed(ExitReason::Panicked(panic)) = &event.change else {
        panic!("{event}");
    };
    assert_eq!(panic.message(), "died");
    assert!(panic.location().is_some_and(|at| at.contains("puppet.rs")));
    story.stops_cleanly("-.").await;
}
