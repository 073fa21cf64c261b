//! What no request may do, whoever sends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::super::visitor::{Visitor, form, path_of, start, workspace};

/// The headers of a request.
type Headers<'a> = &'a [(&'a str, &'a str)];

#[test]
fn what_acts_needs_the_proof_of_its_session_from_a_page_of_ours() {
    let workspace = workspace("");
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let colleague = Visitor::logged_in(&workspace);
    let ours = format!("http://{}", visitor.host);
    let ours = ours.as_str();
    let (proof, of_colleague) = (visitor.proof(), colleague.proof());
    let sent = |proof: &str| form([("language", "fr"), ("back", "/"), ("csrf", proof)]);

    let cases: &[(&str, Headers<'_>, u16)] = &[
        (&proof, &[("Origin", ours)], 303),
        (&proof, &[("Referer", &format!("{ours}/runs/5"))], 303),
        (&proof, &[("Sec-Fetch-Site", "same-origin")], 303),
        ("", &[("Origin", ours), ("X-CSRF-Token", &proof)], 303),
        ("", &[("Origin", ours)], 403),
        ("wrong", &[("Origin", ours)], 403),
        (&of_colleague, &[("Origin", ours)], 403),
        (&proof, &[("Origin", ours), ("X-CSRF-Token", "wrong")], 403),
        (&proof, &[], 403),
        (&proof, &[("Origin", "null")], 403),
        (&proof, &[("Origin", "http://127.0.0.1:1")], 403),
        (&proof, &[("Origin", "http://evil.example")], 403),
        (&proof, &[("Referer", "http://evil.example/")], 403),
        (&proof, &[("Origin", ours), ("Sec-Fetch-Site", "cross-site")], 403),
        (&proof, &[("Origin", ours), ("Sec-Fetch-Site", "same-site")], 403),
    ];
    for (proof, headers, status) in cases {
        let answer = visitor.send_form("/language", &sent(proof), headers);
        assert_eq!(answer.status, *status, "{proof} {headers:?}: {answer:?}");
        assert_eq!(answer.header("set-cookie").is_some(), *status == 303, "{answer:?}");
    }
    let refused = visitor.send_form("/language", &sent(&proof), &[]);
    refused.is(403).says("this was not sent by a page of this dashboard");
    // In another form than a browser's, the proof has to be in the header.
    let json = [("Origin", ours), ("Content-Type", "text/plain")];
    visitor.send("POST", "/language", &json, &sent(&proof)).is(403);
    visitor
        .with(None)
        .send_form("/language", &sent(&proof), &[("Origin", ours)])
        .leads_to("/login");

    visitor.post("/logout", &[]).leads_to("/login");
    visitor.get("/").leads_to("/login");
    colleague.get("/").is(200);
    assert_eq!(service.end("-TERM"), 0);
    let (_service, _) = start(&workspace);
    visitor.get("/").leads_to("/login");
    colleague.get("/").is(200);
    workspace.run(&["dashboard", "--end-sessions"]).status(0).says("every session has ended");
    colleague.get("/").leads_to("/login");
    Visitor::logged_in(&workspace).get("/").is(200);
}

#[test]
fn no_other_name_and_no_other_page_gets_an_answer() {
    let workspace = workspace("hosts = [\"penny.local\"]");
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let port = visitor.host.rsplit_once(':').expect("a port").1.to_owned();
    for path in ["/", "/login", "/health", "/metrics", "/events", "/api/v1/status", "/none"] {
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", ""] {
            let host = format!("{host}:{port}");
            visitor.send("GET", path, &[("Host", &host)], "").is(421);
        }
    }
    let ours = visitor.host.clone();
    let with_port = |name: &str| format!("{name}:{port}");
    for name in [with_port("localhost"), with_port("penny.local"), with_port("[::1]"), ours.clone()]
    {
        visitor.send("GET", "/", &[("Host", &name)], "").is(200);
    }
    let two = format!(
        "GET / HTTP/1.1\r\nHost: {ours}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    );
    visitor.send_bytes(two.as_bytes()).is(421);
    let none = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    visitor.send_bytes(none.as_bytes()).is(421);
    let elsewhere = format!("http://evil.example:{port}/");
    visitor.send("GET", &elsewhere, &[("Host", &ours)], "").is(421);

    let from = |site, mode, dest| {
        [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]
    };
    visitor.send("GET", "/", &from("cross-site", "navigate", "document"), "").is(200);
    visitor.send("GET", "/", &from("same-origin", "cors", "empty"), "").is(200);
    for (site, mode, dest) in [
        ("cross-site", "no-cors", "image"),
        ("cross-site", "navigate", "iframe"),
        ("same-site", "cors", "empty"),
        ("same-site", "no-cors", "script"),
    ] {
        visitor.send("GET", "/", &from(site, mode, dest), "").is(403);
    }
}

#[test]
fn a_stranger_learns_nothing_but_where_to_log_in() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let stranger = Visitor::of_link(&link);
    for path in ["/runs/1", "/history?outcome=failed", "/no-such-page", "/..%2f..%2fetc%2fpasswd"] {
        let next = form([("", path)]);
        stranger.get(path).leads_to(&format!("/login?next{next}"));
    }
    for path in ["/api/v1/status", "/api/v1/none", "/api"] {
        let answer = stranger.get(path).is(401);
        assert!(answer.json()["error"].is_string(), "{answer:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"penny\""));
    }
    stranger.send("GET", "/events", &[("Accept", "text/event-stream")], "").is(401);
    stranger.send("GET", "/", &[("Sec-Fetch-Mode", "cors")], "").is(401);
    let port = stranger.host.rsplit_once(':').expect("a port").1;
    let local = format!("localhost:{port}");
    let answer = stranger.send("GET", "/runs/1?a=b", &[("Host", &local)], "");
    answer.leads_to(&format!("http://127.0.0.1:{port}/runs/1?a=b"));
    let page = stranger.get("/login?next=/runs/1").is(200).body;
    let shown = page.split_once("</style>").expect("a page").1;
    for known in ["books", "ventes", "type=\"password\"", "0.1.0"] {
        assert!(!shown.contains(known), "{known}: {shown}");
    }
    let cookie = "penny_session_00000000=AAAA; penny_session=x; =; ;;".to_owned();
    stranger.with(Some(cookie)).get("/").leads_to("/login");
    for next in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let link = workspace.run(&["dashboard"]).status(0).stdout;
        let path = format!("{}&{}", path_of(link.trim()), form([("next", next)]));
        stranger.get(&path).leads_to("/");
    }
}

#[test]
fn no_address_leads_to_a_file() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    for path in [
        "/.env",
        "/..%2f.env",
        "/../.env",
        "/%2e%2e/%2e%2e/.env",
        "/..%5c.env",
        "/.penny/web.key",
        "/runs/..%2f..%2f.env",
        "/runs/1%00",
        "/%00",
        "/app-..%2f..%2f.js",
        "/api/v1/..%2f..%2f.env",
        "/%ff",
    ] {
        let answer = visitor.get(path);
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("PENNYLANE_API_TOKEN"), "{path}: {answer:?}");
    }
    let page = visitor.get("/no-such-page").is(404);
    page.says("there is no page at this address").says("</html>");
}

#[test]
fn every_answer_tells_the_browser_what_to_forbid() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let stranger = visitor.with(None);
    let refused = stranger.send("GET", "/", &[("Host", "evil.example")], "");
    let answers = [
        visitor.get("/"),
        visitor.get("/none"),
        stranger.get("/"),
        stranger.get("/login"),
        refused,
    ];
    for answer in answers {
        let header = |name| answer.header(name).unwrap_or_else(|| panic!("no {name}: {answer:?}"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
        assert!(header("permissions-policy").contains("camera=()"));
        let policy = header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.split("; ").any(|known| known == rule), "{rule}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        if let Some((_, rest)) = answer.body.split_once("<style>") {
            let sheet = rest.split("</style>").next().expect("an end");
            let hash = STANDARD.encode(Sha256::digest(sheet.as_bytes()));
            let styles = policy.split("; ").find(|rule| rule.starts_with("style-src "));
            assert!(
                styles.is_some_and(|rule| rule.contains(&format!("'sha256-{hash}'"))),
                "{policy}"
            );
        }
    }
    // The script is no secret, and is kept for good: its address changes with it.
    let page = visitor.get("/").body;
    let script = page.split_once("<script src=\"").expect("a script").1;
    let script = script.split('"').next().expect("an address");
    let script = stranger.get(script).is(200);
    assert_eq!(script.header("cache-control"), Some("max-age=31536000, immutable"));
    assert!(!page.contains(" style=\"") && !page.contains(" onclick="), "{page}");
}

#[test]
fn a_request_that_is_too_large_is_not_read() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let ours = format!("http://{}", visitor.host);
    let large = "a".repeat(70_000);
    visitor.send_form("/language", &large, &[("Origin", &ours)]).is(413);
    visitor.send_form("/login", &large, &[("Origin", &ours)]).is(413);
    // One that does not say how long it is.
    let chunked = format!(
        "POST /language HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nOrigin: {ours}\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        visitor.host,
        visitor.cookie.clone().expect("a cookie"),
        large.len()
    );
    visitor.send_bytes(chunked.as_bytes()).is(413);
    let names: Vec<String> = (0..100).map(|number| format!("X-{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    visitor.send("GET", "/", &many, "").is(431);
    visitor.send("GET", "/", &[("X-Long", &large)], "").is(431);
    visitor.get("/").is(200);
}
