//! The world around one engine: it plays the shell of the contract, and the user.
use crate::{
    book::{Body, Book, Broken, Law, Stage, Told, law},
    driven::Driven,
    setup::{Manners, Setup, Trouble},
};
use regrow_core::{
    ChildSpec, Exit, Life, Moment, Slot,
    engine::{Ask, Event, Request},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most commands that one event may come to.
const MOST_COMMANDS: usize = 100;

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Started(Life),
    Ignored(Life),
    StartFailed(Life),
    Exited(Life, Exit),
    Confirmed,
    Timeout,
    /// It becomes this late.
    Clock(Moment),
    Start,
    Run(usize),
    Twin(Slot),
    Terminate(Slot),
    Restart(Slot),
    Delete(Slot),
    KillChild(Slot),
    Reset(Option<Slot>),
    Shutdown(Option<Moment>),
    Kill,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    now: Moment,
    engine: Driven,
    book: Book,
    /// How often trouble may still come.
    pub(crate) left: u8,
}

impl World {
    pub(crate) fn new(setup: &Setup, left: u8) -> Result<Self, Broken> {
        let mut world = Self {
            now: Moment::default(),
            engine: setup.engine(),
            book: Book::new(setup),
            left,
        };
        world.drain(setup, false)?;
        for request in setup.first_requests() {
            world.ask(setup, request)?;
        }
        Ok(world)
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.book.over
    }

    /// Whether nothing happens any more unless something fails; then all must be well.
    pub(crate) fn check_rest(&self) -> Law {
        self.book.check_rest()
    }

    /// What happens sooner or later, if nothing else does.
    pub(crate) fn must(&self, setup: &Setup) -> Vec<Action> {
        let mut must = Vec::new();
        if self.book.over {
            return must;
        }
        if self.book.ready && !self.book.confirmed {
            must.push(Action::Confirmed);
        }
        for body in self.book.bodies.iter().filter(|body| !body.abandoned) {
            must.extend(next_of(setup, body));
        }
        match self.engine.poll_timeout() {
            Some(at) if at <= self.now => must.push(Action::Timeout),
            Some(at) if must.is_empty() => must.push(Action::Clock(at)),
            _ => {}
        }
        must
    }

    /// What may happen or not: abandoned lives end late, and a life that was asked to end may
    /// report that it is up.
    pub(crate) fn may(&self) -> Vec<Action> {
        let over = self.book.over;
        let may = |body: &Body| match (body.told, body.stage) {
            _ if body.abandoned => Some(Action::Exited(body.life, Exit::Killed)),
            (Told::Asked(_), Stage::Starting) if !over => Some(Action::Started(body.life)),
            _ => None,
        };
        self.book.bodies.iter().filter_map(may).collect()
    }

    /// What happens only where something goes wrong, or is wished for.
    pub(crate) fn trouble(&self, setup: &Setup) -> Vec<Action> {
        let mut all = Vec::new();
        if self.left == 0 || self.book.over || (setup.only_boot && self.book.confirmed) {
            return all;
        }
        for &trouble in &setup.troubles {
            self.cause(setup, trouble, &mut all);
        }
        all
    }

    fn cause(&self, setup: &Setup, trouble: Trouble, all: &mut Vec<Action>) {
        let bodies = || self.book.bodies.iter().filter(|body| !body.abandoned);
        let untold = || bodies().filter(|body| body.told == Told::Nothing);
        let up = || untold().filter(|body| matches!(body.stage, Stage::Up(_)));
        let starting = || untold().filter(|body| body.stage == Stage::Starting);
        let exits = |body: &Body, exit| Action::Exited(body.life, exit);
        // nobody has a word with the engine about the body of a branch but by its end
        let reports = || starting().filter(|body| !setup.is_body(body.child));
        let slots = || {
            let others = self.book.children.iter().enumerate();
            let others = others.filter(|&(id, child)| !child.gone && !setup.is_body(id));
            others.map(|(_, child)| child.slot)
        };
        match trouble {
            Trouble::Crash => all.extend(up().map(|body| exits(body, Exit::Failed))),
            Trouble::Finish => all.extend(up().map(|body| exits(body, Exit::Completed))),
            Trouble::Done => all.extend(up().map(|body| exits(body, Exit::Done))),
            Trouble::AskAgain => all.extend(up().map(|body| exits(body, Exit::RestartMe))),
            Trouble::Escape => all.extend(bodies().map(|body| exits(body, Exit::Uncaptured))),
            Trouble::FailStart => all.extend(starting().map(|body| exits(body, Exit::Failed))),
            Trouble::ReportFailure => {
                all.extend(reports().map(|body| Action::StartFailed(body.life)));
            }
            Trouble::Ignore => all.extend(reports().map(|body| Action::Ignored(body.life))),
            Trouble::Block => all.extend(starting().map(|body| exits(body, Exit::Blocked))),
            Trouble::FailStop => {
                let asked = bodies().filter(|body| matches!(body.told, Told::Asked(_)));
                all.extend(asked.map(|body| exits(body, Exit::Panicked)));
            }
            Trouble::EndInTime => {
                let killed = bodies().filter(|body| matches!(body.told, Told::Killed(_)));
                all.extend(killed.map(|body| exits(body, Exit::Completed)));
            }
            Trouble::Slow => {
                let at = self.engine.poll_timeout().filter(|&at| at > self.now);
                all.extend(at.map(Action::Clock));
            }
            Trouble::Pass(span) => all.push(Action::Clock(self.now.after(span))),
            Trouble::Shutdown => all.push(Action::Shutdown(None)),
            Trouble::Deadline(span) => all.push(Action::Shutdown(Some(self.now.after(span)))),
            Trouble::KillSelf => all.push(Action::Kill),
            Trouble::Terminate => all.extend(slots().map(Action::Terminate)),
            Trouble::Restart => all.extend(slots().map(Action::Restart)),
            Trouble::Start => all.push(Action::Start),
            Trouble::Run(size) => all.push(Action::Run(size)),
            Trouble::Twin => all.extend(slots().map(Action::Twin)),
            Trouble::Delete => all.extend(slots().map(Action::Delete)),
            Trouble::Reset => all.extend(slots().map(|slot| Action::Reset(Some(slot)))),
            Trouble::ResetAll => all.push(Action::Reset(None)),
            Trouble::Kill => all.extend(slots().map(Action::KillChild)),
        }
    }

    /// The world after one thing has happened.
    pub(crate) fn act(&self, setup: &Setup, action: Action) -> Result<Self, Broken> {
        let mut next = self.clone();
        let result = match action {
            Action::Clock(at) => {
                next.now = at;
                Ok(())
            }
            Action::Started(life) => next.tell(setup, Event::Started(life)),
            Action::Ignored(life) => next.tell(setup, Event::Ignored(life)),
            Action::StartFailed(life) => next.tell(setup, Event::StartFailed(life)),
            Action::Exited(life, exit) => next.tell(setup, Event::Exited(life, exit)),
            Action::Confirmed => next.tell(setup, Event::Confirmed),
            Action::Timeout => next.tell(setup, Event::Timeout),
            Action::Start => next.ask(setup, Request::Start(setup.added.spec.clone())),
            Action::Run(size) => {
                next.ask(setup, Request::Run(vec![setup.added.spec.clone(); size]))
            }
            Action::Twin(slot) => next.ask(setup, Request::StartTwin(slot)),
            Action::Terminate(slot) => next.ask(setup, Request::Terminate(slot)),
            Action::Restart(slot) => next.ask(setup, Request::Restart(slot)),
            Action::Delete(slot) => next.ask(setup, Request::Delete(slot)),
            Action::Reset(slot) => next.ask(setup, Request::Reset(slot)),
            Action::KillChild(slot) => next.ask(setup, Request::Kill(slot)),
            Action::Shutdown(deadline) => next.tell(setup, Event::Shutdown(deadline)),
            Action::Kill => next.tell(setup, Event::Kill),
        };
        result.map(|()| next)
    }

    fn ask(&mut self, setup: &Setup, request: Request<ChildSpec<()>>) -> Law {
        self.book.next_ask += 1;
        let ask = Ask(self.book.next_ask);
        self.tell(setup, Event::Request(ask, request))
    }

    fn tell(&mut self, setup: &Setup, event: Event<ChildSpec<()>>) -> Law {
        let timeout = event == Event::Timeout;
        let before = timeout.then(|| self.engine.clone());
        self.book.hear(self.now, setup, &event);
        let handled = catch_unwind(AssertUnwindSafe(|| self.engine.handle(self.now, event)));
        law(0, handled.is_ok(), || "the engine panicked".into())?;
        let idle = before.is_some_and(|before| before == self.engine);
        law(13, !idle, || "a time-out comes to nothing".into())?;
        self.drain(setup, timeout)
    }

    fn drain(&mut self, setup: &Setup, timeout: bool) -> Law {
        let mut count = 0;
        while let Some(command) = self.engine.poll_command() {
            self.book.check(self.now, setup, &command)?;
            count += 1;
            law(13, count <= MOST_COMMANDS, || "commands without end".into())?;
        }
        self.book.settle(self.now, setup, timeout)?;
        let next = self.engine.poll_timeout();
        let again = timeout && next.is_some_and(|at| at <= self.now);
        law(13, !again, || "a time-out is due again at once".into())?;
        let dead = self.book.over && next.is_some();
        law(5, !dead, || "a time-out is due after the end".into())
    }
}

/// What a life does if it is left alone.
fn next_of(setup: &Setup, body: &Body) -> Option<Action> {
    let life = body.life;
    let manners = setup.rule(body.child).manners;
    match (body.told, body.stage) {
        (Told::Nothing, Stage::Starting) => Some(Action::Started(life)),
        (Told::Nothing, _) => None,
        (Told::Asked(_), stage) => {
            let exit = match stage {
                Stage::Ignoring => Exit::Completed,
                Stage::Failing => Exit::Failed,
                Stage::Starting | Stage::Up(_) => Exit::Stopped,
            };
            (manners == Manners::Obeys).then_some(Action::Exited(life, exit))
        }
        (Told::Killed(_), _) => {
            (manners != Manners::Undead).then_some(Action::Exited(life, Exit::Killed))
        }
    }
}
