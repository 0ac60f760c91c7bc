//! What a tree looks like, as others read it: `Serialize` of what is looked at, with the feature
//! `serde`.
//!
//! Names are text, incarnations are numbers, kinds and states are words in lower case, and spans
//! are seconds, with their fractions. A moment is told as how long ago it was.
use crate::{
    child::ChildInfo,
    event::{Change, TreeEvent},
    health::{DegradedChild, Health},
    snapshot::Snapshot,
};
use regrow_core::{ChildKind, Incarnation};
use serde::ser::{Serialize, SerializeStruct, Serializer};

const fn kind(kind: ChildKind) -> &'static str {
    match kind {
        ChildKind::Worker => "worker",
        ChildKind::Supervisor => "supervisor",
    }
}

fn number(incarnation: Option<Incarnation>) -> Option<u64> {
    incarnation.map(Incarnation::number)
}

/// `name`, `runtime_name`, `kind`, `state`, `incarnation`, `restarts`, `uptime` (seconds).
impl Serialize for ChildInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ChildInfo", 7)?;
        fields.serialize_field("name", self.name.as_str())?;
        fields.serialize_field("runtime_name", self.runtime_name.as_str())?;
        fields.serialize_field("kind", kind(self.kind))?;
        fields.serialize_field("state", &self.state.to_string())?;
        fields.serialize_field("incarnation", &number(self.incarnation))?;
        fields.serialize_field("restarts", &self.restarts)?;
        fields.serialize_field("uptime", &self.uptime.map(|span| span.as_secs_f64()))?;
        fields.end()
    }
}

/// As a [`ChildInfo`], and its `children`.
impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Snapshot", 8)?;
        fields.serialize_field("name", self.name.as_str())?;
        fields.serialize_field("runtime_name", self.runtime_name.as_str())?;
        fields.serialize_field("kind", kind(self.kind))?;
        fields.serialize_field("state", &self.state.to_string())?;
        fields.serialize_field("incarnation", &number(self.incarnation))?;
        fields.serialize_field("restarts", &self.restarts)?;
        fields.serialize_field("uptime", &self.uptime.map(|span| span.as_secs_f64()))?;
        fields.serialize_field("children", &self.children)?;
        fields.end()
    }
}

/// `runtime_name`, `kind`, `state`, `age` (seconds), `cause` (its text).
impl Serialize for DegradedChild {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cause = self.cause.as_ref().map(ToString::to_string);
        let mut fields = serializer.serialize_struct("DegradedChild", 5)?;
        fields.serialize_field("runtime_name", self.runtime_name.as_str())?;
        fields.serialize_field("kind", kind(self.kind))?;
        fields.serialize_field("state", &self.state.to_string())?;
        fields.serialize_field("age", &self.age().as_secs_f64())?;
        fields.serialize_field("cause", &cause)?;
        fields.end()
    }
}

/// `healthy` and `children`.
impl Serialize for Health {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Health", 2)?;
        fields.serialize_field("healthy", &self.is_healthy())?;
        fields.serialize_field("children", self.children())?;
        fields.end()
    }
}

/// `sequence`, `runtime_name`, `kind`, `incarnation`, `change` (its name, `start_failed`), `text`
/// (all of it as people read it).
impl Serialize for TreeEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("TreeEvent", 6)?;
        fields.serialize_field("sequence", &self.sequence)?;
        fields.serialize_field("runtime_name", self.runtime_name.as_str())?;
        fields.serialize_field("kind", kind(self.kind))?;
        fields.serialize_field("incarnation", &number(self.incarnation))?;
        fields.serialize_field("change", word(&self.change))?;
        fields.serialize_field("text", &self.change.to_string())?;
        fields.end()
    }
}

const fn word(change: &Change) -> &'static str {
    match change {
        Change::Starting => "starting",
        Change::Started => "started",
        Change::Ignored => "ignored",
        Change::StartFailed(_) => "start_failed",
        Change::Completed => "completed",
        Change::Failed(_) => "failed",
        Change::Stopping => "stopping",
        Change::Stopped => "stopped",
        Change::StopFailed(_) => "stop_failed",
        Change::Abandoned => "abandoned",
        Change::AbandonedEnded => "abandoned_ended",
        Change::Restarting { .. } => "restarting",
        Change::AutoShutdown(_) => "auto_shutdown",
        Change::GaveUp(_) => "gave_up",
        Change::Removed => "removed",
        Change::Warning(_) => "warning",
        Change::Custom(_) => "custom",
        Change::UsedUp(_) => "used_up",
        Change::Overlaps(_) => "overlaps",
    }
}
