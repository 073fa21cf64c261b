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
    /// Why it ended, where more is known than the signal.
    pub cause: Option<Cause>,
    /// The most memory the kernel ever used, in bytes, as in [`Ended`].
    pub peak_memory_bytes: Option<u64>,
    /// What a gateway told of the end of a kernel that ran there; none of the above is known then.
    pub told: Option<String>,
    /// The last lines (16 KiB at most) it wrote to its standard output and error, outside of cells.
    pub stderr_tail: String,
}

/// Why a kernel was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It used more memory than it may, with all that it had started.
    MemoryLimit {
        /// How much it may use, in bytes.
        limit_bytes: u64,
    },
    /// The system had no memory left and killed it; which is what Linux says when it has just killed a
    /// process for that, and the kernel died by SIGKILL.
    OutOfMemory,
    /// The process it was forked from had ended.
    TemplateEnded,
    /// It had closed its connections, so that nobody could speak with it, and lived on.
    ConnectionsClosed,
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

impl Death {
    /// The death of a kernel on a gateway, in a sentence.
    pub(crate) fn told(sentence: String) -> Death {
        Death {
            exit_code: None,
            signal: None,
            signal_name: None,
            cause: None,
            peak_memory_bytes: None,
            told: Some(sentence),
            stderr_tail: String::new(),
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(told) = &self.told {
            return f.write_str(told);
        }
        if let Some(cause) = &self.cause {
            return cause.fmt(f);
        }
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

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::MemoryLimit { limit_bytes } => write!(
                f,
                "the kernel was ended: it used more memory than its limit of {}",
                size(*limit_bytes)
            ),
            Cause::OutOfMemory => {
                f.write_str("the kernel was killed by the system, which had run out of memory")
            }
            Cause::ConnectionsClosed => f.write_str(
                "the kernel was ended: it had closed its connections, and nobody could reach it",
            ),
            Cause::TemplateEnded => {
                f.write_str("the kernel was ended: the process it was forked from had ended")
            }
        }
    }
}

/// A size as people write it: `512 MB`, `2 GB`, `1.5 GB`.
fn size(bytes: u64) -> String {
    let (unit, name) = if bytes >= 1_000_000_000 { (1e9, "GB") } else { (1e6, "MB") };
    let number = format!("{:.2}", bytes as f64 / unit);
    format!("{} {name}", number.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_in_place_of_the_signal() {
        #[track_caller]
        fn check(cause: Cause, sentence: &str) {
            let death = Death { cause: Some(cause), ..Death::told(String::new()) };
            assert_eq!(Death { told: None, ..death }.to_string(), sentence);
        }
        let limit = |limit_bytes| Cause::MemoryLimit { limit_bytes };
        let ended = "the kernel was ended: it used more memory than its limit of";
        check(limit(2_000_000_000), &format!("{ended} 2 GB"));
        check(limit(1_500_000_000), &format!("{ended} 1.5 GB"));
        check(limit(2_147_483_648), &format!("{ended} 2.15 GB"));
        check(limit(512_000_000), &format!("{ended} 512 MB"));
        check(
            Cause::OutOfMemory,
            "the kernel was killed by the system, which had run out of memory",
        );
        check(
            Cause::TemplateEnded,
            "the kernel was ended: the process it was forked from had ended",
        );
    }

    #[test]
    fn a_death_is_told_in_a_sentence() {
        #[track_caller]
        fn check(signal: Option<i32>, name: Option<&str>, exit_code: Option<i32>, sentence: &str) {
            let signal_name = name.map(str::to_owned);
            let death = Death {
                exit_code,
                signal,
                signal_name,
                cause: None,
                peak_memory_bytes: None,
                told: None,
                stderr_tail: String::new(),
            };
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
