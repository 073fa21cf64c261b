//! Rows in the text format of PostgreSQL's COPY.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::company::model::Cents;

/// A growing block of rows. Values are written in the order of the columns.
#[derive(Debug, Default)]
pub(super) struct Rows {
    text: String,
    within_row: bool,
}

impl Rows {
    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The block, which begins anew.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Ends a row.
    pub(super) fn end(&mut self) {
        self.text.push('\n');
        self.within_row = false;
    }

    pub(super) fn null(&mut self) -> &mut Rows {
        self.begin_value();
        self.text.push_str("\\N");
        self
    }

    pub(super) fn int(&mut self, value: impl Into<i128>) -> &mut Rows {
        self.begin_value();
        write!(self.text, "{}", value.into()).expect("a String takes everything");
        self
    }

    pub(super) fn int_or_null(&mut self, value: Option<u64>) -> &mut Rows {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }

    /// Euros with two decimals.
    pub(super) fn cents(&mut self, value: Cents) -> &mut Rows {
        self.begin_value();
        let sign = if value < 0 { "-" } else { "" };
        let size = value.unsigned_abs();
        write!(self.text, "{sign}{}.{:02}", size / 100, size % 100)
            .expect("a String takes everything");
        self
    }

    pub(super) fn bool(&mut self, value: bool) -> &mut Rows {
        self.begin_value();
        self.text.push(if value { 't' } else { 'f' });
        self
    }

    pub(super) fn date(&mut self, value: Date) -> &mut Rows {
        self.begin_value();
        write!(self.text, "{value}").expect("a String takes everything");
        self
    }

    /// A timestamp without time zone, in UTC.
    pub(super) fn timestamp(&mut self, value: Timestamp) -> &mut Rows {
        self.begin_value();
        let value = TimeZone::UTC.to_datetime(value);
        write!(self.text, "{} {}", value.date(), value.time()).expect("a String takes everything");
        self
    }

    pub(super) fn timestamp_or_null(&mut self, value: Option<Timestamp>) -> &mut Rows {
        match value {
            Some(value) => self.timestamp(value),
            None => self.null(),
        }
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Rows {
        self.begin_value();
        for letter in value.chars() {
            match letter {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                other => self.text.push(other),
            }
        }
        self
    }

    pub(super) fn text_or_null(&mut self, value: Option<&str>) -> &mut Rows {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// Text, or NULL where it is empty.
    pub(super) fn filled(&mut self, value: &str) -> &mut Rows {
        self.text_or_null(Some(value).filter(|value| !value.is_empty()))
    }

    fn begin_value(&mut self) {
        if self.within_row {
            self.text.push('\t');
        }
        self.within_row = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_copy_reads_them() {
        let mut rows = Rows::default();
        rows.int(7_u64).cents(-105).bool(true).text("a\tb\\c\n").null().filled("");
        rows.timestamp("2026-03-04T05:06:07.008009Z".parse().unwrap());
        rows.end();
        rows.cents(5).cents(-1_234_500);
        rows.end();
        let expected =
            "7\t-1.05\tt\ta\\tb\\\\c\\n\t\\N\t\\N\t2026-03-04 05:06:07.008009\n0.05\t-12345.00\n";
        assert_eq!(rows.take(), expected);
    }
}
