//! From an HTTP answer to data, or to the sentence that says why there is none.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde_json::Value;

use crate::call::Call;
use crate::error::Error;
use crate::pace::{Budget, WINDOW};
use crate::refusal::{Refusal, web_page};
use crate::trouble::Trouble;

/// A page of a thousand records is about a megabyte.
pub(crate) const PAGE_BYTES_MAX: u64 = 64 << 20;

/// An attempt without data, and whether another one makes sense.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) retry: Retry,
}

/// Whether another attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    /// After a pause that grows with each attempt.
    Later,
    /// After the pause that the server asks for.
    After(Duration),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, retry: Retry::Never }
    }
}

/// Reads an answer to `call`, which was attempt number `attempts`.
pub(crate) async fn read(
    call: &Call<'_>,
    response: Response,
    attempts: u32,
) -> Result<Value, Failure> {
    let head = Head::of(&response);
    let body = body(response, call.path, PAGE_BYTES_MAX, attempts).await?;
    if let Some(failure) = repeatable(call, &head, attempts) {
        return Err(failure);
    }
    if let Some(title) = web_page(&head.content_type, &body) {
        return Err(Error::WebPage { host: host_of(&head.url), title }.into());
    }
    if head.status.is_success() {
        return json(call.path, &head.url, &body, attempts);
    }
    if head.status.is_redirection() {
        let path = call.path.to_owned();
        return Err(Error::Redirected { host: host_of(&head.url), path, to: head.location }.into());
    }
    Err(refused(call, head.status, Refusal::parse(&body)).into())
}

/// The whole body, up to `bytes_max`; a body that ends early is worth another attempt.
pub(crate) async fn body(
    mut response: Response,
    path: &str,
    bytes_max: u64,
    attempts: u32,
) -> Result<Vec<u8>, Failure> {
    let url = response.url().clone();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() as u64 + chunk.len() as u64 > bytes_max => {
                return Err(Error::TooLong { path: path.to_owned(), bytes_max }.into());
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(unreachable(&url, error, attempts)),
        }
    }
}

/// No answer, or only a part of one.
pub(crate) fn unreachable(url: &Url, error: reqwest::Error, attempts: u32) -> Failure {
    let trouble = Trouble::of(&error);
    // An address may carry a signature, and its filter is long: the host says enough.
    let source = Some(error.without_url());
    Failure {
        error: Error::Unreachable { host: host_of(url), trouble, attempts, source },
        retry: if trouble.may_pass() { Retry::Later } else { Retry::Never },
    }
}

/// What the headers say about the rate limit; the two clocks that count are both the server's.
pub(crate) fn budget(headers: &HeaderMap) -> Option<Budget> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let reset_in =
        number("ratelimit-reset").zip(server_time(headers)).map_or(WINDOW, |(reset, now)| {
            Duration::from_secs(u64::try_from(reset - now).unwrap_or(0))
        });
    Some(Budget {
        limit: u32::try_from(number("ratelimit-limit")?).ok()?,
        remaining: u32::try_from(number("ratelimit-remaining")?).ok()?,
        reset_in,
    })
}

/// The host of an address, with its port if it is unusual.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What is known of an answer before its body.
struct Head {
    url: Url,
    status: StatusCode,
    content_type: String,
    location: Option<String>,
    asked_pause: Option<Duration>,
    /// Time until the rate limit's window ends.
    reset_in: Option<Duration>,
}

impl Head {
    fn of(response: &Response) -> Head {
        let text = |name| response.headers().get(name)?.to_str().ok();
        Head {
            url: response.url().clone(),
            status: response.status(),
            content_type: text(CONTENT_TYPE).unwrap_or_default().to_owned(),
            location: text(LOCATION)
                .and_then(|to| response.url().join(to).ok())
                .map(|to| host_of(&to)),
            asked_pause: asked_pause(response.headers()),
            reset_in: budget(response.headers()).map(|budget| budget.reset_in.min(WINDOW)),
        }
    }
}

/// The pause that an answer asks for in its own header, in whole seconds.
fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Seconds since 1970 by the server's clock.
fn server_time(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second())
}

/// The answers that mean "later", whatever their body says.
fn repeatable(call: &Call<'_>, head: &Head, attempts: u32) -> Option<Failure> {
    let path = call.path.to_owned();
    match head.status.as_u16() {
        429 => {
            let retry_after = head.asked_pause.or(head.reset_in);
            let error = Error::RateLimited { path, attempts, retry_after };
            Some(Failure { error, retry: retry_after.map_or(Retry::Later, Retry::After) })
        }
        status @ (500 | 502 | 503 | 504) => {
            let error = Error::Unavailable { path, status, attempts };
            Some(Failure { error, retry: head.asked_pause.map_or(Retry::Later, Retry::After) })
        }
        _ => None,
    }
}

fn json(path: &str, url: &Url, body: &[u8], attempts: u32) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|source| {
        if source.is_eof() {
            // A proxy can end a body early and call it complete.
            let (host, trouble) = (host_of(url), Trouble::Cut);
            let error = Error::Unreachable { host, trouble, attempts, source: None };
            return Failure { error, retry: Retry::Later };
        }
        Error::Garbled { path: path.to_owned(), source }.into()
    })
}

fn refused(call: &Call<'_>, status: StatusCode, refusal: Refusal) -> Error {
    let path = call.path.to_owned();
    match status.as_u16() {
        401 => Error::Unauthorized { text: refusal.text },
        403 => {
            let scope = refusal.scope().unwrap_or(call.scope).to_owned();
            Error::Forbidden { path, scope, text: refusal.text }
        }
        404 => Error::NotFound { path, text: refusal.text },
        status => Error::Refused {
            path,
            status,
            text: refusal.text,
            field: refusal.field,
            code: refusal.code,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn the_window_ends_by_the_servers_clock_not_by_ours() {
        let headers = headers(&[
            ("ratelimit-limit", "25"),
            ("ratelimit-remaining", "7"),
            ("ratelimit-reset", "784111780"),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]);
        let reset_in = Duration::from_secs(3);
        assert_eq!(budget(&headers), Some(Budget { limit: 25, remaining: 7, reset_in }));
    }

    #[test]
    fn headers_that_are_missing_or_odd_make_no_budget() {
        let check =
            |pairs: &[(&'static str, &'static str)]| assert_eq!(budget(&headers(pairs)), None);
        check(&[]);
        check(&[("ratelimit-limit", "25")]);
        check(&[("ratelimit-limit", "many"), ("ratelimit-remaining", "7")]);
        check(&[("ratelimit-limit", "25"), ("ratelimit-remaining", "-1")]);
    }

    #[test]
    fn a_pause_is_asked_for_in_whole_seconds() {
        let check = |pairs: &[(&'static str, &'static str)], seconds: Option<u64>| {
            assert_eq!(asked_pause(&headers(pairs)), seconds.map(Duration::from_secs));
        };
        check(&[("retry-after", " 4 ")], Some(4));
        check(&[("retry-after", "soon")], None);
        check(&[], None);
    }
}
