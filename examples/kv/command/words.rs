//! The words of a request: the name of a command and its arguments, and what is said when they do not fit together.
//!
//! What is wrong is told in Redis's own words, so that its clients recognise it.

use std::fmt;

use bytes::Bytes;

use crate::{
    data::NOT_AN_INTEGER,
    resp::{Request, integer},
};

/// What Redis answers to arguments that it can make nothing of.
pub(crate) const SYNTAX: &str = "ERR syntax error";

/// How much of what a client sent is repeated to it.
const SHORT: usize = 128;

/// The reply to a request that makes no sense: an error, which may cite any bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal(Vec<u8>);

/// A request, its name apart from its arguments.
pub(crate) struct Words {
    /// The name as the client wrote it.
    pub(crate) name: Bytes,
    pub(crate) arguments: Vec<Bytes>,
}

impl Words {
    pub(crate) fn new(mut request: Request) -> Self {
        // The parser gives no request without a word.
        let name = request.remove(0);
        Self {
            name,
            arguments: request,
        }
    }

    /// The arguments of a command that takes so many.
    ///
    /// # Errors
    ///
    /// There are more, or fewer.
    pub(crate) fn exactly<const COUNT: usize>(self) -> Result<[Bytes; COUNT], Refusal> {
        let Self { name, arguments } = self;
        arguments.try_into().map_err(|_| wrong_number(&name))
    }

    /// The argument of a command that takes one.
    ///
    /// # Errors
    ///
    /// There are more, or none.
    pub(crate) fn one(self) -> Result<Bytes, Refusal> {
        self.exactly().map(|[argument]| argument)
    }

    /// The error of a command that does not exist.
    pub(crate) fn unknown(&self) -> Refusal {
        let mut cited = Vec::new();
        for argument in &self.arguments {
            if cited.len() >= SHORT {
                break;
            }
            let argument = cite(argument, SHORT - cited.len());
            cited = [&cited[..], b"'", argument, b"' "].concat();
        }
        Refusal::citing(
            "ERR unknown command '",
            &self.name,
            "', with args beginning with: ",
            &cited,
        )
    }

    /// The error of a command whose first argument, the name of a part of it, does not exist.
    pub(crate) fn unknown_part(&self) -> Refusal {
        let part = self.arguments.first().map_or(&[][..], |part| part);
        let name = self.name.to_ascii_uppercase();
        let rest = [b"'. Try ", &name[..], b" HELP."].concat();
        Refusal::citing("ERR unknown subcommand '", part, "", &rest)
    }
}

impl Refusal {
    /// A refusal that says what the client said, without what it says after a zero byte: Redis stops there.
    pub(crate) fn citing(before: &str, cited: &[u8], after: &str, rest: &[u8]) -> Self {
        let cited = cite(cited, SHORT);
        Self([before.as_bytes(), cited, after.as_bytes(), rest].concat())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Refusal {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// The error of arguments that are too many or too few. A name of two parts is written with a bar: `config|get`.
pub(crate) fn wrong_number(name: &[u8]) -> Refusal {
    let name = name.to_ascii_lowercase();
    Refusal::citing(
        "ERR wrong number of arguments for '",
        &name,
        "' command",
        b"",
    )
}

/// Whether the argument is that word, in any case.
pub(crate) fn is(argument: &[u8], word: &str) -> bool {
    argument.eq_ignore_ascii_case(word.as_bytes())
}

/// The number that an argument is.
///
/// # Errors
///
/// It is none.
pub(crate) fn number(argument: &[u8]) -> Result<i64, Refusal> {
    integer(argument).ok_or_else(|| NOT_AN_INTEGER.into())
}

fn cite(word: &[u8], length: usize) -> &[u8] {
    let end = word.iter().position(|byte| *byte == 0);
    &word[..end.unwrap_or(word.len()).min(length)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Words {
        Words::new(
            line.split(' ')
                .map(|word| Bytes::copy_from_slice(word.as_bytes()))
                .collect(),
        )
    }

    #[test]
    fn an_unknown_command_is_told_with_its_arguments() {
        let error = words("FOO a b").unknown().to_string();
        assert_eq!(
            error,
            "ERR unknown command 'FOO', with args beginning with: 'a' 'b' "
        );
        let long = "x".repeat(200);
        let error = words(&format!("{long} {long} b")).unknown().to_string();
        let short = &long[..128];
        assert_eq!(
            error,
            format!("ERR unknown command '{short}', with args beginning with: '{short}' ")
        );
    }

    #[test]
    fn a_wrong_number_of_arguments_is_told_with_the_name() {
        let error: Refusal = "ERR wrong number of arguments for 'get' command".into();
        assert_eq!(words("GET a b").one().unwrap_err(), error);
        assert_eq!(words("GET").exactly::<1>().unwrap_err(), error);
        assert_eq!(words("GET a").one().unwrap(), "a");
    }
}
