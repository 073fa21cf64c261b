//! Starting Chromium and its ChromeDriver.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// No driver takes that long to say its port.
const START_MAX: Duration = Duration::from_secs(60);

/// No script of a test takes that long, even on a machine that does a lot else.
const SCRIPT_MAX: Duration = Duration::from_secs(80);

/// Chromium, if it is on this machine.
pub fn program() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path)
}

/// Its driver.
pub fn driver() -> Option<PathBuf> {
    on_path("chromedriver")
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
        .find(|path| path.is_file())
}

/// Starts the driver, with its log in `folder`, on a port that it chooses itself.
pub fn start_driver(program: &Path, folder: &Path) -> (Child, u16) {
    let said = folder.join("chromedriver.txt");
    let file = File::create(&said).expect("the folder can be written");
    let mut child = Command::new(program)
        .arg("--port=0")
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(&said).unwrap_or_default();
        if let Some(port) = port_in(&text) {
            return (child, port);
        }
        if begun.elapsed() > START_MAX || !matches!(child.try_wait(), Ok(None)) {
            let _ = child.kill();
            panic!("chromedriver says no port: {text}");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// "ChromeDriver was started successfully on port 35123."
fn port_in(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

/// What a session shall be: without a window, without a past, and without a word to anyone but this computer.
pub fn wishes(program: &Path, folder: &Path, languages: &str) -> Value {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let accepted = format!("--accept-lang={languages}");
    let arguments = [
        "--headless",
        // A browser of root's cannot put its pages into a sandbox of the system.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--hide-scrollbars",
        "--font-render-hinting=none",
        // A page that names another host finds none.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        &profile,
        &accepted,
    ];
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        // A dialog of a page's script stays, and makes the next command fail.
        "unhandledPromptBehavior": "ignore",
        // A page that is busy on a busy machine answers late; in milliseconds.
        "timeouts": { "script": SCRIPT_MAX.as_millis() as u64 },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": {
            "binary": program.display().to_string(),
            "args": arguments,
            "prefs": { "intl.accept_languages": languages },
        },
    }}})
}
