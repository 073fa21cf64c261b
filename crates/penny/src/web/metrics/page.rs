//! Prometheus's text format: families with their help and type, samples with their labels.

use std::fmt::Write as _;

/// What kind of figure a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from the service's start on.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often it was how much.
    Histogram,
}

/// A page of figures, as it is written.
#[derive(Default)]
pub struct Page(String);

/// A family, for its samples.
pub struct Family<'a> {
    text: &'a mut String,
    name: String,
}

/// How often something was how long, in the bounds that it is counted in.
#[derive(Clone, Debug)]
pub struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

impl Page {
    /// Begins a family; counters are named `…_total`.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) -> Family<'_> {
        debug_assert_eq!(kind == Kind::Counter, name.ends_with("_total"), "{name}");
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Family { text: &mut self.0, name: name.to_owned() }
    }

    /// The whole page.
    pub fn text(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// One figure.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.line("", labels, value);
    }

    /// One histogram.
    pub fn histogram(&mut self, labels: &[(&str, &str)], histogram: &Histogram) {
        let mut total = 0;
        for (index, count) in histogram.counts.iter().enumerate() {
            total += count;
            let bound = histogram.bounds.get(index).map_or("+Inf".to_owned(), f64::to_string);
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.line("_bucket", &labels, total as f64);
        }
        self.line("_sum", labels, histogram.sum);
        self.line("_count", labels, total as f64);
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let _ = write!(self.text, "{}{suffix}", self.name);
        for (index, (name, text)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{before}{name}=\"{text}\"");
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{after} {value}");
    }
}

impl Histogram {
    /// An empty one with these bounds, in rising order.
    pub fn new(bounds: &'static [f64]) -> Histogram {
        Histogram { bounds, counts: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    /// Counts one.
    pub fn add(&mut self, value: f64) {
        let place = self.bounds.iter().position(|bound| value <= *bound);
        self.counts[place.unwrap_or(self.bounds.len())] += 1;
        self.sum += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_written_as_prometheus_reads_it() {
        let mut page = Page::default();
        page.family("penny_runs_total", Kind::Counter, "Runs\nby outcome.")
            .sample(&[("notebook", "a\"b\\c\nd"), ("outcome", "failed")], 3.0);
        let text = page.text();
        assert_eq!(
            text,
            "# HELP penny_runs_total Runs\\nby outcome.\n# TYPE penny_runs_total counter\n\
             penny_runs_total{notebook=\"a\\\"b\\\\c\\nd\",outcome=\"failed\"} 3\n"
        );
    }

    #[test]
    fn the_buckets_of_a_histogram_add_up() {
        let mut histogram = Histogram::new(&[1.0, 10.0]);
        [0.5, 1.0, 5.0, 50.0].into_iter().for_each(|value| histogram.add(value));
        let mut page = Page::default();
        page.family("d_seconds", Kind::Histogram, "h").histogram(&[("o", "x")], &histogram);
        let text = page.text();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "d_seconds_bucket{o=\"x\",le=\"1\"} 2",
                "d_seconds_bucket{o=\"x\",le=\"10\"} 3",
                "d_seconds_bucket{o=\"x\",le=\"+Inf\"} 4",
                "d_seconds_sum{o=\"x\"} 56.5",
                "d_seconds_count{o=\"x\"} 4",
            ]
        );
    }
}
