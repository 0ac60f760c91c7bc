//! The slices of the dynamic engine.
use crate::setup::{
    ANY,
    Manners::{Stubborn, Undead},
    Rule, SEC, Setup,
    Shape::Dynamic,
    TYPES,
    Trouble::{
        self, Block, Crash, Deadline, Delete, FailStart, FailStop, Finish, Ignore, Kill, KillSelf,
        Pass, ReportFailure, Slow, Start, Terminate, Twin,
    },
    motley, supervisor, worker,
};
use regrow_core::{Backoff, Restart, Tolerance};

const RESTART: Trouble = Trouble::Restart;
const STOP: Trouble = Trouble::Shutdown;

/// Each restart type in each place, of three children that are being started.
fn every(rule: impl Fn(usize, Restart) -> Rule, troubles: &[Trouble]) -> Vec<Setup> {
    let of = |types: [Restart; 3]| {
        let rules = (0..3).map(|child| rule(child, types[child])).collect();
        Setup::new(Dynamic, rules, troubles)
    };
    let [p, t, o] = TYPES;
    let mixes = [[p, p, p], [t, t, t], [p, t, o], [t, o, p], [o, p, t]];
    mixes.into_iter().map(of).collect()
}

pub(crate) fn dynamic_faults() -> Vec<Setup> {
    let past = Pass(11 * SEC);
    let troubles = [
        Crash,
        Finish,
        FailStart,
        ReportFailure,
        Ignore,
        Block,
        past,
        STOP,
    ];
    let mut setups = every(worker, &troubles);
    for setup in &mut setups {
        setup.tolerance = Tolerance::new(1, 10 * SEC);
    }
    setups
}

pub(crate) fn dynamic_requests() -> Vec<Setup> {
    let troubles = [Crash, Start, Twin, Terminate, RESTART, Delete, Kill];
    let mut setups = every(worker, &troubles);
    for setup in &mut setups {
        setup.most = 3;
    }
    setups
}

pub(crate) fn dynamic_backoff() -> Vec<Setup> {
    let rule = |child, restart| worker(child, restart).backoff(Backoff::constant(2 * SEC));
    let troubles = [Crash, FailStart, Kill, Terminate, Twin, STOP, Pass(SEC)];
    every(rule, &troubles)
}

pub(crate) fn dynamic_stops() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).manners(Undead),
        1 => supervisor(child, restart),
        _ => worker(child, restart).manners(Stubborn),
    };
    let near = Deadline(2 * SEC);
    let troubles = [
        Crash, Kill, Terminate, Start, Slow, STOP, near, KillSelf, FailStop,
    ];
    every(rule, &troubles)
}

/// Any two troubles of any two kinds.
pub(crate) fn dynamic_together() -> Vec<Setup> {
    every(motley, &ANY)
}
