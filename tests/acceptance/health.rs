//! Whether a tree is well, and when it is at rest. Numbers in comments are those of `docs/semantics.md`.

use std::time::Duration;

use regrow::watch::{Cause, Health, SettleError};
use regrow::{
    Backoff, Change, ChildState, DynamicSupervisor, ExitReason, Restart, StartFailure, Strategy,
    Supervisor, SupervisorRef, Worker,
};
use tokio::time::{Instant, advance, timeout};

use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root};

/// Who is not well, by path and state, the longest unwell first.
fn unwell(health: &Health) -> Vec<String> {
    let children = health.children().iter();
    children
        .map(|child| format!("{} {}", child.runtime_name, child.state))
        .collect()
}

/// `w1`, which waits an hour for its restart, has failed.
async fn w1_failed() -> Story {
    let w1 = Puppet::new("w1");
    let patient = w1.worker().backoff(Backoff::constant(HOUR));
    let tree = root().child(patient).child(idle("w2"));
    let mut story = Story::start(tree, "+w1 +w2 +.").await;
    w1.fails();
    story.told("!w1").await;
    story
}

async fn ends(story: Story) {
    let (tree, _) = story.into_parts();
    bounded(tree.shutdown()).await;
}

async fn cap_016_workers_that_are_up() {
    let tree = root().child(idle("w1")).child(idle("w2"));
    let story = Story::start(tree, "+w1 +w2 +.").await;
    assert!(story.health().is_healthy());
    ends(story).await;
}

async fn cap_018_report_of_who_is_well() {
    let story = Story::start(root().child(idle("w1")), "+w1 +.").await;
    let health = story.health();
    assert!(matches!(health, Health::Healthy));
    assert_eq!(health.to_string(), "healthy");
    assert!(unwell(&health.tolerating(0, Duration::ZERO)).is_empty());
    ends(story).await;
}

/// Too many have failed; that one has failed for long is borne.
async fn cap_019_too_many_failures() {
    let story = w1_failed().await;
    let health = story.health();
    assert_eq!(
        unwell(&health.clone().tolerating(0, SECOND)),
        ["root/w1 restarting"]
    );
    let delayed = health.tolerating(usize::MAX, SECOND);
    assert!(delayed.is_healthy(), "{delayed}");
    ends(story).await;
}

/// Few have failed; that one has failed for so long is not borne.
async fn cap_020_too_long_a_failure() {
    let story = w1_failed().await;
    advance(Duration::from_millis(1)).await;
    let health = story.health();
    let failed = health.clone().tolerating(100, HOUR);
    assert!(failed.is_healthy(), "{failed}");
    assert_eq!(
        unwell(&health.tolerating(100, Duration::ZERO)),
        ["root/w1 restarting"]
    );
    ends(story).await;
}

async fn cap_048_single_child() {
    let story = Story::start(root().child(idle("one")), "+one +.").await;
    let root = SupervisorRef::clone(&story);
    story.stops_cleanly("-one -.").await;
    assert!(root.health().is_healthy());
}

/// What did not stop is not well after the end of the tree either.
async fn cap_050_child_that_does_not_stop() {
    let never = Puppet::new("child2");
    let time = Duration::from_millis(10);
    let branch0 = Supervisor::new("branch0").child(idle("child0"));
    let branch1 = Supervisor::new("branch1")
        .child(never.worker().shutdown(time))
        .child(idle("child3"));
    let tree = root().child(branch0).child(branch1);
    let told = "+branch0/child0 +branch0 +branch1/child2 +branch1/child3 +branch1 +.";
    let story = Story::start(tree, told).await;
    never.hangs().await;
    let root = SupervisorRef::clone(&story);
    let mut watch = root.watch_health();
    let told = "-branch1/child3 !branch1/child2 !branch1 -branch0/child0 -branch0 !.";
    story.stops(told).await;
    let mut seen = watch.seen().clone();
    while let Some(health) = bounded(watch.changed()).await {
        seen = health;
    }
    let mut children = unwell(&root.health());
    assert_eq!(unwell(&seen), children);
    children.sort_unstable();
    let expected = ["root down", "root/branch1 down", "root/branch1/child2 down"];
    assert_eq!(children, expected);
}

async fn tells_what_is_wrong_in_one_line() {
    let fussy = Worker::with_notify_start("db", |ctx, notify| async move {
        match ctx.incarnation().number() {
            1 => notify.ready(),
            _ => return notify.failed("refused,\nagain"),
        }
        ctx.until_stopped(tokio::time::sleep(SECOND)).await.ok();
    });
    let patient = fussy.backoff(Backoff::constant(10 * SECOND));
    let mut story = Story::start(root().child(patient), "+db +.").await;
    story.told("~db").await;
    advance(3 * SECOND).await;
    let line = "degraded: root/db restarting for 3s (completed)";
    assert_eq!(story.health().to_string(), line);
    story.told("xdb").await;
    let line = "degraded: root/db restarting for 10s (start failed: refused, again)";
    assert_eq!(story.health().to_string(), line);
    let health = story.health();
    let cause = health.children()[0].cause.as_ref().unwrap();
    assert!(matches!(cause, Cause::NotStarted(StartFailure::Failed(_))));
    assert_eq!(health.children()[0].age(), 10 * SECOND);
    ends(story).await;
}

async fn names_three_and_counts_the_rest() {
    let puppets: Vec<_> = ["a", "b", "c", "d", "e"].map(Puppet::new).into();
    let children = puppets.iter().map(|puppet| {
        let worker = puppet.worker();
        worker.backoff(Backoff::constant(HOUR))
    });
    let tree = root().tolerance((9, HOUR)).children(children);
    let mut story = Story::start(tree, "+a +b +c +d +e +.").await;
    for puppet in &puppets {
        puppet.fails();
    }
    story.told("{!a !b !c !d !e}").await;
    let line = story.health().to_string();
    assert!(line.ends_with(", and 2 more"), "{line}");
    ends(story).await;
}

/// 32.1: a child is not well while it starts; who asks for what is below a supervisor hears of that alone.
async fn who_starts_is_not_well() {
    let puppet = Puppet::new("slow").asking();
    let tree = root()
        .child(Supervisor::new("sub").child(idle("w")))
        .child(idle("other"));
    let story = Story::start(tree, "+sub/w +sub +other +.").await;
    let start = story.start_child(puppet.worker());
    let look = async {
        puppet.asked().await;
        assert_eq!(unwell(&story.health()), ["root/slow starting"]);
        assert!(story.supervisor("sub").unwrap().health().is_healthy());
        puppet.tell(Act::Complete);
    };
    let (started, ()) = tokio::join!(bounded(start), look);
    started.unwrap();
    assert!(story.health().is_healthy());
    ends(story).await;
}

/// 32.1: who is stopped for another's failure is not well; who is stopped by its user is.
async fn who_stops_unasked_is_not_well() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b").cleaning(SECOND));
    let tree = root()
        .strategy(Strategy::OneForAll)
        .child(a.worker())
        .child(b.worker());
    let mut story = Story::start(tree, "+a +b +.").await;
    a.fails();
    story.told("!a").await;
    advance(Duration::from_millis(1)).await;
    let expected = ["root/a restarting", "root/b stopping"];
    assert_eq!(unwell(&story.health()), expected);
    story.told("-b +a +b").await;
    assert!(story.health().is_healthy());

    let root = SupervisorRef::clone(&story);
    let down = root.terminate_child("b");
    let look = async {
        story.quiet(Duration::from_millis(1)).await;
        assert_eq!(story.child("b").unwrap().state(), ChildState::Stopping);
        assert!(story.health().is_healthy());
    };
    let (down, ()) = tokio::join!(bounded(down), look);
    down.unwrap();
    assert!(story.health().is_healthy());
    ends(story).await;
}

/// 32.2: who completed and who is forgotten is not asked about; nor who was brought down while it waited.
async fn who_is_no_more_is_forgotten() {
    let done = Puppet::new("done");
    let gone = Puppet::new("gone");
    let waits = Puppet::new("waits");
    let tree = root()
        .child(done.worker().restart(Restart::Transient))
        .child(gone.worker().restart(Restart::Temporary))
        .child(waits.worker().backoff(Backoff::constant(HOUR)));
    let mut story = Story::start(tree, "+done +gone +waits +.").await;
    done.completes();
    story.told("~done").await;
    gone.fails();
    story.told("!gone").await;
    waits.fails();
    story.told("!waits").await;
    assert_eq!(unwell(&story.health()), ["root/waits restarting"]);
    story.terminate_child("waits").await.unwrap();
    let waits = story.child("waits").unwrap();
    assert_eq!(waits.state(), ChildState::Down);
    assert!(story.health().is_healthy(), "{}", story.health());
    ends(story).await;
}

/// 32.1: a start that fails counts as a life does, and a child that its user could not start again stays unwell.
async fn failed_starts_count() {
    let puppet = Puppet::new("w").asking();
    let first = puppet.clone();
    let tree = root().child(puppet.worker().start_timeout(SECOND));
    let answer = async {
        first.answer(Act::Complete).await;
    };
    let (mut story, ()) = tokio::join!(Story::start(tree, "+w +."), answer);
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    assert!(story.health().is_healthy());
    bounded(story.restart_child("w")).await.unwrap_err();
    story.told("xw").await;
    let line = "degraded: root/w down for 1s (not up within the start time-out of 1s)";
    assert_eq!(story.health().to_string(), line);
    bounded(story.delete_child("w")).await.unwrap();
    assert!(story.health().is_healthy());
    ends(story).await;
}

/// 32.3: a supervisor that gives up is not well from then on, until it is up again.
async fn supervisor_that_gives_up_is_not_well() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b").cleaning(SECOND));
    let sub = Supervisor::new("sub")
        .tolerance((0, SECOND))
        .child(b.worker())
        .child(a.worker());
    let mut story = Story::start(root().child(sub), "+sub/b +sub/a +sub +.").await;
    let mut watch = story.watch_health();
    a.fails();
    story.told("!sub/a").await;
    advance(Duration::from_millis(1)).await;
    let mut children = unwell(&story.health());
    children.sort_unstable();
    let expected = [
        "root/sub stopping",
        "root/sub/a down",
        "root/sub/b stopping",
    ];
    assert_eq!(children, expected);
    story.told("-sub/b !sub +sub/b +sub/a +sub").await;
    assert!(story.health().is_healthy(), "{}", story.health());
    // The watch gives the newest, and that was seen.
    assert!(watch.seen().is_healthy());
    ends(story).await;
    assert!(bounded(watch.changed()).await.is_none());
}

/// 32.2: with a supervisor that its user brings down goes what was wrong below it.
async fn what_is_wrong_goes_with_its_supervisor() {
    let never = Puppet::new("never");
    let sub = Supervisor::new("sub").child(never.worker().shutdown(SECOND));
    let mut story = Story::start(root().child(sub), "+sub/never +sub +.").await;
    never.hangs().await;
    story.terminate_child("sub").await.unwrap_err();
    story.told("!sub/never !sub").await;
    assert!(story.health().is_healthy(), "{}", story.health());
    ends(story).await;
}

/// What an error of a user does when it is printed harms nobody.
async fn error_that_panics_when_it_is_printed() {
    #[derive(Debug)]
    struct Nasty;
    impl std::fmt::Display for Nasty {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("nasty");
        }
    }
    impl std::error::Error for Nasty {}
    let nasty = Worker::new("nasty", |_| async { Err::<(), _>(Nasty) });
    let tree = root().child(nasty.backoff(Backoff::constant(HOUR)));
    let mut story = Story::start(tree, "+nasty +.").await;
    story.told("!nasty").await;
    let line = "degraded: root/nasty restarting for 0s ((an error that panics when it is printed))";
    assert_eq!(story.health().to_string(), line);
    ends(story).await;
}

/// The event of a restart tells which it is, why, and when.
async fn restarts_tell_their_number_cause_and_delay() {
    let w = Puppet::new("w").failing_later();
    let tree = root().child(
        w.worker()
            .backoff(Backoff::exponential(SECOND, HOUR).without_jitter()),
    );
    let mut story = Story::start(tree, "+w +.").await;
    w.fails();
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = story.next().await;
        if let Change::Restarting {
            number,
            cause,
            delay,
            ..
        } = &event.change
        {
            told.push((*number, cause.clone(), *delay, event.to_string()));
        }
    }
    let (number, cause, delay, text) = &told[0];
    assert_eq!((*number, *delay), (1, SECOND));
    assert!(matches!(cause, Cause::Ended(ExitReason::Failed(_))));
    assert!(
        text.ends_with("is restarted in 1s (restart 1; failed: died)"),
        "{text}"
    );
    let (number, cause, delay, text) = &told[1];
    assert_eq!((*number, *delay), (2, 2 * SECOND));
    assert!(matches!(cause, Cause::NotStarted(StartFailure::Failed(_))));
    let end = "is restarted in 2s (restart 2; start failed: the start failed)";
    assert!(text.ends_with(end), "{text}");
    ends(story).await;
}

async fn mon_80_settles_when_nothing_is_on_its_way() {
    let w = Puppet::new("w");
    let slow = Puppet::new("slow").cleaning(SECOND);
    let tree = root()
        .child(w.worker().backoff(Backoff::constant(10 * SECOND)))
        .child(DynamicSupervisor::new("calls"))
        .child(slow.worker());
    let mut story = Story::start(tree, "+w +calls +slow +.").await;
    bounded(story.settled()).await.unwrap();
    let began = Instant::now();
    w.fails();
    story.told("!w").await;
    bounded(story.settled_ignoring_backoff()).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    // What is beside it is at rest.
    let calls = story.dynamic("calls").unwrap();
    bounded(calls.settled()).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    bounded(story.settled()).await.unwrap();
    assert_eq!(began.elapsed(), 10 * SECOND);
    story.told("+w").await;
    // A stop that its user wants is on its way too.
    let root = SupervisorRef::clone(&story);
    let down = async {
        bounded(root.terminate_child("slow")).await.unwrap();
    };
    let settled = async {
        story.quiet(Duration::from_millis(1)).await;
        bounded(story.settled_ignoring_backoff()).await.unwrap();
        assert_eq!(began.elapsed(), 11 * SECOND);
    };
    tokio::join!(down, settled);
    ends(story).await;
}

/// A group waits for the backoff of the one that failed.
async fn group_that_waits_for_a_backoff_is_at_rest() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b"));
    let tree = root()
        .strategy(Strategy::OneForAll)
        .child(a.worker().backoff(Backoff::constant(10 * SECOND)))
        .child(b.worker());
    let mut story = Story::start(tree, "+a +b +.").await;
    let began = Instant::now();
    a.fails();
    story.told("!a -b").await;
    bounded(story.settled_ignoring_backoff()).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    bounded(story.settled()).await.unwrap();
    assert_eq!(began.elapsed(), 10 * SECOND);
    story.told("+a +b").await;
    ends(story).await;
}

async fn mon_81_settles_on_any_clock_and_errs_at_the_end() {
    let slow = Puppet::new("slow").asking();
    let mut story = Story::start(root(), "+.").await;
    let root = SupervisorRef::clone(&story);
    let start = root.start_child(slow.worker());
    let settled = async {
        slow.asked().await;
        // Nothing of it hangs on time.
        let waits = timeout(Duration::from_millis(5), root.settled()).await;
        assert!(waits.is_err());
        slow.tell(Act::Complete);
        bounded(root.settled()).await
    };
    let (started, settled) = tokio::join!(bounded(start), settled);
    started.unwrap();
    settled.unwrap();
    let hangs = Puppet::new("hangs");
    bounded(root.start_child(hangs.worker().shutdown(HOUR)))
        .await
        .unwrap();
    hangs.hangs().await;
    root.shutdown();
    while !matches!(story.next().await.change, Change::Stopping) {}
    let (tree, _) = story.into_parts();
    // The tree stops, and does not settle before it has ended.
    let end = bounded(tree.shutdown_within(Duration::from_millis(5)));
    let (_, waited) = tokio::join!(end, bounded(root.settled()));
    waited.unwrap_err();
    let error = bounded(root.settled()).await.unwrap_err();
    assert!(matches!(error, SettleError::TreeEnded { .. }));
    let text = "root does not settle: its tree has ended, start it again";
    assert_eq!(error.to_string(), text);
}

stories! {
    both:
        cap_016_workers_that_are_up,
        cap_018_report_of_who_is_well,
        cap_019_too_many_failures,
        cap_048_single_child,
        names_three_and_counts_the_rest,
        who_starts_is_not_well,
        error_that_panics_when_it_is_printed,
        mon_81_settles_on_any_clock_and_errs_at_the_end;
    paused:
        cap_020_too_long_a_failure,
        cap_050_child_that_does_not_stop,
        tells_what_is_wrong_in_one_line,
        who_stops_unasked_is_not_well,
        who_is_no_more_is_forgotten,
        failed_starts_count,
        supervisor_that_gives_up_is_not_well,
        what_is_wrong_goes_with_its_supervisor,
        restarts_tell_their_number_cause_and_delay,
        mon_80_settles_when_nothing_is_on_its_way,
        group_that_waits_for_a_backoff_is_at_rest;
}
