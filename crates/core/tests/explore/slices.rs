//! The table of slices.
use crate::{
    dynamic, ordered,
    search::{Seen, search},
    setup::Setup,
};
use std::{env, time::Instant};

/// One row: a slice, where its setups stand, and how many states it has at two interferences.
macro_rules! slices {
    ($($name:ident in $place:ident: $states:literal,)*) => {$(
        #[test]
        fn $name() {
            explore(stringify!($name), $states, &$place::$name());
        }
    )*};
}

slices! {
    plain_faults in ordered: 0,
    failed_starts in ordered: 0,
    slow_starts in ordered: 0,
    ignored_starts in ordered: 0,
    first_start in ordered: 0,
    blocked_starts in ordered: 0,
    backoff in ordered: 0,
    shutdown_kinds in ordered: 0,
    abandoned_lives in ordered: 0,
    terminate_and_restart in ordered: 0,
    start_and_delete in ordered: 0,
    kill in ordered: 0,
    deadlines in ordered: 0,
    tolerance in ordered: 0,
    together in ordered: 0,
    dynamic_faults in dynamic: 0,
    dynamic_requests in dynamic: 0,
    dynamic_backoff in dynamic: 0,
    dynamic_stops in dynamic: 0,
    dynamic_together in dynamic: 0,
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
