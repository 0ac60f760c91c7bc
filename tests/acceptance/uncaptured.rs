//! Panics that are not captured end the tree, in order (semantics 18).

use regrow::{
    Branch, BranchContext, NotifyStart, Restart, StartError, Strategy, Supervisor,
    SupervisorFailure, Worker,
};

use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, Story};

stories! {
    both: mon_32_a_panic_goes_to_the_waiter, every_waiter_gets_it_and_may_resume_it,
    it_ends_a_nested_tree_whatever_the_strategy, it_ends_a_start, an_error_is_captured_all_the_same,
    while_the_tree_stops_it_is_a_stop_failure, one_that_is_told_to_stop_still_ends_the_tree;
}

fn patient() -> Supervisor {
    Supervisor::new("root").tolerance((100, HOUR))
}

async fn mon_32_a_panic_goes_to_the_waiter() {
    let body = Branch::new("body", |_: BranchContext| async { panic!("died") });
    let story = Story::start(patient().child(body.capture_panic(false)), "").await;
    let (tree, events) = story.into_parts();
    let exit = tree.wait().await;
    let told = events.rest().await;
    assert!(told.iter().any(|sign| sign == "!body"), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("!."), "{told:?}");
    let panic = exit.uncaptured().expect("it is the reason");
    assert_eq!(panic.child.to_string(), "root/body");
    assert_eq!(panic.report.message(), "died");
    assert!(panic.report.location().unwrap().contains("uncaptured.rs"));
}

async fn every_waiter_gets_it_and_may_resume_it() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b"));
    let root = patient()
        .child(idle("first"))
        .child(a.worker().capture_panic(false))
        .child(b.worker());
    let story = Story::start(root, "+first +a +b +.").await;
    a.tell(Act::Panic);
    let exit = story.ends("!a -b -first !.").await;
    assert_eq!((exit.exit_code(), a.begun()), (101, 1));
    assert!(!exit.is_orderly());
    for exit in [exit.clone(), exit] {
        let ours = exit.clone();
        let resumed = std::thread::spawn(move || ours.resume())
            .join()
            .unwrap_err();
        let text = resumed.downcast_ref::<String>().expect("it is a text");
        assert!(text.starts_with("root/a panicked: died (at "), "{text}");
        let explained = exit.explain().to_string();
        assert!(
            explained.starts_with("root ended: root/a panicked: died"),
            "{explained}"
        );
    }
}

async fn it_ends_a_nested_tree_whatever_the_strategy() {
    for strategy in [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ] {
        for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
            let a = Puppet::new("a");
            let below = Supervisor::new("s")
                .strategy(strategy)
                .child(a.worker().restart(restart).capture_panic(false))
                .child(idle("b"));
            let root = patient().strategy(strategy).child(below).child(idle("c"));
            let story = Story::start(root, "+s/a +s/b +s +c +.").await;
            a.tell(Act::Panic);
            let exit = story.ends("!s/a -s/b !s -c !.").await;
            let panic = exit.uncaptured().expect("it is the reason");
            assert_eq!(panic.child.to_string(), "root/s/a");
            let Some(SupervisorFailure::Uncaptured { supervisor, .. }) = exit.failure() else {
                panic!("{exit}");
            };
            assert_eq!(supervisor.to_string(), "root");
        }
    }
}

async fn it_ends_a_start() {
    let bad = Worker::with_notify_start("bad", |_, _notify: NotifyStart| async {
        panic!("before it is up");
    });
    let root = patient().child(idle("a")).child(bad.capture_panic(false));
    let error = Story::fails(root, "+a xbad -a !.").await;
    let StartError::Stopped { reason, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        reason
            .to_string()
            .contains("root/bad panicked: before it is up"),
        "{error}"
    );
}

async fn an_error_is_captured_all_the_same() {
    let a = Puppet::new("a");
    let root = patient().child(a.worker().capture_panic(false));
    let mut story = Story::start(root, "+a +.").await;
    a.fails();
    story.told("!a +a").await;
    story.child("a").unwrap().kill();
    story.told("!a +a").await;
    story.stops_cleanly("-a -.").await;
}

async fn while_the_tree_stops_it_is_a_stop_failure() {
    let a = Puppet::new("a").answering(Act::Panic);
    let root = patient().child(a.worker().capture_panic(false));
    let story = Story::start(root, "+a +.").await;
    let exit = story.stops("!a !.").await;
    assert!(exit.uncaptured().is_none() && exit.is_orderly(), "{exit}");
}

async fn one_that_is_told_to_stop_still_ends_the_tree() {
    let a = Puppet::new("a").answering(Act::Panic);
    let root = patient()
        .child(a.worker().capture_panic(false))
        .child(idle("b"));
    let story = Story::start(root, "+a +b +.").await;
    let error = story.terminate_child("a").await.unwrap_err();
    assert!(error.to_string().contains("died"), "{error}");
    let exit = story.ends("!a -b !.").await;
    assert!(exit.uncaptured().is_some(), "{exit}");
}
