//! Children that are added at run time, by others and by a spawner beside them.

use std::sync::Arc;

use regrow::{
    BoxError, ChildSpec, Context, StartChildError, StartFailure, Strategy, Supervisor,
    SupervisorRef, TerminateChildError, Worker,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::fixtures::{ONE_IN_FIVE, below, fail_start, fail_stop, idle};
use crate::puppet::Puppet;
use crate::story::{SECOND, Story, bounded, root, says};

/// capataz' cancel: the child is stopped, and forgotten.
async fn cancel(supervisor: &SupervisorRef, name: &str) -> Result<(), TerminateChildError> {
    supervisor.terminate_child(name).await?;
    supervisor.delete_child(name).await.expect("it is down");
    Ok(())
}

/// What a spawner does before it is up.
enum Ask {
    Start(ChildSpec),
    Cancel(&'static str),
}

fn start(child: Worker) -> Ask {
    Ask::Start(child.build().expect("the spec is right"))
}

/// A spawner beside an empty `subtree`, which it fills before it is up; it fails when it is told to.
fn spawning(name: &str, asks: impl IntoIterator<Item = Ask>, fail: &Arc<Notify>) -> Supervisor {
    let asks: Arc<[Ask]> = asks.into_iter().collect();
    let fail = fail.clone();
    let spawner = Worker::with_notify_start("spawner", move |context: Context, notify| {
        let (asks, fail) = (asks.clone(), fail.clone());
        async move {
            let subtree = SupervisorRef::parent_of(&context).supervisor("subtree")?;
            for ask in &*asks {
                match ask {
                    Ask::Start(child) => drop(subtree.start_child(child).await?),
                    Ask::Cancel(name) => cancel(&subtree, name).await?,
                }
            }
            notify.ready();
            context.until_stopped(fail.notified()).await?;
            Err::<(), BoxError>("the spawner failed".into())
        }
    });
    Supervisor::new(name)
        .strategy(Strategy::OneForAll)
        .tolerance(ONE_IN_FIVE)
        .child(Supervisor::new("subtree").tolerance(ONE_IN_FIVE))
        .child(spawner)
}

/// A tree of one spawner that starts these.
async fn with(name: &str, children: Vec<Worker>, told: &str) -> (Story, Arc<Notify>) {
    let fail = Arc::new(Notify::new());
    let top = spawning(name, children.into_iter().map(start), &fail);
    let root = root().tolerance(ONE_IN_FIVE).child(top);
    (Story::start(root, told).await, fail)
}

async fn cap_033_subtree_of_one() {
    let told = "+dyn/subtree +dyn/subtree/uno +dyn/spawner +dyn +.";
    let (story, _) = with("dyn", vec![idle("uno")], told).await;
    story
        .stops_cleanly("-dyn/spawner -dyn/subtree/uno -dyn/subtree -dyn -.")
        .await;
}

async fn cap_034_spawner_fails() {
    let names = ["uno", "dos", "tres"];
    let up = format!(
        "+one/subtree {} +one/spawner",
        below("one/subtree", "+uno +dos +tres")
    );
    let down = format!("{} -one/subtree", below("one/subtree", "-tres -dos -uno"));
    let children = names.map(idle).into();
    let (mut story, fail) = with("one", children, &format!("{up} +one +.")).await;
    fail.notify_one();
    // What was added goes with the life that it was added to (4.2), and is added again.
    story.told(&format!("!one/spawner {down} {up}")).await;
    story
        .stops_cleanly(&format!("-one/spawner {down} -one -."))
        .await;
}

async fn cap_035_spawned_child_fails() {
    let child1 = Puppet::new("child1");
    let children = vec![idle("child0"), child1.worker(), idle("child2")];
    let up = format!(
        "+one/subtree {} +one/spawner",
        below("one/subtree", "+child0 +child1 +child2")
    );
    let (mut story, _) = with("one", children, &format!("{up} +one +.")).await;
    child1.fails();
    story.told(&below("one/subtree", "!child1 +child1")).await;
    child1.fails();
    let down = below("one/subtree", "!child1 -child2 -child0");
    story
        .told(&format!("{down} !one/subtree -one/spawner {up}"))
        .await;
    let down = below("one/subtree", "-child2 -child1 -child0");
    story
        .stops_cleanly(&format!("-one/spawner {down} -one/subtree -one -."))
        .await;
}

async fn cap_036_spawned_child_fails_to_stop() {
    let child1 = fail_stop("child1", "child1 failed");
    let children = vec![idle("child0"), child1, idle("child2")];
    let up = below("dyn/subtree", "+child0 +child1 +child2");
    let told = format!("+dyn/subtree {up} +dyn/spawner +dyn +.");
    let (story, _) = with("dyn", children, &told).await;
    let down = below("dyn/subtree", "-child2 !child1 -child0");
    let exit = story
        .stops(&format!("-dyn/spawner {down} !dyn/subtree !dyn !."))
        .await;
    let troubled = exit.report().troubled();
    let first = troubled[0].to_string();
    assert!(first.contains("root/dyn/subtree/child1"), "{first}");
    assert!(first.contains("child1 failed"), "{first}");
    // With the two supervisors that ended so for it (11.1).
    assert_eq!(troubled.len(), 3);
}

async fn cap_037_started_cancelled_and_started_again() {
    let asks = [
        start(idle("child0")),
        start(idle("child1")),
        start(idle("child2")),
        Ask::Cancel("child1"),
        start(idle("child1")),
        Ask::Cancel("child1"),
    ];
    let root = root().child(spawning("dyn", asks, &Arc::default()));
    let up = below(
        "dyn/subtree",
        "+child0 +child1 +child2 -child1 +child1 -child1",
    );
    let told = format!("+dyn/subtree {up} +dyn/spawner +dyn +.");
    let mut story = Story::start(root, &told).await;
    let subtree = story.supervisor("dyn/subtree").unwrap();
    for child in [idle("child3"), idle("child4")] {
        subtree.start_child(child).await.unwrap();
    }
    cancel(&subtree, "child3").await.unwrap();
    story
        .told(&below("dyn/subtree", "+child3 +child4 -child3"))
        .await;
    let down = below("dyn/subtree", "-child4 -child2 -child0");
    story
        .stops_cleanly(&format!("-dyn/spawner {down} -dyn/subtree -dyn -."))
        .await;
}

async fn cap_039_last_added_stops_first() {
    let mut story = Story::start(root(), "+.").await;
    for child in ["child0", "child1", "child2"].map(idle) {
        story.start_child(child).await.unwrap();
    }
    story.told("+child0 +child1 +child2").await;
    story.stops_cleanly("-child2 -child1 -child0 -.").await;
}

async fn cap_041_subtree_that_fails_to_start() {
    let mut story = Story::start(root(), "+.").await;
    let branch = |name, children: Vec<Worker>| Supervisor::new(name).children(children);
    let branch0 = branch("branch0", vec![idle("child0"), idle("child1")]);
    story.start_child(branch0).await.unwrap();
    story.told("+branch0/child0 +branch0/child1 +branch0").await;
    let child4 = Puppet::new("child4");
    let children = vec![idle("child2"), fail_start("child3"), child4.worker()];
    let error = story
        .start_child(branch("branch1", children))
        .await
        .unwrap_err();
    assert!(says(&error, "FailStartWorker child3"), "{error:?}");
    assert_eq!(child4.begun(), 0);
    story
        .told("+branch1/child2 xbranch1/child3 -branch1/child2 xbranch1")
        .await;
    story
        .stops_cleanly("-branch0/child1 -branch0/child0 -branch0 -.")
        .await;
}

async fn cap_043_start_after_the_end() {
    let story = Story::start(root(), "+.").await;
    let reference = SupervisorRef::clone(&story);
    story.stops_cleanly("-.").await;
    let error = reference.start_child(idle("late")).await.unwrap_err();
    assert!(
        matches!(error, StartChildError::NotRunning { .. }),
        "{error:?}"
    );
}

async fn cap_045_cancel() {
    let mut story = Story::start(root(), "+.").await;
    story.start_child(idle("one")).await.unwrap();
    cancel(&story, "one").await.unwrap();
    story.told("+one -one").await;
    story.start_child(idle("two")).await.unwrap();
    story.told("+two").await;
    story.stops_cleanly("-two -.").await;
}

async fn cap_046_second_cancel() {
    let mut story = Story::start(root(), "+.").await;
    story.start_child(idle("one")).await.unwrap();
    cancel(&story, "one").await.unwrap();
    let error = cancel(&story, "one").await.unwrap_err();
    let TerminateChildError::NotFound { name, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(name, "one");
    story.told("+one -one").await;
    story.start_child(idle("two")).await.unwrap();
    story.stops_cleanly("+two -two -.").await;
}

async fn cap_230_nothing_is_restarted_during_a_shutdown() {
    let mut story = Story::start(root(), "+.").await;
    let [a, b] = ["A", "B"].map(Puppet::new);
    for child in [&a, &b] {
        story.start_child(child.worker()).await.unwrap();
    }
    story.told("+A +B").await;
    // The last first (7.1).
    story.stops_cleanly("-B -A -.").await;
    assert_eq!((a.begun(), b.begun()), (1, 1));
}

async fn cap_406_name_that_is_taken() {
    let mut story = Story::start(root(), "+.").await;
    let w = Puppet::new("w");
    let first = story.start_child(w.worker()).await.unwrap();
    let error = story.start_child(w.worker()).await.unwrap_err();
    let StartChildError::AlreadyStarted { child, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(child.incarnation(), first.incarnation());
    assert_eq!(w.begun(), 1);
    cancel(&story, "w").await.unwrap();
    story.told("+w -w").await;
    assert_eq!(w.alive(), 0);
    story.stops_cleanly("-.").await;
}

async fn cap_407_name_with_a_separator() {
    let story = Story::start(root(), "+.").await;
    let error = story.start_child(idle("a/b")).await.unwrap_err();
    assert!(matches!(error, StartChildError::Spec(_)), "{error:?}");
    assert!(idle("a/b").build().is_err());
    story.stops_cleanly("-.").await;
}

async fn cap_408_body_returns_without_a_report() {
    let silent = Worker::with_notify_start("silent", |_, notify| async move {
        let _kept = notify;
    });
    let spec = silent.build().unwrap();
    let mut story = Story::start(root(), "+.").await;
    let error = bounded(story.start_child(&spec)).await.unwrap_err();
    let StartChildError::Failed { cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(cause, StartFailure::Returned), "{error:?}");
    story.told("xsilent").await;
    story.stops_cleanly("-.").await;
    Story::fails(root().child(&spec), "xsilent x.").await;
}

async fn cap_425_second_cancel_of_a_slow_child() {
    let slow = Puppet::new("slow").cleaning(SECOND);
    let mut story = Story::start(root(), "+.").await;
    story.start_child(slow.worker()).await.unwrap();
    // Both are answered when it is down.
    let began = Instant::now();
    let terminate = || story.terminate_child("slow");
    let (one, two) = tokio::join!(terminate(), terminate());
    assert_eq!(began.elapsed(), SECOND);
    one.unwrap();
    two.unwrap();
    assert_eq!(slow.cleaned(), 1);
    story.delete_child("slow").await.unwrap();
    let error = cancel(&story, "slow").await.unwrap_err();
    assert!(
        matches!(error, TerminateChildError::NotFound { .. }),
        "{error:?}"
    );
    story.told("+slow -slow").await;
    story.stops_cleanly("-.").await;
}

async fn cap_427_cancel_of_a_child_that_fails_to_stop() {
    let mut story = Story::start(root(), "+.").await;
    let a = fail_stop("a", "a failed");
    story.start_child(a).await.unwrap();
    let error = story.terminate_child("a").await.unwrap_err();
    assert!(says(&error, "a failed"), "{error:?}");
    // The error was told; the child is down (20.5).
    story.terminate_child("a").await.unwrap();
    story.delete_child("a").await.unwrap();
    story.told("+a !a").await;
    // 8.5
    let exit = story.stops("-.").await;
    assert!(exit.report().is_clean(), "{exit}");
}

stories! {
    both:
        cap_033_subtree_of_one,
        cap_034_spawner_fails,
        cap_035_spawned_child_fails,
        cap_036_spawned_child_fails_to_stop,
        cap_037_started_cancelled_and_started_again,
        cap_039_last_added_stops_first,
        cap_041_subtree_that_fails_to_start,
        cap_043_start_after_the_end,
        cap_045_cancel,
        cap_046_second_cancel,
        cap_230_nothing_is_restarted_during_a_shutdown,
        cap_406_name_that_is_taken,
        cap_407_name_with_a_separator,
        cap_408_body_returns_without_a_report,
        cap_427_cancel_of_a_child_that_fails_to_stop;
    paused:
        cap_425_second_cancel_of_a_slow_child;
}
