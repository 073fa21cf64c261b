//! What Penny is to reach, and whether it did.

use super::contest::{Measured, Unit};
use super::notebooks::MANY;
use super::options::Options;
use super::{dashboard, execution, many, memory, publishing};

/// One of them.
pub struct Target {
    /// In words.
    pub what: String,
    /// The most that is allowed.
    pub most: f64,
    /// What was measured, in the same unit; `None` when it was not.
    pub found: Option<f64>,
    /// What the numbers count.
    pub form: Form,
}

/// What the numbers of a target count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A share of another program's time.
    Ratio,
    /// Seconds.
    Seconds,
    /// Seconds of the processor.
    ProcessorSeconds,
    /// Millions of bytes.
    Megabytes,
}

impl Target {
    /// Whether it was reached, if that was measured.
    pub fn met(&self) -> Option<bool> {
        self.found.map(|found| found <= self.most)
    }
}

/// All targets whose parts were measured, with what was found.
pub fn targets(measured: &[Measured], options: &Options) -> Vec<Target> {
    let of = |case: &str, by: &str| {
        measured.iter().find(|m| m.case == case && m.by == by).and_then(Measured::median)
    };
    let ratio = |what: String, most: f64, case: &str, by: &str, other: &str| Target {
        what,
        most,
        found: of(case, by).zip(of(case, other)).map(|(own, other)| own / other),
        form: Form::Ratio,
    };
    let plain = |what: &str, most: f64, found: Option<f64>, form: Form| Target {
        what: what.to_owned(),
        most,
        found,
        form,
    };
    use execution::*;
    let mut all = vec![
        ratio(
            "twelve with imports, in sequence ÷ papermill's loop".to_owned(),
            1.0 / 12.0,
            IMPORTS,
            PENNY,
            PAPERMILL_LOOP,
        ),
        ratio(
            "twelve with imports, in sequence ÷ plain scripts".to_owned(),
            1.0 / 5.0,
            IMPORTS,
            PENNY,
            SCRIPTS,
        ),
        ratio(
            "twelve with imports, four at a time ÷ papermill's loop".to_owned(),
            1.0 / 20.0,
            IMPORTS,
            PENNY_FOUR,
            PAPERMILL_LOOP,
        ),
        ratio(
            "twelve with imports, four at a time by the service ÷ papermill's loop".to_owned(),
            1.0 / 20.0,
            IMPORTS,
            PENNY_SERVED,
            PAPERMILL_LOOP,
        ),
        plain("an empty notebook, once warm", 0.130, of(WARM, PENNY), Form::Seconds),
        plain("400 cells", 4.0, of(LONG, PENNY), Form::Seconds),
    ];
    for &rows in &options.rows {
        let case = publishing::case(rows);
        let mut publish = |what: &str, most: f64, by: &str, other: &str| {
            all.push(ratio(format!("{case}: {what}"), most, &case, by, other));
        };
        publish(
            "penny.publish ÷ to_sql(method=\"multi\")",
            0.01,
            publishing::PENNY,
            publishing::TO_SQL_MULTI,
        );
        publish("penny.publish ÷ ADBC", 1.0, publishing::PENNY, publishing::ADBC);
        publish("penny.publish ÷ the floor", 1.5, publishing::PENNY, publishing::FLOOR);
        publish(
            "the same rows again ÷ the floor",
            1.5,
            publishing::PENNY_UNCHANGED,
            publishing::FLOOR,
        );
        publish("1 % changed ÷ the floor", 1.5, publishing::PENNY_CHANGED, publishing::FLOOR);
    }
    let idle = of(memory::ONE, memory::PENNY_RSS);
    all.push(plain("penny itself while a notebook waits (RSS)", 30.0, idle, Form::Megabytes));
    for by in [many::STATUS, many::FIRST_START, many::START, many::TICK] {
        let what = format!("10,000 notebooks: {by}");
        all.push(plain(&what, 0.100, of(many::MANY, by), Form::ProcessorSeconds));
    }
    let home = of(dashboard::HOME, dashboard::WHOLE).map(|milliseconds| milliseconds / 1000.0);
    all.push(plain(dashboard::HOME, 0.100, home, Form::Seconds));
    all.retain(|target| target.found.is_some());
    all
}

/// What one more empty notebook costs in a sync under way, by program: the difference between twelve and one,
/// by eleven.
pub fn once_warm(measured: &[Measured]) -> Vec<Measured> {
    let median = |case: &str, by: &str| {
        measured.iter().find(|m| m.case == case && m.by == by).and_then(Measured::median)
    };
    let computed = |case: &str, by: &str, seconds: f64| Measured {
        case: case.to_owned(),
        by: by.to_owned(),
        unit: Unit::Seconds,
        values: vec![seconds],
        failure: None,
    };
    let one_more = [execution::PENNY, execution::PAPERMILL_LOOP, execution::NBCLIENT];
    let one_more = one_more.into_iter().filter_map(|by| {
        let (many, one) = (median(execution::EMPTY, by)?, median(execution::ONE_EMPTY, by)?);
        Some(computed(execution::WARM, by, (many - one) / (MANY - 1) as f64))
    });
    one_more.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(case: &str, by: &str, values: &[f64]) -> Measured {
        let (case, by) = (case.to_owned(), by.to_owned());
        Measured { case, by, unit: Unit::Seconds, values: values.to_vec(), failure: None }
    }

    #[test]
    fn a_target_is_met_by_the_ratio_of_medians_and_not_listed_unless_measured() {
        let case = publishing::case(1000);
        let all = [
            measured(&case, publishing::PENNY, &[1.0, 9.0, 1.4]),
            measured(&case, publishing::FLOOR, &[1.0]),
            measured(&case, publishing::ADBC, &[1.2]),
        ];
        let options = Options::parse(&["c", "--rows", "1000"]).unwrap().unwrap();
        let targets = targets(&all, &options);
        let met: Vec<_> = targets.iter().map(|t| (t.found.unwrap() * 10.0, t.met())).collect();
        assert_eq!(met.len(), 2);
        assert_eq!((met[0].0.round(), met[0].1), (12.0, Some(false)), "ADBC");
        assert_eq!((met[1].0.round(), met[1].1), (14.0, Some(true)), "the floor");
    }

    #[test]
    fn the_cost_of_one_more_is_the_difference_by_eleven() {
        let all = [
            measured(execution::ONE_EMPTY, execution::PENNY, &[1.0]),
            measured(execution::EMPTY, execution::PENNY, &[2.1]),
        ];
        let warm = once_warm(&all);
        assert_eq!(warm.len(), 1);
        assert!((warm[0].values[0] - 0.1).abs() < 1e-9);
    }
}
