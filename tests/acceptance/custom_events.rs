//! Events that children put into the stream of their tree.

use std::fmt;
use std::sync::Arc;

use regrow::{Change, Context, ExitReason, Filter, Restart, Subscription, Worker};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::puppet::Puppet;
use crate::story::{Story, bounded, root};

/// A state machine that tells of each of its transitions.
fn turnstile(name: &str) -> (Worker, mpsc::UnboundedSender<&'static str>) {
    let (ask, asked) = mpsc::unbounded_channel::<&str>();
    let asked = Arc::new(Mutex::new(asked));
    let worker = Worker::new(name, move |ctx: Context| {
        let asked = asked.clone();
        async move {
            let mut state = "locked";
            let mut asked = asked.lock().await;
            while let Ok(Some(ask)) = ctx.until_stopped(asked.recv()).await {
                state = match (state, ask) {
                    ("locked", "coin") => "unlocked",
                    ("unlocked", "push") => "locked",
                    _ => continue,
                };
                ctx.emit("transition", format_args!("{ask}: now {state}"));
            }
        }
    });
    (worker, ask)
}

async fn next(events: &mut Subscription) -> Option<String> {
    let event = bounded(events.next()).await?;
    Some(event.expect("the story keeps up").to_string())
}

async fn cap_096_one_event_for_one_request() {
    let (worker, ask) = turnstile("gate");
    let other = Puppet::new("other");
    let root = root().child(worker).child(other.worker());
    let mut story = Story::start(root, "+gate +other +.").await;
    let mut recorder = story.subscribe().filtered(Filter::topic("transition"));
    let mut all = story.subscribe().filtered(Filter::custom());
    let mut none = story.subscribe().filtered(Filter::topic("trans"));
    for asks in ["push", "coin"] {
        ask.send(asks).unwrap();
    }
    let told = "root/gate #1 says transition: coin: now unlocked";
    assert_eq!(next(&mut recorder).await.unwrap(), told);
    // In its place among all that happens.
    let event = story.next().await;
    assert_eq!(event.to_string(), told);
    assert!(!event.is_failure());
    let Change::Custom(custom) = &event.change else {
        panic!("{event}");
    };
    assert_eq!(custom.topic(), "transition");
    assert_eq!(custom.message(), "coin: now unlocked");
    story.stops_cleanly("-other -gate -.").await;
    assert_eq!(next(&mut all).await.unwrap(), told);
    for listener in [&mut recorder, &mut all, &mut none] {
        assert_eq!(next(listener).await, None);
    }
}

async fn life_that_is_over_tells_nothing() {
    let (give, given) = oneshot::channel();
    let w = Worker::once("w", move |ctx| async move {
        ctx.emit("before", "it is up");
        give.send(ctx.clone()).unwrap();
        ctx.stopped().await;
        ctx.emit("after", "it was asked to stop");
    });
    let mut story = Story::start(root(), "+.").await;
    let mut events = story.subscribe();
    story.start_child(w).await.unwrap();
    let old = given.await.unwrap();
    story.terminate_child("w").await.unwrap();
    old.emit("late", "it is over");
    story.told("+w -w").await;
    story.stops_cleanly("-.").await;
    let mut told = Vec::new();
    while let Some(event) = next(&mut events).await {
        told.push(event);
    }
    assert_eq!(
        told,
        [
            "root/w #1 starts",
            "root/w #1 says before: it is up",
            "root/w #1 is up",
            "root/w #1 is asked to stop",
            "root/w #1 says after: it was asked to stop",
            "root/w #1 stopped",
            "root/w is forgotten",
            "root #1 is asked to stop",
            "root #1 stopped",
        ]
    );
}

/// Panics when it is printed.
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no words")
    }
}

async fn message_that_panics_is_a_panic_of_its_child() {
    let w = Worker::new(
        "w",
        |ctx: Context| async move { ctx.emit("x", Unspeakable) },
    );
    let w = w.restart(Restart::Temporary);
    let other = Puppet::new("other");
    let mut story = Story::start(root().child(other.worker()), "+other +.").await;
    story.start_child(w).await.unwrap();
    story.told("+w").await;
    let Change::Failed(ExitReason::Panicked(panic)) = story.next_signed().await.change else {
        panic!("it panics");
    };
    assert_eq!(panic.message(), "no words");
    story.stops_cleanly("-other -.").await;
}

async fn message_is_bounded() {
    let w = Worker::new("w", |ctx: Context| async move {
        ctx.emit("t".repeat(1000), "ä".repeat(10_000));
        ctx.stopped().await;
    });
    let mut story = Story::start(root(), "+.").await;
    let mut events = story.subscribe().filtered(Filter::custom());
    story.start_child(w).await.unwrap();
    let event = bounded(events.next()).await.unwrap().unwrap();
    let Change::Custom(custom) = event.change else {
        panic!("{event}");
    };
    assert_eq!(custom.topic(), format!("{}…", "t".repeat(252)));
    assert_eq!(custom.message(), format!("{}…", "ä".repeat(510)));
    story.told("+w").await;
    story.stops_cleanly("-w -.").await;
}

stories! {
    both:
        cap_096_one_event_for_one_request,
        life_that_is_over_tells_nothing,
        message_is_bounded,
        message_that_panics_is_a_panic_of_its_child;
}
