//! Supervisors that start their children from the right (semantics 5).

use regrow::{StartOrder, Strategy, Supervisor};

use crate::fixtures::idle;
use crate::puppet::Puppet;
use crate::story::{HOUR, Story};

stories! {
    both: cap_040_dyn_start_multiple_children_right_to_left, a_tree_starts_from_the_right,
    a_group_restarts_from_the_right, the_rest_stands_to_the_left;
}

fn from_the_right() -> Supervisor {
    let root = Supervisor::new("root").tolerance((5, HOUR));
    root.start_order(StartOrder::RightToLeft)
}

async fn cap_040_dyn_start_multiple_children_right_to_left() {
    let mut story = Story::start(from_the_right(), "+.").await;
    for name in ["child0", "child1", "child2"] {
        story.start_child(idle(name)).await.unwrap();
    }
    story.told("+child0 +child1 +child2").await;
    story.stops_cleanly("-child0 -child1 -child2 -.").await;
}

async fn a_tree_starts_from_the_right() {
    let root = from_the_right().children(["a", "b", "c"].map(idle));
    let mut story = Story::start(root, "+c +b +a +.").await;
    let names = story.children().into_iter().map(|child| child.name);
    assert_eq!(
        names.map(|name| name.to_string()).collect::<String>(),
        "abc"
    );
    story.start_child(idle("d")).await.unwrap();
    story.told("+d").await;
    story.stops_cleanly("-a -b -c -d -.").await;
}

async fn a_group_restarts_from_the_right() {
    let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
    let root = from_the_right()
        .strategy(Strategy::OneForAll)
        .children([&a, &b, &c].map(Puppet::worker));
    let mut story = Story::start(root, "+c +b +a +.").await;
    story.start_child(idle("d")).await.unwrap();
    story.told("+d").await;
    b.fails();
    story.told("!b -a -c -d +d +c +b +a").await;
    story.stops_cleanly("-a -b -c -d -.").await;
}

async fn the_rest_stands_to_the_left() {
    let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
    let root = from_the_right()
        .strategy(Strategy::RestForOne)
        .children([&a, &b, &c].map(Puppet::worker));
    let mut story = Story::start(root, "+c +b +a +.").await;
    b.fails();
    story.told("!b -a +b +a").await;
    story.stops_cleanly("-a -b -c -.").await;
}
