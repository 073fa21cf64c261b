//! How somebody comes in: links that work once, sessions, and the command that prints a link.

mod outside;
mod refusals;

use std::fs;
use std::path::Path;

use super::visitor::{Visitor, form, path_of, start, workspace};
use crate::service::{Service, set_clock};

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
pub fn files_with(folder: &Path, text: &str) -> Vec<String> {
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
