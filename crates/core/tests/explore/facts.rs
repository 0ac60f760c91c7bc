//! What the facts mean that go into the engine, told without it.
use crate::{
    book::{Body, Book, Group, Kind, Open, Scope, Stage, Told, Why},
    decisions::is_again,
    setup::{Setup, Shape},
};
use regrow_core::{
    Exit, Life, Moment, Restart, Strategy,
    engine::{Ask, Ending, Event, Reason, Request},
};

impl Book {
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
            Event::Request(ask, ref request) => self.hear_request(setup, ask, request),
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

    fn hear_request<P>(&mut self, setup: &Setup, ask: Ask, request: &Request<P>) {
        let (kind, slot) = match *request {
            Request::Start(_) => (Kind::Start, None),
            Request::Run(ref specs) => (Kind::Run(specs.len()), None),
            Request::StartTwin(slot) => (Kind::Twin, Some(slot)),
            Request::Terminate(slot) => (Kind::Terminate, Some(slot)),
            Request::Restart(slot) => (Kind::Restart, Some(slot)),
            Request::Delete(slot) => (Kind::Delete, Some(slot)),
            Request::Reset(slot) => (Kind::Reset, slot),
            Request::Kill(slot) => (Kind::Kill, Some(slot)),
        };
        let child = slot.and_then(|slot| self.present(slot));
        self.asks.push(Open { ask, kind, child });
        if kind == Kind::Reset && self.ending.is_none() {
            self.reset(setup, child);
        }
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

    /// The user wants what counts against a child, or the supervisor, to be forgotten.
    fn reset(&mut self, setup: &Setup, child: Option<usize>) {
        if let Some(child) = child {
            self.children[child].failures = 0;
        }
        let owner = child.and_then(|child| setup.owner(child));
        if child.is_some() && owner.is_none() {
            return;
        }
        let (gone, counted) = std::mem::take(&mut self.counted)
            .into_iter()
            .partition::<Vec<_>, _>(|entry| entry.2 == owner);
        self.counted = counted;
        self.free.extend(gone.iter().map(|entry| entry.1));
    }

    /// A life is over, or was abandoned: what does that mean?
    pub(crate) fn end_of(&mut self, now: Moment, setup: &Setup, body: &Body, exit: Exit) {
        let id = body.child;
        let ending = ending_of(setup, body, exit);
        self.owed.push((body.life, exit, ending));
        self.taken = body.must_end.then_some(body.life);
        self.children[id].last_end = Some((body.life, exit));
        if let (Stage::Up(since), Told::Nothing) = (body.stage, body.told) {
            self.was_up(now, setup, id, since);
        }
        if exit == Exit::Uncaptured && self.ending.is_none() {
            self.uncaptured = Some(body.life);
            self.children[id].due = false;
            self.smudged = true;
            return;
        }
        if self.ending.is_some() {
            let stopped_by_user = self.children[id].terminated;
            self.unclean |= ending == Ending::Unclean && !stopped_by_user;
            self.smudged |= exit.is_abnormal();
            return;
        }
        if setup.is_body(id) {
            return self.body_ended(body.life, exit, ending);
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
            Ending::Start
                if setup.rule(id).restart() == Restart::Temporary && exit != Exit::Blocked =>
            {
                self.rest(id);
            }
            Ending::Start => self.children[id].calls = true,
            Ending::Unasked if !self.confirmed => {
                self.children[id].deferred = Some((body.life, exit));
            }
            Ending::Unasked if body.must_end => {}
            Ending::Unasked => self.ended_by_itself(setup, id, exit),
        }
    }

    /// The body of a branch ended by itself.
    fn body_ended(&mut self, life: Life, exit: Exit, ending: Ending) {
        if ending == Ending::Unasked && exit == Exit::Done {
            self.done = Some(life);
            self.rest(0);
        } else {
            self.end_for(Reason::Body(life));
        }
    }

    fn rest(&mut self, id: usize) {
        self.children[id].due = false;
        self.children[id].rests = true;
    }

    fn ended_by_itself(&mut self, setup: &Setup, id: usize, exit: Exit) {
        if is_again(setup.rule(id).restart(), exit) {
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
        let Some(scope) = self.scope_of(setup, id) else {
            self.children[id].not_before = Some(at);
            return;
        };
        let waits = vec![(id, at)];
        let mut groups = self.groups.iter_mut();
        let same = groups.find(|group| setup.is_ordered() || group.scope == scope);
        match same {
            Some(group) if !group.begun => {
                group.waits.extend(waits);
                if let (Scope::From(one), Scope::From(other)) = (&mut group.scope, scope) {
                    *one = other.min(*one);
                }
            }
            Some(group) => *group = Group::new(scope, waits),
            None => self.groups.push(Group::new(scope, waits)),
        }
        let taken: Vec<_> = self.scope(scope).collect();
        for body in &mut self.bodies {
            body.must_end |= taken.contains(&body.child) && !body.abandoned;
        }
        for id in taken {
            let child = &mut self.children[id];
            let once = child.lived && setup.rule(id).restart() == Restart::Temporary;
            child.due = !child.gone && !child.terminated && !once;
            child.rests &= !child.due;
            child.calls = false;
        }
    }

    /// Who restarts with this child; none when it does so alone.
    fn scope_of(&self, setup: &Setup, id: usize) -> Option<Scope> {
        match setup.shape {
            Shape::Dynamic | Shape::Ordered(Strategy::OneForOne) => None,
            Shape::Ordered(Strategy::OneForAll) => Some(Scope::From(i64::MIN)),
            Shape::Ordered(Strategy::RestForOne) => Some(Scope::From(setup.place(id))),
            Shape::Branch(_) => Some(Scope::With(self.children[id].with)),
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
