//! What a life tells its supervisor.
use crate::{outcome::Ended, reason::StartFailure};

/// What a life tells its supervisor.
#[derive(Debug)]
pub enum Report {
    /// It is up.
    Started,
    /// It has nothing to do, and is about to end.
    Ignored,
    /// Its start failed, and its body may still run.
    StartFailed(StartFailure),
    /// It is over, and its body dropped.
    Exited(Ended),
}
