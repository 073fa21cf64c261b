//! Everything that can go wrong between Penny and Pennylane, in sentences.

use std::time::Duration;

use arrow_schema::ArrowError;

use crate::query::QueryError;
use crate::resource::UnknownResource;
use crate::trouble::Trouble;

/// Why the API gave no data. `path` is the address after the base URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The base URL cannot be used.
    #[error("the API's base URL `{url}` cannot be used: {reason}")]
    BaseUrl {
        /// The address, without user and password.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The token cannot be sent.
    #[error("the Pennylane token cannot be used: {reason}")]
    Token {
        /// What is wrong with it; never the token.
        reason: &'static str,
    },
    /// The connection cannot even be prepared: usually there are no root certificates.
    #[error("secure connections cannot be made on this machine")]
    Setup {
        /// What the TLS library says.
        source: reqwest::Error,
    },
    /// No such list.
    #[error(transparent)]
    UnknownResource(#[from] UnknownResource),
    /// The list does not answer this question.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// No answer came at all.
    #[error("no answer from {host} {}: {trouble}", after(*attempts))]
    Unreachable {
        /// The host, with its port if it is unusual.
        host: String,
        /// Why.
        trouble: Trouble,
        /// Attempts made.
        attempts: u32,
        /// The layer below.
        source: Option<reqwest::Error>,
    },
    /// 401: the token is missing, wrong, expired or revoked.
    #[error("Pennylane does not accept the token (401): {text}")]
    Unauthorized {
        /// Pennylane's words.
        text: String,
    },
    /// 403: the token lacks a scope.
    #[error("the Pennylane token may not read `{path}` (403): it lacks the scope `{scope}`")]
    Forbidden {
        /// What was asked.
        path: String,
        /// The scope to add.
        scope: String,
        /// Pennylane's words.
        text: String,
    },
    /// 404: no such address or record.
    #[error("Pennylane has nothing at `{path}`: {text}")]
    NotFound {
        /// What was asked.
        path: String,
        /// Pennylane's words.
        text: String,
    },
    /// 400, 409, 422 and what else is not accepted as it is.
    #[error("Pennylane refuses `{path}` ({status}): {text}{}", details(field, code))]
    Refused {
        /// What was asked.
        path: String,
        /// The HTTP status.
        status: u16,
        /// Pennylane's words.
        text: String,
        /// The field that is wrong.
        field: Option<String>,
        /// The machine-readable reason.
        code: Option<String>,
    },
    /// 422 of a changelog: it no longer knows that far back.
    #[error("the changelog of `{resource}` no longer goes back to {since}")]
    ChangelogTooOld {
        /// The list.
        resource: &'static str,
        /// The moment that was asked for.
        since: jiff::Timestamp,
    },
    /// The list has no changelog.
    #[error("Pennylane keeps no changelog of `{resource}`")]
    NoChangelog {
        /// The list.
        resource: &'static str,
    },
    /// 429, to the last attempt.
    #[error("Pennylane's rate limit is used up: `{path}` was refused {}", after(*attempts))]
    RateLimited {
        /// What was asked.
        path: String,
        /// Attempts made.
        attempts: u32,
        /// The pause that Pennylane asks for.
        retry_after: Option<Duration>,
    },
    /// 500, 502, 503, 504, to the last attempt.
    #[error("Pennylane is out of order: `{path}` answered {status} {}", after(*attempts))]
    Unavailable {
        /// What was asked.
        path: String,
        /// The HTTP status.
        status: u16,
        /// Attempts made.
        attempts: u32,
    },
    /// A web page came where data should be: something sits in between, or the address is wrong.
    #[error("{host} answered with a web page{} instead of data", titled(title))]
    WebPage {
        /// The host that was asked.
        host: String,
        /// The page's title.
        title: String,
    },
    /// A redirect, which is not followed since the token is for this host only.
    #[error("{host} wants to send `{path}` elsewhere{}", target(to))]
    Redirected {
        /// The host that was asked.
        host: String,
        /// What was asked.
        path: String,
        /// The host it points to.
        to: Option<String>,
    },
    /// The answer is no JSON.
    #[error("the answer to `{path}` cannot be read")]
    Garbled {
        /// What was asked.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The answer is JSON of another shape.
    #[error("the answer to `{path}` is not what Pennylane's contract says: {what}")]
    Unexpected {
        /// What was asked.
        path: String,
        /// What differs.
        what: String,
    },
    /// The answer is longer than any answer should be.
    #[error("the answer to `{path}` is longer than {bytes_max} bytes")]
    TooLong {
        /// What was asked.
        path: String,
        /// The bound.
        bytes_max: u64,
    },
    /// The list would never end.
    #[error(
        "the list `{resource}` goes in circles: page {page} has a cursor that was there before"
    )]
    CursorRepeated {
        /// The list.
        resource: &'static str,
        /// The page, from 1.
        page: u64,
    },
    /// Pennylane could not make the export.
    #[error("Pennylane could not make the {export} from {period_start} to {period_end}")]
    ExportFailed {
        /// What was exported.
        export: &'static str,
        /// First day.
        period_start: jiff::civil::Date,
        /// Last day.
        period_end: jiff::civil::Date,
    },
    /// The export is still not there.
    #[error("the {export} was not ready after {} s", waited.as_secs())]
    ExportTooSlow {
        /// What was exported.
        export: &'static str,
        /// Time since it was asked for.
        waited: Duration,
    },
    /// The file of an export leads nowhere safe, or cannot be had.
    #[error("the file of the {export} cannot be downloaded: {reason}")]
    ExportFile {
        /// What was exported.
        export: &'static str,
        /// Why.
        reason: String,
    },
    /// The columns do not make a table.
    #[error("the records of `{resource}` do not make a table")]
    Table {
        /// The list.
        resource: &'static str,
        /// What Arrow says.
        source: ArrowError,
    },
}

/// Where tokens and their scopes are, in Pennylane's own words.
const DEVELOPERS: &str =
    "Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)";

impl Error {
    /// What to do about it, when something can be done.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::BaseUrl { .. } => format!("Pennylane's own is {}", crate::BASE_URL),
            Error::Token { .. } => {
                format!("copy the whole token from Pennylane: {DEVELOPERS}")
            }
            Error::Setup { .. } => {
                "install the system's root certificates (Debian and Ubuntu: apt install ca-certificates)".to_owned()
            }
            Error::UnknownResource(error) => error.hint(),
            Error::Unreachable { trouble, .. } => trouble.hint().to_owned(),
            Error::Unauthorized { .. } => format!(
                "the token is wrong, expired or revoked; make a new one in Pennylane: {DEVELOPERS}"
            ),
            Error::Forbidden { scope, .. } => {
                format!("in Pennylane, {DEVELOPERS}, make a token that has the scope {scope}")
            }
            Error::NotFound { .. } | Error::Redirected { .. } => {
                format!("check the base URL; Pennylane's own is {}", crate::BASE_URL)
            }
            Error::Refused { code: Some(code), .. } if code.starts_with("InvalidDate") => {
                "dates are written 2026-01-31".to_owned()
            }
            Error::Refused { status: 400, .. } => {
                "check the filter, the sort and the parameters".to_owned()
            }
            Error::ChangelogTooOld { .. } => {
                "Pennylane keeps four weeks of changes: read the whole list once".to_owned()
            }
            Error::NoChangelog { .. } => "read the whole list".to_owned(),
            Error::RateLimited { .. } => {
                "other programs use the same token: give each its own, or try again later".to_owned()
            }
            Error::Unavailable { .. } => "try again in a few minutes".to_owned(),
            Error::WebPage { .. } => format!(
                "a company proxy or Wi-Fi portal may ask for a login first (open a browser), or the \
                 base URL is wrong; Pennylane's own is {}",
                crate::BASE_URL
            ),
            Error::ExportFailed { .. } | Error::ExportTooSlow { .. } => {
                "try a shorter period, or again later".to_owned()
            }
            Error::ExportFile { .. } => "run it again: the link is good for some minutes only".to_owned(),
            Error::Query(_)
            | Error::Refused { .. }
            | Error::Garbled { .. }
            | Error::Unexpected { .. }
            | Error::TooLong { .. }
            | Error::CursorRepeated { .. }
            | Error::Table { .. } => return None,
        })
    }

    /// Whether the same request may succeed later without anyone changing anything.
    pub fn may_pass(&self) -> bool {
        match self {
            Error::Unreachable { trouble, .. } => trouble.may_pass(),
            Error::RateLimited { .. } | Error::Unavailable { .. } | Error::ExportTooSlow { .. } => {
                true
            }
            _ => false,
        }
    }
}

fn after(attempts: u32) -> String {
    if attempts == 1 {
        "at the first attempt".to_owned()
    } else {
        format!("after {attempts} attempts")
    }
}

fn details(field: &Option<String>, code: &Option<String>) -> String {
    match (field, code) {
        (Some(field), Some(code)) => format!(" (field `{field}`, {code})"),
        (Some(field), None) => format!(" (field `{field}`)"),
        (None, Some(code)) => format!(" ({code})"),
        (None, None) => String::new(),
    }
}

fn titled(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" (“{title}”)") }
}

fn target(to: &Option<String>) -> String {
    to.as_ref().map(|host| format!(", to {host}")).unwrap_or_default()
}
