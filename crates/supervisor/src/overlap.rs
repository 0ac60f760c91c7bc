//! Whether a life may begin, where abandoned ones have not ended.
use crate::spec::ChildSpec;
use regrow_core::OnAbandoned;
use regrow_tasks::{Abandoned, Entry, StartFailure};

/// The abandoned life of the child that its next one overlaps, if any.
///
/// # Errors
///
/// An abandoned life has the child's name and must not be overlapped, or has one above it.
pub(crate) fn check(entry: &Entry, spec: &ChildSpec) -> Result<Option<Abandoned>, StartFailure> {
    let reaper = entry.directory().tree().reaper();
    if reaper.is_empty() {
        return Ok(None);
    }
    let name = entry.runtime_name();
    let may = spec.on_abandoned() == OnAbandoned::Overlap;
    let held = reaper.all().into_iter();
    let (own, above): (Vec<_>, Vec<_>) = held
        .filter(|life| name.is_within(&life.runtime_name))
        .partition(|life| may && life.runtime_name == name);
    match above.into_iter().next() {
        Some(left) => Err(StartFailure::StillEnding(left)),
        None => Ok(own.into_iter().next_back()),
    }
}
