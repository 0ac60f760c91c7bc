//! The catalogue of runnables on failures: groups, and whole branches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{
    Backoff, Branch, BranchContext, BranchError, Change, Context, ExitReason, SupervisorFailure,
    TreeEvent, Worker,
};
use tokio::time::{Instant, sleep};

use crate::branching::{branch, signs_of_twins, spec, twins};
use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root};

stories! {
    both:
        mon_29_a_group_restarts,
        mon_30_a_group_with_a_tree_below,
        mon_31_a_panic_in_a_group,
        mon_33_two_trees_in_a_group,
        mon_37_a_branch_that_the_root_does_not_bear,
        mon_38_the_root_ends_with_the_cause,
        mon_39_a_branch_that_bears_nothing;
    paused:
        mon_34_the_next_life_waits_for_all_below,
        mon_35_both_failed,
        mon_36_a_child_that_ignores_its_stop,
        mon_40_a_group_revives_who_was_done,
        mon_41_the_barrier,
        mon_43_errors_while_the_group_stops,
        mon_45_a_failure_while_the_group_stops;
}

async fn mon_29_a_group_restarts() {
    let [one, two] = ["one", "two"].map(Puppet::new);
    let group = vec![spec(one.worker()), spec(two.worker())];
    let mut story = Story::start(root().child(branch(&Puppet::new("g"), [group])), "").await;
    story.told("{+g +. +g/one +g/two}").await;
    two.fails();
    story.told("!g/two -g/one {+g/one +g/two}").await;
    assert_eq!([one.begun(), two.begun()], [2, 2]);
    story.stops_cleanly("{-g/one -g/two} -g -.").await;
}

async fn mon_30_a_group_with_a_tree_below() {
    let lives = Arc::new(AtomicUsize::new(0));
    let two = Puppet::new("two");
    let group = vec![spec(twins("one", 5, &lives)), spec(two.worker())];
    let mut story = Story::start(root().child(branch(&Puppet::new("g"), [group])), "").await;
    let starts = signs_of_twins('+', "g/one", 5).replace('}', " +g/two}");
    story.told(&starts.replace('}', " +g +.}")).await;
    assert_eq!(lives.load(SeqCst), 63);
    two.fails();
    let stops = signs_of_twins('-', "g/one", 5);
    story.told(&format!("!g/two {stops}")).await;
    story.told(&starts).await;
    assert_eq!(lives.load(SeqCst), 126);
    let stops = stops.replace('}', " -g/two}");
    story.stops_cleanly(&format!("{stops} -g -.")).await;
}

async fn mon_31_a_panic_in_a_group() {
    let [one, two] = ["one", "two"].map(Puppet::new);
    let group = vec![spec(one.worker()), spec(two.worker())];
    let mut story = Story::start(root().child(branch(&Puppet::new("g"), [group])), "").await;
    story.told("{+g +. +g/one +g/two}").await;
    two.tell(Act::Panic);
    let event = story.next_signed().await;
    let Change::Failed(ExitReason::Panicked(panic)) = &event.change else {
        panic!("{event:?}");
    };
    assert_eq!(event.runtime_name, "root/g/two");
    assert_eq!(panic.message(), "died");
    assert!(panic.location().is_some_and(|at| at.contains("puppet.rs")));
    assert!(panic.backtrace().is_some());
    story.told("-g/one {+g/one +g/two}").await;
    story.stops_cleanly("{-g/one -g/two} -g -.").await;
}

async fn mon_33_two_trees_in_a_group() {
    let lives = Arc::new(AtomicUsize::new(0));
    let trees = ["one", "two"].map(|name| spec(twins(name, 4, &lives)));
    let g = branch(&Puppet::new("g"), [trees.to_vec()]);
    let mut story = Story::start(root().child(g), "").await;
    let both = |sign| {
        let one = signs_of_twins(sign, "g/one", 4);
        let two = signs_of_twins(sign, "g/two", 4);
        format!("{one}{two}").replace("}{", " ")
    };
    story.told(&both('+').replace('}', " +g +.}")).await;
    assert_eq!(lives.load(SeqCst), 62);
    assert_eq!(story.snapshot().runtime_names().len(), 64);
    bounded(story.settled()).await.unwrap();
    assert!(story.health().is_healthy());
    story.stops_cleanly(&format!("{} -g -.", both('-'))).await;
}

async fn mon_34_the_next_life_waits_for_all_below() {
    let slow = Puppet::new("slow").cleaning(2 * SECOND);
    let [a, b] = ["a", "b"].map(Puppet::new);
    let inner = branch(&b, [vec![spec(slow.worker())]]);
    let outer = branch(&a, [vec![spec(inner)]]);
    let mut story = Story::start(root().child(outer), "").await;
    story.told("{+a +a/b +a/b/slow +.}").await;
    let began = Instant::now();
    a.fails();
    story.quiet(SECOND).await;
    assert_eq!([a.alive(), b.alive(), slow.alive()], [0, 0, 1]);
    // It is on its way all the time.
    assert!(!story.health().is_healthy());
    bounded(story.settled()).await.unwrap();
    assert_eq!(began.elapsed(), 2 * SECOND);
    story.told("-a/b/slow -a/b !a {+a +a/b +a/b/slow}").await;
    assert_eq!([a.begun(), b.begun(), slow.begun()], [2, 2, 2]);
    story.stops_cleanly("-a/b/slow -a/b -a -.").await;
}

async fn mon_35_both_failed() {
    let [a, b] = ["a", "b"].map(Puppet::new);
    let child = spec(b.worker().backoff(Backoff::constant(10 * SECOND)));
    let mut story = Story::start(root().child(branch(&a, [vec![child]])), "").await;
    story.told("{+a +. +a/b}").await;
    let began = Instant::now();
    b.fails();
    story.told("!a/b").await;
    a.fails();
    story.told("!a {+a +a/b}").await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    story.quiet(HOUR).await;
    assert_eq!([a.begun(), b.begun()], [2, 2]);
    story.stops_cleanly("-a/b -a -.").await;
}

async fn mon_36_a_child_that_ignores_its_stop() {
    let deaf = Puppet::new("deaf").answering(Act::Hang);
    let a = Puppet::new("a");
    let outer = branch(&a, [vec![spec(deaf.worker())]]);
    let mut story = Story::start(root().child(outer), "").await;
    story.told("{+a +. +a/deaf}").await;
    let began = Instant::now();
    a.fails();
    // It is asked once, and killed when its time is up; each is told once.
    let mut asked = 0;
    let failed = loop {
        let event = story.next().await;
        match event.change {
            Change::Stopping => asked += 1,
            Change::StopFailed(ExitReason::Killed) => break event,
            _ => panic!("{event:?}"),
        }
    };
    assert_eq!((failed.runtime_name.as_str(), asked), ("root/a/deaf", 1));
    assert_eq!(began.elapsed(), 5 * SECOND);
    story.told("!a {+a +a/deaf}").await;
    assert_eq!((deaf.begun(), deaf.alive()), (2, 1));
    let exit = story.stops("!a/deaf !a !.").await;
    assert_eq!(exit.report().troubled().len(), 2, "{}", exit.report());
}

/// The error that a supervisor gave up with.
fn gave_up(event: &TreeEvent) -> (&str, String) {
    let Change::Failed(ExitReason::Failed(error)) = &event.change else {
        panic!("{event:?}");
    };
    match error.find() {
        Some(SupervisorFailure::GaveUp(why)) => (why.child.as_str(), why.last.to_string()),
        other => panic!("{other:?}"),
    }
}

async fn mon_37_a_branch_that_the_root_does_not_bear() {
    let [main, x] = ["main", "x"].map(Puppet::new);
    let tree = root()
        .tolerance((0, HOUR))
        .child(idle("b"))
        .child(branch(&main, [vec![spec(x.worker())]]));
    let mut story = Story::start(tree, "").await;
    story.told("{+b +main +main/x +.}").await;
    main.fails();
    let exit = story.ends("-main/x !main -b !.").await;
    assert_eq!([main.begun(), x.begun()], [1, 1]);
    assert_eq!(exit.exit_code(), 1);
}

async fn mon_38_the_root_ends_with_the_cause() {
    for act in [Act::Fail, Act::Panic] {
        let main = Puppet::new("main");
        let tree = root().tolerance((0, HOUR)).child(branch(&main, []));
        let story = Story::start(tree, "+main +.").await;
        main.tell(act);
        let exit = story.ends("!main !.").await;
        let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
            panic!("{exit:?}");
        };
        assert_eq!(why.child, "root/main");
        match (act, &why.last) {
            (Act::Fail, ExitReason::Failed(error)) => assert_eq!(error.to_string(), "died"),
            (_, ExitReason::Panicked(panic)) => assert_eq!(panic.message(), "died"),
            other => panic!("{other:?}"),
        }
        assert_eq!(main.begun(), 1);
    }
}

async fn mon_39_a_branch_that_bears_nothing() {
    let [one, a, b] = ["one", "a", "b"].map(Puppet::new);
    let children = vec![spec(a.worker()), spec(b.worker())];
    let one = branch(&one, [children]).tolerance((0, HOUR));
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/a +one/b}").await;
    a.fails();
    story.told("!one/a -one/b").await;
    let failed = story.next_signed().await;
    assert_eq!(failed.runtime_name, "root/one");
    let (child, last) = gave_up(&failed);
    assert_eq!(child, "root/one/a");
    assert!(last.contains("died"), "{last}");
    story.told("{+one +one/a +one/b}").await;
    story.stops_cleanly("{-one/a -one/b} -one -.").await;
}

async fn mon_40_a_group_revives_who_was_done() {
    let sibling = Puppet::new("sibling");
    let done = Branch::new("done", |ctx: BranchContext| async move {
        ctx.run(idle("inner")).await?;
        ctx.done().unwrap();
        Ok::<_, BranchError>(())
    });
    let group = vec![spec(done), spec(sibling.worker())];
    let all = branch(&Puppet::new("all"), [group]);
    let mut story = Story::start(root().child(all), "").await;
    story
        .told("{+all +all/done +all/done/inner +all/sibling +.}")
        .await;
    sibling.fails();
    story
        .told("!all/sibling -all/done/inner -all/done {+all/done +all/done/inner +all/sibling}")
        .await;
    story.quiet(SECOND).await;
    story
        .stops_cleanly("{-all/done/inner -all/done -all/sibling} -all -.")
        .await;
}

async fn mon_41_the_barrier() {
    let a = Puppet::new("a");
    let b = Puppet::new("b").cleaning(2 * SECOND);
    let group = vec![spec(a.worker()), spec(b.worker())];
    let mut story = Story::start(root().child(branch(&Puppet::new("g"), [group])), "").await;
    story.told("{+g +. +g/a +g/b}").await;
    let began = Instant::now();
    a.fails();
    story.told("!g/a").await;
    story.quiet(SECOND).await;
    assert_eq!([a.begun(), b.begun(), b.alive()], [1, 1, 1]);
    story.told("-g/b {+g/a +g/b}").await;
    assert_eq!(began.elapsed(), 2 * SECOND);
    assert_eq!([a.begun(), b.begun(), b.alive()], [2, 2, 1]);
    story.stops_cleanly("{-g/a -g/b} -g -.").await;
}

/// Takes two seconds to stop, and fails in that.
fn slow_to_fail(name: &str, begun: &Arc<AtomicUsize>) -> Worker {
    let begun = begun.clone();
    Worker::new(name, move |ctx: Context| {
        begun.fetch_add(1, SeqCst);
        async move {
            ctx.stopped().await;
            sleep(2 * SECOND).await;
            Err::<(), _>("no clean stop")
        }
    })
}

async fn mon_43_errors_while_the_group_stops() {
    let a = Puppet::new("a");
    let begun = Arc::new(AtomicUsize::new(0));
    let others = ["b", "c", "d"].map(|name| spec(slow_to_fail(name, &begun)));
    let group = [vec![spec(a.worker())], others.to_vec()].concat();
    let g = branch(&Puppet::new("g"), [group]).tolerance((1, HOUR));
    let mut story = Story::start(root().child(g), "").await;
    story.told("{+g +. +g/a +g/b +g/c +g/d}").await;
    a.fails();
    story
        .told("!g/a {!g/b !g/c !g/d} {+g/a +g/b +g/c +g/d}")
        .await;
    story.quiet(HOUR).await;
    assert_eq!([a.begun(), begun.load(SeqCst)], [2, 6]);
    story.stops("{-g/a !g/b !g/c !g/d} !g !.").await;
}

async fn mon_45_a_failure_while_the_group_stops() {
    let [a, c] = ["a", "c"].map(Puppet::new);
    let b = Puppet::new("b").cleaning(2 * SECOND);
    let d = Puppet::new("d").answering(Act::Fail);
    let group = [&a, &b, &c, &d].map(|puppet| spec(puppet.worker()));
    let g = branch(&Puppet::new("g"), [group.to_vec()]).tolerance((1, HOUR));
    let mut story = Story::start(root().child(g), "").await;
    story.told("{+g +. +g/a +g/b +g/c +g/d}").await;
    let began = Instant::now();
    // Both fail before the group is told anything, and `d` when it is.
    a.fails();
    c.fails();
    story.told("!g/a {!g/c !g/d} -g/b").await;
    assert_eq!(began.elapsed(), 2 * SECOND);
    story.told("{+g/a +g/b +g/c +g/d}").await;
    story.quiet(HOUR).await;
    assert_eq!([&a, &b, &c, &d].map(Puppet::begun), [2; 4]);
    story.stops("{-g/a -g/b -g/c !g/d} !g !.").await;
}
