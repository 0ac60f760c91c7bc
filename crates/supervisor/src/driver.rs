//! The loop that feeds an engine and obeys it.
use crate::{
    alarm::Alarm,
    crew::Crew,
    decide::Decide,
    ending::{self, FailedChild},
    error::still_ending,
    failure::{GaveUp, SupervisorFailure},
    inbox::{Batch, Inbox, Stop},
    memory::Memory,
    replies::{Facts, Replies},
};
use regrow_core::{
    Exit, Incarnation, Life, Moment, Name, RuntimeName, Tolerance,
    engine::{Answer, Ask, Command, End, Ending, Event, Notice, Reason},
};
use regrow_tasks::{
    Abandoned, Context, Directory, Ended, ExitReason, NotifyStart, Report, StartFailure,
};
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};
use tokio::time::Instant;

/// How many inputs are dealt with before others on the thread get a turn.
const TURN: u32 = 256;

/// One life of a supervisor.
pub(crate) struct Driver<E: Decide> {
    pub(crate) own: Context,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tolerance: Tolerance,
    born: Instant,
    engine: E,
    pub(crate) crew: Crew,
    memory: Memory,
    pub(crate) replies: Replies,
    notify: Option<NotifyStart>,
    /// Lives that could not begin, and are over.
    blocked: VecDeque<Life>,
    /// The children that a request is about to put into the table.
    pub(crate) entering: Option<(Ask, VecDeque<Name>)>,
    /// Names that no child of a branch may have.
    pub(crate) reserved: HashSet<Name>,
    /// How the body ended, in a branch.
    body_end: Option<ExitReason>,
    failure: Option<SupervisorFailure>,
    start_failure: Option<(RuntimeName, StartFailure)>,
    end: Option<End>,
    /// When the inbox was last looked into: what it did not hold then has not happened yet.
    now: Moment,
}

impl<E: Decide> Driver<E> {
    /// A driver for the life of the supervisor that `own` is the context of. `engine` is given the
    /// moment of its birth and the number of its first life.
    pub(crate) fn new(
        own: Context,
        notify: NotifyStart,
        tolerance: Tolerance,
        engine: impl FnOnce(Incarnation) -> E,
    ) -> Self {
        let below = own.entry().below();
        let directory = below.expect("a supervisor has a directory").clone();
        Self {
            tolerance,
            born: Instant::now(),
            engine: engine(directory.next_incarnation()),
            crew: Crew::new(directory.clone(), E::body()),
            directory,
            own,
            memory: Memory::default(),
            replies: Replies::default(),
            notify: Some(notify),
            blocked: VecDeque::new(),
            entering: None,
            reserved: HashSet::new(),
            body_end: None,
            failure: None,
            start_failure: None,
            end: None,
            now: Moment::default(),
        }
    }

    /// Drives the supervisor to its end.
    pub(crate) async fn run(mut self) -> Ended {
        let directory = self.directory.clone();
        let inbox = Inbox::of(&directory).expect("a supervisor has an inbox");
        let _open = Open::new(inbox, &self.own);
        let mut batch = Batch::default();
        let mut alarm = Alarm::default();
        let mut turn = 0;
        self.obey();
        loop {
            if let Some(end) = self.end {
                return self.finish(end);
            }
            if batch.reports.is_empty() {
                self.now = Moment::new(self.born.elapsed());
                inbox.take(&mut batch);
            }
            let fed = self.feed(&mut batch);
            turn += fed;
            if fed == 0 {
                let due = self.engine.poll_timeout().and_then(|at| self.instant(at));
                alarm.wait(due, inbox.woken()).await;
                turn = 0;
            } else if turn >= TURN {
                tokio::task::yield_now().await;
                turn = 0;
            }
        }
    }

    /// The instant of a moment; none when it is too far to be one.
    fn instant(&self, at: Moment) -> Option<Instant> {
        self.born.checked_add(at.since_birth())
    }

    /// Deals with what was in the inbox, and with the clock. Says how much that was.
    fn feed(&mut self, batch: &mut Batch) -> u32 {
        let mut fed = 0;
        while fed < TURN {
            let Some((life, report)) = batch.reports.pop_front() else {
                break;
            };
            self.report(life, report);
            fed += 1;
        }
        if !batch.reports.is_empty() {
            return fed;
        }
        if let Some(stop) = batch.stop.take() {
            self.stop(stop);
            fed += 1;
        }
        if std::mem::take(&mut batch.confirmed) {
            self.handle(Event::Confirmed);
            fed += 1;
        }
        if self.engine.poll_timeout().is_some_and(|at| at <= self.now) {
            self.handle(Event::Timeout);
            fed += 1;
        }
        if let Some(wish) = batch.wish.take() {
            self.wish(wish);
            fed += 1;
        }
        fed
    }

    pub(crate) fn handle(&mut self, event: Event<E::Child>) {
        self.engine.handle(self.now, event);
        self.obey();
    }

    fn report(&mut self, life: Life, report: Report) {
        let is_body = E::body() == Some(life.slot);
        let event = match report {
            Report::Ignored if is_body => {
                self.notify.take().into_iter().for_each(NotifyStart::ignore);
                return;
            }
            Report::StartFailed(failure) if is_body => {
                if let Some(notify) = self.notify.take() {
                    notify.failed_as(failure);
                }
                return;
            }
            Report::Started => Event::Started(life),
            Report::Ignored => Event::Ignored(life),
            Report::StartFailed(failure) => {
                self.memory.failed(life, failure);
                Event::StartFailed(life)
            }
            Report::Exited(ended) => {
                if let Some(report) = ended.report.and_then(|report| report.downcast().ok()) {
                    self.crew.stops.merge(*report);
                }
                let mut end = (ended.exit, ended.reason);
                if !end.0.is_abnormal() && self.crew.was_crashed(life) {
                    // It saw that it must end before the kill reached it: that is a crash as well.
                    end = (Exit::Killed, ExitReason::Killed);
                }
                if self.crew.is_live(life) {
                    let captures = self.engine.spec(life.slot).captures_panic();
                    if end.0 == Exit::Panicked && !captures {
                        end.0 = Exit::Uncaptured;
                    }
                    self.memory.ended(life, end.1);
                }
                Event::Exited(life, end.0)
            }
        };
        self.handle(event);
    }

    fn stop(&mut self, stop: Stop) {
        if stop.life != self.own.incarnation() {
            return;
        }
        self.crew.stop_by(stop.deadline);
        self.crew.own_stops(&self.own, stop.crash);
        let deadline = stop.deadline.map(|at| {
            let since_birth = at.saturating_duration_since(self.born);
            Moment::new(since_birth)
        });
        if stop.crash {
            self.handle(Event::Kill);
        } else {
            self.handle(Event::Shutdown(deadline));
        }
    }

    /// Does all that the engine commands.
    fn obey(&mut self) {
        loop {
            while let Some(command) = self.engine.poll_command() {
                self.act(command);
            }
            let Some(life) = self.blocked.pop_front() else {
                return;
            };
            self.memory.ended(life, ExitReason::Killed);
            let event = Event::Exited(life, Exit::Blocked);
            self.engine.handle(self.now, event);
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a command is done once")]
    fn act(&mut self, command: Command) {
        match command {
            Command::Enter(slot) => {
                let spec = self.engine.spec(slot);
                let entering = self.entering.as_mut();
                let added = entering.and_then(|(ask, names)| Some((*ask, names.pop_front()?)));
                let (ask, name) = added.unzip();
                let entry = self.crew.enter(slot, spec, name);
                if let Some(ask) = ask {
                    self.replies.entered(ask, &entry);
                }
                self.crew.warn_of(slot, spec, self.tolerance);
            }
            Command::Leave(slot) => self.crew.leave(slot),
            Command::Start(life) => {
                let spec = self.engine.spec(life.slot);
                if let Err(failure) = self.crew.start(life, spec) {
                    self.memory.failed(life, failure);
                    self.blocked.push_back(life);
                }
            }
            Command::Stop(life, deadline) => {
                let deadline = deadline.and_then(|at| self.instant(at));
                self.crew.stop(life, deadline);
            }
            Command::Kill(life) => self.crew.kill(life),
            Command::Abandon(life) => self.crew.abandon(life),
            Command::Notice(life, notice) => self.notice(life, notice),
            Command::Answer(ask, answer) => self.answer(ask, answer),
            Command::Forget(life) => self.memory.forget(life),
            Command::Ready => {
                if let Some(notify) = self.notify.take() {
                    notify.ready();
                }
            }
            Command::GiveUp(reason) => self.give_up(reason),
            Command::AutoShutdown(life) => self.shut_itself(life),
            Command::End(end) => self.end = Some(end),
        }
    }

    fn notice(&mut self, life: Life, notice: Notice) {
        match notice {
            Notice::Started => self.crew.started(life),
            Notice::StartTimedOut => {
                let limit = self.engine.spec(life.slot).start_timeout();
                let failure = StartFailure::TimedOut(limit.unwrap_or_default());
                self.memory.failed(life, failure);
            }
            Notice::Stopping => self.crew.stopping(life),
            Notice::Ended(ending, _, next) => {
                let reason = self.memory.tell(life);
                if E::body() == Some(life.slot) {
                    self.body_end = Some(reason.clone());
                    if !matches!(reason, ExitReason::Done) {
                        self.crew.ends_with_body(&self.own, &reason);
                    }
                }
                let failure =
                    (ending == Ending::Start).then(|| self.memory.tell_failure(life, &reason));
                self.memory.told(life);
                self.crew.ended(life, ending, reason, failure, next);
            }
            Notice::Restarting(delay) => {
                self.memory.count(life);
                let cause = self.memory.cause(life);
                self.crew.restarting(life, cause, delay);
            }
            Notice::CoolingOff(delay) => {
                let tolerance = self.tolerance_of(life);
                self.crew.used_up(life, tolerance);
                let cause = self.memory.cause(life);
                self.crew.restarting(life, cause, delay);
            }
            Notice::StaysDown => {
                let tolerance = self.tolerance_of(life);
                self.crew.used_up(life, tolerance);
            }
        }
    }

    fn answer(&mut self, ask: Ask, answer: Answer) {
        let supervisor = self.own.runtime_name();
        let reaper = self.directory.tree().reaper();
        let facts = Facts {
            supervisor: &supervisor,
            most: self.engine.most(),
            reason: &|life| self.memory.reason(life),
            failure: &|life| self.memory.failure(life),
            abandoned: &|name| reaper.reserves(name),
        };
        self.replies.answer(ask, answer, &facts);
    }

    fn shut_itself(&mut self, life: Life) {
        self.crew.stops.begin();
        let child = self.crew.entry(life.slot).runtime_name();
        self.crew.shuts_itself(&self.own, child);
    }

    /// By which this life's child is judged.
    fn tolerance_of(&self, life: Life) -> Tolerance {
        let own = self.engine.spec(life.slot).tolerance();
        own.unwrap_or(self.tolerance)
    }

    fn give_up(&mut self, reason: Reason) {
        self.crew.stops.begin();
        let supervisor = self.own.runtime_name();
        let failure = match reason {
            Reason::GaveUp { first, last } => SupervisorFailure::GaveUp(GaveUp {
                supervisor,
                child: self.crew.entry(last.slot).runtime_name(),
                tolerance: self.tolerance_of(last),
                first: self.memory.reason(first),
                last: self.memory.reason(last),
            }),
            Reason::Uncaptured(life) => {
                let child = self.crew.entry(life.slot).runtime_name();
                SupervisorFailure::uncaptured(supervisor, child, &self.memory.reason(life))
            }
            Reason::StillEnding(life) => SupervisorFailure::StillEnding {
                supervisor,
                life: self.left_of(life),
            },
            Reason::StartFailed(life) => {
                let child = self.crew.entry(life.slot).runtime_name();
                self.start_failure = Some((child, self.memory.failure(life)));
                return;
            }
            Reason::Stopped | Reason::AutoShutdown(_) | Reason::Body(_) | Reason::Killed => return,
        };
        self.crew.gives_up(&self.own, failure.clone());
        self.failure = Some(failure);
    }

    /// The abandoned life that keeps the child of this one from beginning. It may have ended in
    /// this very moment; then it is told as it was.
    fn left_of(&mut self, life: Life) -> Abandoned {
        let child = self.crew.entry(life.slot).runtime_name();
        let told = still_ending(&self.memory.failure(life)).cloned();
        let held = || self.directory.tree().reaper().reserves(&child);
        told.or_else(held).unwrap_or_else(|| Abandoned {
            runtime_name: child.clone(),
            incarnation: life.incarnation,
            since: Instant::now(),
        })
    }

    /// The end of this life of the supervisor, as its own supervisor is told.
    fn finish(mut self, end: End) -> Ended {
        self.directory
            .set_next_incarnation(self.engine.next_incarnation());
        self.crew.leave_added();
        let body = self.body_end.take();
        let failed = match (end.reason, body) {
            (Reason::Body(_), Some(reason)) => FailedChild::Body(reason),
            (Reason::Stopped, Some(reason)) if reason.is_abnormal() => FailedChild::Body(reason),
            _ => FailedChild::take(self.start_failure.take(), self.failure.take()),
        };
        ending::ended(
            &self.own.runtime_name(),
            end,
            failed,
            self.crew.stops.take_report(),
        )
    }
}

/// The inbox takes wishes for as long as its driver lives.
struct Open<'a>(&'a Inbox);

impl<'a> Open<'a> {
    fn new(inbox: &'a Inbox, own: &Context) -> Self {
        inbox.open(own.incarnation());
        Self(inbox)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
