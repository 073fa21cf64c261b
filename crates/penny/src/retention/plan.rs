//! Which output notebooks have to go: a pure decision on what is there.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::config::{Keep, Retention};
use crate::console;
use crate::store::{KeptOutput, Outcome};

/// What is to be kept.
pub struct Rules {
    /// The `[retention]` of penny.toml.
    pub everywhere: Retention,
    /// The `keep` of each notebook that has one.
    pub keep: BTreeMap<String, Keep>,
    /// In which months are counted.
    pub zone: TimeZone,
}

impl Rules {
    /// Whether anything can ever go.
    pub fn remove_something(&self) -> bool {
        let by_notebook = self.keep.values().any(|keep| *keep != Keep::All);
        self.everywhere != Retention::default() || by_notebook
    }

    fn of(&self, notebook: &str) -> Limits {
        let Retention { max_age_days, max_runs, .. } = self.everywhere;
        let everywhere =
            Limits { days: max_age_days, runs: max_runs, bytes: None, goes_by_size: true };
        let own = Limits { days: None, runs: None, bytes: None, goes_by_size: true };
        match self.keep.get(notebook) {
            None => everywhere,
            Some(Keep::All) => Limits { goes_by_size: false, ..own },
            Some(Keep::Days(days)) => Limits { days: Some(*days), ..own },
            Some(Keep::Last(runs)) => Limits { runs: Some(*runs), ..own },
            Some(Keep::Bytes(bytes)) => Limits { bytes: Some(*bytes), ..own },
        }
    }
}

/// The limits of one notebook.
struct Limits {
    days: Option<u32>,
    runs: Option<usize>,
    bytes: Option<u64>,
    /// Whether its outputs go when all outputs together take too much.
    goes_by_size: bool,
}

/// An output notebook that goes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Going {
    /// Its place in the list of those that are there.
    pub place: usize,
    /// Why it goes: "older than 90 days".
    pub why: String,
}

/// What goes of the outputs that are there, which come oldest first; in that order.
pub fn plan(outputs: &[KeptOutput], rules: &Rules, now: Timestamp) -> Vec<Going> {
    let staying = staying(outputs, &rules.zone);
    let mut going: BTreeMap<usize, String> = BTreeMap::new();
    let mut of_notebook: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, output) in outputs.iter().enumerate() {
        of_notebook.entry(&output.notebook).or_default().push(place);
    }
    for (notebook, places) in &of_notebook {
        let limits = rules.of(notebook);
        by_age(outputs, places, &limits, now, &staying, &mut going);
        by_number(outputs, places, &limits, &staying, &mut going);
        if let Some(bytes) = limits.bytes {
            by_size(outputs, places, bytes, "of this notebook's outputs", &staying, &mut going);
        }
    }
    if let Some(bytes) = rules.everywhere.max_size_bytes {
        let fixed: HashSet<usize> = of_notebook
            .iter()
            .filter(|(notebook, _)| !rules.of(notebook).goes_by_size)
            .flat_map(|(_, places)| places.iter().copied())
            .chain(staying)
            .collect();
        let all: Vec<usize> = (0..outputs.len()).collect();
        by_size(outputs, &all, bytes, "of outputs", &fixed, &mut going);
    }
    going.into_iter().map(|(place, why)| Going { place, why }).collect()
}

/// What stays whatever the limits say: of each notebook the last output, the last success, the last
/// failure, and the last success of each month.
fn staying(outputs: &[KeptOutput], zone: &TimeZone) -> HashSet<usize> {
    let (mut seen, mut months) = (HashSet::new(), HashSet::new());
    let mut staying = HashSet::new();
    for (place, output) in outputs.iter().enumerate().rev() {
        let name = output.notebook.as_str();
        let kind = match output.outcome {
            Outcome::Succeeded => "success",
            Outcome::Failed | Outcome::TimedOut | Outcome::Crashed => "failure",
            Outcome::Cancelled | Outcome::Skipped => "other",
        };
        let mut stays = seen.insert((name, "last"));
        // A try that failed belongs to its run, which may have succeeded in the end.
        if kind != "other" && output.is_last_attempt {
            stays |= seen.insert((name, kind));
        }
        if kind == "success" {
            let date = output.started.to_zoned(zone.clone()).date();
            stays |= months.insert((name, date.year(), date.month()));
        }
        if stays {
            staying.insert(place);
        }
    }
    staying
}

fn by_age(
    outputs: &[KeptOutput],
    places: &[usize],
    limits: &Limits,
    now: Timestamp,
    staying: &HashSet<usize>,
    going: &mut BTreeMap<usize, String>,
) {
    let Some(days) = limits.days else { return };
    let age = SignedDuration::from_hours(i64::from(days) * 24);
    let Ok(oldest) = now.checked_sub(age) else { return };
    for place in places.iter().filter(|p| !staying.contains(p)) {
        if outputs[*place].started < oldest {
            going.insert(*place, format!("older than {}", console::count(days as usize, "day")));
        }
    }
}

/// The newest runs stay, with the outputs of all their tries; what stays anyway counts among them.
fn by_number(
    outputs: &[KeptOutput],
    places: &[usize],
    limits: &Limits,
    staying: &HashSet<usize>,
    going: &mut BTreeMap<usize, String>,
) {
    let Some(runs) = limits.runs else { return };
    let mut newest = HashSet::new();
    for place in places.iter().rev() {
        let run = outputs[*place].run;
        if newest.contains(&run) {
            continue;
        }
        if newest.len() < runs {
            newest.insert(run);
        } else if !staying.contains(place) {
            let why = format!("more than {} of this notebook", console::count(runs, "run"));
            going.entry(*place).or_insert(why);
        }
    }
}

/// The oldest go until the rest is small enough, or nothing more may go.
fn by_size(
    outputs: &[KeptOutput],
    places: &[usize],
    bytes_max: u64,
    of: &str,
    staying: &HashSet<usize>,
    going: &mut BTreeMap<usize, String>,
) {
    let rest = places.iter().filter(|p| !going.contains_key(p));
    let mut bytes: u64 = rest.map(|p| outputs[*p].bytes).sum();
    for place in places {
        if bytes <= bytes_max {
            return;
        }
        if staying.contains(place) || going.contains_key(place) {
            continue;
        }
        bytes -= outputs[*place].bytes;
        going.insert(*place, format!("more than {} {of}", console::file_size(bytes_max)));
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
