//! Numbers as people read them.

use std::time::Duration;

/// "0.8 s", "12 s", "3 min 20 s", "2 h 05 min".
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// "41,210".
pub fn rows(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 notebook", "12 notebooks".
pub fn count(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", rows(number as u64), if number == 1 { "" } else { "s" })
}

/// "85 MB", "1.2 GB".
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// How much room a file takes: "840 bytes", "12 KB", "85 MB", "1.2 GB".
pub fn file_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => size(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(rows(0), "0");
        assert_eq!(rows(1_234_567), "1,234,567");
        assert_eq!(duration(Duration::from_millis(840)), "0.8 s");
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(duration(Duration::from_secs(7500)), "2 h 05 min");
        assert_eq!(size(84_100_000), "85 MB");
        assert_eq!(size(1_240_000_000), "1.2 GB");
        assert_eq!(file_size(840), "840 bytes");
        assert_eq!(file_size(12_001), "13 KB");
        assert_eq!(file_size(84_100_000), "85 MB");
        assert_eq!(count(1, "notebook"), "1 notebook");
    }
}
