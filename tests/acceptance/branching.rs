//! Branches in the hand of the story.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{Branch, BranchContext, BranchError, Change, ChildSpec, IntoChildSpec};
use tokio::sync::mpsc;

use crate::puppet::Puppet;
use crate::story::{Story, bounded};

/// The spec of a child, to be started again and again.
pub(crate) fn spec(child: impl IntoChildSpec) -> Arc<ChildSpec> {
    child.into_child_spec().unwrap()
}

/// A branch whose body starts these groups, and then does what the puppet is told.
pub(crate) fn branch<const N: usize>(body: &Puppet, groups: [Vec<Arc<ChildSpec>>; N]) -> Branch {
    let body = body.clone();
    Branch::new(body.name().to_owned(), move |ctx: BranchContext| {
        let (body, groups) = (body.clone(), groups.clone());
        async move {
            let life = body.be_born();
            for group in groups {
                ctx.run_group(group).await?;
            }
            body.live(life, (*ctx).clone()).await
        }
    })
}

/// The contexts of the lives of a branch.
pub(crate) struct Contexts(mpsc::UnboundedReceiver<BranchContext>);

impl Contexts {
    pub(crate) async fn next(&mut self) -> BranchContext {
        bounded(self.0.recv()).await.expect("the branch is there")
    }
}

/// A branch that hands the context of each life to the story, and then does what the puppet is told.
pub(crate) fn open(body: &Puppet) -> (Branch, Contexts) {
    let (hand, contexts) = mpsc::unbounded_channel();
    let puppet = body.clone();
    let branch = Branch::new(body.name().to_owned(), move |ctx: BranchContext| {
        hand.send(ctx.clone()).ok();
        puppet.clone().play((*ctx).clone())
    });
    (branch, Contexts(contexts))
}

/// A branch with two like it below, so many levels deep. Counts its lives and those below.
pub(crate) fn twins(name: &str, levels: u32, lives: &Arc<AtomicUsize>) -> Branch {
    let lives = lives.clone();
    Branch::new(name, move |ctx: BranchContext| {
        let lives = lives.clone();
        async move {
            lives.fetch_add(1, SeqCst);
            if levels > 0 {
                let below = ["l", "r"].map(|name| twins(name, levels - 1, &lives));
                ctx.run_group(below).await?;
            }
            ctx.stopped().await;
            Ok::<_, BranchError>(())
        }
    })
}

/// The signs of all of these, in braces: they may come in any order.
pub(crate) fn signs_of_twins(sign: char, path: &str, levels: u32) -> String {
    let mut paths = vec![path.to_owned()];
    let mut all = paths.clone();
    for _ in 0..levels {
        let below = paths
            .iter()
            .flat_map(|path| ["l", "r"].map(|name| format!("{path}/{name}")));
        paths = below.collect();
        all.extend(paths.iter().cloned());
    }
    let signs: Vec<_> = all.iter().map(|path| format!("{sign}{path}")).collect();
    format!("{{{}}}", signs.join(" "))
}

/// How long the child that is to be started again next waits.
pub(crate) async fn next_delay(story: &mut Story) -> Duration {
    loop {
        if let Change::Restarting { delay, .. } = story.next().await.change {
            return delay;
        }
    }
}
