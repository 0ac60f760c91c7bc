//! The tree, all of it.
//!
//! ```text
//! root                 one-for-one
//! ├── data             rest-for-one: the upkeep leans on the store
//! │   ├── store        owns the data and the end of the log; replays the log when it starts
//! │   └── upkeep       one-for-one
//! │       ├── flusher  makes what is written outlive a loss of power, once a second
//! │       ├── sweeper  deletes expired keys
//! │       └── rewriter makes a new base of the log when that is long
//! └── front            rest-for-one: while there is nowhere to put clients, none is accepted
//!     ├── connections  dynamic: one temporary worker for each client
//!     └── listener     accepts clients and starts their connections
//! ```
//!
//! It stops the other way round: no more clients come, then those that are there get their last replies, and what they asked for is
//! in the log before the store goes.

use std::{net::TcpListener, sync::Arc, time::Duration};

use regrow::{Backoff, DynamicSupervisor, Strategy, Supervisor, Worker};

use crate::{
    flusher, listener,
    names::{CONNECTIONS, DATA, FRONT, UPKEEP},
    rewriter,
    server::Server,
    store, sweeper,
};

/// How many restarts each supervisor bears, in how long. `CRASH` may go round and round, and a worker regrows in a moment: so many
/// are part of the show. A program without a `CRASH` would keep the default, 3 in 5 s.
const TOLERANCE: (u32, Duration) = (100, Duration::from_secs(60));

/// What fails again and again waits longer and longer, so that a passing trouble (no more files to be had, say) has time to pass
/// before the tolerance is used up: a hundred restarts at the longest wait take 25 s. Without it they would take a few milliseconds.
fn backoff() -> Backoff {
    let ms = Duration::from_millis;
    Backoff::exponential(ms(5), ms(250)).reset_after(ms(100))
}

fn patient(worker: Worker) -> Worker {
    worker.backoff(backoff())
}

/// One-for-one at the root: neither side holds anything of the other's. While the data regrow, clients wait in the queue; while the
/// front regrows, the data do not notice.
pub(crate) fn tree(socket: TcpListener, server: &Arc<Server>) -> Supervisor {
    Supervisor::new("root")
        .strategy(Strategy::OneForOne)
        .tolerance(TOLERANCE)
        .child(data(server))
        .child(front(socket, server))
}

/// The upkeep is asked by nobody and needs the store's answers and its file, so it comes after the store and begins anew with it.
/// Its own failures do not touch the store; only if it cannot live at all is that a failure of the data.
fn data(server: &Arc<Server>) -> Supervisor {
    let upkeep = Supervisor::new(UPKEEP)
        .strategy(Strategy::OneForOne)
        .tolerance(TOLERANCE)
        .backoff(backoff())
        .child(patient(flusher::worker(server)))
        .child(patient(sweeper::worker(server)))
        .child(patient(rewriter::worker(server)));
    Supervisor::new(DATA)
        .strategy(Strategy::RestForOne)
        .tolerance(TOLERANCE)
        .backoff(backoff())
        .child(patient(store::worker(server)))
        .child(upkeep)
}

/// The listener comes last: when the connections are gone it is stopped until their supervisor is back, and clients knock
/// meanwhile at the kernel's door. When the listener fails, those who are connected do not notice.
fn front(socket: TcpListener, server: &Arc<Server>) -> Supervisor {
    let connections = DynamicSupervisor::new(CONNECTIONS)
        .max_children(server.settings.max_clients)
        .backoff(backoff());
    Supervisor::new(FRONT)
        .strategy(Strategy::RestForOne)
        .tolerance(TOLERANCE)
        .backoff(backoff())
        .child(connections)
        .child(patient(listener::worker(socket, server)))
}
