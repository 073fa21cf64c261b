//! Amounts as decimal numbers: compared, subtracted and written without ever being floats.

use std::fmt;

/// More digits behind the point than that are noise to a reader.
const DIGITS_SHOWN_MAX: u32 = 6;

/// A decimal number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    units: i128,
    /// How many digits of the units are behind the point.
    scale: u32,
}

impl Amount {
    /// Reads `-1234.5`; nothing for what is no number of 38 digits, as `NaN`.
    pub fn parse(text: &str) -> Option<Amount> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let units = format!("{whole}{fraction}").parse().ok()?;
        Some(Amount { units, scale: u32::try_from(fraction.len()).ok()? })
    }

    /// What is left of it without another; nothing beyond 38 digits.
    pub fn minus(self, other: Amount) -> Option<Amount> {
        let scale = self.scale.max(other.scale);
        let units = self.at(scale)?.checked_sub(other.at(scale)?)?;
        Some(Amount { units, scale })
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// How many digits behind the point it takes to write it: none, cents, or up to six.
    pub fn digits(self) -> u32 {
        match self.scale {
            0 => 0,
            1 | 2 => 2,
            more => more.min(DIGITS_SHOWN_MAX),
        }
    }

    /// `1,234,567.89`, with so many digits behind the point.
    pub fn grouped(self, digits: u32) -> String {
        let rounded = self.rounded(digits);
        let text = rounded.unsigned_abs().to_string();
        let digits = digits as usize;
        let padded = format!("{text:0>width$}", width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        let mut out = if rounded < 0 { "-".to_owned() } else { String::new() };
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        if digits > 0 {
            out.push('.');
            out.push_str(fraction);
        }
        out
    }

    fn at(self, scale: u32) -> Option<i128> {
        self.units.checked_mul(10i128.checked_pow(scale - self.scale)?)
    }

    /// The units at that many digits, half away from nothing.
    fn rounded(self, digits: u32) -> i128 {
        if digits >= self.scale {
            return self.at(digits).unwrap_or(self.units);
        }
        let Some(divisor) = 10i128.checked_pow(self.scale - digits) else { return 0 };
        let (quotient, rest) = (self.units / divisor, self.units % divisor);
        let is_half = rest.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2);
        quotient + if is_half { self.units.signum() } else { 0 }
    }
}

impl fmt::Display for Amount {
    /// `-1234.5`: for programs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut amount = *self;
        while amount.scale > 0 && amount.units % 10 == 0 {
            amount = Amount { units: amount.units / 10, scale: amount.scale - 1 };
        }
        f.write_str(&amount.grouped(amount.scale).replace(',', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).expect(text)
    }

    #[test]
    fn amounts_are_written_with_their_thousands_apart() {
        for (text, digits, expected) in [
            ("0", 2, "0.00"),
            ("1234567.89", 2, "1,234,567.89"),
            ("-1234567.8", 2, "-1,234,567.80"),
            ("-0.05", 2, "-0.05"),
            ("999", 0, "999"),
            ("1000", 0, "1,000"),
            ("0.125", 2, "0.13"),
            ("-0.125", 2, "-0.13"),
            ("0.124", 2, "0.12"),
            ("-0.001", 2, "0.00"),
        ] {
            assert_eq!(amount(text).grouped(digits), expected, "{text}");
        }
    }

    #[test]
    fn a_difference_is_exact() {
        let difference = |a, b| amount(a).minus(amount(b)).map(|d| d.to_string());
        assert_eq!(difference("0.3", "0.1").as_deref(), Some("0.2"));
        assert_eq!(
            difference("12345678901234567890.12", "0.1").as_deref(),
            Some("12345678901234567890.02")
        );
        assert_eq!(difference("5", "5.00").as_deref(), Some("0"));
        assert_eq!(difference("-1", "1").as_deref(), Some("-2"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "NaN", "Infinity", "1e300", "1.2.3", "1.-5", "."] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }
}
