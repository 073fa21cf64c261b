//! Who may see the dashboard, and what nobody may do.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::visitor::{Visitor, form, path_of, start, workspace};
use crate::service::{Service, set_clock};
use crate::support::Workspace;

const PASSWORD: &str = "un mot de passe d'essai";
const API_TOKEN: &str = "token-of-the-tests-0123456789";

#[test]
fn the_link_of_the_start_lets_one_in_once_and_its_session_outlives_a_restart() {
    let workspace = workspace("");
    let (service, link) = start(&workspace);
    let stranger = Visitor::of_link(&link);
    stranger.get("/").leads_to("/login");
    let answer = stranger.get(path_of(&link)).leads_to("/");
    let given = answer.header("set-cookie").expect("a cookie").to_owned();
    let mut parts = given.split("; ");
    assert!(parts.next().is_some_and(|cookie| cookie.starts_with("penny_session_")), "{given}");
    let rest: Vec<&str> = parts.collect();
    assert_eq!([rest[0], rest[2], rest[3]], ["Path=/", "HttpOnly", "SameSite=Lax"], "{given}");
    let seconds = rest[1].strip_prefix("Max-Age=").and_then(|text| text.parse().ok());
    assert!(seconds.is_some_and(|seconds| (2_591_900..=2_592_000).contains(&seconds)), "{given}");
    assert_eq!(rest.len(), 4, "{given}");
    let visitor = stranger.with(Some(answer.cookie()));
    visitor.get("/").is(200).says("ventes");

    // The same link once more, with and without the session that it gave.
    visitor.get(path_of(&link)).leads_to("/");
    stranger.get(path_of(&link)).is(403).says("This link was used already, or is over.");
    let french = [("Accept-Language", "fr-FR,fr;q=0.9")];
    let page = stranger.send("GET", path_of(&link), &french, "").is(403);
    page.says("Ce lien a déjà servi").says("penny dashboard").says("<html lang=\"fr\">");

    assert_eq!(service.end("-TERM"), 0);
    let (service, _) = start(&workspace);
    stranger.get(path_of(&link)).is(403);
    visitor.get("/").is(200);

    let token = link.split_once("token=").expect("a token").1;
    let secrets =
        [token, given.split_once('=').expect("a value").1.split(';').next().expect("one")];
    for secret in secrets {
        assert_eq!(files_with(workspace.root(), secret), Vec::<String>::new());
    }
    assert!(workspace.log().contains("somebody logged in with a link, from 127.0.0.1"));
    for file in ["web.key", "web.spent"] {
        let path = workspace.root().join(".penny").join(file);
        assert!(path.is_file() && !penny::platform::readable_by_others(&path), "{file}");
    }
    assert_eq!(service.end("-TERM"), 0);
    workspace.no_process_is_left();
}

/// The files that hold a text, but for what the service said to its terminal.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if path.file_name().is_some_and(|name| name != "said.txt") {
            let bytes = fs::read(&path).unwrap_or_default();
            let holds = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            found.extend(holds.then(|| path.display().to_string()));
        }
    }
    found
}

#[test]
fn links_and_sessions_end_with_their_time_and_a_changed_link_is_none() {
    let workspace = workspace("");
    let (_service, of_start) = start(&workspace);
    let fresh = workspace.run(&["dashboard"]).status(0).says("it works once, until ").stdout;
    let fresh = fresh.trim();
    let stranger = Visitor::of_link(&of_start);
    let changed = format!("{}x", &fresh[..fresh.len() - 1]);
    for wrong in [changed.as_str(), &fresh[..fresh.len() - 4], &format!("{fresh}%00")] {
        stranger.get(path_of(wrong)).is(403).says("This link was used already, or is over.");
    }
    set_clock(&workspace, 3601);
    stranger.get(path_of(fresh)).is(403);
    let early = Visitor::logged_in(&workspace);
    set_clock(&workspace, 86_390);
    let visitor = stranger.clone().comes_in(&of_start);
    set_clock(&workspace, 86_390 + 29 * 86_400);
    // Whoever comes back is given more time, once a day.
    let renewed = visitor.get("/").is(200).cookie();
    early.get("/").is(200);
    let visitor = stranger.with(Some(renewed));
    assert_eq!(visitor.get("/").is(200).header("set-cookie"), None);
    set_clock(&workspace, 86_390 + 58 * 86_400);
    visitor.get("/").is(200);
    early.get("/").leads_to("/login");
    set_clock(&workspace, 86_390 + 60 * 86_400);
    visitor.get("/").leads_to("/login");
}

#[test]
fn of_many_who_use_a_link_at_once_one_comes_in() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let stranger = Visitor::of_link(&link);
    let ask = || stranger.get(path_of(&link)).status;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 11, "{statuses:?}");
}

#[test]
fn a_link_lets_nobody_in_while_its_use_cannot_be_written_down() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let stranger = Visitor::of_link(&link);
    // A folder in the place of the file: nobody writes there, not even root.
    let spent = workspace.root().join(".penny/web.spent");
    fs::create_dir(&spent).expect("made");
    let answer = stranger.get(path_of(&link)).is(503).says("cannot be written down on the disk");
    assert_eq!(answer.header("set-cookie"), None);
    fs::remove_dir(&spent).expect("removed");
    stranger.comes_in(&link).get("/").is(200);
}

#[test]
fn the_link_of_yesterdays_start_is_over() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    set_clock(&workspace, 86_401);
    Visitor::of_link(&link).get(path_of(&link)).is(403);
}

#[test]
fn looking_ahead_uses_no_link_up() {
    let workspace = workspace("");
    let (_service, link) = start(&workspace);
    let stranger = Visitor::of_link(&link);
    stranger.send("HEAD", path_of(&link), &[], "").is(200);
    let ahead = [("Sec-Purpose", "prefetch;prerender")];
    let page = stranger.send("GET", path_of(&link), &ahead, "").is(200);
    assert_eq!(page.header("set-cookie"), None);
    let token = link.split_once("token=").expect("a token").1;
    let page = page.says(&format!("name=\"token\" value=\"{token}\""));
    drop(page);
    let body = form([("token", token), ("next", "/?a=b")]);
    stranger.send_form("/login", &body, &[("Origin", "http://evil.example")]).is(403);
    let ours = format!("http://{}", stranger.host);
    stranger.send_form("/login", &body, &[("Origin", &ours)]).leads_to("/?a=b");
    stranger.send_form("/login", &body, &[("Origin", &ours)]).is(403);
}

#[test]
fn two_workspaces_of_a_computer_know_nothing_of_each_others_sessions() {
    let (one, other) = (workspace(""), workspace(""));
    let (_first, link) = start(&one);
    let (_second, other_link) = start(&other);
    let stranger = Visitor::of_link(&other_link);
    stranger.get(path_of(&link)).is(403);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let elsewhere = stranger.comes_in(&other_link);
    elsewhere.with(visitor.cookie.clone()).get("/").leads_to("/login");
    // A browser sends the cookies of all ports to each.
    let both = format!(
        "{}; {}",
        elsewhere.cookie.clone().expect("a cookie"),
        visitor.cookie.clone().expect("a cookie")
    );
    visitor.with(Some(both.clone())).get("/").is(200);
    elsewhere.with(Some(both)).get("/").is(200);
}

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

    let cases: &[(&str, &[(&str, &str)], u16)] = &[
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

#[test]
fn a_program_shows_its_token_and_needs_no_session() {
    let workspace = workspace("").env(&format!("PENNY_API_TOKEN={API_TOKEN}"));
    let (_service, link) = start(&workspace);
    let program = Visitor::of_link(&link);
    let right = format!("Bearer {API_TOKEN}");
    program.send("GET", "/api/v1/status", &[("Authorization", &right)], "").is(200);
    let body = form([("language", "fr"), ("back", "/")]);
    program.send_form("/language", &body, &[("Authorization", &right)]).leads_to("/");
    let visitor = program.clone().comes_in(&link);
    for wrong in ["Bearer token-of-the-tests-012345678", "Bearer ", "Bearer x", "bearer"] {
        // A session beside it does not help: whoever shows a token is judged by it.
        for who in [&program, &visitor] {
            let answer = who.send("GET", "/api/v1/status", &[("Authorization", wrong)], "");
            assert_eq!(answer.status, 401, "{wrong}: {answer:?}");
        }
    }
    assert_eq!(files_with(&workspace.root().join("logs"), API_TOKEN), Vec::<String>::new());
    let short = self::workspace("").env("PENNY_API_TOKEN=short");
    let ended = short.run(&["start"]).status(2);
    ended.says("PENNY_API_TOKEN is too short to be safe").says("at least 20 letters");
}

/// A workspace whose service listens to everybody, with a password.
fn open(web: &str) -> Workspace {
    let port = crate::support::free_port();
    workspace(&format!("listen = \"0.0.0.0:{port}\"\n{web}"))
        .env(&format!("PENNY_WEB_PASSWORD=\"{PASSWORD}\"\nPENNY_API_TOKEN={API_TOKEN}"))
}

#[test]
fn other_computers_are_let_in_with_a_password_only() {
    let port = crate::support::free_port();
    let bare = workspace(&format!("listen = \"0.0.0.0:{port}\""));
    let refused = bare.run(&["start"]).status(2);
    refused.says("lets other computers in, and there is no password").says("PENNY_WEB_PASSWORD=…");
    let bare = bare.env("PENNY_WEB_PASSWORD=court");
    bare.run(&["start"]).status(2).says("PENNY_WEB_PASSWORD is too short to be safe");
    // What needs no dashboard goes on.
    bare.run(&["status"]).status(0);

    let workspace = open("");
    let (service, link) = start(&workspace);
    service.says("cross the network unencrypted unless a reverse proxy with TLS stands before it");
    let stranger = Visitor::of_link(&link);
    assert!(link.starts_with("http://127.0.0.1:"), "{link}");
    let ours = format!("http://{}", stranger.host);
    let origin = [("Origin", ours.as_str())];
    let page = stranger.get("/login?next=/?a=b").is(200);
    page.says("type=\"password\"").says("name=\"next\" value=\"/?a=b\"").says("penny dashboard");
    let right = form([("password", PASSWORD), ("next", "/?a=b")]);
    stranger.send_form("/login", &right, &[]).is(403);
    let visitor = stranger.send_form("/login", &right, &origin).leads_to("/?a=b");
    let visitor = stranger.with(Some(visitor.cookie()));
    visitor.get("/").is(200);

    let wrong = form([("password", "un mot de passe perdu")]);
    for _ in 0..3 {
        stranger.send_form("/login", &wrong, &origin).is(403).says("That is not the password.");
    }
    let wait = stranger.send_form("/login", &right, &origin).is(429);
    assert_eq!(wait.header("retry-after"), Some("1"));
    // Only the password waits: sessions go on, and a link comes in.
    visitor.get("/").is(200);
    let by_link = stranger.clone().comes_in(&link);
    // Nobody is believed about another address unless penny.toml knows of a proxy.
    let forwarded = [("Origin", ours.as_str()), ("X-Forwarded-For", "192.0.2.1")];
    let again = stranger.send_form("/login", &wrong, &forwarded);
    assert!([403, 429].contains(&again.status), "{again:?}");
    stranger.send_form("/login", &right, &forwarded).is(429);

    let env = fs::read_to_string(workspace.root().join(".env")).expect("read");
    let env = env.replace(PASSWORD, "un tout autre mot");
    fs::write(workspace.root().join(".env"), env).expect("written");
    service.says("were read again");
    visitor.get("/").leads_to("/login");
    by_link.get("/").is(200);
    // What would let others in is refused, and what held before holds on.
    let path = workspace.root().join(".env");
    let env = fs::read_to_string(&path).expect("read");
    fs::write(&path, env.replace("un tout autre mot", "court")).expect("written");
    service.says("PENNY_WEB_PASSWORD is too short to be safe");
    let program = [("Authorization", "Basic cGVubnk6Y291cnQ=")];
    assert_ne!(stranger.send("GET", "/metrics", &program, "").status, 200);
    for secret in [PASSWORD, "un mot de passe perdu"] {
        assert_eq!(files_with(&workspace.root().join("logs"), secret), Vec::<String>::new());
    }
    assert!(workspace.log().contains("dashboard: a wrong password from 127.0.0.1"));
}

#[test]
fn figures_are_for_this_computer_or_for_who_may_see_them() {
    let here = workspace("");
    let (_service, link) = start(&here);
    let stranger = Visitor::of_link(&link);
    assert!(stranger.get("/health").json()["pid"].is_number());
    stranger.get("/metrics").is(200).says("penny_build_info");
    // What a proxy has passed on is not from here.
    stranger.send("GET", "/metrics", &[("X-Forwarded-For", "192.0.2.1")], "").is(401);

    let workspace = open("");
    let (_service, link) = start(&workspace);
    let stranger = Visitor::of_link(&link);
    let health = stranger.get("/health");
    let keys: Vec<String> = health.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys, ["status"], "{health:?}");
    // The PostgreSQL of the workspace does not answer.
    assert_eq!((health.status, health.json()["status"].as_str()), (503, Some("failing")));
    stranger.get("/metrics").is(401);
    let asks =
        |shown: &str| stranger.send("GET", "/metrics", &[("Authorization", shown)], "").status;
    assert_eq!(asks(&format!("Bearer {API_TOKEN}")), 200);
    // penny:un mot de passe d'essai
    assert_eq!(asks("Basic cGVubnk6dW4gbW90IGRlIHBhc3NlIGQnZXNzYWk="), 200);
    assert_eq!(asks("Basic cGVubnk6dW4gYXV0cmU="), 401);
    assert_eq!(asks("Basic !"), 401);
    let visitor = stranger.clone().comes_in(&link);
    visitor.get("/metrics").is(200);
    assert!(visitor.get("/health").json()["pid"].is_number());
}

#[test]
fn behind_a_proxy_cookies_are_for_tls_and_each_address_waits_for_itself() {
    let workspace = open("proxy = true\nhosts = [\"penny.example.com\"]");
    let (service, link) = start(&workspace);
    assert!(!service.said().contains("unencrypted"), "{}", service.said());
    assert!(link.starts_with("https://penny.example.com/login?token="), "{link}");
    let stranger = Visitor::of_proxy(&workspace, "penny.example.com");
    stranger.clone().comes_in(&link).get("/").is(200);
    let from = |address: &'static str, origin: &'static str| {
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", address), ("Origin", origin)]
    };
    let ours = "https://penny.example.com";
    let right = form([("password", PASSWORD)]);
    stranger.send_form("/login", &right, &from("192.0.2.1", "http://penny.example.com")).is(403);
    let answer = stranger.send_form("/login", &right, &from("192.0.2.1", ours)).leads_to("/");
    let given = answer.header("set-cookie").expect("a cookie");
    assert!(given.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{given}");
    let wrong = form([("password", "un mot de passe perdu")]);
    for _ in 0..3 {
        // What the stranger says of itself stands before what the proxy adds.
        stranger.send_form("/login", &wrong, &from("198.51.100.9, 192.0.2.7", ours)).is(403);
    }
    stranger.send_form("/login", &right, &from("198.51.100.8, 192.0.2.7", ours)).is(429);
    stranger.send_form("/login", &right, &from("192.0.2.8", ours)).leads_to("/");
}

#[test]
fn the_command_prints_a_link_of_the_service_at_work_or_says_why_there_is_none() {
    let workspace = workspace("");
    workspace.run(&["dashboard"]).status(3).says("start it with `penny start`");
    let (service, _) = start(&workspace);
    let ended = workspace.run(&["dashboard"]).status(0);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    assert!(ended.stdout.starts_with("http://127.0.0.1:"), "{}", ended.stdout);
    assert_eq!(service.end("-TERM"), 0);
    workspace.run(&["dashboard"]).status(3).says("no service is at work");

    let off = crate::service::workspace("").notebook("ventes", &["1"]);
    off.run(&["dashboard"]).status(2).says("[web] enabled = false");

    // A port that another program has.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let without = self::workspace(&format!("listen = \"{address}\""));
    let service = Service::start(&without);
    service.says("cannot be used");
    crate::support::wait_for("it is at work", || {
        without.root().join(".penny/service.json").exists()
    });
    without.run(&["dashboard"]).status(3).says("nobody answers over HTTP");
}

#[test]
fn the_command_opens_the_browser() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let workspace = workspace("");
    let (_service, _) = start(&workspace);
    let programs = workspace.root().join("programs");
    fs::create_dir(&programs).expect("made");
    let opened = workspace.root().join("opened.txt");
    let browser = |text: &str| {
        let path = programs.join("xdg-open");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
        let made = std::process::Command::new("chmod").arg("+x").arg(&path).status();
        assert!(made.expect("chmod is there").success());
    };
    let path = std::env::var("PATH").expect("a PATH");
    let path = format!("{}:{path}", programs.display());
    let open = || {
        let mut command = workspace.command(&["dashboard", "--open"]);
        command.env("PATH", &path);
        let child =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        crate::support::end(child.spawn().expect("penny starts"))
    };
    browser(&format!("printf %s \"$1\" > '{}'", opened.display()));
    let ended = open().status(0);
    let link = fs::read_to_string(&opened).expect("it was opened");
    assert_eq!(link, ended.stdout.trim());
    Visitor::of_link(&link).comes_in(&link).get("/").is(200);
    browser("exit 3");
    let ended = open().status(3).says("`xdg-open` could not open a browser");
    assert!(ended.stdout.starts_with("http://127.0.0.1:"), "{}", ended.stdout);
}
