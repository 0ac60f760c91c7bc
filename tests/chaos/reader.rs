//! Reads the events of a tree as a story, and takes note of what cannot be.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use regrow::{
    Change, ChildState, Incarnation, Restart, Shutdown, Snapshot, StartFailure, Subscription,
    SupervisorFailure, TreeEvent,
};
use tokio::time::Instant;

use crate::dice::ms;
use crate::lives::{Ground, World};
use crate::plan::Plan;

/// How far the clock of tokio may be behind.
const TICK: Duration = ms(2);

/// How far the life of a child has come, as the events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Starting,
    Up,
    Stopping,
    Ended,
}

/// How the last life of a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It has not, or in a way that nothing follows from.
    Other,
    Completed,
    Failed,
}

#[derive(Clone, Debug)]
struct Told {
    incarnation: Option<Incarnation>,
    stage: Stage,
    end: End,
    abandoned: bool,
    /// When it may live again, after its restart was told.
    due: Option<Instant>,
    /// When it was asked to stop.
    asked: Option<Instant>,
    /// When it came up.
    up: Option<Instant>,
    /// A supervisor that ends by its own decision.
    decided: bool,
    /// When a supervisor's restarts were told.
    restarts: VecDeque<Instant>,
    plan: Plan,
}

/// One reader of one tree.
pub(crate) struct Reader {
    world: World,
    /// The number of the event before; none for a reader who came later.
    last: Option<u64>,
    children: HashMap<String, Told>,
    /// The greatest number that a life of this name ever began with.
    begun: HashMap<String, Incarnation>,
    text: Vec<String>,
    is_later: bool,
    born: Instant,
}

/// A reader that several look at.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Reader>>);

impl Shared {
    /// One who reads from the first event on.
    pub(crate) fn first(world: &World) -> Self {
        Self::new(world, Some(0), false)
    }

    /// One who comes later, and begins with what is there.
    pub(crate) fn later(world: &World, of: &Snapshot) -> Self {
        let shared = Self::new(world, None, true);
        shared.lock().learn(of);
        shared
    }

    fn new(world: &World, last: Option<u64>, is_later: bool) -> Self {
        Self(Arc::new(Mutex::new(Reader {
            world: world.clone(),
            last,
            children: HashMap::new(),
            begun: HashMap::new(),
            text: Vec::new(),
            is_later,
            born: Instant::now(),
        })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Reader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads to the last event.
    pub(crate) async fn read_all(self, mut events: Subscription) {
        while let Some(event) = events.next().await {
            let mut reader = self.lock();
            match event {
                Ok(event) => reader.read(&event),
                Err(missed) => reader.world.oracle.blame(2, missed.to_string()),
            }
        }
        let reader = self.lock();
        let law = reader.law(3);
        for name in reader.live() {
            reader
                .world
                .oracle
                .blame(law, format!("{name} was left alive"));
        }
    }
}

impl Reader {
    /// All events so far.
    pub(crate) fn take_text(&mut self) -> Vec<String> {
        std::mem::take(&mut self.text)
    }

    /// Whoever comes later has but one law.
    const fn law(&self, law: u32) -> u32 {
        if self.is_later { 12 } else { law }
    }

    fn learn(&mut self, of: &Snapshot) {
        let name = of.runtime_name.as_str();
        let mut told = self.unknown(name);
        told.incarnation = of.incarnation;
        told.stage = stage(of.state);
        self.children.insert(name.to_owned(), told);
        of.children.iter().for_each(|child| self.learn(child));
    }

    fn unknown(&self, name: &str) -> Told {
        Told {
            incarnation: None,
            stage: Stage::Ended,
            end: End::Other,
            abandoned: false,
            due: None,
            asked: None,
            up: None,
            decided: false,
            restarts: VecDeque::new(),
            plan: self.world.plan(name),
        }
    }

    fn is_timed(&self) -> bool {
        self.world.ground == Ground::Paused && !self.is_later
    }

    fn read(&mut self, event: &TreeEvent) {
        if self.last.is_some_and(|last| event.sequence != last + 1) {
            self.blame(2, event, "out of sequence");
        }
        self.last = Some(event.sequence);
        if !self.is_later {
            let at = self.born.elapsed().as_millis();
            self.text
                .push(format!("{} {at} ms: {event}", event.sequence));
        }
        let name = event.runtime_name.as_str();
        let mut told = match self.children.remove(name) {
            Some(told) => told,
            None => self.unknown(name),
        };
        if self.is_timed() && name.contains("/void-") {
            self.blame(10, event, "of a request that was dropped");
        }
        let now = Instant::now();
        let same = event.incarnation == told.incarnation;
        let is_live = told.stage != Stage::Ended;
        match (&event.change, told.stage) {
            (Change::Starting, Stage::Ended) if event.incarnation > told.incarnation => {
                self.begins(event, name, &mut told, now);
            }
            // A life that is not let begin.
            (Change::StartFailed(StartFailure::StillEnding(_)), Stage::Ended) if !same => {}
            (Change::Started, Stage::Starting) if same => {
                told.stage = Stage::Up;
                told.up = Some(now);
            }
            (Change::Stopping, Stage::Starting | Stage::Up) if same => {
                told.stage = Stage::Stopping;
                told.asked = Some(now);
            }
            (Change::Ignored, Stage::Starting | Stage::Stopping)
            | (Change::StartFailed(_), Stage::Starting | Stage::Stopping)
            | (Change::Completed, Stage::Up)
            | (Change::Failed(_), Stage::Up | Stage::Stopping)
            | (Change::Stopped | Change::StopFailed(_), Stage::Stopping)
                if same =>
            {
                told.end = match event.change {
                    Change::Completed => End::Completed,
                    Change::Failed(_) => End::Failed,
                    _ => End::Other,
                };
                self.ends(event, name, &mut told, now);
            }
            (Change::Abandoned, Stage::Stopping) if same && !told.abandoned => {
                told.abandoned = true;
            }
            (Change::AbandonedEnded, _) if told.abandoned => told.abandoned = false,
            (Change::Restarting { delay, .. }, Stage::Ended) if same => {
                told.due = Some(now + *delay);
                self.restarts(event, name, &told, *delay, now);
            }
            (Change::AutoShutdown(_), _) if same && is_live => told.decided = true,
            (Change::GaveUp(failure), _) if same && is_live => {
                told.decided = true;
                self.gives_up(event, failure, &told, now);
            }
            (Change::Removed, Stage::Ended) => {
                told.end = End::Other;
                told.due = None;
                self.forget_below(name, 1);
            }
            (Change::Warning(_), _) => {}
            _ => self.blame(2, event, &format!("after {told:?}")),
        }
        self.children.insert(name.to_owned(), told);
    }

    fn begins(&mut self, event: &TreeEvent, name: &str, told: &mut Told, now: Instant) {
        let (above, _) = name.rsplit_once('/').unwrap_or_default();
        match self.children.get(above) {
            _ if above.is_empty() => {}
            Some(above) if above.stage == Stage::Ended => {
                self.blame(2, event, "under a supervisor that is down");
            }
            Some(above) if above.decided => {
                self.blame(4, event, "under a supervisor that ends by its own decision");
            }
            Some(_) => {}
            None => self.blame(2, event, "under a supervisor that nobody knows"),
        }
        let is_early = told.due.is_some_and(|due| now < due);
        if is_early && self.is_timed() && !self.world.oracle.was_terminated(name) {
            self.blame(6, event, "before its backoff had passed");
        }
        if let Some(life) = event.incarnation {
            let greatest = self.begun.entry(name.to_owned()).or_insert(life);
            *greatest = life.max(*greatest);
        }
        told.incarnation = event.incarnation;
        told.stage = Stage::Starting;
        told.end = End::Other;
        told.due = None;
        told.asked = None;
        told.up = None;
        told.decided = false;
        told.restarts.clear();
        // Its supervisors below are made anew, and count their lives from the first.
        self.forget_below(name, 2);
        // What waited for its restart waits no more.
        for child in self.below(name) {
            if let Some(child) = self.children.get_mut(&child) {
                child.due = None;
                child.end = End::Other;
            }
        }
    }

    fn ends(&mut self, event: &TreeEvent, name: &str, told: &mut Told, now: Instant) {
        told.stage = Stage::Ended;
        let below = self.below(name);
        let lives = |child: &&String| {
            let told = self.children.get(*child);
            told.is_some_and(|told| told.stage != Stage::Ended)
        };
        let left: Vec<_> = below.iter().filter(lives).collect();
        if !left.is_empty() {
            self.blame(3, event, &format!("before {left:?} had"));
        }
        let bodies = self.world.oracle.live();
        let prefix = format!("{name}/");
        let body = bodies.keys().find(|child| child.starts_with(&prefix));
        // On threads the world has gone on since.
        if let Some(body) = body.filter(|_| self.is_timed()) {
            self.blame(3, event, &format!("while {body} had a body"));
        }
        let own = self.world.oracle.lives_of(name);
        if event.incarnation.is_some_and(|life| own.contains(&life)) && self.is_timed() {
            self.blame(3, event, "and has a body");
        }
        let allowed = match told.plan.shutdown {
            Some(Shutdown::Timeout(span)) => Some(span),
            Some(Shutdown::Kill) => Some(Duration::ZERO),
            _ => None,
        };
        // While its supervisor starts for the first time, the end of a child has to wait (semantics 5.3).
        let (above, _) = name.rsplit_once('/').unwrap_or_default();
        let asked = match self.children.get(above) {
            Some(above) => told
                .asked
                .and_then(|asked| above.up.map(|up| up.max(asked))),
            None => told.asked,
        };
        if let (Some(asked), Some(allowed), true) = (asked, allowed, self.is_timed()) {
            let late = (now - asked).saturating_sub(allowed + TICK);
            if !late.is_zero() {
                self.blame(7, event, &format!("{late:?} too late"));
            }
        }
    }

    fn restarts(
        &mut self,
        event: &TreeEvent,
        name: &str,
        told: &Told,
        delay: Duration,
        now: Instant,
    ) {
        let is_final = match told.plan.restart {
            Restart::Temporary => true,
            Restart::Transient => told.end == End::Completed,
            Restart::Permanent => false,
        };
        if is_final {
            self.blame(4, event, &format!("although it is {:?}", told.plan.restart));
        }
        let longest = told
            .plan
            .backoff
            .as_ref()
            .map_or(Duration::ZERO, |backoff| backoff.cap());
        if delay > longest {
            self.blame(6, event, &format!("where the longest wait is {longest:?}"));
        }
        let (above, _) = name.rsplit_once('/').unwrap_or_default();
        let is_timed = self.is_timed();
        let Some(above) = self.children.get_mut(above) else {
            return;
        };
        let (decided, tolerance) = (above.decided, above.plan.tolerance());
        above.restarts.push_back(now);
        let counted = counted(above, now);
        if decided {
            self.blame(4, event, "under a supervisor that ends by its own decision");
        }
        let limit = tolerance.map_or(0, |tolerance| tolerance.limit());
        if is_timed && counted > limit as usize {
            self.blame(5, event, &format!("as number {counted} of {tolerance:?}"));
        }
    }

    fn gives_up(&self, event: &TreeEvent, failure: &SupervisorFailure, told: &Told, now: Instant) {
        let SupervisorFailure::GaveUp(why) = failure else {
            return;
        };
        let counted = counted(told, now);
        if self.is_timed()
            && (counted as u32 != why.limit() || Some(why.tolerance) != told.plan.tolerance())
        {
            self.blame(
                5,
                event,
                &format!(
                    "after {counted} restarts, where it bears {:?}",
                    told.plan.tolerance()
                ),
            );
        }
    }

    fn below(&self, name: &str) -> Vec<String> {
        let below = format!("{name}/");
        let children = self.children.keys();
        children
            .filter(|child| child.starts_with(&below))
            .cloned()
            .collect()
    }

    /// What stood at least `deep` levels below counts anew.
    fn forget_below(&mut self, name: &str, deep: usize) {
        let below = format!("{name}/");
        self.children.retain(|child, told| {
            let is_below = child
                .strip_prefix(&below)
                .is_some_and(|rest| rest.split('/').count() >= deep);
            !is_below || told.abandoned || told.stage != Stage::Ended
        });
    }

    fn blame(&self, law: u32, event: &TreeEvent, why: &str) {
        let law = self.law(law);
        let text = format!("#{} {event}: {why}", event.sequence);
        self.world.oracle.blame(law, text);
    }

    fn live(&self) -> impl Iterator<Item = &String> {
        let lives = self
            .children
            .iter()
            .filter(|(_, told)| told.stage != Stage::Ended);
        lives.map(|(name, _)| name)
    }

    /// Whether this life was ever told of.
    pub(crate) fn knows_start(&self, name: &str, life: Option<Incarnation>) -> bool {
        life.is_some() && self.begun.get(name).copied() >= life
    }

    /// Whether this life was told as over.
    pub(crate) fn knows_end(&self, name: &str, life: Option<Incarnation>) -> bool {
        let told = self.children.get(name);
        told.is_none_or(|told| told.stage == Stage::Ended || told.incarnation > life)
    }

    /// Whether this life of a supervisor was told as up before this moment.
    pub(crate) fn has_been_up(&self, name: &str) -> bool {
        let told = self.children.get(name);
        told.is_some_and(|told| told.up.is_some_and(|up| up < Instant::now()))
    }

    /// What is not as it must be when nothing happens any more.
    pub(crate) fn check_rest(&self, of: &Snapshot) {
        let mut drawn = HashMap::new();
        draw(of, &mut drawn);
        let oracle = &self.world.oracle;
        let blame = |name: &str, why: &str| oracle.blame(13, format!("at rest {name} {why}"));
        for (name, told) in &self.children {
            let (above, _) = name.rsplit_once('/').unwrap_or_default();
            let is_under = above.is_empty()
                || self
                    .children
                    .get(above)
                    .is_some_and(|above| above.stage == Stage::Up);
            if !is_under {
                continue;
            }
            let shown = drawn.remove(name).map_or(Stage::Ended, stage);
            if shown != told.stage {
                blame(
                    name,
                    &format!("is drawn {shown:?} and told {:?}", told.stage),
                );
            }
            let must_live = told.due.is_some()
                || match told.plan.restart {
                    Restart::Permanent => told.end != End::Other,
                    Restart::Transient => told.end == End::Failed,
                    Restart::Temporary => false,
                };
            let is_still = match told.stage {
                Stage::Starting | Stage::Stopping => false,
                Stage::Up => true,
                Stage::Ended => !must_live || oracle.was_terminated(name),
            };
            if !is_still {
                blame(name, &format!("is {:?}, after {:?}", told.stage, told.end));
            }
            let has_body = !oracle.lives_of(name).is_empty();
            if told.plan.is_worker() && has_body != (told.stage == Stage::Up) {
                blame(name, &format!("is {:?}; a body: {has_body}", told.stage));
            }
        }
        for (name, state) in drawn {
            if stage(state) != Stage::Ended {
                blame(&name, "is drawn, and nobody told of it");
            }
        }
    }
}

/// How many restarts count at this moment.
fn counted(told: &Told, now: Instant) -> usize {
    let tolerance = told.plan.tolerance();
    let counts = |at: &&Instant| tolerance.is_some_and(|tolerance| tolerance.counts(now - **at));
    told.restarts.iter().filter(counts).count()
}

fn stage(state: ChildState) -> Stage {
    match state {
        ChildState::Starting => Stage::Starting,
        ChildState::Up => Stage::Up,
        ChildState::Stopping => Stage::Stopping,
        _ => Stage::Ended,
    }
}

fn draw(of: &Snapshot, drawn: &mut HashMap<String, ChildState>) {
    drawn.insert(of.runtime_name.to_string(), of.state);
    of.children.iter().for_each(|child| draw(child, drawn));
}
