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
//!
//! Who looks a child up takes its name from here, so that it is one: `root::data::store`.

use std::{net::TcpListener, sync::Arc, time::Duration};

use regrow::{Backoff, Supervisor, supervision_tree};

use crate::{flusher, listener, rewriter, server::Server, store, sweeper};

/// How many restarts each supervisor bears, in how long. `CRASH` may go round and round, and a worker regrows in a moment: so many
/// are part of the show. A program without a `CRASH` would keep the default, 3 in 5 s.
const TOLERANCE: (u32, Duration) = (100, Duration::from_secs(60));

/// What fails again and again waits longer and longer, so that a passing trouble (no more files to be had, say) has time to pass
/// before the tolerance is used up: a hundred restarts at the longest wait take 25 s. Without it they would take a few milliseconds.
const BACKOFF: Backoff = Backoff::exponential(Duration::from_millis(5), Duration::from_millis(250))
    .reset_after(Duration::from_millis(100));

supervision_tree!(
    pub(crate) fn root(socket: TcpListener, server: &Arc<Server>) -> Supervisor {
        let socket = Arc::new(socket);
        Supervisor {
            name: "root",
            // Neither side holds anything of the other's. While the data regrow, clients wait in the queue; while the front regrows,
            // the data do not notice.
            strategy: OneForOne,
            tolerance: TOLERANCE,
            children: [
                Supervisor {
                    name: "data",
                    // The upkeep is asked by nobody and needs the store's answers and its file, so it comes after the store and
                    // begins anew with it.
                    strategy: RestForOne,
                    tolerance: TOLERANCE,
                    backoff: BACKOFF,
                    children: [
                        Worker {
                            name: "store",
                            start: server.lent_to_notifying(store::serve),
                            notify_start,
                            // A long log is no failure, and a stop is obeyed while it is replayed.
                            no_start_timeout,
                            // The last flush may take so long.
                            shutdown: 10s,
                            backoff: BACKOFF,
                        },
                        Supervisor {
                            name: "upkeep",
                            // Its failures do not touch the store; only if it cannot live at all is that a failure of the data.
                            strategy: OneForOne,
                            tolerance: TOLERANCE,
                            backoff: BACKOFF,
                            children: [
                                Worker {
                                    name: "flusher",
                                    start: server.lent_to_notifying(flusher::serve),
                                    notify_start,
                                    backoff: BACKOFF,
                                },
                                Worker {
                                    name: "sweeper",
                                    start: server.lent_to(sweeper::serve),
                                    backoff: BACKOFF,
                                },
                                Worker {
                                    name: "rewriter",
                                    start: server.lent_to(rewriter::serve),
                                    backoff: BACKOFF,
                                },
                            ],
                        },
                    ],
                },
                Supervisor {
                    name: "front",
                    // The listener comes last: when the connections are gone it is stopped until their supervisor is back, and
                    // clients knock meanwhile at the kernel's door. When the listener fails, those who are connected do not notice.
                    strategy: RestForOne,
                    tolerance: TOLERANCE,
                    backoff: BACKOFF,
                    children: [
                        Dynamic {
                            name: "connections",
                            max_children: server.settings.max_clients,
                            backoff: BACKOFF,
                        },
                        Worker {
                            name: "listener",
                            start: server.lent_to(move |context, server| {
                                listener::serve(context, socket.clone(), server)
                            }),
                            backoff: BACKOFF,
                        },
                    ],
                },
            ],
        }
    }
);
