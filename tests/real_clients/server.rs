//! A kv server as a process of its own, on a port of its own.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use crate::{binary, client::Client, directory::Directory, wait::until};

/// A running server, killed when it is dropped.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
}

/// A kv process and what it has said.
struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct End {
    /// The exit code, if it was not a signal that ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What comes out of a pipe, read by a thread so that the process never waits for us.
struct Output {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port and waits until it listens.
    pub(crate) fn start(directory: &Directory) -> Self {
        Self::start_with(directory, &[])
    }

    /// Starts a server with more flags.
    pub(crate) fn start_with(directory: &Directory, flags: &[&str]) -> Self {
        let mut process = Process::spawn("127.0.0.1:0", directory.path(), flags);
        let address = until("the server listens", || {
            assert_eq!(
                process.child.try_wait().unwrap(),
                None,
                "the server ended: {}",
                process.stderr.so_far()
            );
            let said = process.stdout.so_far();
            said.lines()
                .find_map(|line| line.strip_prefix("listening on ")?.parse().ok())
        });
        Self { process, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// What it has said so far on stdout.
    pub(crate) fn stdout(&self) -> String {
        self.process.stdout.so_far()
    }

    /// What it has said so far on stderr.
    pub(crate) fn stderr(&self) -> String {
        self.process.stderr.so_far()
    }

    /// The most memory that it has had so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.child.id());
        let status = fs::read_to_string(status).unwrap();
        let mut lines = status.lines();
        let peak = lines
            .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"))
            .unwrap();
        peak.trim().parse::<u64>().unwrap() * 1024
    }

    /// Sends a signal: `TERM`, `INT`, `KILL`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.child.id().to_string();
        let sent = Command::new("kill")
            .args([format!("-{signal}"), id])
            .status()
            .unwrap();
        assert!(sent.success(), "kill -{signal}");
    }

    /// Waits for the end.
    pub(crate) fn end(self) -> End {
        self.process.end()
    }
}

/// Runs a server that is expected to end by itself, and waits for the end.
pub(crate) fn run(listen: impl AsRef<OsStr>, directory: &Path) -> End {
    Process::spawn(listen, directory, &[]).end()
}

/// Runs the program with arguments that make it end by itself, and waits for the end.
pub(crate) fn run_with(arguments: &[&str]) -> End {
    Process::new(Command::new(binary::path()).args(arguments)).end()
}

impl End {
    /// # Panics
    ///
    /// When it did not end in order: with the code for it, the address on stdout, and the report after that.
    pub(crate) fn assert_orderly(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
        let report = self.stdout.split_once("listening on").expect("it listens");
        assert!(
            report.1.lines().skip(1).any(|line| !line.is_empty()),
            "no report: {self:?}"
        );
    }

    /// The one sentence of a start that was refused.
    ///
    /// # Panics
    ///
    /// When it was not refused, or not in one sentence.
    pub(crate) fn refusal(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        self.stderr.trim_end()
    }
}

impl Process {
    fn spawn(listen: impl AsRef<OsStr>, directory: &Path, flags: &[&str]) -> Self {
        let mut command = Command::new(binary::path());
        Self::new(
            command
                .arg("--listen")
                .arg(listen)
                .arg("--dir")
                .arg(directory)
                .args(flags),
        )
    }

    fn new(command: &mut Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A backtrace takes longer than a restart, and there are many panics here.
        let command = command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
        let mut child = command.spawn().unwrap();
        let stdout = Output::read(child.stdout.take().unwrap());
        let stderr = Output::read(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    fn end(mut self) -> End {
        let status: ExitStatus = until("the process ends", || self.child.try_wait().unwrap());
        End {
            code: status.code(),
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn read(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&text);
        let reader = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut seen = seen.lock().unwrap();
                seen.push_str(&line);
                seen.push('\n');
            }
        });
        Self {
            text,
            reader: Some(reader),
        }
    }

    fn so_far(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// All of it, once the process has ended.
    fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.so_far()
    }
}
