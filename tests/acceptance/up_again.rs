//! Waiting for a child to be up, or up again.

use std::pin::pin;
use std::task::Poll;

use regrow::{
    Backoff, Change, ChildRef, DynamicSupervisor, Incarnation, Restart, Supervisor, UpError,
};
use tokio::sync::oneshot;

use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, bounded, root};

async fn up(child: &ChildRef) -> Incarnation {
    bounded(child.up()).await.expect("it comes up")
}

async fn up_after(child: &ChildRef, life: Incarnation) -> Incarnation {
    let later = bounded(child.up_after(life)).await.expect("it regrows");
    assert!(later > life);
    later
}

/// That `child` never comes up again is told, whoever asks when.
async fn is_forgotten(child: &ChildRef) {
    let error = bounded(child.up()).await.unwrap_err();
    assert_eq!(
        error,
        UpError::Forgotten {
            child: child.runtime_name()
        }
    );
}

async fn child_that_regrows_is_waited_for() {
    let a = Puppet::new("a");
    let worker = a.worker().backoff(Backoff::constant(SECOND));
    let mut story = Story::start(root().child(worker), "+a +.").await;
    let child = story.child("a").unwrap();
    let first = up(&child).await;
    // A wait that is dropped loses nothing, and all who wait are told.
    let mut dropped = Box::pin(child.up_after(first));
    let polled = std::future::poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx))).await;
    assert!(polled.is_pending());
    drop(dropped);
    a.fails();
    let (second, also) = tokio::join!(up_after(&child, first), up_after(&child, first));
    assert_eq!(second, also);
    assert_eq!(up(&child).await, second);
    story.told("!a +a").await;
    story.kill("a").unwrap();
    up_after(&child, second).await;
    story.told("!a +a").await;
    story.stops_cleanly("-a -.").await;
}

/// 26.2: who is told finds the event published.
async fn event_is_published_before_who_waits_is_told() {
    let a = Puppet::new("a");
    let (tree, _) = Story::start(root().child(a.worker()), "+a +.")
        .await
        .into_parts();
    let child = tree.child("a").unwrap();
    let before = up(&child).await;
    let mut events = tree.subscribe();
    a.fails();
    let after = up_after(&child, before).await;
    let mut next = async || {
        let mut event = pin!(events.next());
        std::future::poll_fn(|cx| Poll::Ready(event.as_mut().poll(cx))).await
    };
    loop {
        let Poll::Ready(Some(Ok(event))) = next().await else {
            panic!("not published yet");
        };
        if event.incarnation == Some(after) && matches!(event.change, Change::Started) {
            break;
        }
    }
    assert!(bounded(tree.shutdown()).await.is_orderly());
}

async fn start_that_takes_long_is_waited_for() {
    let a = Puppet::new("a").asking();
    let mut story = Story::start(root(), "+.").await;
    let spec = a.worker();
    let starts = async {
        a.asked().await;
        let child = story.child("a").unwrap();
        a.tell(Act::Complete);
        up(&child).await;
    };
    let (started, ()) = tokio::join!(story.start_child(spec), starts);
    started.unwrap();
    story.told("+a").await;
    story.stops_cleanly("-a -.").await;
}

/// Who waits for a child that is down may wait for long: until somebody starts it, or forgets it.
async fn child_that_is_down_is_waited_for() {
    let story = Story::start(root().child(idle("a")), "+a +.").await;
    let child = story.child("a").unwrap();
    let first = up(&child).await;
    story.terminate_child("a").await.unwrap();
    let restart = async { story.restart_child("a").await.unwrap() };
    tokio::join!(up_after(&child, first), restart);
    story.terminate_child("a").await.unwrap();
    let delete = async { story.delete_child("a").await.unwrap() };
    tokio::join!(is_forgotten(&child), delete);
    is_forgotten(&child).await;
    // One that takes its name is another child.
    story.start_child(idle("a")).await.unwrap();
    is_forgotten(&child).await;
    story.stops_cleanly("-a +a -a +a -a -.").await;
}

async fn temporary_child_that_ends_is_forgotten() {
    let a = Puppet::new("a");
    let mut story = Story::start(root(), "+.").await;
    let worker = a.worker().restart(Restart::Temporary);
    let child = story.start_child(worker).await.unwrap();
    let first = up(&child).await;
    a.completes();
    let error = bounded(child.up_after(first)).await.unwrap_err();
    assert!(error.to_string().contains("root/a is forgotten"), "{error}");
    story.told("+a ~a").await;
    story.stops_cleanly("-.").await;
}

/// A declared child comes back with its supervisor, one that was added does not.
async fn restarts_of_supervisors_above_are_waited_for() {
    let sub = Supervisor::new("sub").child(idle("a"));
    let root = root().children([sub]).child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+sub/a +sub +d +.").await;
    let child = story.child("sub/a").unwrap();
    let sub = story.child("sub").unwrap();
    let added = story.dynamic("d").unwrap().start_child(idle("x")).await;
    let added = added.unwrap();
    let (first, of_sub) = (up(&child).await, up(&sub).await);
    story.kill("sub").unwrap();
    up_after(&child, first).await;
    up_after(&sub, of_sub).await;
    story.told("+d/x !sub/a !sub +sub/a +sub").await;
    up(&added).await;
    story.kill("d").unwrap();
    let of_added = added.incarnation().unwrap();
    let error = bounded(added.up_after(of_added)).await;
    assert!(error.is_err());
    story.told("!d/x !d +d").await;
    story.stops_cleanly("-d -sub/a -sub -.").await;
}

async fn end_of_the_tree_is_told_to_who_waits() {
    let sub = Supervisor::new("sub").child(idle("a"));
    let (tree, _) = Story::start(root().child(sub), "+sub/a +sub +.")
        .await
        .into_parts();
    let (child, sub) = (tree.child("sub/a").unwrap(), tree.child("sub").unwrap());
    let (first, of_sub) = (up(&child).await, up(&sub).await);
    let (tell, told) = oneshot::channel();
    let waits = child.clone();
    tokio::spawn(async move { tell.send(waits.up_after(first).await) });
    assert!(bounded(tree.shutdown()).await.is_orderly());
    assert!(bounded(told).await.unwrap().is_err());
    is_forgotten(&child).await;
    assert!(bounded(sub.up_after(of_sub)).await.is_err());
}

stories! {
    both: child_that_regrows_is_waited_for, event_is_published_before_who_waits_is_told,
        start_that_takes_long_is_waited_for, child_that_is_down_is_waited_for,
        temporary_child_that_ends_is_forgotten, restarts_of_supervisors_above_are_waited_for,
        end_of_the_tree_is_told_to_who_waits;
}
