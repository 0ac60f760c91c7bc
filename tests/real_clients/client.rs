//! A client of our own: the protocol on a plain socket, so that a test decides which bytes go out when.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::wait::BOUND;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    Simple(String),
    Error(String),
    Integer(i64),
    Bulk(Option<Vec<u8>>),
    Array(Vec<Self>),
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends a command and gives its reply.
    pub(crate) fn ask(&mut self, words: &[&str]) -> Reply {
        self.send(words);
        self.reply()
    }

    /// Sends a command whose reply is read later.
    pub(crate) fn send(&mut self, words: &[&str]) {
        self.write(&encode(words));
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    /// The next reply.
    pub(crate) fn reply(&mut self) -> Reply {
        self.try_reply().unwrap()
    }

    /// The next reply; an error when the server has closed.
    pub(crate) fn try_reply(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (sign, text) = line.trim_end().split_at(1);
        Ok(match sign {
            "+" => Reply::Simple(text.into()),
            "-" => Reply::Error(text.into()),
            ":" => Reply::Integer(text.parse().unwrap()),
            "$" => Reply::Bulk(self.bulk(text.parse().unwrap())?),
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
        bytes.truncate(length);
        Ok(Some(bytes))
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
pub(crate) fn encode(words: &[&str]) -> Vec<u8> {
    let bulks: String = words
        .iter()
        .map(|word| format!("${}\r\n{word}\r\n", word.len()))
        .collect();
    format!("*{}\r\n{bulks}", words.len()).into_bytes()
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
}
