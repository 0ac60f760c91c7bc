//! From a path to a child.
use crate::{error::LookupError, inbox::Inbox};
use regrow_core::RuntimeName;
use regrow_tasks::{Directory, Entry};
use std::sync::Arc;

/// Follows `path` from the supervisor of `directory`, one look-up a name. The root also takes full
/// runtime names.
pub(crate) fn find(directory: &Arc<Directory>, path: &str) -> Result<Arc<Entry>, LookupError> {
    let found = walk(directory, path, path);
    let root = directory.above().filter(|above| above.above().is_none());
    match (found, root) {
        (Err(_), Some(top)) if is_full(directory, path) => walk(top, path, path),
        (found, _) => found,
    }
}

fn is_full(root: &Directory, path: &str) -> bool {
    let first = path.split('/').next();
    root.runtime_name().map(RuntimeName::as_str) == first
}

fn walk(from: &Arc<Directory>, path: &str, whole: &str) -> Result<Arc<Entry>, LookupError> {
    let (name, rest) = match path.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let Some(entry) = from.get(name) else {
        let under = from.runtime_name().cloned();
        return Err(LookupError::NotFound {
            path: whole.into(),
            missing: name.into(),
            under: under.unwrap_or_else(|| RuntimeName::join([])),
        });
    };
    match (rest, entry.below()) {
        (None, _) => Ok(entry),
        (Some(rest), Some(below)) => walk(below, rest, whole),
        (Some(_), None) => Err(LookupError::NotASupervisor {
            found: entry.runtime_name(),
        }),
    }
}

/// The directory of the ordinary or dynamic supervisor at `path`.
pub(crate) fn supervisor(
    directory: &Arc<Directory>,
    path: &str,
    dynamic: bool,
) -> Result<Arc<Directory>, LookupError> {
    let entry = find(directory, path)?;
    let found = entry.runtime_name();
    let Some(below) = entry.below() else {
        return Err(LookupError::NotASupervisor { found });
    };
    match Inbox::of(below).is_some_and(Inbox::is_dynamic) {
        is_dynamic if is_dynamic == dynamic => Ok(below.clone()),
        true => Err(LookupError::Dynamic { found }),
        false => Err(LookupError::NotDynamic { found }),
    }
}
