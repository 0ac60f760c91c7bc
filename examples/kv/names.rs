//! The names of the tree's children, for those who look them up.

/// The worker that owns the data.
pub(crate) const STORE: &str = "store";
/// The supervisor whose children the connections are.
pub(crate) const CONNECTIONS: &str = "connections";
/// The worker that accepts clients.
pub(crate) const LISTENER: &str = "listener";
