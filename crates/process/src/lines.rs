//! Bytes to lines.
use std::borrow::Cow;

/// How many bytes of a line are kept.
pub(crate) const LONGEST: usize = 8 * 1024;

/// What is put in the place of the rest.
const CUT: &str = " … (the rest of this line is cut)";

/// Cuts a stream of bytes into lines, and each line to [`LONGEST`].
#[derive(Debug, Default)]
pub(crate) struct Lines {
    line: Vec<u8>,
    /// The line was told, and goes on.
    is_cut: bool,
}

impl Lines {
    /// Takes bytes, and tells the lines that they complete. A line is told without its end, and with what is no UTF-8 replaced.
    pub(crate) fn take(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.grow(&bytes[..end], tell);
            self.end(tell);
            bytes = &bytes[end + 1..];
        }
        self.grow(bytes, tell);
    }

    /// Tells a last line that has no end.
    pub(crate) fn finish(&mut self, tell: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            self.end(tell);
        }
    }

    fn grow(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        if self.is_cut {
            return;
        }
        let room = LONGEST - self.line.len();
        if bytes.len() <= room {
            self.line.extend_from_slice(bytes);
            return;
        }
        // Told at once: a line without an end is seen too.
        self.line.extend_from_slice(&bytes[..room]);
        let mut text = String::from_utf8_lossy(&self.line).into_owned();
        text.push_str(CUT);
        tell(&text);
        self.line.clear();
        self.is_cut = true;
    }

    fn end(&mut self, tell: &mut dyn FnMut(&str)) {
        if !std::mem::take(&mut self.is_cut) {
            let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
            let text: Cow<'_, str> = String::from_utf8_lossy(line);
            tell(&text);
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{CUT, LONGEST, Lines};

    fn told(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        let mut tell = |line: &str| told.push(line.to_owned());
        for piece in pieces {
            lines.take(piece, &mut tell);
        }
        lines.finish(&mut tell);
        told
    }

    #[test]
    fn lines_over_pieces() {
        assert_eq!(told(&[b"a\nb", b"c\r\n", b"\nd"]), ["a", "bc", "", "d"]);
        assert_eq!(told(&[b"", b"\n"]), [""]);
    }

    #[test]
    fn what_is_no_utf_8_is_replaced() {
        assert_eq!(told(&[b"a\xffb\n", "ä".as_bytes()]), ["a\u{fffd}b", "ä"]);
    }

    #[test]
    fn a_long_line_is_cut_once() {
        let long = vec![b'x'; LONGEST];
        let whole = String::from_utf8(long.clone()).unwrap();
        assert_eq!(told(&[&long, b"\nb\n"]), [&whole, "b"]);
        let cut = format!("{whole}{CUT}");
        assert_eq!(told(&[&long, b"y", &long, b"\nb\n"]), [&cut, "b"]);
    }
}
