//! Users, who ask anything of whatever is there, and check what they are answered.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use std::time::Duration;

use regrow::{ChildKind, ChildState, DynamicRef, Incarnation, Snapshot, SupervisorRef};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::dice::{Dice, ms};
use crate::lives::{Ground, Oracle, World};
use crate::reader::Shared;

/// Nothing that is asked of a tree takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One user.
pub(crate) struct User {
    pub(crate) world: World,
    pub(crate) root: SupervisorRef,
    pub(crate) reader: Shared,
    pub(crate) number: u64,
    pub(crate) deeds: u32,
}

/// How long a user waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// Drops the request before its supervisor can look.
    None,
    /// Drops it soon.
    Short,
    /// Until it comes.
    Long,
}

impl User {
    /// Does anything to whatever is there.
    pub(crate) async fn torment(self) {
        let mut dice = Dice::of(self.world.seed, "user", self.number);
        for deed in 0..self.deeds {
            sleep(dice.span(8)).await;
            let wait = match dice.below(12) {
                0 => Wait::None,
                1 | 2 => Wait::Short,
                _ => Wait::Long,
            };
            let fresh = format!("u{}-{deed}", self.number);
            self.deed(&fresh, wait, &mut dice).await;
        }
    }

    async fn deed(&self, fresh: &str, wait: Wait, dice: &mut Dice) {
        let oracle = &self.world.oracle;
        let all = self.root.snapshot();
        check_drawing(&all, &self.world);
        let (mut whole, mut supervisors) = (Vec::new(), Vec::new());
        list(&all, &mut whole, &mut supervisors);
        let Some(path) = dice.pick(&whole).cloned() else {
            return;
        };
        let (above, name) = path.rsplit_once('/').unwrap_or_default();
        // Few of the deeds are for supervisors near the root of a storm, or nothing would ever be old.
        if self.world.is_storm && !above.contains('/') && !dice.once_in(4) {
            return;
        }
        let parent = Reached::at(&self.root, above);
        let home = dice.pick(&supervisors).cloned().unwrap_or_default();
        let life = self
            .root
            .child(&path)
            .ok()
            .and_then(|child| child.incarnation());
        match (dice.below(10), parent) {
            (0, _) => drop(self.root.kill(&path)),
            (1 | 2, _) => self.start(&home, fresh, wait).await,
            (3, _) => self.start(&home, "same", wait).await,
            (4, _) => self.start_numbered(&home, wait).await,
            (5, parent) => {
                if wait != Wait::None {
                    oracle.terminates(&path);
                }
                let Some(Ok(())) = self.asked(wait, parent.terminate(name)).await else {
                    return;
                };
                // What ends while its supervisor starts for the first time is told after that, and
                // answered at once (semantics 5.3).
                let is_told = || self.reader.lock().knows_end(&path, life);
                let is_deferred = || !self.reader.lock().has_been_up(above);
                self.check(9, &path, "terminated", || is_told() || is_deferred());
                let lives = oracle.lives_of(&path);
                self.check(9, &path, "down", || {
                    !lives.iter().any(|own| Some(*own) == life)
                });
            }
            (6, Reached::Ordered(parent)) => {
                if wait != Wait::None {
                    oracle.terminates(&path);
                }
                let Some(Ok(child)) = self.asked(wait, parent.restart_child(name)).await else {
                    return;
                };
                let life = child.incarnation();
                self.check(9, &path, "restarted", || {
                    self.reader.lock().knows_start(&path, life)
                });
            }
            (7, Reached::Ordered(parent)) => {
                if let Some(Ok(())) = self.asked(wait, parent.delete_child(name)).await {
                    let life = self
                        .root
                        .child(&path)
                        .ok()
                        .and_then(|child| child.incarnation());
                    let is_gone = life.is_none() || !all_of(&all, &path, life);
                    self.check(9, &path, "deleted", || is_gone);
                }
            }
            (8, Reached::Ordered(parent)) => {
                let (children, count) = (parent.children(), parent.count());
                let counted = children.len() == count.specs
                    && count.workers + count.supervisors == count.specs;
                self.check(11, &path, "counted", || {
                    counted || self.world.ground != Ground::Paused
                });
                drop(parent.subscribe());
            }
            (9, Reached::Ordered(parent)) if dice.once_in(4) && above.contains('/') => {
                oracle.terminates(above);
                parent.shutdown();
            }
            _ => {}
        }
    }

    async fn start(&self, home: &str, name: &str, wait: Wait) {
        // A request that was dropped at once has a name of its own, of which nobody may ever hear.
        let name = if wait == Wait::None {
            &format!("void-{name}-{home}").replace('/', "-")
        } else {
            name
        };
        let path = format!("{home}/{name}");
        let spec = self.world.spec(&path);
        let started = match Reached::at(&self.root, home) {
            Reached::Ordered(home) => {
                self.asked(wait, async { home.start_child(spec).await })
                    .await
            }
            Reached::Dynamic(home) => {
                self.asked(wait, async { home.start_child(spec).await })
                    .await
            }
            Reached::Gone => None,
        };
        if let Some(Ok(child)) = started {
            let life = child.incarnation();
            self.check(9, &path, "started", || {
                self.reader.lock().knows_start(&path, life)
            });
        }
    }

    async fn start_numbered(&self, home: &str, wait: Wait) {
        let spec = self.world.spec(&format!("{home}/0"));
        if let Reached::Dynamic(home) = Reached::at(&self.root, home) {
            if let Some(Ok(child)) = self.asked(wait, home.start_numbered(spec)).await {
                let (path, life) = (child.runtime_name(), child.incarnation());
                self.check(9, path.as_str(), "started", || {
                    self.reader.lock().knows_start(path.as_str(), life)
                });
            }
        }
    }

    /// Waits for the answer, as long as the user does.
    async fn asked<T>(&self, wait: Wait, request: impl Future<Output = T>) -> Option<T> {
        let span = match wait {
            Wait::None => {
                let mut request = pin!(request);
                return poll_fn(|cx| match request.as_mut().poll(cx) {
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    Poll::Pending => Poll::Ready(None),
                })
                .await;
            }
            Wait::Short => ms(1),
            Wait::Long => PATIENCE,
        };
        let answer = timeout(span, request).await.ok();
        // Who reads the events has been woken before, and has its turn.
        yield_now().await;
        if answer.is_none() && wait == Wait::Long {
            let who = self.number;
            self.world
                .oracle
                .blame(15, format!("user {who} waits for an answer"));
        }
        answer
    }

    /// What is checked right after an answer can be seen on one thread alone.
    fn check(&self, law: u32, path: &str, what: &str, holds: impl FnOnce() -> bool) {
        if self.world.ground == Ground::Paused && !holds() {
            let why = format!("{path} was answered to be {what}, and is not");
            self.world.oracle.blame(law, why);
        }
    }
}

/// Whether the drawing had this life.
fn all_of(all: &Snapshot, path: &str, life: Option<Incarnation>) -> bool {
    (all.runtime_name.as_str() == path && all.incarnation == life)
        || all.children.iter().any(|child| all_of(child, path, life))
}

/// A supervisor of either kind, if it is still there.
enum Reached {
    Ordered(SupervisorRef),
    Dynamic(DynamicRef),
    Gone,
}

impl Reached {
    fn at(root: &SupervisorRef, path: &str) -> Self {
        let root_name = root.runtime_name();
        if path == root_name.as_str() {
            return Self::Ordered(root.clone());
        }
        match (root.supervisor(path), root.dynamic(path)) {
            (Ok(found), _) => Self::Ordered(found),
            (_, Ok(found)) => Self::Dynamic(found),
            _ => Self::Gone,
        }
    }

    async fn terminate(&self, name: &str) -> Result<(), ()> {
        match self {
            Self::Ordered(parent) => parent.terminate_child(name).await.map_err(drop),
            Self::Dynamic(parent) => parent.terminate_child(name).await.map_err(drop),
            Self::Gone => Err(()),
        }
    }
}

fn list(of: &Snapshot, all: &mut Vec<String>, supervisors: &mut Vec<String>) {
    for child in &of.children {
        all.push(child.runtime_name.to_string());
        list(child, all, supervisors);
    }
    if of.kind == ChildKind::Supervisor {
        supervisors.push(of.runtime_name.to_string());
    }
}

/// A drawing holds each child once, under its own supervisor, and nothing that is down lives.
pub(crate) fn check_drawing(of: &Snapshot, world: &World) {
    let blame = |what: String| world.oracle.blame(11, what);
    let mut names: Vec<_> = of.children.iter().map(|child| &child.name).collect();
    names.sort();
    names.dedup();
    if names.len() != of.children.len() {
        blame(format!("{} has two children of one name", of.runtime_name));
    }
    let is_down = matches!(of.state, ChildState::Down | ChildState::Restarting);
    let is_exact = world.ground == Ground::Paused && world.oracle.is_up.load(SeqCst);
    for child in &of.children {
        let name = child.runtime_name.as_str();
        if child.state == ChildState::Up && child.uptime.is_none() {
            blame(format!("{name} is up since never"));
        }
        if child.runtime_name.parent().as_ref() != Some(&of.runtime_name) {
            blame(format!("{name} stands below {}", of.runtime_name));
        }
        let child_is_down = matches!(child.state, ChildState::Down | ChildState::Restarting);
        if is_exact && is_down && !child_is_down {
            blame(format!("{name} is {} below {of}", child.state));
        }
        if is_exact && child_is_down && has_life(&world.oracle, name) {
            blame(format!("{name} is {} and lives", child.state));
        }
        check_drawing(child, world);
    }
}

fn has_life(oracle: &Oracle, name: &str) -> bool {
    !oracle.lives_of(name).is_empty()
}
