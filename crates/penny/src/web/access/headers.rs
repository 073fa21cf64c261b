//! What every answer tells the browser to forbid.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What the frame of an output that may run scripts is allowed: those within it, and nothing from anywhere. It has an
/// origin of its own, which no other has: it is sent no cookie, and reads no page.
pub const FRAME: &str = "sandbox allow-scripts; default-src 'none'; \
    script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; img-src data: blob:; \
    font-src data:; media-src data: blob:; worker-src blob:; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'self'";

/// What a page is allowed: its own sheet, whose hash is `'sha256-…'`, and our script; nothing of another host.
pub fn of_pages(sheet: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src {sheet}; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy).expect("a hash is letters of ASCII")
}

const ALL: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    // Our own forms tell where they come from, other hosts hear nothing.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Adds them to an answer; a policy of its own, and how long it may be kept, are its own matter.
pub fn add(headers: &mut HeaderMap, policy: &HeaderValue) {
    // A browser refuses a document that is sandboxed and has a group of its own.
    let is_sandboxed = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    for (name, value) in ALL {
        if is_sandboxed && *name == "cross-origin-opener-policy" {
            continue;
        }
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| policy.clone());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
