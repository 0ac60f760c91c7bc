//! Redis's own clients: `redis-cli` and `redis-benchmark`, of the package `redis-tools`.

use std::{
    io::Read,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Instant,
};

use crate::{skip::skip, wait::BOUND};

/// Whether the tools are there. If not, the test is to end here: it is told as skipped.
///
/// # Panics
///
/// When they are not there and `REGROW_REQUIRE_SERVICES=1` asks for them.
pub(crate) fn are_installed(test: &str) -> bool {
    let missing: Vec<&str> = ["redis-cli", "redis-benchmark"]
        .into_iter()
        .filter(|tool| !runs(tool))
        .collect();
    if !missing.is_empty() {
        skip(
            test,
            &format!("{} not installed (package redis-tools)", missing.join(", ")),
        );
    }
    missing.is_empty()
}

fn runs(tool: &str) -> bool {
    Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok()
}

/// Runs `redis-cli` with a command and gives what it prints.
pub(crate) fn cli(server: SocketAddr, command: &[&str]) -> String {
    let output = Command::new("redis-cli")
        .args(["-p", &server.port().to_string()])
        .args(command)
        .output()
        .unwrap();
    assert!(output.status.success(), "redis-cli {command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().into()
}

/// A running `redis-benchmark`, killed when it is dropped: one whose server has gone would try again for ever.
pub(crate) struct Benchmark {
    child: Child,
    begun: Instant,
}

impl Benchmark {
    /// Starts the benchmark: it exits with 1 at the first error reply and at the first connection that is closed.
    pub(crate) fn start(server: SocketAddr) -> Self {
        let port = server.port().to_string();
        let child = Command::new("redis-benchmark")
            .args([
                "-p",
                &port,
                "-t",
                "set,get,incr",
                "-n",
                "200000",
                "-P",
                "16",
                "-r",
                "10000",
                "-q",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            child,
            begun: Instant::now(),
        }
    }

    /// Its exit code and what it said on stderr, once it has ended.
    ///
    /// # Panics
    ///
    /// When it takes ten times as long as anything else may.
    pub(crate) fn end(&mut self) -> Option<(Option<i32>, String)> {
        let Some(status) = self.child.try_wait().unwrap() else {
            assert!(
                self.begun.elapsed() < 10 * BOUND,
                "the benchmark does not end"
            );
            return None;
        };
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        Some((status.code(), said))
    }
}

impl Drop for Benchmark {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
