//! Children, as others reach them.
use crate::up_error::UpError;
use regrow_core::{ChildKind, Incarnation, Name, RuntimeName};
use regrow_tasks::{ChildState, Entry};
use std::{fmt, sync::Arc, time::Duration};

/// A child, addressed by its place: it stays valid over the child's restarts.
///
/// It is weak: it keeps no life and no tree going. When the child is forgotten it says `Down` for
/// ever.
#[derive(Clone)]
pub struct ChildRef {
    entry: Arc<Entry>,
}

impl ChildRef {
    pub(crate) const fn new(entry: Arc<Entry>) -> Self {
        Self { entry }
    }

    /// Its own name.
    pub fn name(&self) -> &Name {
        self.entry.name()
    }

    /// Its full name.
    pub fn runtime_name(&self) -> RuntimeName {
        self.entry.runtime_name()
    }

    /// What it is.
    pub fn kind(&self) -> ChildKind {
        self.entry.kind()
    }

    /// How it stands.
    pub fn state(&self) -> ChildState {
        self.entry.facts().state
    }

    /// Its life, or its last one.
    pub fn incarnation(&self) -> Option<Incarnation> {
        self.entry.facts().incarnation
    }

    /// How often it was started again.
    pub fn restarts(&self) -> u64 {
        self.entry.facts().restarts
    }

    /// How long its life has been up, a stop that is under way included; none without such a life.
    pub fn uptime(&self) -> Option<Duration> {
        self.entry.facts().uptime()
    }

    /// All of that at one moment.
    pub fn info(&self) -> ChildInfo {
        ChildInfo::new(&self.entry)
    }

    /// Resolves when it is up, to its life; at once when it is. Nobody polls for that: it costs
    /// nothing until the child changes.
    ///
    /// A child that is down for good is waited for too: somebody may restart it. So is one whose
    /// supervisor is restarted. In a crash loop a life may come and go unseen.
    ///
    /// # Errors
    ///
    /// [`UpError::Forgotten`] when it is out of its supervisor for good, or the tree has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: dropping it loses nothing.
    pub async fn up(&self) -> Result<Incarnation, UpError> {
        self.until_up(|_| true).await
    }

    /// Resolves when a later life than this one is up, to that: when the child has regrown.
    ///
    /// ```
    /// use regrow_supervisor::{Supervisor, Worker};
    /// use regrow_tasks::Context;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let tree = Supervisor::new("root")
    ///     .child(Worker::new("cache", |ctx: Context| async move { ctx.stopped().await }))
    ///     .start()
    ///     .await?;
    /// let cache = tree.child("cache")?;
    /// let before = cache.up().await?;
    /// cache.kill();
    /// let after = cache.up_after(before).await?;
    /// assert!(after > before);
    ///
    /// tree.shutdown().await;
    /// let error = cache.up().await.unwrap_err();
    /// assert!(error.to_string().starts_with("root/cache is forgotten"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`up`](Self::up).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: dropping it loses nothing.
    pub async fn up_after(&self, life: Incarnation) -> Result<Incarnation, UpError> {
        self.until_up(|incarnation| incarnation > life).await
    }

    async fn until_up(&self, is_it: impl Fn(Incarnation) -> bool) -> Result<Incarnation, UpError> {
        let up = self.entry.seen(|facts| {
            let is_up = facts.state == ChildState::Up;
            facts.incarnation.filter(|life| is_up && is_it(*life))
        });
        up.await.ok_or_else(|| UpError::Forgotten {
            child: self.runtime_name(),
        })
    }

    /// Ends its life at once, as a crash: it restarts as its type says, and that counts (OTP:
    /// `exit(Pid, kill)`). A supervisor is told that its time is up: all below it is killed, and
    /// its end is abnormal. A child without a life stays as it is.
    ///
    /// Returns when the request is made; the end is an event.
    pub fn kill(&self) {
        let sink = self.entry.directory().sink();
        sink.kill(self.entry.name(), self.entry.order());
    }
}

impl fmt::Debug for ChildRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChildRef")
            .field(&self.runtime_name())
            .finish()
    }
}

/// A child at a moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChildInfo {
    /// Its own name.
    pub name: Name,
    /// Its full name.
    pub runtime_name: RuntimeName,
    /// What it is.
    pub kind: ChildKind,
    /// How it stands.
    pub state: ChildState,
    /// Its life, or its last one.
    pub incarnation: Option<Incarnation>,
    /// How often it was started again.
    pub restarts: u64,
    /// How long it has been up.
    pub uptime: Option<Duration>,
}

impl ChildInfo {
    pub(crate) fn new(entry: &Entry) -> Self {
        let facts = entry.facts();
        Self {
            name: entry.name().clone(),
            runtime_name: entry.runtime_name(),
            kind: entry.kind(),
            state: facts.state,
            incarnation: facts.incarnation,
            restarts: facts.restarts,
            uptime: facts.uptime(),
        }
    }

    /// Its full name.
    pub const fn runtime_name(&self) -> &RuntimeName {
        &self.runtime_name
    }
}

impl fmt::Display for ChildInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.runtime_name, self.state)
    }
}

/// How many children there are (OTP: `count_children`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All, up or not.
    pub specs: usize,
    /// Those that are up; one that is starting is not yet.
    pub active: usize,
    /// Those that are supervisors.
    pub supervisors: usize,
    /// Those that are workers.
    pub workers: usize,
}
