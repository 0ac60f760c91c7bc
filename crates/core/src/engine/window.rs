//! The restarts of the last while.
use crate::{
    life::Life,
    moment::Moment,
    tolerance::{AtLimit, Tolerance},
};
use std::{collections::VecDeque, time::Duration};

/// The restarts within the window, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Window {
    tolerance: Tolerance,
    restarts: VecDeque<(Moment, Life)>,
}

impl Window {
    pub(super) fn new(tolerance: Tolerance) -> Self {
        Self {
            tolerance,
            restarts: VecDeque::new(),
        }
    }

    /// Takes out the oldest restart when it is too old to count.
    pub(super) fn expire(&mut self, now: Moment) -> Option<Life> {
        let &(at, life) = self.restarts.front()?;
        if self.tolerance.counts(now.since(at)) {
            return None;
        }
        self.restarts.pop_front();
        Some(life)
    }

    pub(super) const fn at_limit(&self) -> AtLimit {
        self.tolerance.at_limit()
    }

    /// Forgets all restarts, and gives them.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = Life> + use<> {
        let restarts = std::mem::take(&mut self.restarts);
        restarts.into_iter().map(|(_, life)| life)
    }

    /// Counts the restart that the end of `life` asks for. When it is one too many, the first life
    /// in the window comes back.
    pub(super) fn count(&mut self, now: Moment, life: Life) -> Result<(), Life> {
        self.restarts.push_back((now, life));
        if self.restarts.len() > self.tolerance.limit() as usize {
            Err(self.restarts[0].1)
        } else {
            Ok(())
        }
    }
}

/// How many restarts a second lives may ask for themselves before these count like others.
const FREE: usize = 100;

/// The restarts of the last second that lives asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Wishes(VecDeque<Moment>);

impl Wishes {
    /// Whether one more is granted for nothing.
    pub(super) fn grants(&mut self, now: Moment) -> bool {
        while self
            .0
            .front()
            .is_some_and(|&at| now.since(at) > Duration::from_secs(1))
        {
            self.0.pop_front();
        }
        let granted = self.0.len() < FREE;
        if granted {
            self.0.push_back(now);
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::{Incarnation, Slot};

    fn life(number: u64) -> Life {
        Life {
            slot: Slot::FIRST,
            incarnation: Incarnation::new(number),
        }
    }

    fn at(nanos: u64) -> Moment {
        Moment::new(Duration::from_nanos(nanos))
    }

    fn window(limit: u32) -> Window {
        Window::new(Tolerance::new(limit, Duration::from_nanos(5)))
    }

    #[test]
    fn a_restart_counts_while_its_age_is_at_most_the_window() {
        let mut window = window(1);
        assert_eq!(window.count(at(10), life(1)), Ok(()));
        assert_eq!(window.expire(at(15)), None);
        assert_eq!(window.count(at(15), life(2)), Err(life(1)));
    }

    #[test]
    fn a_restart_counts_no_more_when_it_is_older() {
        let mut window = window(1);
        assert_eq!(window.count(at(10), life(1)), Ok(()));
        assert_eq!(window.expire(at(16)), Some(life(1)));
        assert_eq!(window.expire(at(16)), None);
        assert_eq!(window.count(at(16), life(2)), Ok(()));
    }

    #[test]
    fn a_restart_counts_for_ever_when_there_is_no_window() {
        let mut window = Window::new(Tolerance::ever(1));
        assert_eq!(window.count(at(10), life(1)), Ok(()));
        assert_eq!(window.expire(at(u64::MAX)), None);
        assert_eq!(window.count(at(u64::MAX), life(2)), Err(life(1)));
    }

    #[test]
    fn a_zero_limit_bears_none_and_the_life_is_the_first_itself() {
        assert_eq!(window(0).count(at(0), life(7)), Err(life(7)));
    }

    #[test]
    fn restarts_of_one_moment_all_count() {
        let mut window = window(2);
        assert_eq!(window.count(at(3), life(1)), Ok(()));
        assert_eq!(window.count(at(3), life(2)), Ok(()));
        assert_eq!(window.count(at(3), life(3)), Err(life(1)));
    }

    #[test]
    fn a_hundred_wishes_a_second_are_free() {
        let (mut wishes, second) = (Wishes::default(), 1_000_000_000);
        assert!((0..100).all(|_| wishes.grants(at(0))));
        assert!(!wishes.grants(at(second)));
        assert!(wishes.grants(at(second + 1)));
    }

    #[test]
    fn a_window_slides_one_by_one() {
        let mut window = window(2);
        for number in [0, 3, 6] {
            while window.expire(at(number)).is_some() {}
            assert_eq!(window.count(at(number), life(number)), Ok(()));
        }
        assert_eq!(window.count(at(8), life(8)), Err(life(3)));
    }
}
