//! What a tree told.
use crate::{
    bounded::bounded,
    notation::{difference, groups, sign},
};
use regrow_supervisor::{StartError, Subscription, Supervisor, Tree, TreeEvent};
use std::{fmt::Write, time::Duration};
use tokio::time::timeout;

/// A listener that keeps all that its tree told, and fails the test that expected something else.
///
/// Each wait is bounded: by 30 s on a runtime with threads, and by a month on one without, which a
/// paused clock passes at once when nothing else is to come. All methods that wait panic when the
/// bound has passed, and when events were lost (`Supervisor::event_capacity` is 1024 by default).
///
/// See [the crate](crate) for an example and for the notation.
#[derive(Debug)]
pub struct Recorder {
    subscription: Subscription,
    events: Vec<TreeEvent>,
    signs: Vec<String>,
}

impl Recorder {
    /// Records what a listener is told from here on.
    pub const fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            events: Vec::new(),
            signs: Vec::new(),
        }
    }

    /// Starts a tree and records it from its first event on, also when it does not come up.
    ///
    /// # Panics
    ///
    /// When the spec is wrong, or there is no runtime: then there is nothing to be recorded.
    ///
    /// # Cancel safety
    ///
    /// Dropping it stops, in order, what was started.
    pub async fn start(root: Supervisor) -> (Result<Tree, StartError>, Self) {
        let mut told = None;
        let observe = |subscription| told = Some(Self::new(subscription));
        let tree = bounded(root.start_observed(observe)).await;
        match told {
            Some(told) => (tree, told),
            None => panic!("the tree cannot start: {tree:?}"),
        }
    }

    /// The next event, whatever it is; none after the last one of the tree. Its sign is compared no more.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn next(&mut self) -> Option<TreeEvent> {
        let event = match bounded(self.subscription.next()).await? {
            Ok(event) => event,
            Err(missed) => panic!("{missed}"),
        };
        self.signs.extend(sign(&event));
        self.events.push(event.clone());
        Some(event)
    }

    /// The next event that has a sign; none after the last one of the tree.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn next_signed(&mut self) -> Option<TreeEvent> {
        let before = self.signs.len();
        loop {
            let event = self.next().await?;
            if self.signs.len() > before {
                return Some(event);
            }
        }
    }

    /// The next sign; none after the last event of the tree.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn next_sign(&mut self) -> Option<String> {
        self.next_signed().await?;
        self.signs.last().cloned()
    }

    /// Waits until as many signs are told as expected, after those that were compared before; they
    /// must be those.
    ///
    /// # Panics
    ///
    /// When they are not, with both lists and with all events in words.
    ///
    /// # Cancel safety
    ///
    /// What was compared stays so; nothing is lost.
    pub async fn told(&mut self, expected: &str) {
        let first = self.signs.len();
        for mut group in groups(expected) {
            let mut told = Vec::new();
            for _ in 0..group.len() {
                told.extend(self.next_sign().await);
            }
            if group.len() > 1 {
                group.sort_unstable();
                told.sort_unstable();
            }
            if told != group {
                let difference = difference(&self.signs[first..], expected);
                panic!("{difference}\n{}", self.in_words());
            }
        }
    }

    /// As [`told`](Self::told), and nothing more to the end of the tree.
    ///
    /// # Panics
    ///
    /// When something else is told, or more.
    ///
    /// # Cancel safety
    ///
    /// It takes the recorder with it.
    pub async fn told_last(mut self, expected: &str) {
        self.told(expected).await;
        if let Some(sign) = self.next_sign().await {
            panic!("told {sign} after the end\n{}", self.in_words());
        }
    }

    /// The first event from here on that is wanted; those before it are kept too.
    ///
    /// # Panics
    ///
    /// When the tree ends without one.
    ///
    /// # Cancel safety
    ///
    /// What was passed over stays so; nothing is lost.
    pub async fn wait_for(&mut self, is_wanted: impl Fn(&TreeEvent) -> bool) -> TreeEvent {
        while let Some(event) = self.next().await {
            if is_wanted(&event) {
                return event;
            }
        }
        panic!("the tree ended before that was told\n{}", self.in_words());
    }

    /// Lets `span` pass, in which nothing may be told that has a sign.
    ///
    /// # Panics
    ///
    /// When something is.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn quiet(&mut self, span: Duration) {
        if let Ok(sign) = timeout(span, self.next_sign()).await {
            panic!("told {sign:?}\n{}", self.in_words());
        }
    }

    /// All signs of a tree that has ended or will.
    ///
    /// # Cancel safety
    ///
    /// It takes the recorder with it.
    pub async fn rest(mut self) -> Vec<String> {
        while self.next().await.is_some() {}
        self.signs
    }

    /// All events so far, those without a sign included.
    pub fn events(&self) -> &[TreeEvent] {
        &self.events
    }

    fn in_words(&self) -> String {
        let mut text = String::from("all that was told:");
        for event in &self.events {
            let _ = write!(text, "\n  {} {event}", event.sequence);
        }
        text
    }
}
