//! The laws, checked when a drain is over, and when nothing happens any more; and the answers.
use crate::{
    book::{Book, Child, Kind, Law, Stage, Told, law},
    setup::Setup,
};
use regrow_core::{
    Life, Moment, Restart,
    engine::{Answer, Ask, Next},
};

impl Book {
    /// An answer closes its request, and is true.
    pub(crate) fn answer(&mut self, now: Moment, setup: &Setup, ask: Ask, answer: Answer) -> Law {
        let at = self.asks.iter().position(|open| open.ask == ask);
        let text = || format!("{ask:?}, that is not open, is answered {answer:?}");
        law(12, at.is_some(), text)?;
        let open = self.asks.remove(at.expect("it was checked"));
        let id = open.child.filter(|&id| !self.children[id].gone);
        let body = open.child.and_then(|id| self.body(id));
        let down = body.is_none();
        let last = open.child.and_then(|id| self.children[id].last_end);
        let abandoned = |life: Life| {
            let mut bodies = self.bodies.iter();
            bodies.any(|body| body.life == life && body.abandoned)
        };
        let start = matches!(open.kind, Kind::Start | Kind::Restart);
        let runs = matches!(open.kind, Kind::Run(_));
        let restart = matches!(open.kind, Kind::Delete | Kind::Restart);
        let truth = match answer {
            Answer::Started(life) => {
                let up = |stage| matches!(stage, Stage::Up(_));
                start && body.is_some_and(|body| body.life == life && up(body.stage))
            }
            Answer::Ignored | Answer::Terminated => start && down,
            Answer::StartFailed(life) => start && down && last.is_some_and(|l| l.0 == life),
            Answer::AlreadyStarted(life) => {
                open.kind == Kind::Twin && body.is_some_and(|body| body.life == life)
            }
            Answer::AlreadyPresent => open.kind == Kind::Twin && id.is_some() && down,
            Answer::Down(Some((life, _, exit))) => {
                open.kind == Kind::Terminate && down && last == Some((life, exit))
            }
            Answer::Down(None) => open.kind == Kind::Terminate && down,
            Answer::Deleted => open.kind == Kind::Delete && down && id.is_none(),
            Answer::Killed => {
                let killed = |told| matches!(told, Told::Killed(_));
                let told = |by: Moment| by <= now;
                open.kind == Kind::Kill
                    && body.is_some_and(|body| killed(body.told) || body.bound.is_some_and(told))
            }
            Answer::NotRunning => open.kind == Kind::Kill && down,
            Answer::NotFound => id.is_none() || (setup.is_dynamic() && restart),
            Answer::Running => restart && !down,
            Answer::Restarting => {
                // a walk up waits for the end of a child that the user terminated on it
                let waits = self
                    .bodies
                    .iter()
                    .any(|body| self.children[body.child].terminated && body.told != Told::Nothing);
                let due = |id: usize| {
                    waits || !self.confirmed || self.children[id].due || self.group_of(id).is_some()
                };
                restart && id.is_some_and(due)
            }
            Answer::StillEnding(life) => open.kind == Kind::Restart && down && abandoned(life),
            Answer::TooMany => {
                let inside = |child: &&Child| !child.gone;
                open.kind == Kind::Start
                    && self.children.iter().filter(inside).count() >= setup.most
            }
            Answer::Significant => false,
            Answer::Accepted => open.kind == Kind::Run(0),
            Answer::Reset => open.kind == Kind::Reset,
            Answer::ShuttingDown => self.ending.is_some() && !(runs && open.child.is_some()),
        };
        law(17, truth, || format!("{open:?} is answered {answer:?}"))?;
        let ours = |life: Life| {
            open.child
                .is_some_and(|id| self.children[id].slot == life.slot)
        };
        let told = self.came_up.is_none()
            && (open.kind == Kind::Kill
                || !self
                    .owed
                    .iter()
                    .any(|&(life, ..)| ours(life) && !self.is_deferred(life)));
        law(14, told, || {
            format!("{open:?} is answered before the world is told")
        })?;
        if let (Kind::Start, Some(id)) = (open.kind, open.child) {
            match answer {
                Answer::Started(_) | Answer::Ignored => self.children[id].kept = true,
                Answer::StartFailed(_) | Answer::Terminated => self.dropped.push(id),
                _ => {}
            }
        }
        Ok(())
    }

    /// All commands of one event are out.
    pub(crate) fn settle(&mut self, now: Moment, setup: &Setup, timeout: bool) -> Law {
        let said = std::mem::take(&mut self.said);
        let dropped = std::mem::take(&mut self.dropped);
        law(14, self.came_up.is_none(), || {
            "nobody is told of a life that came up".into()
        })?;
        self.taken = None;
        let text = || format!("{:?} panicked, and the supervisor goes on", self.uncaptured);
        law(22, self.uncaptured.is_none(), text)?;
        let text = || format!("the end of {:?} is kept for nothing", self.free);
        law(8, self.free.is_empty(), text)?;
        let text = || format!("{:?} is over, and the supervisor goes on", self.must_shut);
        law(19, self.must_shut.is_none(), text)?;
        if self.over {
            return Ok(());
        }
        let ending = self.ending.is_some();
        for (id, next) in said {
            let child = &self.children[id];
            let holds = match next {
                Next::Gone => child.gone,
                Next::Again => child.due || self.wish(id).is_some() || self.body(id).is_some(),
                Next::Rest => true,
            };
            let text = || format!("child {id} is said to be {next:?}, and is not");
            law(14, ending || holds, text)?;
        }
        for id in dropped {
            let text = || format!("child {id} never was up, and is kept");
            law(9, ending || self.children[id].gone, text)?;
        }
        let told = self
            .owed
            .iter()
            .all(|&(life, ..)| !self.confirmed && !ending && self.is_deferred(life));
        law(14, told, || format!("{:?} are not told of", self.owed))?;
        for (id, child) in self.children.iter().enumerate() {
            self.settle_child(setup, id, child)?;
        }
        self.settle_bodies(now, setup, timeout)?;
        if setup.is_branch() {
            self.settle_branch()?;
        }
        let mut groups = std::mem::take(&mut self.groups);
        groups.retain(|group| self.goes_on(group));
        self.groups = groups;
        Ok(())
    }

    fn settle_child(&self, setup: &Setup, id: usize, child: &Child) -> Law {
        if self.ending.is_some() || child.gone {
            return Ok(());
        }
        let text = || format!("the end of child {id} asks for a restart, and nothing comes");
        law(13, !child.calls, text)?;
        let once = setup.is_dynamic() || setup.rule(id).restart() == Restart::Temporary;
        let down = child.lived && self.body(id).is_none() && child.deferred.is_none();
        let text = || format!("child {id} is down for good, and not forgotten");
        law(9, !(once && down) || child.due, text)
    }

    fn settle_bodies(&self, now: Moment, setup: &Setup, timeout: bool) -> Law {
        let late = self.ending.is_some() && self.deadline.is_some_and(|at| at <= now);
        for body in self.bodies.iter().filter(|body| !body.abandoned) {
            let life = body.life;
            let said = body.said_stopping == (body.told != Told::Nothing);
            law(14, said, || format!("nobody is told that {life:?} stops"))?;
            let above = setup.rule(body.child).is_supervisor();
            let killed = matches!(body.told, Told::Killed(_));
            let done = killed || (above && body.bound.is_some_and(|at| at <= now));
            law(15, done || !late, || {
                format!("{life:?} lives on at the deadline")
            })?;
            if !timeout {
                continue;
            }
            let over = match (body.told, setup.patience(body.child)) {
                (Told::Nothing, _) => body.stage == Stage::Starting && body.limit <= Some(now),
                (Told::Asked(at), Some(span)) => !above && at.after(span) <= now,
                (Told::Asked(_), None) => false,
                (Told::Killed(at), _) => !above && at.after(Setup::KILL_WAIT) <= now,
            };
            let over = over && (body.told != Told::Nothing || body.limit.is_some());
            law(11, !over, || {
                format!("the time of {life:?} is up, and nothing comes")
            })?;
        }
        Ok(())
    }

    /// Nothing happens any more unless something fails or is wished for.
    pub(crate) fn check_rest(&self) -> Law {
        if self.over {
            return Ok(());
        }
        let text = || format!("at rest, and {:?} is not over", self.ending);
        law(13, self.ending.is_none(), text)?;
        law(13, self.ready && self.confirmed, || {
            "at rest, and never up".into()
        })?;
        let text = || format!("at rest, and {:?} are not answered", self.asks);
        law(12, self.asks.is_empty(), text)?;
        for (id, child) in self.children.iter().enumerate() {
            let body = self.body(id);
            let up = body.is_some_and(|body| {
                matches!(body.stage, Stage::Up(_)) && body.told == Told::Nothing
            });
            let down = child.gone || child.terminated || child.rests;
            let text = || format!("at rest, and child {id} is down");
            law(13, up || down, text)?;
            let text = || format!("at rest, and child {id} is not down");
            law(
                if child.terminated { 10 } else { 13 },
                !down || body.is_none(),
                text,
            )?;
            law(13, !child.due || up, || {
                format!("at rest, and child {id} is due")
            })?;
            let left = body.is_some_and(|body| body.must_end);
            let text = || format!("at rest, and child {id} was left out of its group");
            law(13, !left, text)?;
        }
        Ok(())
    }
}
