//! A tree in one line.
use regrow_supervisor::Snapshot;
use regrow_tasks::ChildState;
use std::fmt;

/// How many children that are not up are named.
const NAMED: usize = 3;

/// How a tree stands, in one line.
pub(crate) fn status(root: &Snapshot) -> String {
    let mut counts = Counts::default();
    counts.add(root);
    format!("{}: {counts}", root.state)
}

#[derive(Default)]
struct Counts<'a> {
    all: usize,
    up: usize,
    restarts: u64,
    others: Vec<&'a Snapshot>,
}

impl<'a> Counts<'a> {
    fn add(&mut self, above: &'a Snapshot) {
        for child in &above.children {
            self.all += 1;
            self.restarts += child.restarts;
            match child.state {
                ChildState::Up => self.up += 1,
                _ if self.others.len() < NAMED => self.others.push(child),
                _ => {}
            }
            self.add(child);
        }
    }
}

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} children up", self.up, self.all)?;
        match self.restarts {
            0 => {}
            1 => f.write_str(", 1 restart")?,
            restarts => write!(f, ", {restarts} restarts")?,
        }
        let mut before = "; ";
        for child in &self.others {
            write!(f, "{before}{} is {}", child.runtime_name, child.state)?;
            before = ", ";
        }
        match self.all - self.up - self.others.len() {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}
