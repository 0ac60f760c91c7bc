//! What the explorer knows of its own: every child, every life, every promise. It is written from
//! the facts that go in and the commands that come out, never from the engine's own table.
use crate::setup::Setup;
use regrow_core::{
    Exit, Life, Moment, Restart, Slot, Strategy,
    engine::{Ask, Ending, Event, Next, Reason, Request},
};

/// A law that does not hold, and how.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) law: u8,
    pub(crate) text: String,
}

pub(crate) type Law = Result<(), Broken>;

/// The law holds, or the text says what is wrong.
pub(crate) fn law(law: u8, holds: bool, text: impl FnOnce() -> String) -> Law {
    if holds {
        Ok(())
    } else {
        Err(Broken { law, text: text() })
    }
}

/// How far a life has come by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    Starting,
    /// It said that it has nothing to do.
    Ignoring,
    /// It said that its start failed, or it took too long.
    Failing,
    Up(Moment),
}

/// What a life was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    Nothing,
    Asked(Moment),
    Killed(Moment),
}

/// What a life was told to end for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// Its start did not come to a life.
    Start,
    Ignored,
    /// The user killed it.
    Crash,
    /// It must be down.
    Wanted,
}

/// One life that is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Body {
    pub(crate) life: Life,
    pub(crate) child: usize,
    pub(crate) stage: Stage,
    /// When its start has failed.
    pub(crate) limit: Option<Moment>,
    pub(crate) told: Told,
    pub(crate) why: Option<Why>,
    /// The moment that a supervisor was told to have ended by.
    pub(crate) bound: Option<Moment>,
    /// A group stops it.
    pub(crate) must_end: bool,
    pub(crate) killed_by_user: bool,
    pub(crate) abandoned: bool,
    pub(crate) said_stopping: bool,
}

/// One child, from its entry on. Its number is its place in start order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Child {
    pub(crate) slot: Slot,
    pub(crate) gone: bool,
    pub(crate) declared: bool,
    pub(crate) lived: bool,
    /// Whether it is kept when it is down: declared, or started once with success.
    pub(crate) kept: bool,
    pub(crate) terminated: bool,
    /// It finished, had nothing to do, or was restarted by the user in vain.
    pub(crate) rests: bool,
    /// It is to be begun by the supervisor.
    pub(crate) due: bool,
    /// Its end asks for a restart that has not been decided.
    pub(crate) calls: bool,
    /// It ended before the supervisor was known to be up.
    pub(crate) deferred: Option<(Life, Exit)>,
    /// Its backoff.
    pub(crate) not_before: Option<Moment>,
    pub(crate) failures: u32,
    pub(crate) last_end: Option<(Life, Exit)>,
}

/// A restart of rows that wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    /// The first child in it.
    pub(crate) from: usize,
    /// Whether a life of it has begun.
    pub(crate) begun: bool,
    /// The backoffs that it waits for.
    pub(crate) waits: Vec<(usize, Moment)>,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Start,
    Twin,
    Terminate,
    Restart,
    Delete,
    Kill,
}

/// A request that is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Open {
    pub(crate) ask: Ask,
    pub(crate) kind: Kind,
    /// None for a start whose child has not entered.
    pub(crate) child: Option<usize>,
}

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Book {
    pub(crate) children: Vec<Child>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) asks: Vec<Open>,
    pub(crate) next_ask: u64,
    pub(crate) newest: u64,
    pub(crate) group: Option<Group>,
    pub(crate) ready: bool,
    pub(crate) confirmed: bool,
    pub(crate) ending: Option<Reason>,
    pub(crate) deadline: Option<Moment>,
    pub(crate) over: bool,
    /// The restarts that count, oldest first.
    pub(crate) counted: Vec<(Moment, Life)>,
    /// Ends that the world has not been told of.
    pub(crate) owed: Vec<(Life, Exit, Ending)>,
    /// Whether the stop was unclean, and whether it may be called so.
    pub(crate) unclean: bool,
    pub(crate) smudged: bool,
    /// What was said of children in this drain.
    pub(crate) said: Vec<(usize, Next)>,
    /// The life that came up with this event.
    pub(crate) came_up: Option<Life>,
    /// Children of which nothing may be kept after this drain.
    pub(crate) dropped: Vec<usize>,
}

impl Book {
    /// The child in this slot.
    pub(crate) fn present(&self, slot: Slot) -> Option<usize> {
        let mut all = self.children.iter();
        all.rposition(|child| child.slot == slot && !child.gone)
    }

    pub(crate) fn body(&self, child: usize) -> Option<&Body> {
        let mut bodies = self.bodies.iter();
        bodies.find(|body| body.child == child && !body.abandoned)
    }

    pub(crate) fn body_mut(&mut self, life: Life) -> Option<&mut Body> {
        let mut bodies = self.bodies.iter_mut();
        bodies.find(|body| body.life == life && !body.abandoned)
    }

    /// Whether somebody asked for this child to be started, and waits.
    pub(crate) fn wish(&self, child: usize) -> Option<Open> {
        let mut asks = self.asks.iter().copied();
        asks.find(|ask| ask.child == Some(child) && matches!(ask.kind, Kind::Start | Kind::Restart))
    }

    /// Whether how this life ended is dealt with when the first start is over.
    pub(crate) fn is_deferred(&self, life: Life) -> bool {
        let mut children = self.children.iter();
        children.any(|child| child.deferred.is_some_and(|(at, _)| at == life))
    }

    /// Whether a group restart goes on that this child is part of.
    pub(crate) fn is_in_group(&self, child: usize) -> bool {
        let Some(group) = &self.group else {
            return false;
        };
        let due = |id: usize| self.children[id].due && !self.children[id].gone;
        child >= group.from
            && (self
                .bodies
                .iter()
                .any(|body| body.must_end && !body.abandoned)
                || (group.from..self.children.len()).any(due))
    }

    pub(crate) fn end_for(&mut self, reason: Reason) {
        if self.ending.is_none() {
            self.ending = Some(reason);
            for child in &mut self.children {
                child.due = false;
                child.calls = false;
                // an end that was not dealt with is part of the report
                self.smudged |= child.deferred.is_some_and(|(_, exit)| exit.is_abnormal());
            }
        }
    }

    /// Takes note of what the engine is about to be told.
    pub(crate) fn hear<P>(&mut self, now: Moment, setup: &Setup, event: &Event<P>) {
        match *event {
            Event::Started(life) => self.hear_started(now, life),
            Event::Ignored(life) => self.hear_stage(life, Stage::Ignoring),
            Event::StartFailed(life) => self.hear_stage(life, Stage::Failing),
            Event::Exited(life, exit) => {
                let at = self.bodies.iter().position(|body| body.life == life);
                let body = self.bodies.swap_remove(at.expect("only lives exit"));
                // the order in which lives are kept is no part of what is known
                self.bodies.sort_by_key(|body| body.life.incarnation);
                if !body.abandoned {
                    self.end_of(now, setup, &body, exit);
                }
            }
            Event::Timeout => {}
            Event::Confirmed => self.hear_confirmed(setup),
            Event::Shutdown(deadline) => {
                self.end_for(Reason::Stopped);
                self.deadline = [self.deadline, deadline].into_iter().flatten().min();
            }
            Event::Kill => {
                self.end_for(Reason::Killed);
                self.deadline = Some(self.deadline.map_or(now, |at| at.min(now)));
            }
            Event::Request(ask, ref request) => self.hear_request(ask, request),
        }
    }

    fn hear_started(&mut self, now: Moment, life: Life) {
        let body = self.body_mut(life).expect("only lives report");
        let untold = body.told == Told::Nothing;
        body.stage = Stage::Up(now);
        if untold {
            let (child, must_end) = (body.child, body.must_end);
            self.children[child].due &= must_end;
            self.came_up = Some(life);
        }
    }

    fn hear_stage(&mut self, life: Life, stage: Stage) {
        let body = self.body_mut(life).expect("only lives report");
        if body.told == Told::Nothing {
            body.stage = stage;
        }
    }

    fn hear_confirmed(&mut self, setup: &Setup) {
        self.confirmed = true;
        if self.ending.is_some() {
            return;
        }
        for id in 0..self.children.len() {
            if let Some((_, exit)) = self.children[id].deferred {
                self.ended_by_itself(setup, id, exit);
            }
        }
    }

    fn hear_request<P>(&mut self, ask: Ask, request: &Request<P>) {
        let (kind, slot) = match *request {
            Request::Start(_) => (Kind::Start, None),
            Request::StartTwin(slot) => (Kind::Twin, Some(slot)),
            Request::Terminate(slot) => (Kind::Terminate, Some(slot)),
            Request::Restart(slot) => (Kind::Restart, Some(slot)),
            Request::Delete(slot) => (Kind::Delete, Some(slot)),
            Request::Kill(slot) => (Kind::Kill, Some(slot)),
        };
        let child = slot.and_then(|slot| self.present(slot));
        self.asks.push(Open { ask, kind, child });
        let Some(child) = child else { return };
        if kind == Kind::Terminate {
            let child = &mut self.children[child];
            child.terminated = true;
            child.due = false;
            child.not_before = None;
        }
        if kind == Kind::Kill {
            let bodies = self.bodies.iter_mut().filter(|body| !body.abandoned);
            for body in bodies.filter(|body| body.child == child) {
                body.killed_by_user = true;
            }
        }
    }

    /// A life is over, or was abandoned: what does that mean?
    pub(crate) fn end_of(&mut self, now: Moment, setup: &Setup, body: &Body, exit: Exit) {
        let id = body.child;
        let ending = ending_of(setup, body, exit);
        self.owed.push((body.life, exit, ending));
        self.children[id].last_end = Some((body.life, exit));
        if let (Stage::Up(since), Told::Nothing) = (body.stage, body.told) {
            self.was_up(now, setup, id, since);
        }
        if self.ending.is_some() {
            let stopped_by_user = self.children[id].terminated;
            self.unclean |= ending == Ending::Unclean && !stopped_by_user;
            self.smudged |= exit.is_abnormal();
            return;
        }
        match ending {
            Ending::Clean | Ending::Unclean => {}
            Ending::Ignored if body.must_end => {}
            Ending::Ignored => self.rest(id),
            Ending::Start if self.wish(id).is_some() => {
                if !body.must_end {
                    self.rest(id);
                }
            }
            Ending::Start if self.children[id].terminated || body.must_end => {}
            Ending::Start if !self.confirmed => self.end_for(Reason::StartFailed(body.life)),
            Ending::Start => self.children[id].calls = true,
            Ending::Unasked if !self.confirmed => {
                self.children[id].deferred = Some((body.life, exit));
            }
            Ending::Unasked if body.must_end => {}
            Ending::Unasked => self.ended_by_itself(setup, id, exit),
        }
    }

    fn rest(&mut self, id: usize) {
        self.children[id].due = false;
        self.children[id].rests = true;
    }

    /// The table of restart type against exit (semantics 12).
    fn ended_by_itself(&mut self, setup: &Setup, id: usize, exit: Exit) {
        let failed = !matches!(exit, Exit::Completed | Exit::Stopped);
        let again = match setup.rule(id).restart() {
            Restart::Permanent => true,
            Restart::Transient => failed,
            Restart::Temporary => false,
        };
        if again {
            self.children[id].calls = !self.children[id].terminated;
        } else {
            self.rest(id);
        }
    }

    /// Forgets the failures of a child that has been up for long enough.
    pub(crate) fn was_up(&mut self, now: Moment, setup: &Setup, id: usize, since: Moment) {
        if let Some(backoff) = setup.rule(id).spec.backoff() {
            if now.since(since) >= backoff.resets_after() {
                self.children[id].failures = 0;
            }
        }
    }

    /// A restart was decided: marks all that belong to it.
    pub(crate) fn mark(&mut self, setup: &Setup, id: usize, at: Moment) {
        self.children[id].calls = false;
        self.children[id].due = true;
        let from = match setup.strategy {
            None | Some(Strategy::OneForOne) => {
                self.children[id].not_before = Some(at);
                return;
            }
            Some(Strategy::OneForAll) => 0,
            Some(Strategy::RestForOne) => id,
        };
        match &mut self.group {
            Some(group) if !group.begun => {
                group.from = group.from.min(from);
                group.waits.push((id, at));
            }
            group => {
                *group = Some(Group {
                    from,
                    begun: false,
                    waits: vec![(id, at)],
                });
            }
        }
        for body in &mut self.bodies {
            body.must_end |= body.child >= from && !body.abandoned;
        }
        for (id, child) in self.children.iter_mut().enumerate().skip(from) {
            let once = child.lived && setup.rule(id).restart() == Restart::Temporary;
            child.due = !child.gone && !child.terminated && !once;
            child.rests &= !child.due;
            child.calls = false;
        }
    }
}

/// How the end of a life is called.
fn ending_of(setup: &Setup, body: &Body, exit: Exit) -> Ending {
    let spec = &setup.rule(body.child).spec;
    let killed = exit == Exit::Killed || setup.rule(body.child).is_supervisor();
    let brutal = spec.shutdown() == regrow_core::Shutdown::Kill;
    match (body.why, body.stage) {
        (Some(Why::Ignored), _) => Ending::Ignored,
        (Some(Why::Start), _) | (None, Stage::Starting | Stage::Failing | Stage::Ignoring) => {
            Ending::Start
        }
        (Some(Why::Crash), _) | (None, Stage::Up(_)) => Ending::Unasked,
        (Some(Why::Wanted), _) if !exit.is_abnormal() => Ending::Clean,
        (Some(Why::Wanted), _) if brutal && killed && exit != Exit::Abandoned => Ending::Clean,
        (Some(Why::Wanted), _) => Ending::Unclean,
    }
}
