//! The catalogue of runnables on shutdown.

use regrow::{
    AutoShutdown, BranchError, Change, ChildState, DoneError, ExitReason, Restart, Shutdown,
    StartChildError,
};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::branching::{branch, open, spec};
use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{SECOND, Story, bounded, root};

stories! {
    both:
        mon_57_all_are_told,
        mon_61_all_are_done,
        mon_62_calls_after_the_end,
        mon_64_the_last_states,
        mon_66_the_tree_is_dropped,
        mon_83_a_main_that_returns;
    paused:
        mon_58_nothing_is_started_any_more,
        mon_59_the_stop_waits_for_the_last,
        mon_63_one_that_exceeds_its_time;
}

async fn mon_57_all_are_told() {
    let (one, mut ones) = open(&Puppet::new("one"));
    let (two, mut twos) = open(&Puppet::new("two"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let one = ones.next().await;
    one.run(two).await.unwrap();
    let two = twos.next().await;
    two.run_group([idle("a"), idle("b")]).await.unwrap();
    story.told("{+one/two +one/two/a +one/two/b}").await;
    let tokens = [one.token(), two.token()];
    assert!(tokens.iter().all(|token| !token.is_cancelled()));
    story
        .stops_cleanly("{-one/two/a -one/two/b} -one/two -one -.")
        .await;
    assert!(tokens.iter().all(|token| token.is_cancelled()));
}

async fn mon_58_nothing_is_started_any_more() {
    let puppet = Puppet::new("one").cleaning(SECOND);
    let (one, mut contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let [a, late] = ["a", "late"].map(Puppet::new);
    ctx.run(a.worker()).await.unwrap();
    story.told("+one/a").await;
    // Two requests stand behind the stop.
    story.shutdown();
    let refused = bounded(ctx.run(late.worker())).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.to_string(), "root/one is shutting down");
    let refused = bounded(ctx.branch().start_child(late.worker())).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, StartChildError::ShuttingDown { .. }),
        "{refused:?}"
    );
    let root = story.child("one").unwrap();
    assert_eq!(root.state(), ChildState::Stopping);
    story.ends("-one/a -one -.").await;
    assert_eq!([puppet.begun(), a.begun(), late.begun()], [1, 1, 0]);
}

async fn mon_59_the_stop_waits_for_the_last() {
    let puppets = [("one", 1), ("a", 2), ("b", 3)]
        .map(|(name, seconds)| Puppet::new(name).cleaning(seconds * SECOND));
    let [one, a, b] = &puppets;
    let one = branch(one, [vec![spec(a.worker())], vec![spec(b.worker())]]);
    let tree = root().report_all().child(one);
    let mut story = Story::start(tree, "").await;
    story.told("{+one +. +one/a +one/b}").await;
    let began = Instant::now();
    // All at once: the last one decides.
    let exit = story.stops("-one/a -one/b -one -.").await;
    assert_eq!(began.elapsed(), 3 * SECOND);
    assert_eq!(puppets.each_ref().map(Puppet::alive), [0; 3]);
    assert_eq!(puppets.each_ref().map(Puppet::cleaned), [1; 3]);
    let all = exit.report().all().unwrap().iter();
    let all: Vec<_> = all
        .map(|life| (life.runtime_name.as_str(), life.took.as_secs()))
        .collect();
    assert_eq!(all, [("root/one/a", 2), ("root/one/b", 3), ("root/one", 3)]);
    assert!(exit.report().is_clean(), "{}", exit.report());
}

async fn mon_61_all_are_done() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let (puppet, inner) = (Puppet::new("one"), Puppet::new("inner"));
    let (one, mut contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    ctx.run(inner.worker().restart(Restart::Transient))
        .await
        .unwrap();
    ctx.done().unwrap();
    puppet.completes();
    story.told("+one/inner").await;
    inner.completes();
    story.told("~one/inner ~one").await;
    let began = Instant::now();
    story.stops_cleanly("-.").await;
    assert!(began.elapsed() < SECOND);
    bounded(async {
        while tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn mon_62_calls_after_the_end() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let child = ctx.run(idle("a")).await.unwrap();
    story.told("+one/a").await;
    let own = ctx.branch();
    story.stops_cleanly("-one/a -one -.").await;
    let stale = bounded(ctx.run_group([idle("b")])).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    assert!(bounded(ctx.span("b")).await.is_err());
    assert!(matches!(ctx.done(), Err(DoneError::Stale { .. })));
    assert!(
        bounded(ctx.until_stopped(std::future::pending::<()>()))
            .await
            .is_err()
    );
    let gone = bounded(own.start_child(idle("b"))).await.unwrap_err();
    assert!(
        matches!(gone, StartChildError::NotRunning { .. }),
        "{gone:?}"
    );
    assert!(bounded(own.terminate_child("a")).await.is_err());
    assert!(bounded(own.restart_child("a")).await.is_err());
    assert!(bounded(own.delete_child("a")).await.is_err());
    assert!(bounded(own.settled()).await.is_err());
    assert!(!bounded(own.answers()).await);
    child.kill();
    own.shutdown();
    assert_eq!(child.state(), ChildState::Down);
}

async fn mon_63_one_that_exceeds_its_time() {
    let deaf = Puppet::new("deaf").answering(Act::Hang);
    let child = deaf.worker().shutdown(2 * SECOND);
    let one = branch(&Puppet::new("one"), [vec![spec(child)]]);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/deaf}").await;
    let began = Instant::now();
    let exit = story.stops("!one/deaf !one !.").await;
    assert_eq!(began.elapsed(), 2 * SECOND);
    let [life, above] = exit.report().troubled() else {
        panic!("{}", exit.report());
    };
    assert_eq!(life.runtime_name, "root/one/deaf");
    assert!(matches!(life.reason, ExitReason::Killed), "{life}");
    assert_eq!(life.took, 2 * SECOND);
    assert_eq!(above.runtime_name, "root/one");
}

/// Who was done is not told once more.
async fn mon_64_the_last_states() {
    let [one, inner, brutal] = ["one", "inner", "brutal"].map(Puppet::new);
    let inner_spec = spec(inner.worker().restart(Restart::Transient));
    let brutal_spec = spec(brutal.worker().shutdown(Shutdown::Kill));
    let one = branch(&one, [vec![inner_spec], vec![brutal_spec]]);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/inner +one/brutal}").await;
    inner.completes();
    story.told("~one/inner").await;
    let done = story.child("one/inner").unwrap();
    let (tree, mut events) = story.into_parts();
    let exit = bounded(tree.shutdown()).await;
    assert!(exit.is_orderly(), "{exit}");
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        if !matches!(event.change, Change::Stopping | Change::Removed) {
            told.push(event.to_string());
        }
    }
    let told: Vec<_> = told
        .iter()
        .map(|text| text.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(told, ["root/one/brutal", "root/one", "root"]);
    assert_eq!(done.state(), ChildState::Down);
}

async fn mon_66_the_tree_is_dropped() {
    let [one, a] = ["one", "a"].map(Puppet::new);
    let tree = root().child(branch(&one, [vec![spec(a.worker())]]));
    let mut story = Story::start(tree, "").await;
    story.told("{+one +. +one/a}").await;
    let (tree, events) = story.into_parts();
    drop(tree);
    events.told_last("-one/a -one -.").await;
    assert_eq!([one.alive(), a.alive()], [0, 0]);
    assert_eq!([one.cleaned(), a.cleaned()], [1, 1]);
}

/// A program that is one job: it ends well with that, and is not run again.
async fn mon_83_a_main_that_returns() {
    let [main, a] = ["main", "a"].map(Puppet::new);
    let job = branch(&main, [vec![spec(a.worker())]]);
    let job = job.restart(Restart::Transient).significant();
    let tree = root()
        .auto_shutdown(AutoShutdown::AnySignificant)
        .child(job);
    let mut story = Story::start(tree, "").await;
    story.told("{+main +. +main/a}").await;
    main.completes();
    let exit = story.ends("-main/a ~main -.").await;
    assert_eq!((exit.exit_code(), main.begun()), (0, 1));
}
