//! Values that supervisors provide to all below them.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use regrow::{BoxError, Context, DynamicSupervisor, Strategy, Supervisor, Worker};

use crate::puppet::Puppet;
use crate::story::{Story, bounded, root};

/// Two values that know nothing of each other.
struct Greeting(&'static str);
struct Answer(u32);

/// What workers found, in the order of their starts.
#[derive(Clone, Default)]
struct Found(Arc<Mutex<Vec<String>>>);

impl Found {
    /// Writes down what it finds, and waits for its stop.
    fn worker(&self, name: &str) -> Worker {
        let found = self.clone();
        Worker::new(name, move |ctx: Context| {
            let greeting = ctx.value::<Greeting>().map_or("none", |found| found.0);
            let answer = ctx.value::<Answer>().map_or(0, |found| found.0);
            let line = format!("{} {greeting} {answer}", ctx.runtime_name());
            found.0.lock().unwrap().push(line);
            async move { ctx.stopped().await }
        })
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn cap_093_values_of_a_simple_tree() {
    let found = Found::default();
    let root = root().provide(Greeting("hello")).provide(Answer(42));
    let story = Story::start(root.child(found.worker("one")), "+one +.").await;
    assert_eq!(found.read(), ["root/one hello 42"]);
    story.stops_cleanly("-one -.").await;
}

async fn cap_094_values_of_a_nested_tree() {
    let found = Found::default();
    let subtree = Supervisor::new("subtree").child(found.worker("one"));
    let root = root().provide(Greeting("hello")).provide(Answer(42));
    let told = "+subtree/one +subtree +.";
    let story = Story::start(root.child(subtree), told).await;
    assert_eq!(found.read(), ["root/subtree/one hello 42"]);
    story.stops_cleanly("-subtree/one -subtree -.").await;
}

async fn nearest_value_is_found() {
    let found = Found::default();
    let deep = Supervisor::new("deep").child(found.worker("w"));
    let near = Supervisor::new("near")
        .provide(Greeting("not this"))
        .provide(Greeting("near"))
        .child(deep)
        .child(DynamicSupervisor::new("many").provide(Answer(7)));
    let root = root()
        .provide(Greeting("far"))
        .provide(Answer(42))
        .child(near)
        .child(found.worker("w"));
    let told = "+near/deep/w +near/deep +near/many +near +w +.";
    let mut story = Story::start(root, told).await;
    assert_eq!(found.read(), ["root/near/deep/w near 42", "root/w far 42"]);
    let many = story.dynamic("near/many").unwrap();
    bounded(many.start_child(found.worker("w"))).await.unwrap();
    assert_eq!(found.read(), ["root/near/many/w near 7"]);
    story.told("+near/many/w").await;
    let told = "-w -near/many/w -near/many -near/deep/w -near/deep -near -.";
    story.stops_cleanly(told).await;
}

async fn nobody_provides_it() {
    let found = Found::default();
    let subtree = Supervisor::new("subtree").provide(Greeting("hello"));
    let root = root().child(subtree).child(found.worker("one"));
    let story = Story::start(root, "+subtree +one +.").await;
    assert_eq!(found.read(), ["root/one none 0"]);
    story.stops_cleanly("-one -subtree -.").await;
}

/// Counts how often it is dropped, and panics then if it shall.
struct Fragile {
    dropped: Arc<AtomicUsize>,
    panics: bool,
}

impl Drop for Fragile {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, SeqCst);
        assert!(!self.panics, "a value that panics when it is dropped");
    }
}

async fn one_value_for_all_lives() {
    for panics in [false, true] {
        let dropped = Arc::new(AtomicUsize::new(0));
        let value = Fragile {
            dropped: dropped.clone(),
            panics,
        };
        let w = Puppet::new("w");
        let subtree = Supervisor::new("s")
            .strategy(Strategy::OneForAll)
            .tolerance((1, 3600 * crate::story::SECOND))
            .provide(value)
            .child(w.worker());
        let mut story = Story::start(root().child(subtree), "+s/w +s +.").await;
        let reference = story.child("s/w").unwrap();
        // A restart of the child, and one of its supervisor.
        w.fails();
        story.told("!s/w +s/w").await;
        w.fails();
        story.told("!s/w !s +s/w +s").await;
        assert_eq!(dropped.load(SeqCst), 0);
        story.stops_cleanly("-s/w -s -.").await;
        assert_eq!(dropped.load(SeqCst), 1);
        drop(reference);
    }
}

async fn value_of_a_child_that_is_forgotten() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let value = Fragile {
        dropped: dropped.clone(),
        panics: true,
    };
    let mut story = Story::start(root(), "+.").await;
    let subtree = Supervisor::new("s")
        .provide(value)
        .child(Puppet::new("w").worker());
    story.start_child(subtree).await.unwrap();
    story.terminate_child("s").await.unwrap();
    assert_eq!(dropped.load(SeqCst), 0);
    story.delete_child("s").await.unwrap();
    story.told("+s/w +s -s/w -s").await;
    // Its supervisor goes on.
    story.start_child(Puppet::new("s").worker()).await.unwrap();
    story.told("+s").await;
    assert_eq!(dropped.load(SeqCst), 1);
    story.stops_cleanly("-s -.").await;
}

async fn value_outlives_the_tree_with_who_has_it() {
    let (give, given) = tokio::sync::oneshot::channel();
    let w = Worker::once("w", move |ctx| async move {
        let value = ctx.value::<Answer>().ok_or("no answer")?;
        drop(give.send((ctx.clone(), value)));
        ctx.stopped().await;
        Ok::<(), BoxError>(())
    });
    let story = Story::start(root().provide(Answer(42)).child(w), "+w +.").await;
    let (context, value) = bounded(given).await.unwrap();
    story.stops_cleanly("-w -.").await;
    assert!(context.value::<Answer>().is_none());
    assert_eq!((value.0, Arc::strong_count(&value)), (42, 1));
}

stories! {
    both:
        cap_093_values_of_a_simple_tree,
        cap_094_values_of_a_nested_tree,
        nearest_value_is_found,
        nobody_provides_it,
        one_value_for_all_lives,
        value_of_a_child_that_is_forgotten,
        value_outlives_the_tree_with_who_has_it;
}
