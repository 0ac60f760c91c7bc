//! The slices: one feature each, beside strategy and restart type.
use crate::{
    search::{Seen, search},
    setup::{Manners, Rule, SEC, Setup, Trouble, supervisor, worker},
};
use regrow_core::{
    Backoff,
    Restart::{self, Permanent, Temporary, Transient},
    Shutdown,
    Strategy::{self, OneForAll, OneForOne, RestForOne},
    Tolerance,
};
use std::{env, time::Instant};

/// One row: a slice, and how many states it has at two interferences.
macro_rules! slices {
    ($($name:ident: $states:literal,)*) => {$(
        #[test]
        fn $name() {
            explore(stringify!($name), $states, &slice::$name());
        }
    )*};
}

slices! {
    plain_faults: 0,
    failed_starts: 0,
    slow_starts: 0,
    ignored_starts: 0,
    first_start: 0,
    blocked_starts: 0,
    backoff: 0,
    shutdown_kinds: 0,
    abandoned_lives: 0,
    terminate_and_restart: 0,
    start_and_delete: 0,
    kill: 0,
    deadlines: 0,
    tolerance: 0,
    dynamic_faults: 0,
    dynamic_requests: 0,
    dynamic_backoff: 0,
    dynamic_stops: 0,
}

fn explore(name: &str, least: usize, setups: &[Setup]) {
    let troubles = env::var("EXPLORE").map_or(2, |text| text.parse().expect("EXPLORE is a number"));
    let begun = Instant::now();
    let mut all = Seen::default();
    for setup in setups {
        let seen = search(setup, troubles);
        all.states += seen.states;
        all.edges += seen.edges;
    }
    let (count, Seen { states, edges }) = (setups.len(), all);
    let seconds = begun.elapsed().as_secs_f32();
    println!("| {name} | {count} | {states} | {edges} | {seconds:.1} |");
    assert!(
        troubles < 2 || states >= least,
        "{name} has {states} states; the table says {least}"
    );
}

mod slice {
    use super::*;

    const STRATEGIES: [Strategy; 3] = [OneForOne, OneForAll, RestForOne];
    const TYPES: [Restart; 3] = [Permanent, Transient, Temporary];
    /// A few mixes in which each type stands in each place.
    const MIXES: [[Restart; 3]; 4] = [
        [Permanent, Permanent, Permanent],
        [Permanent, Transient, Temporary],
        [Transient, Temporary, Permanent],
        [Temporary, Permanent, Transient],
    ];

    fn every(
        types: &[[Restart; 3]],
        rule: impl Fn(usize, Restart) -> Rule,
        troubles: &[Trouble],
    ) -> Vec<Setup> {
        let mut setups = Vec::new();
        for strategy in STRATEGIES {
            for types in types {
                let rules = (0..3).map(|child| rule(child, types[child])).collect();
                setups.push(Setup::new(Some(strategy), rules, troubles));
            }
        }
        setups
    }

    fn dynamic(
        types: &[[Restart; 3]],
        rule: impl Fn(usize, Restart) -> Rule,
        troubles: &[Trouble],
    ) -> Vec<Setup> {
        let setups = types.iter().map(|types| {
            let rules = (0..3).map(|child| rule(child, types[child])).collect();
            Setup::new(None, rules, troubles)
        });
        setups.collect()
    }

    /// The same setups, each changed.
    fn with(mut setups: Vec<Setup>, change: impl Fn(&mut Setup)) -> Vec<Setup> {
        setups.iter_mut().for_each(change);
        setups
    }

    pub(super) fn plain_faults() -> Vec<Setup> {
        let mut all = Vec::new();
        for a in TYPES {
            for b in TYPES {
                for c in TYPES {
                    all.push([a, b, c]);
                }
            }
        }
        every(
            &all,
            worker,
            &[Trouble::Crash, Trouble::Finish, Trouble::Shutdown],
        )
    }

    pub(super) fn failed_starts() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::FailStart,
            Trouble::ReportFailure,
            Trouble::Shutdown,
        ];
        every(&MIXES, worker, &troubles)
    }

    pub(super) fn slow_starts() -> Vec<Setup> {
        let rule = |child, restart| {
            let rule = worker(child, restart).start_timeout(3 * SEC);
            if child == 1 {
                rule.manners(Manners::Stubborn)
            } else {
                rule
            }
        };
        every(
            &MIXES,
            rule,
            &[
                Trouble::Crash,
                Trouble::Slow,
                Trouble::Restart,
                Trouble::Terminate,
            ],
        )
    }

    pub(super) fn ignored_starts() -> Vec<Setup> {
        let troubles = [
            Trouble::Ignore,
            Trouble::Crash,
            Trouble::Start,
            Trouble::Restart,
            Trouble::Terminate,
        ];
        every(&MIXES, worker, &troubles)
    }

    /// Nothing restarts during a first start.
    pub(super) fn first_start() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::Finish,
            Trouble::Kill,
            Trouble::Terminate,
            Trouble::Restart,
            Trouble::Delete,
            Trouble::Start,
            Trouble::Shutdown,
            Trouble::FailStart,
        ];
        with(every(&MIXES, worker, &troubles), |setup| {
            setup.only_boot = true
        })
    }

    pub(super) fn blocked_starts() -> Vec<Setup> {
        every(
            &MIXES,
            worker,
            &[
                Trouble::Crash,
                Trouble::Block,
                Trouble::Start,
                Trouble::Terminate,
            ],
        )
    }

    pub(super) fn backoff() -> Vec<Setup> {
        let rule = |child, restart| {
            let wait = match child {
                0 => Backoff::constant(4 * SEC),
                1 => Backoff::exponential(SEC, 3 * SEC)
                    .without_jitter()
                    .reset_after(6 * SEC),
                _ => return worker(child, restart),
            };
            worker(child, restart).backoff(wait)
        };
        let troubles = [
            Trouble::Crash,
            Trouble::FailStart,
            Trouble::Pass(6 * SEC),
            Trouble::Pass(SEC / 2),
            Trouble::Terminate,
            Trouble::Restart,
            Trouble::Delete,
            Trouble::Start,
            Trouble::Shutdown,
        ];
        with(every(&MIXES, rule, &troubles), |setup| {
            setup.tolerance = Tolerance::new(2, 60 * SEC)
        })
    }

    pub(super) fn shutdown_kinds() -> Vec<Setup> {
        let rule = |child, restart| match child {
            0 => worker(child, restart).manners(Manners::Stubborn),
            1 => worker(child, restart).shutdown(Shutdown::Indefinitely),
            _ => worker(child, restart).shutdown(Shutdown::Kill),
        };
        let troubles = [
            Trouble::Crash,
            Trouble::Slow,
            Trouble::FailStop,
            Trouble::EndInTime,
            Trouble::Terminate,
            Trouble::Shutdown,
        ];
        every(&MIXES, rule, &troubles)
    }

    pub(super) fn abandoned_lives() -> Vec<Setup> {
        let rule = |child, restart| match child {
            0 | 1 => worker(child, restart).manners(Manners::Undead),
            _ => worker(child, restart),
        };
        let troubles = [
            Trouble::Crash,
            Trouble::Kill,
            Trouble::Terminate,
            Trouble::Restart,
            Trouble::Delete,
            Trouble::Start,
            Trouble::ReportFailure,
            Trouble::Shutdown,
        ];
        every(&MIXES, rule, &troubles)
    }

    pub(super) fn terminate_and_restart() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::FailStart,
            Trouble::Terminate,
            Trouble::Restart,
            Trouble::Shutdown,
        ];
        every(&MIXES, worker, &troubles)
    }

    pub(super) fn start_and_delete() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::Finish,
            Trouble::FailStart,
            Trouble::Start,
            Trouble::Twin,
            Trouble::Delete,
            Trouble::Terminate,
        ];
        let mut setups = Vec::new();
        for added in TYPES {
            let change = |setup: &mut Setup| setup.added = worker(3, added);
            setups.extend(with(every(&MIXES, worker, &troubles), change));
        }
        setups
    }

    pub(super) fn kill() -> Vec<Setup> {
        let rule = |child, restart| match child {
            1 => supervisor(child, restart),
            _ => worker(child, restart),
        };
        let troubles = [
            Trouble::Crash,
            Trouble::Kill,
            Trouble::Terminate,
            Trouble::Start,
            Trouble::KillSelf,
            Trouble::EndInTime,
            Trouble::Slow,
        ];
        every(&MIXES, rule, &troubles)
    }

    pub(super) fn deadlines() -> Vec<Setup> {
        let rule = |child, restart| match child {
            0 => worker(child, restart).manners(Manners::Stubborn),
            1 => supervisor(child, restart),
            _ => supervisor(child, restart).shutdown(Shutdown::Timeout(3 * SEC)),
        };
        let troubles = [
            Trouble::Crash,
            Trouble::Slow,
            Trouble::Shutdown,
            Trouble::Deadline(2 * SEC),
            Trouble::Deadline(4 * SEC),
            Trouble::KillSelf,
            Trouble::Terminate,
            Trouble::FailStop,
        ];
        every(&MIXES, rule, &troubles)
    }

    pub(super) fn tolerance() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::Finish,
            Trouble::FailStart,
            Trouble::Pass(5 * SEC),
            Trouble::Pass(5 * SEC + SEC / 1000),
        ];
        let mut setups = Vec::new();
        for limit in [0, 1] {
            let change = |setup: &mut Setup| setup.tolerance = Tolerance::new(limit, 5 * SEC);
            setups.extend(with(every(&MIXES, worker, &troubles), change));
        }
        setups
    }

    pub(super) fn dynamic_faults() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::Finish,
            Trouble::FailStart,
            Trouble::ReportFailure,
            Trouble::Ignore,
            Trouble::Block,
            Trouble::Pass(11 * SEC),
            Trouble::Shutdown,
        ];
        with(dynamic(&MIXES, worker, &troubles), |setup| {
            setup.tolerance = Tolerance::new(1, 10 * SEC)
        })
    }

    pub(super) fn dynamic_requests() -> Vec<Setup> {
        let troubles = [
            Trouble::Crash,
            Trouble::Start,
            Trouble::Twin,
            Trouble::Terminate,
            Trouble::Restart,
            Trouble::Delete,
            Trouble::Kill,
        ];
        with(dynamic(&MIXES, worker, &troubles), |setup| setup.most = 3)
    }

    pub(super) fn dynamic_backoff() -> Vec<Setup> {
        let rule = |child, restart| worker(child, restart).backoff(Backoff::constant(2 * SEC));
        let troubles = [
            Trouble::Crash,
            Trouble::FailStart,
            Trouble::Kill,
            Trouble::Terminate,
            Trouble::Twin,
            Trouble::Shutdown,
            Trouble::Pass(SEC),
        ];
        dynamic(&MIXES, rule, &troubles)
    }

    pub(super) fn dynamic_stops() -> Vec<Setup> {
        let rule = |child, restart| match child {
            0 => worker(child, restart).manners(Manners::Undead),
            1 => supervisor(child, restart),
            _ => worker(child, restart).manners(Manners::Stubborn),
        };
        let troubles = [
            Trouble::Crash,
            Trouble::Kill,
            Trouble::Terminate,
            Trouble::Start,
            Trouble::Slow,
            Trouble::Shutdown,
            Trouble::Deadline(2 * SEC),
            Trouble::KillSelf,
            Trouble::FailStop,
        ];
        dynamic(&MIXES, rule, &troubles)
    }
}
