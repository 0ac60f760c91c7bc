//! What the end of a child means, told by a table alone.
use crate::{exit::Exit, spec::Restart};

/// Whether a child that ended without being asked to is started again (semantics 12).
pub(super) const fn is_restarted(restart: Restart, exit: Exit) -> bool {
    match restart {
        Restart::Permanent => true,
        Restart::Transient => exit.is_abnormal(),
        Restart::Temporary => false,
    }
}
