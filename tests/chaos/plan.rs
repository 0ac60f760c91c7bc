//! What each child is: drawn from the seed and its runtime name alone, so that who reads the events knows it too.

use std::sync::Arc;
use std::time::Duration;

use regrow::{
    AutoShutdown, Backoff, ChildSpec, DynamicSupervisor, IntoChildSpec, Restart, Shutdown,
    Strategy, Supervisor, Tolerance, Worker,
};

use crate::dice::{Dice, ms};
use crate::lives::World;

/// How long a killed life may take on any ground.
pub(crate) const KILL_WAIT: Duration = ms(30);

/// What a child is.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) restart: Restart,
    /// None where the default is kept.
    pub(crate) shutdown: Option<Shutdown>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) significant: bool,
    seed: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Worker {
        notifies: bool,
    },
    Ordered {
        strategy: Strategy,
        tolerance: Tolerance,
        auto_shutdown: AutoShutdown,
        children: Vec<String>,
    },
    Dynamic {
        tolerance: Tolerance,
        most: usize,
    },
}

impl Plan {
    /// What the child of this runtime name is, in a tree of this seed.
    pub(crate) fn of(seed: u64, is_storm: bool, path: &str) -> Self {
        let depth = path.matches('/').count();
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        if depth == 0 {
            return Self::root(seed, is_storm);
        }
        // Those that are numbered share a spec.
        let is_number = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
        let numbers = path.split('/').filter(is_number).count();
        let names: String = path.split('/').filter(|name| !is_number(name)).collect();
        let mut dice = Dice::of(seed, &names, (numbers * 8 + depth) as u64);
        if is_storm && depth == 1 && name != "same" && name.len() == 1 {
            return Self::pillar(&mut dice, name);
        }
        let kind = match dice.below(5) {
            0 if depth < 3 => Self::ordered(&mut dice),
            1 if depth < 3 => Kind::Dynamic {
                tolerance: tolerance(&mut dice),
                most: 4,
            },
            _ => Kind::Worker {
                notifies: dice.once_in(3),
            },
        };
        let restart = match dice.below(4) {
            0 => Restart::Temporary,
            1 => Restart::Transient,
            _ => Restart::Permanent,
        };
        let is_worker = matches!(kind, Kind::Worker { .. });
        let shutdown = match dice.below(6) {
            0 => Some(Shutdown::Kill),
            1 => Some(Shutdown::Indefinitely),
            2 if !is_worker => None,
            _ => Some(Shutdown::Timeout(dice.span(30))),
        };
        let backoff = match dice.below(5) {
            0 => Some(Backoff::exponential(ms(1), ms(20))),
            1 => Some(Backoff::constant(ms(7))),
            _ => None,
        };
        let may_be = restart != Restart::Permanent && dice.once_in(2);
        let significant = may_be && Self::of(seed, is_storm, above).shuts_itself_down();
        Self {
            kind,
            restart,
            shutdown,
            backoff,
            significant,
            seed: dice.roll(),
        }
    }

    /// The root of a storm bears all, so that there is something to torment.
    fn root(seed: u64, is_storm: bool) -> Self {
        let mut dice = Dice::of(seed, "root", 0);
        let kind = if is_storm {
            Kind::Ordered {
                strategy: Strategy::OneForOne,
                tolerance: Tolerance::new(1_000_000, ms(10)),
                auto_shutdown: AutoShutdown::Never,
                children: ["p", "a", "b", "c"].map(Into::into).into(),
            }
        } else {
            Self::ordered(&mut dice)
        };
        Self::plain(kind, dice.roll())
    }

    /// What stands right below the root of a storm.
    fn pillar(dice: &mut Dice, name: &str) -> Self {
        let kind = if name == "p" {
            Kind::Dynamic {
                tolerance: Tolerance::new(1_000_000, ms(10)),
                most: usize::MAX,
            }
        } else {
            Self::ordered(dice)
        };
        Self {
            backoff: (name != "p").then(|| Backoff::constant(ms(5))),
            ..Self::plain(kind, dice.roll())
        }
    }

    const fn plain(kind: Kind, seed: u64) -> Self {
        Self {
            kind,
            restart: Restart::Permanent,
            shutdown: None,
            backoff: None,
            significant: false,
            seed,
        }
    }

    fn ordered(dice: &mut Dice) -> Kind {
        let strategies = [
            Strategy::OneForOne,
            Strategy::OneForAll,
            Strategy::RestForOne,
        ];
        Kind::Ordered {
            strategy: dice.pick(&strategies).copied().unwrap_or_default(),
            tolerance: tolerance(dice),
            auto_shutdown: match dice.below(8) {
                0 => AutoShutdown::AnySignificant,
                1 => AutoShutdown::AllSignificant,
                _ => AutoShutdown::Never,
            },
            children: (0..1 + dice.below(4)).map(|at| format!("c{at}")).collect(),
        }
    }

    fn shuts_itself_down(&self) -> bool {
        let Kind::Ordered { auto_shutdown, .. } = self.kind else {
            return false;
        };
        auto_shutdown != AutoShutdown::Never
    }

    pub(crate) const fn tolerance(&self) -> Option<Tolerance> {
        match self.kind {
            Kind::Worker { .. } => None,
            Kind::Ordered { tolerance, .. } | Kind::Dynamic { tolerance, .. } => Some(tolerance),
        }
    }

    pub(crate) const fn is_worker(&self) -> bool {
        matches!(self.kind, Kind::Worker { .. })
    }
}

fn tolerance(dice: &mut Dice) -> Tolerance {
    match dice.below(6) {
        0 => Tolerance::new(0, ms(50)),
        1 => Tolerance::ever(4),
        2 | 3 => Tolerance::new(2, ms(40)),
        _ => Tolerance::new(20, ms(1_000)),
    }
}

/// Gives a builder of any kind what all kinds have.
macro_rules! ruled {
    ($builder:expr, $plan:expr) => {{
        let plan: &Plan = $plan;
        let mut builder = $builder.restart(plan.restart);
        if let Some(shutdown) = plan.shutdown {
            builder = builder.shutdown(shutdown);
        }
        if let Some(backoff) = plan.backoff.clone() {
            builder = builder.backoff(backoff);
        }
        if plan.significant {
            builder = builder.significant();
        }
        builder
    }};
}

impl World {
    pub(crate) fn plan(&self, path: &str) -> Plan {
        Plan::of(self.seed, self.is_storm, path)
    }

    /// The spec of the child of this runtime name.
    pub(crate) fn spec(&self, path: &str) -> Arc<ChildSpec> {
        let plan = self.plan(path);
        let name = path.rsplit('/').next().unwrap_or(path);
        let spec = match &plan.kind {
            Kind::Worker { notifies } => ruled!(self.worker(name, *notifies), &plan).build(),
            Kind::Ordered { .. } => {
                return ruled!(self.supervisor(path, &plan), &plan)
                    .into_child_spec()
                    .expect("a legal spec");
            }
            Kind::Dynamic { tolerance, most } => {
                let pool = DynamicSupervisor::new(name)
                    .tolerance(*tolerance)
                    .max_children(*most)
                    .kill_wait(KILL_WAIT)
                    .seed(plan.seed);
                ruled!(pool, &plan).build()
            }
        };
        Arc::new(spec.expect("a legal spec"))
    }

    fn worker(&self, name: &str, notifies: bool) -> Worker {
        let world = self.clone();
        if notifies {
            let start = move |ctx, notify| world.begin(ctx, Some(notify));
            Worker::with_notify_start(name, start).start_timeout(ms(100))
        } else {
            Worker::new(name, move |ctx| world.begin(ctx, None))
        }
    }

    pub(crate) fn supervisor(&self, path: &str, plan: &Plan) -> Supervisor {
        let Kind::Ordered {
            strategy,
            tolerance,
            auto_shutdown,
            children,
        } = &plan.kind
        else {
            unreachable!("it is asked for an ordered one");
        };
        let children = children
            .iter()
            .map(|name| self.spec(&format!("{path}/{name}")));
        Supervisor::new(path.rsplit('/').next().unwrap_or(path))
            .strategy(*strategy)
            .tolerance(*tolerance)
            .auto_shutdown(*auto_shutdown)
            .kill_wait(KILL_WAIT)
            .seed(plan.seed)
            .children(children.collect::<Vec<_>>())
    }

    pub(crate) fn root(&self) -> Supervisor {
        self.supervisor("root", &self.plan("root"))
            .event_capacity(1 << 16)
    }
}
