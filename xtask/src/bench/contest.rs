//! Rounds in which each contestant has one turn, in an order of chance.

use super::Result;

/// One program at one piece of work.
pub struct Contestant<'a> {
    /// The piece of work.
    pub case: String,
    /// The program.
    pub by: &'static str,
    /// At most so many turns, for those that take minutes.
    pub turns_max: usize,
    /// One turn; returns the seconds that it took.
    pub turn: Box<dyn FnMut() -> Result<f64> + 'a>,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds of the clock on the wall.
    Seconds,
    /// Seconds that the processor worked.
    ProcessorSeconds,
    /// Millions of bytes.
    Megabytes,
    /// Thousandths of a second of the clock on the wall.
    Milliseconds,
    /// Thousands of bytes.
    Kilobytes,
}

/// What was measured of one program at one piece of work.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The piece of work.
    pub case: String,
    /// The program.
    pub by: String,
    /// What the values count.
    pub unit: Unit,
    /// One value a turn, in order.
    pub values: Vec<f64>,
    /// Why there are no more.
    pub failure: Option<String>,
}

impl Measured {
    /// The value in the middle; between the two in the middle when they are even.
    pub fn median(&self) -> Option<f64> {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        match values.len() {
            0 => None,
            length if length % 2 == 1 => Some(values[middle]),
            _ => Some((values[middle - 1] + values[middle]) / 2.0),
        }
    }

    /// The smallest and the largest value.
    pub fn range(&self) -> Option<(f64, f64)> {
        let least = self.values.iter().copied().min_by(f64::total_cmp)?;
        let most = self.values.iter().copied().max_by(f64::total_cmp)?;
        Some((least, most))
    }
}

/// Lets them all have their turns. A contestant that fails is out, with its reason; the others go on.
pub fn contest(rounds: usize, mut contestants: Vec<Contestant<'_>>) -> Vec<Measured> {
    let mut measured: Vec<Measured> = contestants
        .iter()
        .map(|contestant| Measured {
            case: contestant.case.clone(),
            by: contestant.by.to_owned(),
            unit: Unit::Seconds,
            values: Vec::new(),
            failure: None,
        })
        .collect();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for round in 1..=rounds {
        for at in chance.shuffled(contestants.len()) {
            let (contestant, measured) = (&mut contestants[at], &mut measured[at]);
            if measured.failure.is_some() || measured.values.len() >= contestant.turns_max {
                continue;
            }
            eprint!("round {round} of {rounds}: {}, {} … ", contestant.case, contestant.by);
            match (contestant.turn)() {
                Ok(seconds) => {
                    eprintln!("{seconds:.3} s");
                    measured.values.push(seconds);
                }
                Err(wrong) => {
                    eprintln!("failed: {wrong}");
                    measured.failure = Some(wrong);
                }
            }
        }
    }
    measured
}

/// Numbers without pattern, the same in every run: xorshift.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// 0 to `length`, in an order of chance.
    fn shuffled(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        for last in (1..length).rev() {
            order.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn each_has_its_turns_and_who_fails_is_out() {
        let turns = RefCell::new(Vec::new());
        let contestant = |by: &'static str, turns_max: usize| Contestant {
            case: "case".to_owned(),
            by,
            turns_max,
            turn: Box::new({
                let turns = &turns;
                move || {
                    turns.borrow_mut().push(by);
                    if by == "broken" { Err("no".to_owned()) } else { Ok(1.5) }
                }
            }),
        };
        let all = vec![contestant("one", 9), contestant("slow", 1), contestant("broken", 9)];
        let measured = contest(3, all);
        assert_eq!(measured[0].values, [1.5; 3]);
        assert_eq!(measured[1].values, [1.5]);
        assert_eq!((measured[2].values.len(), measured[2].failure.as_deref()), (0, Some("no")));
        assert_eq!(turns.borrow().len(), 5);
    }

    #[test]
    fn the_order_of_chance_has_everyone_once() {
        let mut chance = Chance(7);
        for _ in 0..20 {
            let mut order = chance.shuffled(9);
            order.sort_unstable();
            assert_eq!(order, (0..9).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |values: &[f64]| {
            let values = values.to_vec();
            let (case, by) = (String::new(), String::new());
            Measured { case, by, unit: Unit::Seconds, values, failure: None }.median()
        };
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(of(&[4.0, 1.0]), Some(2.5));
        assert_eq!(of(&[]), None);
    }
}
