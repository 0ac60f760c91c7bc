//! What happens at the wrong moment: while something starts, stops, waits or is not looked at.

use regrow::{Backoff, ChildState, ExitReason, Supervisor, SupervisorRef};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{Events, HOUR, SECOND, Story, bounded, root};

/// Waits until no life of the puppet is left.
async fn gone(puppet: &Puppet) {
    bounded(async {
        while puppet.alive() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn cap_401_restart_whose_start_fails_once() {
    let w = Puppet::new("w").asking();
    let first = w.clone();
    let starting = tokio::spawn(async move { first.answer(Act::Complete).await });
    let root = root().tolerance((10, HOUR)).child(w.worker());
    let mut story = Story::start(root, "+w +.").await;
    starting.await.unwrap();
    w.fails();
    w.answer(Act::Fail).await;
    w.answer(Act::Complete).await;
    story.told("!w xw +w").await;
    assert_eq!(w.alive(), 1);
    // Two of the ten are used, one of them by the failed start.
    for _ in 0..8 {
        w.fails();
        w.answer(Act::Complete).await;
        story.told("!w +w").await;
        assert_eq!(w.alive(), 1);
    }
    w.fails();
    story.ends("!w !.").await;
    assert_eq!(w.alive(), 0);
}

async fn cap_409_start_that_is_never_reported() {
    // The time-out ends it,
    let never = Puppet::new("never").asking();
    let limited = never.worker().start_timeout(SECOND);
    let began = Instant::now();
    let tree = root().child(idle("a")).child(limited);
    Story::fails(tree, "+a xnever -a x.").await;
    assert_eq!(began.elapsed(), SECOND);
    never.asked().await;

    // and so does who gives the start up.
    let (observer, observed) = oneshot::channel();
    let observe = |subscription| assert!(observer.send(Events::new(subscription)).is_ok());
    let tree = root().child(idle("a")).child(never.worker());
    let starting = tokio::spawn(tree.start_observed(observe));
    never.asked().await;
    starting.abort();
    let events = observed.await.unwrap();
    events.told_last("+a -never -a -.").await;
}

async fn cap_414_root_that_nobody_waits_for() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let w = Puppet::new("w");
    let tree = root().tolerance((0, HOUR)).child(w.worker());
    let (tree, events) = Story::start(tree, "+w +.").await.into_parts();
    w.fails();
    events.told_last("!w !.").await;
    bounded(async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Who asks later is told.
    let exit = bounded(tree.wait()).await;
    assert!(matches!(exit.reason(), ExitReason::Failed(_)), "{exit}");
}

async fn cap_419_failure_while_a_sibling_starts() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b").asking());
    let (failing, starting) = (a.clone(), b.clone());
    let meanwhile = tokio::spawn(async move {
        starting.asked().await;
        failing.fails();
        gone(&failing).await;
        starting.tell(Act::Complete);
    });
    let root = root().child(a.worker()).child(b.worker());
    let mut story = Story::start(root, "+a +b +.").await;
    story.told("!a +a").await;
    meanwhile.await.unwrap();
    story.stops_cleanly("-b -a -.").await;
}

async fn cap_420_failure_during_an_ordered_stop() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let c = Puppet::new("c").cleaning(SECOND);
    let root = root().children([&a, &c, &b].map(Puppet::worker));
    let story = Story::start(root, "+a +c +b +.").await;
    let (tree, mut events) = story.into_parts();
    let reference = SupervisorRef::clone(tree.root());
    let stopping = tokio::spawn(tree.shutdown());
    events.told("-b").await;
    assert_eq!(reference.child("c").unwrap().state(), ChildState::Stopping);
    // It ends by itself, which is told when it happens (7.7).
    a.fails();
    events.told_last("!a -c !.").await;
    assert_eq!(a.begun(), 1);
    let exit = bounded(stopping).await.unwrap();
    assert!(matches!(exit.reason(), ExitReason::Failed(_)), "{exit}");
    let [troubled] = exit.report().troubled() else {
        panic!("{exit}");
    };
    assert_eq!(troubled.runtime_name.to_string(), "root/a");
    assert!(troubled.reason.to_string().contains("died"), "{exit}");
}

async fn cap_421_the_cancellation_is_returned() {
    // `Stopped` after a stop is clean (8.1).
    let w = Puppet::new("w").answering(Act::Stop);
    let story = Story::start(root().child(w.worker()), "+w +.").await;
    let exit = story.stops("-w -.").await;
    assert!(matches!(exit.reason(), ExitReason::Stopped), "{exit}");
    assert!(exit.report().is_clean(), "{exit}");
}

async fn cap_422_stop_that_nobody_waits_for() {
    for is_dropped in [true, false] {
        let tree = root().children(["a", "b"].map(idle));
        let (tree, events) = Story::start(tree, "+a +b +.").await.into_parts();
        if is_dropped {
            drop(tree);
            events.told_last("-b -a -.").await;
        } else {
            tree.root().shutdown();
            events.told_last("-b -a -.").await;
            assert!(bounded(tree.wait()).await.is_orderly());
        }
    }
}

async fn cap_423_stop_during_a_backoff() {
    let w = Puppet::new("w");
    let waits = w.worker().backoff(Backoff::constant(5 * SECOND));
    let s = Supervisor::new("s").child(waits);
    let mut story = Story::start(root().child(s), "+s/w +s +.").await;
    w.fails();
    story.told("!s/w").await;
    let child = story.child("s/w").unwrap();
    assert_eq!(child.state(), ChildState::Restarting);
    let began = Instant::now();
    story.stops_cleanly("-s -.").await;
    assert!(began.elapsed().is_zero());
    assert_eq!(w.begun(), 1);
}

stories! {
    both:
        cap_401_restart_whose_start_fails_once,
        cap_414_root_that_nobody_waits_for,
        cap_419_failure_while_a_sibling_starts,
        cap_421_the_cancellation_is_returned,
        cap_422_stop_that_nobody_waits_for;
    paused:
        cap_409_start_that_is_never_reported,
        cap_420_failure_during_an_ordered_stop,
        cap_423_stop_during_a_backoff;
}
