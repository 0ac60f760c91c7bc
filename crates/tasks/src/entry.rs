//! What the world knows of one child.
use crate::{
    outcome::Ended,
    reaper::Abandoned,
    register::Register,
    report::Report,
    values::Values,
    watch::{Watch, Watchers, until},
    words::Word,
};
use regrow_core::{ChildKind, Incarnation, Life, Name, RuntimeName, Slot};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

/// How a child stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildState {
    /// Begun, and not up yet.
    Starting,
    /// Up.
    Up,
    /// Asked to stop, or killed, and not over yet.
    Stopping,
    /// Down, and about to be started again by its supervisor.
    Restarting,
    /// Down.
    Down,
}

impl fmt::Display for ChildState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Stopping => "stopping",
            Self::Restarting => "restarting",
            Self::Down => "down",
        })
    }
}

/// The children of one supervisor, by name.
pub type Directory = Register<Entry>;

/// A child, as the world knows it: it outlives the lives of the child, so that a restart writes no
/// map.
pub struct Entry {
    name: Name,
    kind: ChildKind,
    directory: Arc<Directory>,
    below: Option<Arc<Directory>>,
    is_body: bool,
    facts: Mutex<Sheet>,
    asked: Notify,
}

/// What changes.
struct Sheet {
    slot: Slot,
    order: u64,
    facts: Facts,
    /// Lives up to this number were asked to stop.
    asked: Option<Incarnation>,
    /// Lives up to this number are over.
    over: Option<Incarnation>,
    /// The lives that the tree holds; more than one where they may overlap.
    abandoned: Vec<Incarnation>,
    /// What the life has said of itself.
    word: Word,
    /// What few lives have, and whose it is.
    extra: Option<Box<Extra>>,
    watch: Watch,
}

/// What a life has when it is wanted.
struct Extra {
    life: Incarnation,
    /// The token that somebody asked for.
    token: Option<CancellationToken>,
    drain: Drain,
}

/// How it stands about the drain of a life.
#[derive(Clone, Copy)]
enum Drain {
    /// It stops when it is asked to.
    No,
    /// It will drain when it is asked to stop.
    Ready,
    /// It was asked, and must be over by then.
    Asked(Option<Instant>),
}

impl Extra {
    const fn new(life: Incarnation) -> Self {
        Self {
            life,
            token: None,
            drain: Drain::No,
        }
    }
}

/// How a child stands at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Its state.
    pub state: ChildState,
    /// Its life, or its last one.
    pub incarnation: Option<Incarnation>,
    /// How often it was started again.
    pub restarts: u64,
    /// Since when it is up.
    pub since: Option<Instant>,
}

impl Facts {
    /// How long it has been up.
    pub fn uptime(&self) -> Option<Duration> {
        self.since.map(|since| since.elapsed())
    }
}

impl Directory {
    /// Takes all children out, and those below them: nothing is to be started there again, nor is
    /// anything lent any more.
    pub fn clear(&self) {
        self.lend(Values::default());
        for entry in self.take_all() {
            entry.forget();
            if let Some(below) = &entry.below {
                below.clear();
            }
        }
    }

    /// All children, in start order. Exact while a [`Hold`](crate::Hold) is kept.
    pub fn all(&self) -> Vec<Arc<Entry>> {
        let mut entries = self.unordered();
        entries.sort_by_cached_key(|entry| entry.order());
        entries
    }
}

impl Entry {
    /// A child without a life. `below` is the directory of a supervisor.
    pub fn new(
        name: Name,
        slot: Slot,
        directory: Arc<Directory>,
        below: Option<Arc<Directory>>,
    ) -> Self {
        let kind = if below.is_some() {
            ChildKind::Supervisor
        } else {
            ChildKind::Worker
        };
        Self {
            name,
            kind,
            below,
            is_body: false,
            facts: Mutex::new(Sheet {
                slot,
                order: directory.next_order(),
                facts: Facts {
                    state: ChildState::Down,
                    incarnation: None,
                    restarts: 0,
                    since: None,
                },
                asked: None,
                over: None,
                abandoned: Vec::new(),
                word: Word::Nothing,
                extra: None,
                watch: Watch::default(),
            }),
            asked: Notify::new(),
            directory,
        }
    }

    /// The body of a branch, whose children stand in `directory`: it bears the branch's own runtime
    /// name and kind, and stands in no directory.
    pub fn body(name: Name, slot: Slot, directory: Arc<Directory>) -> Self {
        Self {
            kind: ChildKind::Supervisor,
            is_body: true,
            ..Self::new(name, slot, directory, None)
        }
    }

    fn sheet(&self) -> MutexGuard<'_, Sheet> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// What it is.
    pub const fn kind(&self) -> ChildKind {
        self.kind
    }

    /// Where it stands in the table of its supervisor.
    pub fn slot(&self) -> Slot {
        self.sheet().slot
    }

    /// Greater than that of every child that was placed before.
    pub fn order(&self) -> u64 {
        self.sheet().order
    }

    /// The next life of its supervisor has it in this slot, behind all that were placed before.
    pub fn place(&self, slot: Slot) {
        let order = self.directory.next_order();
        let mut sheet = self.sheet();
        sheet.slot = slot;
        sheet.order = order;
    }

    /// The directory that it stands in.
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The directory of its own children, when it is a supervisor.
    pub const fn below(&self) -> Option<&Arc<Directory>> {
        self.below.as_ref()
    }

    /// Whether it is the body of a branch.
    pub const fn is_body(&self) -> bool {
        self.is_body
    }

    /// Its full name.
    pub fn runtime_name(&self) -> RuntimeName {
        let own = self.directory.runtime_name().filter(|_| self.is_body);
        own.cloned()
            .unwrap_or_else(|| self.directory.runtime_name_of(&self.name))
    }

    /// How it stands.
    pub fn facts(&self) -> Facts {
        self.sheet().facts
    }

    /// Writes how it stands. Only its supervisor's driver does.
    pub fn write(&self, write: impl FnOnce(&mut Facts)) -> Watchers {
        let mut sheet = self.sheet();
        write(&mut sheet.facts);
        sheet.watch.watchers()
    }

    /// It is out of its directory, for good.
    pub fn forget(&self) {
        let watchers = self.sheet().watch.forget();
        watchers.wake();
    }

    /// Resolves to what `look` finds, as soon as it does; to nothing when the child is forgotten.
    pub async fn seen<T>(&self, look: impl Fn(Facts) -> Option<T>) -> Option<T> {
        let changed = self.sheet().watch.watched();
        until(&changed, || self.look(&look)).await
    }

    /// Nobody sees what the world has not been told: a change is written and told while its
    /// directory is held.
    fn look<T>(&self, look: impl Fn(Facts) -> Option<T>) -> Option<Option<T>> {
        let (facts, forgotten) = {
            let _hold = self.directory.hold();
            let sheet = self.sheet();
            (sheet.facts, sheet.watch.is_forgotten())
        };
        if forgotten {
            return Some(None);
        }
        look(facts).map(Some)
    }

    /// Asks the life of this number to stop.
    pub fn ask(&self, incarnation: Incarnation) {
        let extra = {
            let mut sheet = self.sheet();
            sheet.asked = sheet.asked.max(Some(incarnation));
            sheet.take_extra(incarnation)
        };
        self.asked.notify_waiters();
        if let Some(token) = extra.and_then(|extra| extra.token) {
            token.cancel();
        }
    }

    /// Asks the life of this number to stop by then; one that is up, and drains, to drain first.
    pub fn ask_by(&self, incarnation: Incarnation, by: Option<Instant>) {
        let drains = {
            let mut sheet = self.sheet();
            let is_up = sheet.facts.since.is_some();
            match sheet.extra_of(incarnation).map(|extra| &mut extra.drain) {
                Some(drain) if is_up && !matches!(drain, Drain::No) => {
                    *drain = Drain::Asked(by);
                    true
                }
                _ => false,
            }
        };
        if drains {
            self.asked.notify_waiters();
        } else {
            self.ask(incarnation);
        }
    }

    /// The life of this number will drain when it is asked to stop.
    pub(crate) fn drains(&self, incarnation: Incarnation) {
        let mut sheet = self.sheet();
        if sheet.asked.max(sheet.over) < Some(incarnation) {
            sheet.extra(incarnation).drain = Drain::Ready;
        }
    }

    /// The life of this number drains no more: it is asked to stop, if it was to, and will be at
    /// once when it was not.
    pub(crate) fn drained(&self, incarnation: Incarnation) {
        let was_asked = {
            let mut sheet = self.sheet();
            let extra = sheet.extra_of(incarnation);
            let drain = extra.map(|extra| std::mem::replace(&mut extra.drain, Drain::No));
            matches!(drain, Some(Drain::Asked(_)))
        };
        if was_asked {
            self.ask(incarnation);
        }
    }

    /// Whether the life of this number was asked to drain, and by when it must be over.
    fn asked_to_drain(&self, incarnation: Incarnation) -> Option<Option<Instant>> {
        match self.sheet().extra_of(incarnation)?.drain {
            Drain::Asked(by) => Some(by),
            Drain::No | Drain::Ready => None,
        }
    }

    /// Resolves when the life of this number is asked to drain.
    pub(crate) async fn drain_asked(&self, incarnation: Incarnation) -> Option<Instant> {
        until(&self.asked, || self.asked_to_drain(incarnation)).await
    }

    /// Resolves when it is asked to be over by another time than this.
    pub(crate) async fn drain_moved(
        &self,
        incarnation: Incarnation,
        by: Option<Instant>,
    ) -> Option<Instant> {
        let moved = |now: &Option<Instant>| *now != by;
        until(&self.asked, || {
            self.asked_to_drain(incarnation).filter(moved)
        })
        .await
    }

    /// Whether the life of this number drains, or was asked to stop.
    pub(crate) fn is_told(&self, incarnation: Incarnation) -> bool {
        self.is_asked(incarnation) || self.asked_to_drain(incarnation).is_some()
    }

    /// Resolves when the life of this number drains, or is asked to stop.
    pub(crate) async fn told(&self, incarnation: Incarnation) {
        until(&self.asked, || self.is_told(incarnation).then_some(())).await;
    }

    pub(crate) fn is_asked(&self, incarnation: Incarnation) -> bool {
        let sheet = self.sheet();
        sheet.asked.max(sheet.over) >= Some(incarnation)
    }

    pub(crate) fn is_over(&self, incarnation: Incarnation) -> bool {
        self.sheet().over >= Some(incarnation)
    }

    /// Resolves when the life of this number is asked to stop.
    pub(crate) async fn asked(&self, incarnation: Incarnation) {
        until(&self.asked, || self.is_asked(incarnation).then_some(())).await;
    }

    pub(crate) fn token(&self, incarnation: Incarnation) -> CancellationToken {
        let mut sheet = self.sheet();
        if sheet.asked.max(sheet.over) >= Some(incarnation) {
            let token = CancellationToken::new();
            token.cancel();
            return token;
        }
        let extra = sheet.extra(incarnation);
        extra.token.get_or_insert_default().clone()
    }

    pub(crate) fn report(&self, incarnation: Incarnation, report: Report) {
        let slot = {
            let mut sheet = self.sheet();
            let is_last = sheet.facts.incarnation == Some(incarnation);
            if matches!(report, Report::Started) && is_last && sheet.word == Word::Nothing {
                sheet.word = Word::Up;
            }
            sheet.slot
        };
        let life = Life { slot, incarnation };
        self.directory.sink().report(life, report);
    }

    /// A life begins.
    pub(crate) fn begins(&self, incarnation: Incarnation, notifies: bool) {
        let mut sheet = self.sheet();
        sheet.facts.incarnation = Some(incarnation);
        sheet.word = if notifies { Word::Nothing } else { Word::Up };
    }

    /// The life of this number says that it is done. Gives what it had said before; none when it
    /// is over.
    pub(crate) fn done(&self, incarnation: Incarnation) -> Option<Word> {
        let mut sheet = self.sheet();
        let is_over = sheet.over >= Some(incarnation);
        if is_over || sheet.facts.incarnation != Some(incarnation) {
            return None;
        }
        let before = sheet.word;
        if before == Word::Up {
            sheet.word = Word::Done;
        }
        Some(before)
    }

    /// A life is over: whoever waits for its stop need not wait any more. The supervisor is told
    /// before the world is told that an abandoned life has ended.
    pub(crate) fn ends(&self, incarnation: Incarnation, mut ended: Ended) {
        let (extra, was_abandoned) = {
            let mut sheet = self.sheet();
            sheet.over = sheet.over.max(Some(incarnation));
            let is_last = sheet.facts.incarnation == Some(incarnation);
            if is_last && sheet.word == Word::Done {
                ended.finish();
            }
            let held = sheet.abandoned.iter().position(|life| *life == incarnation);
            let was_abandoned = held.map(|at| sheet.abandoned.swap_remove(at)).is_some();
            (sheet.take_extra(incarnation), was_abandoned)
        };
        self.asked.notify_waiters();
        if let Some(token) = extra.and_then(|extra| extra.token) {
            token.cancel();
        }
        self.report(incarnation, Report::Exited(ended));
        if was_abandoned {
            self.directory
                .tree()
                .ended(&self.runtime_name(), self.kind, incarnation);
        }
    }

    /// Leaves a life to the tree. Nothing, when it is over already.
    pub fn abandon(&self, incarnation: Incarnation) -> Option<Abandoned> {
        let mut sheet = self.sheet();
        if sheet.over >= Some(incarnation) {
            return None;
        }
        sheet.abandoned.push(incarnation);
        let abandoned = Abandoned::new(self.runtime_name(), incarnation);
        self.directory.tree().hold(abandoned.clone());
        Some(abandoned)
    }
}

impl AsRef<Name> for Entry {
    fn as_ref(&self) -> &Name {
        &self.name
    }
}

impl Sheet {
    /// What the life of this number has, made if need be. An older one is over.
    fn extra(&mut self, life: Incarnation) -> &mut Extra {
        let extra = self.extra.take().filter(|extra| extra.life == life);
        self.extra
            .insert(extra.unwrap_or_else(|| Box::new(Extra::new(life))))
    }

    /// What the life of this number has.
    fn extra_of(&mut self, life: Incarnation) -> Option<&mut Extra> {
        self.extra.as_deref_mut().filter(|extra| extra.life == life)
    }

    fn take_extra(&mut self, life: Incarnation) -> Option<Box<Extra>> {
        self.extra.take_if(|extra| extra.life <= life)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("runtime_name", &self.runtime_name())
            .field("facts", &self.facts())
            .finish_non_exhaustive()
    }
}
