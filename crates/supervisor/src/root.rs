//! What a program can be the tree of.
use crate::supervisor::Supervisor;
use regrow_tasks::BoxError;

/// The root of a program's tree, or why there is none: a [`Supervisor`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no root of a tree",
    note = "a root is a `Supervisor`, or a `Result` of one with an error that can be boxed"
)]
pub trait IntoRoot {
    /// The root.
    ///
    /// # Errors
    ///
    /// Why there is none.
    fn into_root(self) -> Result<Supervisor, BoxError>;
}

impl IntoRoot for Supervisor {
    fn into_root(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> IntoRoot for Result<Supervisor, E> {
    fn into_root(self) -> Result<Supervisor, BoxError> {
        self.map_err(Into::into)
    }
}
