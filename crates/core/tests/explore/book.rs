//! What the explorer knows of its own: every child, every life, every promise. It is written from
//! the facts that go in and the commands that come out, never from the engine's own table.
use crate::setup::Setup;
use regrow_core::{
    Exit, Life, Moment, Slot,
    engine::{Ask, Ending, Next, Reason},
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

/// One child, from its entry on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Child {
    pub(crate) slot: Slot,
    /// Its place in start order.
    pub(crate) place: i64,
    /// The first of those that entered with it, by one request: in a branch they are a group.
    pub(crate) with: usize,
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

/// Who restarts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// The child at this place, and all after it.
    From(i64),
    /// All that entered a branch with this child, the first of them.
    With(usize),
}

/// A restart of rows that wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    pub(crate) scope: Scope,
    /// Whether a life of it has begun.
    pub(crate) begun: bool,
    /// The backoffs that it waits for.
    pub(crate) waits: Vec<(usize, Moment)>,
}

impl Group {
    pub(crate) const fn new(scope: Scope, waits: Vec<(usize, Moment)>) -> Self {
        let begun = false;
        Self {
            scope,
            begun,
            waits,
        }
    }
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Start,
    /// So many have not entered yet.
    Run(usize),
    Twin,
    Terminate,
    Restart,
    Delete,
    Kill,
    Reset,
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
    /// The restarts that go on: several in a branch, else one.
    pub(crate) groups: Vec<Group>,
    pub(crate) ready: bool,
    pub(crate) confirmed: bool,
    pub(crate) ending: Option<Reason>,
    /// The life of the body of a branch, when it was done.
    pub(crate) done: Option<Life>,
    pub(crate) deadline: Option<Moment>,
    pub(crate) over: bool,
    /// The restarts that count, oldest first, and for whose own tolerance.
    pub(crate) counted: Vec<(Moment, Life, Option<usize>)>,
    /// Ends that the world has not been told of.
    pub(crate) owed: Vec<(Life, Exit, Ending)>,
    /// Whether the stop was unclean, and whether it may be called so.
    pub(crate) unclean: bool,
    pub(crate) smudged: bool,
    /// What was said of children in this drain.
    pub(crate) said: Vec<(usize, Next)>,
    /// The life that came up with this event.
    pub(crate) came_up: Option<Life>,
    /// Lives whose ends count for nothing, and of which nothing must be kept.
    pub(crate) free: Vec<Life>,
    /// The life for whose panic the supervisor must end in this drain.
    pub(crate) uncaptured: Option<Life>,
    /// The life of a group that ended with this event.
    pub(crate) taken: Option<Life>,
    /// The significant life that the supervisor must shut itself down for in this drain.
    pub(crate) must_shut: Option<Life>,
    /// Children of which nothing may be kept after this drain.
    pub(crate) dropped: Vec<usize>,
}

impl Book {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            // a branch has no first start: what its body starts is dealt with at once
            confirmed: setup.is_branch(),
            ..Self::default()
        }
    }

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

    /// The place of a child in start order; of one that is about to enter, beyond all others.
    fn place(&self, child: usize) -> i64 {
        let child = self.children.get(child);
        child.map_or(i64::MAX, |child| child.place)
    }

    /// Whether this child restarts with all of this scope. It may be about to enter.
    pub(crate) fn is_in_scope(&self, scope: Scope, child: usize) -> bool {
        match scope {
            Scope::From(from) => self.place(child) >= from,
            Scope::With(first) => {
                let child = self.children.get(child);
                child.is_some_and(|child| child.with == first && !child.gone)
            }
        }
    }

    /// All that restart together with this scope.
    pub(crate) fn scope(&self, scope: Scope) -> impl Iterator<Item = usize> {
        let all = 0..self.children.len();
        all.filter(move |&child| self.is_in_scope(scope, child))
    }

    /// Whether anything of a group must end still, or begin.
    pub(crate) fn goes_on(&self, group: &Group) -> bool {
        let ends = |body: &Body| {
            body.must_end && !body.abandoned && self.is_in_scope(group.scope, body.child)
        };
        let due = |id: usize| self.children[id].due && !self.children[id].gone;
        self.bodies.iter().any(ends) || self.scope(group.scope).any(due)
    }

    /// The group restart that goes on and that this child is part of.
    pub(crate) fn group_of(&self, child: usize) -> Option<&Group> {
        let mut groups = self.groups.iter();
        groups.find(|group| self.is_in_scope(group.scope, child) && self.goes_on(group))
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
}
