//! Workers that drain before they stop.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regrow::{
    Cancelled, Change, Context, ExitReason, Restart, Shutdown, SpecError, Stopped, Supervisor,
    SupervisorRef, ThreadContext, Worker,
};
use tokio::time::{Instant, sleep};

use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, bounded, root};

/// When a life was told what, in seconds since the story asked.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<(&'static str, Duration)>>>);

impl Times {
    fn write(&self, what: &'static str, began: Instant) {
        self.0.lock().unwrap().push((what, began.elapsed()));
    }

    fn read(&self) -> Vec<(&'static str, u64)> {
        let times = self.0.lock().unwrap();
        times
            .iter()
            .map(|(what, at)| (*what, at.as_secs()))
            .collect()
    }

    /// A server that drains for ten seconds, and has three to stop.
    fn server(&self, name: &str, began: Instant) -> Worker {
        let times = self.clone();
        let worker = Worker::new(name, move |ctx: Context| {
            let times = times.clone();
            async move {
                ctx.draining().await;
                assert!(ctx.is_draining());
                times.write("draining", began);
                ctx.stopped().await;
                assert!(ctx.is_stopping());
                times.write("stopped", began);
            }
        });
        worker.drain(10 * SECOND).shutdown(3 * SECOND)
    }
}

async fn drains_before_it_stops() {
    let (times, began) = (Times::default(), Instant::now());
    let server = times.server("server", began);
    let other = Puppet::new("other").worker();
    let mut story = Story::start(root().child(other).child(server), "+other +server +.").await;
    sleep(SECOND).await;
    story.shutdown();
    // The world is told at once, and its elder waits.
    while !matches!(&story.next().await.change, Change::Stopping) {}
    while !matches!(&story.next().await.change, Change::Stopping) {}
    assert_eq!(began.elapsed(), SECOND);
    let states: Vec<_> = story.children().iter().map(ToString::to_string).collect();
    assert_eq!(states, ["root/other (up)", "root/server (stopping)"]);
    let exit = story.ends("-server -other -.").await;
    assert!(exit.is_orderly(), "{exit}");
    assert_eq!(times.read(), [("draining", 1), ("stopped", 11)]);
}

async fn shutdown_counts_from_the_stop() {
    let deaf = Worker::new("w", |_| pending::<()>()).drain(10 * SECOND);
    let story = Story::start(root().child(deaf.shutdown(3 * SECOND)), "+w +.").await;
    let began = Instant::now();
    let exit = story.stops("!w !.").await;
    assert_eq!(began.elapsed(), 13 * SECOND);
    let [troubled] = exit.report().troubled() else {
        panic!("{exit}");
    };
    assert!(matches!(troubled.reason, ExitReason::Killed), "{exit}");
}

async fn deadline_cuts_the_drain_and_leaves_the_stop_its_time() {
    // Of five seconds two are left to drain, of one none, and at any depth.
    for (within, stopped) in [(5, 2), (1, 0)] {
        let (times, began) = (Times::default(), Instant::now());
        let deep = Supervisor::new("deep").child(times.server("server", began));
        let (root, told) = (root().child(deep), "+deep/server +deep +.");
        let (tree, events) = Story::start(root, told).await.into_parts();
        let exit = bounded(tree.shutdown_within(within * SECOND)).await;
        assert!(exit.is_orderly() && exit.report().is_clean(), "{exit}");
        assert_eq!(times.read(), [("draining", 0), ("stopped", stopped)]);
        events.told_last("-deep/server -deep -.").await;
    }
}

async fn deadline_that_is_set_later_cuts_it_too() {
    let (times, began) = (Times::default(), Instant::now());
    let deep = Supervisor::new("deep").child(times.server("server", began));
    let (root, told) = (root().child(deep), "+deep/server +deep +.");
    let (tree, events) = Story::start(root, told).await.into_parts();
    tree.root().shutdown();
    sleep(SECOND).await;
    let exit = bounded(tree.shutdown_within(5 * SECOND)).await;
    assert!(exit.is_orderly() && exit.report().is_clean(), "{exit}");
    assert_eq!(times.read(), [("draining", 0), ("stopped", 3)]);
    events.told_last("-deep/server -deep -.").await;
}

async fn life_that_is_not_up_does_not_drain() {
    let w = Puppet::new("w").asking();
    let mut story = Story::start(root(), "+.").await;
    let began = Instant::now();
    let supervisor = SupervisorRef::clone(&story);
    let worker = w.worker().drain(10 * SECOND);
    let start = tokio::spawn(async move { supervisor.start_child(worker).await });
    w.asked().await;
    story.terminate_child("w").await.unwrap();
    bounded(start).await.unwrap().unwrap_err();
    assert_eq!(began.elapsed(), Duration::ZERO);
    story.told("-w").await;
    story.stops_cleanly("-.").await;
}

async fn body_that_ends_while_it_drains_has_stopped() {
    let called = Arc::new(Mutex::new(Vec::new()));
    let calls = called.clone();
    let w = Worker::new("w", |ctx: Context| async move { ctx.draining().await });
    let w = w.drain(10 * SECOND).on_termination(move |ctx, ended| {
        // The hook hears of the stop, which nobody waits for any more.
        assert!(ctx.is_stopping());
        calls.lock().unwrap().push(ended.to_string());
        async move { ctx.stopped().await }
    });
    let story = Story::start(root().child(w), "+w +.").await;
    let began = Instant::now();
    story.stops_cleanly("-w -.").await;
    assert!(began.elapsed() < 10 * SECOND);
    assert_eq!(*called.lock().unwrap(), ["completed"]);
}

async fn kill_cuts_the_drain() {
    let w = Puppet::new("w");
    let worker = w.worker().drain(10 * SECOND).restart(Restart::Temporary);
    let mut story = Story::start(root().child(worker), "+w +.").await;
    let began = Instant::now();
    story.child("w").unwrap().kill();
    story.told("!w").await;
    assert_eq!((began.elapsed(), w.alive()), (Duration::ZERO, 0));
    story.stops_cleanly("-.").await;
}

async fn drain_is_that_of_each_life() {
    let w = Puppet::new("w");
    let worker = w.worker().drain(10 * SECOND);
    let mut story = Story::start(root().child(worker), "+w +.").await;
    // An end of its own is no stop.
    w.tell(Act::Fail);
    story.told("!w +w").await;
    let began = Instant::now();
    story.terminate_child("w").await.unwrap();
    story.restart_child("w").await.unwrap();
    assert_eq!(began.elapsed(), 10 * SECOND);
    story.told("-w +w").await;
    story.stops_cleanly("-w -.").await;
    assert_eq!(began.elapsed(), 20 * SECOND);
}

async fn token_and_nested_contexts_wait_for_the_stop() {
    let worker = Worker::new("w", |ctx: Context| async move {
        let (token, nested) = (ctx.token(), ctx.nested());
        ctx.draining().await;
        assert!(!ctx.is_stopping() && !token.is_cancelled());
        assert_eq!(nested.cancellation(), None);
        let began = Instant::now();
        assert_eq!(nested.cancelled().await, Cancelled::Stopped(Stopped));
        token.cancelled().await;
        assert_eq!(began.elapsed(), 10 * SECOND);
    });
    let root = root().child(worker.drain(10 * SECOND));
    let story = Story::start(root, "+w +.").await;
    story.stops_cleanly("-w -.").await;
}

async fn worker_without_a_drain_is_told_once() {
    let worker = Worker::new("w", |ctx: Context| async move {
        assert!(!ctx.is_draining());
        ctx.draining().await;
        assert!(ctx.is_stopping());
    });
    let story = Story::start(root().child(worker), "+w +.").await;
    story.stops_cleanly("-w -.").await;
}

async fn drain_of_a_child_that_is_killed_is_refused() {
    let worker = Worker::new("w", |_| pending::<()>()).shutdown(Shutdown::Kill);
    let error = worker.drain(SECOND).build().unwrap_err();
    assert!(matches!(error, SpecError::UselessDrain { .. }));
    assert!(
        error.to_string().starts_with("\"w\" is to drain"),
        "{error}"
    );
}

async fn drain_of_a_thread_is_refused() {
    let worker = Worker::thread("w", |ctx: ThreadContext| ctx.stopped());
    let error = worker.drain(SECOND).build().unwrap_err();
    assert!(matches!(error, SpecError::ThreadCannotDrain { .. }));
}

async fn drain_of_a_task_that_cannot_be_asked() {
    let task = tokio::spawn(pending::<()>());
    let worker = Worker::from_join_handle("w", task).drain(10 * SECOND);
    let story = Story::start(root().child(worker), "+w +.").await;
    let began = Instant::now();
    story.stops_cleanly("-w -.").await;
    assert_eq!(began.elapsed(), 10 * SECOND);
}

stories! {
    both:
        body_that_ends_while_it_drains_has_stopped,
        drain_of_a_child_that_is_killed_is_refused,
        drain_of_a_thread_is_refused,
        worker_without_a_drain_is_told_once;
    paused:
        deadline_cuts_the_drain_and_leaves_the_stop_its_time,
        deadline_that_is_set_later_cuts_it_too,
        drain_is_that_of_each_life,
        drain_of_a_task_that_cannot_be_asked,
        drains_before_it_stops,
        kill_cuts_the_drain,
        life_that_is_not_up_does_not_drain,
        shutdown_counts_from_the_stop,
        token_and_nested_contexts_wait_for_the_stop;
}
