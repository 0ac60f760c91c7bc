//! The replay: the log read from its beginning, at each start of the store.
//!
//! The last record can be torn, by a kill or a full disk: what there is of it is cut off, for nobody was told that it was done.
//! Anything else that is wrong is damage: it is told with its place, and the store does not start, for what follows cannot be
//! trusted.

use std::{
    error::Error,
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    command::Command,
    log::Log,
    operation::Operation,
    resp::{Parser, Request},
};

/// How much of the file is read at once.
const PIECE: u64 = 64 * 1024;

/// The log's file while it is read from its beginning; at the end it becomes a [`Log`].
pub(crate) struct Replay {
    file: File,
    path: PathBuf,
    parser: Parser,
    /// Where the record begins that was read last.
    record: u64,
}

/// Why the log cannot be replayed.
#[derive(Debug)]
pub(crate) enum ReplayError {
    Io {
        path: PathBuf,
        source: io::Error,
    },
    Damaged {
        path: PathBuf,
        offset: u64,
        what: String,
    },
}

impl Replay {
    /// Opens the log. It must be there: a log that has gone while the server ran is not a reason to begin with no data.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn open(path: &Path) -> Result<Self, ReplayError> {
        let file = OpenOptions::new().read(true).append(true).open(path);
        let file = file.map_err(|source| ReplayError::Io {
            path: path.into(),
            source,
        })?;
        Ok(Self {
            file,
            path: path.into(),
            parser: Parser::arrays_only(),
            record: 0,
        })
    }

    /// The next record, or nothing when all are read.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is damaged.
    pub(crate) fn next(&mut self) -> Result<Option<Operation>, ReplayError> {
        loop {
            self.record = self.parser.start();
            if let Some(request) = self
                .parser
                .next()
                .map_err(|error| self.damaged(&error.to_string()))?
            {
                return operation(request)
                    .map(Some)
                    .ok_or_else(|| self.damaged("not a change to the data"));
            }
            if self.read()? == 0 {
                return Ok(None);
            }
        }
    }

    /// The record that was read last does not do what it did when it was written.
    pub(crate) fn damaged(&self, what: &str) -> ReplayError {
        ReplayError::Damaged {
            path: self.path.clone(),
            offset: self.record,
            what: what.into(),
        }
    }

    /// Ends the reading: a torn last record is cut off, with a warning.
    ///
    /// # Errors
    ///
    /// The file cannot be cut, or what looks like a torn record has whole records behind it.
    pub(crate) fn finish(self) -> Result<Log, ReplayError> {
        let length = self.parser.start();
        if self.parser.is_midway() {
            if has_record(self.parser.rest()) {
                return Err(self.damaged("a record that claims to be longer than it is"));
            }
            tracing::warn!(
                offset = length,
                bytes = self.parser.end() - length,
                "the last record of the log is torn and is cut off"
            );
            self.file
                .set_len(length)
                .map_err(|source| self.io(source))?;
        }
        Ok(Log::new(self.file, length))
    }

    fn read(&mut self) -> Result<usize, ReplayError> {
        let room = self.parser.room();
        let read = Read::by_ref(&mut self.file).take(PIECE).read_to_end(room);
        read.map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> ReplayError {
        ReplayError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// The change that a record stands for, if it stands for one.
fn operation(request: Request) -> Option<Operation> {
    match Command::read(request) {
        Ok(Command::Store(operation)) if operation.is_change() => Some(operation),
        _ => None,
    }
}

/// Whether another record begins in the bytes, on a line of its own. A record that claims more bytes than the file has is torn
/// if it is the last one and damaged if others follow: to cut there would lose them. A torn value that itself holds the head of
/// a record is taken for damage; that errs on the side that loses nothing.
fn has_record(rest: &[u8]) -> bool {
    let lines = rest
        .windows(3)
        .enumerate()
        .filter(|(_, window)| window == b"\r\n*")
        .map(|(at, _)| &rest[at + 3..]);
    lines.into_iter().any(|line| {
        let digits = line
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .take(8)
            .count();
        HEADS.iter().any(|head| line[digits..].starts_with(head))
    })
}

/// How records go on after their count of words.
const HEADS: [&[u8]; 4] = [
    b"\r\n$3\r\nSET\r\n$",
    b"\r\n$3\r\nDEL\r\n$",
    b"\r\n$4\r\nINCR\r\n$",
    b"\r\n$8\r\nFLUSHALL\r\n",
];

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => {
                write!(f, "the log {} cannot be replayed: {source}", path.display())
            }
            Self::Damaged { path, offset, what } => {
                let path = path.display();
                write!(
                    f,
                    "the log {path} is damaged at byte {offset}: {what}; all before it is whole, and to go on with that alone, \
                     keep a copy and cut the log there: truncate -s {offset} {path}"
                )
            }
        }
    }
}

impl Error for ReplayError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Damaged { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::*;
    use crate::{data::Data, log, resp::Writer};

    /// A log's file that is removed with its directory.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, content: &[u8]) -> Self {
            let directory = env::temp_dir().join(format!("kv-log-{}-{name}", process::id()));
            let path = log::prepare(&directory).unwrap();
            fs::write(&path, content).unwrap();
            Self(path)
        }

        /// Replays the log, as the store does.
        fn replay(&self) -> Result<(Vec<Operation>, Log), ReplayError> {
            let (mut data, mut replies, mut log) =
                (Data::default(), Writer::default(), Writer::default());
            let mut replay = Replay::open(&self.0)?;
            let mut operations = Vec::new();
            while let Some(operation) = replay.next()? {
                operations.push(operation.clone());
                data.apply(operation, &mut replies, &mut log);
            }
            let end = replay.finish()?;
            assert_eq!(
                log.bytes(),
                fs::read(&self.0).unwrap(),
                "what is replayed logs the same again"
            );
            Ok((operations, end))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.0.parent().unwrap());
        }
    }

    const SET: &[u8] = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\r\n\r\n";
    const INCR: &[u8] = b"*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n";

    #[test]
    fn what_is_appended_is_replayed() {
        let scratch = Scratch::new("append", b"");
        let (operations, mut log) = scratch.replay().unwrap();
        assert_eq!(operations, []);
        log.append(SET).unwrap();
        log.append(&[INCR, b"*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n"].concat())
            .unwrap();
        let set = Operation::Set {
            key: b"k".to_vec(),
            value: b"a\r\n".to_vec(),
        };
        let (operations, _) = scratch.replay().unwrap();
        assert_eq!(
            operations,
            [
                set,
                Operation::Incr(b"n".to_vec()),
                Operation::Del(vec![b"k".to_vec()])
            ]
        );
    }

    #[test]
    fn a_torn_last_record_is_cut_off_wherever_it_is_torn() {
        for length in SET.len()..SET.len() + INCR.len() {
            let scratch = Scratch::new("torn", &[SET, INCR].concat()[..length]);
            assert_eq!(scratch.replay().unwrap().0.len(), 1, "torn at {length}");
            assert_eq!(fs::read(&scratch.0).unwrap(), SET);
        }
    }

    #[test]
    fn after_a_torn_record_the_log_goes_on_where_it_was_cut() {
        let scratch = Scratch::new("go-on", &[INCR, &SET[..9]].concat());
        scratch.replay().unwrap().1.append(SET).unwrap();
        assert_eq!(fs::read(&scratch.0).unwrap(), [INCR, SET].concat());
        assert_eq!(scratch.replay().unwrap().0.len(), 2);
    }

    #[test]
    fn any_other_damage_is_told_with_its_place_and_changes_nothing() {
        let longer = String::from_utf8(INCR.to_vec())
            .unwrap()
            .replace("$1", "$9999");
        for (name, damage, what) in [
            ("zeros", &[0; 8][..], "expected '*', got '\\x00'"),
            ("line", b"PING\r\n", "expected '*', got 'P'"),
            (
                "reading",
                b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
                "not a change to the data",
            ),
            (
                "unknown",
                b"*1\r\n$3\r\nFOO\r\n",
                "not a change to the data",
            ),
            (
                "longer",
                longer.as_bytes(),
                "a record that claims to be longer than it is",
            ),
        ] {
            let content = [SET, damage, SET].concat();
            let scratch = Scratch::new(name, &content);
            let error = scratch.replay().map(|_| ()).unwrap_err().to_string();
            assert!(
                error.contains(&format!("is damaged at byte {}: {what};", SET.len())),
                "{name}: {error}"
            );
            assert_eq!(fs::read(&scratch.0).unwrap(), content);
        }
    }

    #[test]
    fn a_log_that_has_gone_is_not_an_empty_log() {
        let scratch = Scratch::new("gone", b"");
        fs::remove_file(&scratch.0).unwrap();
        assert!(matches!(
            Replay::open(&scratch.0),
            Err(ReplayError::Io { .. })
        ));
    }
}
