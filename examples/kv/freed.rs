//! A value that takes long to be freed.
//!
//! Millions of keys take seconds. A life that is killed has ended only when all that it owned is dropped, and its supervisor waits
//! one second for that; so what is large is dropped on a thread of its own.

use std::ops::{Deref, DerefMut};

use tokio::runtime::Handle;

/// The value, freed aside when this is dropped inside a runtime.
pub(crate) struct FreedAside<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> FreedAside<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: Send + 'static> Deref for FreedAside<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl<T: Send + 'static> DerefMut for FreedAside<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is there until it is dropped")
    }
}

impl<T: Send + 'static> Drop for FreedAside<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn_blocking(move || drop(value)));
        }
    }
}
