//! One seed, from the start of its tree to what is left of it.

use std::future::Future;
use std::sync::{Arc, atomic::Ordering::SeqCst};
use std::time::Duration;

use regrow::{ExitReason, RootExit, SupervisorFailure, SupervisorRef, Tree};
use tokio::{
    runtime::Handle,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::dice::{Dice, ms};
use crate::lives::{Ground, Oracle, World};
use crate::reader::Shared;
use crate::users::{PATIENCE, User};

/// How a story goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    pub(crate) seed: u64,
    pub(crate) ground: Ground,
    /// A large tree that is tormented for long.
    pub(crate) is_storm: bool,
}

/// What came of it.
pub(crate) struct Told {
    /// The events, as text.
    pub(crate) events: Vec<String>,
    /// The laws that were broken, each with what was seen.
    pub(crate) wrong: Vec<String>,
}

impl Script {
    /// Lives through it.
    pub(crate) async fn play(self) -> Told {
        let oracle = Arc::new(Oracle::default());
        let mut dice = Dice::of(self.seed, "story", 0);
        let world = World {
            seed: self.seed,
            oracle: oracle.clone(),
            ground: self.ground,
            is_storm: self.is_storm,
            is_rough: !self.is_storm && dice.once_in(6),
        };
        let reader = Shared::first(&world);
        let mut reading = JoinSet::new();
        let read = |events| drop(reading.spawn(reader.clone().read_all(events)));
        let start = world.root().start_observed(read);
        // Some lose patience before the tree is up: dropping the start stops what was started.
        let patience = if world.is_rough && dice.once_in(3) {
            dice.span(60)
        } else {
            PATIENCE
        };
        let tree = timeout(patience, async {
            let start = start.await;
            oracle.is_up.store(true, SeqCst);
            start
        })
        .await;
        let root = match tree {
            Ok(Ok(tree)) => {
                let root = tree.root().clone();
                self.torment(&world, tree, &reader, &mut dice).await;
                Some(root)
            }
            Ok(Err(_)) | Err(_) if world.is_rough => None,
            Ok(Err(error)) => {
                oracle.blame(16, format!("the tree did not start: {error}"));
                None
            }
            Err(_) => {
                oracle.blame(15, "the tree does not start");
                None
            }
        };
        within(&oracle, "the last event", reading.join_all()).await;
        let left = root.map(|root| root.children()).unwrap_or_default();
        if !left.is_empty() {
            oracle.blame(14, format!("left in the directory: {left:?}"));
        }
        let events = reader.lock().take_text();
        drop((world, reader));
        // What was abandoned ends now; nobody tells when.
        let tasks = || Handle::current().metrics().num_alive_tasks();
        let gone = async {
            while !oracle.live().is_empty() || Arc::strong_count(&oracle) > 1 || tasks() > 0 {
                sleep(ms(1)).await;
            }
        };
        if timeout(PATIENCE, gone).await.is_err() {
            let (held, live) = (Arc::strong_count(&oracle) - 1, oracle.live());
            oracle.blame(
                14,
                format!("left: {live:?}, {} tasks, held by {held}", tasks()),
            );
        }
        let wrong = std::mem::take(&mut *oracle.wrong());
        Told { events, wrong }
    }

    /// Torments the tree, then ends it.
    async fn torment(self, world: &World, tree: Tree, reader: &Shared, dice: &mut Dice) {
        let oracle = &world.oracle;
        let root = tree.root().clone();
        let (users, deeds) = if self.is_storm { (6, 120) } else { (3, 14) };
        let mut busy = JoinSet::new();
        for number in 0..users {
            let user = User {
                world: world.clone(),
                root: root.clone(),
                reader: reader.clone(),
                number,
                deeds,
            };
            busy.spawn(user.torment());
        }
        let mut later = JoinSet::new();
        if self.ground == Ground::Paused && (self.is_storm || dice.once_in(4)) {
            later.spawn(join_later(world.clone(), root.clone()));
        }
        let is_cut_short = !self.is_storm && dice.once_in(4);
        let all = async {
            if is_cut_short {
                sleep(dice.span(60)).await;
            } else {
                while busy.join_next().await.is_some() {}
            }
        };
        let went_on = tokio::select! {
            () = all => true,
            _ = tree.wait() => false,
        };
        if went_on && !is_cut_short && self.ground == Ground::Paused && dice.once_in(2) {
            rest(world, &tree, reader).await;
        }
        let exit = self.end(world, tree, dice).await;
        // Users who were cut short let go of the world.
        busy.shutdown().await;
        within(oracle, "who came later", later.join_all()).await;
        if let Some(exit) = exit {
            if let Some(wrong) = wrong_end(&exit, self.ground) {
                oracle.blame(16, wrong);
            }
        }
    }

    /// Ends the tree in one of the ways that there are.
    async fn end(self, world: &World, tree: Tree, dice: &mut Dice) -> Option<RootExit> {
        let oracle = &world.oracle;
        let span = ms(dice.pick(&[0, 5, 5_000]).copied().unwrap_or_default());
        let began = Instant::now();
        let way = if self.is_storm { 0 } else { dice.below(5) };
        match way {
            0 | 1 => {
                let exit = within(oracle, "the end", tree.shutdown_within(span)).await;
                // Nobody is abandoned on one thread, and the clock ticks in milliseconds.
                let late = began.elapsed().saturating_sub(span + ms(2));
                if self.ground == Ground::Paused && !late.is_zero() {
                    oracle.blame(8, format!("the end came {late:?} after {span:?}"));
                }
                exit
            }
            2 => within(oracle, "the end", tree.shutdown()).await,
            3 => {
                SupervisorRef::shutdown(&tree);
                let (one, other) =
                    tokio::join!(tree.wait(), within(oracle, "the end", tree.wait()));
                let same = other.as_ref().map(ToString::to_string);
                if same.is_some_and(|same| same != one.to_string()) {
                    oracle.blame(16, "two who wait are told two ends");
                }
                other
            }
            _ => {
                drop(tree);
                None
            }
        }
    }
}

/// New lives are calm; when those that are not have ended, nothing happens any more.
async fn rest(world: &World, tree: &Tree, reader: &Shared) {
    world.oracle.is_calm.store(true, SeqCst);
    sleep(ms(500)).await;
    let is_over = timeout(Duration::ZERO, tree.wait()).await.is_ok();
    if !is_over {
        reader.lock().check_rest(&tree.snapshot());
    }
}

/// One who begins to listen in the middle. What it is shown is of one moment only where nothing
/// else runs meanwhile.
async fn join_later(world: World, root: SupervisorRef) {
    let latest = if world.is_storm { 400 } else { 80 };
    sleep(Dice::of(world.seed, "later", 0).span(latest)).await;
    let events = root.subscribe();
    let reader = Shared::later(&world, events.snapshot());
    reader.read_all(events).await;
}

/// What is wrong with how the tree ended. Nobody kills the root, so it is never killed.
fn wrong_end(exit: &RootExit, ground: Ground) -> Option<String> {
    let is_fine = match (exit.reason(), exit.failure()) {
        (ExitReason::Stopped, None) => exit.is_orderly(),
        (_, Some(SupervisorFailure::StopFailed { report, .. })) => {
            exit.is_orderly() == exit.abandoned().is_empty() && !report.troubled().is_empty()
        }
        (_, Some(SupervisorFailure::StillEnding { .. })) => ground == Ground::Blocked,
        (_, Some(SupervisorFailure::GaveUp(_))) => !exit.is_orderly(),
        _ => false,
    };
    (!is_fine).then(|| format!("the tree ended so: {exit}"))
}

async fn within<T>(oracle: &Oracle, what: &str, work: impl Future<Output = T>) -> Option<T> {
    let done = timeout(PATIENCE, work).await.ok();
    if done.is_none() {
        oracle.blame(15, format!("{what} did not come within {PATIENCE:?}"));
    }
    done
}
