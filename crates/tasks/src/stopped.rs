//! The typed cancellation.

/// The typed cancellation: the life was asked to stop.
///
/// Returned by a body, anywhere in the chain of an error's sources, it is a clean end (OTP:
/// `shutdown`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("asked to stop")]
pub struct Stopped;
