//! How one life ended, as far as a decision depends on it.

/// How one life ended. The error or the panic itself stays with the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// It returned `Ok` (OTP: `normal`).
    Completed,
    /// It returned the typed cancellation (OTP: `shutdown`).
    Stopped,
    /// It said that it is done, and returned `Ok`: it is not started again by itself.
    Done,
    /// It asked to be started again.
    RestartMe,
    /// It returned an error.
    Failed,
    /// It panicked.
    Panicked,
    /// It panicked, and its panics are not captured: the whole tree is to end for it.
    Uncaptured,
    /// It was aborted (OTP: `killed`).
    Killed,
    /// It was aborted and did not end within the kill wait; the tree holds it until it does.
    Abandoned,
    /// It never began, because an earlier life of this runtime name has not ended.
    Blocked,
}

impl Exit {
    /// Whether a transient child is restarted after this, and a stop has failed by it.
    pub const fn is_abnormal(self) -> bool {
        !matches!(
            self,
            Self::Completed | Self::Stopped | Self::Done | Self::RestartMe
        )
    }
}
