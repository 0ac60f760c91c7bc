//! A command: what a client can ask for, read from the words of its request.
//!
//! Most commands are for the store; the rest a connection answers by itself.

use crate::{
    crash::Fault,
    data::{NOT_AN_INTEGER, integer},
    operation::Operation,
    resp::Request,
    words::{SYNTAX, Words, is, wrong_number},
};

/// A request that makes sense.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// What the store answers.
    Store(Operation),
    /// What the connection answers.
    Local(Local),
}

/// A command that does not touch the data.
#[derive(Debug, PartialEq)]
pub(crate) enum Local {
    Ping(Option<Vec<u8>>),
    Echo(Vec<u8>),
    Quit,
    Greeting(Greeting),
    Operator(Operator),
}

/// What clients ask when they connect, to find out what they talk to.
#[derive(Debug, PartialEq)]
pub(crate) enum Greeting {
    /// Something that needs no more than an `OK`: a name for the client, the one database that there is.
    Noted,
    Hello,
    /// The commands of the server, for completion: told as none.
    Commands,
    CountCommands,
    /// The settings of those names.
    Config(Vec<Vec<u8>>),
    Info,
}

/// What the operator of the server asks of its tree.
#[derive(Debug, PartialEq)]
pub(crate) enum Operator {
    /// The drawing of the tree.
    Tree,
    /// The fault strikes the child of that name.
    Crash(String, Fault),
    /// The tree stops, and with it the process.
    Shutdown,
}

impl Command {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// The reply for a request that makes no sense.
    pub(crate) fn read(request: Request) -> Result<Self, String> {
        let words = Words::new(request);
        Ok(Self::Store(match words.name.as_str() {
            "get" => Operation::Get(words.one()?),
            "set" => set(words)?,
            "del" => Operation::Del(words.some()?),
            "exists" => Operation::Exists(words.some()?),
            "incr" => Operation::Incr(words.one()?),
            "dbsize" => words.exactly().map(|[]| Operation::DbSize)?,
            "flushall" => flush_all(&words)?,
            _ => return Local::read(words).map(Self::Local),
        }))
    }
}

impl Local {
    fn read(words: Words) -> Result<Self, String> {
        Ok(match words.name.as_str() {
            "ping" if words.arguments.is_empty() => Self::Ping(None),
            "ping" => Self::Ping(Some(words.one()?)),
            "echo" => Self::Echo(words.one()?),
            "quit" => Self::Quit,
            "tree" => words.exactly().map(|[]| Self::Operator(Operator::Tree))?,
            "crash" => Self::Operator(crash(words)?),
            "shutdown" => Self::Operator(Operator::Shutdown),
            "select" => Self::Greeting(select(&words.one()?)?),
            "hello" => Self::Greeting(hello(&words)?),
            "command" => Self::Greeting(commands(&words)?),
            "config" => Self::Greeting(config(&words)?),
            "client" => Self::Greeting(client(&words)?),
            "info" => Self::Greeting(Greeting::Info),
            _ => return Err(words.unknown()),
        })
    }
}

fn set(words: Words) -> Result<Operation, String> {
    if words.arguments.len() > 2 {
        return Err(SYNTAX.into());
    }
    words
        .exactly()
        .map(|[key, value]| Operation::Set { key, value })
}

fn flush_all(words: &Words) -> Result<Operation, String> {
    match words.arguments.as_slice() {
        [] => Ok(Operation::FlushAll),
        [how] if is(how, "async") || is(how, "sync") => Ok(Operation::FlushAll),
        _ => Err(SYNTAX.into()),
    }
}

fn crash(words: Words) -> Result<Operator, String> {
    let [name, fault] = words.exactly()?;
    let fault = String::from_utf8_lossy(&fault).to_ascii_lowercase();
    let fault = fault.parse().map_err(|error| format!("ERR {error}"))?;
    Ok(Operator::Crash(
        String::from_utf8_lossy(&name).into_owned(),
        fault,
    ))
}

fn select(index: &[u8]) -> Result<Greeting, String> {
    match integer(index) {
        Some(0) => Ok(Greeting::Noted),
        Some(_) => Err("ERR DB index is out of range".into()),
        None => Err(NOT_AN_INTEGER.into()),
    }
}

fn hello(words: &Words) -> Result<Greeting, String> {
    let [version, options @ ..] = words.arguments.as_slice() else {
        return Ok(Greeting::Hello);
    };
    match (integer(version), options) {
        (Some(2), []) => Ok(Greeting::Hello),
        (Some(2), _) => Err(SYNTAX.into()),
        (Some(_), _) => Err("NOPROTO unsupported protocol version".into()),
        (None, _) => Err("ERR Protocol version is not an integer or out of range".into()),
    }
}

fn commands(words: &Words) -> Result<Greeting, String> {
    match words.arguments.as_slice() {
        [] => Ok(Greeting::Commands),
        [what, ..] if is(what, "docs") || is(what, "info") => Ok(Greeting::Commands),
        [what] if is(what, "count") => Ok(Greeting::CountCommands),
        _ => Err(words.unknown_part()),
    }
}

fn config(words: &Words) -> Result<Greeting, String> {
    match words.arguments.as_slice() {
        [] => Err(wrong_number("config")),
        [what] if is(what, "get") => Err(wrong_number("config|get")),
        [what, names @ ..] if is(what, "get") => Ok(Greeting::Config(names.to_vec())),
        _ => Err(words.unknown_part()),
    }
}

fn client(words: &Words) -> Result<Greeting, String> {
    match words.arguments.as_slice() {
        [] => Err(wrong_number("client")),
        [what, _] if is(what, "setname") => Ok(Greeting::Noted),
        [what, _, _] if is(what, "setinfo") => Ok(Greeting::Noted),
        [what, ..] if is(what, "setname") => Err(wrong_number("client|setname")),
        [what, ..] if is(what, "setinfo") => Err(wrong_number("client|setinfo")),
        _ => Err(words.unknown_part()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        Command::read(
            line.split(' ')
                .map(|word| word.as_bytes().to_vec())
                .collect(),
        )
    }

    fn error(line: &str) -> String {
        read(line).unwrap_err()
    }

    #[test]
    fn names_are_read_in_any_case() {
        let key = || b"k".to_vec();
        assert_eq!(read("gEt k"), Ok(Command::Store(Operation::Get(key()))));
        assert_eq!(
            read("SET k v"),
            Ok(Command::Store(Operation::Set {
                key: key(),
                value: b"v".to_vec()
            }))
        );
        assert_eq!(
            read("DEL k k"),
            Ok(Command::Store(Operation::Del(vec![key(), key()])))
        );
        assert_eq!(
            read("flushall async"),
            Ok(Command::Store(Operation::FlushAll))
        );
        assert_eq!(read("PING"), Ok(Command::Local(Local::Ping(None))));
    }

    #[test]
    fn a_wrong_number_of_arguments_is_told_with_the_name() {
        for line in [
            "get", "get a b", "incr", "del", "exists", "dbsize x", "ping a b", "echo", "select",
            "tree x", "crash x",
        ] {
            let name = line.split(' ').next().unwrap();
            assert_eq!(
                error(line),
                format!("ERR wrong number of arguments for '{name}' command")
            );
        }
        assert_eq!(
            error("SET k"),
            "ERR wrong number of arguments for 'set' command"
        );
        assert_eq!(error("SET k v x"), "ERR syntax error");
        assert_eq!(
            error("CONFIG GET"),
            "ERR wrong number of arguments for 'config|get' command"
        );
        assert_eq!(
            error("CLIENT SETNAME"),
            "ERR wrong number of arguments for 'client|setname' command"
        );
    }

    #[test]
    fn a_greeting_gets_what_the_client_needs() {
        let greeting = |greeting| Ok(Command::Local(Local::Greeting(greeting)));
        assert_eq!(read("SELECT 0"), greeting(Greeting::Noted));
        assert_eq!(error("SELECT 1"), "ERR DB index is out of range");
        assert_eq!(
            error("SELECT x"),
            "ERR value is not an integer or out of range"
        );
        assert_eq!(read("HELLO 2"), greeting(Greeting::Hello));
        assert_eq!(error("HELLO 3"), "NOPROTO unsupported protocol version");
        assert_eq!(
            error("HELLO x"),
            "ERR Protocol version is not an integer or out of range"
        );
        assert_eq!(error("HELLO 2 AUTH a b"), "ERR syntax error");
        assert_eq!(read("COMMAND DOCS"), greeting(Greeting::Commands));
        assert_eq!(
            read("CONFIG GET save"),
            greeting(Greeting::Config(vec![b"save".to_vec()]))
        );
        assert_eq!(read("CLIENT SETINFO LIB-NAME x"), greeting(Greeting::Noted));
        assert_eq!(
            error("client LIST"),
            "ERR unknown subcommand 'LIST'. Try CLIENT HELP."
        );
    }

    #[test]
    fn the_operator_names_a_child_and_a_fault() {
        let crash = Operator::Crash("root/store".into(), Fault::Panic);
        assert_eq!(
            read("CRASH root/store PANIC"),
            Ok(Command::Local(Local::Operator(crash)))
        );
        let wrong = error("CRASH root/store melt");
        assert_eq!(
            wrong,
            "ERR a fault is error, panic, hang, spin or kill, not 'melt'"
        );
    }
}
