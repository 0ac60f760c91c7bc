//! What became of the lives that a stop brought down.
use humantime::format_duration;
use regrow_core::{Incarnation, RuntimeName};
use regrow_tasks::ExitReason;
use std::{fmt, time::Duration};

/// How many of the slowest stops are kept.
const SLOWEST: usize = 10;

/// One life that a stop brought down.
#[derive(Clone, Debug)]
pub struct StoppedLife {
    /// Its full name.
    pub runtime_name: RuntimeName,
    /// Which of the child's lives it was.
    pub incarnation: Incarnation,
    /// How it ended.
    pub reason: ExitReason,
    /// How long it took to end, from the moment at which it was asked to.
    pub took: Duration,
}

impl fmt::Display for StoppedLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            runtime_name,
            incarnation,
            reason,
            took,
        } = self;
        write!(
            f,
            "{runtime_name} {incarnation} {reason}, after {}",
            millis(*took)
        )
    }
}

/// What became of the lives that a stop brought down, supervisors included (semantics 11).
///
/// Clean ends are counted; each failed, killed or abandoned life stands in full. `Display` is the
/// report to print.
#[derive(Clone, Debug, Default)]
pub struct ShutdownReport {
    clean: u64,
    slowest: Vec<StoppedLife>,
    troubled: Vec<StoppedLife>,
    lives: Option<Vec<StoppedLife>>,
}

impl ShutdownReport {
    /// A report of nothing yet; with `all`, each life will be kept.
    pub(crate) fn new(all: bool) -> Self {
        Self {
            lives: all.then(Vec::new),
            ..Self::default()
        }
    }

    /// How many lives ended cleanly.
    pub const fn clean(&self) -> u64 {
        self.clean
    }

    /// The ten lives that took the longest, the longest first.
    pub fn slowest(&self) -> &[StoppedLife] {
        &self.slowest
    }

    /// Each life that failed, was killed or was abandoned, in the order of their ends.
    pub fn troubled(&self) -> &[StoppedLife] {
        &self.troubled
    }

    /// Each life, in the order of their ends, where the root was built with
    /// [`report_all`](crate::Supervisor::report_all).
    pub fn all(&self) -> Option<&[StoppedLife]> {
        self.lives.as_deref()
    }

    /// Whether every life ended cleanly.
    pub fn is_clean(&self) -> bool {
        self.troubled.is_empty()
    }

    pub(crate) fn add(&mut self, life: StoppedLife, clean: bool) {
        if let Some(lives) = &mut self.lives {
            lives.push(life.clone());
        }
        if !clean {
            self.troubled.push(life.clone());
        }
        self.clean += u64::from(clean);
        self.rank(life);
    }

    /// Takes in the report of a supervisor below.
    pub(crate) fn merge(&mut self, below: Self) {
        self.clean += below.clean;
        self.troubled.extend(below.troubled);
        for life in below.slowest {
            self.rank(life);
        }
        if let (Some(lives), Some(below)) = (&mut self.lives, below.lives) {
            lives.extend(below);
        }
    }

    fn rank(&mut self, life: StoppedLife) {
        let at = self.slowest.partition_point(|slow| slow.took >= life.took);
        if at < SLOWEST {
            self.slowest.insert(at, life);
            self.slowest.truncate(SLOWEST);
        }
    }
}

impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            clean, troubled, ..
        } = self;
        let lives = if *clean == 1 { "life" } else { "lives" };
        write!(f, "{clean} {lives} stopped cleanly")?;
        if !troubled.is_empty() {
            write!(f, ", {} did not:", troubled.len())?;
            for life in troubled {
                write!(f, "\n  {life}")?;
            }
        }
        let slow = self
            .slowest
            .iter()
            .filter(|life| life.took >= Duration::from_millis(1));
        for (at, life) in slow.enumerate() {
            let comma = if at == 0 { "\nslowest: " } else { ", " };
            write!(f, "{comma}{} {}", life.runtime_name, millis(life.took))?;
        }
        Ok(())
    }
}

/// A duration as people read it: in whole milliseconds.
pub(crate) fn millis(span: Duration) -> impl fmt::Display {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    format_duration(Duration::from_millis(millis))
}

/// In one line, whatever an error says.
pub(crate) fn line(text: &impl fmt::Display) -> String {
    let text = text.to_string();
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}
