//! That the drawn trees have all that builders take.
use crate::{by_hand, random};
use std::{fs, path::Path};

/// What ends a builder, or is not for a tree as a literal: it makes two things, or adds one that the trees add otherwise.
const OTHERS: [&str; 5] = [
    "build",
    "start",
    "start_observed",
    "returning",
    "override_with",
];

/// The public functions of a builder that take it, or make it.
fn functions(source: &str) -> Vec<String> {
    let functions = source.split("pub fn ").skip(1);
    let functions = functions.filter(|rest| {
        let head = rest.split('{').next().unwrap_or_default();
        head.contains("Self") && !head.contains("&self")
    });
    functions
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

#[test]
fn each_method_of_a_builder_is_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/supervisor/src");
    let trees: String = (1..500)
        .map(|seed| by_hand::node(&random::tree(seed)))
        .collect();
    let mut found = 0;
    for file in [
        "supervisor",
        "worker",
        "dynamic",
        "branch",
        "rules",
        "flags",
    ] {
        let source = fs::read_to_string(folder.join(file).with_extension("rs")).unwrap();
        for name in functions(&source) {
            if OTHERS.contains(&&*name) {
                continue;
            }
            found += 1;
            let is_drawn =
                trees.contains(&format!(".{name}(")) || trees.contains(&format!("::{name}("));
            assert!(is_drawn, "no random tree has `{name}` of {file}.rs");
        }
    }
    assert!(found > 40, "only {found} functions were found");
}
