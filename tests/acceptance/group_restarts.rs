//! One-for-all with permanent children, at the root and below it.

use std::time::Duration;

use regrow::{Change, Restart, Strategy, Supervisor, SupervisorFailure};
use tokio::time::sleep;

use crate::fixtures::{
    FAILING_CHILD, ONE_IN_FIVE, TWO_IN_TEN, below, fail_stop, idle, outspoken, s_gives_up,
};
use crate::puppet::Puppet;
use crate::story::{Story, root};

type Bears = (u32, Duration);

const START: &str = "+child1 +child2 +child3";
const STOP: &str = "-child3 -child2 -child1";
const SECOND_FAILS: &str = "!child2 -child3 -child1";
const THIRD_FAILS: &str = "!child3 -child2 -child1";

/// Three children that stand and fall together.
fn three() -> [Puppet; 3] {
    ["child1", "child2", "child3"].map(Puppet::new)
}

fn group(name: &str, bears: Bears, children: &[Puppet; 3]) -> Supervisor {
    Supervisor::new(name)
        .strategy(Strategy::OneForAll)
        .tolerance(bears)
        .children(children.each_ref().map(Puppet::worker))
}

/// The three in `subtree1`, below a root that bears one.
async fn nested(bears: Bears, children: &[Puppet; 3]) -> Story {
    let root = root()
        .tolerance(ONE_IN_FIVE)
        .child(group("subtree1", bears, children));
    let start = below("subtree1", START);
    Story::start(root, &format!("{start} +subtree1 +.")).await
}

async fn stops_nested(story: Story) {
    let stop = below("subtree1", STOP);
    story.stops_cleanly(&format!("{stop} -subtree1 -.")).await;
}

async fn cap_052_completions() {
    let again = "~child1 -child2 +child1 +child2";
    let with = |bears: Bears, child1: &Puppet| {
        root()
            .strategy(Strategy::OneForAll)
            .tolerance(bears)
            .child(child1.worker())
            .child(idle("child2"))
    };
    let child1 = Puppet::new("child1");
    let three = (3, ONE_IN_FIVE.1);
    let mut story = Story::start(with(three, &child1), "+child1 +child2 +.").await;
    for _ in 0..3 {
        child1.completes();
        story.told(again).await;
    }
    story.stops_cleanly("-child2 -child1 -.").await;

    // Completions count (13.2), so that capataz' default bears one of them.
    let mut story = Story::start(with(ONE_IN_FIVE, &child1), "+child1 +child2 +.").await;
    child1.completes();
    story.told(again).await;
    child1.completes();
    story.ends("~child1 -child2 !.").await;
}

async fn cap_053_one_failure() {
    let children = three();
    let root = group("root", ONE_IN_FIVE, &children);
    let mut story = Story::start(root, &format!("{START} +.")).await;
    children[1].fails();
    story.told(&format!("{SECOND_FAILS} {START}")).await;
    story.stops_cleanly(&format!("{STOP} -.")).await;
}

async fn cap_054_one_failure_in_a_subtree() {
    let children = three();
    let mut story = nested(ONE_IN_FIVE, &children).await;
    children[1].fails();
    let group_restart = format!("{SECOND_FAILS} {START}");
    story.told(&below("subtree1", &group_restart)).await;
    stops_nested(story).await;
}

async fn cap_055_failures_of_several_add_up() {
    let children = three();
    let root = group("root", TWO_IN_TEN, &children);
    let mut story = Story::start(root, &format!("{START} +.")).await;
    children[2].fails();
    story.told(&format!("{THIRD_FAILS} {START}")).await;
    children[1].fails();
    story.told(&format!("{SECOND_FAILS} {START}")).await;
    children[2].fails();
    let exit = story.ends(&format!("{THIRD_FAILS} !.")).await;
    let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
        panic!("{exit}");
    };
    assert_eq!(why.child.to_string(), "root/child3");
    assert_eq!(exit.exit_code(), 1);
}

async fn cap_056_root_absorbs_what_a_subtree_does_not_bear() {
    let children = three();
    let mut story = nested(TWO_IN_TEN, &children).await;
    for (failing, fails) in [(1, SECOND_FAILS), (2, THIRD_FAILS)] {
        children[failing].fails();
        let group_restart = format!("{fails} {START}");
        story.told(&below("subtree1", &group_restart)).await;
    }
    children[1].fails();
    let (fails, start) = (below("subtree1", SECOND_FAILS), below("subtree1", START));
    story
        .told(&format!("{fails} !subtree1 {start} +subtree1"))
        .await;
    stops_nested(story).await;
}

async fn cap_057_failures_far_apart_do_not_add_up() {
    let children = three();
    let us = Duration::from_micros;
    let mut story = nested((1, us(100)), &children).await;
    children[2].fails();
    let first = format!("{THIRD_FAILS} {START}");
    story.told(&below("subtree1", &first)).await;
    sleep(us(300)).await;
    children[1].fails();
    let second = format!("{SECOND_FAILS} {START}");
    story.told(&below("subtree1", &second)).await;
    stops_nested(story).await;
}

async fn cap_058_sibling_that_fails_to_stop() {
    let (child1, say) = outspoken("child1");
    let s = Supervisor::new("s")
        .strategy(Strategy::OneForAll)
        .tolerance(TWO_IN_TEN)
        .child(child1)
        .child(fail_stop("child2", "child2 failed"));
    let start = "+s/child1 +s/child2";
    let root = root().tolerance(ONE_IN_FIVE).child(s);
    let mut story = Story::start(root, &format!("{start} +s +.")).await;
    for words in &FAILING_CHILD[..2] {
        say.send(words).unwrap();
        story.told(&format!("!s/child1 !s/child2 {start}")).await;
    }
    say.send(FAILING_CHILD[2]).unwrap();
    story.told("!s/child1").await;
    // What the sibling failed with is in its own event.
    let sibling = story.next_signed().await;
    let Change::StopFailed(reason) = &sibling.change else {
        panic!("{sibling:?}");
    };
    assert_eq!(sibling.runtime_name.to_string(), "root/s/child2");
    assert!(reason.to_string().contains("child2 failed"), "{reason}");
    s_gives_up(&mut story).await;
    story.told(&format!("{start} +s")).await;
    let exit = story.stops("!s/child2 -s/child1 !s !.").await;
    assert!(exit.to_string().contains("child2 failed"), "{exit}");
}

async fn cap_133_workers_of_a_subtree_together() {
    let children = ["worker-1", "worker-2", "worker-3"].map(Puppet::new);
    let root = root().child(group("s", ONE_IN_FIVE, &children));
    let start = "+s/worker-1 +s/worker-2 +s/worker-3";
    let mut story = Story::start(root, &format!("{start} +s +.")).await;
    children[1].fails();
    let fails = "!s/worker-2 -s/worker-3 -s/worker-1";
    story.told(&format!("{fails} {start}")).await;
    story
        .stops_cleanly("-s/worker-3 -s/worker-2 -s/worker-1 -s -.")
        .await;
}

/// A group of A and B, in which A fails, and all that is told up to its stop.
async fn a_fails(b: Restart, expected: &str, stop: &str) {
    let root = root().strategy(Strategy::OneForAll);
    let mut story = Story::start(root, "+.").await;
    let a = Puppet::new("A");
    story.start_child(a.worker()).await.unwrap();
    story.start_child(idle("B").restart(b)).await.unwrap();
    story.told("+A +B").await;
    a.fails();
    story.told(expected).await;
    story.stops_cleanly(stop).await;
}

async fn cap_232_the_others_are_terminated() {
    // Nothing starts before all have ended (15.3).
    a_fails(Restart::Permanent, "!A -B +A +B", "-B -A -.").await;
}

async fn cap_233_235_temporary_siblings_are_gone() {
    // 15.5: they are stopped and forgotten.
    a_fails(Restart::Temporary, "!A -B +A", "-A -.").await;
}

async fn cap_234_transient_siblings_are_restarted() {
    // There is one order, the declared one (15.2).
    a_fails(Restart::Transient, "!A -B +A +B", "-B -A -.").await;
}

async fn cap_239_sibling_trees() {
    let worker = Puppet::new("worker");
    let tree_1 = Supervisor::new("tree-1")
        .tolerance((1, TWO_IN_TEN.1))
        .child(worker.worker());
    let tree_2 = Supervisor::new("tree-2").child(idle("stable-worker"));
    let root = root()
        .strategy(Strategy::OneForAll)
        .child(tree_1)
        .child(tree_2);
    let one = "+tree-1/worker +tree-1";
    let two = "+tree-2/stable-worker +tree-2";
    let mut story = Story::start(root, &format!("{one} {two} +.")).await;
    worker.fails();
    story.told("!tree-1/worker +tree-1/worker").await;
    worker.fails();
    // Both are down before the first is up again (15.3).
    story
        .told("!tree-1/worker !tree-1 -tree-2/stable-worker -tree-2")
        .await;
    story.told(&format!("{one} {two}")).await;
    story
        .stops_cleanly("-tree-2/stable-worker -tree-2 -tree-1/worker -tree-1 -.")
        .await;
}

async fn cap_417_finished_siblings() {
    let [a, transient, temporary] = ["a", "transient", "temporary"].map(Puppet::new);
    let root = root()
        .strategy(Strategy::OneForAll)
        .child(a.worker())
        .child(transient.worker().restart(Restart::Transient))
        .child(temporary.worker().restart(Restart::Temporary));
    let mut story = Story::start(root, "+a +transient +temporary +.").await;
    transient.completes();
    story.told("~transient").await;
    temporary.completes();
    story.told("~temporary").await;
    // 15.5 and 12.3: one comes back, the other is forgotten.
    a.fails();
    story.told("!a +a +transient").await;
    assert_eq!((transient.begun(), temporary.begun()), (2, 1));
    story.stops_cleanly("-transient -a -.").await;
}

stories! {
    both:
        cap_052_completions,
        cap_053_one_failure,
        cap_054_one_failure_in_a_subtree,
        cap_055_failures_of_several_add_up,
        cap_056_root_absorbs_what_a_subtree_does_not_bear,
        cap_058_sibling_that_fails_to_stop,
        cap_133_workers_of_a_subtree_together,
        cap_232_the_others_are_terminated,
        cap_233_235_temporary_siblings_are_gone,
        cap_234_transient_siblings_are_restarted,
        cap_239_sibling_trees,
        cap_417_finished_siblings;
    paused:
        cap_057_failures_far_apart_do_not_add_up;
}
