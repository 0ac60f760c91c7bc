//! A worker that does what the story tells it: the fixtures F1 to F5 of the catalogue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use regrow::{Context, NotifyStart, RestartMe, Stopped, Worker};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::time::sleep;

use crate::story::{SECOND, bounded};

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// What a puppet does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Returns `Ok`.
    Complete,
    /// Returns the typed cancellation.
    Stop,
    /// Returns the error "died".
    Fail,
    /// Panics with "died".
    Panic,
    /// Returns the wish for another life.
    RestartMe,
    /// Reacts to nothing any more.
    Hang,
}

/// How a life of it begins.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Up at its first poll.
    Plain,
    /// The first life ignores, later ones are up.
    IgnoreFirst,
    /// The first life is up, later ones fail to start.
    FailLater,
    /// Reports to the story, and waits for its answer.
    Asked,
    /// Up at once, or fails after two seconds when the flag is set.
    Flagged,
}

/// What it does when it is asked to stop.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// Cleans up for this long, then returns the typed cancellation.
    CleanUp(Duration),
    /// Does this instead.
    Instead(Act),
}

/// A child in the hand of the story, over all its lives.
#[derive(Clone)]
pub(crate) struct Puppet(Arc<Strings>);

struct Strings {
    name: String,
    start: Start,
    stop: Stop,
    flag: AtomicBool,
    orders: mpsc::UnboundedSender<Act>,
    inbox: Mutex<mpsc::UnboundedReceiver<Act>>,
    asked: Semaphore,
    begun: AtomicUsize,
    alive: AtomicUsize,
    cleaned: AtomicUsize,
}

impl Puppet {
    /// F1: obeys, and does what it is told.
    pub(crate) fn new(name: &str) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        Self(Arc::new(Strings {
            name: name.to_owned(),
            start: Start::Plain,
            stop: Stop::CleanUp(Duration::ZERO),
            flag: AtomicBool::new(false),
            orders,
            inbox: Mutex::new(inbox),
            asked: Semaphore::new(0),
            begun: AtomicUsize::new(0),
            alive: AtomicUsize::new(0),
            cleaned: AtomicUsize::new(0),
        }))
    }

    /// F1-ignore.
    pub(crate) fn ignoring_first(self) -> Self {
        self.starting(Start::IgnoreFirst)
    }

    /// F1-fail2.
    pub(crate) fn failing_later(self) -> Self {
        self.starting(Start::FailLater)
    }

    /// F3: each start waits for [`answer`](Self::answer).
    pub(crate) fn asking(self) -> Self {
        self.starting(Start::Asked)
    }

    /// F5: while [`flag`](Self::flag) is set, a start takes two seconds and fails.
    pub(crate) fn flagged(self) -> Self {
        self.starting(Start::Flagged)
    }

    /// F2: needs `span` to clean up.
    pub(crate) fn cleaning(self, span: Duration) -> Self {
        self.stopping(Stop::CleanUp(span))
    }

    /// F4: does something else when it is asked to stop.
    pub(crate) fn answering(self, act: Act) -> Self {
        self.stopping(Stop::Instead(act))
    }

    fn starting(mut self, start: Start) -> Self {
        self.strings().start = start;
        self
    }

    fn stopping(mut self, stop: Stop) -> Self {
        self.strings().stop = stop;
        self
    }

    fn strings(&mut self) -> &mut Strings {
        Arc::get_mut(&mut self.0).expect("a puppet is dressed before it plays")
    }

    /// The spec of this child, to go on with.
    pub(crate) fn worker(&self) -> Worker {
        let puppet = self.clone();
        if matches!(self.0.start, Start::Plain) {
            Worker::new(&*self.0.name, move |context| puppet.clone().play(context))
        } else {
            Worker::with_notify_start(&*self.0.name, move |context, notify| {
                puppet.clone().begin(context, notify)
            })
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// Tells the life that is.
    pub(crate) fn tell(&self, act: Act) {
        self.0.orders.send(act).expect("the inbox lives with us");
    }

    pub(crate) fn completes(&self) {
        self.tell(Act::Complete);
    }

    pub(crate) fn fails(&self) {
        self.tell(Act::Fail);
    }

    /// Makes the life hang, and waits until it does.
    pub(crate) async fn hangs(&self) {
        self.tell(Act::Hang);
        self.asked().await;
    }

    /// Waits until a start asks what to do, or a life hangs.
    pub(crate) async fn asked(&self) {
        let asked = bounded(self.0.asked.acquire()).await;
        asked.expect("never closed").forget();
    }

    /// Answers the start that asked: with `Complete` it is up, with anything else it fails.
    pub(crate) async fn answer(&self, act: Act) {
        self.asked().await;
        self.tell(act);
    }

    pub(crate) fn flag(&self, set: bool) {
        self.0.flag.store(set, SeqCst);
    }

    /// How many lives have begun.
    pub(crate) fn begun(&self) -> usize {
        self.0.begun.load(SeqCst)
    }

    /// How many lives are not dropped yet.
    pub(crate) fn alive(&self) -> usize {
        self.0.alive.load(SeqCst)
    }

    /// How many lives cleaned up.
    pub(crate) fn cleaned(&self) -> usize {
        self.0.cleaned.load(SeqCst)
    }

    async fn begin(self, context: Context, notify: NotifyStart) -> Outcome {
        let first = self.begun() == 0;
        let up = match self.0.start {
            Start::IgnoreFirst if first => {
                self.0.begun.fetch_add(1, SeqCst);
                notify.ignore();
                return Ok(());
            }
            Start::FailLater => first,
            Start::Asked => {
                self.0.asked.add_permits(1);
                let answer = context.until_stopped(self.next()).await?;
                matches!(answer, Act::Complete)
            }
            Start::Flagged if self.0.flag.load(SeqCst) => {
                context.until_stopped(sleep(2 * SECOND)).await?;
                false
            }
            Start::Flagged | Start::IgnoreFirst | Start::Plain => true,
        };
        if up {
            // Counted before the world hears of it.
            let life = self.be_born();
            notify.ready();
            self.live(life, context).await
        } else {
            self.0.begun.fetch_add(1, SeqCst);
            notify.failed("the start failed");
            Ok(())
        }
    }

    /// One life, until the story or a stop ends it.
    pub(crate) async fn play(self, context: Context) -> Outcome {
        let life = self.be_born();
        self.live(life, context).await
    }

    /// Counts a life, before the world can hear of it; it is lived with [`live`](Self::live).
    pub(crate) fn be_born(&self) -> Life {
        Life::new(&self.0)
    }

    /// One life that was counted before.
    pub(crate) async fn live(self, _life: Life, context: Context) -> Outcome {
        match context.until_stopped(self.next()).await {
            Ok(act) => self.perform(act).await,
            Err(Stopped) => match self.0.stop {
                Stop::CleanUp(span) => {
                    sleep(span).await;
                    self.0.cleaned.fetch_add(1, SeqCst);
                    Err(Stopped.into())
                }
                Stop::Instead(act) => self.perform(act).await,
            },
        }
    }

    async fn next(&self) -> Act {
        self.0.inbox.lock().await.recv().await.expect("we send")
    }

    async fn perform(&self, act: Act) -> Outcome {
        match act {
            Act::Complete => Ok(()),
            Act::Stop => Err(Stopped.into()),
            Act::Fail => Err("died".into()),
            Act::Panic => panic!("died"),
            Act::RestartMe => Err(RestartMe.into()),
            Act::Hang => {
                self.0.asked.add_permits(1);
                std::future::pending().await
            }
        }
    }
}

/// A life that is counted until it is dropped.
pub(crate) struct Life(Arc<Strings>);

impl Life {
    fn new(strings: &Arc<Strings>) -> Self {
        strings.begun.fetch_add(1, SeqCst);
        strings.alive.fetch_add(1, SeqCst);
        Self(strings.clone())
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, SeqCst);
    }
}
