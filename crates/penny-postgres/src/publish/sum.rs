//! The sum of a column of numbers, exact to the cent.
//!
//! Amounts are floats from end to end, and a sum of floats is off by a little that grows with the rows. What a
//! reader means by 1234.56 is that decimal number, so it is summed as an integer of cents, or of millionths.

use arrow_schema::DataType;

use super::numeric;
use super::value::Value;

const CENTS: f64 = 100.0;
const MILLIONTHS: f64 = 1e6;
const MILLIONTHS_SCALE: i8 = 6;
const CENT_IN_MILLIONTHS: i128 = 10_000;

/// Adding and taking away 1.5 × 2^52 rounds a float of less than 2^51 to an integer.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
const ROUNDED_MAX: f64 = 2_251_799_813_685_248.0;

/// How far, in proportion, a float may be from the decimal number that it stands for: two units in its last
/// place, as binary arithmetic leaves them (the scaling among it). PostgreSQL shows fifteen digits, which hides
/// as much.
const NOISE: f64 = 4.5e-16;

/// Beyond this a float is no whole number of millionths in 128 bits.
const MILLIONTHS_MAX: f64 = 1e30;

/// The sum of numbers of one column.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    filled: u64,
    /// Integers and decimals: the units, and how many of their digits are behind the point.
    units: i128,
    scale: i8,
    cents: i128,
    millionths: i128,
    /// Of all others, with what its rounding lost (Neumaier's summation).
    rest: f64,
    lost: f64,
    in_rest: u64,
}

impl Sum {
    /// Nothing yet, of a column of that kind.
    pub(super) fn of(kind: &DataType) -> Sum {
        let scale = match kind {
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => *scale,
            _ => 0,
        };
        Sum {
            filled: 0,
            units: 0,
            scale,
            cents: 0,
            millionths: 0,
            rest: 0.0,
            lost: 0.0,
            in_rest: 0,
        }
    }

    /// Adds a float; NaN is an empty cell.
    #[inline]
    pub(super) fn add_float(&mut self, number: f64) {
        if let Some(cents) = whole(number, CENTS) {
            self.filled += 1;
            self.cents += i128::from(cents);
        } else if let Some(millionths) = whole(number, MILLIONTHS) {
            self.filled += 1;
            self.millionths += i128::from(millionths);
        } else if let Some(ones) = whole(number, 1.0) {
            self.add_units(i128::from(ones));
        } else if !number.is_nan() {
            self.filled += 1;
            self.add_rest(number);
        }
    }

    /// Adds an integer, or a decimal of the column's scale.
    #[inline]
    pub(super) fn add_units(&mut self, units: i128) {
        self.filled += 1;
        match self.units.checked_add(units) {
            Some(sum) => self.units = sum,
            None => self.add_rest(units as f64 / 10f64.powi(i32::from(self.scale))),
        }
    }

    /// Adds a cell.
    pub(super) fn add(&mut self, value: &Value<'_>) {
        match value {
            Value::Int(number) => self.add_units(*number),
            Value::Float(number) => self.add_float(*number),
            // The decimal number that a reader sees, not its 24 bits widened.
            Value::Float32(number) if number.is_finite() => {
                self.add_float(number.to_string().parse().unwrap_or(f64::from(*number)));
            }
            Value::Float32(number) => self.add_float(f64::from(*number)),
            Value::Decimal(units, _) => self.add_units(*units),
            Value::BigDecimal(units, scale) => match units.to_i128() {
                Some(units) => self.add_units(units),
                None => {
                    let text = numeric::Decimal::from_i256(*units, *scale).to_string();
                    self.filled += 1;
                    self.add_rest(text.parse().unwrap_or(f64::NAN));
                }
            },
            _ => {}
        }
    }

    fn add_rest(&mut self, number: f64) {
        let sum = self.rest + number;
        self.lost += if self.rest.abs() >= number.abs() {
            (self.rest - sum) + number
        } else {
            (number - sum) + self.rest
        };
        self.rest = sum;
        self.in_rest += 1;
    }

    /// Adds the sum of another part of the same column.
    pub(super) fn join(&mut self, other: &Sum) {
        self.filled += other.filled;
        self.cents += other.cents;
        self.millionths += other.millionths;
        match self.units.checked_add(other.units) {
            Some(sum) => self.units = sum,
            None => self.add_rest(other.units as f64 / 10f64.powi(i32::from(self.scale))),
        }
        if other.in_rest > 0 {
            let in_rest = self.in_rest + other.in_rest;
            self.add_rest(other.rest);
            self.lost += other.lost;
            self.in_rest = in_rest;
        }
    }

    /// How many numbers there were.
    pub(super) fn filled(&self) -> u64 {
        self.filled
    }

    /// Whether no float had to be summed as one.
    pub(super) fn is_exact(&self) -> bool {
        self.in_rest == 0
    }

    /// The sum as a decimal number.
    pub(super) fn text(&self) -> String {
        let exact = self.cents * CENT_IN_MILLIONTHS + self.millionths;
        if self.in_rest == 0 && exact == 0 {
            return decimal(self.units, self.scale);
        }
        // What was lost of an infinite sum is no number.
        let mut rest = if self.rest.is_finite() { self.rest + self.lost } else { self.rest };
        let exact = match self.units_in_millionths().and_then(|units| units.checked_add(exact)) {
            Some(exact) => exact,
            None => {
                rest += self.units as f64 / 10f64.powi(i32::from(self.scale));
                exact
            }
        };
        match rest {
            f64::INFINITY => "Infinity".to_owned(),
            f64::NEG_INFINITY => "-Infinity".to_owned(),
            rest if rest.is_nan() => "NaN".to_owned(),
            rest if rest.abs() < MILLIONTHS_MAX => {
                let rest = (rest * MILLIONTHS).round() as i128;
                decimal(exact + rest, MILLIONTHS_SCALE)
            }
            rest => format!("{}", rest + exact as f64 / MILLIONTHS),
        }
    }

    fn units_in_millionths(&self) -> Option<i128> {
        let more_digits = u32::try_from(MILLIONTHS_SCALE.checked_sub(self.scale)?).ok()?;
        self.units.checked_mul(10i128.checked_pow(more_digits)?)
    }
}

/// The number as a whole count of the unit, when that is what it stands for.
#[inline]
fn whole(number: f64, units_in_one: f64) -> Option<i64> {
    let scaled = number * units_in_one;
    // False for NaN too.
    if scaled.abs() < ROUNDED_MAX {
        let rounded = (scaled + ROUNDING) - ROUNDING;
        // Compared before the division, which would take longer than all the rest.
        if (scaled - rounded).abs() <= scaled.abs() * NOISE {
            return Some(rounded as i64);
        }
    }
    None
}

fn decimal(units: i128, scale: i8) -> String {
    numeric::decimal(units, scale).trimmed().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(numbers: &[f64]) -> Sum {
        let mut sum = Sum::of(&DataType::Float64);
        numbers.iter().for_each(|number| sum.add_float(*number));
        sum
    }

    fn check(numbers: &[f64], expected: &str, exact: bool) {
        let sum = sum(numbers);
        assert_eq!((sum.text().as_str(), sum.is_exact()), (expected, exact), "{numbers:?}");
    }

    #[test]
    fn amounts_are_summed_as_the_decimals_they_stand_for() {
        check(&[], "0", true);
        check(&[0.1, 0.2], "0.3", true);
        check(&[0.1 + 0.2], "0.3", true);
        check(&[1234.56, -1234.56], "0", true);
        check(&[12_345_678_901.23, 0.01], "12345678901.24", true);
        check(&[1.0834, 0.0001], "1.0835", true);
        check(&[f64::NAN, 2.0], "2", true);
        check(&vec![0.01; 1_000_000], "10000", true);
        check(&[1e15, 0.01], "1000000000000000.01", true);
    }

    #[test]
    fn what_is_no_decimal_of_six_digits_is_summed_as_a_float_and_said() {
        check(&[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], "1", false);
        check(&[1e300], &format!("{}", 1e300), false);
        check(&[f64::INFINITY, 1.0], "Infinity", false);
        check(&[f64::INFINITY, f64::NEG_INFINITY], "NaN", false);
        check(&[1e15, 1.0 / 3.0, -1e15], "0.333333", false);
    }

    #[test]
    fn decimals_keep_all_their_digits() {
        let mut sum = Sum::of(&DataType::Decimal128(38, 10));
        for _ in 0..3 {
            sum.add(&Value::Decimal(12_345_678_901_234_567_890, 10));
        }
        assert_eq!(sum.text(), "3703703670.370370367");
        let mut sum = Sum::of(&DataType::Float32);
        sum.add(&Value::Float32(0.1));
        sum.add(&Value::Float32(0.2));
        assert_eq!((sum.text().as_str(), sum.is_exact()), ("0.3", true));
    }

    proptest! {
        #[test]
        fn the_sum_of_cents_is_exact_however_it_is_cut(
            cents in proptest::collection::vec(-9_000_000_000_000i64..9_000_000_000_000, 0..50),
            cut in 0usize..50,
        ) {
            let floats: Vec<f64> = cents.iter().map(|cents| *cents as f64 / 100.0).collect();
            let (left, right) = floats.split_at(cut.min(floats.len()));
            let mut whole = sum(left);
            whole.join(&sum(right));
            let expected = cents.iter().map(|cents| i128::from(*cents)).sum();
            prop_assert_eq!(whole.text(), decimal(expected, 2));
            prop_assert!(whole.is_exact());
        }

        #[test]
        fn a_float_is_taken_for_cents_only_when_it_is_the_one_nearest_to_them(number: f64) {
            if let Some(cents) = super::whole(number, CENTS) {
                let back = cents as f64 / CENTS;
                prop_assert!((number - back).abs() <= number.abs() * NOISE * 1.5);
            }
        }
    }
}
