//! The replay: base and logs read from their beginning, frame by frame, at each start of the store, and by the rewriter.
//!
//! The last frame can be torn, by a kill or a full disk: nobody was told that what is in it was done. Anything else that is wrong
//! is damage: it is told with its place, and nothing is done, for what follows cannot be trusted.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use super::{
    directory::{Directory, Files, remove},
    error::LogError,
    frame::{Frame, Frames, NoFrame},
};
use crate::data::{Table, redo};

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;

/// A replay that is under way.
pub(crate) struct Replay {
    directory: Directory,
    files: Files,
    rest: VecDeque<Part>,
    reading: Option<Reading>,
    /// The log that may be torn, or go on.
    open: Option<u64>,
    end: End,
}

/// Where a replay came to: what there is, and where the log goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct End {
    /// The last log that is in the base; 0 without one.
    pub(crate) base: u64,
    pub(crate) base_length: u64,
    /// The bytes of all logs that are finished.
    pub(crate) closed_length: u64,
    /// The log that goes on.
    pub(crate) log: u64,
    /// How far it is good.
    pub(crate) length: u64,
    /// How many torn bytes come then.
    pub(crate) torn: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Base(u64),
    Log(u64),
}

struct Reading {
    part: Part,
    frames: Frames<BufReader<File>>,
    is_closed: bool,
}

impl Replay {
    /// A replay of all that is there.
    ///
    /// # Errors
    ///
    /// What the file system says, or that a log is missing.
    pub(crate) fn all(directory: &Directory) -> Result<Self, LogError> {
        let files = directory.files()?;
        let open = files.logs.last().copied();
        Ok(Self::of(directory, files, open))
    }

    /// A replay of what is finished: up to that log.
    ///
    /// # Errors
    ///
    /// What the file system says, or that a log is missing.
    pub(crate) fn finished(directory: &Directory, last: u64) -> Result<Self, LogError> {
        let mut files = directory.files()?;
        files.logs.retain(|log| *log <= last);
        Ok(Self::of(directory, files, None))
    }

    fn of(directory: &Directory, files: Files, open: Option<u64>) -> Self {
        let base = files.base.map(Part::Base);
        let logs = files.logs.iter().copied().map(Part::Log);
        let end = End {
            base: files.base.unwrap_or(0),
            log: files.base.map_or(1, |base| base + 1),
            ..End::default()
        };
        Self {
            directory: directory.clone(),
            rest: base.into_iter().chain(logs).collect(),
            files,
            reading: None,
            open,
            end,
        }
    }

    /// Does the changes of one frame again. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is damaged.
    pub(crate) fn step(&mut self, table: &mut Table) -> Result<bool, LogError> {
        loop {
            let Some(mut reading) = self.next_part()? else {
                return Ok(false);
            };
            let at = reading.frames.at();
            let damaged = |what: &str| self.damaged(reading.part, at, what);
            match reading.frames.next() {
                Err(NoFrame::Io(source)) => return Err(self.io(reading.part, source)),
                Err(NoFrame::Damaged(what)) => return Err(damaged(what)),
                Ok(Frame::Records(_) | Frame::ClosingMark | Frame::Torn) if reading.is_closed => {
                    return Err(damaged("something behind the closing mark"));
                }
                Ok(Frame::Records(records)) => {
                    redo(records, table).map_err(|what| damaged(&what))?;
                    self.reading = Some(reading);
                    return Ok(true);
                }
                Ok(Frame::ClosingMark) => {
                    reading.is_closed = true;
                    self.reading = Some(reading);
                }
                Ok(Frame::Torn) if self.is_open(reading.part) => self.finish(&reading),
                Ok(Frame::Torn) => return Err(damaged("a frame that breaks off")),
                Ok(Frame::End) if reading.is_closed || self.is_open(reading.part) => {
                    self.finish(&reading);
                }
                Ok(Frame::End) => return Err(damaged("an end without the closing mark")),
            }
        }
    }

    /// Where it came to, once there are no more steps.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// The part that is read, or the next one, opened.
    fn next_part(&mut self) -> Result<Option<Reading>, LogError> {
        if let Some(reading) = self.reading.take() {
            return Ok(Some(reading));
        }
        let Some(part) = self.rest.pop_front() else {
            return Ok(None);
        };
        let open = || {
            let file = File::open(self.path(part))?;
            let length = file.metadata()?.len();
            Ok(Frames::new(BufReader::with_capacity(PIECE, file), length))
        };
        let frames = open().map_err(|source| self.io(part, source))?;
        Ok(Some(Reading {
            part,
            frames,
            is_closed: false,
        }))
    }

    fn finish(&mut self, reading: &Reading) {
        let good = reading.frames.at();
        let end = &mut self.end;
        match reading.part {
            Part::Base(_) => end.base_length = good,
            // A crash between finishing a log and beginning the next leaves none that goes on.
            Part::Log(number) if reading.is_closed => {
                end.closed_length += good;
                end.log = number + 1;
            }
            Part::Log(number) => {
                end.log = number;
                end.length = good;
                end.torn = reading.frames.left();
            }
        }
    }

    fn is_open(&self, part: Part) -> bool {
        self.open.map(Part::Log) == Some(part)
    }

    fn path(&self, part: Part) -> PathBuf {
        match part {
            Part::Base(number) => self.directory.base(number),
            Part::Log(number) => self.directory.log(number),
        }
    }

    fn io(&self, part: Part, source: io::Error) -> LogError {
        LogError::Io {
            path: self.path(part),
            source,
        }
    }

    fn damaged(&self, part: Part, offset: u64, what: &str) -> LogError {
        let path = self.path(part);
        let mut advice = format!("truncate -s {offset} '{}'", path.display());
        let later = self.files.logs.iter().filter(|log| match part {
            Part::Base(_) => true,
            Part::Log(number) => **log > number,
        });
        let later: Vec<PathBuf> = later.map(|log| self.directory.log(*log)).collect();
        if !later.is_empty() {
            advice = format!("{advice} && {}", remove(later.into_iter()));
        }
        if let Part::Base(_) = part {
            // A part of a base is no base; as the first of all logs it is good.
            let first = self.directory.log(1);
            advice = format!("{advice} && mv '{}' '{}'", path.display(), first.display());
        }
        LogError::Damaged {
            path,
            offset,
            what: what.into(),
            advice,
        }
    }
}
