//! kv: a small key-value server that speaks the protocol of Redis, supervised by regrow.
//!
//! ```text
//! cargo run --release --example kv
//! redis-cli -p 6400 SET greeting hello
//! redis-cli -p 6400 CRASH root/store panic
//! redis-cli -p 6400 GET greeting
//! redis-cli -p 6400 TREE
//! ```
//!
//! The tree, in the order in which it starts; it stops the other way round, so that no more clients come first, then those that
//! are there get their last replies, and what they asked for is in the log before the store goes:
//!
//! ```text
//! root             one-for-one
//! ├── store        owns the data and the log; replays the log when it starts
//! ├── connections  dynamic: one temporary worker for each client
//! └── listener     accepts clients and starts their connections
//! ```
//!
//! One-for-one, because nobody holds anything of another's life. What must outlive a life is made here, before the tree, and
//! lent to each life in turn: the queue to the store, and the socket on which clients knock. So when the store fails,
//! connections stay open and commands wait in the queue; when the listener fails, new clients wait in the kernel and the others
//! notice nothing. Rest-for-one would be right if connections held something that dies with the store; here it would only
//! throw clients out.

mod command;
mod connection;
mod crash;
mod data;
mod flags;
mod greeting;
mod listener;
mod log;
mod names;
mod operation;
mod operator;
mod queue;
mod replay;
mod resp;
mod store;
mod words;

use std::{
    env,
    io::{self, IsTerminal, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use regrow::{DynamicSupervisor, RootExit, Runner, Strategy, Supervisor, Tree};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{crash::Faults, flags::Flags, queue::Queue};

/// The most clients at once, as in Redis.
const CLIENTS: usize = 10_000;

/// A worker of kv restarts in a blink and `CRASH` may go round and round: so many crashes in so long are part of the show. A
/// program without a `CRASH` would keep the default, 3 in 5 s.
const TOLERANCE: (u32, Duration) = (1_000, Duration::from_secs(10));

fn main() -> ExitCode {
    match prepare() {
        Ok(Some((socket, log))) => run(socket, log),
        Ok(None) => {
            say(flags::HELP);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "kv: {error}");
            ExitCode::FAILURE
        }
    }
}

/// All that can fail for reasons that a restart would not mend: it is done once, before the tree.
fn prepare() -> Result<Option<(TcpListener, PathBuf)>, String> {
    let Flags::Serve { listen, directory } = Flags::read(env::args_os().skip(1))? else {
        return Ok(None);
    };
    trace()?;
    let log = log::prepare(&directory).map_err(|error| refused(&directory, &error))?;
    let socket =
        listener::bind(listen).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    Ok(Some((socket, log)))
}

fn refused(directory: &Path, error: &io::Error) -> String {
    format!(
        "cannot write to the directory {}: {error}",
        directory.display()
    )
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

fn run(socket: TcpListener, log: PathBuf) -> ExitCode {
    let address = socket.local_addr();
    Runner::new(tree(socket, log))
        .on_up(move |tree| up(tree, address.as_ref().ok()))
        .on_end(|exit: &RootExit| say(exit))
        .run()
}

/// The tree, all of it.
fn tree(socket: TcpListener, log: PathBuf) -> Supervisor {
    let (queue, faults) = (Queue::new(), Faults::default());
    Supervisor::new("root")
        .strategy(Strategy::OneForOne)
        .tolerance(TOLERANCE)
        .child(store::worker(log, queue.clone(), faults.clone()))
        .child(DynamicSupervisor::new(names::CONNECTIONS).max_children(CLIENTS))
        .child(listener::worker(socket, queue, faults))
}

fn up(tree: &Tree, address: Option<&SocketAddr>) {
    say(tree.snapshot());
    if let Some(address) = address {
        say(format_args!("listening on {address}"));
    }
}

/// Tells it on stdout. That nobody reads there is no reason to end.
fn say(what: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{what}");
}
