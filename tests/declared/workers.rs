//! `#[worker]`: what the made function does.
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use regrow::testing::Recorder;
use regrow::{
    Backoff, BoxError, Context, IntoChildSpec, NotifyStart, Restart, Shutdown, StartError,
    StartFailure, Supervisor, TreeEvent, Worker,
};
use tokio::time::Instant;

use crate::{alone, printed};

const SECOND: Duration = Duration::from_secs(1);

#[regrow::worker]
async fn idle(ctx: Context) {
    ctx.stopped().await;
}

/// Counts its clones, and panics at the one that is said.
struct Counted {
    clones: Arc<AtomicU32>,
    panics_at: u32,
}

impl Counted {
    fn panicking_at(panics_at: u32) -> (Self, Arc<AtomicU32>) {
        let clones = Arc::new(AtomicU32::new(0));
        let counted = Self {
            clones: clones.clone(),
            panics_at,
        };
        (counted, clones)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        let number = self.clones.fetch_add(1, SeqCst) + 1;
        assert_ne!(number, self.panics_at, "clone {number} is one too many");
        Self {
            clones: self.clones.clone(),
            panics_at: self.panics_at,
        }
    }
}

#[regrow::worker]
async fn keeps(ctx: Context, _counted: Counted) {
    ctx.stopped().await;
}

fn name(worker: Worker) -> String {
    worker.into_child_spec().unwrap().name().to_string()
}

#[test]
fn it_is_named_after_its_function_unless_it_has_a_name() {
    #[regrow::worker]
    async fn r#type() {}
    #[regrow::worker(name = "Grüße, 2.")]
    async fn given() {}
    #[regrow::worker(name = format!("shard-{number}"))]
    async fn shard(_ctx: Context, number: u32) -> Result<(), BoxError> {
        Err(format!("{number}").into())
    }
    assert_eq!(name(idle()), "idle");
    assert_eq!(name(r#type()), "type");
    assert_eq!(name(given()), "Grüße, 2.");
    assert_eq!(name(shard(7)), "shard-7");
    assert_eq!(name(given().named("later")), "later");
}

#[test]
fn settings_are_those_of_the_builder() {
    #[regrow::worker(
        restart = Transient,
        shutdown = 10s,
        backoff = Backoff::exponential(100ms, 1m),
        own_tolerance = (3, 1h),
        significant,
        drain = delay,
        capture_panic = false,
    )]
    async fn set(ctx: Context, delay: Duration) {
        tokio::time::sleep(delay).await;
        ctx.stopped().await;
    }
    let by_hand = Worker::new("set", |ctx| async move { ctx.stopped().await })
        .restart(Restart::Transient)
        .shutdown(10 * SECOND)
        .backoff(Backoff::exponential(SECOND / 10, 60 * SECOND))
        .own_tolerance((3, 3600 * SECOND))
        .significant()
        .drain(2 * SECOND)
        .capture_panic(false);
    assert_eq!(printed(set(2 * SECOND)), printed(by_hand));

    let bare = Worker::new("idle", |ctx| async move { ctx.stopped().await });
    assert_eq!(printed(idle()), printed(bare));
}

#[tokio::test(start_paused = true)]
async fn parameters_are_cloned_once_for_each_life() {
    let (counted, clones) = Counted::panicking_at(0);
    let spec = keeps(counted).into_child_spec().unwrap();
    assert_eq!(clones.load(SeqCst), 0, "nobody lives yet");
    let tree = alone(spec).await;
    assert_eq!(clones.load(SeqCst), 1);
    let child = tree.child("keeps").unwrap();
    for life in 2..4 {
        let before = child.incarnation().unwrap();
        child.kill();
        child.up_after(before).await.unwrap();
        assert_eq!(clones.load(SeqCst), life);
    }
    tree.shutdown().await;
    assert_eq!(clones.load(SeqCst), 3);
}

/// 1.9, 3.3: a start function runs on the task of the life.
#[tokio::test(start_paused = true)]
async fn a_panic_in_a_clone_is_a_failure_of_that_start() {
    let (counted, clones) = Counted::panicking_at(2);
    let (tree, mut told) =
        Recorder::start(Supervisor::new("root").child(keeps(counted)).child(idle())).await;
    let tree = tree.unwrap();
    told.told("+keeps +idle +.").await;
    tree.kill("keeps").unwrap();
    told.told("!keeps xkeeps +keeps").await;
    assert_eq!(clones.load(SeqCst), 3);
    let why = |event: &TreeEvent| event.to_string().contains("clone 2 is one too many");
    assert!(told.events().iter().any(why));
    assert!(tree.shutdown().await.is_orderly());
    told.told_last("-idle -keeps -.").await;
}

/// 3.2
#[tokio::test(start_paused = true)]
async fn with_a_notifier_it_is_up_when_it_says_so() {
    #[regrow::worker]
    async fn slow(span: Duration, notify: NotifyStart, ctx: Context) {
        tokio::time::sleep(span).await;
        notify.ready();
        ctx.stopped().await;
    }
    let begun = Instant::now();
    let tree = alone(slow(7 * SECOND)).await;
    assert_eq!(begun.elapsed(), 7 * SECOND);
    tree.shutdown().await;
}

/// 1.5, 3.3
#[tokio::test(start_paused = true)]
async fn with_a_notifier_it_has_a_start_time_out() {
    #[regrow::worker(notify_start)]
    async fn silent(_ctx: Context, notify: NotifyStart) {
        let _notify = notify;
        pending::<()>().await;
    }
    #[regrow::worker(start_timeout = 1500ms)]
    async fn hasty(notify: NotifyStart) {
        let _notify = notify;
        pending::<()>().await;
    }
    for (worker, span) in [(silent(), 30 * SECOND), (hasty(), 3 * SECOND / 2)] {
        let begun = Instant::now();
        let error = Supervisor::new("root")
            .child(worker.shutdown(Shutdown::Kill))
            .start()
            .await
            .unwrap_err();
        assert_eq!(begun.elapsed(), span, "{error}");
        assert!(
            matches!(
                &error,
                StartError::Child {
                    cause: StartFailure::TimedOut { .. },
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

/// A body of one life that ends with what it saw.
#[tokio::test(start_paused = true)]
async fn all_sorts_of_parameters_reach_the_body() {
    struct Pair {
        left: u32,
        right: u32,
    }
    #[derive(Clone)]
    struct Wrapped(Arc<AtomicU32>);

    #[regrow::worker(restart = Temporary)]
    #[allow(clippy::too_many_arguments, reason = "all sorts")]
    async fn sums(
        mut first: u32,
        (second, third): (u32, u32),
        Pair { left, right: other }: Pair,
        _: String,
        [fourth, ..]: [u32; 2],
        life: u32,
        Wrapped(sum): Wrapped,
        ctx: Context,
    ) {
        first += second + third + left + other + fourth + life;
        sum.store(first, SeqCst);
        assert_eq!(ctx.runtime_name(), "root/sums");
    }
    impl Clone for Pair {
        fn clone(&self) -> Self {
            Self { ..*self }
        }
    }
    let sum = Arc::new(AtomicU32::new(0));
    let pair = Pair {
        left: 1000,
        right: 10_000,
    };
    let worker = sums(
        1,
        (10, 100),
        pair,
        "nobody looks".into(),
        [100_000, 7],
        1_000_000,
        Wrapped(sum.clone()),
    );
    let (tree, mut told) = Recorder::start(Supervisor::new("root").child(worker)).await;
    told.told("+sums +. ~sums").await;
    assert_eq!(sum.load(SeqCst), 1_111_111);
    tree.unwrap().shutdown().await;
}

/// Names that the made code could mix up with its own.
#[tokio::test(start_paused = true)]
async fn a_parameter_may_have_any_name() {
    #[regrow::worker(restart = Temporary)]
    async fn store(store: Arc<AtomicU32>, life: u32, notify: u32, node: u32) {
        store.store(life + notify + node, SeqCst);
    }
    let sum = Arc::new(AtomicU32::new(0));
    let (tree, mut told) =
        Recorder::start(Supervisor::new("root").child(store(sum.clone(), 1, 2, 4))).await;
    told.told("+store +. ~store").await;
    assert_eq!(sum.load(SeqCst), 7);
    tree.unwrap().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn one_function_makes_many_children() {
    let root = Supervisor::new("root").children([idle(), idle().named("another")]);
    let (tree, mut told) = Recorder::start(root).await;
    let tree = tree.unwrap();
    told.told("+idle +another +.").await;
    tree.kill("another").unwrap();
    told.told("!another +another").await;
    tree.shutdown().await;
    told.told_last("-another -idle -.").await;
}

/// 12.4: it returns what a body returns.
#[tokio::test(start_paused = true)]
async fn what_it_returns_is_the_outcome_of_the_life() {
    #[regrow::worker(restart = Temporary)]
    async fn never(ctx: Context) -> std::convert::Infallible {
        ctx.stopped().await;
        pending().await
    }
    #[regrow::worker(restart = Temporary)]
    async fn fails(ctx: Context) -> Result<(), String> {
        Err(format!("{} is out of luck", ctx.runtime_name().name()))
    }
    #[regrow::worker(restart = Temporary)]
    async fn completes(_ctx: Context) -> Result<(), BoxError> {
        Ok(())
    }
    let root = Supervisor::new("root").children([never(), fails(), completes()]);
    let (tree, mut told) = Recorder::start(root).await;
    told.told("+never +fails +completes +. !fails ~completes")
        .await;
    assert!(
        told.events()
            .iter()
            .any(|event| event.to_string().contains("fails is out of luck"))
    );
    tree.unwrap().shutdown().await;
}
