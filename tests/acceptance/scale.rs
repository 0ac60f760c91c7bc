//! Many children: what is counted is counted right, and costs what it must.

use std::collections::BTreeSet;

use regrow::{Change, DynamicSupervisor, Restart, Supervisor, Worker};
use tokio::time::sleep;

use crate::puppet::Puppet;
use crate::story::{SECOND, Story, parts, root};

fn idle(name: &str) -> Worker {
    Worker::new(name, |context| async move { context.stopped().await }).restart(Restart::Temporary)
}

async fn with_room_for(events: usize) -> Story {
    let root = root()
        .event_capacity(events)
        .child(DynamicSupervisor::new("d"));
    Story::start(root, "+d +.").await
}

async fn sup_112_count_children() {
    let mut story = with_room_for(1 << 14).await;
    let d = story.dynamic("d").unwrap();
    let template = idle("template").build().unwrap();
    for thousands in 1..=2 {
        for _ in 0..1000 {
            d.start_numbered(&template).await.unwrap();
        }
        let count = 1000 * thousands;
        for _ in 0..3 {
            assert_eq!(d.children().len(), count);
            assert_eq!(parts(d.count()), [count, count, 0, count]);
        }
    }
    let mut names = BTreeSet::new();
    for child in d.children() {
        d.kill(child.name.as_str()).unwrap();
        names.insert(child.runtime_name);
    }
    while !names.is_empty() {
        let event = story.next().await;
        if matches!(event.change, Change::Failed(_)) {
            assert!(names.remove(&event.runtime_name), "{event:?}");
        }
    }
    assert!(d.terminate_child("nobody").await.is_err());
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    story.stops_cleanly("-d -.").await;
}

async fn sup_113_count_children_supervisor() {
    let story = with_room_for(1 << 14).await;
    let d = story.dynamic("d").unwrap();
    let template = Supervisor::new("template").restart(Restart::Temporary);
    let template = template.build().unwrap();
    for thousands in 1..=2 {
        for _ in 0..1000 {
            d.start_numbered(&template).await.unwrap();
        }
        let count = 1000 * thousands;
        assert_eq!(parts(d.count()), [count, count, count, 0]);
    }
    for child in d.children() {
        d.terminate_child(child.name.as_str()).await.unwrap();
    }
    assert_eq!(parts(d.count()), [0, 0, 0, 0]);
    let (tree, _events) = story.into_parts();
    assert!(tree.shutdown().await.is_orderly());
}

async fn sup_114_count_restarting_children() {
    let d = DynamicSupervisor::new("d").tolerance((20, 10 * SECOND));
    let mut story = Story::start(root().child(d), "+d +.").await;
    let d = story.dynamic("d").unwrap();
    let children = ["1", "2", "3"].map(|name| Puppet::new(name).flagged());
    for child in &children {
        d.start_child(child.worker()).await.unwrap();
    }
    story.told("+d/1 +d/2 +d/3").await;
    for child in &children {
        child.fails();
    }
    story.told("{!d/1 !d/2 !d/3 +d/1 +d/2 +d/3}").await;
    assert_eq!(parts(d.count()), [3, 3, 0, 3]);

    for child in &children[..2] {
        child.flag(true);
        child.fails();
    }
    sleep(4 * SECOND + SECOND / 2).await;
    assert_eq!(parts(d.count()), [3, 1, 0, 3]);
    story.told("{!d/1 !d/2} {xd/1 xd/2} {xd/1 xd/2}").await;

    for child in &children {
        child.flag(false);
    }
    sleep(4 * SECOND).await;
    assert_eq!(parts(d.count()), [3, 3, 0, 3]);
    story.told("{xd/1 xd/2 +d/1 +d/2}").await;
    for (left, name) in [(2, "1"), (1, "2"), (0, "3")] {
        d.terminate_child(name).await.unwrap();
        assert_eq!(parts(d.count()), [left, left, 0, left]);
    }
    story.stops_cleanly("-d/1 -d/2 -d/3 -d -.").await;
}

/// How many events it takes to start and terminate this many children.
async fn events_of(count: usize, dynamic: bool) -> u64 {
    let mut story = with_room_for(6 * count).await;
    let d = story.dynamic("d").unwrap();
    let mut last = 0;
    let names: Vec<_> = (0..count).map(|number| format!("c{number}")).collect();
    for name in &names {
        if dynamic {
            d.start_child(idle(name)).await.unwrap();
        } else {
            story.start_child(idle(name)).await.unwrap();
        }
    }
    for name in &names {
        if dynamic {
            d.terminate_child(name).await.unwrap();
        } else {
            story.terminate_child(name).await.unwrap();
        }
    }
    assert_eq!(d.count().specs + story.count().specs, 1);
    let mut stopped = 0;
    let mut first = None;
    while stopped < count {
        let event = story.next().await;
        first.get_or_insert(event.sequence);
        last = event.sequence;
        stopped += usize::from(matches!(event.change, Change::Stopped));
    }
    let (tree, _events) = story.into_parts();
    assert!(tree.shutdown().await.is_orderly());
    last - first.unwrap_or_default()
}

/// No test fails on a timing: that a row costs the same among many is counted in the engine's own tests; here, that
/// nothing is told more often.
async fn sup_117_simple_one_for_one_scale_many_temporary_children() {
    let (few, many) = (events_of(1_000, true).await, events_of(10_000, true).await);
    assert!(many <= 10 * (few + 10), "{few} events, then {many}");
}

async fn sup_123_scale_start_stop_many_children() {
    let (few, many) = (
        events_of(1_000, false).await,
        events_of(10_000, false).await,
    );
    assert!(many <= 10 * (few + 10), "{few} events, then {many}");
}

stories! {
    both:
        sup_112_count_children,
        sup_113_count_children_supervisor,
        sup_117_simple_one_for_one_scale_many_temporary_children,
        sup_123_scale_start_stop_many_children;
    paused:
        sup_114_count_restarting_children;
}
