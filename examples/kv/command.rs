//! A command: what a client can ask for, read from the words of its request.
//!
//! Most commands are for the store; the rest a connection answers by itself. What is wrong with a request is told in Redis's
//! own words, so that its clients recognise it.

use std::fmt::Write;

use crate::{
    crash::Fault,
    data::{NOT_AN_INTEGER, integer},
    operation::Operation,
    resp::Request,
};

/// A request that makes sense.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// What the store answers.
    Store(Operation),
    /// What the operator of the server asks of its tree.
    Operator(Operator),
    /// What clients ask when they connect, to find out what they talk to.
    Greeting(Greeting),
    Ping(Option<Vec<u8>>),
    Echo(Vec<u8>),
    Quit,
}

/// What the operator can ask for.
#[derive(Debug, PartialEq)]
pub(crate) enum Operator {
    /// The drawing of the tree.
    Tree,
    /// The fault strikes the child of that name.
    Crash(String, Fault),
    /// The tree stops, and with it the process.
    Shutdown,
}

/// What clients ask about the server.
#[derive(Debug, PartialEq)]
pub(crate) enum Greeting {
    /// Something that needs no more than an `OK`: a name for the client, the one database that there is.
    Noted,
    Hello,
    /// The commands of the server, for completion: told as none.
    Commands,
    CountCommands,
    Config(Vec<Vec<u8>>),
    Info,
}

type Words = Vec<Vec<u8>>;

impl Command {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// The reply for a request that makes no sense.
    pub(crate) fn read(request: Request) -> Result<Self, String> {
        let mut words = request.into_iter();
        let Some(said) = words.next() else {
            return Err("ERR unknown command ''".into());
        };
        let arguments: Words = words.collect();
        let name = String::from_utf8_lossy(&said).to_ascii_lowercase();
        let name = name.as_str();
        Ok(match name {
            "get" => Self::Store(Operation::Get(one(name, arguments)?)),
            "set" => Self::Store(set(arguments)?),
            "del" => Self::Store(Operation::Del(some(name, arguments)?)),
            "exists" => Self::Store(Operation::Exists(some(name, arguments)?)),
            "incr" => Self::Store(Operation::Incr(one(name, arguments)?)),
            "dbsize" => none(name, &arguments, Self::Store(Operation::DbSize))?,
            "flushall" => Self::Store(flush_all(&arguments)?),
            "ping" if arguments.is_empty() => Self::Ping(None),
            "ping" => Self::Ping(Some(one(name, arguments)?)),
            "echo" => Self::Echo(one(name, arguments)?),
            "quit" => Self::Quit,
            "tree" => none(name, &arguments, Self::Operator(Operator::Tree))?,
            "crash" => Self::Operator(crash(arguments)?),
            "shutdown" => Self::Operator(Operator::Shutdown),
            "select" => Self::Greeting(select(&one(name, arguments)?)?),
            "hello" => Self::Greeting(hello(&arguments)?),
            "command" => Self::Greeting(commands(&arguments)?),
            "config" => Self::Greeting(config(arguments)?),
            "client" => Self::Greeting(client(&arguments)?),
            "info" => Self::Greeting(Greeting::Info),
            _ => return Err(unknown(&said, &arguments)),
        })
    }
}

fn set(arguments: Words) -> Result<Operation, String> {
    match <[Vec<u8>; 2]>::try_from(arguments) {
        Ok([key, value]) => Ok(Operation::Set { key, value }),
        Err(arguments) if arguments.len() > 2 => Err(SYNTAX.into()),
        Err(_) => Err(arity("set")),
    }
}

fn flush_all(arguments: &[Vec<u8>]) -> Result<Operation, String> {
    match arguments {
        [] => Ok(Operation::FlushAll),
        [how] if is(how, "async") || is(how, "sync") => Ok(Operation::FlushAll),
        _ => Err(SYNTAX.into()),
    }
}

fn crash(arguments: Words) -> Result<Operator, String> {
    let [name, fault] = <[Vec<u8>; 2]>::try_from(arguments).map_err(|_| arity("crash"))?;
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

fn hello(arguments: &[Vec<u8>]) -> Result<Greeting, String> {
    let [version, options @ ..] = arguments else {
        return Ok(Greeting::Hello);
    };
    match (integer(version), options) {
        (Some(2), []) => Ok(Greeting::Hello),
        (Some(2), [option, ..]) => Err(format!(
            "ERR Syntax error in HELLO option '{}'",
            shortened(option, 128)
        )),
        (Some(_), _) => Err("NOPROTO unsupported protocol version".into()),
        (None, _) => Err("ERR Protocol version is not an integer or out of range".into()),
    }
}

fn commands(arguments: &[Vec<u8>]) -> Result<Greeting, String> {
    match arguments {
        [] => Ok(Greeting::Commands),
        [what, ..] if is(what, "docs") || is(what, "info") => Ok(Greeting::Commands),
        [what] if is(what, "count") => Ok(Greeting::CountCommands),
        [what, ..] => Err(unknown_part("COMMAND", what)),
    }
}

fn config(mut arguments: Words) -> Result<Greeting, String> {
    match arguments.as_slice() {
        [] => Err(arity("config")),
        [what] if is(what, "get") => Err(arity("config|get")),
        [what, ..] if is(what, "get") => Ok(Greeting::Config(arguments.split_off(1))),
        [what, ..] => Err(unknown_part("CONFIG", what)),
    }
}

fn client(arguments: &[Vec<u8>]) -> Result<Greeting, String> {
    match arguments {
        [] => Err(arity("client")),
        [what, _] if is(what, "setname") => Ok(Greeting::Noted),
        [what, _, _] if is(what, "setinfo") => Ok(Greeting::Noted),
        [what, ..] if is(what, "setname") => Err(arity("client|setname")),
        [what, ..] if is(what, "setinfo") => Err(arity("client|setinfo")),
        [what, ..] => Err(unknown_part("CLIENT", what)),
    }
}

const SYNTAX: &str = "ERR syntax error";

fn is(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

fn none(name: &str, arguments: &[Vec<u8>], command: Command) -> Result<Command, String> {
    if arguments.is_empty() {
        Ok(command)
    } else {
        Err(arity(name))
    }
}

fn one(name: &str, arguments: Words) -> Result<Vec<u8>, String> {
    <[Vec<u8>; 1]>::try_from(arguments)
        .map(|[argument]| argument)
        .map_err(|_| arity(name))
}

fn some(name: &str, arguments: Words) -> Result<Words, String> {
    if arguments.is_empty() {
        Err(arity(name))
    } else {
        Ok(arguments)
    }
}

fn arity(name: &str) -> String {
    format!("ERR wrong number of arguments for '{name}' command")
}

fn unknown_part(command: &str, part: &[u8]) -> String {
    format!(
        "ERR unknown subcommand '{}'. Try {command} HELP.",
        shortened(part, 128)
    )
}

fn unknown(name: &[u8], arguments: &[Vec<u8>]) -> String {
    let mut quoted = String::new();
    for argument in arguments {
        if quoted.len() >= 128 {
            break;
        }
        // Writing into memory does not fail.
        let _ = write!(quoted, "'{}' ", shortened(argument, 128 - quoted.len()));
    }
    format!(
        "ERR unknown command '{}', with args beginning with: {quoted}",
        shortened(name, 128)
    )
}

fn shortened(word: &[u8], length: usize) -> String {
    String::from_utf8_lossy(&word[..word.len().min(length)]).into_owned()
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
        assert_eq!(read("PING"), Ok(Command::Ping(None)));
    }

    #[test]
    fn an_unknown_command_is_told_with_its_arguments() {
        assert_eq!(
            error("FOO a b"),
            "ERR unknown command 'FOO', with args beginning with: 'a' 'b' "
        );
        let long = error(&format!("FOO {} b", "x".repeat(200)));
        assert_eq!(
            long,
            format!(
                "ERR unknown command 'FOO', with args beginning with: '{}' ",
                "x".repeat(128)
            )
        );
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
        assert_eq!(read("SELECT 0"), Ok(Command::Greeting(Greeting::Noted)));
        assert_eq!(error("SELECT 1"), "ERR DB index is out of range");
        assert_eq!(
            error("SELECT x"),
            "ERR value is not an integer or out of range"
        );
        assert_eq!(read("HELLO 2"), Ok(Command::Greeting(Greeting::Hello)));
        assert_eq!(error("HELLO 3"), "NOPROTO unsupported protocol version");
        assert_eq!(
            error("HELLO x"),
            "ERR Protocol version is not an integer or out of range"
        );
        assert_eq!(
            error("HELLO 2 AUTH a b"),
            "ERR Syntax error in HELLO option 'AUTH'"
        );
        assert_eq!(
            read("COMMAND DOCS"),
            Ok(Command::Greeting(Greeting::Commands))
        );
        assert_eq!(
            read("CLIENT SETINFO LIB-NAME x"),
            Ok(Command::Greeting(Greeting::Noted))
        );
        assert_eq!(
            error("CLIENT LIST"),
            "ERR unknown subcommand 'LIST'. Try CLIENT HELP."
        );
    }

    #[test]
    fn the_operator_names_a_child_and_a_fault() {
        let crash = Operator::Crash("root/store".into(), Fault::Panic);
        assert_eq!(read("CRASH root/store PANIC"), Ok(Command::Operator(crash)));
        assert_eq!(
            error("CRASH root/store melt"),
            "ERR a fault is error, panic, hang, spin or kill, not 'melt'"
        );
    }
}
