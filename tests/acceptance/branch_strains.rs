//! The catalogue of runnables on resilience and on scale. No test fails on a timing: what is counted are lives and events.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{
    Backoff, BoxError, Branch, BranchContext, BranchError, Change, ChildState, Context, DoneError,
    ExitReason, Name, Tolerance, Worker,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, mpsc, oneshot, watch};
use tokio::task::{AbortHandle, yield_now};
use tokio::time::sleep;

use crate::branching::{Contexts, branch, open, spec, twins};
use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root};

stories! {
    both:
        mon_76_hostile_neighbours,
        mon_77_a_spawner,
        mon_78_aborted_from_outside,
        mon_79_a_panic_without_a_text,
        mon_84_many_flat_children,
        mon_86_a_deep_chain,
        mon_91_a_pipe_and_its_reader,
        mon_93_children_come_and_go;
    paused:
        mon_85_an_idle_branch_is_never_woken;
}

const MS: Duration = Duration::from_millis(1);

/// A tree that bears all, of one branch, and room for what it tells.
async fn of_open(events: usize) -> (Story, Puppet, Contexts) {
    let one = Puppet::new("one");
    let (branch, contexts) = open(&one);
    let branch = branch.tolerance(Tolerance::ever(u32::MAX));
    let tree = root().event_capacity(events).child(branch);
    (Story::start(tree, "+one +.").await, one, contexts)
}

/// Waits until this child is up.
async fn up(story: &mut Story, name: &str) {
    loop {
        let event = story.next().await;
        if event.runtime_name == name && matches!(event.change, Change::Started) {
            return;
        }
    }
}

type Pings = mpsc::UnboundedSender<oneshot::Sender<()>>;

/// Answers what it is asked.
fn pinged(begun: &Arc<AtomicUsize>) -> (Pings, Worker) {
    let (pings, asked) = mpsc::unbounded_channel::<oneshot::Sender<()>>();
    let (asked, begun) = (Arc::new(Mutex::new(asked)), begun.clone());
    let worker = Worker::new("pinged", move |ctx: Context| {
        let asked = asked.clone();
        begun.fetch_add(1, SeqCst);
        async move {
            let mut asked = asked.lock().await;
            while let Some(ping) = ctx.until_stopped(asked.recv()).await? {
                ping.send(()).ok();
            }
            Ok::<_, BoxError>(())
        }
    });
    (pings, worker)
}

/// Asks with a context of a life that is over, again and again.
fn asks_with_a_stale_context(stale: BranchContext) -> Worker {
    Worker::new("stale", move |ctx: Context| {
        let stale = stale.clone();
        async move {
            loop {
                let refused = stale.run(idle("never")).await;
                assert!(matches!(refused, Err(BranchError::Stale { .. })));
                ctx.until_stopped(sleep(10 * MS)).await?;
            }
            #[expect(unreachable_code, reason = "it names the type")]
            Ok::<_, BoxError>(())
        }
    })
}

/// Is done before it is up.
fn eager() -> Branch {
    let eager = Branch::with_notify_start("eager", |ctx: BranchContext, _notify| async move {
        ctx.done()?;
        Ok::<_, DoneError>(())
    });
    eager.backoff(Backoff::constant(100 * MS))
}

/// Is nearly always busy.
fn busy() -> Worker {
    Worker::new("busy", |ctx: Context| async move {
        loop {
            for _ in 0..100 {
                yield_now().await;
            }
            ctx.until_stopped(sleep(MS)).await?;
        }
        #[expect(unreachable_code, reason = "it names the type")]
        Ok::<_, BoxError>(())
    })
}

/// Starts children for as long as it lives.
fn spawner(every: Duration, child: impl Fn(&str) -> Branch + Send + Sync + 'static) -> Branch {
    let child = Arc::new(child);
    Branch::new("spawner", move |ctx: BranchContext| {
        let child = child.clone();
        async move {
            let mut number = 0;
            loop {
                ctx.run(child(&format!("n{number}"))).await?;
                number += 1;
                ctx.until_stopped(sleep(every)).await?;
            }
            #[expect(unreachable_code, reason = "it names the type")]
            Ok::<_, BoxError>(())
        }
    })
}

async fn mon_76_hostile_neighbours() {
    let (mut story, one, mut contexts) = of_open(1 << 16).await;
    let stale = contexts.next().await;
    one.fails();
    up(&mut story, "root/one").await;
    let ctx = contexts.next().await;
    ctx.run(asks_with_a_stale_context(stale)).await.unwrap();
    ctx.run(eager()).await.unwrap();
    ctx.run(busy()).await.unwrap();
    let lives = Arc::new(AtomicUsize::new(0));
    let born = lives.clone();
    let endless = spawner(10 * MS, move |name| twins(name, 0, &born));
    ctx.run(endless).await.unwrap();
    let begun = Arc::new(AtomicUsize::new(0));
    let (pings, worker) = pinged(&begun);
    let sibling = Puppet::new("sibling");
    ctx.run_group([worker, sibling.worker()]).await.unwrap();
    for round in 1..=5 {
        up(&mut story, "root/one/pinged").await;
        assert_eq!(begun.load(SeqCst), round);
        for _ in 0..5 {
            let (ping, answered) = oneshot::channel();
            pings.send(ping).unwrap();
            bounded(answered).await.unwrap();
            sleep(5 * MS).await;
        }
        sibling.tell(Act::Panic);
    }
    up(&mut story, "root/one/pinged").await;
    assert!(lives.load(SeqCst) > 10);
    let (tree, _events) = story.into_parts();
    assert!(bounded(tree.shutdown()).await.is_orderly());
    assert_eq!(one.alive(), 0);
}

async fn mon_77_a_spawner() {
    let (mut story, _one, mut contexts) = of_open(1 << 16).await;
    let ctx = contexts.next().await;
    let other = Puppet::new("other");
    ctx.run(other.worker()).await.unwrap();
    let lives = Arc::new(AtomicUsize::new(0));
    let born = lives.clone();
    // Seven nodes, again and again; on threads a bit faster than the case has it.
    let endless = spawner(20 * MS, move |name| twins(name, 2, &born));
    ctx.run(endless).await.unwrap();
    for tree in 0..20 {
        up(&mut story, &format!("root/one/spawner/n{tree}/r/r")).await;
    }
    assert!(lives.load(SeqCst) >= 20 * 7 - 6);
    assert_eq!(other.begun(), 1);
    other.fails();
    up(&mut story, "root/one/other").await;
    assert_eq!(story.child("one/spawner").unwrap().restarts(), 0);
    let (tree, _events) = story.into_parts();
    assert!(bounded(tree.shutdown()).await.is_orderly());
    assert_eq!((other.begun(), other.alive()), (2, 0));
}

async fn mon_78_aborted_from_outside() {
    let (mut story, _one, mut contexts) = of_open(1024).await;
    let ctx = contexts.next().await;
    let (hand, mut handles) = mpsc::unbounded_channel::<AbortHandle>();
    let task = Worker::joining("task", move |ctx: Context| {
        let task = tokio::spawn(async move { ctx.stopped().await });
        hand.send(task.abort_handle()).ok();
        task
    });
    ctx.run(task).await.unwrap();
    story.told("+one/task").await;
    handles.recv().await.unwrap().abort();
    let failed = story.next_signed().await;
    assert!(
        matches!(failed.change, Change::Failed(ExitReason::Killed)),
        "{failed}"
    );
    story.told("+one/task").await;
    let child = story.child("one/task").unwrap();
    assert_eq!((child.state(), child.restarts()), (ChildState::Up, 1));
    story.stops_cleanly("-one/task -one -.").await;
}

async fn mon_79_a_panic_without_a_text() {
    let (mut story, _one, mut contexts) = of_open(1024).await;
    let ctx = contexts.next().await;
    let lives = AtomicUsize::new(0);
    let worker = Worker::new("w", move |ctx: Context| {
        let is_first = lives.fetch_add(1, SeqCst) == 0;
        async move {
            if is_first {
                std::panic::panic_any(17);
            }
            ctx.stopped().await;
        }
    });
    ctx.run(worker).await.unwrap();
    story.told("+one/w").await;
    match story.next_signed().await.change {
        Change::Failed(ExitReason::Panicked(panic)) => {
            assert!(!panic.message().is_empty());
            assert!(panic.location().is_some());
        }
        other => panic!("{other:?}"),
    }
    story.told("+one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}

/// How many events so many children need to come up, and one of them to be restarted.
async fn events_of(count: usize) -> (u64, u64) {
    let (mut story, _one, mut contexts) = of_open(1 << 16).await;
    let ctx = contexts.next().await;
    let child = idle("template").build().unwrap();
    let mut first = None;
    for number in 0..count {
        let named = child
            .clone()
            .with_name(Name::new(format!("n{number}")).unwrap());
        ctx.run(named).await.unwrap();
    }
    let mut ups = 0;
    let mut last = 0;
    while ups < count {
        let event = story.next().await;
        first.get_or_insert(event.sequence);
        last = event.sequence;
        ups += usize::from(matches!(event.change, Change::Started));
    }
    story.kill("one/n7").unwrap();
    let after = loop {
        let event = story.next().await;
        assert_eq!(event.runtime_name, "root/one/n7");
        if matches!(event.change, Change::Started) {
            break event.sequence;
        }
    };
    assert_eq!(story.snapshot().runtime_names().len(), count + 2);
    let (tree, _events) = story.into_parts();
    assert!(bounded(tree.shutdown()).await.is_orderly());
    (last - first.unwrap_or_default(), after - last)
}

async fn mon_84_many_flat_children() {
    let (few, restart_of_few) = events_of(100).await;
    let (many, restart_of_many) = events_of(10_000).await;
    assert!(many <= 100 * (few + 1), "{few} events, then {many}");
    assert_eq!(restart_of_many, restart_of_few);
}

async fn mon_85_an_idle_branch_is_never_woken() {
    let parks_in_an_hour = async || {
        let metrics = Handle::current().metrics();
        let before = metrics.worker_park_count(0);
        sleep(HOUR).await;
        metrics.worker_park_count(0) - before
    };
    let without = parks_in_an_hour().await;
    let (mut story, _one, mut contexts) = of_open(1024).await;
    let ctx = contexts.next().await;
    // One that has restarted, and a group that has.
    let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
    let a_spec = a.worker().backoff(Backoff::constant(SECOND));
    ctx.run(a_spec).await.unwrap();
    ctx.run_group([b.worker(), c.worker()]).await.unwrap();
    story.told("{+one/a +one/b +one/c}").await;
    a.fails();
    story.told("!one/a +one/a").await;
    b.fails();
    story.told("!one/b -one/c {+one/b +one/c}").await;
    let with = parks_in_an_hour().await;
    assert!(with <= without + 1, "{with} against {without}");
    story.stops_cleanly("{-one/a -one/b -one/c} -one -.").await;
}

/// A branch in a branch in a branch, each called `n`; tells when the lowest runs.
fn chain(levels: u32, lowest: &Arc<Notify>) -> Branch {
    let lowest = lowest.clone();
    Branch::new("n", move |ctx: BranchContext| {
        let lowest = lowest.clone();
        async move {
            if levels > 1 {
                ctx.run(chain(levels - 1, &lowest)).await?;
            } else {
                lowest.notify_one();
            }
            ctx.stopped().await;
            Ok::<_, BranchError>(())
        }
    })
}

/// How many events a chain takes to start, to start again when its top was killed, and to stop.
async fn events_of_chain(levels: u32) -> u64 {
    let lowest = Arc::new(Notify::new());
    let tree = root().event_capacity(1 << 14);
    let mut story = Story::start(tree.child(chain(levels, &lowest)), "").await;
    bounded(lowest.notified()).await;
    story.kill("n").unwrap();
    bounded(lowest.notified()).await;
    bounded(story.settled()).await.unwrap();
    let names = story.snapshot().runtime_names();
    assert_eq!(names.len(), 1 + levels as usize);
    let root = regrow::SupervisorRef::clone(&story);
    root.shutdown();
    loop {
        let event = story.next().await;
        if event.runtime_name == "root" && matches!(event.change, Change::Stopped) {
            return event.sequence;
        }
    }
}

async fn mon_86_a_deep_chain() {
    let (few, many) = (events_of_chain(100).await, events_of_chain(1000).await);
    assert!(many <= 10 * few, "{few} events, then {many}");
}

/// A channel that is filled from a watch belongs to one life of the branch that has both ends.
async fn mon_91_a_pipe_and_its_reader() {
    let (value, values) = watch::channel(0);
    let (told, mut reads) = mpsc::unbounded_channel();
    let reader_fails = Arc::new(Notify::new());
    let fails = reader_fails.clone();
    let both = Branch::new("both", move |ctx: BranchContext| {
        let (values, told, fails) = (values.clone(), told.clone(), fails.clone());
        async move {
            let (write, read) = mpsc::channel(8);
            let read = Arc::new(Mutex::new(read));
            let pipe = Worker::new("pipe", move |ctx: Context| {
                let (mut values, write) = (values.clone(), write.clone());
                values.mark_changed();
                async move {
                    while ctx.until_stopped(values.changed()).await?.is_ok() {
                        let value = *values.borrow_and_update();
                        write.send(value).await?;
                    }
                    Ok::<_, BoxError>(())
                }
            });
            let reader = Worker::new("reader", move |ctx: Context| {
                let (read, told, fails) = (read.clone(), told.clone(), fails.clone());
                async move {
                    let first = ctx.until_stopped(read.lock().await.recv()).await?;
                    told.send(first).ok();
                    ctx.until_stopped(fails.notified()).await?;
                    Err::<(), BoxError>("the reader fails".into())
                }
            });
            ctx.run_group([pipe, reader]).await?;
            ctx.stopped().await;
            Ok::<_, BranchError>(())
        }
    });
    let mut story = Story::start(root().child(both.tolerance((0, HOUR))), "").await;
    story.told("{+both +. +both/pipe +both/reader}").await;
    assert_eq!(bounded(reads.recv()).await, Some(Some(0)));
    for number in 1..=3 {
        value.send(number).unwrap();
        yield_now().await;
    }
    reader_fails.notify_one();
    story
        .told("!both/reader -both/pipe !both {+both +both/pipe +both/reader}")
        .await;
    assert_eq!(bounded(reads.recv()).await, Some(Some(3)));
    story
        .stops_cleanly("{-both/pipe -both/reader} -both -.")
        .await;
}

async fn mon_93_children_come_and_go() {
    let one = branch(&Puppet::new("one"), [vec![spec(idle("a"))]]);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/a}").await;
    let own = story.supervisor("one").unwrap();
    let b = Puppet::new("b");
    let child = bounded(own.start_child(b.worker())).await.unwrap();
    assert_eq!(child.state(), ChildState::Up);
    story.told("+one/b").await;
    // It is kept like those that the body started,
    b.fails();
    story.told("!one/b +one/b").await;
    // stays down when it was brought down, until somebody wants it again,
    bounded(own.terminate_child("b")).await.unwrap();
    bounded(own.restart_child("b")).await.unwrap();
    story.told("-one/b +one/b").await;
    // and is forgotten when it is deleted.
    bounded(own.terminate_child("b")).await.unwrap();
    bounded(own.delete_child("b")).await.unwrap();
    story.told("-one/b").await;
    let removed = story.next().await;
    assert!(matches!(removed.change, Change::Removed), "{removed}");
    assert_eq!(removed.runtime_name, "root/one/b");
    assert!(story.child("one/b").is_err());
    story.stops_cleanly("-one/a -one -.").await;
}
