//! A frame: records that were written at once, so that a torn end and damage can be told apart.
//!
//! ```text
//! #LLLLLLLL CCCCCCCC HHHHHHHH\n  payload  \n
//! ```
//!
//! L is the length of the payload, C its checksum, and H the checksum of what stands before it, each in eight hexadecimal digits.
//! A frame is *torn* when the file ends within it and what is there of it may be the beginning of one: the head's own checksum
//! vouches for the length. Zeros from where a frame would begin up to the end of the file are torn as well: a loss of power can
//! leave them where nothing was flushed. A frame without payload is the *closing mark*: the file is finished.

use std::io::{self, Read};

use bytes::BytesMut;

/// The length of a head.
pub(crate) const HEAD: usize = 28;
/// The part of the head that its checksum is about.
const CHECKED: usize = 18;

/// Writes the frame of these records.
///
/// # Panics
///
/// When they are 4 GiB or more: who collects records ends far below that.
pub(crate) fn seal(records: &[u8], frame: &mut Vec<u8>) {
    frame.clear();
    frame.reserve(HEAD + records.len() + 1);
    let length = u32::try_from(records.len()).expect("a frame is below 4 GiB");
    let sum = crc32fast::hash(records);
    frame.extend_from_slice(format!("#{length:08x} {sum:08x}").as_bytes());
    let own = crc32fast::hash(frame);
    frame.extend_from_slice(format!(" {own:08x}\n").as_bytes());
    frame.extend_from_slice(records);
    frame.push(b'\n');
}

/// Reads frames one after another.
pub(crate) struct Frames<R> {
    input: R,
    /// How long the input is.
    length: u64,
    /// Where the frame begins that comes next.
    at: u64,
}

/// What comes next in a file.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Records(BytesMut),
    ClosingMark,
    /// The file ends within a frame.
    Torn,
    /// The file ends.
    End,
}

/// Why no frame can be read.
#[derive(Debug)]
pub(crate) enum NoFrame {
    Io(io::Error),
    Damaged(&'static str),
}

impl From<io::Error> for NoFrame {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<R: Read> Frames<R> {
    /// Reads an input of that length from its beginning.
    pub(crate) fn new(input: R, length: u64) -> Self {
        Self {
            input,
            length,
            at: 0,
        }
    }

    /// Where the frame begins that comes next: after an error, the one that is damaged.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes there are from there on.
    pub(crate) fn left(&self) -> u64 {
        self.length - self.at
    }

    /// The next frame.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or is damaged. It is then of no more use.
    pub(crate) fn next(&mut self) -> Result<Frame, NoFrame> {
        let left = self.left();
        if left == 0 {
            return Ok(Frame::End);
        } else if left < HEAD as u64 {
            return self.short();
        }
        let mut head = [0; HEAD];
        self.input.read_exact(&mut head)?;
        let Some((length, sum)) = read(&head) else {
            let is_empty = head == [0; HEAD] && self.is_zero()?;
            return if is_empty {
                Ok(Frame::Torn)
            } else {
                Err(NO_HEAD)
            };
        };
        let whole = HEAD as u64 + u64::from(length) + 1;
        if whole > left {
            return Ok(Frame::Torn);
        }
        // The file is so long: it can be believed.
        let mut payload = BytesMut::zeroed(length as usize + 1);
        self.input.read_exact(&mut payload)?;
        if payload.last() != Some(&b'\n') {
            return Err(NoFrame::Damaged("a frame that goes on behind its end"));
        }
        payload.truncate(length as usize);
        if crc32fast::hash(&payload) != sum {
            return Err(NoFrame::Damaged("a frame whose checksum is another one"));
        }
        self.at += whole;
        Ok(match length {
            0 => Frame::ClosingMark,
            _ => Frame::Records(payload),
        })
    }

    /// What is too short for a head.
    fn short(&mut self) -> Result<Frame, NoFrame> {
        let mut rest = Vec::new();
        let left = self.left();
        Read::by_ref(&mut self.input)
            .take(left)
            .read_to_end(&mut rest)?;
        // As a head is, position by position; or zeros.
        let fits = |(at, byte): (usize, &u8)| match at {
            0 => *byte == b'#',
            9 | 18 => *byte == b' ',
            27 => *byte == b'\n',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        };
        if rest.iter().enumerate().all(fits) || rest.iter().all(|byte| *byte == 0) {
            Ok(Frame::Torn)
        } else {
            Err(NO_HEAD)
        }
    }

    /// Whether all that is left behind a head is zeros.
    fn is_zero(&mut self) -> io::Result<bool> {
        let left = self.left() - HEAD as u64;
        let mut rest = Read::by_ref(&mut self.input).take(left);
        let mut piece = [0; 4096];
        loop {
            match rest.read(&mut piece)? {
                0 => return Ok(true),
                count if piece[..count].iter().any(|byte| *byte != 0) => return Ok(false),
                _ => {}
            }
        }
    }
}

const NO_HEAD: NoFrame = NoFrame::Damaged("no head of a frame");

/// The length and the checksum of the payload, when the head is whole.
fn read(head: &[u8; HEAD]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(head)
        .ok()
        .filter(|text| text.is_ascii())?;
    let [length, sum, own] = [1, 10, 19].map(|at| &text[at..at + 8]);
    let number = |digits: &str| {
        let is_number = digits
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        is_number.then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let is_framed = text.starts_with('#') && text.ends_with('\n');
    let is_parted = text[9..].starts_with(' ') && text[18..].starts_with(' ');
    let is_good = number(own)? == crc32fast::hash(&head[..CHECKED]);
    (is_framed && is_parted && is_good).then_some((number(length)?, number(sum)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(records: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        seal(records, &mut frame);
        frame
    }

    fn read_all(bytes: &[u8]) -> Result<Vec<Frame>, u64> {
        let mut frames = Frames::new(bytes, bytes.len() as u64);
        let mut found = Vec::new();
        loop {
            match frames.next() {
                Ok(Frame::End) => return Ok(found),
                Ok(Frame::Torn) => {
                    found.push(Frame::Torn);
                    return Ok(found);
                }
                Ok(frame) => found.push(frame),
                Err(_) => return Err(frames.at()),
            }
        }
    }

    fn records(bytes: &[u8]) -> Frame {
        Frame::Records(bytes.into())
    }

    #[test]
    fn a_frame_can_be_read_by_people_too() {
        assert_eq!(
            String::from_utf8(frame(b"one")).unwrap(),
            "#00000003 7a6c86f1 9c37fbde\none\n"
        );
    }

    #[test]
    fn what_is_sealed_is_read() {
        let file = [frame(b"one"), frame(b"\n#two"), frame(b"")].concat();
        let expected = [records(b"one"), records(b"\n#two"), Frame::ClosingMark];
        assert_eq!(read_all(&file).unwrap(), expected);
    }

    #[test]
    fn an_end_that_is_cut_anywhere_is_torn() {
        let (first, second) = (frame(b"one"), frame(b"two"));
        let file = [first.clone(), second].concat();
        for length in first.len() + 1..file.len() {
            let expected = [records(b"one"), Frame::Torn];
            assert_eq!(read_all(&file[..length]).unwrap(), expected, "{length}");
        }
        assert_eq!(read_all(&file[..first.len()]).unwrap(), [records(b"one")]);
    }

    #[test]
    fn zeros_up_to_the_end_are_torn_and_other_rubbish_is_damage() {
        let good = frame(b"one");
        for length in [1, 27, 28, 29, 10_000] {
            let zeros = [&good[..], &vec![0; length]].concat();
            let expected = [records(b"one"), Frame::Torn];
            assert_eq!(read_all(&zeros).unwrap(), expected, "{length}");
            let last = [&zeros[..], b"x"].concat();
            assert_eq!(read_all(&last), Err(good.len() as u64), "{length}");
        }
        for rubbish in [&b"#12345678x"[..], b"PING\r\n", b"#ABC"] {
            let file = [&good[..], rubbish].concat();
            assert_eq!(read_all(&file), Err(good.len() as u64));
        }
    }

    #[test]
    fn a_bit_that_is_turned_anywhere_is_damage_where_its_frame_begins() {
        let (first, second) = (frame(b"one"), frame(b"two"));
        let file = [first.clone(), second, frame(b"three")].concat();
        for bit in 0..8 * (file.len() - frame(b"three").len()) {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let begin = if bit / 8 < first.len() {
                0
            } else {
                first.len()
            };
            assert_eq!(read_all(&file), Err(begin as u64), "bit {bit}");
        }
    }
}
