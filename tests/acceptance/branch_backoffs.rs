//! The catalogue of runnables on backoffs. It has one policy for all; here each child has its own, which is set to that
//! one where a case is about it: half a second, doubled up to a minute, and begun anew as soon as it is up.

use std::time::Duration;

use regrow::{Backoff, Change, ExitReason, SupervisorFailure, Tolerance, Worker};
use tokio::time::Instant;

use crate::branching::{branch, next_delay, open, spec};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, root};

stories! {
    both:
        mon_54_escalation;
    paused:
        mon_46_the_first_wait,
        mon_47_the_fifth_wait,
        mon_48_the_longest_wait,
        mon_49_up_in_between,
        mon_50_no_wait_for_a_stop,
        mon_51_a_wait_that_ends_with_the_branch,
        mon_52_a_loop_over_the_restarts_of_its_branch,
        mon_55_a_stop_during_a_wait,
        mon_56_the_seed_repeats_the_waits;
}

const MS: Duration = Duration::from_millis(1);

/// That of the catalogue.
fn policy() -> Backoff {
    let policy = Backoff::exponential(500 * MS, 60 * SECOND);
    policy.reset_after(Duration::ZERO)
}

/// The story of a branch with one child, which has the policy; its starts ask.
async fn of_one() -> (Story, Puppet) {
    let w = Puppet::new("w").asking();
    let child = w.worker().backoff(policy());
    let one = branch(&Puppet::new("one"), [vec![spec(child)]]);
    let one = one.tolerance(Tolerance::ever(99));
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +.}").await;
    (story, w)
}

/// Lets so many starts fail, and gives the last wait.
async fn wait_after(story: &mut Story, w: &Puppet, failures: u32) -> Duration {
    let mut wait = Duration::ZERO;
    for _ in 0..failures {
        w.answer(Act::Fail).await;
        wait = next_delay(story).await;
    }
    wait
}

async fn mon_46_the_first_wait() {
    let (mut story, w) = of_one().await;
    let wait = wait_after(&mut story, &w, 1).await;
    assert!((250 * MS..=750 * MS).contains(&wait), "{wait:?}");
    w.answer(Act::Complete).await;
    story.told("+one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}

async fn mon_47_the_fifth_wait() {
    let (mut story, w) = of_one().await;
    let wait = wait_after(&mut story, &w, 5).await;
    assert!((SECOND..=8 * SECOND).contains(&wait), "{wait:?}");
    w.answer(Act::Complete).await;
    story.told("+one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}

async fn mon_48_the_longest_wait() {
    let (mut story, w) = of_one().await;
    let wait = wait_after(&mut story, &w, 20).await;
    assert!((30 * SECOND..=60 * SECOND).contains(&wait), "{wait:?}");
    // It is tried again all the same.
    w.answer(Act::Complete).await;
    story.told("+one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}

async fn mon_49_up_in_between() {
    let (mut story, w) = of_one().await;
    wait_after(&mut story, &w, 5).await;
    w.answer(Act::Complete).await;
    story.told("+one/w").await;
    w.fails();
    let wait = next_delay(&mut story).await;
    assert!((250 * MS..=750 * MS).contains(&wait), "{wait:?}");
    w.answer(Act::Complete).await;
    story.told("+one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}

async fn mon_50_no_wait_for_a_stop() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let slow = b.worker().backoff(Backoff::constant(HOUR));
    let group = vec![spec(a.worker()), spec(slow)];
    let mut story = Story::start(root().child(branch(&Puppet::new("g"), [group])), "").await;
    story.told("{+g +. +g/a +g/b}").await;
    let began = Instant::now();
    a.fails();
    story.told("!g/a -g/b {+g/a +g/b}").await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    story.stops_cleanly("{-g/a -g/b} -g -.").await;
}

async fn mon_51_a_wait_that_ends_with_the_branch() {
    let [outer, inner] = ["outer", "inner"].map(Puppet::new);
    let child = spec(inner.worker().backoff(Backoff::constant(10 * SECOND)));
    let mut story = Story::start(root().child(branch(&outer, [vec![child]])), "").await;
    story.told("{+outer +. +outer/inner}").await;
    inner.fails();
    story.told("!outer/inner").await;
    let began = Instant::now();
    outer.fails();
    story.told("!outer {+outer +outer/inner}").await;
    assert!(began.elapsed() < SECOND);
    story.quiet(HOUR).await;
    assert_eq!(inner.begun(), 2);
    story.stops_cleanly("-outer/inner -outer -.").await;
}

/// A child's history ends with the life of its branch; that of the branch goes on.
async fn mon_52_a_loop_over_the_restarts_of_its_branch() {
    let broken = Worker::new("w", |_| async { Err::<(), _>("again") });
    let one = branch(&Puppet::new("one"), [vec![spec(broken)]]);
    let waits = Backoff::exponential(SECOND, HOUR).without_jitter();
    let one = one.tolerance((1, HOUR)).backoff(waits);
    let mut story = Story::start(root().child(one), "").await;
    let began = Instant::now();
    story
        .told("{+one +. +one/w !one/w +one/w !one/w} !one")
        .await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    for seconds in [1, 3] {
        story.told("{+one +one/w !one/w +one/w !one/w} !one").await;
        assert_eq!(began.elapsed(), seconds * SECOND);
    }
    let exit = story.ends("!.").await;
    let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
        panic!("{exit:?}");
    };
    assert_eq!(why.child, "root/one");
}

async fn mon_54_escalation() {
    let [one, w] = ["one", "w"].map(Puppet::new);
    let tolerance = (2, HOUR);
    let one = branch(&one, [vec![spec(w.worker())]]).tolerance(tolerance);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/w}").await;
    for _ in 0..2 {
        w.fails();
        story.told("!one/w +one/w").await;
    }
    w.fails();
    story.told("!one/w").await;
    let failed = story.next_signed().await;
    let Change::Failed(ExitReason::Failed(error)) = &failed.change else {
        panic!("{failed:?}");
    };
    let Some(SupervisorFailure::GaveUp(why)) = error.find() else {
        panic!("{error:?}");
    };
    assert_eq!((why.child.as_str(), why.limit()), ("root/one/w", 2));
    assert_eq!(why.tolerance, tolerance.into());
    // The supervisor above it restarts it, with a window of its own.
    story.told("{+one +one/w}").await;
    w.fails();
    story.told("!one/w +one/w").await;
    story.stops_cleanly("-one/w -one -.").await;
}

async fn mon_55_a_stop_during_a_wait() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let child = spec(a.worker().backoff(Backoff::constant(HOUR)));
    // Alone, and in a group.
    for (with, starts, fails, stops) in [
        (vec![], "{+one +. +one/a}", "!one/a", "-one -."),
        (
            vec![spec(b.worker())],
            "{+one +. +one/a +one/b}",
            "!one/a -one/b",
            "-one -.",
        ),
    ] {
        let group = [vec![child.clone()], with].concat();
        let one = branch(&Puppet::new("one"), [group]);
        let mut story = Story::start(root().child(one), "").await;
        story.told(starts).await;
        let (began, begun) = (Instant::now(), a.begun());
        a.fails();
        story.told(fails).await;
        story.stops_cleanly(stops).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(a.begun(), begun);
    }
}

async fn mon_56_the_seed_repeats_the_waits() {
    let waits = async |seed| {
        let w = Puppet::new("w").asking();
        let (one, mut contexts) = open(&Puppet::new("one"));
        let one = one.tolerance(Tolerance::ever(99)).seed(seed);
        let mut story = Story::start(root().child(one), "+one +.").await;
        let ctx = contexts.next().await;
        ctx.run(w.worker().backoff(policy())).await.unwrap();
        let mut waits = Vec::new();
        for _ in 0..5 {
            w.answer(Act::Fail).await;
            waits.push(next_delay(&mut story).await);
        }
        w.asked().await;
        story.stops_cleanly("-one/w -one -.").await;
        waits
    };
    let once = waits(7).await;
    assert_eq!(waits(7).await, once);
    assert_ne!(waits(8).await, once);
}
