//! Events, snapshots, and listeners that are in no hurry.
mod ground;

use ground::{SEC, idle, until};
use regrow_core::{Backoff, Restart};
use regrow_supervisor::{
    Change, DynamicSupervisor, SpecError, Supervisor, SupervisorRef, Warning, Worker,
};
use regrow_tasks::{ChildState, Context};
use std::{fmt, time::Duration};

#[tokio::test(start_paused = true)]
async fn slow_listener_is_told_how_much_it_missed() {
    let tree = Supervisor::new("root")
        .event_capacity(8)
        .tolerance((1000, SEC))
        .child(idle("a"))
        .start()
        .await
        .unwrap();
    let mut slow = tree.subscribe();
    let mut fast = tree.subscribe();
    for _ in 0..10 {
        tree.kill("a").unwrap();
        until(&mut fast, "+a").await;
    }
    let missed = slow.next().await.unwrap().unwrap_err();
    assert!(missed.events > 10, "{missed}");
    // The stream goes on after the gap, with the events that are left.
    let next = slow.next().await.unwrap().unwrap();
    assert_eq!(next.runtime_name, "root/a");
}

#[tokio::test(start_paused = true)]
async fn sequence_has_no_gap_and_no_double() {
    let mut events = None;
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .child(Supervisor::new("web").child(idle("b")).child(idle("c")))
        .start_observed(|from_the_start| events = Some(from_the_start))
        .await
        .unwrap();
    tree.kill("web/b").unwrap();
    tree.shutdown().await;
    let mut events = events.unwrap();
    let mut last = 0;
    while let Some(event) = events.next().await {
        let event = event.unwrap();
        assert_eq!(event.sequence, last + 1, "{event}");
        last = event.sequence;
    }
    assert!(last > 15);
}

#[tokio::test(start_paused = true)]
async fn drawing_shows_names_states_and_restarts() {
    let tree = Supervisor::new("root")
        .child(idle("store"))
        .child(
            Supervisor::new("web")
                .child(idle("acceptor"))
                .child(idle("router")),
        )
        .start()
        .await
        .unwrap();
    let mut events = tree.subscribe();
    tokio::time::advance(SEC * 90).await;
    tree.kill("web/acceptor").unwrap();
    until(&mut events, "+web/acceptor").await;
    tree.supervisor("web")
        .unwrap()
        .terminate_child("router")
        .await
        .unwrap();
    let drawing = "\
root            up 1m 30s
├─ store        up 1m 30s
└─ web          up 1m 30s
   ├─ acceptor  up 0s, 1 restart
   └─ router    down";
    assert_eq!(tree.snapshot().to_string(), drawing);
    let names = tree.snapshot().runtime_names();
    assert_eq!(names.last().unwrap(), &"root/web/router");
}

#[tokio::test(start_paused = true)]
async fn paths_are_relative_and_full_at_the_root() {
    let tree = Supervisor::new("root")
        .child(Supervisor::new("web").child(idle("acceptor")))
        .start()
        .await
        .unwrap();
    let name = |path: &str| {
        tree.child(path)
            .map(|child| child.runtime_name().to_string())
    };
    assert_eq!(name("web/acceptor").unwrap(), "root/web/acceptor");
    assert_eq!(name("root/web/acceptor").unwrap(), "root/web/acceptor");
    let web = tree.supervisor("web").unwrap();
    assert!(web.child("acceptor").is_ok());
    assert!(web.child("root/web/acceptor").is_err());
    let error = tree.child("web/nobody").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no \"nobody\" under root/web (looked for \"web/nobody\")"
    );
    let error = tree.child("web/acceptor/below").unwrap_err();
    assert_eq!(
        error.to_string(),
        "root/web/acceptor is a worker, not a supervisor"
    );
    let error = tree.dynamic("web").unwrap_err();
    assert_eq!(
        error.to_string(),
        "root/web is an ordinary supervisor, not a dynamic one"
    );
}

#[tokio::test(start_paused = true)]
async fn child_in_backoff_is_shown_as_restarting() {
    let once = Worker::new("a", |ctx: Context| async move {
        if ctx.incarnation().number() == 1 {
            return Err("once");
        }
        ctx.stopped().await;
        Ok(())
    });
    let mut events = None;
    let tree = Supervisor::new("root")
        .child(once.backoff(Backoff::constant(SEC)))
        .start_observed(|from_the_start| events = Some(from_the_start))
        .await
        .unwrap();
    let mut events = events.unwrap();
    assert_eq!(until(&mut events, "!a").await, "+a +. !a");
    assert_eq!(tree.child("a").unwrap().state(), ChildState::Restarting);
    assert_eq!(until(&mut events, "+a").await, "+a");
}

#[tokio::test(start_paused = true)]
async fn backoff_that_defeats_the_tolerance_is_a_warning() {
    let mut events = None;
    let tree = Supervisor::new("root")
        .child(idle("a").backoff(Backoff::constant(SEC * 2)))
        .start_observed(|from_the_start| events = Some(from_the_start))
        .await
        .unwrap();
    tree.shutdown().await;
    let mut events = events.unwrap();
    let mut warnings = 0;
    while let Some(event) = events.next().await {
        if let Change::Warning(Warning::UnreachableTolerance { takes, .. }) = event.unwrap().change
        {
            assert_eq!(takes, SEC * 6);
            warnings += 1;
        }
    }
    assert_eq!(warnings, 1);
}

#[tokio::test(start_paused = true)]
async fn idle_supervisor_is_never_woken() {
    // The paused clock jumps from timer to timer: ours, and any that a supervisor had armed.
    let parks_in_an_hour = async || {
        let metrics = tokio::runtime::Handle::current().metrics();
        let before = metrics.worker_park_count(0);
        tokio::time::sleep(SEC * 3600).await;
        metrics.worker_park_count(0) - before
    };
    let without = parks_in_an_hour().await;
    let tree = Supervisor::new("root")
        .children((0..100).map(|n| idle(&format!("w{n}"))))
        .child(DynamicSupervisor::new("pool"))
        .start()
        .await
        .unwrap();
    tree.kill("w7").unwrap();
    until(&mut tree.subscribe(), "+w7").await;
    let with = parks_in_an_hour().await;
    assert!(with <= without + 1, "{with} against {without}");
    assert_eq!(tree.count().active, 101);
}

#[tokio::test(start_paused = true)]
async fn error_whose_destructor_asks_the_tree_harms_nobody() {
    /// Asks the tree when it is dropped.
    #[derive(Debug, thiserror::Error)]
    #[error("curious")]
    struct Curious(SupervisorRef);

    impl Drop for Curious {
        fn drop(&mut self) {
            self.0.count();
            drop(self.0.subscribe());
        }
    }

    let tree = Supervisor::new("root")
        .event_capacity(8)
        .tolerance((1000, Duration::from_millis(1)))
        .child(idle("calm"))
        .start()
        .await
        .unwrap();
    let slow = tree.subscribe();
    for _ in 0..20 {
        let fails = Worker::new("a", |ctx: Context| async move {
            Err::<(), _>(Curious(SupervisorRef::root_of(&ctx)))
        });
        tree.start_child(fails.restart(Restart::Temporary))
            .await
            .unwrap();
        tree.kill("calm").unwrap();
        until(&mut tree.subscribe(), "+calm").await;
    }
    drop(slow);
    assert!(tree.shutdown().await.is_orderly());
}

#[test]
fn settings_of_the_tree_are_refused_below_the_root() {
    let error = Supervisor::new("web")
        .event_capacity(7)
        .build()
        .unwrap_err();
    assert!(matches!(error, SpecError::NotTheRoot { .. }), "{error}");
    let error = Supervisor::new("web")
        .kill_wait(Duration::ZERO)
        .build()
        .unwrap_err();
    assert!(matches!(error, SpecError::ZeroKillWait { .. }), "{error}");
}

/// An error that cannot be printed.
#[derive(Debug)]
struct Unprintable;

impl fmt::Display for Unprintable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text")
    }
}

impl std::error::Error for Unprintable {}

#[tokio::test(start_paused = true)]
async fn error_that_cannot_be_printed_harms_nobody() {
    let _log = tracing::subscriber::set_default(Printer { panics: false });
    let mut events = None;
    let tree = Supervisor::new("root")
        .child(idle("calm"))
        .child(Worker::new("a", |ctx: Context| async move {
            if ctx.incarnation().number() == 2 {
                return Err(Unprintable);
            }
            ctx.stopped().await;
            Ok(())
        }))
        .start_observed(|from_the_start| events = Some(from_the_start))
        .await
        .unwrap();
    let mut events = events.unwrap();
    assert_eq!(until(&mut events, "!a").await, "+calm +a +. !a");
    assert_eq!(until(&mut events, "+a").await, "+a");
    assert!(tree.shutdown().await.is_orderly());
}

#[tokio::test(start_paused = true)]
async fn log_subscriber_that_panics_harms_no_supervisor() {
    let _log = tracing::subscriber::set_default(Printer { panics: true });
    let mut events = None;
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .start_observed(|from_the_start| events = Some(from_the_start))
        .await
        .unwrap();
    tree.kill("a").unwrap();
    assert_eq!(until(&mut events.unwrap(), "!a").await, "+a +. !a");
    assert!(tree.shutdown().await.is_orderly());
}

/// A log subscriber that prints everything, and so calls `Display` of everything; or panics.
struct Printer {
    panics: bool,
}

impl tracing::Subscriber for Printer {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Print;
        impl tracing::field::Visit for Print {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn fmt::Debug) {
                let _ = format!("{value:?}");
            }
        }
        event.record(&mut Print);
        assert!(!self.panics, "in the log");
    }

    fn enter(&self, _: &tracing::span::Id) {
        assert!(!self.panics, "in a span");
    }

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn failure_that_a_start_reported_is_why_the_supervisor_gave_up() {
    let worker = Worker::with_notify_start("w", |ctx, up| async move {
        if ctx.incarnation().number() > 1 {
            up.failed("out of files");
            // What it returns then is not why it failed.
            return Ok(());
        }
        up.ready();
        Err("out of luck")
    });
    let tree = Supervisor::new("root")
        .tolerance((2, SEC))
        .child(worker)
        .start()
        .await
        .unwrap();
    let told = tree.wait().await.to_string();
    assert!(told.contains("it failed: out of files"), "{told}");
    assert!(told.contains("counted failed: out of luck"), "{told}");
}
