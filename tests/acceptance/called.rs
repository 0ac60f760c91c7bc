//! Listeners that are called: reliable ones. Numbers in comments are those of `docs/semantics.md`.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::watch::{Delivery, Listener};
use regrow::{Change, Filter, Supervisor, SupervisorRef, TreeEvent};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep};

use crate::fixtures::idle;
use crate::puppet::Puppet;
use crate::story::{HOUR, SECOND, Story, bounded, root};

/// Whether the catalogue counts this event: starts and stops that are over.
fn counts(event: &TreeEvent) -> bool {
    matches!(event.change, Change::Started | Change::Stopped)
}

/// A listener that counts those events.
fn counter() -> (Listener, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let listener = Listener::new(move |delivery: Delivery| {
        counted.fetch_add(usize::from(counts(&delivery.event)), SeqCst);
        async {}
    });
    (listener, count)
}

/// A listener that keeps what it is told, with what it missed before.
fn keeper() -> (Listener, UnboundedReceiver<(String, u64)>) {
    let (keep, kept) = unbounded_channel();
    let listener = Listener::new(move |delivery: Delivery| {
        let text = delivery.event.to_string();
        keep.send((text, delivery.missed)).ok();
        async {}
    });
    (listener, kept)
}

/// All that is there.
fn all<T>(kept: &mut UnboundedReceiver<T>) -> Vec<T> {
    std::iter::from_fn(|| kept.try_recv().ok()).collect()
}

/// Three children that wait for their stop.
fn three() -> Supervisor {
    root().children(["child0", "child1", "child2"].map(idle))
}

const STARTS: &str = "+child0 +child1 +child2 +.";
const STOPS: &str = "-child2 -child1 -child0 -.";

async fn cap_012_reliable_listeners_hear_all() {
    let counters: Vec<_> = (0..3).map(|_| counter()).collect();
    let tree = counters.iter().fold(three(), |tree, (listener, _)| {
        tree.listener(listener.clone())
    });
    let story = Story::start(tree, STARTS).await;
    story.stops_cleanly(STOPS).await;
    for (_, count) in counters {
        assert_eq!(count.load(SeqCst), 8);
    }
}

/// The tree and the healthy listeners do not notice; the panics are counted, and the listener goes on.
async fn cap_013_listener_that_panics() {
    let ((one, heard_by_one), (other, heard_by_other)) = (counter(), counter());
    let calls = Arc::new(AtomicUsize::new(0));
    let called = calls.clone();
    let panics = Listener::new(move |delivery: Delivery| {
        let call = match counts(&delivery.event) {
            true => called.fetch_add(1, SeqCst) + 1,
            false => 6,
        };
        assert!(call == 6, "call {call}");
        async {}
    });
    let tree = three()
        .listener(one)
        .listener(panics.named("panics"))
        .listener(other);
    let story = Story::start(tree, STARTS).await;
    let listeners = story.listeners();
    story.stops_cleanly(STOPS).await;
    assert_eq!(heard_by_one.load(SeqCst), 8);
    assert_eq!(heard_by_other.load(SeqCst), 8);
    assert_eq!(calls.load(SeqCst), 8);
    let info = listeners[1].info();
    assert_eq!(
        (info.name.as_str(), info.panicked, info.missed),
        ("panics", 7, 0)
    );
}

/// A panic in the future of a call, and in the destructor of what it owns, is contained too.
async fn panics_in_the_future_and_its_destructor() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in its destructor");
        }
    }
    let in_future = Listener::new(|_| async { panic!("in its future") });
    let in_drop = Listener::new(|_| {
        let bomb = Bomb;
        async move {
            let _bomb = bomb;
        }
    });
    let bomb = Bomb;
    let captured = Listener::new(move |_| {
        let _ = &bomb;
        async {}
    });
    let late = Listener::new(|_| {
        let bomb = Bomb;
        async move {
            let _bomb = bomb;
            pending::<()>().await;
        }
    });
    let late = late.timeout(Duration::from_millis(1));
    let tree = [in_future, in_drop, captured, late];
    let tree = tree.into_iter().fold(three(), Supervisor::listener);
    let story = Story::start(tree, STARTS).await;
    let listeners = story.listeners();
    story.stops_cleanly(STOPS).await;
    let infos: Vec<_> = listeners.iter().map(|listener| listener.info()).collect();
    let told = infos[0].delivered;
    assert!(told > 8);
    assert_eq!((infos[0].panicked, infos[1].panicked), (told, told));
    assert_eq!((infos[2].delivered, infos[2].panicked), (told, 0));
    assert_eq!((infos[3].delivered, infos[3].timed_out), (told, told));
}

/// What is told to who listens no more blocks nobody.
async fn cap_435_listener_that_was_removed() {
    let (listener, mut kept) = keeper();
    let mut story = Story::start(three().tolerance((9, HOUR)), STARTS).await;
    let listener = story.listen(listener.capacity(1)).unwrap();
    listener.remove();
    story.kill("child0").unwrap();
    story.told("!child0 +child0").await;
    let (stuck, count) = counter();
    let stuck = Listener::new(move |_| {
        let _ = &stuck;
        pending()
    });
    let stuck = story.listen(stuck.capacity(1).timeout(HOUR)).unwrap();
    story.kill("child1").unwrap();
    story.told("!child1 +child1").await;
    stuck.remove();
    story.kill("child1").unwrap();
    story.told("!child1 +child1").await;
    let root = SupervisorRef::clone(&story);
    story.stops_cleanly(STOPS).await;
    assert!(all(&mut kept).is_empty());
    assert_eq!(count.load(SeqCst), 0);
    let error = root.listen(counter().0).unwrap_err();
    let text = "root has nothing more to tell: its tree has ended";
    assert_eq!(error.to_string(), text);
}

async fn mon_69_two_listeners_hear_the_same() {
    let ((one, mut by_one), (other, mut by_other)) = (keeper(), keeper());
    let tree = three().listener(one).listener(other);
    let mut story = Story::start(tree, STARTS).await;
    story.kill("child1").unwrap();
    story.told("!child1 +child1").await;
    story.stops_cleanly(STOPS).await;
    let heard = all(&mut by_one);
    assert_eq!(heard, all(&mut by_other));
    let of_root = |text: &str| text.starts_with("root ");
    assert!(
        of_root(&heard[0].0) && heard[0].0.ends_with("starts"),
        "{heard:?}"
    );
    let last = &heard.last().unwrap().0;
    assert!(of_root(last) && last.ends_with("stopped"), "{heard:?}");
}

/// Nothing waits for a listener whose calls take long; what it loses it is told.
async fn mon_72_slow_listener() {
    let lost = Arc::new(AtomicUsize::new(0));
    let told_lost = lost.clone();
    let slow = Listener::new(move |delivery: Delivery| {
        told_lost.fetch_add(usize::try_from(delivery.missed).unwrap(), SeqCst);
        sleep(SECOND)
    });
    let slow = slow.capacity(2).drain_within(HOUR);
    let tree = three().tolerance((99, HOUR)).listener(slow);
    let began = Instant::now();
    let mut story = Story::start(tree, STARTS).await;
    for _ in 0..20 {
        story.kill("child1").unwrap();
        story.told("!child1 +child1").await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    let listener = story.listeners().remove(0);
    story.stops_cleanly(STOPS).await;
    let info = listener.info();
    assert!(info.missed > 40, "{info:?}");
    assert_eq!(u64::try_from(lost.load(SeqCst)).unwrap(), info.missed);
}

/// A listener may ask its tree for anything.
async fn mon_74_listener_that_calls_back() {
    let (say, mut said) = unbounded_channel();
    let mut story = Story::start(three(), STARTS).await;
    let asks = SupervisorRef::clone(&story);
    let listener = Listener::new(move |delivery: Delivery| {
        let (asks, say) = (asks.clone(), say.clone());
        async move {
            if matches!(delivery.event.change, Change::Failed(_)) {
                asks.terminate_child("child1").await.unwrap();
                asks.start_child(idle("new")).await.unwrap();
                say.send(asks.snapshot().runtime_names().len()).unwrap();
            }
        }
    });
    let workers = Filter::workers().and(Filter::failures());
    let listening = story.listen(listener.filter(workers)).unwrap();
    story.kill("child0").unwrap();
    story.told("!child0 {+child0 -child1 +new}").await;
    assert_eq!(bounded(said.recv()).await, Some(5));
    story.stops_cleanly("-new -child2 -child0 -.").await;
    assert_eq!(listening.info().delivered, 1);
}

/// 34.2: a call that takes too long is cut off, and the next event is a call again.
async fn call_that_takes_too_long() {
    let calls = Arc::new(AtomicUsize::new(0));
    let called = calls.clone();
    let listener = Listener::new(move |_| {
        called.fetch_add(1, SeqCst);
        pending()
    });
    let listener = listener.timeout(SECOND).filter(Filter::failures());
    let mut story = Story::start(three().listener(listener), STARTS).await;
    for child in ["child0", "child1"] {
        story.kill(child).unwrap();
        story.told(&format!("!{child} +{child}")).await;
        story.quiet(2 * SECOND).await;
    }
    let info = story.listeners()[0].info();
    assert_eq!((info.delivered, info.timed_out), (2, 2));
    assert_eq!(calls.load(SeqCst), 2);
    story.stops_cleanly(STOPS).await;
}

/// 34.3: the end of the tree waits for a listener, but not for longer than that has.
async fn end_waits_for_listeners_in_bounds() {
    let slow = Listener::new(|_| sleep(SECOND));
    let patient = slow.clone().timeout(HOUR).drain_within(HOUR);
    let story = Story::start(three().listener(patient), STARTS).await;
    let listener = story.listeners().remove(0);
    let began = Instant::now();
    story.stops_cleanly(STOPS).await;
    assert!(began.elapsed() > 8 * SECOND, "{:?}", began.elapsed());
    let info = listener.info();
    assert_eq!((info.missed, info.waiting), (0, 0));

    let bound = Duration::from_millis(2500);
    let story = Story::start(three().listener(slow.drain_within(bound)), STARTS).await;
    let listener = story.listeners().remove(0);
    let began = Instant::now();
    story.stops_cleanly(STOPS).await;
    assert_eq!(began.elapsed(), bound);
    tokio::task::yield_now().await;
    let info = listener.info();
    assert!(info.missed > 4 && info.waiting == 0, "{info:?}");
}

/// A call that runs at the end of the tree is not waited for longer either.
async fn end_does_not_wait_for_a_call_that_hangs() {
    let stuck = Listener::new(|_| pending()).timeout(HOUR);
    let story = Story::start(three().listener(stuck), STARTS).await;
    let began = Instant::now();
    story.stops_cleanly(STOPS).await;
    assert_eq!(began.elapsed(), SECOND);
}

/// 34.1: the listener of a start that fails is told that too, before the start says so.
async fn start_that_fails_is_told() {
    let (listener, mut kept) = keeper();
    let tree = root().child(crate::fixtures::fail_start("w"));
    bounded(tree.listener(listener).start()).await.unwrap_err();
    let heard = all(&mut kept);
    assert!(heard.last().unwrap().0.starts_with("root"), "{heard:?}");
    assert!(
        heard.last().unwrap().0.contains("did not start"),
        "{heard:?}"
    );
}

/// A listener that is given to a supervisor hears of that and what is below it alone.
async fn listener_of_a_subtree_that_is_called() {
    let branch = |name: &str| Supervisor::new(name).child(idle("w"));
    let tree = root().child(branch("a")).child(branch("b"));
    let story = Story::start(tree, "+a/w +a +b/w +b +.").await;
    let (listener, mut kept) = keeper();
    story.supervisor("b").unwrap().listen(listener).unwrap();
    story.stops_cleanly("-b/w -b -a/w -a -.").await;
    let heard: Vec<_> = all(&mut kept).into_iter().map(|(text, _)| text).collect();
    assert_eq!(heard.len(), 4, "{heard:?}");
    assert!(
        heard.iter().all(|text| text.starts_with("root/b")),
        "{heard:?}"
    );
}

/// A supervisor below another has no listeners of its own in its spec.
async fn listener_of_a_child_is_refused() {
    let sub = Supervisor::new("sub").listener(counter().0);
    let error = root().child(sub).start().await.unwrap_err();
    assert!(error.to_string().contains("sub"), "{error}");
}

/// What a listener holds goes with its tree, also when it asks that tree.
async fn listener_does_not_keep_its_tree() {
    let token = Arc::new(());
    let held = token.clone();
    let puppet = Puppet::new("w");
    let story = Story::start(root().child(puppet.worker()), "+w +.").await;
    let asks = SupervisorRef::clone(&story);
    let listener = Listener::new(move |_| {
        let _ = (&asks, &held);
        async {}
    });
    story.listen(listener).unwrap();
    story.stops_cleanly("-w -.").await;
    let gone = async {
        while Arc::strong_count(&token) > 1 {
            tokio::task::yield_now().await;
        }
    };
    bounded(gone).await;
}

stories! {
    both:
        cap_012_reliable_listeners_hear_all,
        cap_013_listener_that_panics,
        panics_in_the_future_and_its_destructor,
        cap_435_listener_that_was_removed,
        mon_69_two_listeners_hear_the_same,
        mon_74_listener_that_calls_back,
        start_that_fails_is_told,
        listener_of_a_subtree_that_is_called,
        listener_of_a_child_is_refused,
        listener_does_not_keep_its_tree;
    paused:
        mon_72_slow_listener,
        call_that_takes_too_long,
        end_waits_for_listeners_in_bounds,
        end_does_not_wait_for_a_call_that_hangs;
}
