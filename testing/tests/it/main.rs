//! The browser of the tests, tried on pages of which it is known what is wrong with them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use penny_testing::browser::{Browser, Key};
use serde_json::json;

const GOOD: &str = "<!doctype html><html lang=en><title>Good</title><meta name=viewport content='width=device-width'>\
    <main><h1>A page</h1><p><a href='#here'>here</a> <label>Name <input id=name></label></p></main>";
const BAD: &str = "<!doctype html><html lang=en><title>Bad</title><main><h1>A page</h1>\
    <p style='color:#ccc;background:#fff'>pale</p><img src='http://elsewhere.example/a.png'><input>\
    <div style='width:3000px'>wide</div>\
    <script>document.title = 'by a script'; console.error('said by a script')</script></main>";

/// Serves these pages under `/0`, `/1` … and returns the address.
fn serve(pages: &'static [&'static str]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a request");
            thread::spawn(move || {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = request.split(' ').nth(1).unwrap_or("/");
                let page = path[1..].parse().ok().and_then(|page: usize| pages.get(page));
                let body = page.map_or_else(|| request.clone(), |page| (*page).to_owned());
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            });
        }
    });
    url
}

#[test]
fn the_browser_finds_what_is_wrong_with_a_page_and_nothing_where_nothing_is() {
    let Some(browser) = Browser::open("fr-FR,fr") else { return };
    let url = serve(&[GOOD, BAD]);
    browser.go(&format!("{url}/0"));
    let violations = browser.violations();
    assert!(violations.is_empty(), "{violations:?}");
    assert_eq!(browser.overflow(), None);
    assert_eq!(browser.console(), [] as [&str; 0]);

    browser.go(&format!("{url}/1"));
    let rules: Vec<String> = browser.violations().into_iter().map(|v| v.rule).collect();
    assert_eq!(rules, ["color-contrast", "image-alt", "label"]);
    assert!(browser.overflow().expect("it is wide").contains("wide"));
    assert_eq!(browser.title(), "by a script");
    let console = browser.console().join("\n");
    assert!(console.contains("said by a script"), "{console}");
    let requests = browser.requests();
    let asked =
        |kind: &str, url: &str| requests.iter().any(|r| r == &(kind.to_owned(), url.to_owned()));
    assert!(asked("Document", &format!("{url}/0")), "{requests:?}");
    assert!(asked("Image", "http://elsewhere.example/a.png"), "{requests:?}");
}

#[test]
fn the_browser_does_what_its_reader_wants() {
    let Some(browser) = Browser::open("fr-FR,fr") else { return };
    let url = serve(&[GOOD, BAD]);
    browser.go(&format!("{url}/mirror"));
    let request = browser.text("body");
    assert!(request.contains("Accept-Language: fr-FR,fr;q=0.9"), "{request}");

    browser.go(&format!("{url}/0"));
    browser.tab_to("#name");
    browser.type_text("Zoé");
    assert_eq!(browser.value("document.querySelector('#name').value"), "Zoé");
    browser.keys(&[Key::BackTab, Key::Enter]);
    browser.wait_for_address("#here");
    browser.size(320, 640);
    browser.dark(true);
    let looks = "[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]";
    assert_eq!(browser.value(looks), json!([320, true]));
    assert!(browser.screenshot().starts_with(b"\x89PNG"));

    browser.scripts(false);
    browser.go(&format!("{url}/1"));
    assert_eq!(browser.title(), "Bad");
    browser.scripts(true);
    browser.reload();
    assert_eq!(browser.title(), "by a script");
}
