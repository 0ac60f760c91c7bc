//! The table of slices.
use crate::{
    branch, dynamic, ordered,
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
    plain_faults in ordered: 22_880,
    failed_starts in ordered: 15_675,
    slow_starts in ordered: 80_893,
    ignored_starts in ordered: 97_974,
    first_start in ordered: 210_344,
    blocked_starts in ordered: 79_050,
    backoff in ordered: 201_189,
    backoff_reset in ordered: 1_066_423,
    shutdown_kinds in ordered: 73_816,
    abandoned_lives in ordered: 596_226,
    terminate_and_restart in ordered: 54_498,
    start_and_delete in ordered: 328_071,
    kill in ordered: 242_291,
    deadlines in ordered: 182_483,
    tolerance in ordered: 678_878,
    own_words in ordered: 580_790,
    own_tolerance in ordered: 58_179,
    at_limit in ordered: 623_527,
    uncaptured in ordered: 360_799,
    right_to_left in ordered: 179_934,
    overlaps in ordered: 439_137,
    auto_shutdown in ordered: 325_194,
    together in ordered: 1_001_224,
    dynamic_faults in dynamic: 16_432,
    dynamic_requests in dynamic: 9_792,
    dynamic_backoff in dynamic: 27_382,
    dynamic_stops in dynamic: 69_220,
    dynamic_together in dynamic: 152_438,
    branch_faults in branch: 180_540,
    branch_groups in branch: 123_342,
    branch_requests in branch: 115_074,
    branch_stops in branch: 174_445,
    branch_done in branch: 282_787,
    branch_together in branch: 345_458,
}

fn explore(name: &str, least: usize, setups: &[Setup]) {
    let troubles = env::var("EXPLORE").map_or(2, |text| text.parse().expect("EXPLORE is a number"));
    let begun = Instant::now();
    let mut all = Seen::default();
    for setup in setups {
        let seen = search(setup, troubles + setup.more);
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
