//! Listeners of a tree that runs, as others reach them.
use crate::{listener::ListenerInfo, post::Post};
use std::{fmt, sync::Arc};

/// A listener that a tree has: dropping it leaves it there.
#[derive(Clone)]
pub struct ListenerRef(Arc<Post>);

impl ListenerRef {
    pub(crate) const fn new(post: Arc<Post>) -> Self {
        Self(post)
    }

    /// What became of its calls so far.
    pub fn info(&self) -> ListenerInfo {
        self.0.info()
    }

    /// Takes it from its tree: what waits for it is dropped, and a call that runs is its last.
    pub fn remove(&self) {
        drop(self.0.remove());
    }
}

impl fmt::Debug for ListenerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ListenerRef").field(&self.info()).finish()
    }
}
