//! The contract of a life: it tells once that it is over, whatever happens to it.

mod ground;

use ground::Ground;
use regrow_tasks::{Context, ExitReason, Never, NotifyStart, Start, Stopped};
use std::{
    convert::Infallible,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Says in a flag that it was dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

#[tokio::test]
async fn plain_body_is_up_when_first_polled() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async {}));
    ground.exited().await;
    assert_eq!(ground.told(), ["started", "exited: completed"]);
}

#[tokio::test]
async fn life_killed_before_its_first_poll_never_starts() {
    let ground = Ground::new();
    let life = ground.spawn(Start::plain(|_| async {}));
    life.kill();
    ground.exited().await;
    assert_eq!(ground.told(), ["exited: killed"]);
}

#[tokio::test]
async fn body_is_dropped_before_its_end_is_told() {
    let ground = Ground::new();
    let flag = Arc::new(AtomicBool::new(false));
    ground.watch(flag.clone());
    let dropped = flag.clone();
    let life = ground.spawn(Start::plain(move |_| {
        let guard = Dropped(dropped.clone());
        async move {
            let _guard = guard;
            pending::<()>().await;
        }
    }));
    ground.until(|told| told == ["started"]).await;
    life.kill();
    ground.exited().await;
    assert_eq!(
        ground.told(),
        ["started", "exited: killed", "its body was dropped before"]
    );
}

#[tokio::test]
async fn panic_is_told_with_message_and_location() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { panic!("boom {}", 7) }));
    let ExitReason::Panicked(panic) = ground.exited().await else {
        panic!("it panicked");
    };
    assert_eq!(panic.message(), "boom 7");
    let location = panic.location().expect("the hook took note");
    assert!(location.contains("tests/life.rs"), "{location}");
    assert!(!panic.is_in_destructor());
}

#[tokio::test]
async fn panic_of_the_start_function_is_told_before_it_is_up() {
    let ground = Ground::new();
    #[expect(unreachable_code, reason = "a start function that panics has no body")]
    ground.spawn(Start::plain(|_| {
        panic!("no start");
        async {}
    }));
    ground.exited().await;
    let told = ground.told();
    assert!(
        told[0].starts_with("exited: panicked: no start"),
        "{told:?}"
    );
}

#[tokio::test]
async fn payload_that_is_no_text_is_told() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { std::panic::panic_any(7_u8) }));
    let ExitReason::Panicked(panic) = ground.exited().await else {
        panic!("it panicked");
    };
    assert_eq!(panic.message(), "(a payload that is no text)");
}

#[tokio::test]
async fn payload_whose_destructor_panics_harms_nobody() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { std::panic::panic_any(Bomb) }));
    assert!(matches!(ground.exited().await, ExitReason::Panicked(_)));
}

#[tokio::test]
async fn destructor_that_panics_after_a_kill_is_told_as_such() {
    let ground = Ground::new();
    let life = ground.spawn(Start::plain(|_| async {
        let _bomb = Bomb;
        pending::<()>().await;
    }));
    ground.until(|told| told == ["started"]).await;
    life.kill();
    let ExitReason::Panicked(panic) = ground.exited().await else {
        panic!("its destructor panicked");
    };
    assert!(panic.is_in_destructor());
    assert_eq!(panic.message(), "in a destructor");
}

#[tokio::test]
async fn typed_cancellation_is_found_beneath_other_errors() {
    #[derive(Debug, thiserror::Error)]
    #[error("while waiting for work")]
    struct Wrapped(#[source] Stopped);

    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { Err::<(), _>(Wrapped(Stopped)) }));
    assert!(matches!(ground.exited().await, ExitReason::Stopped));
}

#[tokio::test]
async fn typed_cancellation_is_found_in_a_box_of_another_type() {
    /// As `anyhow` boxes an error: its own type, with the source of what it holds.
    #[derive(Debug)]
    struct Boxed(Stopped);

    impl std::fmt::Display for Boxed {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.fmt(f)
        }
    }

    impl std::error::Error for Boxed {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.0.source()
        }
    }

    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { Err::<(), _>(Boxed(Stopped)) }));
    assert!(matches!(ground.exited().await, ExitReason::Stopped));
}

#[tokio::test]
async fn panic_that_is_thrown_on_has_no_location_of_another() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async {
        let _ = std::panic::catch_unwind(|| panic!("handled"));
        std::panic::resume_unwind(Box::new("from elsewhere"));
    }));
    let ExitReason::Panicked(panic) = ground.exited().await else {
        panic!("it panicked");
    };
    assert_eq!(panic.to_string(), "from elsewhere");
}

#[tokio::test]
async fn error_prints_with_what_lies_beneath() {
    #[derive(Debug, thiserror::Error)]
    #[error("no config")]
    struct Config(#[source] std::num::ParseIntError);

    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async {
        "seven".parse::<u8>().map(drop).map_err(Config)
    }));
    assert_eq!(
        ground.exited().await.to_string(),
        "failed: no config: invalid digit found in string"
    );
}

#[tokio::test]
async fn error_whose_source_panics_is_an_error_all_the_same() {
    #[derive(Debug)]
    struct Rude;

    impl std::fmt::Display for Rude {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("rude")
        }
    }

    impl std::error::Error for Rude {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            panic!("no source");
        }
    }

    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { Err::<(), _>(Rude) }));
    assert!(matches!(ground.exited().await, ExitReason::Failed(_)));
}

#[tokio::test]
async fn bodies_return_nothing_results_or_never() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|_| async { Ok::<(), String>(()) }));
    assert!(matches!(ground.exited().await, ExitReason::Completed));

    async fn never(_: Context) -> ! {
        pending().await
    }
    async fn infallible(_: Context) -> Infallible {
        pending().await
    }
    async fn never_or_error(_: Context) -> Result<Never, &'static str> {
        Err("over")
    }
    for start in [Start::plain(never), Start::plain(infallible)] {
        let ground = Ground::new();
        let life = ground.spawn(start);
        ground.until(|told| told == ["started"]).await;
        life.kill();
        assert!(matches!(ground.exited().await, ExitReason::Killed));
    }
    let ground = Ground::new();
    ground.spawn(Start::plain(never_or_error));
    assert!(matches!(ground.exited().await, ExitReason::Failed(_)));
}

#[tokio::test]
async fn notifier_reports_ready() {
    let ground = Ground::new();
    ground.spawn(Start::notifying(|_, notify: NotifyStart| async move {
        tokio::task::yield_now().await;
        notify.ready();
    }));
    ground.exited().await;
    assert_eq!(ground.told(), ["started", "exited: completed"]);
}

#[tokio::test]
async fn notifier_dropped_by_a_body_that_goes_on_is_a_start_failure() {
    let ground = Ground::new();
    let life = ground.spawn(Start::notifying(|_, notify: NotifyStart| async move {
        drop(notify);
        pending::<()>().await;
    }));
    ground.until(|told| told.len() == 1).await;
    assert!(ground.told()[0].starts_with("start failed: the notifier was dropped"));
    life.kill();
    ground.exited().await;
}

#[tokio::test]
async fn notifier_dropped_elsewhere_is_a_start_failure() {
    let ground = Ground::new();
    let life = ground.spawn(Start::notifying(|_, notify: NotifyStart| async move {
        tokio::spawn(async move { drop(notify) });
        pending::<()>().await;
    }));
    ground.until(|told| told.len() == 1).await;
    assert!(ground.told()[0].starts_with("start failed: the notifier was dropped"));
    life.kill();
    ground.exited().await;
}

#[tokio::test]
async fn body_that_ends_with_its_notifier_is_told_by_its_end() {
    let ground = Ground::new();
    ground.spawn(Start::notifying(|_, _notify: NotifyStart| async {}));
    ground.exited().await;
    assert_eq!(ground.told(), ["exited: completed"]);

    let ground = Ground::new();
    ground.spawn(Start::notifying(|_, _notify: NotifyStart| async {
        panic!("early")
    }));
    ground.exited().await;
    assert_eq!(ground.told().len(), 1, "{:?}", ground.told());
}

#[tokio::test]
async fn start_function_that_runs_once_fails_the_second_time() {
    let ground = Ground::new();
    let start = Start::once(|_| async {});
    ground.spawn(start.clone());
    assert!(matches!(ground.exited().await, ExitReason::Completed));
    let again = Ground::new();
    again.spawn(start);
    let text = again.exited().await.to_string();
    assert!(text.contains("runs but once"), "{text}");
}

#[tokio::test]
async fn what_a_start_function_captured_is_dropped_where_a_panic_harms_nobody() {
    struct Captured(Bomb);
    let captured = Captured(Bomb);
    let start = Start::plain(move |_| {
        let _ = &captured;
        async {}
    });
    drop(start);
}
