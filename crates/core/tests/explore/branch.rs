//! The slices of the engine of a branch: its body is the first child, and starts the others in
//! groups.
use crate::setup::{
    ANY,
    Manners::{Stubborn, Undead},
    Rule, SEC, Setup,
    Shape::Branch,
    TYPES,
    Trouble::{
        self, AskAgain, Block, Crash, Deadline, Delete, Done, Escape, FailStart, FailStop, Finish,
        Ignore, Kill, KillSelf, Pass, ReportFailure, Run, Slow, Start, Terminate, Twin,
    },
    motley, supervisor, worker,
};
use regrow_core::{Backoff, Restart, Tolerance};

const RESTART: Trouble = Trouble::Restart;
const STOP: Trouble = Trouble::Shutdown;

/// Two that restart together beside one alone, and three that restart together.
const GROUPS: [&[usize]; 2] = [&[2, 1], &[3]];

/// A body, and what it starts in these groups.
fn of(groups: &'static [usize], children: Vec<Rule>, troubles: &[Trouble]) -> Setup {
    let body = worker(0, Restart::Permanent);
    let rules = std::iter::once(body).chain(children).collect();
    Setup::new(Branch(groups), rules, troubles)
}

/// Each restart type in each place, of up to three children in each of these groups.
fn every(
    groups: &[&'static [usize]],
    rule: impl Fn(usize, Restart) -> Rule,
    troubles: &[Trouble],
) -> Vec<Setup> {
    let [p, t, o] = TYPES;
    let mixes = [[p, p, p], [t, t, t], [p, t, o], [t, o, p], [o, p, t]];
    let mut setups = Vec::new();
    for groups in groups {
        for types in mixes {
            let children = types.into_iter().take(groups.iter().sum()).enumerate();
            let children = children.map(|(child, restart)| rule(child, restart));
            setups.push(of(groups, children.collect(), troubles));
        }
    }
    setups
}

/// Permanent children, and trouble that shows only when there is more of it.
fn deep(groups: &'static [usize], rule: impl Fn(usize) -> Rule, troubles: &[Trouble]) -> Setup {
    let children = (0..groups.iter().sum()).map(rule).collect();
    let mut setup = of(groups, children, troubles);
    setup.more = 2;
    setup
}

pub(crate) fn branch_faults() -> Vec<Setup> {
    let past = Pass(11 * SEC);
    let troubles = [
        Crash,
        Finish,
        AskAgain,
        FailStart,
        ReportFailure,
        Ignore,
        Block,
        Escape,
        past,
        STOP,
    ];
    let mut setups = every(&GROUPS, worker, &troubles);
    for setup in &mut setups {
        setup.tolerance = Tolerance::new(1, 10 * SEC);
    }
    setups
}

/// Groups restart beside each other, and wait.
pub(crate) fn branch_groups() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).backoff(Backoff::constant(2 * SEC)),
        1 => worker(child, restart).manners(Stubborn),
        _ => worker(child, restart).backoff(Backoff::constant(4 * SEC)),
    };
    let troubles = [Crash, Kill, Slow, FailStart, Run(2), Pass(SEC)];
    let mut setups = every(&GROUPS, rule, &troubles);
    let permanent = |child| rule(child, Restart::Permanent);
    setups.push(deep(&[2, 2], permanent, &[Crash]));
    for setup in &mut setups {
        setup.tolerance = Tolerance::new(3, 60 * SEC);
    }
    setups
}

pub(crate) fn branch_requests() -> Vec<Setup> {
    let user = [Start, Run(2), Twin, Terminate, RESTART, Delete, Kill];
    let troubles = [&[Crash, Finish], &user[..]].concat();
    let mut setups = every(&GROUPS, worker, &troubles);
    let waiting = Backoff::constant(SEC);
    let permanent = |child| worker(child, Restart::Permanent).backoff(waiting.clone());
    setups.push(deep(&[2], permanent, &[Crash, Terminate, RESTART, Delete]));
    setups
}

pub(crate) fn branch_stops() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).manners(Undead),
        1 => supervisor(child, restart),
        _ => worker(child, restart).manners(Stubborn),
    };
    let near = Deadline(2 * SEC);
    let troubles = [
        Crash, Kill, Terminate, Start, Slow, STOP, near, KillSelf, FailStop,
    ];
    every(&GROUPS, rule, &troubles)
}

/// The body leaves its children behind.
pub(crate) fn branch_done() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).backoff(Backoff::constant(2 * SEC)),
        _ => worker(child, restart),
    };
    let troubles = [
        Done,
        Crash,
        Finish,
        Kill,
        Terminate,
        RESTART,
        Delete,
        Run(1),
        STOP,
    ];
    let mut setups = every(&[&[2], &[1, 1]], rule, &troubles);
    for setup in &mut setups {
        setup.more = 1;
    }
    setups
}

/// Any two troubles of any two kinds.
pub(crate) fn branch_together() -> Vec<Setup> {
    let troubles = [&ANY[..], &[Done, AskAgain, Run(2)]].concat();
    every(&GROUPS[..1], motley, &troubles)
}
