//! Waiting until nothing is on its way.
use crate::{
    health::{Health, HealthWatch},
    hub::Hub,
    reference::{DynamicRef, SupervisorRef},
};
use regrow_core::RuntimeName;
use regrow_tasks::Directory;
use std::sync::Arc;

/// Why a tree does not settle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The tree has ended.
    #[error("{supervisor} does not settle: its tree has ended, start it again")]
    TreeEnded {
        /// The full name of the supervisor that was asked.
        supervisor: RuntimeName,
    },
}

async fn settle(directory: &Arc<Directory>, backoff_counts: bool) -> Result<(), SettleError> {
    let ward = &Hub::of(directory).ward;
    if ward.settled(directory, backoff_counts).await {
        return Ok(());
    }
    let supervisor = directory.runtime_name().cloned();
    let supervisor = supervisor.unwrap_or_else(|| RuntimeName::join([]));
    Err(SettleError::TreeEnded { supervisor })
}

/// What both references can be asked about all that is below them.
macro_rules! state_methods {
    ($reference:ty) => {
        impl $reference {
            /// Whether it and all below it are well, now: exact, and as cheap as few are not.
            pub fn health(&self) -> Health {
                Health::of(self.directory())
            }

            /// The same, as it changes from here on.
            pub fn watch_health(&self) -> HealthWatch {
                HealthWatch::new(self.directory())
            }

            /// Resolves when it and all below it are at rest: nobody starts, stops or waits to be
            /// started again (semantics 32). It is driven by what happens, and never polls. What
            /// no supervisor has been told yet has not happened: wait for the event first.
            ///
            /// # Errors
            ///
            /// [`SettleError`] when the tree has ended.
            ///
            /// # Cancel safety
            ///
            /// This method is cancel safe.
            pub async fn settled(&self) -> Result<(), SettleError> {
                settle(self.directory(), true).await
            }

            /// As [`settled`](Self::settled), but who waits for a backoff is at rest: a child, and
            /// the group that waits for it.
            ///
            /// # Errors
            ///
            /// [`SettleError`] when the tree has ended.
            ///
            /// # Cancel safety
            ///
            /// This method is cancel safe.
            pub async fn settled_ignoring_backoff(&self) -> Result<(), SettleError> {
                settle(self.directory(), false).await
            }
        }
    };
}

state_methods!(SupervisorRef);
state_methods!(DynamicRef);
