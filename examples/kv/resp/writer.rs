//! The writer: replies and log records as bytes.

use std::io::Write;

/// Writes RESP2 values one after another into memory.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// What is written so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What is written, to give away.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Begins anew, with the memory of before unless that has become large.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(64 * 1024);
    }

    /// Appends values that are encoded already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A short text that is a line of its own.
    pub(crate) fn simple(&mut self, text: &str) {
        self.line('+', text);
    }

    /// An error; by custom its first word is a code in capitals.
    pub(crate) fn error(&mut self, text: &str) {
        self.line('-', text);
    }

    /// A number.
    pub(crate) fn integer(&mut self, number: i64) {
        self.head(':', number);
    }

    /// A value of any bytes.
    pub(crate) fn bulk(&mut self, value: &[u8]) {
        self.head('$', value.len());
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// No value.
    pub(crate) fn null(&mut self) {
        self.bytes.extend_from_slice(b"$-1\r\n");
    }

    /// The head of an array; the given count of values must follow.
    pub(crate) fn array(&mut self, count: usize) {
        self.head('*', count);
    }

    /// A whole array of values.
    pub(crate) fn bulks<'a>(&mut self, values: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.array(values.len());
        values.for_each(|value| self.bulk(value));
    }

    fn head(&mut self, sign: char, number: impl std::fmt::Display) {
        // Writing into memory does not fail.
        let _ = write!(self.bytes, "{sign}{number}\r\n");
    }

    /// A line can hold no line end: text that comes from a client must not be able to forge a second reply.
    fn line(&mut self, sign: char, text: &str) {
        self.head(sign, text.replace(['\r', '\n'], " "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_as_the_protocol_says() {
        let mut writer = Writer::default();
        writer.simple("OK");
        writer.error("ERR no\r\n+OK");
        writer.integer(-7);
        writer.bulk(b"a\r\nb");
        writer.null();
        writer.bulks([b"x".as_slice()].into_iter());
        assert_eq!(
            writer.into_bytes(),
            b"+OK\r\n-ERR no  +OK\r\n:-7\r\n$4\r\na\r\nb\r\n$-1\r\n*1\r\n$1\r\nx\r\n"
        );
    }
}
