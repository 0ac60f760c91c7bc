//! A million children start, one crashes and regrows, all stop: what a child costs is the same
//! among a million as among ten thousand. Counted, not timed; how many rows an event touches is
//! counted in `core/tests/cost.rs`.
use allocation_counter::AllocationInfo;
use regrow::{Change, Context, DynamicSupervisor, Supervisor, Worker};
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};

async fn idle(ctx: Context) {
    ctx.stopped().await;
}

/// What one size cost.
#[derive(Debug)]
struct Cost {
    start: u64,
    bytes: i64,
    restart: u64,
    stop: u64,
}

fn count(runtime: &Runtime, work: impl Future<Output = ()>) -> AllocationInfo {
    allocation_counter::measure(|| runtime.block_on(work))
}

fn cost(children: usize) -> Cost {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let workers = (0..children).map(|n| Worker::new(format!("w{n}"), idle));
    let root = Supervisor::new("root").children(workers);
    let begun = Instant::now();

    let mut tree = None;
    let start = count(&runtime, async { tree = Some(root.start().await.unwrap()) });
    let tree = tree.unwrap();
    assert_eq!(tree.count().active, children);
    let up = begun.elapsed();

    let mut events = tree.subscribe();
    let victim = format!("w{}", children / 2);
    let restart = count(&runtime, async {
        tree.kill(&victim).unwrap();
        while let Some(event) = events.next().await {
            if matches!(event.unwrap().change, Change::Started) {
                break;
            }
        }
    });
    assert_eq!(tree.child(&victim).unwrap().restarts(), 1);
    drop(events);

    let stopping = Instant::now();
    let stop = count(&runtime, async {
        let exit = tree.shutdown().await;
        assert_eq!(exit.report().clean(), children as u64);
        assert!(exit.is_orderly());
    });
    println!(
        "{children}: up after {up:?}, stopped after {:?}",
        stopping.elapsed()
    );
    Cost {
        start: start.count_total,
        bytes: start.bytes_current,
        restart: restart.count_total,
        stop: stop.count_total,
    }
}

/// Per child, to a tenth: tables that double make the rest.
fn each(total: u64, children: usize) -> f64 {
    (total as f64 / children as f64 * 10.0).round() / 10.0
}

#[test]
fn a_child_costs_the_same_among_a_million() {
    let small = cost(10_000);
    println!("{small:?}");
    for children in [100_000, 1_000_000] {
        let large = cost(children);
        println!("{large:?}");
        assert_eq!(
            each(large.start, children),
            each(small.start, 10_000),
            "allocations a start"
        );
        assert_eq!(
            each(large.stop, children),
            each(small.stop, 10_000),
            "allocations a stop"
        );
        assert!(
            large.bytes / children as i64 <= small.bytes / 10_000,
            "bytes a child"
        );
        assert!(
            large.restart <= small.restart + 2,
            "allocations of one restart"
        );
    }
}

#[test]
fn trees_and_children_that_come_and_go_leave_nothing() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let trees = async |rounds: usize| {
        for _ in 0..rounds {
            let tree = Supervisor::new("root")
                .child(Worker::new("a", idle))
                .child(Supervisor::new("web").child(Worker::new("b", idle)))
                .child(DynamicSupervisor::new("pool"))
                .start()
                .await
                .unwrap();
            let pool = tree.dynamic("pool").unwrap();
            let child = pool.start_numbered(Worker::once("x", idle)).await.unwrap();
            pool.terminate_child(child.name().as_str()).await.unwrap();
            assert!(tree.shutdown().await.is_orderly());
        }
    };
    // The first rounds fill what is kept for later: the runtime's queues, the thread's locals.
    count(&runtime, trees(10));
    let later = count(&runtime, trees(200));
    assert!(later.bytes_current < 1024, "{later:?}");
}
