//! Stops: their order, their time, and what an end in them is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{
    Change, DynamicSupervisor, ExitReason, Restart, Shutdown, Supervisor, TerminateChildError,
    Worker,
};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::puppet::{Act, Puppet};
use crate::story::{Events, HOUR, SECOND, Story, bounded, root, says};

const MS: Duration = Duration::from_millis(1);

async fn sup_016_sup_stop_infinity() {
    let c2 = Puppet::new("c2");
    let root = root()
        .child(Supervisor::new("c1").shutdown(Shutdown::Indefinitely))
        .child(c2.worker().shutdown(Shutdown::Indefinitely));
    let story = Story::start(root, "+c1 +c2 +.").await;
    story.stops_cleanly("-c2 -c1 -.").await;
    assert_eq!(c2.cleaned(), 1);
}

async fn sup_017_sup_stop_timeout() {
    let [c1, c2] = ["c1", "c2"].map(Puppet::new);
    let root = root().children([&c1, &c2].map(|c| c.worker().shutdown(SECOND)));
    let story = Story::start(root, "+c1 +c2 +.").await;
    c2.hangs().await;
    let began = Instant::now();
    let exit = story.stops("!c2 -c1 !.").await;
    assert_eq!(began.elapsed(), SECOND);
    // 8.4: OTP's supervisor ends with `shutdown` here.
    assert!(matches!(exit.reason(), ExitReason::Failed(_)), "{exit}");
    assert_eq!((c1.cleaned(), c2.alive()), (1, 0));
}

async fn sup_018_sup_stop_timeout_dynamic() {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let dynamic = story.dynamic("d").unwrap();
    let [c1, c2] = ["c1", "c2"].map(Puppet::new);
    for c in [&c1, &c2] {
        let spec = c.worker().shutdown(SECOND).restart(Restart::Temporary);
        dynamic.start_child(spec).await.unwrap();
    }
    story.told("+d/c1 +d/c2").await;
    c2.hangs().await;
    let began = Instant::now();
    story.stops("-d/c1 !d/c2 !d !.").await;
    assert_eq!(began.elapsed(), SECOND);
}

async fn sup_019_sup_stop_brutal_kill() {
    let [c1, c2] = ["c1", "c2"].map(Puppet::new);
    let root = root()
        .child(c1.worker().shutdown(SECOND))
        .child(c2.worker().shutdown(Shutdown::Kill));
    let story = Story::start(root, "+c1 +c2 +.").await;
    story.stops_cleanly("-c2 -c1 -.").await;
    assert_eq!((c1.cleaned(), c2.cleaned()), (1, 0));
    assert_eq!((c1.alive(), c2.alive()), (0, 0));
}

async fn sup_021_sup_stop_race() {
    let first = Puppet::new("first");
    let last = Puppet::new("last").cleaning(SECOND);
    let mut puppets = Vec::new();
    let mut root = root().child(first.worker().restart(Restart::Temporary));
    let mut expected = "+first".to_owned();
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for act in [Act::Complete, Act::Stop, Act::Stop, Act::Fail] {
            let name = format!("c{}", puppets.len());
            let puppet = Puppet::new(&name);
            root = root.child(puppet.worker().restart(restart));
            expected += &format!(" +{name}");
            puppets.push((name, puppet, act));
        }
    }
    let z = last
        .worker()
        .restart(Restart::Temporary)
        .shutdown(2 * SECOND);
    let root = root.child(z);
    let story = Story::start(root, &(expected + " +last +.")).await;

    let began = Instant::now();
    let (tree, mut events) = story.into_parts();
    let shutdown = tokio::spawn(tree.shutdown());
    // 200 ms later they end by themselves, before their turn to be asked (7.7).
    tokio::time::sleep(200 * MS).await;
    for (name, puppet, act) in &puppets {
        puppet.tell(*act);
        let sign = if matches!(act, Act::Fail) { '!' } else { '~' };
        events.told(&format!("{sign}{name}")).await;
    }
    events.told_last("-last -first !.").await;
    assert_eq!(began.elapsed(), SECOND);
    let exit = shutdown.await.unwrap();
    assert!(!exit.is_orderly() || matches!(exit.reason(), ExitReason::Failed(_)));
    assert!(puppets.iter().all(|(_, puppet, _)| puppet.begun() == 1));
}

async fn sup_151_stop_time() {
    let puppets = ["c1", "c2", "c3"].map(|name| Puppet::new(name).cleaning(300 * MS));
    let workers = || puppets.iter().map(Puppet::worker);
    let story = Story::start(root().children(workers()), "+c1 +c2 +c3 +.").await;
    let began = Instant::now();
    story.stops_cleanly("-c3 -c2 -c1 -.").await;
    assert_eq!(began.elapsed(), 900 * MS);

    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    for worker in workers() {
        let dynamic = story.dynamic("d").unwrap();
        dynamic.start_child(worker).await.unwrap();
    }
    story.told("+d/c1 +d/c2 +d/c3").await;
    let began = Instant::now();
    story.stops_cleanly("{-d/c1 -d/c2 -d/c3} -d -.").await;
    assert_eq!(began.elapsed(), 300 * MS);
}

async fn sup_152_killed_after_its_time() {
    let c = Puppet::new("c");
    let root = root().child(c.worker().shutdown(100 * MS));
    let story = Story::start(root, "+c +.").await;
    c.hangs().await;
    let began = Instant::now();
    let exit = story.stops("!c !.").await;
    assert_eq!(began.elapsed(), 100 * MS);
    let [troubled] = exit.report().troubled() else {
        panic!("{}", exit.report());
    };
    assert_eq!(troubled.runtime_name.to_string(), "root/c");
}

async fn sup_153_ok_after_a_stop_is_silent() {
    let [p, t] = ["p", "t"].map(|name| Puppet::new(name).answering(Act::Complete));
    let root = root()
        .child(p.worker())
        .child(t.worker().restart(Restart::Transient));
    let story = Story::start(root, "+p +t +.").await;
    story.stops_cleanly("-t -p -.").await;
}

async fn sup_154_parent_ends() {
    let c = Puppet::new("c");
    let root = root().child(Supervisor::new("sub").child(c.worker()));
    let story = Story::start(root, "+sub/c +sub +.").await;
    let (tree, events) = story.into_parts();
    drop(tree);
    events.told_last("-sub/c -sub -.").await;
    assert_eq!((c.cleaned(), c.alive()), (1, 0));
}

async fn sup_168_supervisor_killed_outright() {
    let c = Puppet::new("c");
    let root = root().child(Supervisor::new("sub").child(c.worker()));
    let mut story = Story::start(root, "+sub/c +sub +.").await;
    story.kill("sub").unwrap();
    story.told("!sub/c !sub +sub/c +sub").await;
    assert_eq!((c.begun(), c.alive(), c.cleaned()), (2, 1, 0));
    story.stops_cleanly("-sub/c -sub -.").await;
    assert_eq!(c.alive(), 0);
}

async fn sup_174_no_growth() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..100 {
        let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
        let root = root().child(a.worker()).child(
            Supervisor::new("sub")
                .child(b.worker())
                .child(Supervisor::new("leaf").child(c.worker())),
        );
        let story = Story::start(root, "+a +sub/b +sub/leaf/c +sub/leaf +sub +.").await;
        story
            .stops_cleanly("-sub/leaf/c -sub/leaf -sub/b -sub -a -.")
            .await;
        assert_eq!([a.alive(), b.alive(), c.alive()], [0, 0, 0]);
    }
    // The driver that told the last end may still be on its way out.
    bounded(async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn sup_176_orderly_stop_of_children() {
    let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
    let sub = Supervisor::new("sub")
        .tolerance((0, HOUR))
        .children([&a, &b, &c].map(Puppet::worker));
    let mut story = Story::start(root().child(sub), "+sub/a +sub/b +sub/c +sub +.").await;
    b.fails();
    story
        .told("!sub/b -sub/c -sub/a !sub +sub/a +sub/b +sub/c +sub")
        .await;
    assert_eq!([a.cleaned(), b.cleaned(), c.cleaned()], [1, 0, 1]);

    // Who is killed does not clean up.
    story.kill("sub/b").unwrap();
    story.told("!sub/b -sub/c -sub/a !sub").await;
    assert_eq!([a.cleaned(), b.cleaned(), c.cleaned()], [2, 0, 2]);
    story.told("+sub/a +sub/b +sub/c +sub").await;
    story.stops_cleanly("-sub/c -sub/b -sub/a -sub -.").await;
}

async fn sup_177_ends_by_itself_while_stopped() {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let dynamic = story.dynamic("d").unwrap();
    for _ in 0..10_000 {
        let c = Puppet::new("c").answering(Act::Fail);
        let spec = c.worker().restart(Restart::Temporary);
        dynamic.start_child(spec).await.unwrap();
        let (answer, ()) = tokio::join!(dynamic.terminate_child("c"), async { c.fails() });
        match answer {
            Ok(()) | Err(TerminateChildError::NotFound { .. }) => {}
            Err(error) => assert!(says(&error, "died"), "{error:?}"),
        }
        story.told("+d/c").await;
        let end = story.next_signed().await;
        let (Change::Failed(reason) | Change::StopFailed(reason)) = &end.change else {
            panic!("{end:?}");
        };
        assert!(reason.to_string().contains("died"), "{end:?}");
    }
    story.stops_cleanly("-d -.").await;
}

async fn sup_178_no_orphan() {
    let g = Puppet::new("g");
    let sub = Supervisor::new("sub")
        .shutdown(SECOND)
        .child(g.worker().shutdown(Shutdown::Indefinitely));
    let story = Story::start(root().child(sub), "+sub/g +sub +.").await;
    g.hangs().await;
    let began = Instant::now();
    story.stops("!sub/g !sub !.").await;
    assert_eq!(began.elapsed(), SECOND);
    assert_eq!(g.alive(), 0);
}

/// Panics when it is dropped.
struct Grenade(Arc<AtomicUsize>);

impl Drop for Grenade {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        panic!("dropped");
    }
}

async fn tok_03_destructor_panics_while_aborted() {
    let a = Puppet::new("a");
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = drops.clone();
    let c = Worker::new("c", move |_| {
        let grenade = Grenade(counted.clone());
        async move {
            let _held = grenade;
            std::future::pending::<()>().await;
        }
    });
    let root = root().child(a.worker()).child(c.shutdown(SECOND));
    let mut story = Story::start(root, "+a +c +.").await;
    let error = story.terminate_child("c").await.unwrap_err();
    assert!(
        matches!(error, TerminateChildError::StopFailed { .. }),
        "{error:?}"
    );
    story.told("!c").await;
    assert_eq!(drops.load(SeqCst), 1);
    // 8.5: it was told to the caller.
    story.stops_cleanly("-a -.").await;
}

async fn tok_05_own_end_in_the_race_with_abort() {
    let root = root().child(DynamicSupervisor::new("d"));
    let mut story = Story::start(root, "+d +.").await;
    let dynamic = story.dynamic("d").unwrap();
    for round in 0..2_000 {
        let returned = Arc::new(AtomicBool::new(false));
        let set = returned.clone();
        let c = Worker::new("c", move |_| {
            let set = set.clone();
            async move {
                for _ in 0..round % 7 {
                    tokio::task::yield_now().await;
                }
                set.store(true, SeqCst);
                Err::<(), _>("its own")
            }
        });
        let child = dynamic
            .start_child(c.restart(Restart::Temporary))
            .await
            .unwrap();
        for _ in 0..round % 5 {
            tokio::task::yield_now().await;
        }
        child.kill();
        story.told("+d/c").await;
        let end = story.next_signed().await;
        let Change::Failed(reason) = &end.change else {
            panic!("{end:?}");
        };
        match reason {
            ExitReason::Killed => assert!(!returned.load(SeqCst)),
            reason => assert!(reason.to_string().contains("its own"), "{reason}"),
        }
    }
    story.stops_cleanly("-d -.").await;
}

async fn tok_09_owner_dropped() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let [a, g] = ["a", "g"].map(Puppet::new);
    let never = Puppet::new("never").asking();
    let tree = || {
        root()
            .child(a.worker())
            .child(Supervisor::new("sub").child(g.worker()))
    };
    let story = Story::start(tree(), "+a +sub/g +sub +.").await;
    let (tree_alone, events) = story.into_parts();
    drop(tree_alone);
    events.told_last("-sub/g -sub -a -.").await;
    assert_eq!([a.alive(), g.alive()], [0, 0]);

    // The future of `start` is dropped half way.
    let root = tree().child(never.worker());
    let (observer, observed) = tokio::sync::oneshot::channel();
    let observe = |subscription| {
        let _ = observer.send(Events::new(subscription));
    };
    let starting = tokio::spawn(root.start_observed(observe));
    let mut events = observed.await.unwrap();
    events.told("+a +sub/g +sub").await;
    never.asked().await;
    starting.abort();
    events.told_last("-never -sub/g -sub -a -.").await;
    assert_eq!([a.alive(), g.alive()], [0, 0]);
    bounded(async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn tok_10_panics_are_contained() {
    let a = Puppet::new("a");
    let mut story = Story::start(root().tolerance((9, HOUR)).child(a.worker()), "+a +.").await;

    // In the start function, before it is up, and while it runs.
    let start = Worker::new("start", |_| -> std::future::Ready<()> { panic!("start") });
    let begun = story.start_child(start.restart(Restart::Temporary)).await;
    assert!(says(&begun.unwrap_err(), "start"));
    story.told("xstart").await;
    let runs = Puppet::new("runs");
    let spec = runs.worker().restart(Restart::Temporary);
    story.start_child(spec).await.unwrap();
    runs.tell(Act::Panic);
    story.told("+runs").await;
    let end = story.next_signed().await;
    let Change::Failed(ExitReason::Panicked(panic)) = &end.change else {
        panic!("{end:?}");
    };
    assert_eq!(panic.message(), "died");

    // After it was asked to stop.
    let stops = Puppet::new("stops").answering(Act::Panic);
    story.start_child(stops.worker()).await.unwrap();
    let error = story.terminate_child("stops").await.unwrap_err();
    assert!(says(&error, "died"), "{error:?}");
    story.told("+stops !stops").await;

    // In a destructor of its body, when that has returned.
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = drops.clone();
    let body = Worker::new("body", move |_| {
        let grenade = Grenade(counted.clone());
        async move { drop(grenade) }
    });
    let spec = body.restart(Restart::Temporary);
    story.start_child(spec).await.unwrap();
    story.told("+body !body").await;
    assert_eq!(drops.load(SeqCst), 1);

    // In a destructor of its start function, when the child is forgotten.
    let held = Grenade(drops.clone());
    let forgotten = Worker::new("forgotten", move |_| {
        let _held = &held;
        std::future::pending::<()>()
    });
    story
        .start_child(forgotten.shutdown(Shutdown::Kill))
        .await
        .unwrap();
    story.terminate_child("forgotten").await.unwrap();
    story.delete_child("forgotten").await.unwrap();
    story.told("+forgotten -forgotten").await;
    bounded(async {
        while drops.load(SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    story.stops_cleanly("-a -.").await;
}

async fn tok_15_end_seen_means_name_free() {
    let mut story = Story::start(root(), "+.").await;
    for round in 0..2_000 {
        let c = Puppet::new("c");
        let spec = c.worker().restart(Restart::Temporary);
        let child = story.start_child(spec).await.unwrap();
        let end = match round % 3 {
            0 => {
                c.completes();
                "~c"
            }
            1 => {
                c.tell(Act::Panic);
                "!c"
            }
            _ => {
                child.kill();
                "!c"
            }
        };
        story.told(&format!("+c {end}")).await;
    }
    story.stops_cleanly("-.").await;
}

stories! {
    both:
        sup_016_sup_stop_infinity,
        sup_019_sup_stop_brutal_kill,
        sup_153_ok_after_a_stop_is_silent,
        sup_154_parent_ends,
        sup_168_supervisor_killed_outright,
        sup_174_no_growth,
        sup_176_orderly_stop_of_children,
        sup_177_ends_by_itself_while_stopped,
        tok_05_own_end_in_the_race_with_abort,
        tok_09_owner_dropped,
        tok_10_panics_are_contained,
        tok_15_end_seen_means_name_free;
    paused:
        sup_017_sup_stop_timeout,
        sup_018_sup_stop_timeout_dynamic,
        sup_021_sup_stop_race,
        sup_151_stop_time,
        sup_152_killed_after_its_time,
        sup_178_no_orphan,
        tok_03_destructor_panics_while_aborted;
}
