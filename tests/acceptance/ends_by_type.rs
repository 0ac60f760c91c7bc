//! What becomes of a worker that ended, by its restart type: declared, in a subtree and added at run time.

use regrow::{ChildState, Restart, Supervisor, Worker};

use crate::fixtures::{ONE_IN_FIVE, TWO_IN_TEN, idle};
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, Story, root, states};

/// How a worker ends, and how that is told.
const COMPLETES: (Act, char) = (Act::Complete, '~');
const FAILS: (Act, char) = (Act::Fail, '!');

/// A declared worker that ends once, from its start to its stop.
async fn declared(restart: Restart, (act, end): (Act, char), is_back: bool) {
    let w = Puppet::new("worker1");
    let root = root()
        .tolerance(ONE_IN_FIVE)
        .child(w.worker().restart(restart));
    let mut story = Story::start(root, "+worker1 +.").await;
    w.tell(act);
    story.told(&format!("{end}worker1")).await;
    if is_back {
        story.told("+worker1").await;
        story.stops_cleanly("-worker1 -.").await;
    } else {
        story.stops_cleanly("-.").await;
    }
    assert_eq!(w.begun(), 1 + usize::from(is_back));
}

/// The same in a subtree; it is not back.
async fn nested(restart: Restart, (act, end): (Act, char)) {
    let w = Puppet::new("worker1");
    let subtree1 = Supervisor::new("subtree1")
        .tolerance(ONE_IN_FIVE)
        .child(w.worker().restart(restart));
    let mut story = Story::start(root().child(subtree1), "+subtree1/worker1 +subtree1 +.").await;
    w.tell(act);
    story.told(&format!("{end}subtree1/worker1")).await;
    story.stops_cleanly("-subtree1 -.").await;
    assert_eq!(w.begun(), 1);
}

async fn cap_083_temporary_fails() {
    declared(Restart::Temporary, FAILS, false).await;
}

async fn cap_084_temporary_fails_in_a_subtree() {
    nested(Restart::Temporary, FAILS).await;
}

async fn cap_085_135_temporary_completes() {
    declared(Restart::Temporary, COMPLETES, false).await;
}

async fn cap_086_temporary_completes_in_a_subtree() {
    nested(Restart::Temporary, COMPLETES).await;
}

async fn cap_087_136_transient_fails() {
    declared(Restart::Transient, FAILS, true).await;
}

async fn cap_089_137_transient_completes() {
    declared(Restart::Transient, COMPLETES, false).await;
}

async fn cap_090_transient_completes_in_a_subtree() {
    nested(Restart::Transient, COMPLETES).await;
}

async fn cap_092_transient_fails_too_often_in_a_subtree() {
    let child1 = Puppet::new("child1");
    let s = Supervisor::new("s")
        .tolerance(TWO_IN_TEN)
        .child(child1.worker().restart(Restart::Transient))
        .child(idle("child2"));
    let root = root().tolerance(ONE_IN_FIVE).child(s);
    let mut story = Story::start(root, "+s/child1 +s/child2 +s +.").await;
    for _ in 0..2 {
        child1.fails();
        story.told("!s/child1 +s/child1").await;
    }
    child1.fails();
    story
        .told("!s/child1 -s/child2 !s +s/child1 +s/child2 +s")
        .await;
    story.stops_cleanly("-s/child2 -s/child1 -s -.").await;
}

async fn cap_138_transient_fails_and_nothing_is_borne() {
    let w = Puppet::new("worker");
    let root = root()
        .tolerance((0, ONE_IN_FIVE.1))
        .child(w.worker().restart(Restart::Transient));
    let story = Story::start(root, "+worker +.").await;
    w.fails();
    let exit = story.ends("!worker !.").await;
    assert!(exit.to_string().contains("root/worker"), "{exit}");
    assert_eq!((exit.exit_code(), w.begun()), (1, 1));
}

/// A worker that is added at run time to a root that bears so many restarts.
async fn added(limit: u32, restart: Restart) -> (Story, Puppet) {
    let w = Puppet::new("w");
    let mut story = Story::start(root().tolerance((limit, HOUR)), "+.").await;
    let spec = w.worker().restart(restart);
    story.start_child(spec).await.unwrap();
    story.told("+w").await;
    (story, w)
}

/// It ends so often, and is restarted each time, with a count that grows.
async fn is_restarted(restart: Restart, (act, end): (Act, char), times: u32) {
    let (mut story, w) = added(times, restart).await;
    for count in 1..=times {
        w.tell(act);
        story.told(&format!("{end}w +w")).await;
        assert_eq!(story.child("w").unwrap().restarts(), u64::from(count));
    }
    // It bears no more than that.
    w.tell(act);
    story.ends(&format!("{end}w !.")).await;
}

async fn cap_217_transient_completes() {
    let (mut story, w) = added(1, Restart::Transient).await;
    w.completes();
    story.told("~w").await;
    story.quiet(HOUR).await;
    assert_eq!(states(&story.children()), "w Down");
    story.stops_cleanly("-.").await;
}

async fn cap_219_transient_fails() {
    is_restarted(Restart::Transient, FAILS, 1).await;
}

async fn cap_220_transient_fails_twice() {
    is_restarted(Restart::Transient, FAILS, 2).await;
}

async fn cap_221_permanent_completes() {
    is_restarted(Restart::Permanent, COMPLETES, 1).await;
}

async fn cap_222_permanent_completes_twice() {
    // Completions count (13.2).
    is_restarted(Restart::Permanent, COMPLETES, 2).await;
}

async fn cap_225_permanent_fails() {
    is_restarted(Restart::Permanent, FAILS, 1).await;
}

async fn cap_226_permanent_fails_twice() {
    is_restarted(Restart::Permanent, FAILS, 2).await;
}

async fn cap_223_permanent_is_terminated() {
    let (mut story, w) = added(1, Restart::Permanent).await;
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    // It stays down (20.5).
    story.quiet(HOUR).await;
    assert_eq!(story.child("w").unwrap().state(), ChildState::Down);
    assert_eq!(w.begun(), 1);
    story.stops_cleanly("-.").await;
}

async fn cap_224_permanent_is_terminated_twice() {
    // What the user does counts nothing (13.4), so a root that bears nothing will do.
    let (mut story, w) = added(0, Restart::Permanent).await;
    for _ in 0..2 {
        story.terminate_child("w").await.unwrap();
        story.restart_child("w").await.unwrap();
        story.told("-w +w").await;
    }
    assert_eq!(w.begun(), 3);
    w.fails();
    story.ends("!w !.").await;
}

async fn cap_228_temporary_is_terminated() {
    let (mut story, w) = added(1, Restart::Temporary).await;
    story.terminate_child("w").await.unwrap();
    story.told("-w").await;
    story.quiet(HOUR).await;
    assert!(story.children().is_empty());
    assert_eq!(w.begun(), 1);
    story.stops_cleanly("-.").await;
}

async fn cap_416_permanent_that_completes_at_once() {
    let w = Worker::new("w", |_| async {});
    let story = Story::start(root().tolerance((2, HOUR)).child(w), "+w +.").await;
    // No hot loop: completions count (13.2).
    story.ends("~w +w ~w +w ~w !.").await;
    let w = Worker::new("w", |_| async {});
    let story = Story::start(root().tolerance((0, HOUR)).child(w), "+w +.").await;
    story.ends("~w !.").await;
}

async fn cap_429_subtrees_by_their_type() {
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        let w = Puppet::new("w");
        let sub = Supervisor::new("sub")
            .tolerance((0, HOUR))
            .restart(restart)
            .child(w.worker());
        let mut story = Story::start(root().child(sub), "+sub/w +sub +.").await;
        w.fails();
        story.told("!sub/w !sub").await;
        if restart == Restart::Temporary {
            story.stops_cleanly("-.").await;
        } else {
            story.told("+sub/w +sub").await;
            story.stops_cleanly("-sub/w -sub -.").await;
        }
    }
}

async fn cap_438_only_finished_children() {
    let t = Puppet::new("t");
    let transient = t.worker().restart(Restart::Transient);
    let mut story = Story::start(root().child(transient), "+t +.").await;
    t.completes();
    story.told("~t").await;
    // 19.1
    story.quiet(HOUR).await;
    assert_eq!(states(&story.children()), "t Down");
    story.stops_cleanly("-.").await;
}

stories! {
    both:
        cap_083_temporary_fails,
        cap_084_temporary_fails_in_a_subtree,
        cap_085_135_temporary_completes,
        cap_086_temporary_completes_in_a_subtree,
        cap_087_136_transient_fails,
        cap_089_137_transient_completes,
        cap_090_transient_completes_in_a_subtree,
        cap_092_transient_fails_too_often_in_a_subtree,
        cap_138_transient_fails_and_nothing_is_borne,
        cap_219_transient_fails,
        cap_220_transient_fails_twice,
        cap_221_permanent_completes,
        cap_222_permanent_completes_twice,
        cap_224_permanent_is_terminated_twice,
        cap_225_permanent_fails,
        cap_226_permanent_fails_twice,
        cap_416_permanent_that_completes_at_once,
        cap_429_subtrees_by_their_type;
    paused:
        cap_217_transient_completes,
        cap_223_permanent_is_terminated,
        cap_228_temporary_is_terminated,
        cap_438_only_finished_children;
}
