//! What a program writes: to the log, to who waits for a line, and its last words.
use crate::lines::Lines;
use regrow_core::RuntimeName;
use regrow_tasks::shielded;
use std::{collections::VecDeque, future::pending, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{ChildStderr, ChildStdout},
    time::timeout,
};
use tracing::{debug, info};

/// How many lines of stderr are kept, and how much of each.
const LAST: usize = 10;
const SHORT: usize = 500;

/// How much is read at once.
const PIECE: usize = 16 * 1024;

/// Both pipes of one life.
pub(crate) struct Output {
    child: RuntimeName,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    last: VecDeque<String>,
}

impl Output {
    pub(crate) fn new(
        child: RuntimeName,
        (stdout, stderr): (Option<ChildStdout>, Option<ChildStderr>),
    ) -> Self {
        Self {
            child,
            stdout: Pipe::new(stdout),
            stderr: Pipe::new(stderr),
            last: VecDeque::new(),
        }
    }

    /// Reads a piece, logs its lines and shows them to `see`. Pends for ever when both pipes are at their end. Cancel safe: nothing
    /// that was read is lost.
    pub(crate) async fn read(&mut self, see: &mut (dyn FnMut(&str) + Send)) {
        let is_stdout = tokio::select! {
            () = self.stdout.fill() => true,
            () = self.stderr.fill() => false,
        };
        if is_stdout {
            self.stdout.take(&mut |line| {
                log(&self.child, "stdout", line);
                see(line);
            });
        } else {
            self.stderr.take(&mut |line| {
                log(&self.child, "stderr", line);
                keep(&mut self.last, line);
                see(line);
            });
        }
    }

    /// Reads what is left when the program has ended; for so long, because something that it spawned and that left its group may
    /// hold the pipes open.
    pub(crate) async fn drain(&mut self, span: Duration) {
        let rest = async {
            while self.stdout.is_open() || self.stderr.is_open() {
                self.read(&mut |_| {}).await;
            }
        };
        if timeout(span, rest).await.is_err() {
            let held = "its output ends here: something that it left behind holds the pipe";
            shielded(|| debug!(target: "regrow", name = %self.child, "{held}"));
            self.stdout.close();
            self.stderr.close();
            self.stdout
                .take(&mut |line| log(&self.child, "stdout", line));
            self.stderr.take(&mut |line| {
                log(&self.child, "stderr", line);
                keep(&mut self.last, line);
            });
        }
    }

    /// The last lines of stderr.
    pub(crate) fn last_lines(self) -> Vec<String> {
        self.last.into()
    }
}

/// A subscriber that panics harms nobody.
fn log(child: &RuntimeName, stream: &str, line: &str) {
    shielded(|| info!(target: "regrow", name = %child, stream, "{line}"));
}

fn keep(last: &mut VecDeque<String>, line: &str) {
    let mut short = line.len().min(SHORT);
    while !line.is_char_boundary(short) {
        short -= 1;
    }
    if last.len() == LAST {
        last.pop_front();
    }
    last.push_back(line[..short].to_owned());
}

/// One pipe, and the line that is not complete.
struct Pipe<R> {
    pipe: Option<R>,
    piece: Box<[u8]>,
    filled: usize,
    lines: Lines,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(pipe: Option<R>) -> Self {
        Self {
            pipe,
            piece: vec![0; PIECE].into(),
            filled: 0,
            lines: Lines::default(),
        }
    }

    /// Reads a piece, to be taken; at the end none, once.
    async fn fill(&mut self) {
        let Some(pipe) = &mut self.pipe else {
            return pending().await;
        };
        self.filled = pipe.read(&mut self.piece).await.unwrap_or(0);
        if self.filled == 0 {
            self.pipe = None;
        }
    }

    /// Tells the lines of the piece; without one, the line that has no end.
    fn take(&mut self, tell: &mut dyn FnMut(&str)) {
        match std::mem::take(&mut self.filled) {
            0 => self.lines.finish(tell),
            filled => self.lines.take(&self.piece[..filled], tell),
        }
    }

    const fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    fn close(&mut self) {
        self.pipe = None;
    }
}
