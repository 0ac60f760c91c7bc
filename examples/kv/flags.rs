//! The flags of the program.

use std::{ffi::OsString, time::Duration};

use lexopt::{Arg, Parser};

use crate::settings::Settings;

/// What `--help` says.
pub(crate) const HELP: &str = "\
kv: a small key-value server that speaks the protocol of Redis, supervised by regrow

Usage: kv [FLAG VALUE]...

  --listen ADDRESS:PORT     where clients connect; port 0 takes a free one [default: 127.0.0.1:6400]
  --dir DIRECTORY           where the log is kept; one server at a time [default: ./kv-data]
  --fsync WHEN              when the log is made to outlive a loss of power: always (before each
                            reply), everysec, no (when the system likes) [default: everysec]
  --max-clients NUMBER      the most clients at once [default: 10000]
  --idle-timeout DURATION   closes a client that says nothing for so long [default: never]
  --write-timeout DURATION  closes a client that takes nothing of its replies for so long [default: 60s]
  --rewrite-size SIZE       rewrites the log when it is larger than this and than its base; in bytes, or
                            with kb, mb, gb [default: 64mb]
  --config FILE             sets numbers of the tree: shutdowns, backoffs, tolerances by runtime name [default: none]
  --help                    this text

Durations are written 300ms, 5s, 1m 30s. RUST_LOG sets what is told on stderr, for example
RUST_LOG=debug [default: warn].
Try: redis-cli -p 6400 TREE";

/// What the program was asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Flags {
    Help,
    Serve(Settings),
}

impl Flags {
    /// Reads the arguments of the program, its name not among them.
    ///
    /// # Errors
    ///
    /// One sentence: which argument is wrong and what it should be.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut settings = Settings::default();
        let mut parser = Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            let flag = match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(Self::Help),
                Arg::Long(flag) => format!("--{flag}"),
                Arg::Short(flag) => return Err(unknown(&format!("-{flag}"))),
                Arg::Value(value) => return Err(unknown(&value.to_string_lossy())),
            };
            settings.set(&flag, || {
                parser.value().map_err(|_| format!("{flag} needs a value"))
            })?;
        }
        Ok(Self::Serve(settings))
    }
}

impl Settings {
    fn set(
        &mut self,
        flag: &str,
        value: impl FnOnce() -> Result<OsString, String>,
    ) -> Result<(), String> {
        let wrong = |what: &str, text: &str| format!("{flag} needs {what}, not '{text}'");
        let text = |value: OsString| value.to_string_lossy().into_owned();
        match flag {
            "--config" => self.config = Some(value()?.into()),
            "--dir" => self.directory = value()?.into(),
            "--listen" => {
                let what = "an address and a port such as 127.0.0.1:6400";
                let text = text(value()?);
                self.listen = text.parse().map_err(|_| wrong(what, &text))?;
            }
            "--fsync" => {
                let text = text(value()?);
                self.fsync = text
                    .parse()
                    .map_err(|what| format!("{flag} needs {what}"))?;
            }
            "--max-clients" => {
                let text = text(value()?);
                let number = text.parse().ok().filter(|number| *number > 0);
                self.max_clients = number.ok_or_else(|| wrong("a number above 0", &text))?;
            }
            "--idle-timeout" => self.idle_timeout = Some(duration(flag, &text(value()?))?),
            "--write-timeout" => self.write_timeout = duration(flag, &text(value()?))?,
            "--rewrite-size" => {
                let text = text(value()?);
                let what = "a size such as 1048576, 64mb or 1gb";
                self.rewrite_size = size(&text).ok_or_else(|| wrong(what, &text))?;
            }
            _ => return Err(unknown(flag)),
        }
        Ok(())
    }
}

fn unknown(argument: &str) -> String {
    format!("unknown argument '{argument}'; --help tells which there are")
}

fn duration(flag: &str, text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(span) if !span.is_zero() => Ok(span),
        Ok(_) => Err(format!(
            "{flag} needs a duration above 0; leave it out for none"
        )),
        Err(error) => Err(format!(
            "{flag} needs a duration such as 300ms or 5s, not '{text}': {error}"
        )),
    }
}

fn size(text: &str) -> Option<u64> {
    let small = text.to_ascii_lowercase();
    let units = [
        ("kb", 1 << 10),
        ("mb", 1 << 20),
        ("gb", 1 << 30),
        ("", 1_u64),
    ];
    let (digits, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((small.strip_suffix(name)?, unit)))?;
    digits
        .parse::<u64>()
        .ok()?
        .checked_mul(*unit)
        .filter(|size| *size > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Fsync;

    fn read(line: &str) -> Result<Flags, String> {
        Flags::read(line.split_whitespace().map(OsString::from))
    }

    fn settings(line: &str) -> Settings {
        match read(line) {
            Ok(Flags::Serve(settings)) => settings,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn flags_have_defaults_and_take_values_in_two_ways() {
        assert_eq!(settings(""), Settings::default());
        let given = settings("--dir /tmp/x --listen [::1]:0 --fsync no --max-clients 7");
        let expected = Settings {
            directory: "/tmp/x".into(),
            listen: "[::1]:0".parse().unwrap(),
            fsync: Fsync::No,
            max_clients: 7,
            ..Settings::default()
        };
        assert_eq!(given, expected);
        let given =
            settings("--dir=a=b --idle-timeout=300ms --write-timeout=1m --rewrite-size=2KB");
        let expected = Settings {
            directory: "a=b".into(),
            idle_timeout: Some(Duration::from_millis(300)),
            write_timeout: Duration::from_secs(60),
            rewrite_size: 2048,
            ..Settings::default()
        };
        assert_eq!(given, expected);
        assert_eq!(read("--dir x --help"), Ok(Flags::Help));
    }

    #[test]
    fn what_is_wrong_is_told_in_a_sentence() {
        for (line, told) in [
            (
                "--port 1",
                "unknown argument '--port'; --help tells which there are",
            ),
            (
                "6400",
                "unknown argument '6400'; --help tells which there are",
            ),
            ("--dir", "--dir needs a value"),
            (
                "--listen localhost",
                "--listen needs an address and a port such as 127.0.0.1:6400, not 'localhost'",
            ),
            (
                "--fsync often",
                "--fsync needs always, everysec or no, not 'often'",
            ),
            (
                "--max-clients 0",
                "--max-clients needs a number above 0, not '0'",
            ),
            (
                "--rewrite-size 1tb",
                "--rewrite-size needs a size such as 1048576, 64mb or 1gb, not '1tb'",
            ),
            (
                "--idle-timeout 0s",
                "--idle-timeout needs a duration above 0; leave it out for none",
            ),
        ] {
            assert_eq!(read(line).unwrap_err(), told);
        }
        let error = read("--write-timeout 5").unwrap_err();
        assert!(
            error.starts_with("--write-timeout needs a duration such as 300ms or 5s, not '5': "),
            "{error}"
        );
    }
}
