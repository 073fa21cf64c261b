//! Times of day as people write them: `08:00`, `8:00`, `13h30`.

use jiff::civil::Time;

use crate::error::ScheduleError;

/// The time as it is written: `08:00`.
pub(crate) fn written(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// The time of day that a text says, to the minute.
pub(crate) fn parse(text: &str) -> Result<Time, ScheduleError> {
    read(text.trim()).ok_or_else(|| ScheduleError::TimeOfDay { text: text.to_owned() })
}

fn read(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once([':', 'h'])?;
    // French habit: `8h` is eight o'clock.
    let minute = if minute.is_empty() && text.ends_with('h') { "00" } else { minute };
    let is_number = |part: &str, lengths: [usize; 2]| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(hour, [1, 2]) || !is_number(minute, [2, 2]) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, hour, minute) in [
            ("08:00", 8, 0),
            ("8:00", 8, 0),
            ("13:30", 13, 30),
            (" 23:59 ", 23, 59),
            ("8h", 8, 0),
            ("13h30", 13, 30),
        ] {
            assert_eq!(parse(text), Ok(time(hour, minute, 0, 0)));
        }
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for text in [
            "", "8", "24:00", "08:60", "8:5", "08:00:00", "8:", "-1:00", "8 pm", "008:00", "h30",
            "+8:00",
        ] {
            assert_eq!(parse(text), Err(ScheduleError::TimeOfDay { text: text.to_owned() }));
        }
    }
}
