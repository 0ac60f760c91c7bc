//! Tolerances of children's own, without a limit, and with a choice at their end (semantics 13).

use std::time::Duration;

use regrow::{
    AtLimit, Backoff, BranchError, Change, DynamicSupervisor, ResetError, SpecError,
    StartChildError, Strategy, Supervisor, SupervisorFailure, Tolerance, TreeEvent,
};

use crate::fixtures::idle;
use crate::puppet::Puppet;
use crate::story::{HOUR, SECOND, Story, says};

stories! {
    both: a_child_is_judged_by_its_own_tolerance, a_child_of_its_own_ends_its_supervisor,
    what_stays_down_is_restarted_by_its_user_alone, a_reset_forgets_restarts,
    specs_that_contradict_themselves_are_refused, a_reset_needs_a_supervisor;
    paused: any_number_of_restarts_is_borne, a_child_cools_off, a_group_goes_on_without_who_stays_down,
    a_reset_forgets_failures;
}

fn strict() -> Supervisor {
    Supervisor::new("root").tolerance((0, HOUR))
}

/// The next event that says that a tolerance is used up.
async fn used_up(story: &mut Story) -> TreeEvent {
    loop {
        let event = story.next().await;
        if matches!(event.change, Change::UsedUp(_)) {
            return event;
        }
    }
}

async fn a_child_is_judged_by_its_own_tolerance() {
    let (own, other) = (Puppet::new("own"), Puppet::new("other"));
    let root = strict()
        .child(own.worker().own_tolerance((3, HOUR)))
        .child(other.worker());
    let mut story = Story::start(root, "+own +other +.").await;
    for _ in 0..3 {
        own.fails();
        story.told("!own +own").await;
    }
    // The other one is judged by the supervisor's, against which nothing counts yet.
    other.fails();
    let exit = story.ends("!other -own !.").await;
    let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
        panic!("{exit}");
    };
    assert_eq!(why.child.to_string(), "root/other");
    assert_eq!(why.limit(), 0);
}

async fn a_child_of_its_own_ends_its_supervisor() {
    let own = Puppet::new("own");
    let root = Supervisor::new("root").tolerance((100, HOUR));
    let root = root.child(own.worker().own_tolerance((1, HOUR)));
    let mut story = Story::start(root, "+own +.").await;
    own.fails();
    story.told("!own +own").await;
    own.fails();
    let exit = story.ends("!own !.").await;
    assert!(
        exit.to_string().contains("would need more than 1 restart"),
        "{exit}"
    );
}

async fn any_number_of_restarts_is_borne() {
    let own = Puppet::new("own");
    let wait = Backoff::constant(SECOND);
    let worker = own.worker().backoff(wait.clone());
    let root = strict().child(worker.own_tolerance(Tolerance::unlimited()));
    let mut story = Story::start(root, "+own +.").await;
    for _ in 0..200 {
        own.fails();
        story.told("!own +own").await;
    }
    story.stops_cleanly("-own -.").await;
    // And by a supervisor, of children that wait before they are restarted.
    let root = Supervisor::new("root").tolerance(Tolerance::unlimited());
    let root = root.child(own.worker().backoff(wait));
    let mut story = Story::start(root, "+own +.").await;
    for _ in 0..200 {
        own.fails();
        story.told("!own +own").await;
    }
    story.stops_cleanly("-own -.").await;
}

async fn a_child_cools_off() {
    let (own, other) = (Puppet::new("own"), Puppet::new("other"));
    let tolerance = Tolerance::new(1, HOUR).then(AtLimit::CoolOff(60 * SECOND));
    let root = Supervisor::new("root").tolerance(tolerance);
    let root = root.child(own.worker()).child(other.worker());
    let mut story = Story::start(root, "+own +other +.").await;
    // Twice, since the count begins anew.
    for _ in 0..2 {
        own.fails();
        story.told("!own +own").await;
        own.fails();
        let event = used_up(&mut story).await;
        assert_eq!(event.runtime_name.to_string(), "root/own");
        assert_eq!(
            event.change.to_string(),
            "has used up its tolerance of 1 restart in 3600s, then cools off for 60s"
        );
        story.quiet(60 * SECOND - Duration::from_millis(1)).await;
        story.told("+own").await;
    }
    story.stops_cleanly("-other -own -.").await;
}

async fn what_stays_down_is_restarted_by_its_user_alone() {
    let own = Puppet::new("own");
    let stay = Tolerance::new(1, HOUR).then(AtLimit::StayDown);
    let root = strict().child(own.worker().own_tolerance(stay));
    let mut story = Story::start(root, "+own +.").await;
    own.fails();
    story.told("!own +own").await;
    own.fails();
    used_up(&mut story).await;
    let health = story.health().to_string();
    assert!(health.contains("root/own"), "{health}");
    story.restart_child("own").await.unwrap();
    story.told("+own").await;
    own.fails();
    story.told("!own +own").await;
    story.stops_cleanly("-own -.").await;
}

async fn a_group_goes_on_without_who_stays_down() {
    let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
    let stay = Tolerance::new(0, HOUR).then(AtLimit::StayDown);
    let root = Supervisor::new("root")
        .tolerance((5, HOUR))
        .strategy(Strategy::OneForAll)
        .child(a.worker())
        .child(b.worker().own_tolerance(stay))
        .child(c.worker());
    let mut story = Story::start(root, "+a +b +c +.").await;
    b.fails();
    story.told("!b").await;
    story.quiet(SECOND).await;
    a.fails();
    story.told("!a -c +a +c").await;
    story.stops_cleanly("-c -a -.").await;
}

async fn a_reset_forgets_restarts() {
    let own = Puppet::new("own");
    let root = Supervisor::new("root").tolerance((1, HOUR));
    let mut story = Story::start(root.child(own.worker()), "+own +.").await;
    for _ in 0..5 {
        own.fails();
        story.told("!own +own").await;
        story.reset_tolerance().await.unwrap();
    }
    own.fails();
    story.told("!own +own").await;
    // That of a child's backoff is another thing.
    story.reset_child("own").await.unwrap();
    own.fails();
    story.ends("!own !.").await;
}

async fn a_reset_forgets_failures() {
    let own = Puppet::new("own");
    let backoff = Backoff::exponential(SECOND, 64 * SECOND).without_jitter();
    let root = Supervisor::new("root").tolerance((100, HOUR));
    let worker = own.worker().backoff(backoff.reset_after(HOUR));
    let mut story = Story::start(root.child(worker), "+own +.").await;
    for waits in [1, 2, 4] {
        own.fails();
        story.told("!own").await;
        story.quiet(waits * SECOND - Duration::from_millis(1)).await;
        story.told("+own").await;
    }
    story.reset_child("own").await.unwrap();
    own.fails();
    story.told("!own").await;
    story.quiet(SECOND - Duration::from_millis(1)).await;
    story.told("+own").await;
    story.stops_cleanly("-own -.").await;
}

async fn a_reset_needs_a_supervisor() {
    let story = Story::start(strict(), "+.").await;
    let error = story.reset_child("nobody").await.unwrap_err();
    assert_eq!(error.to_string(), "root has no child \"nobody\"");
    let (tree, events) = story.into_parts();
    let root = tree.root().clone();
    tree.shutdown().await;
    events.told_last("-.").await;
    let error = root.reset_tolerance().await.unwrap_err();
    assert!(matches!(error, ResetError::NotRunning { .. }), "{error}");
}

async fn specs_that_contradict_themselves_are_refused() {
    let unlimited = Tolerance::unlimited();
    let slow = Backoff::constant(10 * SECOND);
    let wrong = [
        (
            idle("c").own_tolerance((3, Duration::ZERO)).build(),
            "has a zero window",
        ),
        (
            idle("c").own_tolerance(unlimited).build(),
            "\"c\" may be restarted any number of times, and has no backoff",
        ),
        (
            idle("c")
                .own_tolerance((3, 5 * SECOND))
                .backoff(slow)
                .build(),
            "the backoff of \"c\" makes its restarts last 30s, where it bears 3 restarts in 5s",
        ),
    ];
    for (wrong, text) in wrong {
        let error = wrong.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
    let patient = || Supervisor::new("root").tolerance(unlimited);
    let error = patient().child(idle("c")).build().unwrap_err();
    let is_told = |error: &SpecError| matches!(error, SpecError::UnlimitedWithoutBackoff { .. });
    assert!(is_told(&error), "{error}");
    // At run time too, wherever a child can be started.
    let root = patient().child(
        DynamicSupervisor::new("d")
            .tolerance(unlimited)
            .backoff(Backoff::constant(SECOND)),
    );
    let branch = regrow::Branch::new("b", |ctx: regrow::BranchContext| async move {
        let error = ctx.run(idle("c")).await.unwrap_err();
        assert!(matches!(error, BranchError::Spec(_)), "{error}");
        ctx.stopped().await;
    });
    let branch = branch
        .tolerance(unlimited)
        .backoff(Backoff::constant(SECOND));
    let story = Story::start(root.child(branch), "+d +b +.").await;
    for error in [
        story.start_child(idle("c")).await.unwrap_err(),
        story
            .dynamic("d")
            .unwrap()
            .start_child(idle("c"))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, StartChildError::Spec(_)), "{error}");
        assert!(says(&error, "has no backoff"), "{error}");
    }
    story.stops_cleanly("-b -d -.").await;
}
