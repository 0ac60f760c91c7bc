//! Starts: of trees, of children, and those that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{
    ChildKind, ChildState, DynamicSupervisor, ExitReason, LookupError, Restart, Shutdown, Strategy,
    Supervisor, Tolerance, Worker,
};
use tokio::time::Instant;

use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, counts, parts, repeated, root, says, states};

async fn sup_001_sup_start_normal() {
    let exit = Story::start(root(), "+.").await.stops("-.").await;
    assert!(matches!(exit.reason(), ExitReason::Stopped), "{exit}");
    assert!(exit.is_orderly());
}

async fn sup_003_sup_start_ignore_child() {
    let (c1, c2) = (Puppet::new("c1").ignoring_first(), Puppet::new("c2"));
    let mut story = Story::start(root(), "+.").await;
    let ignored = story.start_child(c1.worker()).await.unwrap();
    assert_eq!(ignored.state(), ChildState::Down);
    let up = story.start_child(c2.worker()).await.unwrap();
    assert_eq!(up.state(), ChildState::Up);
    story.told("+c2").await;
    assert_eq!(states(&story.children()), "c1 Down, c2 Up");
    assert_eq!(counts(&story), [2, 1, 0, 2]);
    story.stops_cleanly("-c2 -.").await;
}

async fn sup_004_sup_start_ignore_temporary_child() {
    let (c1, c2) = (Puppet::new("c1").ignoring_first(), Puppet::new("c2"));
    let root = root()
        .child(c1.worker().restart(Restart::Temporary))
        .child(c2.worker().restart(Restart::Temporary));
    let story = Story::start(root, "+c2 +.").await;
    assert_eq!(states(&story.children()), "c2 Up");
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    story.stops_cleanly("-c2 -.").await;
}

async fn sup_005_sup_start_ignore_temporary_child_start_child() {
    let (c1, c2) = (Puppet::new("c1").ignoring_first(), Puppet::new("c2"));
    let mut story = Story::start(root(), "+.").await;
    let spec = c1.worker().restart(Restart::Temporary);
    let ignored = story.start_child(spec).await.unwrap();
    assert_eq!(ignored.state(), ChildState::Down);
    let spec = c2.worker().restart(Restart::Temporary);
    story.start_child(spec).await.unwrap();
    story.told("+c2").await;
    assert_eq!(states(&story.children()), "c2 Up");
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    story.stops_cleanly("-c2 -.").await;
}

async fn ignored_by_a_dynamic_supervisor(restart: Restart) {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let dynamic = story.dynamic("d").unwrap();
    let puppet = Puppet::new("template").ignoring_first();
    let template = puppet.worker().restart(restart).build().unwrap();
    let ignored = dynamic.start_numbered(&template).await.unwrap();
    assert_eq!(ignored.state(), ChildState::Down);
    let up = dynamic.start_numbered(&template).await.unwrap();
    story.told(&format!("+d/{}", up.name())).await;
    assert_eq!(states(&dynamic.children()), format!("{} Up", up.name()));
    assert_eq!(parts(dynamic.count()), [1, 1, 0, 1]);
    story
        .stops_cleanly(&format!("-d/{} -d -.", up.name()))
        .await;
}

async fn sup_006_sup_start_ignore_temporary_child_start_child_simple() {
    ignored_by_a_dynamic_supervisor(Restart::Temporary).await;
}

async fn sup_007_sup_start_ignore_permanent_child_start_child_simple() {
    ignored_by_a_dynamic_supervisor(Restart::Permanent).await;
}

async fn sup_010_sup_start_child_returns_error() {
    let mut story = Story::start(root(), "+.").await;
    let reported = Worker::with_notify_start("reported", |_, notify| async {
        notify.failed("the reason");
    });
    let error = story.start_child(reported).await.unwrap_err();
    assert!(says(&error, "the reason"), "{error:?}");
    let returned = Worker::with_notify_start("returned", |_, notify| async {
        let _unused = notify;
        Err::<(), _>("another reason")
    });
    let error = story.start_child(returned).await.unwrap_err();
    assert!(says(&error, "another reason"), "{error:?}");
    story.told("xreported xreturned").await;
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    story.stops_cleanly("-.").await;
}

async fn sup_011_sup_start_restart_child_returns_error() {
    let c1 = Puppet::new("c1").failing_later();
    let mut story = Story::start(root().child(c1.worker()), "+c1 +.").await;
    story.terminate_child("c1").await.unwrap();
    let error = story.restart_child("c1").await.unwrap_err();
    assert!(says(&error, "the start failed"), "{error:?}");
    story.told("-c1 xc1").await;
    assert_eq!(states(&story.children()), "c1 Down");
    story.stops_cleanly("-.").await;
}

async fn sup_012_sup_start_child_returns_error_simple() {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let dynamic = story.dynamic("d").unwrap();
    let failing = Worker::with_notify_start("failing", |_, notify| async {
        notify.failed("the reason");
    });
    let error = dynamic.start_child(failing).await.unwrap_err();
    assert!(says(&error, "the reason"), "{error:?}");
    story.told("xd/failing").await;
    assert_eq!(parts(dynamic.count()), [0, 0, 0, 0]);
    assert!(dynamic.children().is_empty());
    story.stops_cleanly("-d -.").await;
}

async fn sup_013_sup_start_map() {
    let c1 = Puppet::new("c1").worker().build().unwrap();
    assert_eq!(c1.restart(), Restart::Permanent);
    assert_eq!(c1.shutdown(), Shutdown::Timeout(5 * SECOND));
    assert_eq!(c1.kind(), ChildKind::Worker);
    let c2 = Puppet::new("c2").worker().shutdown(Shutdown::Kill).build();
    let c2 = c2.unwrap();
    assert_eq!(c2.shutdown(), Shutdown::Kill);
    assert_eq!(c2.kind(), ChildKind::Worker);
    let c3 = Supervisor::new("c3").build().unwrap();
    assert_eq!(c3.shutdown(), Shutdown::Indefinitely);
    assert_eq!(c3.kind(), ChildKind::Supervisor);

    let root = root().child(&c1).child(&c2).child(&c3);
    let story = Story::start(root, "+c1 +c2 +c3 +.").await;
    let unknown = story.child("nobody").unwrap_err();
    assert!(
        matches!(unknown, LookupError::NotFound { .. }),
        "{unknown:?}"
    );
    story.stops_cleanly("-c3 -c2 -c1 -.").await;
}

async fn sup_062_faulty_application_shutdown() {
    let crashes = true;
    let worker = Worker::with_notify_start("c", move |_, notify| async move {
        assert!(!crashes, "it crashed");
        notify.ready();
    });
    let root = root().child(Supervisor::new("sub").child(worker));
    let error = Story::fails(root, "xsub/c xsub x.").await;
    assert!(says(&error, "root"), "{error:?}");
    assert!(says(&error, "sub"), "{error:?}");
    assert!(says(&error, "c"), "{error:?}");
    assert!(says(&error, "it crashed"), "{error:?}");
}

async fn sup_148_rollback() {
    let [a, b, d] = ["a", "b", "d"].map(Puppet::new);
    let c = Worker::with_notify_start("c", |_, notify| async {
        notify.failed("the cause");
    });
    let root = root()
        .child(a.worker())
        .child(b.worker())
        .child(c)
        .child(d.worker());
    let error = Story::fails(root, "+a +b xc -b -a x.").await;
    assert!(says(&error, "root/c"), "{error:?}");
    assert!(says(&error, "the cause"), "{error:?}");
    assert_eq!(d.begun(), 0);
    assert_eq!([a.alive(), b.alive()], [0, 0]);
}

async fn sup_159_start_child_whose_start_panics() {
    let a = Puppet::new("a");
    let mut story = Story::start(root().child(a.worker()), "+a +.").await;
    let before = story.child("a").unwrap().incarnation();
    let c = Worker::with_notify_start("c", |_, _| -> std::future::Ready<()> {
        panic!("in the start function")
    });
    let error = story.start_child(c).await.unwrap_err();
    assert!(says(&error, "in the start function"), "{error:?}");
    story.told("xc").await;
    assert_eq!(states(&story.children()), "a Up");
    assert_eq!(story.child("a").unwrap().incarnation(), before);
    let c = Puppet::new("c");
    story.start_child(c.worker()).await.unwrap();
    story.stops_cleanly("+c -c -a -.").await;
}

async fn sup_169_child_that_dies_at_once() {
    let lives = Arc::new(AtomicUsize::new(0));
    let counted = lives.clone();
    let c = Worker::new("c", move |_| {
        counted.fetch_add(1, SeqCst);
        async { Err::<(), _>("died at once") }
    });
    // What ends during the first start is dealt with after it (5.3).
    let story = Story::start(root().child(c), "+c +.").await;
    let exit = story.ends(&format!("!c {} !.", repeated(2, "+c !c"))).await;
    assert!(matches!(exit.reason(), ExitReason::Failed(_)), "{exit}");
    assert_eq!(lives.load(SeqCst), 3);
}

async fn sup_171_start_failure_is_retried() {
    let c = Puppet::new("c").asking();
    let root = root().tolerance((3, HOUR)).child(c.worker());
    let answers = c.clone();
    let starting = tokio::spawn(async move { answers.answer(Act::Complete).await });
    let mut story = Story::start(root, "+c +.").await;
    starting.await.unwrap();
    c.fails();
    c.answer(Act::Fail).await;
    c.answer(Act::Fail).await;
    c.answer(Act::Complete).await;
    story.told("!c xc xc +c").await;
    story.stops_cleanly("-c -.").await;
}

async fn sup_173_documented_defaults() {
    let tolerance = Tolerance::default();
    assert_eq!(tolerance.limit(), 3);
    assert_eq!(tolerance.window(), Some(5 * SECOND));
    let plain = Puppet::new("c").worker().build().unwrap();
    assert_eq!((plain.start_timeout(), plain.backoff()), (None, None));
    let notifying = Puppet::new("c").asking().worker().build().unwrap();
    assert_eq!(notifying.start_timeout(), Some(30 * SECOND));
    let supervisor = Supervisor::new("s").build().unwrap();
    assert_eq!(supervisor.start_timeout(), None);

    let c = Puppet::new("c");
    let root = Supervisor::new("root").child(c.worker());
    let mut story = Story::start(root, "+c +.").await;
    for _ in 0..3 {
        c.fails();
        story.told("!c +c").await;
    }
    c.fails();
    story.ends("!c !.").await;
}

async fn sup_175_order_of_initialisation() {
    let puppets = ["a", "b", "c"].map(Puppet::new);
    let root = root()
        .strategy(Strategy::OneForAll)
        .children(puppets.iter().map(Puppet::worker));
    let mut story = Story::start(root, "+a +b +c +.").await;
    puppets[1].fails();
    story.told("!b -c -a +a +b +c").await;
    assert_eq!(puppets.each_ref().map(Puppet::begun), [2, 2, 2]);
    story.stops_cleanly("-c -b -a -.").await;
}

async fn tok_07_start_never_completes() {
    let never = || Puppet::new("c").asking().worker().start_timeout(SECOND);
    let mut story = Story::start(root(), "+.").await;
    let began = Instant::now();
    let error = story.start_child(never()).await.unwrap_err();
    assert_eq!(began.elapsed(), SECOND);
    assert!(says(&error, "1s"), "{error:?}");
    story.told("xc").await;
    assert_eq!(counts(&story), [0, 0, 0, 0]);

    // A stop during it is served at once.
    let began = Instant::now();
    let supervisor = story.clone();
    let starting = tokio::spawn(async move { supervisor.start_child(never()).await });
    while story.count().specs == 0 {
        tokio::task::yield_now().await;
    }
    let exit = story.stops("-c -.").await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(exit.is_orderly(), "{exit}");
    assert!(bounded(starting).await.unwrap().is_err());
}

async fn tok_04_aborted_before_its_first_poll() {
    let story = Story::start(root(), "+.").await;
    let c = Puppet::new("c");
    let spec = c.worker().shutdown(Shutdown::Kill);
    // Both requests are queued before the supervisor sees the first.
    let (started, terminated) = tokio::join!(story.start_child(spec), story.terminate_child("c"));
    assert!(started.is_err(), "{started:?}");
    terminated.unwrap();
    assert_eq!(c.begun(), 0);
    // It was never up; and its name is free.
    story.start_child(Puppet::new("c").worker()).await.unwrap();
    story.stops_cleanly("-c +c -c -.").await;
}

stories! {
    both:
        sup_001_sup_start_normal,
        sup_003_sup_start_ignore_child,
        sup_004_sup_start_ignore_temporary_child,
        sup_005_sup_start_ignore_temporary_child_start_child,
        sup_006_sup_start_ignore_temporary_child_start_child_simple,
        sup_007_sup_start_ignore_permanent_child_start_child_simple,
        sup_010_sup_start_child_returns_error,
        sup_011_sup_start_restart_child_returns_error,
        sup_012_sup_start_child_returns_error_simple,
        sup_013_sup_start_map,
        sup_062_faulty_application_shutdown,
        sup_148_rollback,
        sup_159_start_child_whose_start_panics,
        sup_169_child_that_dies_at_once,
        sup_171_start_failure_is_retried,
        sup_173_documented_defaults,
        sup_175_order_of_initialisation;
    paused:
        tok_04_aborted_before_its_first_poll,
        tok_07_start_never_completes;
}
