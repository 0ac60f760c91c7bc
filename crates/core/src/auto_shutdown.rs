//! When a supervisor ends because its children did.

/// When a supervisor shuts itself down because a significant child ended (OTP's words;
/// semantics 19).
///
/// Only a child that ends by itself and is not started again counts: not one that its user
/// terminated, nor one that a group takes down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// Never: a supervisor without live children stays up.
    #[default]
    Never,
    /// When any significant child ends.
    AnySignificant,
    /// When a significant child ends and no other goes on.
    AllSignificant,
}
