//! The catalogue of runnables on what is seen from outside.

use std::collections::BTreeSet;

use regrow::{Backoff, Change, ChildState, ExitReason, Snapshot};
use tokio::time::sleep;

use crate::branching::{branch, open, spec};
use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, bounded, root};

stories! {
    both:
        mon_71_removed_nodes,
        mon_73_the_first_transition,
        mon_75_typed_reasons;
    paused:
        mon_67_three_nodes,
        mon_68_the_state_during_a_backoff;
}

/// `root Up, root/one Up`.
fn drawn(snapshot: &Snapshot) -> String {
    let below = snapshot.children.iter().map(drawn);
    let own = format!("{} {:?}", snapshot.name, snapshot.state);
    let all: Vec<_> = [own].into_iter().chain(below).collect();
    all.join(", ")
}

async fn mon_67_three_nodes() {
    let (puppet, two) = (Puppet::new("one"), Puppet::new("two").asking());
    let (one, mut contexts) = open(&puppet);
    let one = one.backoff(Backoff::constant(SECOND));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    ctx.run(two.worker()).await.unwrap();
    two.answer(Act::Complete).await;
    story.told("+one/two").await;
    assert_eq!(drawn(&story.snapshot()), "root Up, one Up, two Up");

    puppet.fails();
    story.told("-one/two !one").await;
    assert_eq!(drawn(&story.snapshot()), "root Up, one Restarting");

    story.told("+one").await;
    let ctx = contexts.next().await;
    ctx.run(two.worker()).await.unwrap();
    two.asked().await;
    assert_eq!(drawn(&story.snapshot()), "root Up, one Up, two Starting");

    two.tell(Act::Complete);
    story.told("+one/two").await;
    ctx.done().unwrap();
    puppet.completes();
    sleep(SECOND).await;
    assert_eq!(drawn(&story.snapshot()), "root Up, one Up, two Up");
    story.stops_cleanly("-one/two -one -.").await;
}

async fn mon_68_the_state_during_a_backoff() {
    let w = Puppet::new("w").asking();
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let slow = w.worker().backoff(Backoff::constant(10 * SECOND));
    let w_ref = ctx.run(slow).await.unwrap();
    assert_eq!(w_ref.state(), ChildState::Starting);
    w.answer(Act::Complete).await;
    story.told("+one/w").await;
    w.fails();
    story.told("!one/w").await;
    sleep(9 * SECOND).await;
    assert_eq!((w_ref.state(), w.begun()), (ChildState::Restarting, 1));
    w.asked().await;
    assert_eq!(w_ref.state(), ChildState::Starting);
    w.tell(Act::Complete);
    story.told("+one/w").await;
    assert_eq!(w_ref.state(), ChildState::Up);
    story.stops_cleanly("-one/w -one -.").await;
}

/// A thousand lives, each with children in names of its own.
async fn mon_71_removed_nodes() {
    const LIVES: usize = 1000;
    let puppet = Puppet::new("one");
    let (one, mut contexts) = open(&puppet);
    let tree = root().tolerance((2000, SECOND * 9000));
    let mut story = Story::start(tree.event_capacity(1 << 14).child(one), "+one +.").await;
    let mut there = BTreeSet::new();
    for life in 0..LIVES {
        let ctx = contexts.next().await;
        let group = [format!("a{life}"), format!("b{life}")];
        let children = ctx.run_group(group.each_ref().map(|name| idle(name)));
        children.await.unwrap();
        assert_eq!(story.snapshot().runtime_names().len(), 4);
        puppet.fails();
        loop {
            let event = story.next().await;
            let name = event.runtime_name.to_string();
            match event.change {
                Change::Starting if name.starts_with("root/one/") => {
                    assert!(there.insert(name));
                }
                Change::Removed => assert!(there.remove(&name), "{name}"),
                // What it had is told before the end that it is removed by.
                Change::Failed(_) => break assert!(there.is_empty(), "{there:?}"),
                _ => {}
            }
        }
    }
    contexts.next().await;
    assert_eq!(story.snapshot().runtime_names().len(), 2);
    let (tree, _events) = story.into_parts();
    assert!(bounded(tree.shutdown()).await.is_orderly());
}

async fn mon_73_the_first_transition() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    assert!(story.child("one/a").is_err());
    let ctx = contexts.next().await;
    let a = ctx.run(idle("a")).await.unwrap();
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = story.next().await;
        assert_eq!(event.runtime_name, "root/one/a");
        told.push(event.change);
    }
    assert!(
        matches!(told[..], [Change::Starting, Change::Started]),
        "{told:?}"
    );
    assert_eq!((a.state(), a.restarts()), (ChildState::Up, 0));
    story.stops_cleanly("-one/a -one -.").await;
}

async fn mon_75_typed_reasons() {
    let w = Puppet::new("w");
    let one = branch(&Puppet::new("one"), [vec![spec(w.worker())]]);
    let one = one.tolerance((9, SECOND * 3600));
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/w}").await;
    let mut reasons = Vec::new();
    for act in [Some(Act::Fail), Some(Act::Panic), None] {
        match act {
            Some(act) => w.tell(act),
            None => story.kill("one/w").unwrap(),
        }
        match story.next_signed().await.change {
            Change::Failed(reason) => reasons.push(reason),
            other => panic!("{other:?}"),
        }
        story.told("+one/w").await;
    }
    let [
        ExitReason::Failed(error),
        ExitReason::Panicked(panic),
        ExitReason::Killed,
    ] = &reasons[..]
    else {
        panic!("{reasons:?}");
    };
    assert_eq!(
        (error.to_string(), panic.message()),
        ("died".into(), "died")
    );
    assert!(panic.backtrace().is_some());
    w.completes();
    let completed = story.next_signed().await;
    assert!(matches!(completed.change, Change::Completed), "{completed}");
    story.told("+one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}
