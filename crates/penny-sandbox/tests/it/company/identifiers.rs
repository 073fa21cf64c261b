//! Numbers with keys.

use penny_sandbox::company::model::CustomerKind;

use super::{holds, usual};

/// Luhn's sum is a multiple of ten.
fn passes_luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn check_siren(siren: &str) {
    assert!(
        siren.len() == 9 && siren.bytes().all(|digit| digit.is_ascii_digit()) && passes_luhn(siren),
        "{siren}"
    );
}

fn check_vat_number(vat_number: &str, siren: &str) {
    let key = (12 + 3 * (siren.parse::<u64>().expect("digits") % 97)) % 97;
    assert_eq!(vat_number, format!("FR{key:02}{siren}"));
}

fn check_iban(iban: &str) {
    let rearranged = format!("{}{}", &iban[4..], &iban[..4]);
    let rest = rearranged.chars().fold(0_u64, |rest, letter| {
        let value = u64::from(letter.to_digit(36).expect("letters and digits"));
        (rest * if value < 10 { 10 } else { 100 } + value) % 97
    });
    assert_eq!(rest, 1, "{iban}");
    if iban.starts_with("FR") {
        assert_eq!(iban.len(), 27);
        let part = |range: std::ops::Range<usize>| iban[range].parse::<u64>().expect("digits");
        let key = 97 - (89 * part(4..9) + 15 * part(9..14) + 3 * part(14..25)) % 97;
        assert_eq!(part(25..27), key, "{iban}");
    }
}

#[test]
fn keys_are_right() {
    holds(4, |company| {
        let identity = &company.identity;
        check_siren(&identity.siren);
        check_vat_number(&identity.vat_number, &identity.siren);
        assert!(
            identity.siret.len() == 14
                && passes_luhn(&identity.siret)
                && identity.siret.starts_with(&identity.siren)
        );
        for customer in &company.customers {
            if let CustomerKind::Company { reg_no, vat_number } = &customer.kind
                && customer.billing_address.country_alpha2 == "FR"
            {
                check_siren(reg_no);
                check_vat_number(vat_number, reg_no);
            }
        }
        for supplier in &company.suppliers {
            check_iban(&supplier.iban);
            if let (Some(siren), Some(siret)) = (&supplier.reg_no, &supplier.establishment_no) {
                check_siren(siren);
                check_vat_number(&supplier.vat_number, siren);
                assert!(
                    passes_luhn(siret) && siret.len() == 14 && siret.starts_with(siren.as_str())
                );
            }
        }
        for bank in &company.bank_accounts {
            check_iban(&bank.iban);
        }
    });
}

#[test]
fn another_seed_is_another_company() {
    let settings = penny_sandbox::company::Settings { seed: 77, ..usual().settings };
    assert_ne!(
        penny_sandbox::company::Company::generate(&settings).identity.siren,
        usual().identity.siren
    );
}
