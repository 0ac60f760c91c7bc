//! A program as a process, and what it says.
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long a wait may last.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

/// Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    stderr: Option<JoinHandle<String>>,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct End {
    /// The exit code, if it was not a signal that ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: String,
}

impl Process {
    pub(crate) fn start(program: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_regrow-programs"))
            .arg(program)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines() {
                if send.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        Self {
            child,
            lines,
            said: Vec::new(),
            stderr: Some(stderr),
        }
    }

    /// Waits until it says this line.
    #[track_caller]
    pub(crate) fn says(&mut self, line: &str) {
        while self.said.last().is_none_or(|last| last != line) {
            match self.lines.recv_timeout(BOUND) {
                Ok(line) => self.said.push(line),
                Err(error) => panic!("it says no {line:?} but {:?}: {error}", self.said),
            }
        }
    }

    /// What it has said up to the line that was waited for.
    pub(crate) fn said(&self) -> &[String] {
        &self.said
    }

    /// Sends a signal: `TERM`, `INT`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([format!("-{signal}"), id])
            .status();
        assert!(sent.unwrap().success(), "kill -{signal}");
    }

    /// Sends a signal again and again. Until the end is taken here, its number is nobody else's.
    pub(crate) fn signal_until_it_ends(&mut self, signal: &str) {
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < BOUND, "it does not end");
            self.signal(signal);
        }
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> End {
        loop {
            match self.lines.recv_timeout(BOUND) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(error) => panic!("it does not end: {error}; it said {:?}", self.said),
            }
        }
        let stderr = self.stderr.take().expect("it ends once");
        End {
            // Its stdout is closed, so that it is as good as ended.
            code: self.child.wait().unwrap().code(),
            stdout: std::mem::take(&mut self.said),
            stderr: stderr.join().unwrap(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
