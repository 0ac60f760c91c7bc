//! Branches at the wrong moment: what befalls them while they start, stop, pause or are not looked at. Numbers in
//! comments are those of `docs/semantics.md`.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use regrow::{
    Backoff, BoxError, Branch, BranchContext, BranchError, Change, ChildState, Context, ExitReason,
    NotifyStart, Restart, RestartChildError, StartError, StartFailure, SupervisorFailure,
    SupervisorRef, Worker,
};
use tokio::time::{Instant, sleep};

use crate::branching::{branch, open, spec};
use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root};

stories! {
    both:
        body_that_fails_before_it_is_up,
        body_that_has_nothing_to_do,
        body_that_is_done_at_once,
        body_finds_what_its_branch_provides,
        who_the_body_is,
        asked_from_within,
        branch_of_a_branch_of_a_branch,
        killed_branch,
        terminated_member_of_a_group;
    paused:
        body_that_does_not_come_up,
        stop_while_the_body_starts,
        stop_of_a_body_that_fails,
        stop_of_a_body_that_hangs,
        deadline_from_above,
        children_that_outlast_the_body,
        giving_up_tells_of_the_body,
        member_of_a_group_that_restarts,
        dropped_requests;
}

/// The error of a start that is to fail.
async fn not_started(one: Branch) -> StartFailure {
    match Story::fails(root().child(one), "xone x.").await {
        StartError::Child { child, cause, .. } => {
            assert_eq!(child, "root/one");
            cause
        }
        other => panic!("{other:?}"),
    }
}

/// A branch that notifies its start, of what happens in that.
fn starting<F>(start: impl Fn(BranchContext, NotifyStart) -> F + Send + Sync + 'static) -> Branch
where
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    Branch::with_notify_start("one", start)
}

async fn body_that_fails_before_it_is_up() {
    let panics = starting(|_, _notify| async { panic!("no good") });
    let cause = not_started(panics).await;
    assert!(
        matches!(&cause, StartFailure::Panicked(panic) if panic.message() == "no good"),
        "{cause:?}"
    );
    let returns = starting(|_, _notify| async { Err("no good".into()) });
    let cause = not_started(returns).await.to_string();
    assert!(cause.contains("no good"), "{cause}");
    let drops = starting(|ctx, notify| async move {
        drop(notify);
        ctx.stopped().await;
        Ok(())
    });
    let cause = not_started(drops).await;
    assert!(matches!(cause, StartFailure::NotifierDropped), "{cause:?}");
    let reports = starting(|ctx, notify| async move {
        ctx.branch().start_child(idle("a")).await?;
        notify.failed("no good");
        ctx.stopped().await;
        Ok(())
    });
    // What it had started is stopped before its failure is told.
    let error = Story::fails(root().child(reports), "+one/a -one/a xone x.").await;
    assert!(matches!(
        error,
        StartError::Child {
            cause: StartFailure::Failed(_),
            ..
        }
    ));
}

async fn body_that_has_nothing_to_do() {
    let ignores = starting(|ctx, notify| async move {
        ctx.branch().start_child(idle("a")).await?;
        notify.ignore();
        Ok(())
    });
    let mut story = Story::start(root().child(ignores), "").await;
    story.told("+one/a -one/a +.").await;
    assert_eq!(story.child("one").unwrap().state(), ChildState::Down);
    assert!(story.health().is_healthy());
    story.stops_cleanly("-.").await;
}

/// 3.3: a body that notifies its start has the time of a worker that does.
async fn body_that_does_not_come_up() {
    for (limit, seconds) in [(None, 30), (Some(SECOND), 1)] {
        let hangs = starting(|ctx, notify| async move {
            ctx.run(idle("a")).await?;
            ctx.stopped().await;
            drop(notify);
            Ok(())
        });
        let hangs = limit.into_iter().fold(hangs, Branch::start_timeout);
        let began = Instant::now();
        let error = Story::fails(root().child(hangs), "+one/a -one/a xone x.").await;
        assert_eq!(began.elapsed(), seconds * SECOND);
        assert!(
            matches!(
                error,
                StartError::Child {
                    cause: StartFailure::TimedOut(_),
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

async fn stop_while_the_body_starts() {
    let hangs = starting(|ctx, notify| async move {
        ctx.run(idle("a")).await?;
        ctx.stopped().await;
        drop(notify);
        Ok(())
    });
    let mut story = Story::start(root(), "+.").await;
    let root = SupervisorRef::clone(&story);
    let starting = tokio::spawn(async move { root.start_child(hangs).await });
    story.told("+one/a").await;
    story.shutdown();
    assert!(bounded(starting).await.unwrap().is_err());
    let exit = story.ends("-one/a -one -.").await;
    assert!(exit.report().is_clean(), "{}", exit.report());
}

async fn body_that_is_done_at_once() {
    let one = Branch::new("one", |ctx: BranchContext| async move {
        ctx.done().unwrap();
        assert!(ctx.done().is_err());
    });
    let mut story = Story::start(root().child(one), "+one +.").await;
    story.told("~one").await;
    // Its user can start it again,
    let again = bounded(story.restart_child("one")).await.unwrap();
    assert_eq!(again.restarts(), 1);
    story.told("+one ~one").await;
    // and when it is to stop, that it is done is as good as any clean end.
    let two = Branch::new("two", |ctx: BranchContext| async move {
        ctx.stopped().await;
        ctx.done().ok();
    });
    bounded(story.start_child(two)).await.unwrap();
    story.told("+two").await;
    story.stops_cleanly("-two -.").await;
}

/// 30.1: the body is a life below its branch.
async fn body_finds_what_its_branch_provides() {
    let found = Arc::new(Mutex::new(Vec::new()));
    let finds = found.clone();
    let one = Branch::new("one", move |ctx: BranchContext| {
        let finds = finds.clone();
        async move {
            let value = |ctx: &Context| ctx.value::<u8>().map(|value| *value);
            finds.lock().unwrap().push(value(&ctx));
            let below = finds.clone();
            let child = Worker::new("a", move |ctx: Context| {
                below.lock().unwrap().push(value(&ctx));
                async move { ctx.stopped().await }
            });
            ctx.run(child).await?;
            ctx.stopped().await;
            Ok::<_, BranchError>(())
        }
    });
    let mut story = Story::start(root().provide(1_u8).child(one.provide(2_u8)), "").await;
    story.told("{+one +. +one/a}").await;
    story.stops_cleanly("-one/a -one -.").await;
    assert_eq!(*found.lock().unwrap(), [Some(2), Some(2)]);
}

async fn who_the_body_is() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let parent = SupervisorRef::parent_of(&ctx);
    assert_eq!(parent.runtime_name(), "root");
    assert_eq!(SupervisorRef::root_of(&ctx).runtime_name(), "root");
    assert_eq!(ctx.branch().runtime_name(), "root/one");
    let child = Worker::new("a", |ctx: Context| async move {
        assert_eq!(SupervisorRef::parent_of(&ctx).runtime_name(), "root/one");
        assert_eq!(SupervisorRef::root_of(&ctx).runtime_name(), "root");
        ctx.stopped().await;
    });
    ctx.run(child).await.unwrap();
    story.told("+one/a").await;
    // What it emits is of the branch.
    ctx.emit("topic", "a word");
    let event = story.next().await;
    assert!(matches!(event.change, Change::Custom(_)), "{event}");
    let own = story.child("one").unwrap();
    assert_eq!(event.runtime_name, own.runtime_name());
    assert_eq!(event.kind, own.kind());
    assert_eq!(event.incarnation, own.incarnation());
    story.stops_cleanly("-one/a -one -.").await;
}

/// 23: a body that brings its branch down, in each way.
async fn asked_from_within() {
    for way in 0..4 {
        let one = Branch::new("one", move |ctx: BranchContext| async move {
            ctx.run(idle("a")).await?;
            sleep(SECOND / 100).await;
            let parent = SupervisorRef::parent_of(&ctx);
            match way {
                0 => ctx.branch().shutdown(),
                1 => parent.terminate_child("one").await?,
                2 => {
                    // One of its own it can wait for.
                    ctx.branch().terminate_child("a").await?;
                    parent.terminate_child("one").await?;
                }
                _ => {
                    let within = Worker::new("within", |ctx: Context| async move {
                        let root = SupervisorRef::root_of(&ctx);
                        root.terminate_child("one").await?;
                        ctx.stopped().await;
                        Ok::<_, BoxError>(())
                    });
                    ctx.run(within).await?;
                }
            }
            ctx.stopped().await;
            Ok::<_, BoxError>(())
        });
        let mut story = Story::start(root().child(one), "").await;
        story.told("{+one +. +one/a}").await;
        let stops = match way {
            3 => "+one/within {-one/within -one/a} -one",
            _ => "-one/a -one",
        };
        story.told(stops).await;
        story.stops_cleanly("-.").await;
    }
}

async fn branch_of_a_branch_of_a_branch() {
    let puppets = ["a", "b", "c", "d"].map(Puppet::new);
    let [a, b, c, d] = &puppets;
    let c_branch = branch(c, [vec![spec(d.worker())]]);
    let b_branch = branch(b, [vec![spec(c_branch)]]);
    let a_branch = branch(a, [vec![spec(b_branch)]]);
    let mut story = Story::start(root().child(a_branch), "").await;
    story.told("{+a +. +a/b +a/b/c +a/b/c/d}").await;
    b.fails();
    story
        .told("-a/b/c/d -a/b/c !a/b {+a/b +a/b/c +a/b/c/d}")
        .await;
    assert_eq!(puppets.each_ref().map(Puppet::begun), [1, 2, 2, 2]);
    let own = story.supervisor("a/b").unwrap();
    bounded(own.terminate_child("c")).await.unwrap();
    story.told("-a/b/c/d -a/b/c").await;
    bounded(own.restart_child("c")).await.unwrap();
    story.told("{+a/b/c +a/b/c/d}").await;
    story.stops_cleanly("-a/b/c/d -a/b/c -a/b -a -.").await;
}

/// 20.11
async fn killed_branch() {
    let [one, a] = ["one", "a"].map(Puppet::new);
    let one_branch = branch(&one, [vec![spec(a.worker())]]);
    let mut story = Story::start(root().child(one_branch), "").await;
    story.told("{+one +. +one/a}").await;
    story.kill("one").unwrap();
    story.told("!one/a").await;
    let killed = story.next_signed().await;
    assert_eq!(killed.runtime_name, "root/one");
    assert!(
        matches!(killed.change, Change::Failed(ExitReason::Killed)),
        "{killed}"
    );
    story.told("{+one +one/a}").await;
    assert_eq!([one.alive(), a.alive()], [1, 1]);
    story.stops_cleanly("-one/a -one -.").await;
}

async fn terminated_member_of_a_group() {
    let puppets = ["a", "b", "c"].map(Puppet::new);
    let [a, b, c] = puppets.each_ref();
    let group = puppets.each_ref().map(|puppet| spec(puppet.worker()));
    let one = branch(&Puppet::new("one"), [group.to_vec()]);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/a +one/b +one/c}").await;
    let own = story.supervisor("one").unwrap();
    bounded(own.terminate_child("b")).await.unwrap();
    story.told("-one/b").await;
    // Its group does not revive it,
    a.fails();
    story.told("!one/a -one/c {+one/a +one/c}").await;
    // and it comes back into it.
    bounded(own.restart_child("b")).await.unwrap();
    story.told("+one/b").await;
    c.fails();
    story
        .told("!one/c {-one/a -one/b} {+one/a +one/b +one/c}")
        .await;
    assert_eq!([a.begun(), b.begun(), c.begun()], [3, 3, 3]);
    story.stops_cleanly("{-one/a -one/b -one/c} -one -.").await;
}

/// What became of the body is told once, as what became of the branch.
async fn stop_of_a_body_that_fails() {
    let one = Puppet::new("one").answering(Act::Fail);
    let mut story = Story::start(root().child(branch(&one, [vec![spec(idle("a"))]])), "").await;
    story.told("{+one +. +one/a}").await;
    let exit = story.stops("-one/a !one !.").await;
    let [life] = exit.report().troubled() else {
        panic!("{}", exit.report());
    };
    assert_eq!(life.runtime_name, "root/one");
    assert!(
        matches!(&life.reason, ExitReason::Failed(error) if error.to_string() == "died"),
        "{life}"
    );
    assert_eq!(exit.report().clean(), 1);
}

async fn stop_of_a_body_that_hangs() {
    let one = Puppet::new("one").answering(Act::Hang);
    let tree = root().child(branch(&one, []).body_shutdown(2 * SECOND));
    let story = Story::start(tree, "+one +.").await;
    let began = Instant::now();
    let exit = story.stops("!one !.").await;
    assert_eq!(began.elapsed(), 2 * SECOND);
    let [life] = exit.report().troubled() else {
        panic!("{}", exit.report());
    };
    assert_eq!(life.runtime_name, "root/one");
    assert!(matches!(life.reason, ExitReason::Killed), "{life}");
    assert_eq!(one.alive(), 0);
}

/// 10.3: body and children are killed at the deadline of the branch, whatever their own time is.
async fn deadline_from_above() {
    let [one, a] = ["one", "a"].map(|name| Puppet::new(name).answering(Act::Hang));
    let child = a.worker().shutdown(HOUR);
    let one = branch(&one, [vec![spec(child)]]).body_shutdown(HOUR);
    let mut story = Story::start(root().child(one.shutdown(3 * SECOND)), "").await;
    story.told("{+one +. +one/a}").await;
    let began = Instant::now();
    let exit = story.stops("!one/a !one !.").await;
    assert_eq!(began.elapsed(), 3 * SECOND);
    let troubled = exit.report().troubled().iter();
    let troubled: Vec<_> = troubled.map(|life| life.runtime_name.as_str()).collect();
    assert_eq!(troubled, ["root/one/a", "root/one"]);
}

/// 32.1: a branch whose body has ended, and whose children have not, stops although nobody asked for it.
async fn children_that_outlast_the_body() {
    for (act, ends) in [(Act::Fail, "!one"), (Act::Complete, "~one")] {
        let one = Puppet::new("one");
        let slow = Puppet::new("slow").cleaning(2 * SECOND);
        let tree = root().child(branch(&one, [vec![spec(slow.worker())]]));
        let mut story = Story::start(tree, "").await;
        story.told("{+one +. +one/slow}").await;
        assert!(story.health().is_healthy());
        let began = Instant::now();
        one.tell(act);
        story.quiet(SECOND).await;
        let health = story.health().to_string();
        assert!(health.contains("root/one stopping"), "{health}");
        bounded(story.settled()).await.unwrap();
        assert_eq!(began.elapsed(), 2 * SECOND);
        story
            .told(&format!("-one/slow {ends} {{+one +one/slow}}"))
            .await;
        assert!(story.health().is_healthy());
        story.stops_cleanly("-one/slow -one -.").await;
    }
}

/// When the branch gives up, the failure is that; what became of its body stands in the report.
async fn giving_up_tells_of_the_body() {
    let one = Puppet::new("one").answering(Act::Fail);
    let a = Puppet::new("a");
    let one = branch(&one, [vec![spec(a.worker())]]);
    let tree = root().tolerance((0, HOUR)).child(one.tolerance((0, HOUR)));
    let mut story = Story::start(tree, "").await;
    story.told("{+one +. +one/a}").await;
    a.fails();
    let exit = story.ends("!one/a !one !.").await;
    let Some(SupervisorFailure::GaveUp(why)) = exit.failure() else {
        panic!("{exit:?}");
    };
    assert_eq!(why.child, "root/one");
}

/// 15.8, 15.9: while its group goes down, and while that pauses.
async fn member_of_a_group_that_restarts() {
    let a = Puppet::new("a");
    let b = Puppet::new("b").cleaning(SECOND);
    let c = Puppet::new("c").cleaning(10 * SECOND);
    let slow = a.worker().backoff(Backoff::constant(20 * SECOND));
    let group = vec![
        spec(slow),
        spec(b.worker()),
        spec(c.worker().shutdown(HOUR)),
    ];
    let one = branch(&Puppet::new("one"), [group]);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/a +one/b +one/c}").await;
    let own = story.supervisor("one").unwrap();
    let began = Instant::now();
    a.fails();
    story.told("!one/a -one/b").await;
    // It goes down: nobody of it can be started or deleted,
    let refused = bounded(own.restart_child("b")).await.unwrap_err();
    assert!(
        matches!(refused, RestartChildError::Restarting { .. }),
        "{refused:?}"
    );
    assert!(bounded(own.delete_child("b")).await.is_err());
    assert!(bounded(own.start_child(idle("b"))).await.is_err());
    // but brought down.
    bounded(own.terminate_child("b")).await.unwrap();
    bounded(own.delete_child("b")).await.unwrap();
    assert_eq!(began.elapsed(), SECOND);
    story.told("-one/c").await;
    assert_eq!(began.elapsed(), 10 * SECOND);
    // It pauses: who waits for the backoff is let go, and the rest waits for nothing any more.
    bounded(own.terminate_child("a")).await.unwrap();
    story.told("+one/c").await;
    assert_eq!(began.elapsed(), 10 * SECOND);
    bounded(own.restart_child("a")).await.unwrap();
    story.told("+one/a").await;
    assert_eq!([a.begun(), b.begun(), c.begun()], [2, 1, 2]);
    story.stops_cleanly("{-one/a -one/c} -one -.").await;
}

/// What a future gives at its next poll, if it does.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    poll_fn(|cx| match Pin::new(&mut *future).poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// 24: polled once and dropped, before the branch has looked and after.
async fn dropped_requests() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let [a, b] = ["a", "b"].map(Puppet::new);
    let run = |puppet: &Puppet| {
        let worker = puppet.worker().restart(Restart::Transient);
        Box::pin(ctx.run_group([worker]))
    };
    let mut dropped = run(&a);
    assert!(bounded(poll_once(&mut dropped)).await.is_none());
    drop(dropped);
    let mut run = run(&b);
    assert!(bounded(poll_once(&mut run)).await.is_none());
    story.told("+one/b").await;
    drop(run);
    story.quiet(SECOND).await;
    assert_eq!([a.begun(), b.begun()], [0, 1]);
    story.stops_cleanly("-one/b -one -.").await;
}
