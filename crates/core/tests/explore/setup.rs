//! One supervisor to be explored, and the trouble that it is given.
use crate::driven::Driven;
use regrow_core::{
    AutoShutdown, Backoff, ChildKind, ChildSpec, Incarnation, Moment, Name, OnAbandoned, Restart,
    Shutdown, StartOrder, Strategy, Tolerance,
    engine::{BranchEngine, DynamicEngine, Engine, Flags, Request},
};
use std::time::Duration;

pub(crate) const SEC: Duration = Duration::from_secs(1);

/// How a child takes it to be brought down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manners {
    /// It ends when it is asked to.
    Obeys,
    /// It ends when it is aborted.
    Stubborn,
    /// It ends some time after it was abandoned, or never.
    Undead,
}

/// A spec, and the manners that no spec tells.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) spec: ChildSpec<()>,
    pub(crate) manners: Manners,
}

/// What may go wrong, or be wished for; each costs one interference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A life that is up fails.
    Crash,
    /// A life that is up returns `Ok`.
    Finish,
    /// A life that is up returns `Ok`, having said that it is done.
    Done,
    /// A life that is up, starting or stopping panics, and is not captured.
    Escape,
    /// A life that is up asks for another one.
    AskAgain,
    /// A life ends before it is up.
    FailStart,
    /// A life reports that its start failed.
    ReportFailure,
    /// A life says that it has nothing to do.
    Ignore,
    /// A life must not begin: an abandoned one of its runtime name lives.
    Block,
    /// A life that was asked to end fails.
    FailStop,
    /// A life that was aborted was just done.
    EndInTime,
    /// The clock moves on although somebody is about to act.
    Slow,
    /// Time passes.
    Pass(Duration),
    Shutdown,
    /// A shutdown with a deadline after this span.
    Deadline(Duration),
    KillSelf,
    Terminate,
    Restart,
    Start,
    /// The body of a branch starts a group of so many.
    Run(usize),
    Twin,
    Delete,
    Kill,
    Reset,
    ResetAll,
}

/// Every kind of trouble but the mere passing of time.
pub(crate) const ANY: [Trouble; 19] = [
    Trouble::Crash,
    Trouble::Finish,
    Trouble::FailStart,
    Trouble::ReportFailure,
    Trouble::Ignore,
    Trouble::Block,
    Trouble::FailStop,
    Trouble::EndInTime,
    Trouble::Slow,
    Trouble::Shutdown,
    Trouble::Deadline(SEC),
    Trouble::Deadline(Duration::from_secs(4)),
    Trouble::KillSelf,
    Trouble::Terminate,
    Trouble::Restart,
    Trouble::Start,
    Trouble::Twin,
    Trouble::Delete,
    Trouble::Kill,
];

/// What kind of supervisor is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Ordered(Strategy),
    Dynamic,
    /// The first rule is that of the body; the others are started in groups of these sizes.
    Branch(&'static [usize]),
}

/// One supervisor to be explored.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) shape: Shape,
    /// How many children a dynamic supervisor may have.
    pub(crate) most: usize,
    pub(crate) tolerance: Tolerance,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) start_order: StartOrder,
    /// The declared children; under a dynamic supervisor and in a branch those that are started
    /// first.
    pub(crate) rules: Vec<Rule>,
    /// What the user starts at run time.
    pub(crate) added: Rule,
    pub(crate) troubles: Vec<Trouble>,
    /// Whether trouble ends when the supervisor is known to be up.
    pub(crate) only_boot: bool,
    /// Interferences beyond those of every slice, where fewer show nothing.
    pub(crate) more: u8,
}

impl Setup {
    pub(crate) fn new(shape: Shape, rules: Vec<Rule>, troubles: &[Trouble]) -> Self {
        Self {
            shape,
            most: usize::MAX,
            tolerance: Tolerance::new(2, 10 * SEC),
            auto_shutdown: AutoShutdown::Never,
            start_order: StartOrder::LeftToRight,
            rules,
            added: worker(3, Restart::Permanent),
            troubles: troubles.to_vec(),
            only_boot: false,
            more: 0,
        }
    }

    pub(crate) const KILL_WAIT: Duration = SEC;

    /// The number of the life of a branch, which its body bears.
    pub(crate) const OWN: Incarnation = Incarnation::new(7);

    pub(crate) fn engine(&self) -> Driven {
        let flags = Flags {
            tolerance: self.tolerance,
            auto_shutdown: self.auto_shutdown,
            start_order: self.start_order,
            kill_wait: Self::KILL_WAIT,
            seed: 0,
            first: Incarnation::new(1),
        };
        let mut specs = self.rules.iter().map(|rule| rule.spec.clone());
        let now = Moment::default();
        match self.shape {
            Shape::Ordered(strategy) => Driven::Ordered(Engine::new(strategy, flags, specs, now)),
            Shape::Dynamic => Driven::Dynamic(DynamicEngine::new(flags, self.most)),
            Shape::Branch(_) => {
                let body = specs.next().expect("a branch has a body");
                Driven::Branch(BranchEngine::new(flags, body, Self::OWN, now))
            }
        }
    }

    pub(crate) const fn is_ordered(&self) -> bool {
        matches!(self.shape, Shape::Ordered(_))
    }

    pub(crate) const fn is_dynamic(&self) -> bool {
        matches!(self.shape, Shape::Dynamic)
    }

    pub(crate) const fn is_branch(&self) -> bool {
        matches!(self.shape, Shape::Branch(_))
    }

    /// Whether this is the body of a branch.
    pub(crate) const fn is_body(&self, child: usize) -> bool {
        self.is_branch() && child == 0
    }

    /// What is asked for as soon as the supervisor is there.
    pub(crate) fn first_requests(&self) -> Vec<Request<ChildSpec<()>>> {
        let specs = |rules: &[Rule]| rules.iter().map(|rule| rule.spec.clone()).collect();
        match self.shape {
            Shape::Ordered(_) => Vec::new(),
            Shape::Dynamic => {
                let start = |rule: &Rule| Request::Start(rule.spec.clone());
                self.rules.iter().map(start).collect()
            }
            Shape::Branch(groups) => {
                let mut rest = &self.rules[1..];
                let take = |&size: &usize| {
                    let (group, others) = rest.split_at(size);
                    rest = others;
                    Request::Run(specs(group))
                };
                groups.iter().map(take).collect()
            }
        }
    }

    /// The rule of the child that was entered as this one.
    pub(crate) fn rule(&self, child: usize) -> &Rule {
        self.rules.get(child).unwrap_or(&self.added)
    }

    /// The place of a child in start order.
    pub(crate) fn place(&self, child: usize) -> i64 {
        match self.start_order {
            StartOrder::LeftToRight => child as i64,
            StartOrder::RightToLeft => -(child as i64),
        }
    }

    /// The tolerance by which a child is judged.
    pub(crate) fn tolerance_of(&self, child: usize) -> Tolerance {
        self.rule(child).spec.tolerance().unwrap_or(self.tolerance)
    }

    /// The child, where its restarts count for itself alone.
    pub(crate) fn owner(&self, child: usize) -> Option<usize> {
        self.rule(child).spec.tolerance().map(|_| child)
    }

    /// The span that a child has to obey; none when it has all the time.
    pub(crate) fn patience(&self, child: usize) -> Option<Duration> {
        match self.rule(child).spec.shutdown() {
            Shutdown::Timeout(span) => Some(span),
            Shutdown::Indefinitely => None,
            Shutdown::Kill => Some(Duration::ZERO),
        }
    }
}

fn name(child: usize) -> Name {
    Name::new(["a", "b", "c", "d", "e"][child]).unwrap()
}

/// A worker that obeys.
pub(crate) fn worker(child: usize, restart: Restart) -> Rule {
    Rule {
        spec: ChildSpec::worker(name(child), ()).with_restart(restart),
        manners: Manners::Obeys,
    }
}

/// A supervisor as a child.
pub(crate) fn supervisor(child: usize, restart: Restart) -> Rule {
    Rule {
        spec: ChildSpec::supervisor(name(child), ()).with_restart(restart),
        manners: Manners::Obeys,
    }
}

/// One child of each kind of trouble: it waits, it has children, it is slow.
pub(crate) fn motley(child: usize, restart: Restart) -> Rule {
    match child {
        0 => worker(child, restart)
            .backoff(Backoff::constant(2 * SEC))
            .manners(Manners::Undead),
        1 => supervisor(child, restart).shutdown(Shutdown::Timeout(3 * SEC)),
        _ => worker(child, restart)
            .start_timeout(3 * SEC)
            .shutdown(Shutdown::Timeout(2 * SEC))
            .manners(Manners::Stubborn),
    }
}

pub(crate) const TYPES: [Restart; 3] = [Restart::Permanent, Restart::Transient, Restart::Temporary];

/// Every restart type in every place.
pub(crate) fn mixes() -> Vec<[Restart; 3]> {
    let mut mixes = Vec::new();
    for a in TYPES {
        for b in TYPES {
            mixes.extend(TYPES.map(|c| [a, b, c]));
        }
    }
    mixes
}

impl Rule {
    pub(crate) fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    pub(crate) fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.spec = self.spec.with_shutdown(shutdown);
        self
    }

    pub(crate) fn start_timeout(mut self, span: Duration) -> Self {
        self.spec = self.spec.with_start_timeout(Some(span));
        self
    }

    pub(crate) fn backoff(mut self, backoff: Backoff) -> Self {
        self.spec = self.spec.with_backoff(Some(backoff));
        self
    }

    /// Significant, unless it is permanent.
    pub(crate) fn significant(mut self) -> Self {
        let significant = self.restart() != Restart::Permanent;
        self.spec = self.spec.with_significant(significant);
        self
    }

    pub(crate) fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.spec = self.spec.with_tolerance(Some(tolerance));
        self
    }

    pub(crate) fn overlapping(mut self) -> Self {
        self.spec = self.spec.with_on_abandoned(OnAbandoned::Overlap);
        self
    }

    pub(crate) fn is_supervisor(&self) -> bool {
        self.spec.kind() == ChildKind::Supervisor
    }

    pub(crate) fn restart(&self) -> Restart {
        self.spec.restart()
    }
}
