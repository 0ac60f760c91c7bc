//! A tree in one line.
use regrow_supervisor::{Health, Snapshot};
use regrow_tasks::ChildState;
use std::fmt;

/// How many bytes a line may have: an error in it may be of any length, a datagram may not.
const LONGEST: usize = 1000;

/// How a tree stands, in one line: the counts, and who is not well.
pub(crate) fn status(root: &Snapshot, health: &Health) -> String {
    let mut counts = Counts::default();
    counts.add(root);
    let mut line = format!("{}: {counts}", root.state);
    if !health.is_healthy() {
        line.push_str(&format!("; {health}"));
    }
    cut(&mut line, LONGEST);
    line
}

fn cut(line: &mut String, longest: usize) {
    let mut end = line.len().min(longest);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.truncate(end);
}

#[derive(Default)]
struct Counts {
    all: usize,
    up: usize,
    restarts: u64,
}

impl Counts {
    fn add(&mut self, above: &Snapshot) {
        for child in &above.children {
            self.all += 1;
            self.restarts += child.restarts;
            self.up += usize::from(child.state == ChildState::Up);
            self.add(child);
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} children up", self.up, self.all)?;
        match self.restarts {
            0 => Ok(()),
            1 => f.write_str(", 1 restart"),
            restarts => write!(f, ", {restarts} restarts"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let mut line = "abcä".to_owned();
        cut(&mut line, 4);
        assert_eq!(line, "abc");
        cut(&mut line, 4);
        assert_eq!(line, "abc");
    }
}
