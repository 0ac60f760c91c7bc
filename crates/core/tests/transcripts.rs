//! The semantics as stories. Each file in `tests/transcripts` is one: blocks of what happens, a
//! line, and what the engine makes of it. `UPDATE=1` writes what comes out into the files; it is
//! committed only when it is right by `docs/semantics.md`.
#![allow(
    clippy::disallowed_methods,
    reason = "it is the engine that reads nothing; this reads whether to update the files"
)]

mod driven;
mod story;

use std::{env, fs, path::Path};
use story::Story;

/// Replays one file, and gives it with what came out.
fn replay(text: &str) -> String {
    let mut story = None;
    let mut out = Vec::new();
    for block in text.split("\n\n") {
        let Some((events, _)) = block.split_once("\n----") else {
            out.push(block.trim_end().to_owned());
            continue;
        };
        let mut lines = Vec::new();
        for line in events.lines().filter(|line| !line.starts_with('#')) {
            Story::tell(&mut story, line, &mut lines);
        }
        if lines.is_empty() {
            lines.push("nothing".to_owned());
        }
        out.push(format!("{events}\n----\n{}", lines.join("\n")));
    }
    out.join("\n\n") + "\n"
}

#[test]
fn the_stories_hold() {
    let update = env::var_os("UPDATE").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let told = fs::read_to_string(&path).unwrap();
        let came = replay(&told);
        files += 1;
        if update {
            fs::write(&path, came).unwrap();
        } else {
            assert!(
                told == came,
                "{} (UPDATE=1 rewrites it):\n{came}",
                path.display()
            );
        }
    }
    assert!(files >= 10, "a story is missing");
}
