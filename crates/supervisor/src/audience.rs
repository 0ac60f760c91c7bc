//! The listeners that a tree calls.
use crate::{bus::Bus, listener::Listener, listener_ref::ListenerRef, post::Post};
use regrow_tasks::Aside;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// One for a tree: it owns the tasks that call.
pub(crate) struct Audience {
    runtime: Handle,
    seats: Mutex<Vec<(Arc<Post>, Arc<Aside>)>>,
}

impl Audience {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            seats: Mutex::default(),
        }
    }

    fn seats(&self) -> MutexGuard<'_, Vec<(Arc<Post>, Arc<Aside>)>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to call this listener; none when the tree has ended.
    pub(crate) fn add(&self, bus: &Bus, mut listener: Listener) -> Option<ListenerRef> {
        let caller = listener.take_caller();
        let post = Arc::new(Post::new(listener));
        if !bus.attach(&post) {
            return None;
        }
        let task = Aside::spawn(&self.runtime, post.clone().attend(caller));
        let gone = {
            let mut seats = self.seats();
            let (gone, kept) = std::mem::take(&mut *seats)
                .into_iter()
                .partition::<Vec<_>, _>(|(post, _)| post.is_over());
            *seats = kept;
            seats.push((post.clone(), Arc::new(task)));
            gone
        };
        drop(gone);
        Some(ListenerRef::new(post))
    }

    pub(crate) fn all(&self) -> Vec<ListenerRef> {
        let seats = self.seats();
        let posts = seats.iter().map(|(post, _)| post.clone());
        posts.map(ListenerRef::new).collect()
    }

    /// Resolves when all have been called with what waits for them, or their times for that have
    /// passed.
    pub(crate) async fn drained(&self) {
        let seats = self.seats().clone();
        // One that was removed is told no end, and may be in its last call.
        seats.iter().for_each(|(post, _)| post.close());
        for (post, task) in seats {
            if !post.drained().await {
                task.kill();
            }
        }
    }
}
