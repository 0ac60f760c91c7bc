//! The flags of the program.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

/// What `--help` says.
pub(crate) const HELP: &str = "\
kv: a small key-value server that speaks the protocol of Redis, supervised by regrow

Usage: kv [--listen ADDRESS:PORT] [--dir DIRECTORY]

  --listen ADDRESS:PORT  where clients connect; port 0 takes a free one [default: 127.0.0.1:6400]
  --dir DIRECTORY        where the log is kept; one server at a time [default: ./kv-data]
  --help                 this text

RUST_LOG sets what is told on stderr, for example RUST_LOG=debug [default: warn].
Try: redis-cli -p 6400 TREE";

/// What the program was asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Flags {
    Help,
    Serve {
        listen: SocketAddr,
        directory: PathBuf,
    },
}

impl Flags {
    /// Reads the arguments of the program, its name not among them.
    ///
    /// # Errors
    ///
    /// One sentence: which argument is wrong and what it should be.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 6400));
        let mut directory = PathBuf::from("kv-data");
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            let (flag, value) = match text.split_once('=') {
                Some((flag, value)) => (flag, Some(OsString::from(value))),
                None => (&*text, None),
            };
            let mut value = || {
                value
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or_else(|| format!("{flag} needs a value"))
            };
            match flag {
                "--help" | "-h" => return Ok(Self::Help),
                "--listen" => listen = address(&value()?.to_string_lossy())?,
                "--dir" => directory = value()?.into(),
                _ => {
                    return Err(format!(
                        "unknown argument '{text}'; --help tells which there are"
                    ));
                }
            }
        }
        Ok(Self::Serve { listen, directory })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("--listen needs an address and a port such as 127.0.0.1:6400, not '{text}'")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Flags, String> {
        Flags::read(line.split_whitespace().map(OsString::from))
    }

    fn serve(listen: &str, directory: &str) -> Result<Flags, String> {
        Ok(Flags::Serve {
            listen: listen.parse().unwrap(),
            directory: directory.into(),
        })
    }

    #[test]
    fn flags_have_defaults_and_take_values_in_two_ways() {
        assert_eq!(read(""), serve("127.0.0.1:6400", "kv-data"));
        assert_eq!(
            read("--dir /tmp/x --listen [::1]:0"),
            serve("[::1]:0", "/tmp/x")
        );
        assert_eq!(
            read("--dir=a=b --listen=0.0.0.0:1"),
            serve("0.0.0.0:1", "a=b")
        );
        assert_eq!(read("--dir x --help"), Ok(Flags::Help));
    }

    #[test]
    fn what_is_wrong_is_told_in_a_sentence() {
        assert_eq!(
            read("--port 1").unwrap_err(),
            "unknown argument '--port'; --help tells which there are"
        );
        assert_eq!(read("--dir").unwrap_err(), "--dir needs a value");
        let error = read("--listen localhost").unwrap_err();
        assert_eq!(
            error,
            "--listen needs an address and a port such as 127.0.0.1:6400, not 'localhost'"
        );
    }
}
