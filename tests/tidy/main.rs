//! The rules of the house that a test can keep.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

#[path = "../real_clients/skip.rs"]
mod skip;

use skip::skip;

/// The most lines of code that one noun may take; docs and tests are not counted.
const LONGEST: usize = 400;

/// The most lines of code in a file of the flagship.
const LESSON: usize = 250;

/// How many public names a crate may have, more or less.
const NAMES: usize = 60;

/// How many the facade may have, which shows what all of them have: one screen.
const FACADE: usize = 100;

/// How many lines a program may take that declares a nested tree, asks for its names, kills a child and sees it regrow.
const SHORT: usize = 32;

fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the package stands in it").to_owned()
}

fn crates() -> Vec<PathBuf> {
    let crates = fs::read_dir(workspace().join("crates")).unwrap();
    crates.map(|entry| entry.unwrap().path()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

fn lines_of_code(text: &str) -> usize {
    let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
    code.map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[test]
fn a_file_is_one_noun() {
    let mut too_long = Vec::new();
    let examples = workspace().join("examples");
    for folder in crates()
        .iter()
        .map(|path| path.join("src"))
        .chain([examples])
    {
        for file in sources(&folder) {
            let lines = lines_of_code(&fs::read_to_string(&file).unwrap());
            if lines > LONGEST {
                too_long.push((file, lines));
            }
        }
    }
    assert!(too_long.is_empty(), "{too_long:?}");
}

#[test]
fn the_flagship_reads_as_a_lesson() {
    let files = sources(&workspace().join("examples/kv"));
    for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
        let lines = lines_of_code(&fs::read_to_string(file).unwrap());
        assert!(lines <= LESSON, "{file:?} has {lines} lines of code");
    }
}

#[test]
fn tables_of_contents_hold_no_code() {
    for folder in crates() {
        for file in sources(&folder.join("src")) {
            let name = file.file_name().unwrap();
            if name == "lib.rs" || name == "mod.rs" {
                let text = fs::read_to_string(&file).unwrap();
                let code = text
                    .lines()
                    .filter(|line| line.contains("fn ") && !line.trim_start().starts_with("//"));
                // The compiler wants the doors of procedural macros there.
                let doors = text.matches("#[proc_macro").count();
                assert_eq!(code.count(), doors, "{file:?} holds code");
                assert!(!text.contains("::*;"), "{file:?} exports by glob");
            }
        }
    }
}

#[test]
fn a_crate_has_few_public_names() {
    for folder in crates() {
        let lib = fs::read_to_string(folder.join("src/lib.rs")).unwrap();
        let code: String = lib
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join(" ");
        let exported = code
            .split("pub use ")
            .skip(1)
            .flat_map(|list| list.split(';').next())
            .flat_map(|list| list.split(|c: char| !(c.is_alphanumeric() || c == '_')))
            .filter(|name| name.starts_with(char::is_uppercase))
            .count();
        let most = if folder.ends_with("regrow") {
            FACADE
        } else {
            NAMES
        };
        assert!(exported <= most, "{folder:?} exports {exported} names");
    }
}

/// The module of a file: `engine::rows` for `src/engine/rows.rs`.
fn module(src: &Path, file: &Path) -> Vec<String> {
    let path = file.strip_prefix(src).unwrap().with_extension("");
    let mut names: Vec<String> = path
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if names
        .last()
        .is_some_and(|name| name == "mod" || name == "lib")
    {
        names.pop();
    }
    names
}

/// The paths that a file imports from its own crate, each as segments from the root.
fn imports(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let code: String = text
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    for (at, _) in code.match_indices("use ") {
        let list = code[at + 4..].split(';').next().unwrap_or_default();
        let (base, rest) = if let Some(rest) = list.strip_prefix("crate::") {
            (Vec::new(), rest)
        } else if let Some(rest) = list.strip_prefix("super::") {
            (module[..module.len().saturating_sub(1)].to_vec(), rest)
        } else {
            continue;
        };
        expand(&base, rest, &mut found);
    }
    found
}

/// Takes `a::{b, c::d}` apart.
fn expand(base: &[String], list: &str, found: &mut Vec<Vec<String>>) {
    let list = list.trim();
    if let Some(inner) = list
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        let (mut depth, mut begin) = (0, 0);
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(base, &inner[begin..at], found);
                    begin = at + 1;
                }
                _ => {}
            }
        }
        expand(base, &inner[begin..], found);
    } else if let Some((name, rest)) = list.split_once("::") {
        let mut deeper = base.to_vec();
        deeper.push(name.trim().to_owned());
        expand(&deeper, rest, found);
    } else if !list.is_empty() {
        let mut whole = base.to_vec();
        whole.push(list.to_owned());
        found.push(whole);
    }
}

#[test]
fn imports_of_a_list_are_taken_apart() {
    let text = "use crate::{\n    a::{B, c::D},\n    e,\n};\nuse std::fmt;\nuse super::f::G;";
    let module = ["x".to_owned(), "y".to_owned()];
    let found: Vec<String> = imports(text, &module)
        .iter()
        .map(|path| path.join("::"))
        .collect();
    assert_eq!(found, ["a::B", "a::c::D", "e", "x::f::G"]);
}

#[test]
fn no_circle_between_files() {
    for folder in crates() {
        let src = folder.join("src");
        let files = sources(&src);
        let modules: BTreeSet<Vec<String>> = files.iter().map(|file| module(&src, file)).collect();
        let mut arrows: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
        for file in &files {
            let from = module(&src, file);
            let text = fs::read_to_string(file).unwrap();
            for path in imports(&text, &from) {
                // The longest part of the path that is a file.
                let to = (1..=path.len())
                    .rev()
                    .map(|length| path[..length].to_vec())
                    .find(|path| modules.contains(path));
                match to {
                    Some(to) if to != from => {
                        arrows.entry(from.clone()).or_default().insert(to);
                    }
                    Some(_) => {}
                    None => assert!(
                        path.len() > 1 || path[0].starts_with(char::is_lowercase),
                        "{file:?} imports {path:?} through lib.rs"
                    ),
                }
            }
        }
        for start in arrows.keys() {
            let mut seen = BTreeSet::new();
            let mut todo: Vec<_> = arrows[start].iter().cloned().collect();
            while let Some(next) = todo.pop() {
                assert_ne!(&next, start, "a circle through {start:?} in {folder:?}");
                if seen.insert(next.clone()) {
                    todo.extend(arrows.get(&next).into_iter().flatten().cloned());
                }
            }
        }
    }
}

/// The first program of the readme.
fn program() -> String {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let program = readme
        .split("```rust\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    program.expect("the readme has a program").to_owned()
}

#[test]
fn the_program_of_the_readme_is_the_example() {
    let example = fs::read_to_string(workspace().join("examples/01_first_tree.rs")).unwrap();
    let (_, example) = example
        .split_once('\n')
        .expect("a line of docs, then the program");
    assert_eq!(program(), example);
}

/// Whether there is a rustfmt; of a toolchain without one only its door may be there.
fn has_rustfmt() -> bool {
    let version = Command::new("rustfmt").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Formats a program as rustfmt does where nobody has told it otherwise.
fn formatted(program: &str) -> String {
    let untold = Path::new(env!("CARGO_TARGET_TMPDIR")).join("untold");
    fs::create_dir_all(&untold).unwrap();
    fs::write(untold.join("rustfmt.toml"), "").unwrap();
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(&untold)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = rustfmt.stdin.take().expect("it is piped");
    stdin.write_all(program.as_bytes()).unwrap();
    drop(stdin);
    let output = rustfmt.wait_with_output().unwrap();
    assert!(output.status.success(), "rustfmt cannot read it: {program}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_program_of_the_readme_is_short_as_rustfmt_leaves_it() {
    let program = program();
    let lines = program.lines().filter(|line| !line.trim().is_empty());
    assert!(lines.count() <= SHORT, "{program}");
    // On one line and back: what is counted is what rustfmt makes of it, not what was typed.
    let badly = program.replace("\n    ", " ");
    if has_rustfmt() {
        assert_eq!(formatted(&badly), program);
    } else {
        let test = "the_program_of_the_readme_is_short_as_rustfmt_leaves_it";
        skip(test, "there is no rustfmt");
    }
}
