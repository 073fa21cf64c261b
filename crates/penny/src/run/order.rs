//! Which notebook of a sync runs next: as many at a time as allowed, each after those it names.

use crate::config::Entry;

/// The notebooks of a sync, each named by its place in the list.
pub struct Order {
    places: Vec<Place>,
    parallel: usize,
}

struct Place {
    state: State,
    /// The places that have to succeed before.
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

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This one starts.
    Start(usize),
    /// This one is skipped, since the other did not succeed.
    Skip(usize, usize),
}

impl Order {
    /// The order of these notebooks; a name in `after` that is not among them holds nobody up.
    pub fn new(entries: &[&Entry], parallel: usize) -> Order {
        let place = |name: &String| entries.iter().position(|e| &e.name == name);
        let places = entries.iter().map(|entry| Place {
            state: State::Waiting,
            after: entry.after.iter().filter_map(place).collect(),
        });
        Order { places: places.collect(), parallel: parallel.max(1) }
    }

    /// What can be done now, and counts as begun; nothing when a notebook has to end first, or all have.
    pub fn next(&mut self) -> Option<Next> {
        for place in self.waiting() {
            let fell = self.places[place].after.iter().find(|&&b| self.is(b, State::Fell)).copied();
            if let Some(before) = fell {
                self.places[place].state = State::Fell;
                return Some(Next::Skip(place, before));
            }
        }
        let running = self.places.iter().filter(|p| p.state == State::Running).count();
        let place = self.ready().next().filter(|_| running < self.parallel)?;
        self.places[place].state = State::Running;
        Some(Next::Start(place))
    }

    /// Those that will start next, the first first, if those that run succeed.
    pub fn upcoming(&self) -> Vec<usize> {
        let hopeful = |p: &usize| {
            let before = &self.places[*p].after;
            before.iter().all(|&b| self.is(b, State::Succeeded) || self.is(b, State::Running))
        };
        let mut all: Vec<usize> = self.ready().collect();
        all.extend(
            self.waiting()
                .into_iter()
                .filter(|p| !all.contains(p) && hopeful(p))
                .collect::<Vec<_>>(),
        );
        all
    }

    /// One that was started has ended.
    pub fn ended(&mut self, place: usize, succeeded: bool) {
        self.places[place].state = if succeeded { State::Succeeded } else { State::Fell };
    }

    fn waiting(&self) -> Vec<usize> {
        (0..self.places.len()).filter(|&p| self.is(p, State::Waiting)).collect()
    }

    /// Those that nothing holds up but the number of those that run.
    fn ready(&self) -> impl Iterator<Item = usize> {
        let ready = |p: &usize| self.places[*p].after.iter().all(|&b| self.is(b, State::Succeeded));
        self.waiting().into_iter().filter(ready)
    }

    fn is(&self, place: usize, state: State) -> bool {
        self.places[place].state == state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notebooks `a`, `b`, … with the letters that each comes after.
    fn order(after: &[&str], parallel: usize) -> Order {
        let letter = |c: char| c as usize - 'a' as usize;
        let place = |names: &&str| Place {
            state: State::Waiting,
            after: names.chars().map(letter).collect(),
        };
        Order { places: after.iter().map(place).collect(), parallel }
    }

    /// Everything that can be done now.
    fn all(order: &mut Order) -> Vec<Next> {
        std::iter::from_fn(|| order.next()).collect()
    }

    #[test]
    fn as_many_run_as_are_allowed_in_the_order_of_the_list() {
        let mut order = order(&["", "", ""], 2);
        assert_eq!(all(&mut order), [Next::Start(0), Next::Start(1)]);
        order.ended(1, true);
        assert_eq!(all(&mut order), [Next::Start(2)]);
        order.ended(0, false);
        order.ended(2, true);
        assert_eq!(all(&mut order), []);
    }

    #[test]
    fn one_that_comes_after_another_waits_and_lets_the_next_go_first() {
        let mut order = order(&["b", "", ""], 2);
        assert_eq!(all(&mut order), [Next::Start(1), Next::Start(2)]);
        assert_eq!(order.upcoming(), [0]);
        order.ended(1, true);
        assert_eq!(all(&mut order), [Next::Start(0)]);
    }

    #[test]
    fn a_failure_skips_all_that_come_after_it_and_nothing_else() {
        let mut order = order(&["", "a", "b", "", "ad"], 1);
        assert_eq!(all(&mut order), [Next::Start(0)]);
        order.ended(0, false);
        assert_eq!(
            all(&mut order),
            [Next::Skip(1, 0), Next::Skip(2, 1), Next::Skip(4, 0), Next::Start(3)]
        );
    }
}
