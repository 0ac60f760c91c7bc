//! The writer: replies and log records as bytes.

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

    /// How much is written.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Begins anew, with the memory of before unless that has become large.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(64 * 1024);
    }

    /// Appends values that are encoded already.
    pub(crate) fn append(&mut self, values: Vec<u8>) {
        if self.bytes.is_empty() {
            self.bytes = values;
        } else {
            self.bytes.extend_from_slice(&values);
        }
    }

    /// A short text that is a line of its own.
    pub(crate) fn simple(&mut self, text: &str) {
        self.line(b'+', text.as_bytes());
    }

    /// An error; by custom its first word is a code in capitals. Line ends at its end are left out.
    pub(crate) fn error(&mut self, text: &[u8]) {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let end = text.iter().rposition(|byte| !is_end(byte));
        self.line(b'-', &text[..end.map_or(0, |last| last + 1)]);
    }

    /// A number.
    pub(crate) fn integer(&mut self, number: i64) {
        self.head(b':', number);
    }

    /// A value of any bytes.
    pub(crate) fn bulk(&mut self, value: &[u8]) {
        self.head(b'$', value.len());
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// No value.
    pub(crate) fn null(&mut self) {
        self.bytes.extend_from_slice(b"$-1\r\n");
    }

    /// The head of an array; the given count of values must follow.
    pub(crate) fn array(&mut self, count: usize) {
        self.head(b'*', count);
    }

    /// A whole array of values.
    pub(crate) fn bulks(&mut self, values: &[&[u8]]) {
        self.array(values.len());
        values.iter().for_each(|value| self.bulk(value));
    }

    /// Texts one after another, in no array of their own.
    pub(crate) fn bulks_of<const COUNT: usize>(&mut self, values: [&str; COUNT]) {
        values.iter().for_each(|value| self.bulk(value.as_bytes()));
    }

    /// A value, or no value.
    pub(crate) fn optional(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.bulk(value),
            None => self.null(),
        }
    }

    /// A number of things.
    pub(crate) fn count(&mut self, count: usize) {
        self.head(b':', count);
    }

    fn head(&mut self, sign: u8, number: impl itoa::Integer) {
        self.bytes.push(sign);
        let mut digits = itoa::Buffer::new();
        self.bytes
            .extend_from_slice(digits.format(number).as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// A line can hold no line end: text that comes from a client must not be able to forge a second reply.
    fn line(&mut self, sign: u8, text: &[u8]) {
        let safe = |byte: &u8| {
            if matches!(byte, b'\r' | b'\n') {
                b' '
            } else {
                *byte
            }
        };
        self.bytes.push(sign);
        self.bytes.extend(text.iter().map(safe));
        self.bytes.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_as_the_protocol_says() {
        let mut writer = Writer::default();
        writer.simple("OK");
        writer.error(b"ERR no\r\n+OK\r\n");
        writer.integer(-7);
        writer.bulk(b"a\r\nb");
        writer.null();
        writer.bulks(&[b"x"]);
        assert_eq!(
            writer.into_bytes(),
            b"+OK\r\n-ERR no  +OK\r\n:-7\r\n$4\r\na\r\nb\r\n$-1\r\n*1\r\n$1\r\nx\r\n"
        );
    }
}
