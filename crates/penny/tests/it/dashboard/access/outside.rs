//! Other computers, proxies and programs: the password and the token.

use std::fs;

use super::super::visitor::{Visitor, form, start, workspace};
use super::files_with;
use crate::support::Workspace;

const PASSWORD: &str = "un mot de passe d'essai";
const API_TOKEN: &str = "token-of-the-tests-0123456789";

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
