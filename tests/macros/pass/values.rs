//! Values that no cut at a comma may break.
use regrow::{
    Backoff, BoxError, Context, ExitReason, NotifyStart, Strategy, Tolerance, Worker,
    supervision_tree,
};
use std::{collections::HashMap, marker::PhantomData, time::Duration};

trait Runs {
    fn run(ctx: Context) -> impl Future<Output = ()> + Send;
}

struct Pair<A, B>(PhantomData<(A, B)>);

impl<A, B> Runs for Pair<A, B> {
    async fn run(ctx: Context) {
        ctx.stopped().await;
    }
}

async fn run<A, B, const N: usize>(ctx: Context) {
    let _ = (size_of::<A>(), size_of::<B>(), N);
    ctx.stopped().await;
}

fn named<A: Default, B: Default>(names: HashMap<A, B>, name: &'static str) -> &'static str {
    drop(names);
    name
}

async fn hello(ctx: Context, greeting: String) {
    let _ = greeting;
    ctx.stopped().await;
}

#[tokio::test]
async fn values_are_forwarded_whole() -> Result<(), BoxError> {
    let greeting = String::from("hello");
    let (one, two) = (1, 2);
    let strategy = Strategy::OneForAll;
    let tolerance = Tolerance::new(3, Duration::from_secs(5));
    let start = |ctx: Context| async move { ctx.stopped().await };
    let name = "shorthand";
    let children = [Worker::new("from a list", start)];
    let shop = supervision_tree!(Supervisor {
        name: "shop",
        strategy,
        tolerance,
        children: [
            Worker { name, start },
            Worker {
                name: "closure",
                start: |ctx| async move { ctx.stopped().await }
            },
            Worker {
                name: "two parameters",
                start: move |ctx, notify| async move {
                    notify.ready();
                    ctx.stopped().await;
                },
                notify_start,
            },
            Worker {
                name: "two typed parameters",
                start: |ctx: Context, notify: NotifyStart| async move {
                    notify.ready();
                    ctx.stopped().await;
                },
                notify_start: true,
            },
            Worker {
                name: "a pattern, a closure in a closure",
                start: |ctx| {
                    let add = |(a, b): (u8, u8), c| a + b + c;
                    async move {
                        let _ = add((1, 2), 3);
                        ctx.stopped().await;
                    }
                },
            },
            Worker {
                name: "captured",
                start: move |ctx| hello(ctx, greeting.clone())
            },
            Worker {
                name: "turbofish",
                start: run::<u8, HashMap<u8, Vec<u16>>, { 1 + 1 }>
            },
            Worker {
                name: "an array",
                start: run::<[u8; 2], fn(u8, u8) -> u8, 2>
            },
            Worker {
                name: "qualified",
                start: <Pair<u8, (u16, u32)> as Runs>::run
            },
            Worker {
                name: "qualified behind a path",
                start: Pair::<u8, u16>::run
            },
            Worker {
                name: named(HashMap::<u8, u16>::new(), "a call"),
                start: run::<u8, u8, 1>,
            },
            Worker {
                name: match (one, two) {
                    (1, 2) | (2, 1) => "a match",
                    _ => "another",
                },
                start,
                significant: false,
                backoff: Backoff::exponential(100ms, 1m).without_jitter(),
                own_tolerance: Tolerance::unlimited(),
                shutdown: if one > two { 5s } else { 1m30s },
                restart: if one == 1 || two == 1 {
                    Transient
                } else {
                    Permanent
                },
            },
            Worker {
                name: format!("{one}, {}", vec![1, 2, 3].len()),
                start,
                shutdown: "2 min"
            },
            Worker {
                name: "hooks",
                start,
                on_failure: |ctx, reason: ExitReason| async move {
                    let _ = (ctx, reason);
                },
            }
            .shutdown(5s)
            .named("renamed"),
            supervision_tree!(Supervisor {
                name: "nested",
                tolerance: (1, 5s),
                children: [Worker {
                    name: "inner",
                    start
                }],
            }),
            regrow::Supervisor {
                name: "by path",
                children
            },
            regrow::Worker {
                name: "worker by path",
                start
            },
            Supervisor {
                name: "no children",
                children: []
            },
            Supervisor {
                name: "all of a list",
                children: vec![Worker::new("a", start), Worker::new("b", start)]
            },
            ..(0..3).map(|number| Worker::new(format!("shard {number}"), start)),
            Worker::new("last", start)
        ],
    });
    let tree = shop.start().await?;
    assert!(tree.child("renamed").is_ok());
    assert!(tree.child("nested").is_ok());
    assert_eq!(tree.children().len(), 23);
    tree.shutdown().await;
    Ok(())
}
