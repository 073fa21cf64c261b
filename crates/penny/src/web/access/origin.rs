//! Whether a request comes from a page of ours, as the browser tells it.
//!
//! Cookies do not know of ports: another program's page on this computer is sent ours. So nothing is done that a
//! page of another origin, to the port, has asked for; and nothing is served into one.

use axum::http::{HeaderMap, Method, header};

const FETCH_SITE: &str = "sec-fetch-site";
const FETCH_MODE: &str = "sec-fetch-mode";
const FETCH_DEST: &str = "sec-fetch-dest";

/// Whether the page that sends this is one of ours. Every browser tells in one way or another; a request that does
/// not is refused.
pub fn is_ours(headers: &HeaderMap, https: bool) -> bool {
    let Some(host) = text(headers, header::HOST.as_str()) else { return false };
    if let Some(origin) = text(headers, header::ORIGIN.as_str()) {
        return is_of(origin, host, https);
    }
    if let Some(referrer) = text(headers, header::REFERER.as_str()) {
        // Up to the path.
        let end = referrer.match_indices('/').nth(2).map_or(referrer.len(), |(at, _)| at);
        return is_of(&referrer[..end], host, https);
    }
    text(headers, FETCH_SITE) == Some("same-origin")
}

fn is_of(origin: &str, host: &str, https: bool) -> bool {
    let named = match origin.split_once("://") {
        Some(("https", named)) => named,
        // Whoever came by TLS has no page that came without.
        Some(("http", named)) if !https => named,
        _ => return false,
    };
    named.eq_ignore_ascii_case(host)
}

/// Whether another origin's page may have this answer: it may link to a page of ours, and no more. A browser that
/// says nothing of it is held off by what the answer's own headers forbid.
pub fn may_have(method: &Method, headers: &HeaderMap) -> bool {
    match text(headers, FETCH_SITE) {
        Some("cross-site" | "same-site") => {
            matches!(*method, Method::GET | Method::HEAD)
                && text(headers, FETCH_MODE) == Some("navigate")
                && text(headers, FETCH_DEST) == Some("document")
        }
        _ => true,
    }
}

/// Whether a person looks at the answer, in a window or a frame, not a script.
pub fn is_page(headers: &HeaderMap) -> bool {
    let wants_stream = text(headers, header::ACCEPT.as_str()) == Some("text/event-stream");
    !wants_stream && text(headers, FETCH_MODE).is_none_or(|mode| mode == "navigate")
}

/// Whether the browser asks ahead of its user, who may never come.
pub fn is_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"]
        .iter()
        .any(|name| text(headers, name).is_some_and(|purpose| purpose.contains("prefetch")))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn only_pages_of_this_very_address_may_send() {
        #[track_caller]
        fn check(pairs: &[(&'static str, &str)], https: bool, ours: bool) {
            let mut headers = headers(pairs);
            headers.entry("host").or_insert("localhost:8787".parse().expect("a header"));
            assert_eq!(is_ours(&headers, https), ours, "{pairs:?}");
        }
        check(&[("origin", "http://localhost:8787")], false, true);
        check(&[("origin", "http://LOCALHOST:8787")], false, true);
        check(&[("origin", "https://localhost:8787")], true, true);
        check(&[("origin", "http://localhost:8787")], true, false);
        check(&[("origin", "http://localhost:3000")], false, false);
        check(&[("origin", "http://localhost")], false, false);
        check(&[("origin", "http://localhost:8787.evil.example")], false, false);
        check(&[("origin", "http://evil.example")], false, false);
        check(&[("origin", "null")], false, false);
        check(&[("origin", "")], false, false);
        check(&[("origin", "file://")], false, false);
        check(&[("referer", "http://localhost:8787/runs/5?a=/b")], false, true);
        check(&[("referer", "http://localhost:8787")], false, true);
        check(&[("referer", "http://evil.example/http://localhost:8787/")], false, false);
        check(&[("referer", "localhost:8787")], false, false);
        // The origin says more than the rest.
        let both =
            [("origin", "null"), ("referer", "http://localhost:8787/"), (FETCH_SITE, "none")];
        check(&both, false, false);
        check(&[(FETCH_SITE, "same-origin")], false, true);
        check(&[(FETCH_SITE, "same-site")], false, false);
        check(&[(FETCH_SITE, "none")], false, false);
        check(&[], false, false);
        let proxied = [("host", "penny.example.com"), ("origin", "https://penny.example.com")];
        check(&proxied, true, true);
    }

    #[test]
    fn other_pages_may_link_here_and_no_more() {
        #[track_caller]
        fn check(method: Method, site: &str, mode: &str, dest: &str, may: bool) {
            let headers = headers(&[(FETCH_SITE, site), (FETCH_MODE, mode), (FETCH_DEST, dest)]);
            assert_eq!(may_have(&method, &headers), may, "{method} {site} {mode} {dest}");
        }
        check(Method::GET, "cross-site", "navigate", "document", true);
        check(Method::POST, "cross-site", "navigate", "document", false);
        check(Method::GET, "cross-site", "navigate", "iframe", false);
        check(Method::GET, "same-site", "no-cors", "image", false);
        check(Method::GET, "same-site", "cors", "empty", false);
        check(Method::GET, "same-origin", "cors", "empty", true);
        check(Method::GET, "same-origin", "navigate", "iframe", true);
        check(Method::GET, "none", "navigate", "document", true);
        assert!(may_have(&Method::GET, &HeaderMap::new()));
    }
}
