//! How numbers are written: decimals in strings, with a number of digits that is not always the same.

/// Cents as Pennylane writes most amounts: no more decimals than needed, but at least one
/// (`"230.32"`, `"34.5"`, `"0.0"`).
pub(super) fn plain(cents: i64) -> String {
    let text = two_decimals(cents);
    match text.strip_suffix('0') {
        Some(shorter) => shorter.to_owned(),
        None => text,
    }
}

/// Cents with always two decimals, as on ledger lines and bank transactions (`"-120.00"`, `"0.00"`).
pub(super) fn two_decimals(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// A number of `unit`ths without superfluous digits: quantities and weights (`"5"`, `"0.25"`).
/// `digits` says how many decimals one unit has: 2 for hundredths, 4 for ten-thousandths.
pub(super) fn bare(value: i64, digits: u32) -> String {
    let unit = 10_u64.pow(digits);
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    let width = digits as usize;
    let text = format!("{sign}{}.{:0width$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Cents with a decimal comma, as accountants' files have them (`"120,00"`).
pub(super) fn decimal_comma(cents: i64) -> String {
    two_decimals(cents).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_the_digits_they_need() {
        #[track_caller]
        fn check(cents: i64, as_plain: &str, with_two: &str) {
            assert_eq!(plain(cents), as_plain);
            assert_eq!(two_decimals(cents), with_two);
        }
        check(23_032, "230.32", "230.32");
        check(3_400, "34.0", "34.00");
        check(3_450, "34.5", "34.50");
        check(0, "0.0", "0.00");
        check(-12_000, "-120.0", "-120.00");
        check(-5, "-0.05", "-0.05");
    }

    #[test]
    fn bare_numbers_drop_empty_decimals() {
        assert_eq!(bare(500, 2), "5");
        assert_eq!(bare(2_500, 4), "0.25");
        assert_eq!(bare(10_000, 4), "1");
        assert_eq!(bare(-150, 2), "-1.5");
        assert_eq!(bare(30_000, 3), "30");
    }
}
