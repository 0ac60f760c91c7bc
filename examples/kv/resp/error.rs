//! The protocol error: what can be wrong with the bytes of a client, in Redis's words.

use std::fmt;

/// What is wrong with the bytes; after it nothing in the stream can be trusted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    ArrayLength,
    WordLength,
    LongArrayLine,
    LongWordLine,
    LongInline,
    LargeRequest,
    UnbalancedQuotes,
    Expected(char, u8),
}

impl ProtocolError {
    /// What the client is told, with the byte that was wrong as it came.
    pub(crate) fn reply(&self) -> Vec<u8> {
        let mut told = b"ERR Protocol error: ".to_vec();
        match self {
            Self::Expected(wanted, got) => {
                let expected = format!("expected '{}', got '", wanted.escape_default());
                told.extend_from_slice(expected.as_bytes());
                told.extend_from_slice(&[*got, b'\'']);
            }
            other => told.extend_from_slice(other.to_string().as_bytes()),
        }
        told
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArrayLength => f.write_str("invalid multibulk length"),
            Self::WordLength => f.write_str("invalid bulk length"),
            Self::LongArrayLine => f.write_str("too big mbulk count string"),
            Self::LongWordLine => f.write_str("too big bulk count string"),
            Self::LongInline => f.write_str("too big inline request"),
            Self::LargeRequest => f.write_str("too big request"),
            Self::UnbalancedQuotes => f.write_str("unbalanced quotes in request"),
            Self::Expected(wanted, got) => {
                write!(
                    f,
                    "expected '{}', got '{}'",
                    wanted.escape_default(),
                    got.escape_ascii()
                )
            }
        }
    }
}

impl std::error::Error for ProtocolError {}
