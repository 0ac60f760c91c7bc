//! The program with the trees in it.
use crate::{by_hand, in_macro, random};
use std::{env, fmt::Write, fs, path::Path};

const TREES: u64 = 40;

/// The names that a value can have which stands alone: `Worker { name, start }`.
const ALONE: &str = "
    #[allow(unused_variables)]
    let (shutdown, kill_wait, tolerance) = (Duration::from_secs(21), Duration::from_secs(22), (23, Duration::from_secs(24 * 60 * 60)));
    #[allow(unused_variables)]
    let (restart, max_children, seed) = (Restart::Transient, 25, 26);
";

fn program(seeds: impl Iterator<Item = u64>) -> String {
    let mut program = format!(
        "#![allow(dead_code, unused_variables)]\n{}",
        include_str!("program.rs")
    );
    let mut calls = String::new();
    for seed in seeds {
        let tree = random::tree(seed);
        let (written, by_hand) = (in_macro::node(&tree), by_hand::node(&tree));
        write!(
            program,
            "
fn by_macro_{seed}(handle: Handle) -> Supervisor {{{ALONE}
    supervision_tree!({written})
}}

fn by_hand_{seed}(handle: Handle) -> Supervisor {{{ALONE}
    {by_hand}
}}
"
        )
        .unwrap();
        writeln!(
            calls,
            "    twins({:?}, by_macro_{seed}, by_hand_{seed}).await;",
            format!("SEED={seed}: {written}")
        )
        .unwrap();
    }
    program
        + &format!("\n#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {{\n{calls}}}\n")
}

#[test]
fn trees_live_as_if_they_were_written_by_hand() {
    let first = env::var("SEED").map_or(1, |seed| seed.parse().expect("a seed is a number"));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("macro_twins.rs");
    fs::write(&file, program(first..first + TREES)).unwrap();
    trybuild::TestCases::new().pass(file);
}
