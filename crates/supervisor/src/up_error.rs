//! Why a child does not come up any more. (Other errors hold references to children, which hold this one.)
use regrow_core::RuntimeName;

/// Why a child does not come up any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpError {
    /// Its supervisor has forgotten it, or its tree has ended.
    #[error(
        "{child} is forgotten: look it up again if somebody may have started another one of its name"
    )]
    Forgotten {
        /// Its full name.
        child: RuntimeName,
    },
}
