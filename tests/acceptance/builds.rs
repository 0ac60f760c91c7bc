//! Supervisors whose children are built at each of their starts, and cleaned up after.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regrow::{
    BoxError, BuildError, ChildKind, ChildState, Children, CleanupError, Context,
    DynamicSupervisor, ExitReason, ShutdownReport, SpecError, StartChildError, StartError,
    StartFailure, Strategy, Supervisor, SupervisorFailure, Worker,
};
use tokio::time::{Instant, sleep};

use crate::fixtures::{fail_start, fail_stop, idle};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root, says};

#[derive(Clone, Copy, Debug, PartialEq)]
struct NoRoom(u32);

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no room for {}", self.0)
    }
}

impl Error for NoRoom {}

/// How often something was built, and cleaned up.
#[derive(Clone, Default)]
struct Count(Arc<[AtomicUsize; 2]>);

impl Count {
    fn built(&self) -> usize {
        self.0[0].fetch_add(1, SeqCst) + 1
    }

    /// Children that are cleaned up after.
    fn children(&self) -> Children {
        let count = self.clone();
        self.built();
        Children::new().on_cleanup(move || async move {
            count.0[1].fetch_add(1, SeqCst);
        })
    }

    fn read(&self) -> [usize; 2] {
        [self.0[0].load(SeqCst), self.0[1].load(SeqCst)]
    }
}

/// Why a start failed that was a build.
fn build_error(error: &StartError) -> (&str, &BuildError) {
    match error {
        StartError::Build {
            supervisor, cause, ..
        } => (supervisor.as_str(), cause),
        error => panic!("{error:?}"),
    }
}

/// The failure of a supervisor below, in that of its own.
fn below(error: &StartError) -> StartError {
    match error {
        StartError::Child {
            cause: StartFailure::Failed(error),
            ..
        } => error.find::<StartError>().expect("it is one").clone(),
        error => panic!("{error:?}"),
    }
}

/// The trouble of a report: who, and how.
fn troubles(report: &ShutdownReport) -> Vec<String> {
    let lives = report.troubled().iter();
    lives.map(|life| life.runtime_name.to_string()).collect()
}

fn cleanup_error(report: &ShutdownReport, at: usize) -> &CleanupError {
    match &report.troubled()[at].reason {
        ExitReason::Failed(error) => error.find().expect("it is one"),
        reason => panic!("{reason:?}"),
    }
}

async fn sup_002_sup_start_ignore_init() {
    let nothing = || Supervisor::new("s").build_with(|_| Children::ignore());
    let declared = nothing().child(idle("never"));
    let root = root().child(idle("a")).child(declared).child(idle("b"));
    let mut story = Story::start(root, "+a +b +.").await;
    let s = story.child("s").unwrap();
    assert_eq!(
        (s.state(), s.kind()),
        (ChildState::Down, ChildKind::Supervisor)
    );
    story.terminate_child("s").await.unwrap();
    story.delete_child("s").await.unwrap();
    let s = bounded(story.start_child(nothing())).await.unwrap();
    assert_eq!(s.state(), ChildState::Down);
    story.quiet(SECOND).await;
    story.stops_cleanly("-b -a -.").await;
}

async fn root_that_has_nothing_to_do_does_not_start() {
    let error = Story::fails(root().build_with(|_| Children::ignore()), "").await;
    assert!(matches!(&error, StartError::Ignored { supervisor } if supervisor.as_str() == "root"));
}

async fn sup_008_sup_start_error_return() {
    let root = root().build_with(|_| Err::<Children, _>(NoRoom(7)));
    let error = Story::fails(root, "x.").await;
    let (supervisor, BuildError::Failed(cause)) = build_error(&error) else {
        panic!("{error:?}");
    };
    assert_eq!(supervisor, "root");
    assert_eq!(cause.find(), Some(&NoRoom(7)));
}

async fn sup_009_sup_start_fail() {
    let root = root().build_with(|_| -> Children { panic!("no room at all") });
    let error = Story::fails(root, "x.").await;
    let (_, BuildError::Panicked(panic)) = build_error(&error) else {
        panic!("{error:?}");
    };
    assert_eq!(panic.message(), "no room at all");
}

async fn cap_068_multi_level() {
    let other = Puppet::new("worker2");
    let root = root()
        .child(Supervisor::new("subtree1").child(idle("worker1")))
        .child(Supervisor::new("subtree2").build_with(|_| async { Err::<Children, _>(NoRoom(2)) }))
        .child(Supervisor::new("subtree3").child(other.worker()));
    let told = "+subtree1/worker1 +subtree1 xsubtree2 -subtree1/worker1 -subtree1 x.";
    let error = Story::fails(root, told).await;
    assert!(says(&error, "no room for 2"), "{error}");
    assert_eq!(other.begun(), 0);
}

async fn cap_069_build_that_panics() {
    let root = root().build_with(|_| async { panic!("no nodes") as Children });
    let error = Story::fails(root, "x.").await;
    let (supervisor, cause) = build_error(&error);
    assert_eq!(supervisor, "root");
    assert!(cause.to_string().contains("no nodes"));
    let told = "root did not start: its build function panicked: no nodes";
    assert!(error.to_string().starts_with(told), "{error}");
}

async fn cap_070_build_that_panics_in_a_nested_tree() {
    let root = root()
        .child(Supervisor::new("subtree1").child(idle("worker1")))
        .child(Supervisor::new("subtree2").build_with(|_| -> Children { panic!("no nodes") }))
        .child(Supervisor::new("subtree3").child(idle("worker2")));
    let told = "+subtree1/worker1 +subtree1 xsubtree2 -subtree1/worker1 -subtree1 x.";
    let error = below(&Story::fails(root, told).await);
    let (supervisor, cause) = build_error(&error);
    assert_eq!(supervisor, "root/subtree2");
    assert!(cause.to_string().contains("no nodes"));
}

async fn cap_071_cleanup_that_fails() {
    let root = root().build_with(|_| async {
        let children = Children::new().child(idle("worker1"));
        children.on_cleanup(|| async { Err::<(), _>(NoRoom(3)) })
    });
    let story = Story::start(root, "+worker1 +.").await;
    let exit = story.stops("-worker1 !.").await;
    assert!(exit.is_orderly());
    assert_eq!(troubles(exit.report()), ["root"]);
    let CleanupError::Failed(error) = cleanup_error(exit.report(), 0) else {
        panic!("{exit}");
    };
    assert_eq!(error.find(), Some(&NoRoom(3)));
    let told = exit.explain().to_string();
    assert!(told.contains("root did not stop cleanly: root "), "{told}");
    assert!(
        told.contains("its clean-up failed: no room for 3"),
        "{told}"
    );
}

async fn cap_120_build_error() {
    let root = root()
        .child(idle("never"))
        .build_with(|_| async { Err::<Children, _>("no nodes") });
    let error = Story::fails(root, "x.").await;
    assert!(
        error
            .to_string()
            .ends_with("its build function failed: no nodes")
    );
}

async fn cap_121_two_levels() {
    let names = Arc::new(Mutex::new(Vec::new()));
    let seen = names.clone();
    let root = root().build_with(move |ctx: Context| {
        let inner = seen.clone();
        seen.lock().unwrap().push(ctx.runtime_name().to_string());
        let subtree = Supervisor::new("subtree").build_with(move |ctx: Context| {
            assert_eq!(
                Context::current().unwrap().runtime_name(),
                ctx.runtime_name()
            );
            inner.lock().unwrap().push(ctx.runtime_name().to_string());
            Children::new().child(idle("worker"))
        });
        async { Ok::<_, BoxError>(Children::new().child(subtree)) }
    });
    let story = Story::start(root, "+subtree/worker +subtree +.").await;
    assert_eq!(*names.lock().unwrap(), ["root", "root/subtree"]);
    story.stops_cleanly("-subtree/worker -subtree -.").await;
}

async fn cap_122_nested_build_error() {
    let root = root().build_with(|_| {
        let subtree = Supervisor::new("subtree").build_with(|_| Err::<Children, _>(NoRoom(4)));
        Children::new().child(subtree)
    });
    let error = Story::fails(root, "xsubtree x.").await;
    let told = "root did not start: root/subtree: start failed: root/subtree did not start: its build function failed: no room for 4";
    assert_eq!(error.to_string(), told);
}

async fn cap_124_cleanup_error() {
    let root = root().build_with(|_| {
        let children = Children::new().child(idle("worker"));
        Ok::<_, BoxError>(children.on_cleanup(|| async { Err::<(), _>("not clean") }))
    });
    let story = Story::start(root, "+worker +.").await;
    let exit = story.stops("-worker !.").await;
    assert!(exit.failure().unwrap().to_string().contains("not clean"));
}

async fn cap_411_child_that_fails_to_start() {
    let count = Count::default();
    let building = count.clone();
    let root =
        root().build_with(move |_| building.children().child(idle("a")).child(fail_start("b")));
    let error = Story::fails(root, "+a xb -a x.").await;
    assert!(says(&error, "FailStartWorker b"));
    assert_eq!(count.read(), [1, 1]);
}

async fn cap_412_build_that_fails_at_a_restart() {
    let count = Count::default();
    let building = count.clone();
    let worker = Puppet::new("w");
    let child = worker.worker();
    let s = Supervisor::new("s")
        .tolerance((0, HOUR))
        .build_with(move |_| {
            // The second and the third build fail.
            match building.read()[0] {
                1 | 2 => {
                    building.built();
                    Err(NoRoom(5))
                }
                _ => Ok(building.children().child(child.clone())),
            }
        });
    let mut story = Story::start(root().tolerance((3, HOUR)).child(s), "+s/w +s +.").await;
    worker.fails();
    story.told("!s/w !s xs xs +s/w +s").await;
    assert_eq!(count.read(), [4, 1]);
    worker.fails();
    // That was one more than the three that the root bears.
    let exit = story.ends("!s/w !s !.").await;
    assert!(
        matches!(exit.failure(), Some(SupervisorFailure::GaveUp(_))),
        "{exit}"
    );
    assert_eq!(count.read(), [4, 2]);
}

async fn cap_432_cleanup_that_panics() {
    let s = Supervisor::new("s").build_with(|_| {
        let children = Children::new().child(idle("w"));
        children.on_cleanup(|| async { panic!("all wet") })
    });
    let none = Supervisor::new("none").build_with(|_| Children::new().child(idle("w")));
    let story = Story::start(root().child(s).child(none), "+s/w +s +none/w +none +.").await;
    let exit = story.stops("-none/w -none -s/w !s !.").await;
    assert_eq!(troubles(exit.report()), ["root/s", "root/s"]);
    let CleanupError::Panicked(panic) = cleanup_error(exit.report(), 0) else {
        panic!("{exit}");
    };
    assert_eq!(panic.message(), "all wet");
}

async fn cap_436_several_failures_and_the_cleanup() {
    let root = root().build_with(|_| {
        Children::new()
            .child(fail_stop("a", "a is stuck"))
            .child(fail_stop("b", "b is stuck"))
            .on_cleanup(|| async { Err::<(), _>("not clean") })
    });
    let story = Story::start(root, "+a +b +.").await;
    let exit = story.stops("!b !a !.").await;
    assert_eq!(troubles(exit.report()), ["root/b", "root/a", "root"]);
    let report = exit.report().to_string();
    for words in ["b is stuck", "a is stuck", "its clean-up failed: not clean"] {
        assert!(report.contains(words), "{report}");
    }
    let Some(SupervisorFailure::StopFailed { report, .. }) = exit.failure() else {
        panic!("{exit}");
    };
    assert_eq!(troubles(report), ["root/b", "root/a", "root"]);
}

async fn failed_start_tells_of_its_cleanup_too() {
    let root = root().build_with(|_| {
        let children = Children::new().child(idle("a")).child(fail_start("b"));
        children.on_cleanup(|| async { Err::<(), _>("not clean") })
    });
    let error = Story::fails(root, "+a xb -a x.").await;
    let told = error.to_string();
    assert!(told.contains("FailStartWorker b"), "{told}");
    assert!(told.contains("its clean-up failed: not clean"), "{told}");
}

async fn wrong_children_are_cleaned_up_after() {
    let count = Count::default();
    let building = count.clone();
    let twice = root()
        .child(idle("a"))
        .build_with(move |_| building.children().child(idle("a")));
    let error = Story::fails(twice, "x.").await;
    let (_, BuildError::Spec(SpecError::DuplicateName { name, .. })) = build_error(&error) else {
        panic!("{error:?}");
    };
    assert_eq!(name.as_str(), "a");
    assert_eq!(count.read(), [1, 1]);
    let building = count.clone();
    let wrong = root().build_with(move |_| building.children().child(idle("a/b")));
    let error = Story::fails(wrong, "x.").await;
    assert!(matches!(
        build_error(&error).1,
        BuildError::Spec(SpecError::Name(_))
    ));
    assert_eq!(count.read(), [2, 2]);
}

async fn declared_children_come_before_those_of_the_build() {
    let root = root()
        .build_with(|_| Children::new().children([idle("c"), idle("d")]))
        .children([idle("a"), idle("b")]);
    let mut story = Story::start(root, "+a +b +c +d +.").await;
    bounded(story.start_child(idle("e"))).await.unwrap();
    story.told("+e").await;
    story.stops_cleanly("-e -d -c -b -a -.").await;
}

async fn references_hold_where_the_next_build_has_the_name() {
    let count = Count::default();
    let building = count.clone();
    let s = Supervisor::new("s").build_with(move |_| {
        let children = Children::new();
        if building.built() == 1 {
            let sub = Supervisor::new("turns").child(idle("w"));
            return children
                .child(idle("a"))
                .child(idle("b"))
                .child(idle("gone"))
                .child(sub);
        }
        let turned = DynamicSupervisor::new("turns");
        children.child(turned).child(idle("b")).child(idle("a"))
    });
    let told = "+s/a +s/b +s/gone +s/turns/w +s/turns +s +.";
    let mut story = Story::start(root().child(s), told).await;
    let [a, b, gone, turns] =
        ["s/a", "s/b", "s/gone", "s/turns"].map(|name| story.child(name).unwrap());
    story.kill("s").unwrap();
    while story.child("s").unwrap().restarts() == 0 {
        story.next().await;
    }
    while story.child("s").unwrap().state() != ChildState::Up {
        story.next().await;
    }
    assert_eq!([a.state(), b.state()], [ChildState::Up, ChildState::Up]);
    assert_eq!(
        [gone.state(), turns.state()],
        [ChildState::Down, ChildState::Down]
    );
    assert!(story.child("s/gone").is_err());
    assert!(story.child("s/turns/w").is_err());
    let many = story.dynamic("s/turns").unwrap();
    bounded(many.start_child(idle("w"))).await.unwrap();
    let children = story.supervisor("s").unwrap().children();
    let names: Vec<_> = children
        .iter()
        .map(|child| child.name.to_string())
        .collect();
    assert_eq!(names, ["turns", "b", "a"]);
    assert!(story.health().is_healthy());
    // The reference reaches the child in its new place.
    a.kill();
    while a.restarts() < 2 || a.state() != ChildState::Up {
        story.next().await;
    }
    assert_eq!(b.restarts(), 1);
    story.shutdown();
}

async fn stop_drops_a_build() {
    let count = Count::default();
    let building = count.clone();
    let s = Supervisor::new("s").build_with(move |_| {
        let building = building.clone();
        async move {
            building.built();
            sleep(HOUR).await;
            building.children()
        }
    });
    let mut story = Story::start(root(), "+.").await;
    let root_ref = regrow::SupervisorRef::clone(&story);
    let starting = tokio::spawn(async move { root_ref.start_child(s).await.map(drop) });
    while story.child("s").is_err() {
        story.next().await;
    }
    while count.read()[0] == 0 {
        tokio::task::yield_now().await;
    }
    // Nobody is there yet to ask.
    let refused = bounded(story.supervisor("s").unwrap().start_child(idle("w"))).await;
    assert!(
        matches!(refused, Err(StartChildError::NotRunning { .. })),
        "{refused:?}"
    );
    bounded(story.terminate_child("s")).await.unwrap();
    let error = bounded(starting).await.unwrap().unwrap_err();
    assert!(
        matches!(error, StartChildError::Terminated { .. }),
        "{error:?}"
    );
    story.stops_cleanly("-s -.").await;
    assert_eq!(count.read(), [1, 0]);
}

async fn stop_of_a_root_drops_its_build() {
    let begun = Arc::new(tokio::sync::Notify::new());
    let building = begun.clone();
    let root = root().build_with(move |_| {
        building.notify_one();
        std::future::pending::<Children>()
    });
    let mut events = None;
    let start = root.start_observed(|all| events = Some(all));
    {
        let mut start = std::pin::pin!(start);
        let begun = async { begun.notified().await };
        let mut begun = std::pin::pin!(begun);
        bounded(std::future::poll_fn(|cx| {
            assert!(start.as_mut().poll(cx).is_pending());
            begun.as_mut().poll(cx)
        }))
        .await;
    }
    let rest = bounded(crate::story::Events::new(events.unwrap()).rest()).await;
    assert_eq!(rest, ["-."]);
}

async fn start_timeout_bounds_a_build() {
    let hangs = Supervisor::new("s")
        .start_timeout(3 * SECOND)
        .build_with(|_| std::future::pending::<Children>());
    let begun = Instant::now();
    let error = Story::fails(root().child(idle("a")).child(hangs), "+a xs -a x.").await;
    let StartError::Child { cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(cause, StartFailure::TimedOut(_)), "{cause:?}");
    assert_eq!(begun.elapsed(), 3 * SECOND);
}

/// A supervisor whose clean-up takes an hour.
fn slow(name: &str) -> (Supervisor, Count) {
    let count = Count::default();
    let counting = count.clone();
    let s = Supervisor::new(name).build_with(move |_| {
        let counting = counting.clone();
        let children = Children::new().child(idle("w"));
        children.on_cleanup(move || async move {
            counting.built();
            sleep(HOUR).await;
        })
    });
    (s, count)
}

fn timed_out(report: &ShutdownReport) -> Duration {
    match cleanup_error(report, 0) {
        CleanupError::TimedOut(span) => *span,
        error => panic!("{error:?}"),
    }
}

async fn cleanup_has_five_seconds() {
    let (s, _) = slow("s");
    let story = Story::start(root().child(s), "+s/w +s +.").await;
    let begun = Instant::now();
    let exit = story.stops("-s/w !s !.").await;
    assert_eq!(begun.elapsed(), 5 * SECOND);
    assert_eq!(timed_out(exit.report()), 5 * SECOND);
}

async fn cleanup_has_its_own_time() {
    let root = root().build_with(|_| {
        let children = Children::new().cleanup_timeout(9 * SECOND);
        children.on_cleanup(|| sleep(8 * SECOND))
    });
    let story = Story::start(root, "+.").await;
    let begun = Instant::now();
    story.stops_cleanly("-.").await;
    assert_eq!(begun.elapsed(), 8 * SECOND);
}

async fn deadline_cuts_a_cleanup() {
    let (s, count) = slow("s");
    let story = Story::start(root().child(s), "+s/w +s +.").await;
    let (tree, events) = story.into_parts();
    let begun = Instant::now();
    let exit = bounded(tree.shutdown_within(2 * SECOND)).await;
    assert_eq!(begun.elapsed(), 2 * SECOND);
    assert_eq!(timed_out(exit.report()), 2 * SECOND);
    events.told_last("-s/w !s !.").await;
    // One that is late all the same is begun.
    let stubborn = Puppet::new("stubborn").answering(Act::Hang);
    let child = stubborn.worker();
    let counting = count.clone();
    let root = root().build_with(move |_| counting.children().child(child.clone().shutdown(HOUR)));
    let story = Story::start(root, "+stubborn +.").await;
    let (tree, events) = story.into_parts();
    let before = count.read()[1];
    bounded(tree.shutdown_within(SECOND)).await;
    events.told_last("!stubborn !.").await;
    assert_eq!(count.read()[1], before + 1);
}

async fn kill_of_the_supervisor_cuts_a_cleanup() {
    let (s, count) = slow("s");
    let mut story = Story::start(root().child(s), "+s/w +s +.").await;
    let s = story.child("s").unwrap();
    let begun = Instant::now();
    s.kill();
    story.told("!s/w !s +s/w +s").await;
    assert_eq!((begun.elapsed(), count.read()[0]), (Duration::ZERO, 1));
    let exit = story.stops("-s/w !s !.").await;
    assert_eq!(troubles(exit.report()), ["root/s", "root/s"]);
}

async fn cleanup_comes_before_the_next_build() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let worker = Puppet::new("w");
    let (child, writing) = (worker.worker(), log.clone());
    let s = Supervisor::new("s")
        .tolerance((0, HOUR))
        .build_with(move |ctx: Context| {
            let (log, life) = (writing.clone(), ctx.incarnation().number());
            log.lock().unwrap().push(format!("build {life}"));
            let children = Children::new().child(child.clone());
            children.on_cleanup(move || async move {
                sleep(SECOND).await;
                log.lock().unwrap().push(format!("clean {life}"));
            })
        });
    let root = root().strategy(Strategy::OneForAll).child(s);
    let mut story = Story::start(root, "+s/w +s +.").await;
    worker.fails();
    story.told("!s/w !s +s/w +s").await;
    story.stops_cleanly("-s/w -s -.").await;
    let log = log.lock().unwrap();
    let lives: Vec<_> = log
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(lives, ["build", "clean", "build", "clean"]);
    assert_eq!(log[0][5..], log[1][5..]);
}

async fn values_are_new_at_each_start() {
    let count = Count::default();
    let worker = Puppet::new("w");
    let (building, child) = (count.clone(), worker.worker());
    let s = Supervisor::new("s")
        .tolerance((0, HOUR))
        .build_with(move |_| {
            let extra = idle(&format!("number-{}", building.built()));
            Children::new().child(child.clone()).child(extra)
        });
    let mut story = Story::start(root().child(s), "+s/w +s/number-1 +s +.").await;
    worker.fails();
    story.told("!s/w -s/number-1 !s +s/w +s/number-2 +s").await;
    story.stops_cleanly("-s/number-2 -s/w -s -.").await;
}

async fn worker_of_a_build_regrows() {
    let child = Worker::new("w", |ctx: Context| async move {
        if ctx.incarnation().number() == 1 {
            return Err("out of luck");
        }
        ctx.stopped().await;
        Ok(())
    });
    let root = root().build_with(move |_| Children::new().child(child.clone()));
    let story = Story::start(root, "+w +. !w +w").await;
    story.stops_cleanly("-w -.").await;
}

stories! {
    both:
        sup_002_sup_start_ignore_init,
        root_that_has_nothing_to_do_does_not_start,
        sup_008_sup_start_error_return,
        sup_009_sup_start_fail,
        cap_068_multi_level,
        cap_069_build_that_panics,
        cap_070_build_that_panics_in_a_nested_tree,
        cap_071_cleanup_that_fails,
        cap_120_build_error,
        cap_121_two_levels,
        cap_122_nested_build_error,
        cap_124_cleanup_error,
        cap_411_child_that_fails_to_start,
        cap_412_build_that_fails_at_a_restart,
        cap_432_cleanup_that_panics,
        cap_436_several_failures_and_the_cleanup,
        failed_start_tells_of_its_cleanup_too,
        wrong_children_are_cleaned_up_after,
        declared_children_come_before_those_of_the_build,
        references_hold_where_the_next_build_has_the_name,
        stop_drops_a_build,
        stop_of_a_root_drops_its_build,
        values_are_new_at_each_start;
    paused:
        start_timeout_bounds_a_build,
        cleanup_has_five_seconds,
        cleanup_has_its_own_time,
        deadline_cuts_a_cleanup,
        kill_of_the_supervisor_cuts_a_cleanup,
        cleanup_comes_before_the_next_build,
        worker_of_a_build_regrows;
}
