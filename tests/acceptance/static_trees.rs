//! Trees that are declared as a whole: how they start, how they stop, and which names they have.

use std::time::Duration;

use regrow::{
    Change, ExitReason, Restart, StartError, StartFailure, Supervisor, SupervisorRef, Worker,
};
use tokio::time::Instant;

use crate::fixtures::{below, fail_start, fail_stop, idle};
use crate::puppet::Puppet;
use crate::story::{HOUR, SECOND, Story, bounded, root, says};

const BRANCH0: &str = "+branch0/child0 +branch0/child1 +branch0";
const BRANCH0_STOPS: &str = "-branch0/child1 -branch0/child0 -branch0";

/// branch0 with two idle children, and branch1 with these.
fn branches(children: impl IntoIterator<Item = Worker>) -> Supervisor {
    let branch0 = Supervisor::new("branch0").children(["child0", "child1"].map(idle));
    root()
        .child(branch0)
        .child(Supervisor::new("branch1").children(children))
}

/// Idle workers, from their start to their stop.
async fn workers(names: &[&str]) {
    let root = root().children(names.iter().map(|name| idle(name)));
    let signs = |sign: char, names: &mut dyn Iterator<Item = &&str>| {
        names
            .map(|name| format!("{sign}{name} "))
            .collect::<String>()
            + &format!("{sign}.")
    };
    let story = Story::start(root, &signs('+', &mut names.iter())).await;
    story
        .stops_cleanly(&signs('-', &mut names.iter().rev()))
        .await;
}

async fn cap_073_117_319_one_worker() {
    workers(&["one"]).await;
}

async fn cap_118_320_three_workers() {
    workers(&["worker1", "worker2", "worker3"]).await;
}

async fn cap_076_nested_supervisors() {
    let root = branches(["child2", "child3"].map(idle));
    let told = format!("{BRANCH0} +branch1/child2 +branch1/child3 +branch1 +.");
    let story = Story::start(root, &told).await;
    story
        .stops_cleanly(&format!(
            "-branch1/child3 -branch1/child2 -branch1 {BRANCH0_STOPS} -."
        ))
        .await;
}

async fn cap_077_child_that_fails_to_start() {
    let child4 = Puppet::new("child4");
    let root = branches([
        fail_stop("child2", "child2 failed"),
        fail_start("child3"),
        child4.worker(),
    ]);
    let told = format!(
        "{BRANCH0} +branch1/child2 xbranch1/child3 !branch1/child2 xbranch1 {BRANCH0_STOPS} x."
    );
    let error = Story::fails(root, &told).await;
    assert_eq!(child4.begun(), 0);
    let StartError::Child {
        supervisor,
        child,
        cause: StartFailure::Failed(inner),
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        (supervisor.to_string(), child.to_string()),
        ("root".into(), "root/branch1".into())
    );
    let Some(StartError::Child {
        child,
        cause,
        report,
        ..
    }) = inner.find()
    else {
        panic!("{error:?}");
    };
    assert_eq!(child.to_string(), "root/branch1/child3");
    assert!(says(cause, "FailStartWorker child3"), "{cause:?}");
    // What else went wrong (5.2).
    let [sibling] = report.troubled() else {
        panic!("{report}");
    };
    assert_eq!(sibling.runtime_name.to_string(), "root/branch1/child2");
    assert!(error.to_string().contains("child2 failed"), "{error}");
}

async fn cap_079_child_that_does_not_stop() {
    let never = Puppet::new("child2");
    let time = Duration::from_millis(10);
    let root = branches([never.worker().shutdown(time), idle("child3")]);
    let told = format!("{BRANCH0} +branch1/child2 +branch1/child3 +branch1 +.");
    let story = Story::start(root, &told).await;
    never.hangs().await;
    let began = Instant::now();
    let exit = story
        .stops(&format!(
            "-branch1/child3 !branch1/child2 !branch1 {BRANCH0_STOPS} !."
        ))
        .await;
    assert_eq!(began.elapsed(), time);
    assert_eq!(never.alive(), 0);
    let troubled = exit.report().troubled();
    let names: Vec<_> = troubled
        .iter()
        .map(|life| life.runtime_name.to_string())
        .collect();
    assert_eq!(names, ["root/branch1/child2", "root/branch1"]);
    let reason = &troubled[0].reason;
    assert!(matches!(reason, ExitReason::Killed), "{reason}");
}

async fn cap_080_asked_to_stop_twice() {
    let story = Story::start(root().child(idle("one")), "+one +.").await;
    let reference = SupervisorRef::clone(&story);
    reference.shutdown();
    reference.shutdown();
    story.stops_cleanly("-one -.").await;
    // And once more, when it has ended.
    reference.shutdown();
}

async fn cap_081_child_that_fails_to_stop() {
    let child1 = fail_stop("child1", "child1 failed");
    let root = root()
        .child(idle("child0"))
        .child(child1)
        .child(idle("child2"));
    let story = Story::start(root, "+child0 +child1 +child2 +.").await;
    let exit = story.stops("-child2 !child1 -child0 !.").await;
    let [troubled] = exit.report().troubled() else {
        panic!("{exit}");
    };
    assert_eq!(troubled.runtime_name.to_string(), "root/child1");
    let ExitReason::Failed(error) = &troubled.reason else {
        panic!("{exit}");
    };
    assert_eq!(error.to_string(), "child1 failed");
}

async fn cap_082_deep_names() {
    let mut tree = Supervisor::new("b").child(idle("a"));
    for name in 'c'..='z' {
        tree = Supervisor::new(name).child(tree);
    }
    // From the leaf up: z/y/../b/a, z/y/../b, .., z.
    let path: Vec<String> = ('a'..='z').rev().map(String::from).collect();
    let lines = |sign: &str| {
        let inside_out = (1..=path.len()).rev();
        let signs = inside_out.map(|depth| format!("{sign}{} ", path[..depth].join("/")));
        signs.collect::<String>() + &format!("{sign}.")
    };
    assert!(lines("+").starts_with("+z/y/x/"));
    let story = Story::start(root().child(tree), &lines("+")).await;
    story.stops_cleanly(&lines("-")).await;
}

async fn cap_119_worker_that_fails_to_start() {
    let worker4 = Puppet::new("worker4");
    let root = root()
        .child(idle("worker1"))
        .child(idle("worker2"))
        .child(fail_start("worker3"))
        .child(worker4.worker());
    let told = "+worker1 +worker2 xworker3 -worker2 -worker1 x.";
    let error = Story::fails(root, told).await;
    let StartError::Child {
        supervisor, child, ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(supervisor.to_string(), "root");
    assert_eq!(child.to_string(), "root/worker3");
    assert!(says(&error, "FailStartWorker worker3"), "{error:?}");
    assert_eq!(worker4.begun(), 0);
}

async fn cap_123_three_levels() {
    let subtree = |name: &str, leaf: &str| {
        let leaves = (1..=3).map(|n| Supervisor::new(format!("{leaf}{n}")).child(idle("worker")));
        Supervisor::new(name).children(leaves)
    };
    let root = root().children((1..=3).map(|n| subtree(&format!("top{n}"), "leaf")));
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for n in 1..=3 {
        for leaf in (1..=3).map(|leaf| format!("top{n}/leaf{leaf}")) {
            up.push(format!("+{leaf}/worker +{leaf}"));
        }
        up.push(format!("+top{n}"));
    }
    for n in (1..=3).rev() {
        for leaf in (1..=3).rev().map(|leaf| format!("top{n}/leaf{leaf}")) {
            down.push(format!("-{leaf}/worker -{leaf}"));
        }
        down.push(format!("-top{n}"));
    }
    let (up, down) = (up.join(" ") + " +.", down.join(" ") + " -.");
    assert_eq!(format!("{up} {down}").split_whitespace().count(), 44);
    let story = Story::start(root, &up).await;
    story.stops_cleanly(&down).await;
}

async fn cap_126_stays_up_without_children() {
    let one = Puppet::new("one");
    let temporary = one.worker().restart(Restart::Temporary);
    let mut story = Story::start(root().child(temporary), "+one +.").await;
    one.completes();
    story.told("~one").await;
    // 19.1
    story.quiet(HOUR).await;
    story.stops_cleanly("-.").await;
}

async fn cap_201_empty_root() {
    let story = Story::start(root(), "+.").await;
    let mut events = story.subscribe();
    story.stops_cleanly("-.").await;
    let mut last = async || bounded(events.next()).await.unwrap().unwrap().change;
    assert!(matches!(last().await, Change::Stopping));
    assert!(matches!(last().await, Change::Stopped));
    assert!(bounded(events.next()).await.is_none());
}

async fn cap_237_two_trees() {
    let tree = |n: u32| {
        let children = ["A", "B"].map(|name| idle(&format!("{n}-{name}")));
        Supervisor::new(format!("tree-{n}")).children(children)
    };
    let up = |n: u32| {
        let children = below(&format!("tree-{n}"), &format!("+{n}-A +{n}-B"));
        format!("{children} +tree-{n}")
    };
    let down = |n: u32| {
        let children = below(&format!("tree-{n}"), &format!("-{n}-B -{n}-A"));
        format!("{children} -tree-{n}")
    };
    let root = root().child(tree(1)).child(tree(2));
    let story = Story::start(root, &format!("{} {} +.", up(1), up(2))).await;
    // The last first, on every level (7.1).
    story
        .stops_cleanly(&format!("{} {} -.", down(2), down(1)))
        .await;
}

async fn cap_321_second_of_two_fails_to_start() {
    let root = root().child(idle("one")).child(fail_start("two"));
    let error = Story::fails(root, "+one xtwo -one x.").await;
    assert!(says(&error, "FailStartWorker two"), "{error:?}");
}

async fn cap_322_third_of_three_is_not_up_in_time() {
    let three = Puppet::new("three").asking().worker().start_timeout(SECOND);
    let root = root().children(["one", "two"].map(idle)).child(three);
    let began = Instant::now();
    let error = Story::fails(root, "+one +two xthree -two -one x.").await;
    assert_eq!(began.elapsed(), SECOND);
    let StartError::Child { cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(cause, StartFailure::TimedOut(_)), "{error:?}");
}

async fn cap_437_one_spec_started_twice() {
    let w = Puppet::new("w");
    let spec = Supervisor::new("sub").child(w.worker()).build().unwrap();
    let tree = |spec| Story::start(root().child(spec), "+sub/w +sub +.");
    let (mut first, second) = tokio::join!(tree(&spec), tree(&spec));
    assert_eq!(w.alive(), 2);
    first.kill("sub/w").unwrap();
    first.told("!sub/w +sub/w").await;
    first.stops_cleanly("-sub/w -sub -.").await;
    // The other one noticed nothing.
    assert_eq!((w.begun(), w.alive()), (3, 1));
    second.stops_cleanly("-sub/w -sub -.").await;
}

stories! {
    both:
        cap_073_117_319_one_worker,
        cap_076_nested_supervisors,
        cap_077_child_that_fails_to_start,
        cap_080_asked_to_stop_twice,
        cap_081_child_that_fails_to_stop,
        cap_082_deep_names,
        cap_118_320_three_workers,
        cap_119_worker_that_fails_to_start,
        cap_123_three_levels,
        cap_201_empty_root,
        cap_237_two_trees,
        cap_321_second_of_two_fails_to_start,
        cap_437_one_spec_started_twice;
    paused:
        cap_079_child_that_does_not_stop,
        cap_126_stays_up_without_children,
        cap_322_third_of_three_is_not_up_in_time;
}
