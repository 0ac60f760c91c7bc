//! `supervision_tree!`: what the tree does.
use std::time::Duration;

use regrow::testing::Recorder;
use regrow::{
    ChildSpec, Context, IntoChildSpec, NotifyStart, Supervisor, Worker, supervision_tree,
};
use tokio::time::{Instant, sleep};

use crate::printed;

async fn run(ctx: Context) {
    ctx.stopped().await;
}

#[regrow::worker]
async fn idle(ctx: Context) {
    ctx.stopped().await;
}

fn named(name: &str) -> Worker {
    Worker::new(name, run)
}

/// What a tree tells while it starts and stops.
async fn story(root: Supervisor, expected: &str) {
    let (tree, mut told) = Recorder::start(root).await;
    let tree = tree.unwrap();
    let (starts, stops) = expected.split_once(" | ").unwrap();
    told.told(starts).await;
    assert!(tree.shutdown().await.is_orderly());
    told.told_last(stops).await;
}

/// 5.1
#[tokio::test(start_paused = true)]
async fn children_start_as_they_are_written() {
    let spec: std::sync::Arc<ChildSpec> = named("spec").into_child_spec().unwrap();
    let last = ["y", "z"].map(named);
    let root = supervision_tree!(Supervisor {
        name: "root",
        children: [
            Worker {
                name: "a",
                start: run
            },
            ..["b", "c"].map(named),
            idle(),
            &spec,
            ..(0..2).map(|number| named(&format!("d{number}"))),
            Supervisor {
                name: "sub",
                children: [
                    ..["e"].map(named),
                    Worker {
                        name: "f",
                        start: run
                    }
                ]
            },
            ..last,
        ],
    });
    story(
        root,
        "+a +b +c +idle +spec +d0 +d1 +sub/e +sub/f +sub +y +z +. \
         | -z -y -sub/f -sub/e -sub -d1 -d0 -spec -idle -c -b -a -.",
    )
    .await;
}

/// 3.1, 3.2
#[tokio::test(start_paused = true)]
async fn who_notifies_is_waited_for() {
    async fn slow(ctx: Context, notify: NotifyStart) {
        sleep(Duration::from_secs(3)).await;
        notify.ready();
        ctx.stopped().await;
    }
    let begun = Instant::now();
    let root = supervision_tree!(Supervisor {
        name: "root",
        children: [
            Worker {
                name: "slow",
                start: slow,
                notify_start: true
            },
            Worker {
                name: "quick",
                start: run,
                notify_start: false
            },
        ],
    });
    let tree = root.start().await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    tree.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_against_a_condition_is_absent() {
    let root = supervision_tree!(Supervisor {
        name: "root",
        #[cfg(any())]
        strategy: OneForAll,
        children: [
            #[cfg(any())]
            Worker { name: "a", start: run },
            #[cfg(all())]
            Worker { name: "b", start: run },
            #[cfg(any())]
            ..nobody_has_these(),
            #[cfg(not(any()))]
            ..["c"].map(named),
        ],
    });
    let by_hand = Supervisor::new("root").child(named("b")).child(named("c"));
    assert_eq!(printed(root.clone()), printed(by_hand));
    story(root, "+b +c +. | -c -b -.").await;
}

/// What is called behind the braces comes last.
#[tokio::test(start_paused = true)]
async fn what_is_called_on_a_node_is_done() {
    let root = supervision_tree!(
        Supervisor {
            name: "root",
            children: [
                Worker {
                    name: "a",
                    start: run
                }
                .named("renamed"),
                Supervisor {
                    name: "sub",
                    children: []
                }
                .child(named("below")),
            ],
        }
        .child(named("last"))
    );
    story(
        root,
        "+renamed +sub/below +sub +last +. | -last -sub/below -sub -renamed -.",
    )
    .await;
}

supervision_tree!(
    web = Supervisor {
        name: "web",
        strategy: OneForAll,
        children: [
            Worker {
                name: "acceptor",
                start: run
            },
            Worker {
                name: "cache",
                start: run
            },
        ],
    }
);

/// A tree is a child like any other: its names are those of its own root.
#[tokio::test(start_paused = true)]
async fn a_tree_stands_below_another() {
    let inner = supervision_tree!(Worker {
        name: "inner",
        start: run
    });
    let root = supervision_tree!(Supervisor {
        name: "root",
        children: [web(), inner]
    });
    let (tree, mut told) = Recorder::start(root).await;
    let tree = tree.unwrap();
    told.told("+web/acceptor +web/cache +web +inner +.").await;
    assert_eq!(web::cache, "web/cache");
    tree.kill(web::cache).unwrap();
    told.told("!web/cache -web/acceptor +web/acceptor +web/cache")
        .await;
    tree.shutdown().await;
    told.told_last("-inner -web/cache -web/acceptor -web -.")
        .await;
}

/// A closure is called for each life, and a duration stands wherever an expression does.
#[tokio::test(start_paused = true)]
async fn what_a_closure_captures_outlives_a_life() {
    let (send, mut lives) = tokio::sync::mpsc::unbounded_channel();
    let root = supervision_tree!(Supervisor {
        name: "root",
        tolerance: (3, 1h),
        children: [Worker {
            name: "short",
            start: move |ctx: Context| {
                let send = send.clone();
                async move {
                    send.send(ctx.incarnation().number()).ok();
                    sleep(1m30s).await;
                    Err::<(), _>("its time is up")
                }
            },
        }],
    });
    let begun = Instant::now();
    let tree = root.start().await.unwrap();
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(lives.recv().await.unwrap());
    }
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(begun.elapsed(), Duration::from_secs(180));
    tree.shutdown().await;
}
