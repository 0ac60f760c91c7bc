//! kv: a small key-value server that speaks the protocol of Redis, supervised by regrow.
//!
//! ```text
//! cargo run --release --example kv
//! redis-cli -p 6400 SET greeting hello
//! redis-cli -p 6400 CRASH root/data/store panic
//! redis-cli -p 6400 GET greeting
//! redis-cli -p 6400 TREE
//! ```
//!
//! Begin at [`tree`]: all of the tree is there. Then [`server`], what the lives of the tree share; [`connection`], a client's way
//! in; [`store`] and [`group`], what is done with it; [`log`], what is kept.

mod client;
mod clock;
mod command;
mod connection;
mod crash;
mod data;
mod fault;
mod flags;
mod flusher;
mod freed;
mod greeting;
mod group;
mod info;
mod listener;
mod log;
mod operator;
#[cfg(test)]
mod properties;
mod queue;
mod resp;
mod rewriter;
#[cfg(test)]
mod scratch;
mod server;
mod settings;
mod store;
mod sweeper;
mod tree;
mod wire;

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use regrow::{RootExit, Runner, Supervisor, Tree, config::Config};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{flags::Flags, log::Directory, server::Server};

fn main() -> ExitCode {
    match prepare() {
        Ok(Some((root, server))) => run(root, &server),
        Ok(None) => {
            say(flags::HELP);
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

/// All that can fail for reasons that a restart would not mend: it is done once, before the tree.
fn prepare() -> Result<Option<(Supervisor, Arc<Server>)>, String> {
    let Flags::Serve(mut settings) = Flags::read(env::args_os().skip(1))? else {
        return Ok(None);
    };
    trace()?;
    make_room(settings.max_clients);
    let directory = Directory::lock(&settings.directory).map_err(|error| error.to_string())?;
    let listen = settings.listen;
    let refused = |error| format!("cannot listen on {listen}: {error}");
    let socket = listener::bind(listen).map_err(refused)?;
    // The system has chosen a port when it was asked for any.
    settings.listen = socket.local_addr().map_err(refused)?;
    let server = Server::new(settings, directory);
    let root = configured(tree::root(socket, &server), &server)?;
    Ok(Some((root, server)))
}

/// The tree with the numbers of the file that was named, if one was.
fn configured(root: Supervisor, server: &Server) -> Result<Supervisor, String> {
    let Some(path) = &server.settings.config else {
        return Ok(root);
    };
    let config = Config::read(path).map_err(|error| error.to_string())?;
    config.apply(root).map_err(|error| error.to_string())
}

/// What happens in the tree is told on stderr: restarts, and worse, unless `RUST_LOG` says otherwise.
fn trace() -> Result<(), String> {
    let wanted = env::var("RUST_LOG").unwrap_or_else(|_| "warn".into());
    let targets: Targets = wanted
        .parse()
        .map_err(|error| format!("RUST_LOG is '{wanted}': {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
    Ok(())
}

/// Each client is an open file, and there are some more.
fn make_room(clients: usize) {
    let wanted = clients as u64 + 64;
    let allowed = rlimit::increase_nofile_limit(wanted);
    if let Ok(allowed) = allowed.map(|allowed| allowed.min(wanted)) {
        if allowed < wanted {
            tracing::warn!(
                wanted,
                allowed,
                "the system allows fewer open files than there may be clients; the last ones wait"
            );
        }
    }
}

fn run(root: Supervisor, server: &Arc<Server>) -> ExitCode {
    let address = server.settings.listen;
    let code = Runner::new(root)
        .on_up(move |tree: &Tree| {
            say(tree.snapshot());
            say(format_args!("listening on {address}"));
        })
        .on_end(|exit: &RootExit| say(exit))
        .run();
    match server.failure() {
        Some(error) => fail(error),
        None => code,
    }
}

fn fail(error: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "kv: {error}");
    ExitCode::FAILURE
}

/// Tells it on stdout. That nobody reads there is no reason to end.
fn say(what: impl Display) {
    let _ = writeln!(io::stdout(), "{what}");
}
