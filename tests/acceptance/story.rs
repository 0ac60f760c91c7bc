//! A running tree, with its events as signs: `+a` started, `-a` stopped when asked, `~a` completed by itself,
//! `!a` failed, `xa` start failed, `?a` abandoned; `.` is the root.

use std::ops::Deref;
use std::time::Duration;

use regrow::{
    Change, ChildInfo, Counts, RootExit, StartError, Subscription, Supervisor, SupervisorRef, Tree,
    TreeEvent,
};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::timeout;

/// Tells each story on a paused clock, and those of `both` once more on threads.
macro_rules! stories {
    (both: $($both:ident),* ; $(paused: $($timed:ident),+ ;)?) => {
        mod paused {
            $(
                #[::tokio::test(start_paused = true)]
                async fn $both() {
                    super::$both().await;
                }
            )*
            $($(
                #[::tokio::test(start_paused = true)]
                async fn $timed() {
                    super::$timed().await;
                }
            )+)?
        }
        mod threads {
            $(
                #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $both() {
                    super::$both().await;
                }
            )*
        }
    };
}

/// A second of the story's clock.
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// Longer than any story takes.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The supervisor of the catalogue: `root`, one-for-one, 2 restarts in an hour.
pub(crate) fn root() -> Supervisor {
    Supervisor::new("root").tolerance((2, HOUR))
}

/// A tree and what it told so far.
pub(crate) struct Story {
    tree: Tree,
    events: Events,
}

impl Story {
    /// Starts the tree, which must tell `expected` and be up.
    pub(crate) async fn start(root: Supervisor, expected: &str) -> Self {
        let (tree, mut events) = started(root).await;
        let tree = tree.expect("the tree starts");
        events.told(expected).await;
        Self { tree, events }
    }

    /// Starts a tree that tells `expected` and does not come up.
    pub(crate) async fn fails(root: Supervisor, expected: &str) -> StartError {
        let (tree, events) = started(root).await;
        events.told_last(expected).await;
        tree.expect_err("the start fails")
    }

    /// Waits until as many events are told as expected; they must be those.
    ///
    /// Names in braces may come in any order: `{-a -b} -.`
    pub(crate) async fn told(&mut self, expected: &str) {
        self.events.told(expected).await;
    }

    /// Lets `span` pass, in which nothing may be told.
    pub(crate) async fn quiet(&mut self, span: Duration) {
        if let Ok(sign) = timeout(span, self.events.next_sign()).await {
            panic!("told {sign:?} after {:?}", self.events.log);
        }
    }

    /// The next event, whatever it is.
    pub(crate) async fn next(&mut self) -> TreeEvent {
        self.events.next().await.expect("an event")
    }

    /// The next event that has a sign.
    pub(crate) async fn next_signed(&mut self) -> TreeEvent {
        loop {
            let event = self.next().await;
            if let Some(sign) = sign(&event) {
                self.events.log.push(sign);
                return event;
            }
        }
    }

    /// The sign of the next event that has one.
    pub(crate) async fn next_sign(&mut self) -> String {
        self.events.next_sign().await.expect("an event")
    }

    /// Shuts the tree down; `expected` is all that is still told.
    pub(crate) async fn stops(self, expected: &str) -> RootExit {
        let exit = bounded(self.tree.shutdown()).await;
        self.events.told_last(expected).await;
        exit
    }

    /// As [`stops`](Self::stops), of a tree in which all goes well.
    pub(crate) async fn stops_cleanly(self, expected: &str) {
        let exit = self.stops(expected).await;
        assert!(exit.is_orderly(), "{exit}");
    }

    /// Waits for the end of a tree that ends by itself; `expected` is all that is still told.
    pub(crate) async fn ends(self, expected: &str) -> RootExit {
        let exit = bounded(self.tree.wait()).await;
        self.events.told_last(expected).await;
        exit
    }

    /// Gives the tree up; what is left is what it tells.
    pub(crate) fn into_parts(self) -> (Tree, Events) {
        (self.tree, self.events)
    }
}

impl Deref for Story {
    type Target = SupervisorRef;

    fn deref(&self) -> &SupervisorRef {
        &self.tree
    }
}

/// Starts a tree, observed from the very first.
async fn started(root: Supervisor) -> (Result<Tree, StartError>, Events) {
    let mut events = None;
    let observe = |subscription| events = Some(Events::new(subscription));
    let tree = bounded(root.start_observed(observe)).await;
    (tree, events.expect("the spec is right"))
}

/// What a tree tells.
pub(crate) struct Events {
    subscription: Subscription,
    log: Vec<String>,
}

impl Events {
    pub(crate) const fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            log: Vec::new(),
        }
    }

    pub(crate) async fn next(&mut self) -> Option<TreeEvent> {
        let event = bounded(self.subscription.next()).await?;
        Some(event.expect("the story keeps up with its events"))
    }

    async fn next_sign(&mut self) -> Option<String> {
        loop {
            if let Some(sign) = sign(&self.next().await?) {
                self.log.push(sign.clone());
                return Some(sign);
            }
        }
    }

    pub(crate) async fn told(&mut self, expected: &str) {
        for mut group in groups(expected) {
            let mut told = Vec::new();
            for _ in 0..group.len() {
                told.push(self.next_sign().await.unwrap_or_default());
            }
            if group.len() > 1 {
                group.sort_unstable();
                told.sort_unstable();
            }
            assert!(
                told == group,
                "told {:?}, expected now {expected}",
                self.log
            );
        }
    }

    /// All that was told, when the tree has ended.
    pub(crate) async fn rest(mut self) -> Vec<String> {
        while self.next_sign().await.is_some() {}
        self.log
    }

    /// `expected` and nothing more, to the end of the stream.
    pub(crate) async fn told_last(mut self, expected: &str) {
        self.told(expected).await;
        if let Some(sign) = self.next_sign().await {
            panic!("told {sign} after the end: {:?}", self.log);
        }
    }
}

/// The sign of an event, if it has one.
fn sign(event: &TreeEvent) -> Option<String> {
    let mark = match event.change {
        Change::Started => '+',
        Change::Stopped => '-',
        Change::Completed => '~',
        Change::Failed(_) | Change::StopFailed(_) => '!',
        Change::StartFailed(_) => 'x',
        Change::Abandoned => '?',
        _ => return None,
    };
    let name = event.runtime_name.to_string();
    Some(match name.strip_prefix("root/") {
        Some(path) => format!("{mark}{path}"),
        None => format!("{mark}."),
    })
}

/// The signs of `expected`, those in braces together.
fn groups(expected: &str) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut open = false;
    for word in expected.split_whitespace() {
        let sign = word.trim_start_matches('{').trim_end_matches('}');
        match groups.last_mut() {
            Some(group) if open => group.push(sign),
            _ => groups.push(vec![sign]),
        }
        open = (open || word.starts_with('{')) && !word.ends_with('}');
    }
    groups
}

/// Bounds a wait, so that a story that does not go on fails: by 30 s of a real clock, or by a month of a paused one,
/// which passes at once when nothing else is to come.
pub(crate) async fn bounded<T>(wait: impl Future<Output = T>) -> T {
    let bound = match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => 24 * 30 * HOUR,
        _ => 30 * SECOND,
    };
    timeout(bound, wait)
        .await
        .expect("what the story waits for comes")
}

/// Specs, active, supervisors, workers.
pub(crate) fn counts(supervisor: &SupervisorRef) -> [usize; 4] {
    parts(supervisor.count())
}

/// The parts of a count, in OTP's order.
pub(crate) fn parts(counts: Counts) -> [usize; 4] {
    [
        counts.specs,
        counts.active,
        counts.supervisors,
        counts.workers,
    ]
}

/// The children by name and state, `a Up, b Down`.
pub(crate) fn states(children: &[ChildInfo]) -> String {
    let states: Vec<_> = children
        .iter()
        .map(|child| format!("{} {:?}", child.name, child.state))
        .collect();
    states.join(", ")
}

/// Whether `error` or one of its sources says `text`.
pub(crate) fn says(error: &(dyn std::error::Error + 'static), text: &str) -> bool {
    let mut causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.any(|cause| cause.to_string().contains(text))
}

/// `signs`, `times` times.
pub(crate) fn repeated(times: usize, signs: &str) -> String {
    vec![signs; times].join(" ")
}
