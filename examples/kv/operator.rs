//! The operator's commands: to see the tree, to break a part of it, to stop it.

use regrow::{ChildKind, SupervisorRef};

use crate::{
    client::Client, command::Operator, crash::Faults, fault::Blow, resp::Writer, server::Server,
};

/// Answers a wish of the operator.
pub(crate) fn answer(server: &Server, client: &Client, wish: Operator, replies: &mut Writer) {
    let root = SupervisorRef::root_of(client.context());
    match wish {
        Operator::Tree => tree(&root, replies),
        Operator::Crash(name, blow) => match crash(&root, &server.faults, &name, blow) {
            Ok(()) => replies.simple("OK"),
            Err(error) => replies.error(format!("ERR {error}").as_bytes()),
        },
        Operator::Rewrite if server.status.facts().is_rewriting => {
            replies.error(b"ERR Background append only file rewriting already in progress");
        }
        Operator::Rewrite => {
            server.status.want_rewrite();
            replies.simple("Background append only file rewriting started");
        }
        // As in Redis the reply is the end of the connection.
        Operator::Shutdown => root.shutdown(),
    }
}

/// Line by line, so that `redis-cli` shows it as a drawing and not as one string with `\n` in it.
fn tree(root: &SupervisorRef, replies: &mut Writer) {
    let drawing = root.snapshot().to_string();
    let lines: Vec<&str> = drawing.lines().collect();
    replies.array(lines.len());
    lines.iter().for_each(|line| replies.simple(line));
}

/// Has the blow strike. On a supervisor each is a kill: it runs no code of ours that could fail.
fn crash(root: &SupervisorRef, faults: &Faults, name: &str, blow: Blow) -> Result<(), String> {
    let child = root.child(name).map_err(|error| error.to_string())?;
    let name = child.runtime_name();
    if name.parent().is_none() {
        return Err(format!(
            "{name} is the whole server, and nothing would start it again; SHUTDOWN stops it"
        ));
    }
    match blow {
        Blow::Fault(fault) if child.kind() == ChildKind::Worker => {
            if faults.strike(&name, fault) {
                return Ok(());
            }
            Err(format!(
                "{name} has no life that can be struck now: it starts, or was struck already; 'CRASH {name} kill' ends it"
            ))
        }
        Blow::Kill | Blow::Fault(_) => {
            child.kill();
            Ok(())
        }
    }
}
