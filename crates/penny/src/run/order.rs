//! Which notebook of a sync runs next: each after those it names, in the order of penny.toml.
//!
//! Each step costs what it changes, not what the sync has: ten thousand notebooks may be due at once.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::config::Entry;

/// Of those that wait for others, so many are looked at for what may come next.
const LOOKED_AT_MAX: usize = 64;

/// The notebooks of a sync, each named by its place in the list.
pub struct Order {
    places: Vec<Place>,
    /// Those that may start now.
    ready: BTreeSet<usize>,
    /// Those that wait for others.
    waiting: BTreeSet<usize>,
    /// Those that will not run, each with the one before it that did not succeed.
    fallen: VecDeque<(usize, usize)>,
}

struct Place {
    state: State,
    /// The places that have to succeed before.
    before: Vec<usize>,
    /// How many of them have not yet.
    missing: usize,
    /// The places that come after.
    after: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Succeeded,
    /// It failed, or was skipped.
    Fell,
}

impl Order {
    /// The order of these notebooks; a name in `after` that is not among them holds nobody up.
    pub fn new<'e>(entries: impl Iterator<Item = &'e Entry> + Clone) -> Order {
        let places: HashMap<&str, usize> =
            entries.clone().enumerate().map(|(place, e)| (e.name.as_str(), place)).collect();
        let before = |entry: &Entry| {
            let mut before: Vec<usize> =
                entry.after.iter().filter_map(|n| places.get(n.as_str()).copied()).collect();
            before.sort_unstable();
            before.dedup();
            before
        };
        Order::of(entries.map(before).collect())
    }

    /// The order of places that each have to wait for others.
    fn of(before: Vec<Vec<usize>>) -> Order {
        let mut places: Vec<Place> = before
            .into_iter()
            .map(|before| Place {
                state: State::Waiting,
                missing: before.len(),
                before,
                after: Vec::new(),
            })
            .collect();
        for place in 0..places.len() {
            for earlier in places[place].before.clone() {
                places[earlier].after.push(place);
            }
        }
        let (ready, waiting) = (0..places.len()).partition(|&place| places[place].missing == 0);
        Order { places, ready, waiting, fallen: VecDeque::new() }
    }

    /// Whether a notebook could start now.
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The notebook that starts now, and counts as begun.
    pub fn start(&mut self) -> Option<usize> {
        let place = self.ready.pop_first()?;
        self.places[place].state = State::Running;
        Some(place)
    }

    /// The next notebook that will not run, and the one before it that did not succeed.
    pub fn skipped(&mut self) -> Option<(usize, usize)> {
        self.fallen.pop_front()
    }

    /// At most so many of those that will start next, the first first, if those that run succeed.
    pub fn upcoming(&self, most: usize) -> Vec<usize> {
        let hopeful = |place: &&usize| {
            let before = &self.places[**place].before;
            before
                .iter()
                .all(|&b| matches!(self.places[b].state, State::Succeeded | State::Running))
        };
        let waiting = self.waiting.iter().take(LOOKED_AT_MAX).filter(hopeful);
        self.ready.iter().chain(waiting).copied().take(most).collect()
    }

    /// One that was started has ended.
    pub fn ended(&mut self, place: usize, succeeded: bool) {
        if !succeeded {
            self.places[place].state = State::Fell;
            return self.falls(place);
        }
        self.places[place].state = State::Succeeded;
        for later in self.places[place].after.clone() {
            let waits = &mut self.places[later];
            waits.missing -= 1;
            if waits.missing == 0 && waits.state == State::Waiting {
                self.waiting.remove(&later);
                self.ready.insert(later);
            }
        }
    }

    /// All that come after one that did not succeed, directly or not, will not run.
    fn falls(&mut self, place: usize) {
        let mut fell = VecDeque::from([place]);
        while let Some(before) = fell.pop_front() {
            for later in self.places[before].after.clone() {
                if self.places[later].state == State::Waiting {
                    self.places[later].state = State::Fell;
                    self.waiting.remove(&later);
                    self.fallen.push_back((later, before));
                    fell.push_back(later);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notebooks `a`, `b`, … with the letters that each comes after.
    fn order(after: &[&str]) -> Order {
        let letter = |c: char| c as usize - 'a' as usize;
        Order::of(after.iter().map(|names| names.chars().map(letter).collect()).collect())
    }

    fn started(order: &mut Order) -> Vec<usize> {
        std::iter::from_fn(|| order.start()).collect()
    }

    fn skipped(order: &mut Order) -> Vec<(usize, usize)> {
        std::iter::from_fn(|| order.skipped()).collect()
    }

    #[test]
    fn notebooks_start_in_the_order_of_the_list() {
        let mut order = order(&["", "", ""]);
        assert_eq!(order.start(), Some(0));
        assert_eq!(order.upcoming(2), [1, 2]);
        assert_eq!(started(&mut order), [1, 2]);
        assert!(!order.is_ready());
        order.ended(1, true);
        order.ended(0, false);
        order.ended(2, true);
        assert_eq!((started(&mut order), skipped(&mut order)), (vec![], vec![]));
    }

    #[test]
    fn one_that_comes_after_another_waits_and_lets_the_next_go_first() {
        let mut order = order(&["b", "", ""]);
        assert_eq!(started(&mut order), [1, 2]);
        assert_eq!(order.upcoming(2), [0]);
        order.ended(1, true);
        assert_eq!(started(&mut order), [0]);
    }

    #[test]
    fn a_failure_skips_all_that_come_after_it_and_nothing_else() {
        let mut order = order(&["", "a", "b", "", "ad"]);
        assert_eq!(order.start(), Some(0));
        order.ended(0, false);
        assert_eq!(skipped(&mut order), [(1, 0), (4, 0), (2, 1)]);
        assert_eq!(started(&mut order), [3]);
        order.ended(3, true);
        assert_eq!((started(&mut order), skipped(&mut order)), (vec![], vec![]));
    }

    #[test]
    fn one_that_comes_after_two_waits_for_both() {
        let mut order = order(&["", "", "ab"]);
        assert_eq!(started(&mut order), [0, 1]);
        order.ended(1, true);
        assert!(!order.is_ready());
        order.ended(0, true);
        assert_eq!(started(&mut order), [2]);
    }
}
