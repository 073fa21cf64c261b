//! The application's one error: what is wrong, what to do, and which exit status it means.

use std::fmt;
use std::path::Path;

use tokio_postgres::error::DbError;

/// What kind of end an error is; it decides the exit status and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A notebook failed (the others ran): exit status 1.
    Notebook,
    /// Wrong usage or configuration: exit status 2.
    Usage,
    /// Something Penny needs is missing or unreachable: exit status 3.
    Missing,
    /// The user interrupted: exit status 130.
    Interrupted,
}

impl Kind {
    /// The process's exit status.
    pub fn status(self) -> u8 {
        match self {
            Kind::Notebook => 1,
            Kind::Usage => 2,
            Kind::Missing => 3,
            Kind::Interrupted => 130,
        }
    }
}

/// An error as the edge shows it: one sentence, its causes, and hints.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hints: Vec<String>,
    may_pass: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The hint of an error that may pass by itself. The Python module knows such an error by this sentence, and
/// `penny start` tries a notebook again that fails of it.
pub const MAY_PASS: &str = "this may pass by itself: try again in a minute";

/// The application's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Wrong usage or configuration.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, message)
    }

    /// Something that Penny needs is missing or unreachable.
    pub fn missing(message: impl Into<String>) -> Error {
        Error::new(Kind::Missing, message)
    }

    /// The user pressed Ctrl-C, or the system asked Penny to end.
    pub fn interrupted() -> Error {
        Error::new(Kind::Interrupted, "interrupted")
    }

    /// A file that could not be read, written or made: `what` is a verb, as in "write".
    pub fn file(what: &str, path: &Path, source: std::io::Error) -> Error {
        let error = Error::missing(format!("cannot {what} {}", path.display()));
        let hint = match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Some("give your user the right to write there, or put the workspace elsewhere")
            }
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Some("the disk is full: free some space, then run the command again")
            }
            _ => None,
        };
        let error = error.because(source);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// An error of a kind, with its sentence.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), hints: Vec::new(), may_pass: false, source: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        let hint = hint.into();
        if !hint.is_empty() {
            self.hints.push(hint);
        }
        self
    }

    /// Adds what to do about it, when there is something.
    #[must_use]
    pub fn hint_if(self, hint: Option<impl Into<String>>) -> Error {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// Says whether the same may succeed later though nobody changes anything; the user is told so.
    #[must_use]
    pub fn passing(mut self, may_pass: bool) -> Error {
        self.may_pass = may_pass;
        if may_pass { self.hint(MAY_PASS) } else { self }
    }

    /// Whether the same may succeed later though nobody changes anything.
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The hints, in order.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The sentence with its chain of causes: "cannot write /x: permission denied".
    pub fn sentence(&self) -> String {
        chained(&self.message, self.source.as_ref().map(|s| s.as_ref() as _))
    }
}

/// A message with the causes below it.
fn chained(message: &str, mut source: Option<&(dyn std::error::Error + 'static)>) -> String {
    let mut text = message.to_owned();
    while let Some(cause) = source {
        let cause_text = said(cause);
        // Some libraries repeat their cause in their own text; saying it twice helps nobody.
        if !text.ends_with(&cause_text) && !is_told(cause, &text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// What a cause says; of a server's refusal what it means, without its heading and its further lines.
fn said(cause: &(dyn std::error::Error + 'static)) -> String {
    match cause.downcast_ref::<DbError>() {
        Some(refusal) => refusal.message().to_owned(),
        None => cause.to_string(),
    }
}

/// Whether a text says already what a cause has to say: a refusal of PostgreSQL is mostly quoted in the sentence above
/// it, and between the two stands only that there was one.
fn is_told(cause: &(dyn std::error::Error + 'static), text: &str) -> bool {
    let is_envelope = cause
        .downcast_ref::<tokio_postgres::Error>()
        .is_some_and(|error| error.as_db_error().is_some());
    let refusal = cause.downcast_ref::<DbError>();
    let is_quoted = refusal.is_some_and(|refusal| {
        let detail = refusal.detail().map(|detail| detail.trim_end_matches('.'));
        text.contains(refusal.message()) || detail.is_some_and(|detail| text.contains(detail))
    });
    is_envelope || is_quoted
}

/// An error of a library as one sentence, its causes included.
pub fn sentence_of(error: &(dyn std::error::Error + 'static)) -> String {
    chained(&error.to_string(), error.source())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|s| s.as_ref() as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_tells_each_cause_once() {
        let error = Error::missing("cannot write x").because(std::io::Error::other("disk on fire"));
        assert_eq!(error.sentence(), "cannot write x: disk on fire");
    }
}
