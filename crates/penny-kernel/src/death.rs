//! How a kernel's process ended.

use std::fmt;

/// A kernel's process that ended without having been asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// The exit status, if the process ended by itself.
    pub exit_code: Option<i32>,
    /// The number of the signal that killed it (never on Windows).
    pub signal: Option<i32>,
    /// That signal's name, such as `SIGKILL`.
    pub signal_name: Option<String>,
    /// The last lines (16 KiB at most) it wrote to its standard output and error, outside of cells.
    pub stderr_tail: String,
}

/// How a kernel's process ended at the end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit status, if the process ended by itself.
    pub exit_code: Option<i32>,
    /// The number of the signal that killed it (never on Windows).
    pub signal: Option<i32>,
    /// Whether it had to be killed: it did not end within the grace it was given.
    pub killed: bool,
    /// The most memory the kernel ever used, in bytes, where the system tells: resident memory on Unix
    /// (of the kernel's process or its largest child), committed memory on Windows.
    pub peak_memory_bytes: Option<u64>,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.signal, &self.signal_name, self.exit_code) {
            (Some(signal), Some(name), _) => {
                write!(f, "the kernel was killed by {name} ({signal})")
            }
            (Some(signal), None, _) => write!(f, "the kernel was killed by signal {signal}"),
            (None, _, Some(code)) if code < 0 => {
                write!(f, "the kernel crashed with exit status 0x{code:08X}")
            }
            (None, _, Some(code)) => {
                write!(f, "the kernel ended by itself with exit status {code}")
            }
            (None, _, None) => write!(f, "the kernel ended, how is not known"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_is_told_in_a_sentence() {
        #[track_caller]
        fn check(signal: Option<i32>, name: Option<&str>, exit_code: Option<i32>, sentence: &str) {
            let signal_name = name.map(str::to_owned);
            let death = Death { exit_code, signal, signal_name, stderr_tail: String::new() };
            assert_eq!(death.to_string(), sentence);
        }
        check(Some(9), Some("SIGKILL"), None, "the kernel was killed by SIGKILL (9)");
        check(Some(40), None, None, "the kernel was killed by signal 40");
        check(None, None, Some(3), "the kernel ended by itself with exit status 3");
        check(
            None,
            None,
            Some(0xC000_0005_u32.cast_signed()),
            "the kernel crashed with exit status 0xC0000005",
        );
        check(None, None, None, "the kernel ended, how is not known");
    }
}
