//! The laws of lives, checked at each command.
use crate::{
    book::{Body, Book, Broken, Child, Group, Kind, Law, Open, Scope, Stage, Told, Why, law},
    setup::Setup,
};
use regrow_core::{
    AtLimit, Exit, Life, Moment, OnAbandoned, Restart, Shutdown, Slot, StartOrder,
    engine::{Command, Next, Notice},
};

impl Book {
    /// Checks one command, and takes note of it.
    pub(crate) fn check(&mut self, now: Moment, setup: &Setup, command: &Command) -> Law {
        law(5, !self.over, || "something comes after the end".into())?;
        match *command {
            Command::Enter(slot) => self.enter(setup, slot),
            Command::Leave(slot) => self.leave(setup, slot),
            Command::Start(life) => self.start(now, setup, life),
            Command::Stop(life, until) => self.stop(now, setup, life, until),
            Command::Kill(life) => self.kill(now, setup, life),
            Command::Abandon(life) => self.abandon(now, setup, life),
            Command::Notice(life, notice) => self.notice(now, setup, life, notice),
            Command::Answer(ask, answer) => self.answer(now, setup, ask, answer),
            Command::Forget(life) => self.forget(now, setup, life),
            Command::Ready => self.be_ready(setup),
            Command::GiveUp(reason) => self.give_up(now, setup, reason),
            Command::AutoShutdown(life) => self.shut_itself(life),
            Command::End(end) => self.end(end),
        }
    }

    fn enter(&mut self, setup: &Setup, slot: Slot) -> Law {
        let text = || format!("a second child enters {slot:?}");
        law(1, self.present(slot).is_none(), text)?;
        let id = self.children.len();
        let mut asks = self.asks.iter_mut();
        let enters = |open: &&mut Open| match open.kind {
            Kind::Start => open.child.is_none(),
            Kind::Run(left) => left > 0,
            _ => false,
        };
        let wished = asks.find(enters);
        let declared = wished.is_none();
        // what a body starts is kept whether it comes up or not
        let mut kept = declared;
        let mut with = id;
        if let Some(open) = wished {
            let before = open.child.replace(id);
            if let Kind::Run(left) = &mut open.kind {
                *left -= 1;
                kept = true;
                with = before.map_or(id, |before| self.children[before].with);
            }
        }
        let inside = |child: &&Child| !child.gone;
        let count = self.children.iter().filter(inside).count();
        let text = || format!("{} children where {} may be", count + 1, setup.most);
        law(18, count < setup.most, text)?;
        let place = setup.place(id);
        let joins = setup.is_ordered()
            && self.group_of(id).is_some_and(|group| {
                let in_time = setup.start_order == StartOrder::LeftToRight || !group.begun;
                in_time && matches!(group.scope, Scope::From(from) if place >= from)
            });
        self.children.push(Child {
            slot,
            place,
            with,
            gone: false,
            declared,
            lived: false,
            kept,
            terminated: false,
            rests: false,
            due: kept || joins,
            calls: false,
            deferred: None,
            not_before: None,
            failures: 0,
            last_end: None,
        });
        Ok(())
    }

    fn leave(&mut self, setup: &Setup, slot: Slot) -> Law {
        let id = self.present(slot);
        let Some(id) = id else {
            return law(9, false, || "a child leaves that is not".into());
        };
        let text = || format!("the child in {slot:?} is forgotten with its life");
        law(1, self.body(id).is_none(), text)?;
        let child = &self.children[id];
        let deleted = self
            .asks
            .iter()
            .any(|ask| ask.child == Some(id) && matches!(ask.kind, Kind::Delete));
        let may = !child.kept
            || deleted
            || setup.is_dynamic()
            || setup.rule(id).restart() == Restart::Temporary;
        law(9, may, || {
            format!("the child in {slot:?} is forgotten, though it rests")
        })?;
        let child = &mut self.children[id];
        child.gone = true;
        child.due = false;
        Ok(())
    }

    fn start(&mut self, now: Moment, setup: &Setup, life: Life) -> Law {
        let Some(id) = self.present(life.slot) else {
            return law(1, false, || format!("{life:?} begins, and is nobody's"));
        };
        let text = || format!("{life:?} begins while the supervisor ends");
        law(6, self.ending.is_none(), text)?;
        let text = || format!("{life:?} begins beside another life of its child");
        let overlaps = setup.rule(id).spec.on_abandoned() == OnAbandoned::Overlap;
        let beside = |body: &Body| body.child == id && !(overlaps && body.abandoned);
        law(1, !self.bodies.iter().any(beside), text)?;
        if setup.is_body(id) {
            let text = || format!("{life:?} does not bear the number of its branch");
            law(1, life.incarnation == Setup::OWN, text)?;
        } else {
            let text = || format!("{life:?} bears a number that was given before");
            law(1, life.incarnation.number() > self.newest, text)?;
            self.newest = life.incarnation.number();
        }
        self.check_wanted(setup, id, life)?;
        self.check_turn(now, id, life)?;
        let limit = setup.rule(id).spec.start_timeout();
        let child = &mut self.children[id];
        child.lived = true;
        child.terminated = false;
        child.rests = false;
        child.not_before = None;
        self.bodies.push(Body {
            life,
            child: id,
            stage: Stage::Starting,
            limit: limit.map(|span| now.after(span)),
            told: Told::Nothing,
            why: None,
            bound: None,
            must_end: false,
            killed_by_user: false,
            abandoned: false,
            said_stopping: false,
        });
        let in_scope = |group: &Group| self.is_in_scope(group.scope, id);
        let begun: Vec<_> = self.groups.iter().map(in_scope).collect();
        for (group, begun) in self.groups.iter_mut().zip(begun) {
            group.begun |= begun;
        }
        Ok(())
    }

    /// Whether anybody wants the child to live.
    fn check_wanted(&self, setup: &Setup, id: usize, life: Life) -> Law {
        let child = &self.children[id];
        let wish = self.wish(id);
        let again = wish.is_some_and(|ask| ask.kind == Kind::Restart);
        let text = || format!("{life:?} begins, though the user terminated its child");
        law(10, !child.terminated || again, text)?;
        let once = setup.rule(id).restart() == Restart::Temporary;
        let text = || format!("{life:?} is a second life of a temporary child");
        law(9, !once || !child.lived, text)?;
        let early = !self.confirmed && child.lived && !setup.is_dynamic();
        let text = || format!("{life:?} is a restart during the first start");
        law(7, !early || again, text)?;
        let text = || format!("{life:?} begins, though nothing wants it to");
        law(13, child.due || wish.is_some(), text)
    }

    /// Whether it is the child's turn.
    fn check_turn(&self, now: Moment, id: usize, life: Life) -> Law {
        let child = &self.children[id];
        let text = || format!("{life:?} begins before the backoff of its child has passed");
        law(4, child.not_before.is_none_or(|at| at <= now), text)?;
        let mut from = None;
        if let Some(group) = self.group_of(id) {
            if let Scope::From(first) = group.scope {
                from = Some(first);
            }
            let mut left = self.bodies.iter().filter(|body| !body.abandoned);
            let left = left.find(|body| body.must_end && self.is_in_scope(group.scope, body.child));
            let text = || format!("{life:?} begins while {:?} must end", left.map(|b| b.life));
            law(4, left.is_none(), text)?;
            let waits = |&(id, at): &(usize, Moment)| {
                at > now && !self.children[id].terminated && !self.children[id].gone
            };
            let text = || format!("{life:?} begins before the backoff of its group has passed");
            law(4, !group.waits.iter().any(waits), text)?;
        } else if !self.ready && child.declared {
            from = Some(i64::MIN);
        }
        self.check_place(id, life)?;
        let Some(from) = from else { return Ok(()) };
        let own = self.children[id].place;
        let is_earlier = |child: &&Child| from <= child.place && child.place < own;
        let mut earlier = self.children.iter().filter(is_earlier);
        let text = || format!("{life:?} begins before an earlier child is up");
        law(2, earlier.all(|child| !child.due), text)
    }

    /// Why a life that was told nothing is told to end.
    fn reason(&self, now: Moment, setup: &Setup, body: &Body) -> Result<Why, Broken> {
        let life = body.life;
        match body.stage {
            Stage::Ignoring => return Ok(Why::Ignored),
            Stage::Failing => return Ok(Why::Start),
            _ => {}
        }
        // in a walk it waits for its turn, whoever terminated it
        let walk = body.must_end || self.ending.is_some();
        if self.children[body.child].terminated && !walk {
            return Ok(Why::Wanted);
        }
        let text = || format!("{life:?} is told to end, though nothing wants it to");
        law(if self.done.is_some() { 20 } else { 3 }, walk, text)?;
        let late = self.ending.is_some() && self.deadline.is_some_and(|at| at <= now);
        if setup.is_ordered() && !late {
            let mut others = self.bodies.iter().filter(|other| !other.abandoned);
            let after = others.find(|other| {
                setup.place(other.child) > setup.place(body.child)
                    && (other.must_end || self.ending.is_some())
            });
            let text = || format!("{life:?} is told to end before {:?}", after.map(|b| b.life));
            law(3, after.is_none(), text)?;
        }
        Ok(Why::Wanted)
    }

    fn told_first(&mut self, now: Moment, setup: &Setup, life: Life, why: Why) -> Law {
        let body = self.body_mut(life).expect("it was found before");
        let text = || format!("{life:?} is told to end before the world is told");
        law(14, body.said_stopping, text)?;
        body.why = Some(why);
        let (child, stage) = (body.child, body.stage);
        if let Stage::Up(since) = stage {
            self.was_up(now, setup, child, since);
        }
        Ok(())
    }

    fn stop(&mut self, now: Moment, setup: &Setup, life: Life, until: Option<Moment>) -> Law {
        let body = self.body_mut(life).cloned();
        let Some(body) = body else {
            return law(11, false, || {
                format!("{life:?} is asked to end, and is not")
            });
        };
        let (rule, deadline) = (setup.rule(body.child), self.deadline);
        if body.told == Told::Nothing {
            let why = self.reason(now, setup, &body)?;
            self.told_first(now, setup, life, why)?;
            let own = setup.patience(body.child).map(|span| now.after(span));
            let deadline = deadline.filter(|_| self.ending.is_some());
            let bound = [own, deadline].into_iter().flatten().min();
            let bound = bound.filter(|_| rule.is_supervisor());
            let text = || format!("{life:?} is told {until:?} where {bound:?} holds");
            law(
                15,
                until.map(|at| at.max(now)) == bound.map(|at| at.max(now)),
                text,
            )?;
        } else {
            let text = || format!("{life:?} is asked to end a second time");
            let sooner = until.is_some_and(|at| body.bound.is_none_or(|old| at < old));
            law(11, rule.is_supervisor() && sooner, text)?;
            let text = || format!("{life:?} is told to end by {until:?}");
            law(15, until == deadline.map(|at| at.max(now)), text)?;
        }
        let body = self.body_mut(life).expect("it was found before");
        body.bound = until;
        if body.told == Told::Nothing {
            body.told = Told::Asked(now);
        }
        Ok(())
    }

    fn kill(&mut self, now: Moment, setup: &Setup, life: Life) -> Law {
        let body = self.body_mut(life).cloned();
        let Some(body) = body else {
            return law(11, false, || format!("{life:?} is aborted, and is not"));
        };
        let text = || format!("{life:?} is aborted twice");
        law(11, !matches!(body.told, Told::Killed(_)), text)?;
        let rule = setup.rule(body.child);
        let text = || format!("{life:?} is a supervisor, and is aborted");
        law(11, !rule.is_supervisor() || body.killed_by_user, text)?;
        let late = self.ending.is_some() && self.deadline.is_some_and(|at| at <= now);
        let brutal = rule.spec.shutdown() == Shutdown::Kill;
        let waited = match (body.told, setup.patience(body.child)) {
            (Told::Asked(since), Some(span)) => now.since(since) >= span,
            _ => false,
        };
        let text = || format!("{life:?} is aborted before its time");
        law(11, body.killed_by_user || late || brutal || waited, text)?;
        if body.told == Told::Nothing {
            let why = match body.stage {
                _ if !body.killed_by_user => self.reason(now, setup, &body)?,
                Stage::Up(_) => Why::Crash,
                _ => Why::Start,
            };
            self.told_first(now, setup, life, why)?;
        }
        self.body_mut(life).expect("it was found before").told = Told::Killed(now);
        Ok(())
    }

    fn abandon(&mut self, now: Moment, setup: &Setup, life: Life) -> Law {
        let body = self.body_mut(life);
        let Some(body) = body else {
            return law(11, false, || format!("{life:?} is abandoned, and is not"));
        };
        let waited = match body.told {
            Told::Killed(since) => now.since(since) >= Setup::KILL_WAIT,
            _ => false,
        };
        let waited = waited && !setup.rule(body.child).is_supervisor();
        let text = || format!("{life:?} is abandoned before its time");
        law(11, waited, text)?;
        body.abandoned = true;
        let body = body.clone();
        self.end_of(now, setup, &body, Exit::Abandoned);
        Ok(())
    }

    fn notice(&mut self, now: Moment, setup: &Setup, life: Life, notice: Notice) -> Law {
        let wrong = || format!("of {life:?} is told {notice:?}");
        match notice {
            Notice::Started => law(14, self.came_up.take() == Some(life), wrong),
            Notice::StartTimedOut => {
                let body = self.body_mut(life);
                let late = body.as_ref().is_some_and(|body| {
                    body.stage == Stage::Starting && body.limit.is_some_and(|at| at <= now)
                });
                if let Some(body) = body {
                    body.stage = Stage::Failing;
                }
                law(14, late, wrong)
            }
            Notice::Stopping => {
                let first = self.body_mut(life).is_some_and(|body| {
                    let again = std::mem::replace(&mut body.said_stopping, true);
                    body.told == Told::Nothing && !again
                });
                law(14, first, wrong)
            }
            Notice::Ended(ending, exit, next) => {
                let owed = |&end: &_| end == (life, exit, ending);
                let at = self.owed.iter().position(owed);
                let text = || format!("{}, where {:?} is owed", wrong(), self.owed);
                law(14, at.is_some(), text)?;
                self.owed.swap_remove(at.expect("it was checked"));
                self.owed.sort_by_key(|&(life, ..)| life);
                let Some(id) = self.present(life.slot) else {
                    return Ok(());
                };
                self.said.push((id, next));
                self.natural_end(setup, id, (life, exit), ending);
                let child = &mut self.children[id];
                child.deferred = None;
                let rests = next != Next::Rest || !child.due || child.calls;
                law(14, rests, || format!("{}, and it is due", wrong()))
            }
            Notice::Restarting(wait) => self.restarting(now, setup, life, wait),
            Notice::CoolingOff(span) => self.at_limit(now, setup, life, AtLimit::CoolOff(span)),
            Notice::StaysDown => self.at_limit(now, setup, life, AtLimit::StayDown),
        }
    }
}
