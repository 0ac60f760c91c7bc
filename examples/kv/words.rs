//! The words of a request: the name of a command and its arguments, and what is said when they do not fit together.
//!
//! What is wrong is told in Redis's own words, so that its clients recognise it.

use std::fmt::Write;

use crate::resp::Request;

/// What Redis answers to arguments that it can make nothing of.
pub(crate) const SYNTAX: &str = "ERR syntax error";

/// A request, its name apart from its arguments.
pub(crate) struct Words {
    /// The name as the client wrote it.
    said: Vec<u8>,
    /// The name in small letters.
    pub(crate) name: String,
    pub(crate) arguments: Vec<Vec<u8>>,
}

impl Words {
    pub(crate) fn new(request: Request) -> Self {
        let mut words = request.into_iter();
        let said = words.next().unwrap_or_default();
        let name = String::from_utf8_lossy(&said).to_ascii_lowercase();
        Self {
            said,
            name,
            arguments: words.collect(),
        }
    }

    /// The arguments of a command that takes so many.
    ///
    /// # Errors
    ///
    /// There are more, or fewer.
    pub(crate) fn exactly<const COUNT: usize>(self) -> Result<[Vec<u8>; COUNT], String> {
        let Self {
            name, arguments, ..
        } = self;
        arguments.try_into().map_err(|_| wrong_number(&name))
    }

    /// The argument of a command that takes one.
    ///
    /// # Errors
    ///
    /// There are more, or none.
    pub(crate) fn one(self) -> Result<Vec<u8>, String> {
        self.exactly().map(|[argument]| argument)
    }

    /// The arguments of a command that takes any number but none.
    ///
    /// # Errors
    ///
    /// There are none.
    pub(crate) fn some(self) -> Result<Vec<Vec<u8>>, String> {
        if self.arguments.is_empty() {
            return Err(wrong_number(&self.name));
        }
        Ok(self.arguments)
    }

    /// The error of a command that does not exist.
    pub(crate) fn unknown(&self) -> String {
        let mut quoted = String::new();
        for argument in &self.arguments {
            if quoted.len() >= SHORT {
                break;
            }
            // Writing into memory does not fail.
            let _ = write!(quoted, "'{}' ", shortened(argument, SHORT - quoted.len()));
        }
        let name = shortened(&self.said, SHORT);
        format!("ERR unknown command '{name}', with args beginning with: {quoted}")
    }

    /// The error of a command whose first argument, the name of a part of it, does not exist.
    pub(crate) fn unknown_part(&self) -> String {
        let part = self
            .arguments
            .first()
            .map(|part| shortened(part, SHORT))
            .unwrap_or_default();
        format!(
            "ERR unknown subcommand '{part}'. Try {} HELP.",
            self.name.to_ascii_uppercase()
        )
    }
}

/// How much of what a client sent is repeated to it.
const SHORT: usize = 128;

/// The error of arguments that are too many or too few.
pub(crate) fn wrong_number(name: &str) -> String {
    format!("ERR wrong number of arguments for '{name}' command")
}

/// Whether the argument is that word, in any case.
pub(crate) fn is(argument: &[u8], word: &str) -> bool {
    argument.eq_ignore_ascii_case(word.as_bytes())
}

fn shortened(word: &[u8], length: usize) -> String {
    String::from_utf8_lossy(&word[..word.len().min(length)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Words {
        Words::new(
            line.split(' ')
                .map(|word| word.as_bytes().to_vec())
                .collect(),
        )
    }

    #[test]
    fn names_are_read_in_any_case() {
        assert_eq!(words("gEt k").name, "get");
        assert!(is(b"AsYnC", "async"));
    }

    #[test]
    fn an_unknown_command_is_told_with_its_arguments() {
        let error = words("FOO a b").unknown();
        assert_eq!(
            error,
            "ERR unknown command 'FOO', with args beginning with: 'a' 'b' "
        );
        let long = "x".repeat(200);
        let error = words(&format!("{long} {long} b")).unknown();
        let short = &long[..128];
        assert_eq!(
            error,
            format!("ERR unknown command '{short}', with args beginning with: '{short}' ")
        );
    }

    #[test]
    fn a_wrong_number_of_arguments_is_told_with_the_name() {
        let error = Err("ERR wrong number of arguments for 'get' command".into());
        assert_eq!(words("GET a b").one(), error);
        assert_eq!(
            words("GET").exactly::<1>(),
            error.clone().map(|word| [word])
        );
        assert_eq!(words("GET").some(), error.map(|word| vec![word]));
        assert_eq!(words("GET a").one(), Ok(b"a".to_vec()));
    }
}
