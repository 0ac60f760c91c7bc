//! The parser: bytes in, whole requests out.
//!
//! It is fed as bytes arrive and never looks at a byte of a finished argument again, so that a request of many arguments costs
//! no more in a thousand pieces than in one. The same parser reads clients and the log: the log is arrays only.

use super::{error::ProtocolError, inline};

/// The words of one request: the command and its arguments.
pub(crate) type Request = Vec<Vec<u8>>;

/// The longest line: a length, or a command written by hand.
const LINE: usize = 64 * 1024;
/// The most words in a request, as in Redis.
const WORDS: usize = 1024 * 1024;
/// The most bytes in the words of a request, all together.
const BYTES: usize = 64 * 1024 * 1024;
/// What is read at once, and what is kept of the buffer when nothing is in it.
const ROOM: usize = 16 * 1024;

/// Reads requests out of a stream of bytes.
pub(crate) struct Parser {
    buffer: Vec<u8>,
    /// How much of the buffer is read.
    at: usize,
    /// Where in the stream the buffer begins.
    offset: u64,
    /// Where in the stream the request begins that comes next.
    start: u64,
    /// The request that is half read.
    array: Option<Array>,
    inline: bool,
}

struct Array {
    missing: usize,
    words: Request,
    bytes: usize,
    /// The length of the word that comes next, once it is known.
    length: Option<usize>,
}

impl Parser {
    /// A parser for a client: arrays, and commands in one line as a person types them.
    pub(crate) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            offset: 0,
            start: 0,
            array: None,
            inline: true,
        }
    }

    /// A parser that takes arrays of at least one word and nothing else.
    pub(crate) fn arrays_only() -> Self {
        Self {
            inline: false,
            ..Self::new()
        }
    }

    /// The buffer to append to, with room for the next piece.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        self.offset += self.at as u64;
        self.buffer.drain(..self.at);
        self.at = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > 4 * ROOM {
            self.buffer = Vec::new();
        }
        self.buffer.reserve(ROOM);
        &mut self.buffer
    }

    /// Where in the stream the request begins that `next` is to give.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Where in the stream the bytes end that have come so far.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.buffer.len() as u64
    }

    /// Whether a request has begun and not ended.
    pub(crate) fn is_midway(&self) -> bool {
        self.end() > self.start
    }

    /// The bytes that have come and are not read.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// The next whole request, or nothing as long as it is not all there.
    ///
    /// # Errors
    ///
    /// What is wrong with the bytes. The parser is then of no more use.
    pub(crate) fn next(&mut self) -> Result<Option<Request>, ProtocolError> {
        loop {
            let whole = match self.array.take() {
                None => self.begin()?,
                Some(array) => self.go_on(array)?,
            };
            match whole {
                Step::Request(words) => {
                    self.start = self.offset + self.at as u64;
                    // An empty line and an array without words are nothing to answer to.
                    if !words.is_empty() {
                        return Ok(Some(words));
                    }
                }
                Step::Onward => {}
                Step::Wait => return Ok(None),
            }
        }
    }

    fn begin(&mut self) -> Result<Step, ProtocolError> {
        let Some(&first) = self.buffer.get(self.at) else {
            return Ok(Step::Wait);
        };
        if first != b'*' {
            return if self.inline {
                self.inline()
            } else {
                Err(ProtocolError::Expected('*', first))
            };
        }
        let Some(line) = self.line(ProtocolError::LongArrayLine)? else {
            return Ok(Step::Wait);
        };
        let count = integer(&line[1..])
            .filter(|count| *count <= WORDS as i64)
            .ok_or(ProtocolError::ArrayLength)?;
        match usize::try_from(count) {
            Ok(missing @ 1..) => {
                // The count is only a claim: memory follows what really comes.
                let words = Vec::with_capacity(missing.min(16));
                self.array = Some(Array {
                    missing,
                    words,
                    bytes: 0,
                    length: None,
                });
                Ok(Step::Onward)
            }
            _ if self.inline => Ok(Step::Request(Vec::new())),
            _ => Err(ProtocolError::ArrayLength),
        }
    }

    fn inline(&mut self) -> Result<Step, ProtocolError> {
        let Some(line) = self.line(ProtocolError::LongInline)? else {
            return Ok(Step::Wait);
        };
        inline::split(line)
            .map(Step::Request)
            .ok_or(ProtocolError::UnbalancedQuotes)
    }

    /// Takes the next piece of a half-read array: the length of a word, or the word.
    fn go_on(&mut self, mut array: Array) -> Result<Step, ProtocolError> {
        if let Some(length) = array.length {
            let Some(bytes) = self.buffer.get(self.at..self.at + length + 2) else {
                self.array = Some(array);
                return Ok(Step::Wait);
            };
            let (word, end) = bytes.split_at(length);
            if end != b"\r\n" {
                return Err(ProtocolError::Expected('\r', end[0]));
            }
            array.words.push(word.to_vec());
            array.length = None;
            array.missing -= 1;
            self.at += length + 2;
            if array.missing == 0 {
                return Ok(Step::Request(array.words));
            }
        } else {
            let first = self.buffer.get(self.at).copied();
            if let Some(first) = first.filter(|first| *first != b'$') {
                return Err(ProtocolError::Expected('$', first));
            }
            let Some(line) = self.line(ProtocolError::LongWordLine)? else {
                self.array = Some(array);
                return Ok(Step::Wait);
            };
            let length = integer(&line[1..]).and_then(|length| usize::try_from(length).ok());
            let length = length
                .filter(|length| *length <= BYTES)
                .ok_or(ProtocolError::WordLength)?;
            array.bytes += length;
            if array.bytes > BYTES {
                return Err(ProtocolError::LargeRequest);
            }
            array.length = Some(length);
        }
        self.array = Some(array);
        Ok(Step::Onward)
    }

    /// The next line without its end, if all of it is there.
    fn line(&mut self, too_long: ProtocolError) -> Result<Option<&[u8]>, ProtocolError> {
        let rest = &self.buffer[self.at..];
        let Some(length) = rest.iter().take(LINE).position(|byte| *byte == b'\n') else {
            return if rest.len() < LINE {
                Ok(None)
            } else {
                Err(too_long)
            };
        };
        self.at += length + 1;
        let line = &rest[..length];
        Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

enum Step {
    Request(Request),
    Onward,
    Wait,
}

/// A decimal number as the protocol writes it.
fn integer(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Request {
        words.iter().map(|word| word.as_bytes().to_vec()).collect()
    }

    fn all(mut parser: Parser, input: &[u8]) -> Result<Vec<Request>, ProtocolError> {
        parser.room().extend_from_slice(input);
        let mut requests = Vec::new();
        while let Some(request) = parser.next()? {
            requests.push(request);
        }
        Ok(requests)
    }

    fn error(input: &[u8]) -> String {
        all(Parser::new(), input).unwrap_err().to_string()
    }

    const TWO: &[u8] = b"*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n*1\r\n$0\r\n\r\n";

    #[test]
    fn a_pipeline_comes_out_in_order_and_whole() {
        assert_eq!(
            all(Parser::new(), TWO).unwrap(),
            [words(&["GET", "a\r\nb"]), words(&[""])]
        );
    }

    #[test]
    fn bytes_that_come_one_by_one_make_the_same_requests() {
        let mut parser = Parser::new();
        let mut requests = Vec::new();
        let mut starts = Vec::new();
        for byte in TWO {
            parser.room().push(*byte);
            while let Some(request) = parser.next().unwrap() {
                requests.push(request);
                starts.push(parser.start());
                assert!(!parser.is_midway());
            }
        }
        assert_eq!(requests, all(Parser::new(), TWO).unwrap());
        assert_eq!(starts, [23, TWO.len() as u64]);
    }

    #[test]
    fn the_start_of_a_half_read_request_is_where_it_can_be_cut() {
        let mut parser = Parser::new();
        parser.room().extend_from_slice(&TWO[..TWO.len() - 1]);
        assert!(parser.next().unwrap().is_some());
        assert!(parser.next().unwrap().is_none());
        parser.room();
        assert!(parser.is_midway());
        assert_eq!(parser.start(), 23);
    }

    #[test]
    fn a_line_typed_by_hand_is_a_request() {
        let input = b"set  k 'a b'\r\n\r\nPING\n*0\r\n*-1\r\nGET k\r\n";
        let requests = all(Parser::new(), input).unwrap();
        assert_eq!(
            requests,
            [
                words(&["set", "k", "a b"]),
                words(&["PING"]),
                words(&["GET", "k"])
            ]
        );
    }

    #[test]
    fn what_is_malformed_is_told_in_the_words_of_redis() {
        assert_eq!(error(b"*x\r\n"), "invalid multibulk length");
        assert_eq!(error(b"*1048577\r\n"), "invalid multibulk length");
        assert_eq!(error(b"*1\r\n+OK\r\n"), "expected '$', got '+'");
        assert_eq!(error(b"*1\r\n$-1\r\n"), "invalid bulk length");
        assert_eq!(error(b"*1\r\n$99999999999\r\n"), "invalid bulk length");
        assert_eq!(error(b"*1\r\n$1\r\nabc"), "expected '\\r', got 'b'");
        assert_eq!(error(b"SET k 'a\r\n"), "unbalanced quotes in request");
        assert_eq!(error(&[b'a'; LINE]), "too big inline request");
        assert_eq!(error(&[b'*'; LINE]), "too big mbulk count string");
        let request = [
            b"*2\r\n$67108864\r\n".as_slice(),
            &vec![0; BYTES],
            b"\r\n$1\r\n",
        ]
        .concat();
        assert_eq!(error(&request), "too big request");
    }

    #[test]
    fn the_log_is_arrays_only() {
        assert_eq!(all(Parser::arrays_only(), TWO).unwrap().len(), 2);
        assert_eq!(
            all(Parser::arrays_only(), b"PING\r\n"),
            Err(ProtocolError::Expected('*', b'P'))
        );
        assert_eq!(
            all(Parser::arrays_only(), b"*0\r\n"),
            Err(ProtocolError::ArrayLength)
        );
    }
}
