//! Decimal numbers: their digits, and PostgreSQL's binary `numeric`.

use arrow_buffer::i256;

/// Larger exponents are no amounts; the bound keeps a hostile text from asking for gigabytes of zeros.
const EXPONENT_MAX: i32 = 1100;

/// The digits that a group of the binary format holds.
const GROUP_DIGITS: usize = 4;
const GROUP_BASE: u128 = 10_000;

const NEGATIVE: u16 = 0x4000;

/// Below this an integer can be padded to whole groups without overflow.
const FAST_MAX: u128 = 10u128.pow(35);

/// A decimal number: sign, digits without leading zeros, and how many of them are behind the point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    scale: usize,
}

impl Decimal {
    /// Reads `-12.50` or `1.5e-7`; `None` for anything else, and for exponents beyond reason.
    pub(super) fn parse(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        if exponent.abs() > EXPONENT_MAX {
            return None;
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut digits = Vec::with_capacity(whole.len() + fraction.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits.push(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        let scale = i32::try_from(fraction.len()).ok()? - exponent;
        if scale < 0 {
            digits.resize(digits.len() + scale.unsigned_abs() as usize, 0);
        }
        Some(Decimal::new(negative, digits, usize::try_from(scale).unwrap_or(0)))
    }

    pub(super) fn from_i256(coefficient: i256, scale: i8) -> Decimal {
        let text = format!("{coefficient}e{}", -i32::from(scale));
        Decimal::parse(&text).expect("an integer and an exponent within 127 are a decimal number")
    }

    fn new(negative: bool, mut digits: Vec<u8>, scale: usize) -> Decimal {
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        Decimal { negative: negative && !digits.is_empty(), digits, scale }
    }

    /// The number without superfluous zeros behind the point.
    pub(super) fn trimmed(mut self) -> Decimal {
        while self.scale > 0 && self.digits.last().is_none_or(|digit| *digit == 0) {
            self.digits.pop();
            self.scale -= 1;
        }
        self
    }

    /// Whether `numeric(precision, scale)` holds it without rounding.
    pub(super) fn fits(&self, precision: i32, scale: i32) -> bool {
        let trimmed = self.clone().trimmed();
        let whole = trimmed.digits.len() as i64 - trimmed.scale as i64;
        if scale < 0 {
            let zeros = trimmed.digits.iter().rev().take_while(|digit| **digit == 0).count();
            return trimmed.scale == 0
                && (trimmed.digits.is_empty() || zeros as i64 >= i64::from(-scale))
                && whole <= i64::from(precision) - i64::from(scale);
        }
        trimmed.scale as i64 <= i64::from(scale) && whole <= i64::from(precision) - i64::from(scale)
    }

    /// The integer, if it is one that fits in 128 bits.
    pub(super) fn to_integer(&self) -> Option<i128> {
        let trimmed = self.clone().trimmed();
        if trimmed.scale > 0 {
            return None;
        }
        let magnitude = trimmed.digits.iter().try_fold(0i128, |number, digit| {
            number.checked_mul(10)?.checked_add(i128::from(*digit))
        })?;
        Some(if trimmed.negative { -magnitude } else { magnitude })
    }

    /// The float, if it has so few digits that nothing is lost.
    pub(super) fn to_float(&self) -> Option<f64> {
        let trimmed = self.clone().trimmed();
        if trimmed.digits.len() > 15 {
            return None;
        }
        self.to_string().parse().ok()
    }

    /// Appends the length and the binary form.
    pub(super) fn write_wire(&self, out: &mut Vec<u8>) {
        let whole = self.digits.len().saturating_sub(self.scale);
        // Zeros in front make the groups end at the point; zeros behind fill the last one.
        let front = if self.digits.len() >= self.scale {
            (GROUP_DIGITS - whole % GROUP_DIGITS) % GROUP_DIGITS
        } else {
            self.scale - self.digits.len()
        };
        let back = (GROUP_DIGITS - self.scale % GROUP_DIGITS) % GROUP_DIGITS;
        let mut padded = vec![0u8; front];
        padded.extend_from_slice(&self.digits);
        padded.resize(padded.len() + back, 0);
        let fraction_groups = (self.scale + back) / GROUP_DIGITS;
        let groups: Vec<u16> = padded
            .chunks(GROUP_DIGITS)
            .map(|group| group.iter().fold(0, |number, digit| number * 10 + u16::from(*digit)))
            .collect();
        write_groups(&groups, fraction_groups, self.negative, self.scale, out);
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text: String = self.digits.iter().map(|digit| char::from(digit + b'0')).collect();
        if text.len() <= self.scale {
            text.insert_str(0, &"0".repeat(self.scale + 1 - text.len()));
        }
        if self.scale > 0 {
            text.insert(text.len() - self.scale, '.');
        }
        if self.negative {
            f.write_str("-")?;
        }
        f.write_str(&text)
    }
}

/// Appends the length and the binary form of `coefficient` / 10^`scale`, without a detour for the usual sizes.
pub(super) fn write_wire(coefficient: i128, scale: i8, out: &mut Vec<u8>) {
    let magnitude = coefficient.unsigned_abs();
    let Ok(digits_behind) = usize::try_from(scale) else {
        return decimal(coefficient, scale).write_wire(out);
    };
    if magnitude >= FAST_MAX {
        return decimal(coefficient, scale).write_wire(out);
    }
    let back = (GROUP_DIGITS - digits_behind % GROUP_DIGITS) % GROUP_DIGITS;
    let mut rest = magnitude * 10u128.pow(back as u32);
    let mut groups = [0u16; 12];
    let mut count = 0;
    while rest > 0 {
        groups[count] = (rest % GROUP_BASE) as u16;
        rest /= GROUP_BASE;
        count += 1;
    }
    groups[..count].reverse();
    let fraction_groups = (digits_behind + back) / GROUP_DIGITS;
    write_groups(&groups[..count], fraction_groups, coefficient < 0, digits_behind, out);
}

/// The number as digits.
pub(super) fn decimal(coefficient: i128, scale: i8) -> Decimal {
    Decimal::from_i256(i256::from_i128(coefficient), scale)
}

fn write_groups(
    groups: &[u16],
    fraction_groups: usize,
    negative: bool,
    scale: usize,
    out: &mut Vec<u8>,
) {
    let leading = groups.iter().take_while(|group| **group == 0).count();
    let trailing = groups[leading..].iter().rev().take_while(|group| **group == 0).count();
    let kept = &groups[leading..groups.len() - trailing];
    let weight = if kept.is_empty() {
        0
    } else {
        groups.len() as i64 - fraction_groups as i64 - leading as i64 - 1
    };
    let sign = if negative && !kept.is_empty() { NEGATIVE } else { 0 };
    let length = 8 + 2 * kept.len();
    out.extend_from_slice(&(length as i32).to_be_bytes());
    out.extend_from_slice(&(kept.len() as u16).to_be_bytes());
    out.extend_from_slice(&(weight as i16).to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&(scale as u16).to_be_bytes());
    for group in kept {
        out.extend_from_slice(&group.to_be_bytes());
    }
}

/// Appends one form for all texts of the same number, however large its exponent: `-125e-2`.
pub(super) fn write_canonical(text: &str, out: &mut String) {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        out.push('0');
        return;
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let exponent =
        exponent.parse::<i64>().unwrap_or(i64::MAX / 2) - fraction.len() as i64 + zeros as i64;
    out.push_str(&format!("{sign}{significant}e{exponent}"));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wire(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out);
        out
    }

    #[test]
    fn decimals_are_read_and_written() {
        for (text, expected) in [
            ("12.50", Some("12.50")),
            ("-0.05", Some("-0.05")),
            ("1.5e-7", Some("0.00000015")),
            ("1.5e3", Some("1500")),
            ("007", Some("7")),
            ("-0", Some("0")),
            (".5", Some("0.5")),
            ("", None),
            (".", None),
            ("1,5", None),
            ("NaN", None),
            ("1e9999", None),
        ] {
            assert_eq!(Decimal::parse(text).map(|d| d.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_number_fits_in_a_precision_only_without_rounding() {
        for (text, precision, scale, expected) in [
            ("12.50", 4, 2, true),
            ("12.500", 4, 2, true),
            ("12.505", 5, 2, false),
            ("123.5", 4, 2, false),
            ("0", 1, 0, true),
            ("0.001", 3, 3, true),
            ("1200", 2, -2, true),
            ("1250", 2, -2, false),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().fits(precision, scale), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_to_the_binary_form_agree(coefficient: i128, scale in 0i8..40) {
            let coefficient = coefficient % 10i128.pow(34);
            prop_assert_eq!(
                wire(|out| write_wire(coefficient, scale, out)),
                wire(|out| decimal(coefficient, scale).write_wire(out))
            );
        }

        #[test]
        fn a_written_decimal_is_read_back(coefficient: i128, scale in 0i8..40) {
            let number = decimal(coefficient, scale);
            prop_assert_eq!(Decimal::parse(&number.to_string()).unwrap(), number);
        }

        #[test]
        fn integers_survive(number: i64) {
            prop_assert_eq!(decimal(i128::from(number) * 100, 2).to_integer(), Some(i128::from(number)));
        }
    }
}
