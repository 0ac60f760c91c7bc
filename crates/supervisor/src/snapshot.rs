//! What a tree looks like.
use crate::report::millis;
use regrow_core::{ChildKind, Incarnation, Name, RuntimeName};
use regrow_tasks::{ChildState, Directory, Entry, Facts};
use std::{fmt, sync::Arc, time::Duration};

/// A child and all below it, at a moment.
///
/// Exact for the children of each supervisor, not across supervisors (semantics 26). `Display`
/// draws the tree:
///
/// ```text
/// root               up 2s
/// ├─ store           up 2s, 1 restart
/// └─ web             up 2s
///    ├─ acceptor     up 1s, 3 restarts
///    └─ router       down
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// Its own name.
    pub name: Name,
    /// Its full name.
    pub runtime_name: RuntimeName,
    /// What it is.
    pub kind: ChildKind,
    /// How it stands.
    pub state: ChildState,
    /// Its life, or its last one.
    pub incarnation: Option<Incarnation>,
    /// How often it was started again.
    pub restarts: u64,
    /// How long it has been up.
    pub uptime: Option<Duration>,
    /// Its children, in start order.
    pub children: Vec<Self>,
}

impl Snapshot {
    /// What the supervisor of `directory` looks like. `look` is called for each directory while
    /// nothing changes in it.
    pub(crate) fn of(directory: &Arc<Directory>, look: &mut dyn FnMut(&Directory)) -> Self {
        let above = directory
            .above()
            .expect("a supervisor stands in a directory");
        let name = directory
            .runtime_name()
            .expect("a supervisor has a runtime name")
            .clone();
        let entry = {
            let _hold = above.hold();
            let entry = above.get(name.name());
            if above.above().is_none() {
                look(above);
            }
            entry.map(|entry| (entry.facts(), entry))
        };
        let mut root = match &entry {
            Some((facts, entry)) => Self::new(entry, *facts),
            None => Self::gone(name),
        };
        root.children = Self::below(directory, look);
        root
    }

    fn below(directory: &Arc<Directory>, look: &mut dyn FnMut(&Directory)) -> Vec<Self> {
        let (entries, mut children): (Vec<_>, Vec<_>) = {
            let _hold = directory.hold();
            look(directory);
            let all = directory.all().into_iter();
            all.map(|entry| {
                let facts = entry.facts();
                let child = Self::new(&entry, facts);
                (entry, child)
            })
            .unzip()
        };
        for (entry, child) in entries.iter().zip(&mut children) {
            if let Some(directory) = entry.below() {
                child.children = Self::below(directory, look);
            }
        }
        children
    }

    fn new(entry: &Entry, facts: Facts) -> Self {
        Self {
            name: entry.name().clone(),
            runtime_name: entry.runtime_name(),
            kind: entry.kind(),
            state: facts.state,
            incarnation: facts.incarnation,
            restarts: facts.restarts,
            uptime: facts.uptime(),
            children: Vec::new(),
        }
    }

    /// A supervisor that its own has forgotten.
    fn gone(runtime_name: RuntimeName) -> Self {
        let name = Name::new(runtime_name.name()).expect("it was a child's name");
        Self {
            name,
            runtime_name,
            kind: ChildKind::Supervisor,
            state: ChildState::Down,
            incarnation: None,
            restarts: 0,
            uptime: None,
            children: Vec::new(),
        }
    }

    /// The runtime names of it and of all below it, from the top down.
    pub fn runtime_names(&self) -> Vec<RuntimeName> {
        let mut names = Vec::new();
        self.walk(0, &mut |_, child| names.push(child.runtime_name.clone()));
        names
    }

    fn walk<'a>(&'a self, depth: usize, visit: &mut dyn FnMut(usize, &'a Self)) {
        visit(depth, self);
        for child in &self.children {
            child.walk(depth + 1, visit);
        }
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, width: usize, indent: &str) -> fmt::Result {
        for (at, child) in self.children.iter().enumerate() {
            let is_last = at + 1 == self.children.len();
            let (branch, beneath) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            writeln!(f)?;
            let room = width.saturating_sub(indent.chars().count() + 3);
            write!(f, "{indent}{branch}{:room$}  {}", child.name, child.line())?;
            child.draw(f, width, &format!("{indent}{beneath}"))?;
        }
        Ok(())
    }

    fn line(&self) -> String {
        let mut line = self.state.to_string();
        if let Some(uptime) = self.uptime {
            line.push_str(&format!(" {}", whole(uptime)));
        }
        match self.restarts {
            0 => {}
            1 => line.push_str(", 1 restart"),
            restarts => line.push_str(&format!(", {restarts} restarts")),
        }
        line
    }
}

/// An uptime as people read it: whole seconds, or milliseconds when it has none.
fn whole(uptime: Duration) -> impl fmt::Display {
    if uptime < Duration::from_secs(1) {
        millis(uptime)
    } else {
        millis(Duration::from_secs(uptime.as_secs()))
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut width = 0;
        self.walk(0, &mut |depth, child| {
            width = width.max(depth * 3 + child.name.as_str().chars().count());
        });
        write!(f, "{:width$}  {}", self.name, self.line())?;
        self.draw(f, width, "")
    }
}

/// The drawing.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
