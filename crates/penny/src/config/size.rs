//! Sizes as people write them: `512 MB`, `2 GB`, `1.5 Go`, `2 GiB`.

/// A size in bytes; nothing when the text says none.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.replace(',', ".").parse().ok()?;
    let unit = match unit.trim().to_lowercase().as_str() {
        "kb" | "ko" => 1e3,
        "mb" | "mo" | "m" => 1e6,
        "gb" | "go" | "g" => 1e9,
        "tb" | "to" | "t" => 1e12,
        "kib" | "kio" => f64::from(1 << 10),
        "mib" | "mio" => f64::from(1 << 20),
        "gib" | "gio" => f64::from(1 << 30),
        _ => return None,
    };
    let bytes = number * unit;
    // Beyond 2^53 a float is no longer exact, and no computer has that much.
    (bytes.is_finite() && bytes <= 9e15).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        #[track_caller]
        fn check(text: &str, bytes: Option<u64>) {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
        check("512 MB", Some(512_000_000));
        check("2GB", Some(2_000_000_000));
        check(" 1,5 Go ", Some(1_500_000_000));
        check("2 GiB", Some(2_147_483_648));
        check("2", None);
        check("GB", None);
        check("-1 GB", None);
        check("1.2.3 GB", None);
        check("1e9 TB", None);
        check("99999999999999999999 GB", None);
    }
}
