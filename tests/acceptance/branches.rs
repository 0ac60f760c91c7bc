//! Branches: children that start children of their own while they run (semantics 17). The catalogue of runnables on
//! structure and naming.

use std::io;
use std::sync::{Arc, Mutex};

use regrow::{Branch, BranchContext, BranchError, ChildState, DoneError, Worker};

use crate::branching::{open, spec};
use crate::fixtures::idle;
use crate::puppet::Puppet;
use crate::story::{Story, bounded, root};

stories! {
    both:
        mon_01_a_lone_runnable,
        mon_03_nested,
        mon_04_a_context_without_its_tree,
        mon_06_a_name_that_is_taken,
        mon_07_no_name,
        mon_08_names,
        mon_09_a_child_in_the_name_of_a_span,
        mon_10_a_span_in_the_name_of_a_child,
        mon_11_a_span_twice,
        mon_13_a_name_is_free_in_the_next_life,
        mon_14_an_empty_group,
        mon_15_groups_are_independent;
    paused:
        mon_12_a_line_in_a_span;
}

async fn mon_01_a_lone_runnable() {
    let one = Puppet::new("one");
    let body = one.clone();
    let branch = Branch::with_notify_start("one", move |ctx: BranchContext, notify| {
        let body = body.clone();
        async move {
            assert_eq!(ctx.runtime_name().as_str(), "root/one");
            let parent = regrow::SupervisorRef::parent_of(&ctx);
            let own = parent.child("one").unwrap();
            assert_eq!(own.incarnation(), Some(ctx.incarnation()));
            assert_eq!(own.state(), ChildState::Starting);
            let life = body.be_born();
            notify.ready();
            body.live(life, (*ctx).clone()).await
        }
    });
    let story = Story::start(root().child(branch), "+one +.").await;
    assert_eq!(one.begun(), 1);
    assert_eq!(story.child("one").unwrap().restarts(), 0);
    story.stops_cleanly("-one -.").await;
    assert_eq!(one.begun(), 1);
}

async fn mon_03_nested() {
    let one = Branch::with_notify_start("one", |ctx: BranchContext, notify| async move {
        let two = Branch::new(
            "two",
            |ctx: BranchContext| async move { ctx.stopped().await },
        );
        ctx.run(two).await?;
        notify.ready();
        ctx.stopped().await;
        Ok::<_, BranchError>(())
    });
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one/two +one +.}").await;
    let two = story.child("one/two").unwrap();
    assert_eq!(two.runtime_name().as_str(), "root/one/two");
    let names = story.snapshot().runtime_names();
    assert_eq!(names, ["root", "root/one", "root/one/two"]);
    story.stops_cleanly("-one/two -one -.").await;
}

async fn mon_04_a_context_without_its_tree() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    // Taken out of its life it is as good as in it,
    let taken = ctx.clone();
    let run = tokio::spawn(async move { taken.run(idle("a")).await });
    assert_eq!(run.await.unwrap().unwrap().name().as_str(), "a");
    story.told("+one/a").await;
    story.stops_cleanly("-one/a -one -.").await;
    // and it is stale when nothing is left of its tree.
    let stale = bounded(ctx.run(idle("b"))).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    assert_eq!(
        stale.to_string(),
        "root/one #1 is over: its context is stale"
    );
    let stale = bounded(ctx.span("b")).await.unwrap_err();
    assert!(matches!(stale, BranchError::Stale { .. }), "{stale:?}");
    assert!(matches!(ctx.done(), Err(DoneError::Stale { .. })));
    assert!(ctx.branch().children().is_empty());
}

async fn mon_06_a_name_that_is_taken() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let [a, b, c] = ["a", "b", "c"].map(Puppet::new);
    ctx.run(a.worker()).await.unwrap();
    story.told("+one/a").await;
    for (group, name) in [([&b, &a, &c], "root/one/a"), ([&b, &c, &b], "root/one/b")] {
        let group = group.map(Puppet::worker);
        match bounded(ctx.run_group(group)).await {
            Err(BranchError::NameTaken { name: taken }) => assert_eq!(taken, name),
            other => panic!("{other:?}"),
        }
    }
    assert!(story.child("one/b").is_err());
    assert_eq!([a.begun(), b.begun(), c.begun()], [1, 0, 0]);
    ctx.run_group([b.worker(), c.worker()]).await.unwrap();
    story.told("{+one/b +one/c}").await;
    story.stops_cleanly("{-one/a -one/b -one/c} -one -.").await;
}

async fn mon_07_no_name() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    for name in ["", "/", "\n"] {
        let refused = bounded(ctx.run(idle(name))).await.unwrap_err();
        assert!(matches!(refused, BranchError::Spec(_)), "{refused:?}");
        let refused = bounded(ctx.span(name)).await.unwrap_err();
        assert!(matches!(refused, BranchError::Spec(_)), "{refused:?}");
        let (nameless, _contexts) = open(&Puppet::new(name));
        assert!(nameless.build().is_err());
    }
    story.stops_cleanly("-one -.").await;
}

async fn mon_08_names() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let refused = bounded(ctx.run(idle("x/y"))).await.unwrap_err();
    assert!(matches!(refused, BranchError::Spec(_)), "{refused:?}");
    let long = "n".repeat(65);
    for name in ["a.b", "A", "ä", &*long] {
        ctx.run(idle(name)).await.unwrap();
        story.told(&format!("+one/{name}")).await;
    }
    // A child may be called as its branch is.
    ctx.run(idle("one")).await.unwrap();
    story.told("+one/one").await;
    story
        .stops_cleanly(&format!(
            "{{-one/a.b -one/A -one/ä -one/{long} -one/one}} -one -."
        ))
        .await;
}

async fn mon_09_a_child_in_the_name_of_a_span() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    ctx.span("dut").await.unwrap();
    let taken = bounded(ctx.run(idle("dut"))).await.unwrap_err();
    assert!(matches!(taken, BranchError::NameTaken { .. }), "{taken:?}");
    let taken = bounded(ctx.branch().start_child(idle("dut"))).await;
    let taken = taken.unwrap_err();
    assert_eq!(
        taken.to_string(),
        "the name root/one/dut is reserved by the branch itself: take another one"
    );
    story.stops_cleanly("-one -.").await;
}

async fn mon_10_a_span_in_the_name_of_a_child() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    ctx.run(idle("foo")).await.unwrap();
    let taken = bounded(ctx.span("foo")).await.unwrap_err();
    assert!(matches!(taken, BranchError::NameTaken { .. }), "{taken:?}");
    story.told("+one/foo").await;
    story.stops_cleanly("-one/foo -one -.").await;
}

async fn mon_11_a_span_twice() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let first = ctx.span("dut").await.unwrap();
    let again = ctx.span("dut").await.unwrap();
    let target = |span: &tracing::Span| span.metadata().map(|known| known.target().to_owned());
    assert_eq!(target(&first), target(&again));
    story.stops_cleanly("-one -.").await;
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn mon_12_a_line_in_a_span() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let (branch, mut contexts) = open(&Puppet::new("foo"));
    let story = Story::start(root().child(branch), "+foo +.").await;
    let span = contexts.next().await.span("dut").await.unwrap();
    span.in_scope(|| tracing::info!("a line of its own"));
    story.stops_cleanly("-foo -.").await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.contains("a line of its own"));
    let line = line.expect("it was logged");
    assert!(line.contains("name=root/foo/dut"), "{line}");
}

async fn mon_13_a_name_is_free_in_the_next_life() {
    let puppet = Puppet::new("one");
    let (one, mut contexts) = open(&puppet);
    let mut story = Story::start(root().child(one), "+one +.").await;
    contexts.next().await.span("dut").await.unwrap();
    puppet.fails();
    story.told("!one +one").await;
    let ctx = contexts.next().await;
    ctx.run(idle("dut")).await.unwrap();
    story.told("+one/dut").await;
    story.stops_cleanly("-one/dut -one -.").await;
}

async fn mon_14_an_empty_group() {
    let one = Branch::new("one", |ctx: BranchContext| async move {
        let none = ctx.run_group([] as [Worker; 0]).await?;
        assert!(none.is_empty());
        ctx.stopped().await;
        Ok::<_, BranchError>(())
    });
    let story = Story::start(root().child(one), "+one +.").await;
    story.stops_cleanly("-one -.").await;
}

async fn mon_15_groups_are_independent() {
    let (one, mut contexts) = open(&Puppet::new("one"));
    let mut story = Story::start(root().child(one), "+one +.").await;
    let ctx = contexts.next().await;
    let puppets = ["a", "b", "c", "d"].map(Puppet::new);
    let [a, b, c, d] = puppets.each_ref().map(|puppet| spec(puppet.worker()));
    let started = ctx.run(a).await.unwrap();
    ctx.run(b).await.unwrap();
    ctx.run_group([c, d]).await.unwrap();
    story.told("{+one/a +one/b +one/c +one/d}").await;
    started.kill();
    story.told("!one/a +one/a").await;
    let begun = || puppets.each_ref().map(Puppet::begun);
    assert_eq!(begun(), [2, 1, 1, 1]);
    puppets[2].fails();
    story.told("!one/c -one/d {+one/c +one/d}").await;
    assert_eq!(begun(), [2, 1, 2, 2]);
    assert_eq!((started.restarts(), started.state()), (1, ChildState::Up));
    story
        .stops_cleanly("{-one/a -one/b -one/c -one/d} -one -.")
        .await;
}
