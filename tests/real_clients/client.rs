//! A client of our own: the protocol on a plain socket, so that a test decides which bytes go out when.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::wait::BOUND;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reply {
    Simple(String),
    Error(String),
    Integer(i64),
    Bulk(Option<Vec<u8>>),
    Array(Vec<Self>),
    /// An array that is not there: `*-1`.
    NoArray,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).unwrap()
    }

    /// Connects; an error when nobody listens there.
    pub(crate) fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(BOUND))?;
        stream.set_write_timeout(Some(BOUND))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// A second hold on the same connection, to write while another thread reads. What was read ahead stays with the first.
    pub(crate) fn writer(&self) -> Self {
        Self {
            stream: BufReader::new(self.stream.get_ref().try_clone().unwrap()),
        }
    }

    /// Sends a command and gives its reply.
    pub(crate) fn ask<W: AsRef<[u8]>>(&mut self, words: &[W]) -> Reply {
        self.send(words);
        self.reply()
    }

    /// Sends a command and gives its reply; an error when the server has closed.
    pub(crate) fn try_ask<W: AsRef<[u8]>>(&mut self, words: &[W]) -> io::Result<Reply> {
        self.try_write(&encode(words))?;
        self.try_reply()
    }

    /// A section of the server's information.
    pub(crate) fn section(&mut self, title: &str) -> String {
        let Reply::Bulk(Some(info)) = self.ask(&["INFO", title]) else {
            panic!("no information")
        };
        String::from_utf8(info).unwrap()
    }

    /// A number that the server tells about its log.
    pub(crate) fn info(&mut self, field: &str) -> u64 {
        let info = self.section("persistence");
        let mut lines = info.lines().filter_map(|line| line.split_once(':'));
        let told = lines.find(|(name, _)| *name == field);
        told.unwrap_or_else(|| panic!("no {field} in {info:?}"))
            .1
            .parse()
            .unwrap()
    }

    /// Sends a command whose reply is read later.
    pub(crate) fn send<W: AsRef<[u8]>>(&mut self, words: &[W]) {
        self.write(&encode(words));
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.try_write(bytes).unwrap();
    }

    /// Writes; an error when the server has closed.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The next reply.
    pub(crate) fn reply(&mut self) -> Reply {
        self.try_reply().unwrap()
    }

    /// The next reply; an error when the server has closed before the end of it.
    pub(crate) fn try_reply(&mut self) -> io::Result<Reply> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let line = text(line);
        let (sign, text) = line.split_at(1);
        Ok(match sign {
            "+" => Reply::Simple(text.into()),
            "-" => Reply::Error(text.into()),
            ":" => Reply::Integer(text.parse().unwrap()),
            "$" => Reply::Bulk(self.bulk(text.parse().unwrap())?),
            "*" if text == "-1" => Reply::NoArray,
            "*" => Reply::Array(
                (0..text.parse().unwrap())
                    .map(|_| self.try_reply())
                    .collect::<io::Result<_>>()?,
            ),
            _ => panic!("no reply begins so: {line:?}"),
        })
    }

    fn bulk(&mut self, length: i64) -> io::Result<Option<Vec<u8>>> {
        let Ok(length) = usize::try_from(length) else {
            return Ok(None);
        };
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes)?;
        assert_eq!(bytes.split_off(length), b"\r\n", "after {bytes:?}");
        Ok(Some(bytes))
    }

    /// The next bytes as they are, at most so many.
    pub(crate) fn some(&mut self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; most];
        let read = self.stream.read(&mut bytes).unwrap();
        bytes.truncate(read);
        bytes
    }

    /// Waits until the server has closed the connection, and gives what it said before that.
    pub(crate) fn until_closed(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.stream.read_to_end(&mut bytes) {
            Ok(_) => bytes,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => bytes,
            Err(error) => panic!("the server does not close: {error}"),
        }
    }
}

/// A command in the protocol's own form.
pub(crate) fn encode<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// The text of a line. A byte that belongs to no text, which an error may cite, is kept as a character of its own, so that two
/// lines are equal only when all their bytes are.
fn text(line: &[u8]) -> String {
    let kept = |byte: &u8| char::from_u32(0xf700 + u32::from(*byte)).unwrap();
    line.utf8_chunks()
        .flat_map(|chunk| {
            chunk
                .valid()
                .chars()
                .chain(chunk.invalid().iter().map(kept))
        })
        .collect()
}

impl Reply {
    pub(crate) fn ok() -> Self {
        Self::Simple("OK".into())
    }

    pub(crate) fn value(text: &str) -> Self {
        Self::Bulk(Some(text.into()))
    }

    /// The lines of a drawing.
    pub(crate) fn lines(&self) -> String {
        let Self::Array(lines) = self else {
            panic!("not lines: {self:?}")
        };
        lines
            .iter()
            .map(|line| {
                if let Self::Simple(line) = line {
                    format!("{line}\n")
                } else {
                    panic!("not a line: {line:?}")
                }
            })
            .collect()
    }

    /// The names in a drawing, each with what is said of it.
    pub(crate) fn children(&self) -> Vec<(String, String)> {
        let drawing = self.lines();
        let lines = drawing
            .lines()
            .map(|line| line.trim_start_matches(['│', '├', '└', '─', ' ']));
        lines
            .filter_map(|line| line.split_once(' '))
            .map(|(name, state)| (name.into(), state.trim().into()))
            .collect()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simple(text) => write!(f, "+{text}"),
            Self::Error(text) => write!(f, "-{text}"),
            Self::Integer(number) => write!(f, ":{number}"),
            Self::Bulk(Some(bytes)) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Self::Bulk(None) => f.write_str("nothing"),
            Self::Array(replies) => f.debug_list().entries(replies).finish(),
            Self::NoArray => f.write_str("no array"),
        }
    }
}
