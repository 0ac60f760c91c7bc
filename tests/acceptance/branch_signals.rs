//! The catalogue of runnables on signals and exits: what a branch says of itself, and how it ends.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regrow::{
    Backoff, Branch, BranchContext, BranchError, ChildState, DoneError, NotifyStart, Restart,
};
use tokio::time::Instant;

use crate::branching::{branch, open, spec};
use crate::fixtures::idle;
use crate::puppet::{Act, Puppet};
use crate::story::{HOUR, SECOND, Story, bounded, root};

stories! {
    both:
        mon_18_done_twice,
        mon_20_done_and_a_failure,
        mon_21_done_leaves_its_children,
        mon_22_ok_is_a_completion,
        mon_23_ok_after_the_stop,
        mon_27_the_context_of_an_earlier_life,
        mon_28_the_context_of_a_removed_node,
        mon_92_restart_me;
    paused:
        mon_17_done_before_it_is_up,
        mon_24_an_error_after_the_stop,
        mon_27_the_notifier_of_an_earlier_life;
}

async fn mon_17_done_before_it_is_up() {
    let (outer, mut contexts) = open(&Puppet::new("outer"));
    let mut story = Story::start(root().child(outer), "+outer +.").await;
    let lives = AtomicUsize::new(0);
    let eager = Branch::with_notify_start("eager", move |ctx: BranchContext, notify| {
        let is_first = lives.fetch_add(1, SeqCst) == 0;
        async move {
            if is_first {
                ctx.done()?;
            }
            notify.ready();
            ctx.stopped().await;
            Ok::<_, DoneError>(())
        }
    });
    let began = Instant::now();
    let ctx = contexts.next().await;
    let eager = eager.backoff(Backoff::constant(SECOND));
    ctx.run(eager).await.unwrap();
    let failed = story.next_signed().await;
    let text = failed.to_string();
    assert!(text.starts_with("root/outer/eager #"), "{text}");
    assert!(text.contains("is done before it is up"), "{text}");
    story.told("+outer/eager").await;
    assert_eq!(began.elapsed(), SECOND);
    story.stops_cleanly("-outer/eager -outer -.").await;
}

async fn mon_18_done_twice() {
    let lives = AtomicUsize::new(0);
    let twice = Branch::new("twice", move |ctx: BranchContext| {
        let is_first = lives.fetch_add(1, SeqCst) == 0;
        async move {
            if is_first {
                ctx.done()?;
                ctx.done()?;
            }
            ctx.stopped().await;
            Ok::<_, DoneError>(())
        }
    });
    let mut story = Story::start(root().child(twice), "+twice +.").await;
    let text = story.next_signed().await.to_string();
    assert!(text.contains("has said twice that it is done"), "{text}");
    story.told("+twice").await;
    story.stops_cleanly("-twice -.").await;
}

async fn mon_20_done_and_a_failure() {
    let puppet = Puppet::new("one");
    let (one, mut contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    for act in [Act::Fail, Act::Panic] {
        let ctx = contexts.next().await;
        ctx.run(idle("a")).await.unwrap();
        story.told("+one/a").await;
        ctx.done().unwrap();
        puppet.tell(act);
        story.told("-one/a !one +one").await;
    }
    story.stops_cleanly("-one -.").await;
}

async fn mon_21_done_leaves_its_children() {
    let (puppet, inner) = (Puppet::new("one"), Puppet::new("inner"));
    let (one, mut contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let worker = inner.worker().restart(Restart::Transient);
    ctx.run(worker).await.unwrap();
    story.told("+one/inner").await;
    ctx.done().unwrap();
    puppet.completes();
    inner.fails();
    story.told("!one/inner +one/inner").await;
    assert_eq!(story.child("one").unwrap().state(), ChildState::Up);
    // The branch ends with the last of them.
    inner.completes();
    story.told("~one/inner ~one").await;
    assert_eq!([puppet.begun(), inner.begun()], [1, 2]);
    story.stops_cleanly("-.").await;
}

async fn mon_22_ok_is_a_completion() {
    let puppet = Puppet::new("one");
    let (one, _contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    for _ in 0..2 {
        puppet.completes();
        story.told("~one +one").await;
    }
    // It counts.
    puppet.completes();
    story.ends("~one !.").await;
}

async fn mon_23_ok_after_the_stop() {
    let puppet = Puppet::new("one").answering(Act::Complete);
    let (one, _contexts) = open(&puppet);
    let story = Story::start(root().child(one), "+one +.").await;
    let exit = story.stops("-one -.").await;
    assert!(exit.report().is_clean(), "{}", exit.report());
}

async fn mon_24_an_error_after_the_stop() {
    let a = Puppet::new("a").answering(Act::Fail);
    let [b, c] = ["b", "c"].map(Puppet::new);
    let slow = b.worker().backoff(Backoff::constant(SECOND));
    let group = vec![spec(a.worker()), spec(slow)];
    let one = branch(&Puppet::new("one"), [group, vec![spec(c.worker())]]);
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +. +one/a +one/b +one/c}").await;
    let began = Instant::now();
    b.fails();
    story.told("!one/b !one/a").await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    story.told("{+one/a +one/b}").await;
    assert_eq!(began.elapsed(), SECOND);
    assert_eq!([a.begun(), b.begun(), c.begun()], [2, 2, 1]);
    let exit = story.stops("{!one/a -one/b -one/c} !one !.").await;
    let troubled = exit.report().troubled().iter();
    let troubled: Vec<_> = troubled.map(|life| life.runtime_name.as_str()).collect();
    assert_eq!(troubled, ["root/one/a", "root/one"]);
}

async fn mon_27_the_context_of_an_earlier_life() {
    let puppet = Puppet::new("one");
    let (one, mut contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    let old = contexts.next().await;
    puppet.fails();
    story.told("!one +one").await;
    let ctx = contexts.next().await;
    let stale = bounded(old.run(idle("a"))).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    let stale = bounded(old.span("a")).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    assert!(matches!(old.done(), Err(DoneError::Stale { .. })));
    assert!(old.is_stopping() && !ctx.is_stopping());
    ctx.run(idle("a")).await.unwrap();
    story.told("+one/a").await;
    // That it is done was said by nobody.
    puppet.completes();
    story.told("-one/a ~one +one").await;
    story.stops_cleanly("-one -.").await;
}

async fn mon_27_the_notifier_of_an_earlier_life() {
    let (outer, mut contexts) = open(&Puppet::new("outer"));
    let mut story = Story::start(root().child(outer), "+outer +.").await;
    let kept = Arc::new(Mutex::new(Vec::<NotifyStart>::new()));
    let keeps = kept.clone();
    let late = Branch::with_notify_start("late", move |ctx: BranchContext, notify| {
        keeps.lock().unwrap().push(notify);
        async move { ctx.stopped().await }
    });
    let late = late.start_timeout(10 * SECOND);
    let ctx = contexts.next().await;
    let late = ctx.run(late).await.unwrap();
    story.told("xouter/late").await;
    story.quiet(SECOND).await;
    let mut kept = std::mem::take(&mut *kept.lock().unwrap());
    kept.remove(0).ready();
    story.quiet(SECOND).await;
    assert_eq!(late.state(), ChildState::Starting);
    kept.remove(0).ready();
    story.told("+outer/late").await;
    story.stops_cleanly("-outer/late -outer -.").await;
}

async fn mon_28_the_context_of_a_removed_node() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let old = contexts.next().await;
    bounded(story.terminate_child("one")).await.unwrap();
    bounded(story.delete_child("one")).await.unwrap();
    story.told("-one").await;
    let stale = bounded(old.run(idle("a"))).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    let stale = bounded(old.span("a")).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    assert!(matches!(old.done(), Err(DoneError::Stale { .. })));
    let gone = bounded(old.branch().start_child(idle("a"))).await;
    assert!(gone.is_err());
    // Another one in its name is not touched by it, and all goes on.
    let (one, mut contexts) = open(&Puppet::new("one"));
    bounded(story.start_child(one)).await.unwrap();
    story.told("+one").await;
    let ctx = contexts.next().await;
    assert!(bounded(old.run(idle("a"))).await.is_err());
    bounded(ctx.run(idle("a"))).await.unwrap();
    story.told("+one/a").await;
    story.stops_cleanly("-one/a -one -.").await;
}

async fn mon_92_restart_me() {
    let [a, b, body] = ["a", "b", "one"].map(Puppet::new);
    let slow = a.worker().backoff(Backoff::constant(HOUR));
    let group = vec![spec(slow), spec(b.worker())];
    let one = branch(&body, [group]).tolerance((0, HOUR));
    let one = one.backoff(Backoff::constant(HOUR));
    let mut story = Story::start(root().tolerance((0, HOUR)).child(one), "").await;
    story.told("{+one +. +one/a +one/b}").await;
    for _ in 0..5 {
        a.tell(Act::RestartMe);
        story.told("~one/a -one/b {+one/a +one/b}").await;
    }
    for _ in 0..5 {
        body.tell(Act::RestartMe);
        story
            .told("{-one/a -one/b} ~one {+one +one/a +one/b}")
            .await;
    }
    assert_eq!([a.begun(), b.begun(), body.begun()], [11, 11, 6]);
    story.stops_cleanly("{-one/a -one/b} -one -.").await;
}
