//! The kv binary: built by cargo beside the test's own executable.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Where the binary is. Cargo is asked to build it, once a test run: it is a moment's work when it is fresh, and a stale one is
/// never tested. `cargo test` by itself builds the example with its unit tests in it, not the program.
///
/// # Panics
///
/// When it cannot be built.
pub(crate) fn path() -> &'static Path {
    static PATH: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PATH.get_or_init(build)
        .as_ref()
        .unwrap_or_else(|error| panic!("no example kv: {error}"))
}

fn build() -> Result<PathBuf, String> {
    // target/<profile>/deps/real_clients-<hash>
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let above: Vec<&Path> = own.ancestors().skip(2).take(2).collect();
    let [profile, target] = above[..] else {
        return Err(format!("{} is not where cargo puts tests", own.display()));
    };
    let binary = profile.join("examples").join("kv");
    let Some(cargo) = env::var_os("CARGO") else {
        let built = binary.exists().then_some(binary);
        return built
            .ok_or_else(|| "without cargo, build it first: cargo build --example kv".into());
    };
    let name = profile.file_name().unwrap_or_default();
    // For all of the workspace, so that the dependencies are the same as those of `cargo test --workspace`.
    let build = Command::new(cargo)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--workspace", "--example", "kv", "--profile"])
        .arg(if name == "debug" {
            "dev".as_ref()
        } else {
            name
        })
        .arg("--target-dir")
        .arg(target)
        .output()
        .map_err(|error| format!("cargo does not run: {error}"))?;
    if build.status.success() {
        Ok(binary)
    } else {
        Err(format!(
            "cargo cannot build it:\n{}",
            String::from_utf8_lossy(&build.stderr)
        ))
    }
}
