//! The laws of what a supervisor decides: restarts, giving up, its end.
use crate::{
    book::{Body, Book, Law, law},
    setup::Setup,
};
use regrow_core::{
    AtLimit, AutoShutdown, Exit, Life, Moment, OnAbandoned, Restart, Tolerance,
    engine::{End, Ending, Reason},
};
use std::time::Duration;

impl Book {
    /// The restart that the end of `life` asked for was decided.
    pub(crate) fn restarting(
        &mut self,
        now: Moment,
        setup: &Setup,
        life: Life,
        wait: Duration,
    ) -> Law {
        let text = || format!("{life:?} is restarted, and its child is forgotten");
        let id = self.present(life.slot);
        law(13, id.is_some(), text)?;
        let id = id.expect("it was checked");
        let child = &self.children[id];
        let text = || format!("{life:?} is restarted while the supervisor ends");
        law(6, self.ending.is_none(), text)?;
        let text = || format!("{life:?} is restarted, though the user terminated its child");
        law(10, !child.terminated, text)?;
        let once = setup.rule(id).restart() == Restart::Temporary;
        let text = || format!("{life:?} is restarted, and its child is temporary");
        law(9, !once, text)?;
        let text = || format!("{life:?} is restarted during the first start");
        law(7, self.confirmed || setup.is_dynamic(), text)?;
        let text = || format!("the end of {life:?} is no restart of its own");
        law(if child.due { 8 } else { 13 }, child.calls, text)?;
        if child.last_end == Some((life, Exit::RestartMe)) {
            let text = || format!("{life:?} asked for it, and waits {wait:?}");
            law(4, wait.is_zero(), text)?;
            self.free.push(life);
            self.mark(setup, id, now);
            return Ok(());
        }
        let (count, _) = self.within(now, setup, id);
        let limit = setup.tolerance_of(id).limit() as usize;
        let text = || format!("{life:?} is restarted as number {} of {limit}", count + 1);
        law(8, count < limit, text)?;
        self.counted.push((now, life, setup.owner(id)));
        let backoff = setup.rule(id).spec.backoff();
        let due = backoff.map_or(Duration::ZERO, |backoff| backoff.wait(child.failures, 0));
        let text = || format!("{life:?} waits {wait:?}, where its backoff is {due:?}");
        law(4, wait == due, text)?;
        self.children[id].failures += u32::from(backoff.is_some());
        self.mark(setup, id, now.after(wait));
        Ok(())
    }

    /// How many restarts count at `now`, and the first of them.
    fn within(&self, now: Moment, setup: &Setup, id: usize) -> (usize, Option<Life>) {
        let (tolerance, owner) = (setup.tolerance_of(id), setup.owner(id));
        let young = |&&(at, _, whose): &&(Moment, Life, Option<usize>)| {
            whose == owner && is_young(now, at, tolerance)
        };
        let counts = self.counted.iter().filter(young);
        (
            counts.clone().count(),
            counts.map(|&(_, life, _)| life).next(),
        )
    }

    /// What a tolerance says was done when it was used up.
    pub(crate) fn at_limit(
        &mut self,
        now: Moment,
        setup: &Setup,
        life: Life,
        done: AtLimit,
    ) -> Law {
        let id = self.present(life.slot);
        let text = || format!("{life:?} used up a tolerance, and its child is forgotten");
        law(8, id.is_some(), text)?;
        let id = id.expect("it was checked");
        let (tolerance, owner) = (setup.tolerance_of(id), setup.owner(id));
        let (count, _) = self.within(now, setup, id);
        let limit = tolerance.limit() as usize;
        let child = &self.children[id];
        let used_up = child.calls && count >= limit && tolerance.at_limit() == done;
        let text = || format!("{done:?} for {life:?} after {count} restarts of {limit}");
        law(8, used_up, text)?;
        law(6, self.ending.is_none(), || {
            format!("{done:?} while the supervisor ends")
        })?;
        let (gone, counted) = self.counted.iter().partition(|entry| entry.2 == owner);
        self.counted = counted;
        let gone: Vec<(Moment, Life, Option<usize>)> = gone;
        self.free.extend(gone.iter().map(|entry| entry.1));
        self.children[id].failures = 0;
        match done {
            AtLimit::CoolOff(span) => self.mark(setup, id, now.after(span)),
            _ => {
                let child = &mut self.children[id];
                (child.calls, child.due, child.terminated) = (false, false, true);
            }
        }
        Ok(())
    }

    pub(crate) fn forget(&mut self, now: Moment, setup: &Setup, life: Life) -> Law {
        if let Some(at) = self.free.iter().position(|&free| free == life) {
            self.free.swap_remove(at);
            return Ok(());
        }
        let old = |&(at, counted, whose): &(Moment, Life, Option<usize>)| {
            let tolerance = whose.map_or(setup.tolerance, |id| setup.tolerance_of(id));
            counted == life && !is_young(now, at, tolerance)
        };
        let at = self.counted.iter().position(old);
        law(8, at.is_some(), || {
            format!("{life:?} is forgotten, and counts")
        })?;
        self.counted.remove(at.expect("it was checked"));
        Ok(())
    }

    pub(crate) fn be_ready(&mut self, setup: &Setup) -> Law {
        law(2, !self.ready, || "the supervisor is up twice".into())?;
        law(6, self.ending.is_none(), || {
            "what ends is said to be up".into()
        })?;
        let first = if setup.is_branch() {
            1
        } else {
            self.children.len()
        };
        let up = self.children[..first].iter().all(|child| !child.due);
        law(2, up, || "the supervisor is up before a child is".into())?;
        self.ready = true;
        self.confirmed |= setup.is_dynamic();
        Ok(())
    }

    pub(crate) fn give_up(&mut self, now: Moment, setup: &Setup, reason: Reason) -> Law {
        if let Reason::StartFailed(life) = reason {
            let text = || format!("gives up for {life:?}, whose start failed not");
            return law(6, self.ending == Some(reason), text);
        }
        law(6, self.ending.is_none(), || "what ends gives up".into())?;
        match reason {
            Reason::GaveUp { first, last } => {
                let id = self.present(last.slot);
                let child = id.unwrap_or_default();
                let (count, oldest) = self.within(now, setup, child);
                let tolerance = setup.tolerance_of(child);
                let limit = tolerance.limit() as usize;
                let text = || format!("gives up after {count} restarts of {limit}");
                let escalates = tolerance.at_limit() == AtLimit::Escalate;
                law(8, count >= limit && escalates, text)?;
                let calls = id.is_some_and(|id| self.children[id].calls);
                law(8, calls, || {
                    format!("gives up for {last:?}, that asks for nothing")
                })?;
                let text = || format!("gives up, first {first:?} where {oldest:?} was");
                law(8, first == oldest.unwrap_or(last), text)?;
            }
            Reason::Uncaptured(life) => {
                let text = || format!("ends for {life:?}, that did not panic");
                law(22, self.uncaptured.take() == Some(life), text)?;
            }
            Reason::StillEnding(life) => {
                let abandoned = |body: &Body| body.life == life && body.abandoned;
                let id = self.present(life.slot);
                let last = id.and_then(|id| self.children[id].last_end);
                let is_blocked = last == Some((life, Exit::Blocked));
                let overlaps =
                    id.is_some_and(|id| setup.rule(id).spec.on_abandoned() == OnAbandoned::Overlap);
                let held = self.bodies.iter().any(abandoned) && !overlaps;
                let real = held || is_blocked;
                law(8, real, || format!("gives up for {life:?}, that is gone"))?;
            }
            _ => law(8, false, || format!("gives up for {reason:?}"))?,
        }
        self.end_for(reason);
        Ok(())
    }

    /// A child ended: must the supervisor end with it?
    pub(crate) fn natural_end(
        &mut self,
        setup: &Setup,
        id: usize,
        (life, exit): (Life, Exit),
        ending: Ending,
    ) {
        let child = &self.children[id];
        let group = self.group_of(id).is_some_and(|group| !group.begun);
        let natural = ending == Ending::Unasked && self.ending.is_none() && !child.terminated;
        let rule = setup.rule(id);
        let joins = self.taken.take() == Some(life) || group;
        if !natural || joins || !rule.spec.is_significant() || is_again(rule.restart(), exit) {
            return;
        }
        let goes_on = |other: usize| {
            let child = &self.children[other];
            let waits = child.due || child.calls || child.deferred.is_some();
            let lives = self.body(other).is_some() || waits;
            let significant = setup.rule(other).spec.is_significant();
            other != id && significant && lives && !child.gone && !child.terminated
        };
        let must = match setup.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !(0..self.children.len()).any(goes_on),
        };
        if must {
            self.must_shut = Some(life);
        }
    }

    /// The supervisor shuts itself down.
    pub(crate) fn shut_itself(&mut self, life: Life) -> Law {
        let text = || format!("the supervisor shuts itself down for {life:?}");
        law(19, self.must_shut.take() == Some(life), text)?;
        self.end_for(Reason::AutoShutdown(life));
        Ok(())
    }

    pub(crate) fn end(&mut self, end: End) -> Law {
        let left = self.bodies.iter().find(|body| !body.abandoned);
        let text = || format!("the supervisor ends while {:?} lives", left.map(|b| b.life));
        law(5, left.is_none(), text)?;
        self.end_after_body(end.reason)?;
        let text = || format!("the supervisor ends for {:?}", end.reason);
        law(5, self.ending == Some(end.reason), text)?;
        let text = || format!("{:?} were never told of", self.owed);
        law(14, self.owed.is_empty(), text)?;
        let text = || format!("{:?} were never answered", self.asks);
        law(12, self.asks.is_empty(), text)?;
        let (must, may) = (self.unclean, self.unclean || self.smudged);
        let text = || format!("an end with unclean {must} is called {}", end.unclean);
        law(16, (!must || end.unclean) && (may || !end.unclean), text)?;
        self.over = true;
        Ok(())
    }
}

/// The table of restart type against exit (semantics 12).
pub(crate) fn is_again(restart: Restart, exit: Exit) -> bool {
    match restart {
        Restart::Permanent => exit != Exit::Done,
        Restart::Transient => !matches!(exit, Exit::Completed | Exit::Stopped | Exit::Done),
        Restart::Temporary => false,
    }
}

/// Whether a restart of that moment still counts: by the book's own reckoning.
fn is_young(now: Moment, at: Moment, tolerance: Tolerance) -> bool {
    match tolerance.window() {
        Some(window) => now.since(at) <= window,
        None => !tolerance.is_unlimited(),
    }
}
