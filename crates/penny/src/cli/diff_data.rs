//! What changed in the data, as text: rows, totals, dates.

use jiff::tz::TimeZone;

use crate::console::{self, Paint};
use crate::looking::{self, Amount, AmountChange, ClassChange, Rows, TableChange, Why};

/// The names of columns and classes stand in so many columns at most.
const NAME_MAX: usize = 34;

/// What changed in the data.
pub(super) struct Data<'a> {
    pub paint: Paint,
    pub zone: &'a TimeZone,
    pub tables: &'a [TableChange],
}

impl Data<'_> {
    pub(super) fn text(&self) -> String {
        let title = self.paint.strong("data");
        if self.tables.is_empty() {
            return format!("{title}: neither run published a table");
        }
        let (changed, same): (Vec<_>, Vec<_>) =
            self.tables.iter().partition(|table| table.is_changed());
        let mut lines = vec![title];
        for table in changed {
            lines.extend(self.table(table));
        }
        for table in same {
            let rows = table.after.as_ref().map_or(0, |side| side.rows);
            lines.push(format!("  {}: {} rows, unchanged", table.table, console::rows(rows)));
        }
        lines.join("\n")
    }

    fn table(&self, table: &TableChange) -> Vec<String> {
        let rows = |side: &Option<_>, count: fn(&_) -> u64| {
            side.as_ref().map_or("–".to_owned(), |side| console::rows(count(side)))
        };
        let (before, after) = (rows(&table.before, |s| s.rows), rows(&table.after, |s| s.rows));
        let mut lines =
            vec![format!("  {}: {before} → {after} rows", self.paint.strong(&table.table))];
        lines.push(format!("    {}", movement(table)));
        let note = |text: String| format!("    {text}");
        let columns = [
            ("new columns", &table.columns_added),
            ("dropped columns", &table.columns_dropped),
            ("other types", &table.columns_widened),
        ];
        for (what, names) in columns.into_iter().filter(|(_, names)| !names.is_empty()) {
            lines.push(note(format!("{what}: {}", names.join(", "))));
        }
        if table.changed_outside {
            lines.push(note(self.paint.odd(
                "someone changed the table without Penny in between: the rows do not add up",
            )));
        }
        if table.publishes_of_others > 0 {
            let word = if table.publishes_of_others == 1 { "publish" } else { "publishes" };
            let count = console::rows(table.publishes_of_others as u64);
            lines.push(note(format!("{count} {word} by other runs or by hand are in it")));
        }
        lines.extend(self.amounts(table));
        for date in &table.dates {
            let (before, after) = (days(&date.before, self.zone), days(&date.after, self.zone));
            if before != after {
                lines.push(note(format!("{}: {before} → {after}", date.column)));
            }
        }
        lines
    }

    /// The totals that changed, in columns.
    fn amounts(&self, table: &TableChange) -> Vec<String> {
        let known = |side: &Option<crate::looking::TableSide>| {
            side.as_ref().is_none_or(|side| side.totals.is_some())
        };
        if !known(&table.before) || !known(&table.after) {
            return vec!["    totals: not kept by the Penny that published".to_owned()];
        }
        let changed = |amount: &&AmountChange| {
            amount.sums.is_changed() || amount.classes.iter().any(ClassChange::is_changed)
        };
        let mut lines: Vec<[String; 4]> = Vec::new();
        for amount in table.amounts.iter().filter(changed) {
            lines.push(columns(&amount.column, &amount.sums));
            let classes = amount.classes.iter().filter(|class| class.is_changed());
            lines
                .extend(classes.map(|class| columns(&format!("  {}", named(&class.class)), class)));
        }
        if lines.is_empty() {
            return match table.amounts.is_empty() {
                true => Vec::new(),
                false => vec!["    totals: unchanged".to_owned()],
            };
        }
        let titles = ["total", "before", "after", "difference"].map(str::to_owned);
        let width = |column: usize| {
            let all = lines.iter().chain([&titles]);
            all.map(|line| line[column].chars().count()).max().unwrap_or(0)
        };
        let widths = [width(0).min(NAME_MAX), width(1), width(2), width(3)];
        let mut text = vec![self.paint.faint(&aligned(&titles, &widths))];
        text.extend(lines.iter().map(|line| aligned(line, &widths)));
        text
    }
}

/// From which day to which a column goes; the time of day matters to programs.
fn days(span: &Option<(String, String)>, zone: &TimeZone) -> String {
    let day = |text: &str| looking::day_of(text, zone);
    match span {
        Some((first, last)) => format!("{} … {}", day(first), day(last)),
        None => "–".to_owned(),
    }
}

fn aligned(line: &[String; 4], widths: &[usize; 4]) -> String {
    let [name, before, after, difference] = line;
    let [w0, w1, w2, w3] = widths;
    let name = console::fitted(name, *w0);
    format!("    {name}  {before:>w1$}  {after:>w2$}  {difference:>w3$}")
}

/// A total's name, its values before and after, and the difference with its sign.
fn columns(name: &str, sums: &ClassChange) -> [String; 4] {
    let amount = |text: &Option<String>| text.as_deref().and_then(Amount::parse);
    let (before, after) = (amount(&sums.before), amount(&sums.after));
    let digits = [before, after].into_iter().flatten().map(Amount::digits).max().unwrap_or(0);
    let shown = |text: &Option<String>, amount: Option<Amount>| match (text, amount) {
        (_, Some(amount)) => amount.grouped(digits),
        (Some(text), None) => text.clone(),
        (None, None) => "–".to_owned(),
    };
    let difference = sums.difference().map_or("–".to_owned(), |difference| {
        let text = difference.grouped(digits);
        if text.starts_with('-') || difference.is_zero() { text } else { format!("+{text}") }
    });
    [name.to_owned(), shown(&sums.before, before), shown(&sums.after, after), difference]
}

/// The classes of the French chart of accounts.
fn named(class: &str) -> String {
    let words = match class {
        "1" => "equity and long-term debt",
        "2" => "fixed assets",
        "3" => "inventories",
        "4" => "third parties",
        "5" => "financial accounts",
        "6" => "expenses",
        "7" => "income",
        "8" => "special accounts",
        _ => return "other accounts".to_owned(),
    };
    format!("{class} {words}")
}

fn movement(table: &TableChange) -> String {
    match &table.rows {
        Rows::Known { added, removed, changed, key } => {
            let mut parts = vec![
                format!("{} added", console::rows(*added)),
                format!("{} removed", console::rows(*removed)),
            ];
            match changed {
                Some(changed) if !key.is_empty() => {
                    let by = key.join(", ");
                    parts.push(format!("{} changed (by {by})", console::rows(*changed)));
                }
                Some(_) => {}
                None => {
                    parts.push("a changed row counts as both, since rows have no key".to_owned())
                }
            }
            parts.join(", ")
        }
        Rows::Counted { why: Why::Made, .. } => "the table was made in between".to_owned(),
        Rows::Counted { why, written, deleted } => {
            let counts = format!(
                "{} written and {} deleted on the way",
                console::rows(*written),
                console::rows(*deleted)
            );
            format!("{counts}; which rows differ is not known: {}", reason(*why))
        }
    }
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Made => "the table was made in between",
        Why::TooMany => "too many changed in one publish",
        Why::Rewritten => {
            "every row was written anew, since a column's type or most of the table changed"
        }
        Why::Columns => "columns came or went, and rows have no key",
        Why::Unknown => "it was not kept",
    }
}
