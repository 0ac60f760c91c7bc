//! What a connection answers by itself, read.

use bytes::Bytes;

use super::words::{Refusal, SYNTAX, Words, is, number, wrong_number};
use crate::{fault::Blow, resp::integer};

/// A command that does not touch the data.
#[derive(Debug, PartialEq)]
pub(crate) enum Local {
    Ping(Option<Bytes>),
    Echo(Bytes),
    Quit,
    /// What is said here was meant for a web server.
    Intruder,
    Greeting(Greeting),
    Operator(Operator),
}

const WRONG_PASSWORD: &str = "WRONGPASS invalid username-password pair or user is disabled.";

/// What clients ask to find out what they talk to, and what they tell of themselves.
#[derive(Debug, PartialEq)]
pub(crate) enum Greeting {
    /// Something that needs no more than an `OK`.
    Noted,
    /// What the server is; and the client's name, if it tells one.
    Hello(Option<Bytes>),
    SetName(Bytes),
    GetName,
    Id,
    CountCommands,
    ListCommands,
    /// All commands, or those of these names.
    DescribeCommands(Option<Vec<Bytes>>),
    ExplainCommands(Option<Vec<Bytes>>),
    /// Which parts a command has.
    Help(&'static [&'static str]),
    /// The settings whose names match one of these patterns.
    Config(Vec<Bytes>),
    /// The sections of these names; none: all.
    Info(Vec<Bytes>),
}

/// What the operator of the server asks of it.
#[derive(Debug, PartialEq)]
pub(crate) enum Operator {
    /// The drawing of the tree.
    Tree,
    /// The blow strikes the child of that name.
    Crash(String, Blow),
    /// The log is rewritten.
    Rewrite,
    /// The tree stops, and with it the process.
    Shutdown,
}

impl Local {
    /// Reads a request for the command of that name.
    ///
    /// # Errors
    ///
    /// The reply for a request that makes no sense.
    pub(super) fn read(name: &str, words: Words) -> Result<Self, Refusal> {
        Ok(match name {
            "ping" => match words.arguments.as_slice() {
                [] => Self::Ping(None),
                _ => Self::Ping(Some(words.one()?)),
            },
            "echo" => Self::Echo(words.one()?),
            "quit" => Self::Quit,
            "auth" => return Err(auth(&words.arguments)),
            "select" => Self::Greeting(select(&words.one()?)?),
            "hello" => Self::Greeting(hello(&words.arguments)?),
            "command" => Self::Greeting(command(&words)?),
            "config" => Self::Greeting(config(&words)?),
            "client" => Self::Greeting(client(&words)?),
            "info" => Self::Greeting(Greeting::Info(words.arguments)),
            "tree" => Self::Operator(Operator::Tree),
            "crash" => Self::Operator(crash(words)?),
            "bgrewriteaof" => Self::Operator(Operator::Rewrite),
            "shutdown" => Self::Operator(shutdown(&words.arguments)?),
            _ => return Err(words.unknown()),
        })
    }
}

/// There are no passwords.
fn auth(arguments: &[Bytes]) -> Refusal {
    match arguments {
        [_] => "ERR AUTH <password> called without any password configured for the default user. \
            Are you sure your configuration is correct?"
            .into(),
        [_, _] => WRONG_PASSWORD.into(),
        _ => SYNTAX.into(),
    }
}

fn select(index: &[u8]) -> Result<Greeting, Refusal> {
    match i32::try_from(number(index)?) {
        Ok(0) => Ok(Greeting::Noted),
        Ok(_) => Err("ERR DB index is out of range".into()),
        // Redis's own words.
        Err(_) => {
            Err("ERR value is out of range, value must between -2147483648 and 2147483647".into())
        }
    }
}

fn hello(arguments: &[Bytes]) -> Result<Greeting, Refusal> {
    let Some((version, mut options)) = arguments.split_first() else {
        return Ok(Greeting::Hello(None));
    };
    match integer(version) {
        Some(2) => {}
        Some(_) => return Err("NOPROTO unsupported protocol version".into()),
        None => return Err("ERR Protocol version is not an integer or out of range".into()),
    }
    let mut client = None;
    loop {
        options = match options {
            [] => return Ok(Greeting::Hello(client)),
            // There are no passwords here, and so none is wrong.
            [auth, user, _, rest @ ..] if is(auth, "auth") && &user[..] == b"default" => rest,
            [auth, _, _, ..] if is(auth, "auth") => {
                return Err("WRONGPASS invalid username-password pair or user is disabled.".into());
            }
            [setname, name, rest @ ..] if is(setname, "setname") => {
                client = Some(client_name(name)?);
                rest
            }
            [other, ..] => {
                let before = "ERR Syntax error in HELLO option '";
                return Err(Refusal::citing(before, other, "'", b""));
            }
        };
    }
}

fn command(words: &Words) -> Result<Greeting, Refusal> {
    let Some((part, rest)) = words.arguments.split_first() else {
        return Ok(Greeting::DescribeCommands(None));
    };
    let names = (!rest.is_empty()).then(|| rest.to_vec());
    if is(part, "info") {
        Ok(Greeting::DescribeCommands(names))
    } else if is(part, "docs") {
        Ok(Greeting::ExplainCommands(names))
    } else if is(part, "count") {
        only(Greeting::CountCommands, rest, "command|count")
    } else if is(part, "list") {
        match rest {
            [] => Ok(Greeting::ListCommands),
            _ => Err(SYNTAX.into()),
        }
    } else if is(part, "help") {
        let parts = &[
            "COUNT",
            "DOCS [<command> ...]",
            "INFO [<command> ...]",
            "LIST",
            "HELP",
        ];
        only(Greeting::Help(parts), rest, "command|help")
    } else {
        Err(words.unknown_part())
    }
}

fn config(words: &Words) -> Result<Greeting, Refusal> {
    match words.arguments.as_slice() {
        [what] if is(what, "get") => Err(wrong_number(b"config|get")),
        [what, patterns @ ..] if is(what, "get") => Ok(Greeting::Config(patterns.to_vec())),
        [what] if is(what, "help") => Ok(Greeting::Help(&["GET <pattern> ...", "HELP"])),
        _ => Err(words.unknown_part()),
    }
}

fn client(words: &Words) -> Result<Greeting, Refusal> {
    let Some((part, rest)) = words.arguments.split_first() else {
        return Err(words.unknown_part());
    };
    if is(part, "setname") {
        match rest {
            [name] => client_name(name).map(Greeting::SetName),
            _ => Err(wrong_number(b"client|setname")),
        }
    } else if is(part, "setinfo") {
        match rest {
            [_, _] => Ok(Greeting::Noted),
            _ => Err(wrong_number(b"client|setinfo")),
        }
    } else if is(part, "getname") {
        only(Greeting::GetName, rest, "client|getname")
    } else if is(part, "id") {
        only(Greeting::Id, rest, "client|id")
    } else if is(part, "help") {
        let parts = &[
            "GETNAME",
            "ID",
            "SETINFO <option> <value>",
            "SETNAME <name>",
            "HELP",
        ];
        only(Greeting::Help(parts), rest, "client|help")
    } else {
        Err(words.unknown_part())
    }
}

fn only(greeting: Greeting, rest: &[Bytes], name: &str) -> Result<Greeting, Refusal> {
    match rest {
        [] => Ok(greeting),
        _ => Err(wrong_number(name.as_bytes())),
    }
}

fn client_name(name: &Bytes) -> Result<Bytes, Refusal> {
    if name.iter().all(u8::is_ascii_graphic) {
        Ok(name.clone())
    } else {
        Err("ERR Client names cannot contain spaces, newlines or special characters.".into())
    }
}

fn crash(words: Words) -> Result<Operator, Refusal> {
    let [name, blow] = words.exactly()?;
    let blow = String::from_utf8_lossy(&blow).to_ascii_lowercase().parse();
    let blow = blow.map_err(|error: String| format!("ERR {error}"))?;
    Ok(Operator::Crash(
        String::from_utf8_lossy(&name).into_owned(),
        blow,
    ))
}

/// There is nothing to save that is not in the log, and a stop is always one in order: so all ways are one.
fn shutdown(arguments: &[Bytes]) -> Result<Operator, Refusal> {
    let has = |word: &str| arguments.iter().any(|argument| is(argument, word));
    let known = ["save", "nosave", "now", "force", "abort"];
    let is_known = |argument: &Bytes| known.iter().any(|word| is(argument, word));
    if !arguments.iter().all(is_known) || (has("save") && has("nosave")) {
        return Err(SYNTAX.into());
    }
    match arguments {
        [_] if has("abort") => Err("ERR No shutdown in progress.".into()),
        _ if has("abort") => Err(SYNTAX.into()),
        _ => Ok(Operator::Shutdown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    fn word(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    fn read(line: &str) -> Result<Local, Refusal> {
        let words = Words::new(line.split(' ').map(word).collect());
        let name = String::from_utf8_lossy(&words.name).to_ascii_lowercase();
        Local::read(&name, words)
    }

    fn greeting(line: &str) -> Greeting {
        match read(line) {
            Ok(Local::Greeting(greeting)) => greeting,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn error(line: &str) -> String {
        read(line).unwrap_err().to_string()
    }

    #[test]
    fn a_greeting_gets_what_the_client_needs() {
        assert_eq!(greeting("SELECT 0"), Greeting::Noted);
        assert_eq!(greeting("HELLO 2"), Greeting::Hello(None));
        assert_eq!(
            greeting("HELLO 2 AUTH default x SETNAME me"),
            Greeting::Hello(Some(word("me")))
        );
        assert_eq!(greeting("COMMAND"), Greeting::DescribeCommands(None));
        assert_eq!(
            greeting("CONFIG GET save"),
            Greeting::Config(vec![word("save")])
        );
        assert_eq!(greeting("CLIENT SETINFO LIB-NAME x"), Greeting::Noted);
        assert_eq!(greeting("client setname me"), Greeting::SetName(word("me")));
    }

    #[test]
    fn what_is_wrong_in_a_greeting_is_told_in_the_words_of_redis() {
        for (line, told) in [
            ("SELECT 1", "ERR DB index is out of range"),
            ("SELECT x", "ERR value is not an integer or out of range"),
            ("HELLO 3", "NOPROTO unsupported protocol version"),
            (
                "HELLO x",
                "ERR Protocol version is not an integer or out of range",
            ),
            (
                "HELLO 2 SETNAME",
                "ERR Syntax error in HELLO option 'SETNAME'",
            ),
            (
                "client LIST",
                "ERR unknown subcommand 'LIST'. Try CLIENT HELP.",
            ),
            (
                "CLIENT SETNAME a\nb",
                "ERR Client names cannot contain spaces, newlines or special characters.",
            ),
            ("SHUTDOWN later", "ERR syntax error"),
            ("SHUTDOWN SAVE NOSAVE", "ERR syntax error"),
            ("SHUTDOWN ABORT", "ERR No shutdown in progress."),
        ] {
            assert_eq!(error(line), told);
        }
    }

    #[test]
    fn the_operator_names_a_child_and_a_fault() {
        let crash = Operator::Crash("root/data/store".into(), Blow::Fault(Fault::Panic));
        assert_eq!(
            read("CRASH root/data/store PANIC"),
            Ok(Local::Operator(crash))
        );
        let wrong = error("CRASH root/data/store melt");
        assert_eq!(
            wrong,
            "ERR a fault is error, panic, hang, spin or kill, not 'melt'"
        );
    }
}
