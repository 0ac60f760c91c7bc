//! Faults on demand: what `CRASH` does to the server's own workers, so that their regrowing can be watched.
//!
//! A life that can be struck is *exposed*: it rests through [`Exposed::rest`], and a fault strikes it there and nowhere else,
//! as a bug in its own code would. Where a life does not rest, between taking work and answering it, it is not struck: what a
//! fault may interrupt is decided by where the worker awaits, not by luck. A kill is no strike: supervisors do that.

use std::{
    collections::HashMap,
    error::Error,
    fmt,
    future::{self, Future},
    hint,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use regrow::{BoxError, Context, Incarnation, RuntimeName};
use tokio::sync::oneshot;

use crate::fault::Fault;

/// Who can be struck at this moment. Clones are the same register.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    register: Arc<Mutex<HashMap<RuntimeName, Target>>>,
}

struct Target {
    incarnation: Incarnation,
    strike: oneshot::Sender<Fault>,
}

/// A life in the register, until this is dropped.
pub(crate) struct Exposed {
    context: Context,
    faults: Faults,
    struck: oneshot::Receiver<Fault>,
}

/// The error of a life that was struck by [`Fault::Error`].
#[derive(Debug)]
pub(crate) struct Struck;

impl Faults {
    /// Puts the life into the register.
    pub(crate) fn expose(&self, context: Context) -> Exposed {
        let (strike, struck) = oneshot::channel();
        let target = Target {
            incarnation: context.incarnation(),
            strike,
        };
        self.register().insert(context.runtime_name(), target);
        Exposed {
            context,
            faults: self.clone(),
            struck,
        }
    }

    /// Has the fault strike the life of that name when it next rests. Returns whether one is there to be struck: a life that
    /// was struck already is not.
    pub(crate) fn strike(&self, name: &RuntimeName, fault: Fault) -> bool {
        let target = self.register().remove(name);
        target.is_some_and(|target| target.strike.send(fault).is_ok())
    }

    fn register(&self) -> MutexGuard<'_, HashMap<RuntimeName, Target>> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exposed {
    /// Awaits the work, unless the life is asked to stop or a fault strikes it meanwhile.
    ///
    /// # Errors
    ///
    /// [`regrow::Stopped`], or [`Struck`]; either way the life is to end with it.
    ///
    /// # Panics
    ///
    /// When the fault is a panic.
    pub(crate) async fn rest<T>(&mut self, work: impl Future<Output = T>) -> Result<T, BoxError> {
        let struck = &mut self.struck;
        let outcome = self.context.until_stopped(async {
            tokio::select! {
                biased;
                Ok(fault) = struck => Err(fault),
                value = work => Ok(value),
            }
        });
        match outcome.await? {
            Ok(value) => Ok(value),
            Err(fault) => Err(happen(fault).await),
        }
    }
}

impl Drop for Exposed {
    fn drop(&mut self) {
        let name = self.context.runtime_name();
        let mut register = self.faults.register();
        if register
            .get(&name)
            .is_some_and(|target| target.incarnation == self.context.incarnation())
        {
            register.remove(&name);
        }
    }
}

/// Fails in the way that is asked for.
async fn happen(fault: Fault) -> BoxError {
    match fault {
        Fault::Error => Struck.into(),
        Fault::Panic => panic!("CRASH wanted this panic"),
        Fault::Hang => future::pending().await,
        Fault::Spin => loop {
            hint::spin_loop();
        },
    }
}

impl fmt::Display for Struck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CRASH wanted this error")
    }
}

impl Error for Struck {}
