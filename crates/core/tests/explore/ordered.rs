//! The slices of the ordered engine: one feature each, beside strategy and restart type.
use crate::setup::{
    ANY,
    Manners::{Stubborn, Undead},
    Rule, SEC, Setup,
    Shape::Ordered,
    TYPES,
    Trouble::{
        self, AskAgain, Block, Crash, Deadline, Delete, Done, EndInTime, Escape, FailStart,
        FailStop, Finish, Ignore, Kill, KillSelf, Pass, ReportFailure, Reset, ResetAll, Slow,
        Start, Terminate, Twin,
    },
    mixes, motley, supervisor, worker,
};
use regrow_core::{
    AtLimit::{CoolOff, StayDown},
    AutoShutdown::{AllSignificant, AnySignificant},
    Backoff, Restart, Shutdown, StartOrder,
    Strategy::{OneForAll, OneForOne, RestForOne},
    Tolerance,
};

/// The user's requests whose names are also those of other things.
const RESTART: Trouble = Trouble::Restart;
const STOP: Trouble = Trouble::Shutdown;

/// Each strategy with every restart type in every place.
fn every(rule: impl Fn(usize, Restart) -> Rule, troubles: &[Trouble]) -> Vec<Setup> {
    let mut setups = Vec::new();
    for strategy in [OneForOne, OneForAll, RestForOne] {
        for types in mixes() {
            let rules = (0..3).map(|child| rule(child, types[child])).collect();
            setups.push(Setup::new(Ordered(strategy), rules, troubles));
        }
    }
    setups
}

/// The same setups, each changed.
fn with(mut setups: Vec<Setup>, change: impl Fn(&mut Setup)) -> Vec<Setup> {
    setups.iter_mut().for_each(change);
    setups
}

pub(crate) fn plain_faults() -> Vec<Setup> {
    every(worker, &[Crash, Finish, STOP])
}

pub(crate) fn failed_starts() -> Vec<Setup> {
    every(worker, &[Crash, FailStart, ReportFailure, STOP])
}

pub(crate) fn slow_starts() -> Vec<Setup> {
    let rule = |child, restart| match child {
        1 => worker(child, restart)
            .start_timeout(3 * SEC)
            .manners(Stubborn),
        _ => worker(child, restart).start_timeout(3 * SEC),
    };
    every(rule, &[Crash, Slow, RESTART, Terminate])
}

pub(crate) fn ignored_starts() -> Vec<Setup> {
    every(worker, &[Ignore, Crash, Start, RESTART, Terminate])
}

/// Nothing restarts during a first start.
pub(crate) fn first_start() -> Vec<Setup> {
    let troubles = [
        Crash, Finish, Kill, Terminate, RESTART, Delete, Start, STOP, FailStart,
    ];
    with(every(worker, &troubles), |setup| setup.only_boot = true)
}

pub(crate) fn blocked_starts() -> Vec<Setup> {
    every(worker, &[Crash, Block, Start, Terminate])
}

pub(crate) fn backoff() -> Vec<Setup> {
    let exponential = Backoff::exponential(SEC, 3 * SEC).without_jitter();
    let rule = |child, restart| match child {
        0 => worker(child, restart).backoff(Backoff::constant(4 * SEC)),
        1 => worker(child, restart).backoff(exponential.clone().reset_after(6 * SEC)),
        _ => worker(child, restart),
    };
    let (long, short) = (Pass(6 * SEC), Pass(SEC / 2));
    let troubles = [
        Crash, FailStart, long, short, Terminate, RESTART, Delete, Start, STOP,
    ];
    with(every(rule, &troubles), |setup| {
        setup.tolerance = Tolerance::new(2, 60 * SEC);
    })
}

/// Failures, with enough time between them to be forgotten, or not enough.
pub(crate) fn backoff_reset() -> Vec<Setup> {
    let exponential = Backoff::exponential(SEC, 3 * SEC).without_jitter();
    let rule = |child, restart| match child {
        2 => worker(child, restart),
        _ => worker(child, restart).backoff(exponential.clone().reset_after(6 * SEC)),
    };
    with(
        every(rule, &[Crash, Pass(5 * SEC), Pass(6 * SEC)]),
        |setup| {
            setup.tolerance = Tolerance::new(3, 60 * SEC);
            setup.more = 2;
        },
    )
}

pub(crate) fn shutdown_kinds() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).manners(Stubborn),
        1 => worker(child, restart).shutdown(Shutdown::Indefinitely),
        _ => worker(child, restart).shutdown(Shutdown::Kill),
    };
    every(rule, &[Crash, Slow, FailStop, EndInTime, Terminate, STOP])
}

pub(crate) fn abandoned_lives() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 | 1 => worker(child, restart).manners(Undead),
        _ => worker(child, restart),
    };
    let troubles = [
        Crash,
        Kill,
        Terminate,
        RESTART,
        Delete,
        Start,
        ReportFailure,
        STOP,
    ];
    every(rule, &troubles)
}

pub(crate) fn terminate_and_restart() -> Vec<Setup> {
    every(worker, &[Crash, FailStart, Terminate, RESTART, STOP])
}

pub(crate) fn start_and_delete() -> Vec<Setup> {
    let troubles = [Crash, Finish, FailStart, Start, Twin, Delete, Terminate];
    let mut setups = Vec::new();
    for added in TYPES {
        let change = |setup: &mut Setup| setup.added = worker(3, added);
        setups.extend(with(every(worker, &troubles), change));
    }
    setups
}

pub(crate) fn kill() -> Vec<Setup> {
    let rule = |child, restart| match child {
        1 => supervisor(child, restart),
        _ => worker(child, restart),
    };
    let troubles = [Crash, Kill, Terminate, Start, KillSelf, EndInTime, Slow];
    every(rule, &troubles)
}

pub(crate) fn deadlines() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).manners(Stubborn),
        1 => supervisor(child, restart),
        _ => supervisor(child, restart).shutdown(Shutdown::Timeout(3 * SEC)),
    };
    let (near, far) = (Deadline(2 * SEC), Deadline(4 * SEC));
    let troubles = [Crash, Slow, STOP, near, far, KillSelf, Terminate, FailStop];
    every(rule, &troubles)
}

pub(crate) fn tolerance() -> Vec<Setup> {
    let (edge, past) = (Pass(5 * SEC), Pass(5 * SEC + SEC / 1000));
    let troubles = [Crash, Finish, FailStart, edge, past];
    let mut setups = Vec::new();
    let window = |limit| Tolerance::new(limit, 5 * SEC);
    for tolerance in [window(0), window(1), Tolerance::ever(1)] {
        let change = |setup: &mut Setup| {
            setup.tolerance = tolerance;
            setup.more = 1;
        };
        setups.extend(with(every(worker, &troubles), change));
    }
    setups
}

/// Tolerances of children's own, and each way in which one may end.
pub(crate) fn own_tolerance() -> Vec<Setup> {
    let window = |limit| Tolerance::new(limit, 5 * SEC);
    let rule = move |child, restart| match child {
        0 => worker(child, restart).tolerance(window(1).then(CoolOff(3 * SEC))),
        1 => worker(child, restart).tolerance(window(0).then(StayDown)),
        _ => worker(child, restart)
            .tolerance(Tolerance::unlimited())
            .backoff(Backoff::constant(SEC)),
    };
    let troubles = [Crash, FailStart, Pass(6 * SEC), Terminate, RESTART, Reset];
    every(rule, &troubles)
}

/// What happens when the supervisor's own tolerance is used up.
pub(crate) fn at_limit() -> Vec<Setup> {
    let troubles = [Crash, FailStart, Finish, Pass(6 * SEC), ResetAll, STOP];
    let mut setups = Vec::new();
    for at_limit in [CoolOff(3 * SEC), StayDown] {
        let change = |setup: &mut Setup| {
            setup.tolerance = Tolerance::new(1, 5 * SEC).then(at_limit);
            setup.more = 1;
        };
        setups.extend(with(every(worker, &troubles), change));
    }
    setups
}

/// Children that start from the right, and new ones before all others.
pub(crate) fn right_to_left() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).backoff(Backoff::constant(SEC)),
        1 => worker(child, restart).manners(Stubborn),
        _ => worker(child, restart),
    };
    let troubles = [
        Crash, Finish, FailStart, Start, Terminate, Delete, RESTART, STOP,
    ];
    with(every(rule, &troubles), |setup| {
        setup.start_order = StartOrder::RightToLeft;
    })
}

/// Lives that begin beside abandoned ones of the same child.
pub(crate) fn overlaps() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).manners(Undead).overlapping(),
        1 => worker(child, restart).manners(Undead),
        _ => worker(child, restart),
    };
    let troubles = [Crash, Kill, Terminate, RESTART, Delete, STOP];
    every(rule, &troubles)
}

/// Panics that are not captured, at any point.
pub(crate) fn uncaptured() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).manners(Stubborn),
        _ => worker(child, restart),
    };
    let troubles = [Crash, Escape, Terminate, RESTART, Start, Kill, Ignore, STOP];
    every(rule, &troubles)
}

/// Lives that say what they want: to be left alone, or to be started again for nothing.
pub(crate) fn own_words() -> Vec<Setup> {
    let rule = |child, restart| match child {
        0 => worker(child, restart).backoff(Backoff::constant(2 * SEC)),
        _ => worker(child, restart),
    };
    let troubles = [Crash, Done, AskAgain, Terminate, STOP];
    with(every(rule, &troubles), |setup| {
        setup.tolerance = Tolerance::new(1, 5 * SEC);
        setup.more = 1;
    })
}

/// Significant children under each way of shutting down, beside one that is not.
pub(crate) fn auto_shutdown() -> Vec<Setup> {
    let rule = |child, restart| match child {
        1 => worker(child, restart),
        0 => worker(child, restart)
            .significant()
            .backoff(Backoff::constant(SEC)),
        _ => worker(child, restart).significant(),
    };
    let troubles = [Crash, Finish, Ignore, Terminate, RESTART, Kill, STOP];
    let mut setups = Vec::new();
    for auto_shutdown in [AnySignificant, AllSignificant] {
        let change = |setup: &mut Setup| setup.auto_shutdown = auto_shutdown;
        setups.extend(with(every(rule, &troubles), change));
    }
    setups
}

/// Any two troubles of any two kinds.
pub(crate) fn together() -> Vec<Setup> {
    every(motley, &ANY)
}
