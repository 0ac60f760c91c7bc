//! Listeners: several to a tree, each told what it wants.

use regrow::{Filter, Subscription, Supervisor, SupervisorRef, TreeEvent};

use crate::puppet::Puppet;
use crate::story::{Events, Story, bounded, root};

/// A tree of one worker, and what a listener with this filter is told of its first start and its stop.
async fn told(filter: Filter) -> Vec<String> {
    let mut events = None;
    let observe = |from_the_start: Subscription| events = Some(from_the_start.filtered(filter));
    let worker = Puppet::new("w");
    let tree = root().child(worker.worker()).start_observed(observe);
    let tree = bounded(tree).await.unwrap();
    bounded(tree.shutdown()).await;
    Events::new(events.unwrap()).rest().await
}

const EVERYTHING: [&str; 4] = ["+w", "+.", "-w", "-."];

async fn cap_004_and_of_what_is_true() {
    let filter = Filter::all().and(Filter::all()).and(Filter::all());
    assert_eq!(told(filter).await, EVERYTHING);
}

async fn cap_005_and_with_one_that_is_false() {
    let filter = Filter::all().and(Filter::all().not()).and(Filter::all());
    assert!(told(filter).await.is_empty());
}

async fn cap_006_or_of_what_is_false() {
    let none = || Filter::all().not();
    assert!(told(none().or(none()).or(none())).await.is_empty());
}

async fn cap_007_or_with_one_that_is_true() {
    let none = || Filter::all().not();
    let filter = none().or(Filter::all()).or(none());
    assert_eq!(told(filter).await, EVERYTHING);
}

async fn cap_008_not() {
    assert!(told(Filter::all().not()).await.is_empty());
    assert_eq!(told(Filter::all().not().not()).await, EVERYTHING);
}

async fn cap_010_failures() {
    let child = Puppet::new("child1");
    let mut story = Story::start(root().child(child.worker()), "+child1 +.").await;
    let listen = |filter: Filter| Events::new(story.subscribe().filtered(filter));
    let failures = listen(Filter::failures());
    let of_workers = listen(Filter::failures().and(Filter::workers()));
    let of_supervisors = listen(Filter::failures().and(Filter::supervisors()));
    child.fails();
    story.told("!child1 +child1").await;
    story.stops_cleanly("-child1 -.").await;
    assert_eq!(failures.rest().await, ["!child1"]);
    assert_eq!(of_workers.rest().await, ["!child1"]);
    assert!(of_supervisors.rest().await.is_empty());
}

/// branch0 with branch00 and a child0 of its own, and branch1.
fn branches() -> Supervisor {
    let idle = |name: &str| Puppet::new(name).worker();
    let branch00 = Supervisor::new("branch00").child(idle("child0"));
    let branch0 = Supervisor::new("branch0")
        .child(branch00)
        .child(idle("child0"));
    let branch1 = Supervisor::new("branch1").child(idle("child2"));
    root().child(branch0).child(branch1)
}

const BRANCHES_START: &str = "+branch0/branch00/child0 +branch0/branch00 +branch0/child0 +branch0 +branch1/child2 +branch1 +.";
const BRANCHES_STOP: &str = "-branch1/child2 -branch1 -branch0/child0 -branch0/branch00/child0 -branch0/branch00 -branch0 -.";

/// What a listener with this filter is told of the branches, from their start to their end.
async fn told_of_branches(filter: Filter) -> Vec<String> {
    let mut events = None;
    let observe = |from_the_start: Subscription| events = Some(from_the_start.filtered(filter));
    let tree = bounded(branches().start_observed(observe)).await.unwrap();
    bounded(tree.shutdown()).await;
    Events::new(events.unwrap()).rest().await
}

async fn cap_011_names_by_their_end() {
    let story = Story::start(branches(), BRANCHES_START).await;
    story.stops_cleanly(BRANCHES_STOP).await;
    let nested = ["+branch0/branch00/child0", "-branch0/branch00/child0"];
    let told = told_of_branches(Filter::ends_with("branch00/child0")).await;
    assert_eq!(told, nested);
    assert!(
        told_of_branches(Filter::ends_with("0/child0"))
            .await
            .is_empty()
    );
}

async fn cap_324_several_listeners() {
    let child = Puppet::new("child0");
    let story = Story::start(root().child(child.worker()), "+child0 +.").await;
    let one = Events::new(story.subscribe());
    let other = Events::new(story.subscribe());
    story.stops_cleanly("-child0 -.").await;
    assert_eq!(one.rest().await, ["-child0", "-."]);
    assert_eq!(other.rest().await, ["-child0", "-."]);
}

/// The listener of a subtree; its supervisor is of it, with its stop too.
async fn cap_325_listener_of_a_subtree() {
    let told = told_of_branches(Filter::in_subtree("root/branch1")).await;
    let expected = ["+branch1/child2", "+branch1", "-branch1/child2", "-branch1"];
    assert_eq!(told, expected);
}

async fn cap_433_subtree_is_no_prefix_of_a_string() {
    let idle = |name: &str| Puppet::new(name).worker();
    let branch = |name: &str| Supervisor::new(name).child(idle("w"));
    let mut story = Story::start(
        root().child(branch("branch0")).child(branch("branch00")),
        "+branch0/w +branch0 +branch00/w +branch00 +.",
    )
    .await;
    let filter = Filter::in_subtree("root/branch0");
    let events = Events::new(story.subscribe().filtered(filter));
    kill(&story, "branch00/w");
    story.told("!branch00/w +branch00/w").await;
    kill(&story, "branch0/w");
    story.told("!branch0/w +branch0/w").await;
    story
        .stops_cleanly("-branch00/w -branch00 -branch0/w -branch0 -.")
        .await;
    let expected = ["!branch0/w", "+branch0/w", "-branch0/w", "-branch0"];
    assert_eq!(events.rest().await, expected);
}

fn kill(supervisor: &SupervisorRef, path: &str) {
    supervisor.kill(path).unwrap();
}

async fn filter_is_asked_about_an_event_too() {
    let story = Story::start(branches(), BRANCHES_START).await;
    let mut events = story.subscribe().filtered(Filter::failures());
    kill(&story, "branch1/child2");
    let event: TreeEvent = bounded(events.next()).await.unwrap().unwrap();
    assert!(event.is_failure() && Filter::workers().matches(&event));
    assert!(Filter::in_subtree("root").matches(&event));
    assert!(!Filter::in_subtree("root/branch").matches(&event));
    let (tree, _) = story.into_parts();
    bounded(tree.shutdown()).await;
}

stories! {
    both:
        cap_004_and_of_what_is_true,
        cap_005_and_with_one_that_is_false,
        cap_006_or_of_what_is_false,
        cap_007_or_with_one_that_is_true,
        cap_008_not,
        cap_010_failures,
        cap_011_names_by_their_end,
        cap_324_several_listeners,
        cap_325_listener_of_a_subtree,
        cap_433_subtree_is_no_prefix_of_a_string,
        filter_is_asked_about_an_event_too;
}
