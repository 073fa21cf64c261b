//! A real browser: Debian's Chromium without a window, driven through its ChromeDriver.
//!
//! Each [`Browser`] is a Chromium of its own, with an empty profile, that knows no other host than this
//! computer. It ends with the value, also when a test panics.

mod audit;
mod chromium;
mod wire;

use std::cell::RefCell;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

pub use audit::Violation;

/// What is waited for comes within this time, even on a machine that does a lot else, or the test fails.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(40);
/// The name by which WebDriver tells an element of the page.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page open.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// What it told of the network and was read already.
    told: RefCell<Vec<Value>>,
    _profile: TempDir,
}

/// Keys that a reader without a mouse uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To the next link, button or field.
    Tab,
    /// Back to the one before.
    BackTab,
    /// Follows a link, presses a button, sends a form.
    Enter,
    /// Ticks a box, presses a button.
    Space,
    /// Closes a dialog.
    Escape,
    /// The next choice of a list.
    Down,
}

impl Browser {
    /// Opens one whose reader's languages are those (`fr-FR,fr`); none, said on standard error, on a machine
    /// without `chromium` and `chromedriver`.
    pub fn open(languages: &str) -> Option<Browser> {
        let (Some(chromium), Some(driver)) = (chromium::program(), chromium::driver()) else {
            eprintln!(
                "skipped: there is no browser on this machine (apt-get install chromium chromium-driver)"
            );
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder can be made");
        let (driver, port) = chromium::start_driver(&driver, profile.path());
        let mut browser = Browser {
            driver,
            port,
            session: String::new(),
            told: RefCell::default(),
            _profile: profile,
        };
        let wishes = chromium::wishes(&chromium, browser._profile.path(), languages);
        let begun = wire::command(port, "POST", "/session", &wishes);
        let begun = begun.unwrap_or_else(|why| panic!("Chromium did not start: {why}"));
        browser.session = begun["sessionId"].as_str().expect("a session has an id").to_owned();
        browser.size(1280, 800);
        Some(browser)
    }

    /// Opens an address and waits until it is loaded.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    /// Loads the page once more.
    #[track_caller]
    pub fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    /// The address of the page.
    #[track_caller]
    pub fn address(&self) -> String {
        text(&self.get("url"))
    }

    /// The page's title.
    #[track_caller]
    pub fn title(&self) -> String {
        text(&self.get("title"))
    }

    /// What a reader sees of the first element of that selector, which is waited for.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.wait_for(css);
        self.texts(css).into_iter().next().unwrap_or_default()
    }

    /// What a reader sees of each.
    #[track_caller]
    pub fn texts(&self, css: &str) -> Vec<String> {
        let code =
            "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText.trim())";
        let texts = self.script(code, &json!([css]));
        texts.as_array().expect("a list").iter().map(text).collect()
    }

    /// How many elements there are.
    #[track_caller]
    pub fn count(&self, css: &str) -> u64 {
        let count =
            self.script("return document.querySelectorAll(arguments[0]).length", &json!([css]));
        count.as_u64().expect("a number")
    }

    /// An attribute of the first such element.
    #[track_caller]
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let code =
            "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null";
        self.script(code, &json!([css, name])).as_str().map(str::to_owned)
    }

    /// Clicks on the first such element, which must be in reach of a mouse.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.act_on(css, |browser| browser.find(css), "click", &json!({}));
    }

    /// Clicks on the link or button with that text.
    #[track_caller]
    pub fn press(&self, label: &str) {
        let code = "
            const named = [...document.querySelectorAll('dialog[open] a, dialog[open] button')];
            const all = named.length ? named : [...document.querySelectorAll('main a, main button')];
            return all.find(e => e.innerText.trim().replace(/\\s/g, ' ') === arguments[0] && e.checkVisibility()) ?? null";
        let find = |browser: &Browser| {
            let found = browser.script(code, &json!([label]));
            found[ELEMENT].as_str().map(str::to_owned)
        };
        self.act_on(&format!("something to press that says `{label}`"), find, "click", &json!({}));
    }

    /// Types into a field, in place of what is in it.
    #[track_caller]
    pub fn fill(&self, css: &str, content: &str) {
        let find = |browser: &Browser| browser.find(css);
        self.act_on(css, find, "clear", &json!({}));
        self.act_on(css, find, "value", &json!({ "text": content }));
    }

    /// Chooses an entry of a list by its value.
    #[track_caller]
    pub fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value={}]", json!(value)));
    }

    /// Presses these keys one after the other, wherever the focus is.
    #[track_caller]
    pub fn keys(&self, keys: &[Key]) {
        let act = |kind: &str, value: &str| json!({ "type": kind, "value": value });
        let mut actions = Vec::new();
        for key in keys {
            let (with_shift, value) = match key {
                Key::Tab => (false, "\u{e004}"),
                Key::BackTab => (true, "\u{e004}"),
                Key::Enter => (false, "\u{e007}"),
                Key::Space => (false, " "),
                Key::Escape => (false, "\u{e00c}"),
                Key::Down => (false, "\u{e015}"),
            };
            let shift = |kind| with_shift.then(|| act(kind, "\u{e008}"));
            actions.extend(shift("keyDown"));
            actions.extend([act("keyDown", value), act("keyUp", value)]);
            actions.extend(shift("keyUp"));
        }
        self.press_keys(&actions);
    }

    /// Types a text wherever the focus is, key by key.
    #[track_caller]
    pub fn type_text(&self, content: &str) {
        let keys =
            content.chars().flat_map(|letter| ["keyDown", "keyUp"].map(|kind| (kind, letter)));
        let actions: Vec<Value> = keys
            .map(|(kind, letter)| json!({ "type": kind, "value": letter.to_string() }))
            .collect();
        self.press_keys(&actions);
    }

    /// Goes on with the Tab key until the element of that selector has the focus, as a reader without a mouse.
    #[track_caller]
    pub fn tab_to(&self, css: &str) {
        for _ in 0..TABS_MAX {
            self.keys(&[Key::Tab]);
            let here = self.script(
                "return document.activeElement?.matches(arguments[0]) ?? false",
                &json!([css]),
            );
            if here == true {
                return;
            }
        }
        panic!("the Tab key does not lead to `{css}` on {}", self.address());
    }

    /// Runs a function's body in the page; `arguments` is a list.
    #[track_caller]
    pub fn script(&self, code: &str, arguments: &Value) -> Value {
        self.post("execute/sync", &json!({ "script": code, "args": arguments }))
    }

    /// What an expression is in the page.
    #[track_caller]
    pub fn value(&self, expression: &str) -> Value {
        self.script(&format!("return {expression}"), &json!([]))
    }

    /// Does something within the first frame of that selector.
    #[track_caller]
    pub fn within<T>(&self, css: &str, act: impl FnOnce(&Browser) -> T) -> T {
        self.wait_for(css);
        let frame = self.find(css).expect("it was just there");
        self.post("frame", &json!({ "id": { ELEMENT: frame } }));
        let done = act(self);
        self.post("frame/parent", &json!({}));
        done
    }

    /// Waits until the page holds such an element.
    #[track_caller]
    pub fn wait_for(&self, css: &str) {
        self.until(css, || self.count(css) > 0);
    }

    /// Waits until an element's text contains that.
    #[track_caller]
    pub fn wait_for_text(&self, css: &str, part: &str) {
        self.until(&format!("`{part}` in {css}"), || {
            self.texts(css).iter().any(|text| plain(text).contains(&plain(part)))
        });
    }

    /// Waits until the page's address contains that.
    #[track_caller]
    pub fn wait_for_address(&self, part: &str) {
        self.until(&format!("the address {part}"), || self.address().contains(part));
    }

    /// Waits for a state, and fails with the page's text when it does not come.
    #[track_caller]
    pub fn until(&self, what: &str, mut state: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !state() {
            if begun.elapsed() > PATIENCE {
                let page = text(&self.value("document.body.innerText"));
                panic!("waited in vain for {what} on {}:\n{page}", self.address());
            }
            thread::sleep(PAUSE);
        }
    }

    /// A picture of what is in view, as PNG.
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let picture = text(&self.get("screenshot"));
        BASE64_STANDARD.decode(picture).expect("a screenshot is in base64")
    }

    /// Makes the view that large, in CSS pixels.
    #[track_caller]
    pub fn size(&self, width: u32, height: u32) {
        self.chromium(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// The reader prefers a dark page, or a light one; animations stand still for both.
    #[track_caller]
    pub fn dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.chromium("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// From the next page on, pages' own scripts do not run, or do again.
    #[track_caller]
    pub fn scripts(&self, run: bool) {
        self.chromium("Emulation.setScriptExecutionDisabled", &json!({ "value": !run }));
    }

    /// A command of Chromium's own protocol.
    #[track_caller]
    pub fn chromium(&self, command: &str, parameters: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What the pages' consoles said since the last call: errors of scripts, what the page's policy refused.
    #[track_caller]
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().expect("a list");
        entries.iter().map(|entry| text(&entry["message"])).collect()
    }

    /// Every address that was asked for since the browser was opened, in order, with what asked: `Document`,
    /// `Script`, `Fetch`, `Image` …
    #[track_caller]
    pub fn requests(&self) -> Vec<(String, String)> {
        let entries = self.post("se/log", &json!({ "type": "performance" }));
        let mut told = self.told.borrow_mut();
        for entry in entries.as_array().expect("a list") {
            let event = serde_json::from_str::<Value>(&text(&entry["message"])).expect("JSON");
            if event["message"]["method"] == "Network.requestWillBeSent" {
                told.push(event["message"]["params"].clone());
            }
        }
        let request = |told: &Value| (text(&told["type"]), text(&told["request"]["url"]));
        // Chromium's own first page comes out of Chromium itself.
        told.iter().map(request).filter(|(_, url)| !url.starts_with("chrome:")).collect()
    }

    #[track_caller]
    fn press_keys(&self, actions: &[Value]) {
        let keys = json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] });
        self.post("actions", &keys);
    }

    fn find(&self, css: &str) -> Option<String> {
        let wish = json!({ "using": "css selector", "value": css });
        let path = format!("/session/{}/element", self.session);
        let found = wire::command(self.port, "POST", &path, &wish).ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    /// Does something to an element as soon as it is there; once more, when a live page has just put another in its
    /// place.
    #[track_caller]
    fn act_on(
        &self,
        what: &str,
        find: impl Fn(&Browser) -> Option<String>,
        act: &str,
        body: &Value,
    ) {
        self.until(what, || {
            let Some(element) = find(self) else { return false };
            let path = format!("/session/{}/element/{element}/{act}", self.session);
            match wire::command(self.port, "POST", &path, body) {
                Ok(_) => true,
                Err(why) if why.starts_with("stale element") => false,
                Err(why) => panic!("{what}: {why}"),
            }
        });
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.command("GET", path, &Value::Null)
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.command("POST", path, body)
    }

    #[track_caller]
    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}/{path}", self.session);
        wire::command(self.port, method, &path, body).unwrap_or_else(|why| panic!("{path}: {why}"))
    }
}

/// No page of ours has more links than that before what a reader looks for.
const TABS_MAX: usize = 150;

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let path = format!("/session/{}", self.session);
            let _ = wire::command(self.port, "DELETE", &path, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A text with plain spaces in place of those at which no line breaks.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
