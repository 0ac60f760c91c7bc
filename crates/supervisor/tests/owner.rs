//! What the one owner of a tree can do, and what happens when it does not.
mod ground;

use ground::{SEC, idle, stubborn, until};
use regrow_core::Shutdown;
use regrow_supervisor::{
    DynamicSupervisor, StartError, Supervisor, SupervisorFailure, SupervisorRef, Worker,
};
use regrow_tasks::{ChildState, Context, ExitReason, NotifyStart};
use std::{
    future::{Future, pending},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context as TaskContext, Poll, Waker},
    time::Duration,
};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn dropping_the_tree_stops_it_in_order() {
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .child(idle("b"))
        .start()
        .await
        .unwrap();
    let mut events = tree.subscribe();
    drop(tree);
    assert_eq!(until(&mut events, "-.").await, "-b -a -.");
    assert!(
        events.next().await.is_none(),
        "the stream ends with the tree"
    );
}

#[tokio::test(start_paused = true)]
async fn detached_tree_goes_on() {
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .start()
        .await
        .unwrap();
    let root = tree.root().clone();
    let mut events = tree.subscribe();
    tree.detach();
    root.kill("a").unwrap();
    assert_eq!(until(&mut events, "+a").await, "!a +a");
    root.shutdown();
    assert_eq!(until(&mut events, "-.").await, "-a -.");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_start_stops_what_was_started() {
    let mut events = None;
    let hanging = Worker::with_notify_start("b", |ctx: Context, notify: NotifyStart| async move {
        ctx.stopped().await;
        drop(notify);
    });
    {
        let start = Supervisor::new("root")
            .child(idle("a"))
            .child(hanging)
            .start_observed(|from_the_start| events = Some(from_the_start));
        assert!(tokio::time::timeout(SEC, start).await.is_err());
    }
    let mut events = events.unwrap();
    assert_eq!(until(&mut events, "-.").await, "+a -b -a -.");
}

#[tokio::test(start_paused = true)]
async fn shutdown_during_the_first_start_stops_what_is_up() {
    let stops = Worker::with_notify_start("b", |ctx: Context, notify: NotifyStart| async move {
        SupervisorRef::root_of(&ctx).shutdown();
        ctx.stopped().await;
        drop(notify);
    });
    let mut events = None;
    let error = Supervisor::new("root")
        .child(idle("a"))
        .child(stops)
        .start_observed(|from_the_start| events = Some(from_the_start))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Stopped { .. }), "{error}");
    assert_eq!(until(&mut events.unwrap(), "-.").await, "+a -b -a -.");
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_get_the_same() {
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .start()
        .await
        .unwrap();
    tree.root().shutdown();
    let (one, other, third) = tokio::join!(tree.wait(), tree.wait(), tree.wait());
    for exit in [one, other, third, tree.wait().await] {
        let text = exit.to_string();
        assert!(
            text.starts_with("root stopped\n1 life stopped cleanly"),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_holds_at_any_depth() {
    // Each level alone would wait for ever.
    let deep = (0..5).fold(stubborn("leaf").build().unwrap(), |below, level| {
        let leaf = Worker::new("beside", |_| pending::<()>());
        Supervisor::new(format!("level{level}"))
            .child(leaf)
            .child(below)
            .build()
            .unwrap()
    });
    let tree = Supervisor::new("root").child(deep).start().await.unwrap();
    let begun = Instant::now();
    let exit = tree.shutdown_within(Duration::from_millis(700)).await;
    assert_eq!(
        begun.elapsed().as_millis(),
        700,
        "tasks that yield are gone at once"
    );
    assert_eq!(
        exit.exit_code(),
        0,
        "a failed stop is in the report, and orderly"
    );
    let failure = exit.failure().expect("it was not clean");
    assert!(matches!(failure, SupervisorFailure::StopFailed { .. }));
    // Six workers were killed, and the supervisors above them ended with a failed stop.
    assert_eq!(exit.report().troubled().len(), 11, "{exit}");
}

#[tokio::test(start_paused = true)]
async fn life_can_stop_its_own_tree() {
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .child(Worker::new("b", |ctx: Context| async move {
            SupervisorRef::root_of(&ctx).shutdown();
            ctx.stopped().await;
        }))
        .start()
        .await
        .unwrap();
    assert!(tree.wait().await.is_orderly());
}

#[tokio::test(start_paused = true)]
async fn life_can_terminate_itself_and_what_it_stands_in() {
    let ask = |ctx: Context, who: &'static str| async move {
        // By then the tree is up.
        tokio::time::sleep(SEC).await;
        let root = SupervisorRef::root_of(&ctx);
        let (supervisor, name) = match who {
            "itself" => (SupervisorRef::parent_of(&ctx), "worker"),
            _ => (root, "web"),
        };
        // It returns at once: to wait would be to wait for itself.
        supervisor.terminate_child(name).await.unwrap();
        ctx.stopped().await;
    };
    for (who, last, signs) in [
        ("itself", "-web/worker", "+web/worker +web +. -web/worker"),
        (
            "its supervisor",
            "-web",
            "+web/worker +web +. -web/worker -web",
        ),
    ] {
        let worker = Worker::new("worker", move |ctx: Context| ask(ctx, who));
        let mut events = None;
        let tree = Supervisor::new("root")
            .child(Supervisor::new("web").child(worker))
            .start_observed(|from_the_start| events = Some(from_the_start))
            .await
            .unwrap();
        assert_eq!(until(&mut events.unwrap(), last).await, signs);
        assert!(tree.shutdown().await.is_orderly());
    }
}

#[tokio::test(start_paused = true)]
async fn life_that_is_stopped_does_not_wait_for_one_whose_turn_comes_later() {
    let b = Worker::new("b", |ctx: Context| async move {
        ctx.stopped().await;
        let siblings = SupervisorRef::parent_of(&ctx);
        siblings.terminate_child("a").await
    });
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .child(b.shutdown(Shutdown::Indefinitely))
        .start()
        .await
        .unwrap();
    assert!(tree.shutdown().await.is_orderly());
}

#[tokio::test(start_paused = true)]
async fn request_dropped_before_it_was_taken_did_not_happen() {
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .start()
        .await
        .unwrap();
    {
        let mut request = Box::pin(tree.terminate_child("a"));
        let mut cx = TaskContext::from_waker(Waker::noop());
        assert!(matches!(request.as_mut().poll(&mut cx), Poll::Pending));
    }
    tokio::task::yield_now().await;
    // A later request shows that the supervisor has looked at the earlier one.
    tree.start_child(idle("b")).await.unwrap();
    assert_eq!(tree.child("a").unwrap().state(), ChildState::Up);
}

#[tokio::test(start_paused = true)]
async fn request_dropped_after_it_was_taken_goes_on() {
    let tree = Supervisor::new("root").start().await.unwrap();
    let slow = || {
        Worker::with_notify_start("slow", |ctx: Context, notify: NotifyStart| async move {
            tokio::time::sleep(SEC).await;
            notify.ready();
            ctx.stopped().await;
        })
    };
    let half = tokio::time::timeout(SEC / 2, tree.start_child(slow()));
    assert!(half.await.is_err());
    let again = tree.start_child(slow()).await.unwrap_err();
    assert_eq!(again.to_string(), "root/slow is running already");
    let mut events = tree.subscribe();
    assert_eq!(until(&mut events, "+slow").await, "+slow");
}

#[tokio::test(start_paused = true)]
async fn references_to_a_supervisor_outlive_its_restarts() {
    let tree = Supervisor::new("root")
        .child(Supervisor::new("web").child(idle("a")))
        .child(DynamicSupervisor::new("pool"))
        .start()
        .await
        .unwrap();
    let (web, pool) = (
        tree.supervisor("web").unwrap(),
        tree.dynamic("pool").unwrap(),
    );
    assert_eq!(
        pool.start_numbered(idle("x"))
            .await
            .unwrap()
            .name()
            .as_str(),
        "1"
    );
    let mut events = tree.subscribe();
    tree.kill("web").unwrap();
    tree.kill("pool").unwrap();
    let mut up = 0;
    while up < 2 {
        let signs = until(&mut events, "+web").await;
        up += signs.matches("+web").count() + signs.matches("+pool").count();
    }
    assert_eq!(web.children().len(), 1);
    // A number is never given twice, and the lost child stays lost.
    assert_eq!(
        pool.start_numbered(idle("x"))
            .await
            .unwrap()
            .name()
            .as_str(),
        "2"
    );
    assert_eq!(pool.count().specs, 1);
}

#[tokio::test(start_paused = true)]
async fn references_outlive_the_restarts_of_what_stands_above() {
    let below = Supervisor::new("b").child(idle("w"));
    let tree = Supervisor::new("root")
        .child(Supervisor::new("a").child(below))
        .start()
        .await
        .unwrap();
    let (b, w) = (
        tree.supervisor("a/b").unwrap(),
        tree.child("a/b/w").unwrap(),
    );
    let added = b.start_child(idle("added")).await.unwrap();
    let mut events = tree.subscribe();
    tree.kill("a").unwrap();
    until(&mut events, "+a").await;
    assert_eq!((w.state(), w.restarts()), (ChildState::Up, 1));
    assert_eq!(
        b.children().len(),
        1,
        "what was added is gone with that life"
    );
    assert_eq!(added.state(), ChildState::Down);
    b.start_child(idle("added")).await.unwrap();
    w.kill();
    assert_eq!(
        until(&mut events, "+a/b/w").await,
        "+a/b/added !a/b/w +a/b/w"
    );
}

#[tokio::test(start_paused = true)]
async fn supervisor_that_is_down_refuses() {
    let tree = Supervisor::new("root")
        .child(Supervisor::new("web"))
        .start()
        .await
        .unwrap();
    let web = tree.supervisor("web").unwrap();
    tree.terminate_child("web").await.unwrap();
    let error = web.start_child(idle("a")).await.unwrap_err();
    assert_eq!(error.to_string(), "root/web is not running");
    tree.restart_child("web").await.unwrap();
    web.start_child(idle("a")).await.unwrap();
    let exit = tree.shutdown().await;
    assert!(exit.is_orderly());
    let error = web.terminate_child("a").await.unwrap_err();
    assert_eq!(error.to_string(), "root/web is not running");
}

#[tokio::test(start_paused = true)]
async fn root_that_gives_up_says_so_to_who_waits() {
    let tree = Supervisor::new("root")
        .tolerance((1, SEC))
        .child(Worker::new("a", |_| async { Err::<(), _>("no luck") }))
        .start()
        .await
        .unwrap();
    let exit = tree.wait().await;
    assert_eq!(exit.exit_code(), 1);
    assert_eq!(
        exit.reason().to_string(),
        "failed: root gave up: root/a would need more than 1 restart in 1s; it failed: no luck (the first that counted failed: no luck)"
    );
}

#[test]
fn without_a_runtime_the_start_says_so() {
    let mut start = Box::pin(Supervisor::new("root").start());
    let mut cx = TaskContext::from_waker(Waker::noop());
    let Poll::Ready(Err(error)) = start.as_mut().poll(&mut cx) else {
        panic!("it cannot start");
    };
    assert!(matches!(error, StartError::NoRuntime));
}

#[test]
fn without_timers_the_start_says_so() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let error = runtime
        .block_on(Supervisor::new("root").start())
        .unwrap_err();
    assert!(matches!(error, StartError::NoTimer), "{error}");
}

#[tokio::test(start_paused = true)]
async fn deadline_beyond_the_clock_is_none() {
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .start()
        .await
        .unwrap();
    assert!(tree.shutdown_within(Duration::MAX).await.is_orderly());
}

#[tokio::test(start_paused = true)]
async fn old_reference_does_not_hit_another_child_of_the_same_name() {
    let tree = Supervisor::new("root")
        .child(DynamicSupervisor::new("pool"))
        .start()
        .await
        .unwrap();
    let pool = tree.dynamic("pool").unwrap();
    let old = pool.start_child(idle("x")).await.unwrap();
    pool.terminate_child("x").await.unwrap();
    let new = pool.start_child(idle("x")).await.unwrap();
    let life = new.incarnation();
    old.kill();
    // A later request shows that the supervisor has looked at the earlier one.
    pool.start_child(idle("y")).await.unwrap();
    assert_eq!(
        (old.state(), new.state()),
        (ChildState::Down, ChildState::Up)
    );
    // A permanent child that was hit would be up again by now, in another life.
    assert_eq!(new.incarnation(), life);
}

#[test]
fn dropping_the_runtime_drops_the_lives() {
    struct Guard(Arc<Mutex<u32>>);
    impl Drop for Guard {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
        }
    }

    let dropped = Arc::new(Mutex::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let holds = |name: &str| {
        let dropped = dropped.clone();
        Worker::new(name, move |_| {
            let guard = Guard(dropped.clone());
            async move {
                let _guard = guard;
                pending::<()>().await;
            }
        })
    };
    let root = Supervisor::new("root")
        .child(holds("a"))
        .child(Supervisor::new("web").child(holds("b")));
    let tree = runtime.block_on(root.start()).unwrap();
    drop(runtime);
    assert_eq!(*dropped.lock().unwrap(), 2);
    drop(tree);
}

#[tokio::test(start_paused = true)]
async fn kill_of_the_root_ends_the_tree_at_once() {
    let tree = Supervisor::new("root")
        .child(stubborn("a"))
        .child(Supervisor::new("web").child(stubborn("b")))
        .start()
        .await
        .unwrap();
    let begun = Instant::now();
    tree.kill("root").unwrap();
    let exit = tree.wait().await;
    assert!(matches!(exit.reason(), ExitReason::Killed), "{exit}");
    assert_eq!(exit.exit_code(), 1);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

/// What `chaos` found: the error beneath the root's own was taken for the root's.
#[tokio::test(start_paused = true)]
async fn root_that_gives_up_on_a_child_that_does_not_start_has_been_up() {
    let starts = AtomicUsize::new(0);
    let child = Worker::new("w", move |ctx: Context| {
        assert_eq!(starts.fetch_add(1, SeqCst), 0, "no second life");
        async move { ctx.stopped().await }
    });
    let tree = Supervisor::new("root")
        .tolerance((1, SEC))
        .child(Supervisor::new("s").tolerance((0, SEC)).child(child))
        .start()
        .await
        .unwrap();
    let mut events = tree.subscribe();
    tree.kill("s/w").unwrap();
    assert_eq!(until(&mut events, "!.").await, "!s/w !s xs/w xs !.");
    let exit = tree.wait().await;
    assert!(
        matches!(exit.failure(), Some(SupervisorFailure::GaveUp(_))),
        "{exit}"
    );
}

/// What `chaos` found: the root said that a life below had failed, and not which.
#[tokio::test(start_paused = true)]
async fn report_names_a_life_that_had_nothing_to_do_and_did_not_go() {
    let hangs = |_, notify: NotifyStart| async move {
        notify.ignore();
        pending::<()>().await;
    };
    let tree = Supervisor::new("root")
        .child(idle("a"))
        .start()
        .await
        .unwrap();
    let root = tree.root().clone();
    let stop = async {
        tokio::time::sleep(SEC).await;
        tree.shutdown().await
    };
    let child = Worker::with_notify_start("w", hangs);
    let (started, exit) = tokio::join!(root.start_child(child), stop);
    assert!(started.is_err());
    let [life] = exit.report().troubled() else {
        panic!("{exit}");
    };
    assert_eq!(life.runtime_name.as_str(), "root/w");
    assert!(matches!(life.reason, ExitReason::Killed), "{life}");
}
