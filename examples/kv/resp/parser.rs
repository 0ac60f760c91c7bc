//! The parser: bytes in, whole requests out.
//!
//! It is fed as bytes arrive and never looks at a byte of a finished word again, so that a request of many words costs no more
//! in a thousand pieces than in one. Words share the memory that they came in; who keeps one copies it. The same parser reads
//! clients and the records of the log: those are arrays only.

use bytes::{Buf, Bytes, BytesMut};

use super::{error::ProtocolError, inline, number::integer};

/// The words of one request: the command and its arguments.
pub(crate) type Request = Vec<Bytes>;

/// The longest line: a length, or a command written by hand.
const LINE: usize = 64 * 1024;
/// The most words in a request.
const WORDS: i64 = 1024 * 1024;
/// The most bytes in the words of a client's request, all together.
pub(crate) const BYTES: usize = 64 * 1024 * 1024;
/// What is read at once.
const ROOM: usize = 16 * 1024;

/// Reads requests out of a stream of bytes.
pub(crate) struct Parser {
    buffer: BytesMut,
    /// The request that is half read.
    array: Option<Array>,
    inline: bool,
    /// The most bytes in the words of a request.
    most: usize,
}

struct Array {
    missing: usize,
    words: Request,
    bytes: usize,
    /// The length of the word that comes next, once it is known.
    length: Option<usize>,
}

enum Step {
    Request(Request),
    Onward,
    Wait,
}

impl Parser {
    /// A parser for a client: arrays, and commands in one line as a person types them.
    pub(crate) fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            array: None,
            inline: true,
            most: BYTES,
        }
    }

    /// A parser of these bytes, which are arrays of at least one word and nothing else. They are here, so there is nothing to
    /// limit: what was recorded of a request may be longer than the request was.
    pub(crate) fn arrays(bytes: BytesMut) -> Self {
        Self {
            buffer: bytes,
            array: None,
            inline: false,
            most: usize::MAX,
        }
    }

    /// The buffer to append to, with room for the next piece.
    pub(crate) fn room(&mut self) -> &mut BytesMut {
        // Twice of what has come, whatever length is claimed: memory follows what is really there.
        self.buffer.reserve(self.buffer.len().max(ROOM));
        &mut self.buffer
    }

    /// How many bytes have come and are not read.
    pub(crate) fn unread(&self) -> usize {
        self.buffer.len()
    }

    /// Gives the memory back while nothing comes.
    pub(crate) fn rest(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
    }

    /// Whether a request has begun and not ended.
    pub(crate) fn is_midway(&self) -> bool {
        self.array.is_some() || !self.buffer.is_empty()
    }

    /// The next whole request, or nothing as long as it is not all there.
    ///
    /// # Errors
    ///
    /// What is wrong with the bytes. The parser is then of no more use.
    pub(crate) fn next(&mut self) -> Result<Option<Request>, ProtocolError> {
        loop {
            let step = match self.array.take() {
                None => self.begin()?,
                Some(array) => self.go_on(array)?,
            };
            match step {
                // An empty line and an array without words are nothing to answer to.
                Step::Request(words) if !words.is_empty() => return Ok(Some(words)),
                Step::Request(_) | Step::Onward => {}
                Step::Wait => return Ok(None),
            }
        }
    }

    fn begin(&mut self) -> Result<Step, ProtocolError> {
        match self.buffer.first() {
            None => return Ok(Step::Wait),
            Some(b'*') => {}
            Some(_) if self.inline => return self.inline(),
            Some(other) => return Err(ProtocolError::Expected('*', *other)),
        }
        let Some(end) = self.line(ProtocolError::LongArrayLine)? else {
            return Ok(Step::Wait);
        };
        let count = self
            .number(end)
            .filter(|count| *count <= WORDS)
            .ok_or(ProtocolError::ArrayLength)?;
        self.buffer.advance(end + 1);
        match usize::try_from(count) {
            Ok(missing @ 1..) => {
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
        let Some(end) = self.line(ProtocolError::LongInline)? else {
            return Ok(Step::Wait);
        };
        let words = inline::split(&self.buffer[..end]).ok_or(ProtocolError::UnbalancedQuotes)?;
        self.buffer.advance(end + 1);
        Ok(Step::Request(words.into_iter().map(Bytes::from).collect()))
    }

    /// Takes the next piece of a half-read array: the length of a word, or the word.
    fn go_on(&mut self, mut array: Array) -> Result<Step, ProtocolError> {
        if let Some(length) = array.length {
            let Some(end) = self.buffer.get(length..length.saturating_add(2)) else {
                self.array = Some(array);
                return Ok(Step::Wait);
            };
            if end != b"\r\n" {
                return Err(ProtocolError::Expected('\r', end[0]));
            }
            array.words.push(self.buffer.split_to(length).freeze());
            self.buffer.advance(2);
            array.length = None;
            array.missing -= 1;
            if array.missing == 0 {
                return Ok(Step::Request(array.words));
            }
        } else {
            let first = self.buffer.first().copied();
            if let Some(first) = first.filter(|first| *first != b'$') {
                return Err(ProtocolError::Expected('$', first));
            }
            let Some(end) = self.line(ProtocolError::LongWordLine)? else {
                self.array = Some(array);
                return Ok(Step::Wait);
            };
            let length = self
                .number(end)
                .and_then(|length| usize::try_from(length).ok())
                .filter(|length| *length <= self.most)
                .ok_or(ProtocolError::WordLength)?;
            self.buffer.advance(end + 1);
            array.bytes = array.bytes.saturating_add(length);
            if array.bytes > self.most {
                return Err(ProtocolError::LargeRequest);
            }
            array.length = Some(length);
        }
        self.array = Some(array);
        Ok(Step::Onward)
    }

    /// Where the next line ends, if all of it is there.
    fn line(&self, too_long: ProtocolError) -> Result<Option<usize>, ProtocolError> {
        match self
            .buffer
            .iter()
            .take(LINE + 1)
            .position(|byte| *byte == b'\n')
        {
            None if self.buffer.len() > LINE => Err(too_long),
            end => Ok(end),
        }
    }

    /// The number in a line that ends there, behind its sign.
    fn number(&self, end: usize) -> Option<i64> {
        let line = &self.buffer[1..end];
        integer(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Request {
        words
            .iter()
            .map(|word| Bytes::copy_from_slice(word.as_bytes()))
            .collect()
    }

    fn all(mut parser: Parser) -> Result<Vec<Request>, ProtocolError> {
        let mut requests = Vec::new();
        while let Some(request) = parser.next()? {
            requests.push(request);
        }
        Ok(requests)
    }

    fn client(input: &[u8]) -> Result<Vec<Request>, ProtocolError> {
        let mut parser = Parser::new();
        parser.room().extend_from_slice(input);
        all(parser)
    }

    fn log(input: &[u8]) -> Result<Vec<Request>, ProtocolError> {
        all(Parser::arrays(BytesMut::from(input)))
    }

    fn error(input: &[u8]) -> String {
        client(input).unwrap_err().to_string()
    }

    const TWO: &[u8] = b"*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n*1\r\n$0\r\n\r\n";

    #[test]
    fn a_pipeline_comes_out_in_order_and_whole() {
        assert_eq!(
            client(TWO).unwrap(),
            [words(&["GET", "a\r\nb"]), words(&[""])]
        );
    }

    #[test]
    fn bytes_that_come_one_by_one_make_the_same_requests() {
        let mut parser = Parser::new();
        let mut requests = Vec::new();
        for byte in TWO {
            parser.room().extend_from_slice(&[*byte]);
            while let Some(request) = parser.next().unwrap() {
                requests.push(request);
                assert!(!parser.is_midway());
            }
        }
        assert_eq!(requests, client(TWO).unwrap());
    }

    #[test]
    fn memory_follows_what_came_not_what_is_claimed() {
        let mut parser = Parser::new();
        parser
            .room()
            .extend_from_slice(b"*1048576\r\n$67108864\r\nabc");
        assert_eq!(parser.next(), Ok(None));
        assert!(parser.room().capacity() < 4 * ROOM);
    }

    #[test]
    fn a_line_typed_by_hand_is_a_request() {
        let input = b"set  k 'a b'\r\n\r\nPING\n*0\r\n*-1\r\nGET k\r\n";
        assert_eq!(
            client(input).unwrap(),
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
        assert_eq!(error(b"*+1\r\n"), "invalid multibulk length");
        assert_eq!(error(b"*1048577\r\n"), "invalid multibulk length");
        assert_eq!(error(b"*1\r\n+OK\r\n"), "expected '$', got '+'");
        assert_eq!(error(b"*1\r\n$-1\r\n"), "invalid bulk length");
        assert_eq!(error(b"*1\r\n$99999999999\r\n"), "invalid bulk length");
        assert_eq!(error(b"*1\r\n$1\r\nabc"), "expected '\\r', got 'b'");
        assert_eq!(error(b"SET k 'a\r\n"), "unbalanced quotes in request");
        assert_eq!(error(&[b'a'; LINE + 1]), "too big inline request");
        assert_eq!(error(&[b'*'; LINE + 1]), "too big mbulk count string");
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
        assert_eq!(log(TWO).unwrap().len(), 2);
        assert_eq!(log(b"PING\r\n"), Err(ProtocolError::Expected('*', b'P')));
        assert_eq!(log(b"*0\r\n"), Err(ProtocolError::ArrayLength));
    }
}
