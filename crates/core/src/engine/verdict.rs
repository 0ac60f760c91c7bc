//! What the end of a child means, told by a table alone.
use crate::{exit::Exit, spec::Restart};

/// Whether a child that ended without being asked to is started again (semantics 12, 17).
pub(super) const fn is_restarted(restart: Restart, exit: Exit) -> bool {
    match (restart, exit) {
        (Restart::Temporary, _) | (_, Exit::Done) => false,
        (Restart::Permanent, _) | (_, Exit::RestartMe) => true,
        (Restart::Transient, exit) => exit.is_abnormal(),
    }
}
