//! What the end of a child means, told by a table alone.
use crate::{exit::Exit, spec::Restart};

/// What becomes of a child that ended without being asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is started again.
    Restart,
    /// It stays down, and its row stays.
    Rest,
    /// It is forgotten.
    Forget,
}

/// The table of restart type against exit (semantics 12).
pub(super) const fn verdict(restart: Restart, exit: Exit) -> Verdict {
    match (restart, exit.is_abnormal()) {
        (Restart::Permanent, _) | (Restart::Transient, true) => Verdict::Restart,
        (Restart::Transient, false) => Verdict::Rest,
        (Restart::Temporary, _) => Verdict::Forget,
    }
}
