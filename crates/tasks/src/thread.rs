//! A life on a thread: it tells when it is over, and nobody can end it.
use crate::{
    catch::{bury, caught},
    context::{Context, Entered, Here},
    entry::Entry,
    notify::NotifyStart,
    outcome::{Ended, Outcome},
    place::PlaceError,
    reason::{ExitReason, SharedError},
    report::Report,
    span::{enter, span},
    start::{Begin, Place, Room, Start},
    thread_context::ThreadContext,
};
use regrow_core::Incarnation;
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::span::Span;

impl Start {
    /// A closure that blocks, on a thread of its own. It is up when it has begun.
    pub fn thread<F, R>(start: F) -> Self
    where
        F: Fn(ThreadContext) -> R + Send + Sync + 'static,
        R: Outcome,
    {
        Self::blocks(Room::Own, start)
    }

    /// A closure that blocks, on a thread of its own. It is up when it says so.
    pub fn notifying_thread<F, R>(start: F) -> Self
    where
        F: Fn(ThreadContext, NotifyStart) -> R + Send + Sync + 'static,
        R: Outcome,
    {
        let work = move |context: Context, _: &CancellationToken| {
            let notify = NotifyStart::new(context.clone());
            Ended::new(start(ThreadContext::new(context), notify).into_reason())
        };
        Self::new(OnThread::new(Room::Own, work).notifying())
    }

    /// A closure that blocks for a while, on the runtime's pool. It is up when it has begun.
    pub fn blocking<F, R>(start: F) -> Self
    where
        F: Fn(ThreadContext) -> R + Send + Sync + 'static,
        R: Outcome,
    {
        Self::blocks(Room::Pool, start)
    }

    fn blocks<F, R>(room: Room, start: F) -> Self
    where
        F: Fn(ThreadContext) -> R + Send + Sync + 'static,
        R: Outcome,
    {
        let work = move |context: Context, _: &CancellationToken| {
            context.report(Report::Started);
            Ended::new(start(ThreadContext::new(context)).into_reason())
        };
        Self::new(OnThread::new(room, work))
    }
}

/// A start function that runs on a thread. It reports its start itself.
pub(crate) struct OnThread<F> {
    room: Room,
    notifies: bool,
    work: F,
}

impl<F: Fn(Context, &CancellationToken) -> Ended + Send + Sync> OnThread<F> {
    pub(crate) const fn new(room: Room, work: F) -> Self {
        Self {
            room,
            notifies: false,
            work,
        }
    }

    /// The body says itself when it is up.
    const fn notifying(mut self) -> Self {
        self.notifies = true;
        self
    }
}

impl<F: Fn(Context, &CancellationToken) -> Ended + Send + Sync> Begin for OnThread<F> {
    fn place(&self) -> Place {
        Place::Thread(self.room)
    }

    fn run(&self, context: Context, kill: &CancellationToken) -> Ended {
        (self.work)(context, kill)
    }

    fn notifies(&self) -> bool {
        self.notifies
    }
}

/// A life on a thread, as its supervisor holds it.
pub(crate) struct ThreadHandle {
    entry: Arc<Entry>,
    incarnation: Incarnation,
    kill: CancellationToken,
    seat: Arc<Mutex<Seat>>,
}

/// Where a life waits for its thread.
struct Seat {
    /// None when the thread has taken it, or it is over.
    life: Option<ThreadLife>,
    /// Whether a thread is just asked for.
    is_asking: bool,
    /// Whether there was none.
    is_refused: bool,
}

impl ThreadHandle {
    pub(crate) fn spawn(
        room: Room,
        runtime: &Handle,
        entry: Arc<Entry>,
        incarnation: Incarnation,
        start: Start,
    ) -> Self {
        let kill = CancellationToken::new();
        let life = ThreadLife {
            runtime: runtime.clone(),
            span: span(&entry, incarnation),
            here: Some(Here {
                context: Context::new(entry.clone(), incarnation),
                notifier_dropped: false,
            }),
            start: Some(start),
            kill: kill.clone(),
        };
        let seat = Arc::new(Mutex::new(Seat {
            life: Some(life),
            is_asking: true,
            is_refused: false,
        }));
        let handle = Self {
            entry,
            incarnation,
            kill,
            seat: seat.clone(),
        };
        let why = handle.place(room, runtime, Turn(seat));
        let refused = handle.seat().asked(why.is_some());
        if let Some(life) = refused {
            life.end(Ended::new(why.unwrap_or_else(|| handle.runtime_gone())));
        }
        handle
    }

    /// Gives the life a thread. Says why there is none, where that is known.
    fn place(&self, room: Room, runtime: &Handle, turn: Turn) -> Option<ExitReason> {
        let child = self.entry.runtime_name();
        match room {
            Room::Own => {
                let thread = thread::Builder::new().name(child.to_string());
                let source = thread.spawn(move || turn.take_place()).err()?;
                let error = PlaceError::NoThread { child, source };
                Some(ExitReason::Failed(SharedError::new(error)))
            }
            // The runtime panics when the system has no thread for its pool.
            Room::Pool => caught(|| drop(runtime.spawn_blocking(move || turn.take_place())))
                .err()
                .map(ExitReason::Panicked),
        }
    }

    fn runtime_gone(&self) -> ExitReason {
        let child = self.entry.runtime_name();
        ExitReason::Failed(SharedError::new(PlaceError::RuntimeGone { child }))
    }

    fn seat(&self) -> MutexGuard<'_, Seat> {
        locked(&self.seat)
    }

    /// Tells the life that its time is up. One that waits for a thread ends at once.
    pub(crate) fn kill(&self) {
        self.kill.cancel();
        let waiting = self.seat().life.take();
        drop(waiting);
        self.entry.ask(self.incarnation);
    }
}

impl fmt::Debug for ThreadHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadHandle")
            .field("is_killed", &self.kill.is_cancelled())
            .finish_non_exhaustive()
    }
}

impl Seat {
    /// A thread was asked for. Gives the life back when there is none: then the turn is gone, or
    /// left in the queue of a pool without threads.
    fn asked(&mut self, has_failed: bool) -> Option<ThreadLife> {
        self.is_asking = false;
        if self.is_refused || has_failed {
            self.life.take()
        } else {
            None
        }
    }
}

fn locked(seat: &Mutex<Seat>) -> MutexGuard<'_, Seat> {
    seat.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a thread is given: its turn to take the life.
struct Turn(Arc<Mutex<Seat>>);

impl Turn {
    fn take_place(self) {
        let life = locked(&self.0).life.take();
        if let Some(life) = life {
            life.run();
        }
    }
}

impl Drop for Turn {
    /// The turn is over, or never came: then the life has no place.
    fn drop(&mut self) {
        let left = {
            let mut seat = locked(&self.0);
            if seat.is_asking {
                seat.is_refused = true;
                None
            } else {
                seat.life.take()
            }
        };
        drop(left);
    }
}

/// A life that has a thread, or waits for one.
struct ThreadLife {
    runtime: Handle,
    span: Option<Box<Span>>,
    /// Always there until its end is reported, except while it is moved into the thread.
    here: Option<Here>,
    start: Option<Start>,
    kill: CancellationToken,
}

impl ThreadLife {
    /// Runs the life, on the thread that is its own for as long.
    fn run(mut self) {
        let context = self.here.as_ref().map(|here| here.context.clone());
        let Some((start, context)) = self.start.take().zip(context) else {
            return;
        };
        let ended = {
            let _runtime = self.runtime.enter();
            let _here = Entered::new(&mut self.here);
            let entered = enter(self.span.as_deref());
            let kill = &self.kill;
            let ended = caught(|| start.run(context, kill));
            bury(entered);
            ended
        };
        drop(start);
        let ended = ended.unwrap_or_else(|panic| Ended::new(ExitReason::Panicked(panic)));
        self.end(ended);
    }

    /// Reports the end.
    fn end(mut self, ended: Ended) {
        self.report_end(ended);
    }

    fn report_end(&mut self, ended: Ended) {
        bury(self.span.take());
        drop(self.start.take());
        let Some(Here { context, .. }) = self.here.take() else {
            return;
        };
        // It came to its end because it was killed: that is no completion.
        let ended = if self.kill.is_cancelled() && !ended.exit.is_abnormal() {
            Ended::new(ExitReason::Killed)
        } else {
            ended
        };
        context.entry().ends(context.incarnation(), ended);
    }
}

impl Drop for ThreadLife {
    /// It never had a thread.
    fn drop(&mut self) {
        self.report_end(Ended::new(ExitReason::Killed));
    }
}
