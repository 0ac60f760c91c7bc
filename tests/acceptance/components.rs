//! Types that are workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use regrow::{
    Backoff, BoxError, ChildKind, Component, Context, Restart, Shutdown, SpecError, Worker,
};

use crate::story::{SECOND, Story, root};

/// Says nothing but how it runs: its first life fails.
#[derive(Default)]
struct Plain<T = ()> {
    lives: Arc<AtomicUsize>,
    _of: std::marker::PhantomData<fn() -> T>,
}

impl<T: 'static> Component for Plain<T> {
    async fn run(&self, ctx: Context) -> Result<(), BoxError> {
        if self.lives.fetch_add(1, SeqCst) == 0 {
            return Err("the first life fails".into());
        }
        ctx.until_stopped(std::future::pending()).await?
    }
}

/// Says all that can be said.
struct Particular;

impl Component for Particular {
    async fn run(&self, _: Context) -> Result<(), BoxError> {
        Ok(())
    }

    fn name(&self) -> String {
        "own".into()
    }

    fn restart(&self) -> Restart {
        Restart::Transient
    }

    fn shutdown(&self) -> Shutdown {
        Shutdown::Kill
    }

    fn backoff(&self) -> Option<Backoff> {
        Some(Backoff::constant(SECOND))
    }
}

/// That a type which is none does not compile is told in the docs of `Component`.
async fn sup_129_spec_of_a_component() {
    let spec = Worker::of(Plain::<Vec<String>>::default());
    let spec = spec.build().unwrap();
    assert_eq!(spec.name().as_str(), "Plain");
    assert_eq!(spec.kind(), ChildKind::Worker);
    assert_eq!(spec.restart(), Restart::Permanent);
    assert_eq!(spec.shutdown(), Shutdown::Timeout(5 * SECOND));
    assert!(spec.backoff().is_none());

    let spec = Worker::of(Particular).build().unwrap();
    assert_eq!(spec.name().as_str(), "own");
    assert_eq!(spec.restart(), Restart::Transient);
    assert_eq!(spec.shutdown(), Shutdown::Kill);
    assert_eq!(spec.backoff(), Some(&Backoff::constant(SECOND)));

    let spec = Worker::of(Particular)
        .named("other")
        .restart(Restart::Temporary)
        .shutdown(SECOND)
        .backoff(Backoff::constant(2 * SECOND));
    let spec = spec.build().unwrap();
    assert_eq!(spec.name().as_str(), "other");
    assert_eq!(spec.restart(), Restart::Temporary);
    assert_eq!(spec.shutdown(), Shutdown::Timeout(SECOND));
    assert_eq!(spec.backoff(), Some(&Backoff::constant(2 * SECOND)));

    let error = Worker::of(Particular).named("a/b").build().unwrap_err();
    assert!(matches!(error, SpecError::Name(_)), "{error}");
}

async fn component_crashes_and_regrows() {
    let component = Plain::<()>::default();
    let lives = component.lives.clone();
    let mut story = Story::start(root(), "+.").await;
    let worker = Worker::of(component);
    story.start_child(worker).await.unwrap();
    story.told("+Plain !Plain +Plain").await;
    assert_eq!(lives.load(SeqCst), 2, "all lives share the value");
    story.stops_cleanly("-Plain -.").await;
}

stories! {
    both: sup_129_spec_of_a_component, component_crashes_and_regrows;
}
