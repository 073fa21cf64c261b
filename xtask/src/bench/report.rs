//! What was measured, as text, as README shows it, and as JSON.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::json;

use super::contest::{Measured, Unit};
use super::options::Options;
use super::targets::{Form, Target, targets};

/// All results, with the day and the machine.
pub struct Report {
    measured: Vec<Measured>,
    targets: Vec<Target>,
    head: String,
    rounds: usize,
}

impl Report {
    /// Of these results.
    pub fn new(measured: Vec<Measured>, options: &Options) -> Report {
        let targets = targets(&measured, options);
        let rounds = options.rounds;
        Report { measured, targets, head: head(), rounds }
    }

    /// For the terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{}\nmedians of {} rounds\n", self.head, self.rounds);
        for case in self.cases() {
            write(&mut text, format_args!("\n{case}\n"));
            for m in self.of(case) {
                let (range, ratio) = (range(m), self.ratio(m));
                let line = format!("  {:<48} {:>10}  {range:<21} {ratio}", m.by, value(m));
                write(&mut text, format_args!("{}\n", line.trim_end()));
                if let Some(failure) = &m.failure {
                    write(&mut text, format_args!("    failed: {failure}\n"));
                }
            }
        }
        if !self.targets.is_empty() {
            text.push_str("\ntargets\n");
        }
        for target in &self.targets {
            let word = if target.met() == Some(true) { "met" } else { "MISSED" };
            let found = target.found.map_or_else(String::new, |found| shown(target.form, found));
            let most = shown(target.form, target.most);
            write(
                &mut text,
                format_args!("  {:<64} {found:>9}  at most {most:<8} {word}\n", target.what),
            );
        }
        text
    }

    /// For README.
    pub fn markdown(&self) -> String {
        let mut text = String::from("| | median | × penny |\n|---|---:|---:|\n");
        for case in self.cases() {
            write(&mut text, format_args!("| **{case}** | | |\n"));
            for m in self.of(case) {
                let ratio = self.ratio(m);
                let ratio = ratio.trim_start_matches("× ");
                write(&mut text, format_args!("| {} | {} | {ratio} |\n", m.by, value(m)));
            }
        }
        let head = &self.head;
        write(
            &mut text,
            format_args!(
                "\nMeasured on {head}; medians of {} rounds. `cargo xtask bench` repeats it.\n",
                self.rounds
            ),
        );
        text
    }

    /// Every single value.
    pub fn json(&self) -> String {
        let measured = self.measured.iter().map(|m| {
            let unit = match m.unit {
                Unit::Seconds => "s",
                Unit::ProcessorSeconds => "s of the processor",
                Unit::Megabytes => "MB",
                Unit::Milliseconds => "ms",
                Unit::Kilobytes => "kB",
            };
            json!({"case": m.case, "by": m.by, "unit": unit, "median": m.median(), "values": m.values,
                   "failure": m.failure})
        });
        let targets = self.targets.iter().map(
            |t| json!({"target": t.what, "at_most": t.most, "found": t.found, "met": t.met()}),
        );
        let report = json!({
            "on": self.head, "rounds": self.rounds, "measured": measured.collect::<Vec<_>>(),
            "targets": targets.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }

    fn cases(&self) -> Vec<&str> {
        let mut cases: Vec<&str> = Vec::new();
        for m in &self.measured {
            if !cases.contains(&m.case.as_str()) {
                cases.push(&m.case);
            }
        }
        cases
    }

    fn of<'a>(&'a self, case: &'a str) -> impl Iterator<Item = &'a Measured> {
        self.measured.iter().filter(move |m| m.case == case)
    }

    /// How many times the time of the case's first contestant, which is Penny.
    fn ratio(&self, measured: &Measured) -> String {
        let first = self.of(&measured.case).next().and_then(Measured::median);
        match (measured.median(), first) {
            (Some(own), Some(first)) if measured.unit == Unit::Seconds && first > 0.0 => {
                format!("× {:.2}", own / first)
            }
            _ => String::new(),
        }
    }
}

fn write(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String can always be written to");
}

fn value(measured: &Measured) -> String {
    match (measured.median(), measured.unit) {
        (None, _) => "–".to_owned(),
        (Some(seconds), Unit::Seconds) => format!("{seconds:.3} s"),
        (Some(seconds), Unit::ProcessorSeconds) => milliseconds(seconds),
        (Some(megabytes), Unit::Megabytes) => format!("{megabytes:.1} MB"),
        (Some(milliseconds), Unit::Milliseconds) => format!("{milliseconds:.1} ms"),
        (Some(kilobytes), Unit::Kilobytes) => format!("{kilobytes:.1} kB"),
    }
}

fn range(measured: &Measured) -> String {
    match measured.range() {
        Some((least, most)) if measured.values.len() > 1 => match measured.unit {
            Unit::ProcessorSeconds => format!("{} to {}", milliseconds(least), milliseconds(most)),
            Unit::Seconds | Unit::Megabytes => format!("{least:.3} to {most:.3}"),
            Unit::Milliseconds | Unit::Kilobytes => format!("{least:.1} to {most:.1}"),
        },
        _ => String::new(),
    }
}

fn shown(form: Form, number: f64) -> String {
    match form {
        Form::Ratio if number < 0.5 => format!("1/{:.1}", 1.0 / number),
        Form::Ratio => format!("{number:.2} ×"),
        Form::Seconds => format!("{number:.3} s"),
        Form::ProcessorSeconds => milliseconds(number),
        Form::Megabytes => format!("{number:.1} MB"),
    }
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1000.0)
}

/// The day and the machine.
fn head() -> String {
    let today = jiff::Zoned::now().date();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo").lines().find_map(|line| {
        Some(line.strip_prefix("model name")?.split_once(':')?.1.trim().to_owned())
    });
    let memory = read("/proc/meminfo").lines().find_map(|line| {
        let kilobytes: f64 =
            line.strip_prefix("MemTotal:")?.trim().trim_end_matches(" kB").parse().ok()?;
        Some(format!(", {:.0} GB", kilobytes * 1024.0 / 1e9))
    });
    let system = Command::new("uname").args(["-sr"]).output().ok();
    let system = system.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    format!(
        "{today}, {cores} cores{}{}, {}",
        processor.map(|name| format!(" ({name})")).unwrap_or_default(),
        memory.unwrap_or_default(),
        system.filter(|name| !name.is_empty()).unwrap_or_else(|| std::env::consts::OS.to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::publishing;

    #[test]
    fn the_report_has_medians_ratios_and_targets() {
        let case = publishing::case(1000);
        let measured = |by: &str, values: &[f64]| Measured {
            case: case.clone(),
            by: by.to_owned(),
            unit: Unit::Seconds,
            values: values.to_vec(),
            failure: None,
        };
        let all = vec![
            measured(publishing::PENNY, &[0.5, 0.4, 0.9]),
            measured(publishing::TO_SQL_MULTI, &[75.0]),
            measured(publishing::FLOOR, &[]),
        ];
        let options = Options::parse(&["c", "--rows", "1000"]).unwrap().unwrap();
        let report = Report::new(all, &options);
        let text = report.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("penny.publish 0.500 s 0.400 to 0.900 × 1.00"), "{text}");
        assert!(text.contains("75.000 s × 150.00"), "{text}");
        assert!(text.contains("1/150.0 at most 1/100.0 met"), "{text}");
        assert!(report.markdown().contains("| penny.publish | 0.500 s | 1.00 |"));
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["targets"][0]["met"], json!(true));
    }
}
