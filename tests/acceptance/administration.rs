//! What the user asks of an ordinary supervisor: start, terminate, restart and delete a child.

use std::sync::Arc;

use regrow::{
    DeleteChildError, Restart, RestartChildError, StartChildError, Strategy, SupervisorRef,
    TerminateChildError, Worker,
};

use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, Story, bounded, counts, root, states};

/// The reference of a supervisor that has ended.
async fn gone() -> SupervisorRef {
    let story = Story::start(root(), "+.").await;
    let reference = SupervisorRef::clone(&story);
    story.stops_cleanly("-.").await;
    reference
}

async fn with_c1() -> (Story, Puppet) {
    let c1 = Puppet::new("c1");
    let story = Story::start(root().child(c1.worker()), "+c1 +.").await;
    (story, c1)
}

async fn sup_023_child_adm() {
    let (story, c1) = with_c1().await;
    let error = story.start_child(c1.worker()).await.unwrap_err();
    let StartChildError::AlreadyStarted { child, .. } = error else {
        panic!("{error:?}");
    };
    let running = story.child("c1").unwrap();
    assert_eq!(child.incarnation(), running.incarnation());
    assert_eq!(c1.begun(), 1);
    story.stops_cleanly("-c1 -.").await;
}

async fn sup_024_child_adm() {
    let (story, _c1) = with_c1().await;
    let error = story.terminate_child("nobody").await.unwrap_err();
    assert!(
        matches!(error, TerminateChildError::NotFound { .. }),
        "{error:?}"
    );
    story.stops_cleanly("-c1 -.").await;
    let error = gone().await.terminate_child("c1").await.unwrap_err();
    assert!(
        matches!(error, TerminateChildError::NotRunning { .. }),
        "{error:?}"
    );
}

async fn sup_025_026_child_adm() {
    let (mut story, c1) = with_c1().await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    assert_eq!(states(&story.children()), "c1 Down");
    assert_eq!(counts(&story), [1, 0, 0, 1]);
    assert_eq!((c1.alive(), c1.cleaned()), (0, 1));
    story.terminate_child("c1").await.unwrap();
    story.stops_cleanly("-.").await;
}

async fn sup_027_child_adm() {
    let (mut story, c1) = with_c1().await;
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    let error = story.start_child(c1.worker()).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::AlreadyPresent { .. }),
        "{error:?}"
    );
    assert_eq!(states(&story.children()), "c1 Down");
    story.stops_cleanly("-.").await;
}

async fn sup_028_child_adm() {
    let (mut story, _c1) = with_c1().await;
    let before = story.child("c1").unwrap().incarnation();
    story.terminate_child("c1").await.unwrap();
    let again = story.restart_child("c1").await.unwrap();
    story.told("-c1 +c1").await;
    assert!(again.incarnation() > before);
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    let error = story.restart_child("c1").await.unwrap_err();
    assert!(
        matches!(error, RestartChildError::Running { .. }),
        "{error:?}"
    );
    let error = story.restart_child("nobody").await.unwrap_err();
    assert!(
        matches!(error, RestartChildError::NotFound { .. }),
        "{error:?}"
    );
    story.stops_cleanly("-c1 -.").await;
}

async fn sup_029_child_adm() {
    let (story, _c1) = with_c1().await;
    let error = story.delete_child("c1").await.unwrap_err();
    assert!(
        matches!(error, DeleteChildError::Running { .. }),
        "{error:?}"
    );
    let error = story.delete_child("nobody").await.unwrap_err();
    assert!(
        matches!(error, DeleteChildError::NotFound { .. }),
        "{error:?}"
    );
    story.stops_cleanly("-c1 -.").await;
    let error = gone().await.delete_child("c1").await.unwrap_err();
    assert!(
        matches!(error, DeleteChildError::NotRunning { .. }),
        "{error:?}"
    );
}

async fn sup_030_child_adm() {
    let (mut story, _c1) = with_c1().await;
    story.terminate_child("c1").await.unwrap();
    story.delete_child("c1").await.unwrap();
    story.told("-c1").await;
    let error = story.restart_child("c1").await.unwrap_err();
    assert!(
        matches!(error, RestartChildError::NotFound { .. }),
        "{error:?}"
    );
    assert!(story.children().is_empty());
    assert_eq!(counts(&story), [0, 0, 0, 0]);
    story.stops_cleanly("-.").await;
}

async fn sup_031_child_adm() {
    let (mut story, c1) = with_c1().await;
    let error = gone().await.start_child(c1.worker()).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::NotRunning { .. }),
        "{error:?}"
    );
    story.terminate_child("c1").await.unwrap();
    story.delete_child("c1").await.unwrap();
    story.start_child(c1.worker()).await.unwrap();
    story.told("-c1 +c1").await;
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    story.stops_cleanly("-c1 -.").await;
}

async fn sup_032_child_adm() {
    let (story, c1) = with_c1().await;
    // A child is terminated by its name, and by nothing else that tells it.
    let error = story.terminate_child("root/c1").await.unwrap_err();
    assert!(
        matches!(error, TerminateChildError::NotFound { .. }),
        "{error:?}"
    );
    assert_eq!((c1.begun(), c1.alive()), (1, 1));
    story.stops_cleanly("-c1 -.").await;
}

/// The whole administration in one story; our start hands back no extra value.
async fn sup_040_041_extra_return() {
    let (mut story, c1) = with_c1().await;
    assert!(story.terminate_child("nobody").await.is_err());
    assert!(story.delete_child("nobody").await.is_err());
    assert!(story.restart_child("nobody").await.is_err());
    assert!(story.delete_child("c1").await.is_err());
    assert!(story.restart_child("c1").await.is_err());
    story.terminate_child("c1").await.unwrap();
    story.told("-c1").await;
    assert_eq!(states(&story.children()), "c1 Down");
    assert_eq!(counts(&story), [1, 0, 0, 1]);
    story.restart_child("c1").await.unwrap();
    story.terminate_child("c1").await.unwrap();
    story.terminate_child("c1").await.unwrap();
    story.delete_child("c1").await.unwrap();
    assert!(story.restart_child("c1").await.is_err());
    let third = story.start_child(c1.worker()).await.unwrap();
    story.told("+c1 -c1 +c1").await;
    let before = third.incarnation();
    c1.fails();
    story.told("!c1 +c1").await;
    assert!(story.child("c1").unwrap().incarnation() > before);
    assert_eq!(counts(&story), [1, 1, 0, 1]);
    story.stops_cleanly("-c1 -.").await;
}

async fn sup_115_do_not_save_start_parameters_for_temporary_children() {
    for strategy in [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ] {
        let mut story = Story::start(root().strategy(strategy), "+.").await;
        let large = || Arc::new(vec![0_u8; 1 << 16]);

        // A worker that lives once takes what it was given along.
        let given = large();
        let kept = Arc::downgrade(&given);
        let (taken, done) = ::tokio::sync::oneshot::channel();
        let once = Worker::once("once", move |context| async move {
            drop(given);
            let _told = taken.send(());
            context.stopped().await;
        });
        story.start_child(once).await.unwrap();
        bounded(done).await.unwrap();
        assert!(kept.upgrade().is_none());
        story.told("+once").await;

        // Others give it back at their end, unless they may live again.
        for (restart, is_kept) in [(Restart::Temporary, false), (Restart::Transient, true)] {
            let given = large();
            let kept = Arc::downgrade(&given);
            let worker = Worker::new("c", move |_| {
                let _given = &given;
                std::future::ready(())
            });
            story.start_child(worker.restart(restart)).await.unwrap();
            story.told("+c ~c").await;
            if is_kept {
                assert!(kept.upgrade().is_some());
            } else {
                bounded(async {
                    while kept.upgrade().is_some() {
                        ::tokio::task::yield_now().await;
                    }
                })
                .await;
            }
        }
        story.stops_cleanly("-once -.").await;
    }
}

async fn sup_116_do_not_save_child_specs_for_temporary_children() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum End {
        Kill,
        Complete,
        Fail,
        Terminate,
    }
    use End::{Complete, Fail, Kill, Terminate};
    use Restart::{Permanent, Temporary, Transient};

    for strategy in [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ] {
        for restart in [Permanent, Transient, Temporary] {
            for end in [Kill, Complete, Fail, Terminate] {
                let root = root().strategy(strategy).tolerance((9, HOUR));
                let mut story = Story::start(root, "+.").await;
                let c = Puppet::new("c");
                let spec = || c.worker().restart(restart);
                let child = story.start_child(spec()).await.unwrap();
                match end {
                    Kill => child.kill(),
                    Complete => c.completes(),
                    Fail => c.fails(),
                    Terminate => story.terminate_child("c").await.unwrap(),
                }
                let sign = match end {
                    Kill | Fail => "!c",
                    Complete => "~c",
                    Terminate => "-c",
                };
                let restarts = match restart {
                    Permanent => end != Terminate,
                    Transient => matches!(end, Kill | Fail),
                    Temporary => false,
                };
                story.told(&format!("+c {sign}")).await;
                if restarts {
                    story.told("+c").await;
                }
                let answer = story.start_child(spec()).await;
                let is_expected = match &answer {
                    Ok(_) => restart == Temporary,
                    Err(StartChildError::AlreadyStarted { .. }) => restarts,
                    Err(StartChildError::AlreadyPresent { .. }) => {
                        restart != Temporary && !restarts
                    }
                    Err(_) => false,
                };
                assert!(is_expected, "{restart:?} after {end:?}: {answer:?}");
                match (answer, restarts) {
                    (Ok(_), _) => story.stops_cleanly("+c -c -.").await,
                    (Err(_), true) => story.stops_cleanly("-c -.").await,
                    (Err(_), false) => {
                        story.restart_child("c").await.unwrap();
                        story.stops_cleanly("+c -c -.").await;
                    }
                }
            }
        }
    }
}

async fn sup_133_start_link() {
    let (popped, mut pops) = ::tokio::sync::mpsc::unbounded_channel();
    let (ask, asks) = ::tokio::sync::mpsc::unbounded_channel::<()>();
    let asks = Arc::new(::tokio::sync::Mutex::new(asks));
    let initial = vec![1, 2, 3];
    let stack = Worker::new("stack", move |context| {
        let (mut stack, asks, popped) = (initial.clone(), asks.clone(), popped.clone());
        async move {
            let mut asks = asks.lock().await;
            while stack.len() > 1 {
                if context.until_stopped(asks.recv()).await.is_err() {
                    return;
                }
                popped.send(stack.pop()).unwrap();
            }
        }
    });
    let mut story = Story::start(root().child(stack), "+stack +.").await;
    for _ in 0..3 {
        ask.send(()).unwrap();
    }
    // It ends after two pops, and begins anew with what it was given.
    story.told("~stack +stack").await;
    for value in [3, 2, 3] {
        assert_eq!(bounded(pops.recv()).await, Some(Some(value)));
    }
    assert!(story.child("stack").is_ok());
    assert!(Worker::new("st/ack", |_| async {}).build().is_err());
    story.stops_cleanly("-stack -.").await;
}

async fn sup_137_start_child_with_valid_child_spec() {
    use std::time::Duration;
    let mut story = Story::start(root(), "+.").await;
    for (name, millis) in [("zero", 0), ("one", 1)] {
        let c = Puppet::new(name);
        let spec = c
            .worker()
            .restart(Restart::Temporary)
            .shutdown(Duration::from_millis(millis));
        story.start_child(spec).await.unwrap();
        c.tell(Act::Stop);
        story.told(&format!("+{name} ~{name}")).await;
    }
    story.stops_cleanly("-.").await;
}

stories! {
    both:
        sup_023_child_adm,
        sup_024_child_adm,
        sup_025_026_child_adm,
        sup_027_child_adm,
        sup_028_child_adm,
        sup_029_child_adm,
        sup_030_child_adm,
        sup_031_child_adm,
        sup_032_child_adm,
        sup_040_041_extra_return,
        sup_115_do_not_save_start_parameters_for_temporary_children,
        sup_116_do_not_save_child_specs_for_temporary_children,
        sup_133_start_link,
        sup_137_start_child_with_valid_child_spec;
}
