//! Supervisors as children.

use regrow::{ChildSpec, Restart, Strategy, Supervisor};

use crate::puppet::Puppet;
use crate::story::{HOUR, Story, counts, root};

/// The top of SUP-083: A with two workers, B and C empty, C transient and terminated.
async fn tree(a: &[Puppet; 2]) -> Story {
    let sub = |name: &str| Supervisor::new(name).tolerance((2, HOUR));
    let root = root()
        .strategy(Strategy::OneForAll)
        .tolerance((4, HOUR))
        .child(sub("A").children(a.each_ref().map(Puppet::worker)))
        .child(sub("B"))
        .child(sub("C").restart(Restart::Transient));
    let mut story = Story::start(root, "+A/c1 +A/c2 +A +B +C +.").await;
    story.terminate_child("C").await.unwrap();
    story.told("-C").await;
    story
}

fn sub_counts(story: &Story, path: &str) -> [usize; 4] {
    counts(&story.supervisor(path).unwrap())
}

async fn sup_083_tree() {
    let story = tree(&["c1", "c2"].map(Puppet::new)).await;
    assert_eq!(counts(&story), [3, 2, 3, 0]);
    assert_eq!(sub_counts(&story, "A"), [2, 2, 0, 2]);
    assert_eq!(sub_counts(&story, "B"), [0, 0, 0, 0]);
    story.stops_cleanly("-B -A/c2 -A/c1 -A -.").await;
}

async fn sup_084_085_tree() {
    let a = ["c1", "c2"].map(Puppet::new);
    let mut story = tree(&a).await;
    let (c3, c4) = (Puppet::new("c3").failing_later(), Puppet::new("c4"));
    let b = story.supervisor("B").unwrap();
    let specs: [ChildSpec; 2] = [&c3, &c4].map(|c| c.worker().build().unwrap());
    for spec in &specs {
        b.start_child(spec).await.unwrap();
    }
    c4.fails();
    story.told("+B/c3 +B/c4 !B/c4 +B/c4").await;
    assert_eq!(a.each_ref().map(Puppet::begun), [1, 1]);
    assert_eq!(sub_counts(&story, "A"), [2, 2, 0, 2]);
    assert_eq!(sub_counts(&story, "B"), [2, 2, 0, 2]);

    // B has one restart left, and gives up.
    c3.fails();
    story
        .told("!B/c3 xB/c3 -B/c4 !B -A/c2 -A/c1 -A +A/c1 +A/c2 +A +B")
        .await;
    // C was terminated by the user and stays so (15.5); what was added to B went with it (4.2).
    assert_eq!(counts(&story), [3, 2, 3, 0]);
    assert_eq!(sub_counts(&story, "A"), [2, 2, 0, 2]);
    assert_eq!(sub_counts(&story, "B"), [0, 0, 0, 0]);
    assert_eq!(a.each_ref().map(Puppet::begun), [2, 2]);
    story.stops_cleanly("-B -A/c2 -A/c1 -A -.").await;
}

stories! {
    both:
        sup_083_tree,
        sup_084_085_tree;
}
