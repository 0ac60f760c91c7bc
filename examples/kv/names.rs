//! The names of the tree's children, for those who look them up.

/// The supervisor of the store and of those who lean on it.
pub(crate) const DATA: &str = "data";
/// The worker that owns the data and the log.
pub(crate) const STORE: &str = "store";
/// The supervisor of those who look after the log and the data.
pub(crate) const UPKEEP: &str = "upkeep";
/// The worker that makes what is written outlive a loss of power.
pub(crate) const FLUSHER: &str = "flusher";
/// The worker that deletes expired keys.
pub(crate) const SWEEPER: &str = "sweeper";
/// The worker that rewrites the log.
pub(crate) const REWRITER: &str = "rewriter";
/// The supervisor of all that has to do with clients.
pub(crate) const FRONT: &str = "front";
/// The supervisor whose children the connections are.
pub(crate) const CONNECTIONS: &str = "connections";
/// The worker that accepts clients.
pub(crate) const LISTENER: &str = "listener";
