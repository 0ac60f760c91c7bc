//! What users ask of a driver, on its way to the engine.
use crate::{
    child::ChildRef,
    decide::Decide,
    driver::Driver,
    error::{BranchError, StartChildError},
    replies::{To, Waiting},
    rules::check_below,
    spec::ChildSpec,
    wish::{Answer, ChildWish, Wish, WishKind},
};
use regrow_core::{
    Incarnation, Name,
    engine::{Ask, Event, Request},
};
use regrow_tasks::Entry;
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

impl<E: Decide> Driver<E> {
    /// Deals with one wish.
    pub(crate) fn wish(&mut self, Wish { kind, unanswered }: Wish) {
        if kind.is_given_up() && !unanswered {
            return;
        }
        let ask = self.replies.number();
        let request = match kind {
            WishKind::Start {
                spec,
                numbered,
                answer,
            } => match self.wish_start(ask, spec, numbered, answer) {
                Some(request) => request,
                None => return,
            },
            WishKind::Run {
                life,
                specs,
                answer,
            } => match self.wish_run(ask, life, specs, answer) {
                Some(request) => request,
                None => return,
            },
            WishKind::Reserve { life, name, answer } => {
                let reserved = self.reserve(life, name);
                let _ = answer.send(reserved);
                return;
            }
            WishKind::Reset(answer) => {
                let waiting = Waiting {
                    child: self.own.runtime_name(),
                    entries: Vec::new(),
                    to: To::Reset(answer),
                };
                self.replies.wait(ask, waiting);
                Request::Reset(None)
            }
            WishKind::Child { name, what } => {
                let Some(entry) = self.directory.get(&name) else {
                    return what.not_found(name, self.own.runtime_name());
                };
                if what.is_not_about(entry.order()) {
                    return;
                }
                self.wish_of(ask, entry, what)
            }
        };
        self.handle(Event::Request(ask, request));
        self.entering = None;
    }

    fn wish_start(
        &mut self,
        ask: Ask,
        spec: Arc<ChildSpec>,
        numbered: bool,
        answer: Answer<ChildRef, StartChildError>,
    ) -> Option<Request<E::Child>> {
        if let Err(error) = check_below(&spec, self.tolerance) {
            let _ = answer.send(Err(StartChildError::Spec(error)));
            return None;
        }
        let name = if numbered {
            self.directory.next_ordinal()
        } else {
            spec.name().clone()
        };
        if self.reserved.contains(&name) {
            let child = self.directory.runtime_name_of(&name);
            let _ = answer.send(Err(StartChildError::Reserved { child }));
            return None;
        }
        let twin = self.directory.get(name.as_str());
        let slot = twin.as_ref().map(|twin| twin.slot());
        let waiting = Waiting {
            child: self.directory.runtime_name_of(&name),
            entries: Vec::from_iter(twin),
            to: To::Start(answer),
        };
        self.replies.wait(ask, waiting);
        Some(match slot {
            Some(slot) => Request::StartTwin(slot),
            None => {
                self.entering = Some((ask, VecDeque::from([name])));
                Request::Start(E::child(spec))
            }
        })
    }

    /// Children of a branch enter together, or not at all.
    fn wish_run(
        &mut self,
        ask: Ask,
        life: Incarnation,
        specs: Vec<Arc<ChildSpec>>,
        answer: Answer<Vec<ChildRef>, BranchError>,
    ) -> Option<Request<E::Child>> {
        let names: VecDeque<_> = specs.iter().map(|spec| spec.name().clone()).collect();
        let mut own = HashSet::new();
        let twice = names.iter().find(|name| !own.insert(*name));
        let taken = twice.or_else(|| names.iter().find(|name| self.is_taken(name)));
        let refused = match taken {
            _ if life != self.own.incarnation() => {
                Some(BranchError::stale(self.own.runtime_name(), life))
            }
            Some(name) => Some(BranchError::NameTaken {
                name: self.directory.runtime_name_of(name),
            }),
            None => {
                let mut wrong = specs.iter().map(|spec| check_below(spec, self.tolerance));
                wrong.find_map(Result::err).map(BranchError::Spec)
            }
        };
        if let Some(error) = refused {
            let _ = answer.send(Err(error));
            return None;
        }
        let waiting = Waiting {
            child: self.own.runtime_name(),
            entries: Vec::new(),
            to: To::Run(answer),
        };
        self.replies.wait(ask, waiting);
        self.entering = Some((ask, names));
        Some(Request::Run(specs.into_iter().map(E::child).collect()))
    }

    fn is_taken(&self, name: &Name) -> bool {
        self.reserved.contains(name) || self.directory.get(name.as_str()).is_some()
    }

    /// Keeps a name from the children of this life of a branch. Once more is as good as once.
    fn reserve(&mut self, life: Incarnation, name: Name) -> Result<(), BranchError> {
        if life != self.own.incarnation() {
            return Err(BranchError::stale(self.own.runtime_name(), life));
        }
        if self.directory.get(name.as_str()).is_some() {
            let name = self.directory.runtime_name_of(&name);
            return Err(BranchError::NameTaken { name });
        }
        self.reserved.insert(name);
        Ok(())
    }

    /// Something is to be done with a child that is there.
    fn wish_of(&mut self, ask: Ask, entry: Arc<Entry>, what: ChildWish) -> Request<E::Child> {
        let slot = entry.slot();
        let (request, to) = match what {
            ChildWish::Terminate(answer) => {
                self.crew.unwanted(slot);
                (Request::Terminate(slot), To::Terminate(answer))
            }
            ChildWish::Restart(answer) => (Request::Restart(slot), To::Restart(answer)),
            ChildWish::Delete(answer) => (Request::Delete(slot), To::Delete(answer)),
            ChildWish::Reset(answer) => (Request::Reset(Some(slot)), To::Reset(answer)),
            ChildWish::Kill(_) => return Request::Kill(slot),
        };
        let child = entry.runtime_name();
        let entries = vec![entry];
        self.replies.wait(ask, Waiting { child, entries, to });
        request
    }
}
