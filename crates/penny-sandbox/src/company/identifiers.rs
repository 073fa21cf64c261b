//! Identifiers with check digits. All of them are invented; only their keys are right.

use super::chance::Chance;

/// A SIREN: nine digits that pass Luhn's test.
pub(super) fn siren(chance: &mut Chance) -> String {
    // Real numbers rarely begin with 0; a first digit of 1 or 2 belongs to public bodies.
    let body = format!("{}{}", chance.between(3, 9), chance.digits(7));
    with_luhn_key(body)
}

/// The SIRET of an establishment of this SIREN; `rank` counts them from 1.
pub(super) fn siret(siren: &str, rank: u32) -> String {
    with_luhn_key(format!("{siren}{rank:04}"))
}

/// The French VAT number of a SIREN.
pub(super) fn vat_number(siren: &str) -> String {
    let number: u64 = siren.parse().expect("a SIREN is nine digits");
    format!("FR{:02}{siren}", (12 + 3 * (number % 97)) % 97)
}

/// A French IBAN with the RIB key inside.
pub(super) fn french_iban(chance: &mut Chance, bank: &str) -> String {
    let (branch, account) = (chance.digits(5), chance.digits(11));
    let parse = |digits: &str| digits.parse::<u64>().expect("RIB parts are digits");
    let key = 97 - (89 * parse(bank) + 15 * parse(&branch) + 3 * parse(&account)) % 97;
    iban("FR", &format!("{bank}{branch}{account}{key:02}"))
}

/// The IBAN of an account of any country, from the country's own account number.
pub(super) fn iban(country: &str, number: &str) -> String {
    let rearranged = format!("{number}{country}00");
    format!("{country}{:02}{number}", 98 - mod_97(&rearranged))
}

/// The remainder by 97 of a text of digits and capital letters, A = 10 … Z = 35.
fn mod_97(text: &str) -> u32 {
    text.chars().fold(0, |rest, letter| {
        let value = letter.to_digit(36).expect("an IBAN is letters and digits");
        if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
    })
}

/// The digits followed by the one that makes Luhn's sum a multiple of ten.
fn with_luhn_key(mut body: String) -> String {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            // The key to come is the last digit, hence the doubling begins with the one before it.
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    body.push(char::from_digit((10 - sum % 10) % 10, 10).expect("a remainder by ten is one digit"));
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_known_keys() {
        assert_eq!(with_luhn_key("73282932".into()), "732829320");
        assert_eq!(vat_number("732829320"), "FR44732829320");
        assert_eq!(iban("FR", "20041010050500013M02606"), "FR1420041010050500013M02606");
        assert_eq!(iban("DE", "370400440532013000"), "DE89370400440532013000");
    }
}
