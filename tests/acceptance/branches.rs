//! Branches: children that start children of their own while they run (semantics 17), the cases of the catalogue of
//! runnables.

use regrow::{Branch, BranchContext, BranchError, Context, Worker};

use crate::puppet::Puppet;
use crate::story::{SECOND, Story, root};

stories! {
    both: mon_01_a_lone_runnable, mon_03_nested, mon_29_a_group_restarts, mon_14_an_empty_group,
    mon_21_done_leaves_its_children;
    paused: mon_40_a_group_revives_who_was_done;
}

async fn idle(ctx: Context) {
    ctx.stopped().await;
}

async fn mon_01_a_lone_runnable() {
    let one = Branch::new("one", |ctx: BranchContext| async move {
        assert_eq!(ctx.runtime_name().as_str(), "root/one");
        assert_eq!(ctx.incarnation().number(), 1);
        ctx.stopped().await;
    });
    let story = Story::start(root().child(one), "+one +.").await;
    story.stops_cleanly("-one -.").await;
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
    story.stops_cleanly("-one/two -one -.").await;
}

async fn mon_29_a_group_restarts() {
    let (a, b) = (Puppet::new("a"), Puppet::new("b"));
    let puppets = (a.clone(), b.clone());
    let group = Branch::new("group", move |ctx: BranchContext| {
        let (a, b) = puppets.clone();
        async move {
            ctx.run_group([a.worker(), b.worker()]).await?;
            ctx.stopped().await;
            Ok::<_, BranchError>(())
        }
    });
    let mut story = Story::start(root().child(group), "").await;
    story.told("{+group +group/a +group/b +.}").await;
    b.fails();
    story.told("!group/b -group/a {+group/a +group/b}").await;
    story.stops_cleanly("{-group/a -group/b} -group -.").await;
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

async fn mon_21_done_leaves_its_children() {
    let inner = Puppet::new("inner");
    let puppet = inner.clone();
    let one = Branch::new("one", move |ctx: BranchContext| {
        let inner = puppet.clone();
        async move {
            ctx.run(inner.worker().restart(regrow::Restart::Transient))
                .await?;
            ctx.done().unwrap();
            Ok::<_, BranchError>(())
        }
    });
    let mut story = Story::start(root().child(one), "").await;
    story.told("{+one +one/inner +.}").await;
    inner.fails();
    story.told("!one/inner +one/inner").await;
    inner.completes();
    story.told("~one/inner ~one").await;
    story.stops_cleanly("-.").await;
}

async fn mon_40_a_group_revives_who_was_done() {
    let sibling = Puppet::new("sibling");
    let puppet = sibling.clone();
    let all = Branch::new("all", move |ctx: BranchContext| {
        let sibling = puppet.clone();
        async move {
            let done = Branch::new("done", |ctx: BranchContext| async move {
                ctx.run(Worker::new("inner", idle)).await?;
                ctx.done().unwrap();
                Ok::<_, BranchError>(())
            });
            ctx.run_group([done.build()?, sibling.worker().build()?])
                .await?;
            ctx.stopped().await;
            Ok::<_, BranchError>(())
        }
    });
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
