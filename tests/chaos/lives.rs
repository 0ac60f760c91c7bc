//! What lives do, and what is known of them by their own word.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::future::{Future, pending};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use regrow::{Context, Incarnation, NotifyStart, Shutdown, SupervisorRef};
use tokio::time::sleep;

use crate::dice::{Dice, ms};

/// What a tree runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// One thread, and a clock that jumps.
    Paused,
    /// Threads.
    Threads,
    /// Threads, some of which are blocked by workers, who are abandoned.
    Blocked,
}

/// Who lives, as the lives themselves say; and what was seen that must not be.
#[derive(Default)]
pub(crate) struct Oracle {
    live: Mutex<BTreeMap<String, Vec<Incarnation>>>,
    wrong: Mutex<Vec<String>>,
    /// Who was to be terminated, whether or not it came to that.
    terminated: Mutex<BTreeSet<String>>,
    /// Whether the tree is up: before, no start fails where that would leave nothing to torment.
    pub(crate) is_up: AtomicBool,
    /// Whether new lives only wait for their stop.
    pub(crate) is_calm: AtomicBool,
}

impl Oracle {
    /// Takes note that this law was broken.
    pub(crate) fn blame(&self, law: u32, what: impl AsRef<str>) {
        self.wrong().push(format!("law {law}: {}", what.as_ref()));
    }

    pub(crate) fn wrong(&self) -> MutexGuard<'_, Vec<String>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lives(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Incarnation>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn live(&self) -> BTreeMap<String, Vec<Incarnation>> {
        self.lives().clone()
    }

    /// Somebody asks that this child be terminated.
    pub(crate) fn terminates(&self, path: &str) {
        let terminated = self.terminated.lock();
        let mut terminated = terminated.unwrap_or_else(PoisonError::into_inner);
        terminated.insert(path.to_owned());
    }

    pub(crate) fn was_terminated(&self, path: &str) -> bool {
        let terminated = self.terminated.lock();
        let terminated = terminated.unwrap_or_else(PoisonError::into_inner);
        terminated.contains(path)
    }

    pub(crate) fn lives_of(&self, path: &str) -> Vec<Incarnation> {
        self.lives().get(path).cloned().unwrap_or_default()
    }
}

/// One life: held by its body from the first line to the last destructor.
struct Alive {
    oracle: Arc<Oracle>,
    name: String,
    incarnation: Incarnation,
}

impl Alive {
    fn new(oracle: &Arc<Oracle>, ctx: &Context) -> Self {
        let (name, incarnation) = (ctx.runtime_name().to_string(), ctx.incarnation());
        let mut live = oracle.lives();
        let lives = live.entry(name.clone()).or_default();
        lives.push(incarnation);
        if lives.len() > 1 {
            oracle.blame(1, format!("{name} has the lives {lives:?} at a time"));
        }
        Self {
            oracle: oracle.clone(),
            name,
            incarnation,
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        let mut live = self.oracle.lives();
        if let Some(lives) = live.get_mut(&self.name) {
            lives.retain(|life| *life != self.incarnation);
            if lives.is_empty() {
                live.remove(&self.name);
            }
        }
    }
}

/// Panics when it is dropped.
struct Sour;

impl Drop for Sour {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("chaos in a destructor");
        }
    }
}

type Ended = Result<(), Box<dyn Error + Send + Sync>>;

/// The world that the trees of one seed are made in.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) oracle: Arc<Oracle>,
    pub(crate) ground: Ground,
    /// A large tree that is tormented for long.
    pub(crate) is_storm: bool,
    /// Whether a start may fail before the tree is up.
    pub(crate) is_rough: bool,
}

impl World {
    /// What a start function does: it may panic.
    pub(crate) fn begin(
        &self,
        ctx: Context,
        notify: Option<NotifyStart>,
    ) -> impl Future<Output = Ended> + use<> {
        let alive = Alive::new(&self.oracle, &ctx);
        let mut dice = Dice::of(self.seed, &alive.name, ctx.incarnation().number());
        if dice.once_in(20) && self.may_fail() {
            panic!("chaos in a start function");
        }
        self.clone().live(ctx, notify, alive, dice)
    }

    fn may_fail(&self) -> bool {
        let is_calm = self.oracle.is_calm.load(SeqCst);
        (self.is_rough || self.oracle.is_up.load(SeqCst)) && !is_calm
    }

    /// What a life does: anything.
    async fn live(
        self,
        ctx: Context,
        notify: Option<NotifyStart>,
        alive: Alive,
        mut dice: Dice,
    ) -> Ended {
        if let Some(notify) = notify {
            sleep(dice.span(20)).await;
            match dice.below(12) {
                _ if !self.may_fail() => notify.ready(),
                0 => notify.failed("chaos at the start"),
                1 => notify.ignore(),
                2 => drop(notify),
                3 => return Err("chaos before the start".into()),
                4 => sleep(ms(200)).await,
                _ => notify.ready(),
            }
        }
        if self.oracle.is_calm.load(SeqCst) {
            ctx.stopped().await;
            return Ok(());
        }
        let obeys = self.plan(&alive.name).shutdown == Some(Shutdown::Indefinitely);
        let _sour = dice.once_in(12).then(|| Sour);
        match dice.below(16) {
            0 => sleep(dice.span(60)).await,
            1 => {
                sleep(dice.span(60)).await;
                return Err("chaos".into());
            }
            2 => {
                sleep(dice.span(60)).await;
                panic!("chaos");
            }
            // deaf to every request
            3 if !obeys => pending().await,
            // hears, and hangs
            4 if !obeys => {
                ctx.stopped().await;
                pending::<()>().await;
            }
            5 => {
                ctx.stopped().await;
                sleep(dice.span(40)).await;
            }
            6 => {
                ctx.stopped().await;
                return Err("chaos at the stop".into());
            }
            7 => {
                ctx.stopped().await;
                panic!("chaos at the stop");
            }
            8 => {
                sleep(dice.span(60)).await;
                let name = alive.name.rsplit('/').next().unwrap_or_default();
                self.oracle.terminates(&alive.name);
                let _ = SupervisorRef::parent_of(&ctx).terminate_child(name).await;
                ctx.stopped().await;
            }
            9 => {
                sleep(dice.span(60)).await;
                let name = alive.name.rsplit('/').next().unwrap_or_default();
                let _ = SupervisorRef::parent_of(&ctx).kill(name);
                ctx.stopped().await;
            }
            10 if self.ground == Ground::Blocked => {
                sleep(dice.span(60)).await;
                std::thread::sleep(dice.span(200));
            }
            // busy, and looks by itself whether it must stop
            11 if self.ground != Ground::Paused => {
                while !ctx.is_stopping() {
                    sleep(ms(2)).await;
                    std::thread::sleep(ms(1));
                }
            }
            12 => loop {
                ctx.until_stopped(sleep(ms(5))).await?;
            },
            _ => ctx.stopped().await,
        }
        Ok(())
    }
}
