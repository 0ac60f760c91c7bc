//! The tree, all of it.
//!
//! ```text
//! root               one-for-one
//! ├── data           rest-for-one: who stands behind the store leans on it
//! │   ├── store      owns the data and the end of the log; replays the log when it starts
//! │   ├── flusher    makes what is written outlive a loss of power, once a second
//! │   ├── sweeper    deletes expired keys
//! │   └── rewriter   makes a new base of the log when that is long
//! └── front          rest-for-one: while there is nowhere to put clients, none is accepted
//!     ├── connections  dynamic: one temporary worker for each client
//!     └── listener   accepts clients and starts their connections
//! ```
//!
//! It stops the other way round: no more clients come, then those that are there get their last replies, and what they asked for is
//! in the log before the store goes.

use std::{net::TcpListener, sync::Arc, time::Duration};

use regrow::{DynamicSupervisor, Strategy, Supervisor};

use crate::{
    flusher, listener,
    names::{CONNECTIONS, DATA, FRONT},
    rewriter,
    server::Server,
    store, sweeper,
};

/// A worker of kv restarts in a blink, and `CRASH` may go round and round: so many crashes in so long are part of the show. A
/// program without a `CRASH` would keep the default, 3 in 5 s.
const WORKERS: (u32, Duration) = (100, Duration::from_secs(10));

/// A subtree fails when its supervisor has given up, or by `CRASH`. It takes much with it, so fewer are borne, for longer.
const SUBTREES: (u32, Duration) = (100, Duration::from_secs(60));

/// One-for-one at the root: neither side holds anything of the other's. While the data regrow, clients wait in the queue; while the
/// front regrows, the data do not notice.
pub(crate) fn tree(socket: TcpListener, server: &Arc<Server>) -> Supervisor {
    Supervisor::new("root")
        .strategy(Strategy::OneForOne)
        .tolerance(SUBTREES)
        .child(data(server))
        .child(front(socket, server))
}

/// The flusher holds the store's file, the sweeper and the rewriter wait for its answers: with a new store they begin anew. The
/// store needs none of them, so it is first, and their failures do not touch it. The rewriter, with most to go wrong, is last.
fn data(server: &Arc<Server>) -> Supervisor {
    Supervisor::new(DATA)
        .strategy(Strategy::RestForOne)
        .tolerance(WORKERS)
        .child(store::worker(server))
        .child(flusher::worker(server))
        .child(sweeper::worker(server))
        .child(rewriter::worker(server))
}

/// The listener comes last: when the connections are gone it is stopped until their supervisor is back, and clients knock
/// meanwhile at the kernel's door. When the listener fails, those who are connected do not notice.
fn front(socket: TcpListener, server: &Arc<Server>) -> Supervisor {
    let connections = DynamicSupervisor::new(CONNECTIONS).max_children(server.settings.max_clients);
    Supervisor::new(FRONT)
        .strategy(Strategy::RestForOne)
        .tolerance(WORKERS)
        .child(connections)
        .child(listener::worker(socket, server))
}
