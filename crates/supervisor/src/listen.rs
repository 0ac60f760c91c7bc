//! Giving a tree that runs a listener.
use crate::{
    filter::Filter,
    hub::Hub,
    listener::Listener,
    listener_ref::ListenerRef,
    reference::{DynamicRef, SupervisorRef},
};
use regrow_core::RuntimeName;
use regrow_tasks::Directory;
use std::sync::Arc;

/// Why a tree takes no listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The tree has ended.
    #[error("{supervisor} has nothing more to tell: its tree has ended")]
    TreeEnded {
        /// The full name of the supervisor that was asked.
        supervisor: RuntimeName,
    },
}

fn listen(directory: &Arc<Directory>, listener: Listener) -> Result<ListenerRef, ListenError> {
    let supervisor = directory.runtime_name().cloned();
    let supervisor = supervisor.unwrap_or_else(|| RuntimeName::join([]));
    let below = Filter::in_subtree(supervisor.as_str());
    let added = Hub::of(directory).listen(listener.filter(below));
    added.ok_or(ListenError::TreeEnded { supervisor })
}

macro_rules! listen_method {
    ($reference:ty) => {
        impl $reference {
            /// Gives the tree a listener, which is called with what happens to this supervisor and
            /// below it from here on.
            ///
            /// # Errors
            ///
            /// [`ListenError`] when the tree has ended.
            pub fn listen(&self, listener: Listener) -> Result<ListenerRef, ListenError> {
                listen(self.directory(), listener)
            }

            /// The listeners of the whole tree, those of its root included.
            pub fn listeners(&self) -> Vec<ListenerRef> {
                Hub::of(self.directory()).listeners()
            }
        }
    };
}

listen_method!(SupervisorRef);
listen_method!(DynamicRef);
