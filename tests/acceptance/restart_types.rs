//! Restart types, and the tolerance.

use std::time::Duration;

use regrow::{Change, ChildKind, ExitReason, Restart, Strategy, Supervisor};
use tokio::time::sleep;

use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, counts, repeated, root, says, states};

async fn with(restart: Restart) -> (Story, Puppet) {
    let c1 = Puppet::new("c1");
    let root = root().child(c1.worker().restart(restart));
    (Story::start(root, "+c1 +.").await, c1)
}

async fn sup_056_permanent_shutdown() {
    let (mut story, c1) = with(Restart::Permanent).await;
    c1.completes();
    story.told("~c1 +c1").await;
    c1.tell(Act::Stop);
    story.told("~c1 +c1").await;
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    // Completions count (13.2): this is the third.
    c1.completes();
    story.ends("~c1 !.").await;
}

async fn sup_057_transient_shutdown() {
    let (mut story, c1) = with(Restart::Transient).await;
    c1.tell(Act::Stop);
    story.told("~c1").await;
    assert_eq!(states(&story.children()), "c1 Down");
    story.restart_child("c1").await.unwrap();
    c1.completes();
    story.told("+c1 ~c1").await;
    assert_eq!(states(&story.children()), "c1 Down");
    assert_eq!(counts(&story), [1, 0, 0, 1]);
    story.stops_cleanly("-.").await;
}

async fn sup_058_temporary_shutdown() {
    let (mut story, c1) = with(Restart::Temporary).await;
    c1.tell(Act::Stop);
    story.told("~c1").await;
    let spec = c1.worker().restart(Restart::Temporary);
    story.start_child(spec).await.unwrap();
    c1.completes();
    story.told("+c1 ~c1").await;
    let error = story.restart_child("c1").await;
    assert!(error.is_err());
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    story.stops_cleanly("-.").await;
}

async fn sup_059_permanent_abnormal() {
    let (mut story, c1) = with(Restart::Permanent).await;
    c1.fails();
    story.told("!c1 +c1").await;
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    story.stops_cleanly("-c1 -.").await;
}

async fn sup_060_transient_abnormal() {
    let (mut story, c1) = with(Restart::Transient).await;
    c1.fails();
    story.told("!c1 +c1").await;
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    c1.tell(Act::Panic);
    story.told("!c1 +c1").await;
    assert_eq!(c1.begun(), 3);
    story.stops_cleanly("-c1 -.").await;
}

async fn sup_061_temporary_abnormal() {
    let (mut story, c1) = with(Restart::Temporary).await;
    c1.fails();
    story.told("!c1").await;
    // Whoever is answered finds the table as the event told it.
    assert!(story.delete_child("c1").await.is_err());
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    assert!(story.children().is_empty());
    story.stops_cleanly("-.").await;
}

async fn sup_063_temporary_bystander() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let [c1, c2] = ["c1", "c2"].map(Puppet::new);
        let root = root()
            .strategy(strategy)
            .child(c1.worker())
            .child(c2.worker().restart(Restart::Temporary));
        let mut story = Story::start(root, "+c1 +c2 +.").await;
        c1.completes();
        story.told("~c1 -c2 +c1").await;
        assert_eq!(states(&story.children()), "c1 Up");
        assert_eq!(c2.begun(), 1);
        story.stops_cleanly("-c1 -.").await;
    }
}

async fn sup_144_intensity_zero() {
    let c = Puppet::new("c");
    let root = root().tolerance((0, HOUR)).child(c.worker());
    let story = Story::start(root, "+c +.").await;
    c.fails();
    let exit = story.ends("!c !.").await;
    assert_eq!(c.begun(), 1);
    assert!(matches!(exit.reason(), ExitReason::Failed(_)), "{exit}");
}

async fn sup_145_attempts() {
    for limit in [0, 1, 4] {
        let c = Puppet::new("c").failing_later();
        let root = root().tolerance((limit, HOUR)).child(c.worker());
        let story = Story::start(root, "+c +.").await;
        c.fails();
        let attempts = repeated(limit as usize, "xc");
        story.ends(&format!("!c {attempts} !.")).await;
        assert_eq!(c.begun(), 1 + limit as usize);
    }
}

async fn sup_146_period_expiry() {
    let window = 10 * SECOND;
    let with = |c: &Puppet| root().tolerance((1, window)).child(c.worker());
    let c = Puppet::new("c");
    let mut story = Story::start(with(&c), "+c +.").await;
    // The edge belongs to the window (13.5).
    c.fails();
    story.told("!c +c").await;
    sleep(window + Duration::from_millis(1)).await;
    c.fails();
    story.told("!c +c").await;
    sleep(window).await;
    c.fails();
    story.ends("!c !.").await;
}

async fn sup_155_reports() {
    let [p, t] = ["p", "t"].map(Puppet::new);
    let root = root()
        .tolerance((1, HOUR))
        .child(p.worker())
        .child(t.worker().restart(Restart::Transient));
    let mut story = Story::start(root, "+p +t +.").await;
    let first = story.child("p").unwrap().incarnation();

    // A permanent child that completed.
    p.completes();
    let ended = story.next().await;
    assert!(matches!(ended.change, Change::Completed), "{ended:?}");
    assert_eq!(ended.runtime_name.to_string(), "root/p");
    assert_eq!(ended.incarnation, first);
    assert_eq!(ended.kind, ChildKind::Worker);
    let restarting = story.next().await;
    assert!(
        matches!(restarting.change, Change::Restarting { delay, .. } if delay.is_zero()),
        "{restarting:?}"
    );
    let started = story.next_signed().await;
    assert!(matches!(started.change, Change::Started), "{started:?}");
    assert!(started.incarnation > first);
    assert_eq!(started.incarnation, story.child("p").unwrap().incarnation());

    // A transient one: nothing follows.
    t.completes();
    let ended = story.next().await;
    assert!(matches!(ended.change, Change::Completed), "{ended:?}");

    // Beyond the tolerance: the child's failure, then its supervisor's.
    p.fails();
    let failed = story.next().await;
    assert!(
        matches!(&failed.change, Change::Failed(ExitReason::Failed(_))),
        "{failed:?}"
    );
    assert!(failed.sequence > ended.sequence);
    let gave_up = story.next().await;
    assert_eq!(gave_up.runtime_name.to_string(), "root");
    assert_eq!(gave_up.kind, ChildKind::Supervisor);
    assert!(matches!(gave_up.change, Change::GaveUp(_)), "{gave_up:?}");
    let exit = story.ends("!.").await;
    let ExitReason::Failed(error) = exit.reason() else {
        panic!("{exit}");
    };
    assert!(says(error.get(), "root/p"), "{error:?}");
    assert!(says(error.get(), "died"), "{error:?}");
}

async fn sup_166_child_supervisor_exceeds_its_intensity() {
    for restart in [Restart::Transient, Restart::Permanent] {
        let c = Puppet::new("c");
        let sub = Supervisor::new("sub")
            .tolerance((0, HOUR))
            .restart(restart)
            .child(c.worker());
        let root = root().tolerance((1, HOUR)).child(sub);
        let mut story = Story::start(root, "+sub/c +sub +.").await;
        // Giving up is a failure (14.2), so that a transient supervisor is restarted too, and counted.
        c.fails();
        story.told("!sub/c !sub +sub/c +sub").await;
        c.fails();
        story.ends("!sub/c !sub !.").await;
    }
}

stories! {
    both:
        sup_056_permanent_shutdown,
        sup_057_transient_shutdown,
        sup_058_temporary_shutdown,
        sup_059_permanent_abnormal,
        sup_060_transient_abnormal,
        sup_061_temporary_abnormal,
        sup_063_temporary_bystander,
        sup_144_intensity_zero,
        sup_145_attempts,
        sup_155_reports,
        sup_166_child_supervisor_exceeds_its_intensity;
    paused:
        sup_146_period_expiry;
}
