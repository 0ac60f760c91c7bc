//! Programs that are trees. Which one is said by the first argument; `tests/programs.rs` runs them.
mod made;
mod making;
mod say;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_default();
    match name.as_str() {
        "plain" => made::plain(),
        "watched" => made::watched(),
        "careless" => made::careless(),
        "refused" => made::refused(),
        "contradictory" => made::contradictory(),
        "starting" => made::starting(),
        "stubborn" => made::stubborn(),
        "stuck" => made::stuck(),
        "gives-up" => made::gives_up(),
        "inside" => made::inside(made::plain),
        "inside-made" => made::inside(making::serves),
        "fails" => making::fails(),
        "waits" => making::waits(),
        "waits-among-the-busy" => making::waits_among_the_busy(),
        "blocks" => making::blocks(),
        "blocks-for-long" => making::blocks_for_long(),
        #[cfg(unix)]
        "blocks-for-a-while" => making::blocks_for_a_while(),
        "panics" => making::panics(),
        "serves" => making::serves(),
        _ => {
            eprintln!("there is no program {name:?}");
            ExitCode::FAILURE
        }
    }
}
