//! What looks like a token or a connection password, by the words before it.
//!
//! A French balance, an IBAN, a UUID or a checksum must never be taken for one: nothing is a secret by
//! its own looks but a JSON Web Token.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Found;
use crate::text;

/// How much of a growing line is looked at for an unfinished secret.
const TAIL_BYTES: usize = 8 * 1024;

/// What a word announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// `Bearer …`
    Bearer,
    /// `Authorization: Basic …`
    Authorization,
    /// `password=…`, also with quotes and a colon.
    Password,
    /// `token=…`
    Token,
    /// `scheme://user:password@host`
    Url,
    /// `eyJ…`, which is how `{"` begins in base64.
    WebToken,
}

const LEADS: &[(&str, Lead)] = &[
    ("bearer", Lead::Bearer),
    ("authorization", Lead::Authorization),
    ("password", Lead::Password),
    ("passwd", Lead::Password),
    ("passphrase", Lead::Password),
    ("pwd", Lead::Password),
    ("mot_de_passe", Lead::Password),
    ("token", Lead::Token),
    ("secret", Lead::Token),
    ("secret_key", Lead::Token),
    ("secret_access_key", Lead::Token),
    ("api_key", Lead::Token),
    ("api-key", Lead::Token),
    ("apikey", Lead::Token),
    ("://", Lead::Url),
    ("eyj", Lead::WebToken),
];

/// Words that a quote may be written as, the longest first.
const QUOTES: &[&str] = &["&quot;", "&#x27;", "&#39;", "&#34;", "\\\"", "\\'", "\"", "'"];
const SCHEMES: &[&str] = &["bearer", "basic", "token", "digest", "apikey"];

/// Searches for all of them at once.
pub(super) struct Patterns {
    search: AhoCorasick,
    /// Finds what may announce a secret without a sign.
    glance: AhoCorasick,
    bearer: Arc<str>,
    password: Arc<str>,
    token: Arc<str>,
}

impl Patterns {
    pub fn new() -> Patterns {
        let search = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(LEADS.iter().map(|(word, _)| word))
            .expect("a few words can be searched for");
        let glance = AhoCorasick::new(["earer ", "EARER ", "arer%20", "eyJ"]);
        let name = Arc::from;
        Patterns {
            search,
            glance: glance.expect("a few words can be searched for"),
            bearer: name("a bearer token"),
            password: name("a password"),
            token: name("a token"),
        }
    }

    /// Adds what is found on a line.
    pub fn find(&self, line: &str, found: &mut Vec<Found>) {
        // Most lines are ruled out at a glance: no value without a sign, no token without its beginning.
        let has_sign = line.as_bytes().iter().any(|byte| matches!(byte, b'=' | b':'));
        if !has_sign && !self.glance.is_match(line) {
            return;
        }
        let mut done = 0;
        for hit in self.search.find_iter(line) {
            if hit.start() < done {
                continue;
            }
            let lead = LEADS[hit.pattern().as_usize()].1;
            let (before, after) = (&line[..hit.start()], &line[hit.end()..]);
            let place = |(from, to): (usize, usize)| hit.end() + from..hit.end() + to;
            let range = match lead {
                Lead::Bearer => bearer(before, after).map(place),
                Lead::Authorization => authorization(after).map(place),
                Lead::Password => password(line, after).map(place),
                Lead::Token => token(after).map(place),
                Lead::Url => url_password(before, after).map(place),
                Lead::WebToken => web_token(before, &line[hit.start()..])
                    .map(|bytes| hit.start()..hit.start() + bytes),
            };
            if let Some(range) = range {
                done = range.end;
                found.push(Found { range, name: self.name(lead) });
            }
        }
    }

    fn name(&self, lead: Lead) -> Arc<str> {
        match lead {
            Lead::Bearer | Lead::Authorization | Lead::WebToken => self.bearer.clone(),
            Lead::Password | Lead::Url => self.password.clone(),
            Lead::Token => self.token.clone(),
        }
    }

    /// From where on a line that is still growing may hold a secret whose end has not come.
    pub fn unfinished_from(&self, line: &str) -> usize {
        let tail_from = (line.len().saturating_sub(TAIL_BYTES)..=line.len())
            .find(|&at| line.is_char_boundary(at));
        let tail_from = tail_from.unwrap_or(line.len());
        let tail = &line[tail_from..];
        let unfinished = self.search.find_iter(tail).find_map(|hit| {
            let after = &tail[hit.end()..];
            let from = match LEADS[hit.pattern().as_usize()].1 {
                Lead::WebToken => hit.start(),
                Lead::Url => hit.end(),
                _ => hit.end() + after.len() - without_introduction(after)?.len(),
            };
            let is_open =
                !tail[from..].contains(|c: char| c.is_whitespace() || "\"'<>".contains(c));
            (is_open && from < tail.len()).then_some(tail_from + from)
        });
        unfinished.unwrap_or(line.len())
    }
}

/// What follows the signs between a name and its value; nothing when there are none.
fn without_introduction(after: &str) -> Option<&str> {
    let mut rest = after;
    loop {
        let quote = QUOTES.iter().find_map(|quote| rest.strip_prefix(quote));
        let sign = rest.strip_prefix(|c: char| c.is_whitespace() || ":=]\\&".contains(c));
        let Some(shorter) = quote.or(sign).or_else(|| without_scheme(rest)) else {
            break;
        };
        rest = shorter;
    }
    (rest.len() < after.len()).then_some(rest)
}

fn without_scheme(text: &str) -> Option<&str> {
    let word = text.split(char::is_whitespace).next().unwrap_or_default();
    let is_scheme = SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word));
    (is_scheme && word.len() < text.len()).then(|| text[word.len()..].trim_start_matches(' '))
}

fn bearer(before: &str, after: &str) -> Option<(usize, usize)> {
    if before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let rest = after.strip_prefix("%20").unwrap_or_else(|| after.trim_start_matches(' '));
    let from = after.len() - rest.len();
    let run = run_of(rest, is_token);
    let looks_random = run.len() >= 24 || run.len() >= 8 && has_digit(run);
    (from > 0 && looks_random).then_some((from, from + run.len()))
}

fn authorization(after: &str) -> Option<(usize, usize)> {
    let (rest, _) = value_of(after.strip_prefix(']').unwrap_or(after))?;
    let rest = without_scheme(rest).unwrap_or(rest);
    let from = after.len() - rest.len();
    let run = run_of(rest, is_token);
    let looks_random = run.len() >= 16 || run.len() >= 8 && has_digit(run);
    looks_random.then_some((from, from + run.len()))
}

fn token(after: &str) -> Option<(usize, usize)> {
    let (rest, quote) = value_of(after)?;
    let from = after.len() - rest.len();
    let run = match quote {
        Some(quote) => &rest[..rest.find(quote)?],
        None => run_of(rest, |c| !ends_value(c)).trim_end_matches('.'),
    };
    let has_letter = run.contains(|c: char| c.is_ascii_alphabetic());
    let looks_random = run.len() >= 8 && has_digit(run) && has_letter || run.len() >= 32;
    (looks_random && run.chars().all(is_token)).then_some((from, from + run.len()))
}

fn password(line: &str, after: &str) -> Option<(usize, usize)> {
    let sign = after.find(['=', ':']).map(|at| &after[at..=at]);
    let (rest, quote) = value_of(after)?;
    let from = after.len() - rest.len();
    let run = match quote {
        Some(quote) => &rest[..rest.find(quote)?],
        None => run_of(rest, |c| !ends_value(c)),
    };
    let is_secret = match quote {
        Some(_) => run.len() >= 4 && !run.contains(char::is_whitespace),
        None => {
            let is_argument = rest[run.len()..].starts_with([',', ')']);
            is_bare_password(run, sign == Some("="), is_argument, line)
        }
    };
    (is_secret && !is_placeholder(run)).then_some((from, from + run.len()))
}

/// Whether what stands without quotes after `password=` is one, and not a name in a program or a word.
fn is_bare_password(run: &str, is_assigned: bool, is_argument: bool, line: &str) -> bool {
    let is_path = run.starts_with(['/', '~']) || run.get(1..3) == Some(":\\");
    let is_call = run.contains(['(', '[']);
    let is_name = run.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
    let is_mixed = has_digit(run) && run.contains(char::is_alphabetic) || !is_name;
    match () {
        () if run.len() < 4 || is_path => false,
        () if run.contains('.') && is_name => false,
        () if is_assigned && is_connection(line) && !is_argument => true,
        () if is_call => false,
        () if is_assigned => is_mixed,
        () => is_mixed && run.len() >= 6,
    }
}

/// Whether the line is a connection's description, as `host=… user=… password=…`.
fn is_connection(line: &str) -> bool {
    ["host=", "user=", "dbname=", "server=", "uid=", "database="].iter().any(|word| {
        line.as_bytes().windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
    })
}

fn url_password(before: &str, after: &str) -> Option<(usize, usize)> {
    if !before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let authority = run_of(after, |c| !c.is_whitespace() && !"/?#\"'<>`".contains(c));
    let (credentials, _) = authority.rsplit_once('@')?;
    let (user, password) = credentials.split_once(':')?;
    let from = user.len() + 1;
    (!is_placeholder(password)).then_some((from, from + password.len()))
}

/// The length of a JSON Web Token at the beginning of a text.
fn web_token(before: &str, text: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !text.starts_with("eyJ") || before.ends_with(is_part) {
        return None;
    }
    let run = run_of(text, |c| is_part(c) || c == '.').trim_end_matches('.');
    let mut parts = run.split('.');
    let header = parts.next().filter(|part| part.len() >= 10)?;
    // A table may have cut the payload off.
    let payload = parts.next().filter(|part| part.starts_with("eyJ") || part.len() >= 10)?;
    (payload.starts_with("eyJ") || parts.next().is_some()).then_some(run.len().max(header.len()))
}

/// What follows `=` or `:` (the name may have been in quotes), and the quote that it stands in.
fn value_of(after: &str) -> Option<(&str, Option<&'static str>)> {
    let (rest, _) = without_quote(after);
    let rest = rest.trim_start_matches(' ');
    let rest = rest.strip_prefix(['=', ':']).filter(|rest| !rest.starts_with(['=', ':', '/']))?;
    Some(without_quote(rest.trim_start_matches(' ')))
}

fn without_quote(text: &str) -> (&str, Option<&'static str>) {
    QUOTES
        .iter()
        .find_map(|&quote| Some((text.strip_prefix(quote)?, Some(quote))))
        .unwrap_or((text, None))
}

fn run_of(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=%".contains(c)
}

fn ends_value(c: char) -> bool {
    c.is_whitespace() || "&\"'<>,;)]}|\\`".contains(c)
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// Whether something only stands for a secret: `***`, `{password}`, `None`.
fn is_placeholder(value: &str) -> bool {
    const WORDS: &[&str] = &["none", "null", "true", "false", "undefined", "nan", "str", "string"];
    value.is_empty()
        || value.starts_with(['{', '$', '<', '•', '…', '[', '%'])
        || value.chars().all(|c| "*.xX".contains(c))
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text::prefix(value, 16)))
}
