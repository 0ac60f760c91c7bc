//! What both kinds of references to a supervisor do.
use crate::{
    child::{ChildInfo, ChildRef, Counts},
    error::{
        DeleteChildError, LookupError, ResetError, RestartChildError, StartChildError,
        TerminateChildError,
    },
    inbox::Inbox,
    lookup,
    spec::{ChildSpec, SpecError},
    wish::{ChildWish, Wish, WishKind},
};
use regrow_core::{ChildKind, RuntimeName};
use regrow_tasks::{ChildState, Context, Directory};
use std::{fmt, iter, sync::Arc};
use tokio::sync::oneshot;

/// A supervisor, by its directory: valid over its restarts, and weak.
#[derive(Clone)]
pub(crate) struct Handle {
    directory: Arc<Directory>,
}

impl Handle {
    pub(crate) const fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }

    pub(crate) const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    pub(crate) fn runtime_name(&self) -> RuntimeName {
        let name = self.directory.runtime_name();
        name.expect("a supervisor has a runtime name").clone()
    }

    pub(crate) fn children(&self) -> Vec<ChildInfo> {
        let _hold = self.directory.hold();
        let entries = self.directory.all();
        entries.iter().map(|entry| ChildInfo::new(entry)).collect()
    }

    pub(crate) fn count(&self) -> Counts {
        let _hold = self.directory.hold();
        let mut counts = Counts::default();
        for entry in self.directory.all() {
            let state = entry.facts().state;
            let is_active = matches!(state, ChildState::Up | ChildState::Stopping);
            counts.specs += 1;
            counts.active += usize::from(is_active);
            match entry.kind() {
                ChildKind::Worker => counts.workers += 1,
                ChildKind::Supervisor => counts.supervisors += 1,
            }
        }
        counts
    }

    pub(crate) fn child(&self, path: &str) -> Result<ChildRef, LookupError> {
        lookup::find(&self.directory, path).map(ChildRef::new)
    }

    pub(crate) async fn start(
        &self,
        spec: Result<Arc<ChildSpec>, SpecError>,
        numbered: bool,
    ) -> Result<ChildRef, StartChildError> {
        let spec = spec?;
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::answered(WishKind::Start {
            spec,
            numbered,
            answer,
        }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(StartChildError::NotRunning { supervisor })
        })
    }

    pub(crate) async fn terminate(&self, name: &str) -> Result<(), TerminateChildError> {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        let must_end = self.must_end_for(&name);
        let what = ChildWish::Terminate(answer);
        let kind = WishKind::Child { name, what };
        if must_end {
            self.wish(Wish::unanswered(kind));
            return Ok(());
        }
        self.wish(Wish::answered(kind));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(TerminateChildError::NotRunning { supervisor })
        })
    }

    pub(crate) async fn restart(&self, name: &str) -> Result<ChildRef, RestartChildError> {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        self.wish(Wish::answered(WishKind::Child {
            name,
            what: ChildWish::Restart(answer),
        }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(RestartChildError::NotRunning { supervisor })
        })
    }

    /// Forgets what was counted against a child, or against the supervisor.
    pub(crate) async fn reset(&self, child: Option<&str>) -> Result<(), ResetError> {
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::answered(match child {
            None => WishKind::Reset(answer),
            Some(name) => WishKind::Child {
                name: name.to_owned(),
                what: ChildWish::Reset(answer),
            },
        }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(ResetError::NotRunning { supervisor })
        })
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), DeleteChildError> {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        self.wish(Wish::answered(WishKind::Child {
            name,
            what: ChildWish::Delete(answer),
        }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(DeleteChildError::NotRunning { supervisor })
        })
    }

    /// Asks for a child that cannot be: that it is not there is an answer.
    pub(crate) async fn answers(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        let name = String::new();
        let what = ChildWish::Terminate(answer);
        self.wish(Wish::answered(WishKind::Child { name, what }));
        let answer = answered.await;
        matches!(answer, Ok(Err(TerminateChildError::NotFound { .. })))
    }

    /// Asks the supervisor itself to stop: the root, and with it the tree; another one as its own
    /// supervisor's terminate does.
    pub(crate) fn shutdown(&self) {
        let name = self.runtime_name();
        let Some(above) = self.directory.above() else {
            return;
        };
        let own = above.get(name.name());
        let is_there = own.as_ref().and_then(|own| own.below());
        if !is_there.is_some_and(|below| Arc::ptr_eq(below, &self.directory)) {
            // It was forgotten; another one may have taken its name.
            return;
        }
        if let Some(inbox) = Inbox::of(above) {
            let (answer, _) = oneshot::channel();
            let name = name.name().to_owned();
            inbox.wish(Wish::unanswered(WishKind::Child {
                name,
                what: ChildWish::Terminate(answer),
            }));
        } else {
            if let Some(life) = own.and_then(|root| root.facts().incarnation) {
                self.directory.sink().stop(life, None, false);
            }
        }
    }

    /// Whether the life that this code runs in must end for the child of this name to be down: it
    /// is a life of that child, or below it; or it is being stopped itself, and the child's turn
    /// may come after it.
    fn must_end_for(&self, name: &str) -> bool {
        let (Some(here), Some(child)) = (Context::current(), self.directory.get(name)) else {
            return false;
        };
        let is_under = |at: &Arc<Directory>| above(&here).any(|up| Arc::ptr_eq(&up, at));
        Arc::ptr_eq(here.entry(), &child)
            || child.below().is_some_and(is_under)
            || (here.is_stopping() && is_under(&self.directory))
    }

    fn wish(&self, wish: Wish) {
        match Inbox::of(&self.directory) {
            Some(inbox) => inbox.wish(wish),
            None => wish.kind.refuse(self.runtime_name()),
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.runtime_name(), f)
    }
}

/// The directories that this code runs under, from the nearest up.
fn above(here: &Context) -> impl Iterator<Item = Arc<Directory>> {
    let first = Some(here.entry().directory().clone());
    iter::successors(first, |directory| directory.above().cloned())
}
