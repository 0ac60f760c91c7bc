//! What a life tells the listeners of its tree on its own account.
use std::{
    fmt::{self, Write},
    sync::Arc,
};

/// The most bytes of a topic, and of a message.
const LONGEST_TOPIC: usize = 255;
const LONGEST_MESSAGE: usize = 1024;

/// An event of a child's own: a topic, which listeners choose by, and a message for people.
///
/// It is plain text, so no code of a user runs where it is told. See
/// [`Context::emit`](crate::Context::emit).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomEvent {
    topic: Arc<str>,
    message: Arc<str>,
}

impl CustomEvent {
    pub(crate) fn new(topic: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self {
            topic: within(LONGEST_TOPIC, topic),
            message: within(LONGEST_MESSAGE, message),
        }
    }

    /// What it is about, in at most 255 bytes.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// What it says, in at most 1024 bytes.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for CustomEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.topic, self.message)
    }
}

/// A text that takes no more than it has room for.
struct Cut {
    text: String,
    most: usize,
}

/// What is cut off is told by this.
const MORE: char = '…';

/// The text of `value`; one that is longer is cut, and what is not wanted is not printed.
fn within(most: usize, value: impl fmt::Display) -> Arc<str> {
    let mut cut = Cut {
        text: String::new(),
        most,
    };
    // An error is that of a text that was cut; a value that fails by itself is told as far as it came.
    let _ = write!(cut, "{value}");
    cut.text.into()
}

impl Write for Cut {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.text.len() + part.len() <= self.most {
            self.text.push_str(part);
            return Ok(());
        }
        let room = self.most - self.text.len();
        self.text.push_str(&part[..border(part, room)]);
        self.text
            .truncate(border(&self.text, self.most - MORE.len_utf8()));
        self.text.push(MORE);
        Err(fmt::Error)
    }
}

/// The last border between two characters up to `end`, which lies within the text or at its end.
fn border(text: &str, end: usize) -> usize {
    let mut end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let text = |value: &str| within(8, value).to_string();
        assert_eq!(text(""), "");
        assert_eq!(text("12345678"), "12345678");
        assert_eq!(text("123456789"), "12345…");
        assert_eq!(text("1234ä6789"), "1234…");
        assert_eq!(
            within(8, format_args!("{}{}", "1234567", "ä")).to_string(),
            "12345…"
        );
    }

    #[test]
    fn a_value_that_goes_on_is_not_printed_further() {
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("again ")?;
                }
            }
        }
        struct Deaf;
        impl fmt::Display for Deaf {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for _ in 0..100 {
                    let _ = f.write_str("äh ");
                }
                Ok(())
            }
        }
        let event = CustomEvent::new(Endless, Deaf);
        assert_eq!(event.topic().len(), LONGEST_TOPIC);
        assert!(event.topic().ends_with(MORE));
        assert_eq!(event.message().len(), 400);
        assert_eq!(within(8, Deaf).to_string(), "äh …");
    }
}
