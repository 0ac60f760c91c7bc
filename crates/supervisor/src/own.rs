//! What a driver tells of its own supervisor.
use crate::{crew::Crew, event::Change, failure::SupervisorFailure, hub::Hub, ward::Want};
use regrow_core::{ChildKind, RuntimeName};
use regrow_tasks::{ChildState, Context, Entry, ExitReason};
use std::sync::Arc;

impl Crew {
    /// The supervisor itself is told to stop. A root has no supervisor that would tell the world.
    pub(crate) fn own_stops(&mut self, own: &Context, crash: bool) {
        let entry = own.entry();
        let want = if crash { Want::Keep } else { Want::StopIt };
        self.own_way(entry, want, &Change::Stopping);
        let is_root = entry.directory().above().is_none();
        if is_root && entry.facts().state != ChildState::Stopping {
            self.tell(entry, Some(own.incarnation()), &Change::Stopping, |facts| {
                facts.state = ChildState::Stopping;
            });
        }
    }

    /// The supervisor itself ends because of this child.
    pub(crate) fn shuts_itself(&mut self, own: &Context, child: RuntimeName) {
        self.tell_own(own, &Change::AutoShutdown(child));
        self.own_stops(own, false);
    }

    /// The supervisor itself is on its way to its end.
    fn own_way(&self, own: &Arc<Entry>, want: Want, change: &Change) {
        let ward = &Hub::of(&self.directory).ward;
        let discharged = ward.note(own, ChildState::Stopping, change, want);
        ward.wake();
        drop(discharged);
    }

    /// The body of the branch has ended, and what is left below must.
    pub(crate) fn ends_with_body(&mut self, own: &Context, reason: &ExitReason) {
        if self.stops.is_ending() {
            return;
        }
        self.stops.begin();
        self.unasked = true;
        if self.has_lives_below() {
            let change = if reason.is_abnormal() {
                Change::Failed(reason.clone())
            } else {
                Change::Completed
            };
            self.own_way(own.entry(), Want::Keep, &change);
        }
    }

    /// The supervisor itself gives up.
    pub(crate) fn gives_up(&mut self, own: &Context, failure: SupervisorFailure) {
        self.unasked = true;
        self.gave_up = true;
        self.tell_own(own, &Change::GaveUp(failure));
    }

    /// Tells the world of the supervisor itself, whose entry is written by its own supervisor.
    fn tell_own(&mut self, own: &Context, change: &Change) {
        let name = || own.runtime_name();
        let hub = Hub::of(&self.directory);
        let life = Some(own.incarnation());
        let want = if self.unasked {
            Want::Keep
        } else {
            Want::StopIt
        };
        let (entry, stopping) = (own.entry(), ChildState::Stopping);
        let discharged = hub.ward.note(entry, stopping, change, want);
        let forgotten = hub.publish(name, ChildKind::Supervisor, life, change);
        hub.ward.wake();
        drop((discharged, forgotten));
        self.log.change(name, change);
    }
}
