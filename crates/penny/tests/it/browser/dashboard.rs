//! A dashboard that a browser has open: a workspace, its service, and a reader who has logged in.

use penny_testing::browser::Browser;
use serde_json::Value;

use crate::service::Service;
use crate::support::{Workspace, free_port};

/// A service, and a browser that is logged in.
pub struct Dashboard {
    /// What a reader does.
    pub browser: Browser,
    /// What runs, until the end of the test.
    _service: Service,
    /// Where it runs.
    pub workspace: Workspace,
    url: String,
}

/// A French reader's languages.
pub const FRENCH: &str = "fr-FR,fr";
/// An English reader's.
pub const ENGLISH: &str = "en-GB,en";

impl Dashboard {
    /// Starts the service and opens its dashboard by the link that `penny dashboard` prints; none, which is said, on a
    /// machine without a browser.
    #[track_caller]
    pub fn open(workspace: Workspace, languages: &str) -> Option<Dashboard> {
        let browser = Browser::open(languages)?;
        let workspace = workspace.config(&format!("[web]\nlisten = \"127.0.0.1:{}\"", free_port()));
        let service = Service::start(&workspace);
        service.says("/login?token=");
        let mut dashboard = Dashboard { browser, _service: service, workspace, url: String::new() };
        dashboard.url = dashboard.log_in();
        Some(dashboard)
    }

    /// Logs in by a fresh link; the address of home, without the slash at its end.
    #[track_caller]
    fn log_in(&self) -> String {
        let told = self.workspace.run(&["dashboard", "--json"]).status(0).stdout;
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let link = told["url"].as_str().expect("a link");
        self.browser.go(link);
        let (url, _) = link.split_once("/login").expect("a link to the login");
        assert_eq!(self.browser.address(), format!("{url}/"), "the login leads home");
        url.to_owned()
    }

    /// Opens a page by its path.
    #[track_caller]
    pub fn go(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.url));
    }

    /// The path of the page that is open.
    #[track_caller]
    pub fn path(&self) -> String {
        let address = self.browser.address();
        address.strip_prefix(&self.url).unwrap_or(&address).to_owned()
    }

    /// What must hold of every page, whatever it shows: opens each of these paths in light and dark, wide, on a phone and at
    /// 200 %, and looks at its accessibility, its width, its frame and its weight.
    #[track_caller]
    pub fn hold_what_every_page_does(&self, paths: &[&str]) {
        let browser = &self.browser;
        let mut wrong = Vec::new();
        for path in paths {
            browser.size(1280, 800);
            browser.dark(false);
            self.go(path);
            assert_eq!(self.path(), *path, "it stays where it was asked for");
            for (looks, width, dark) in [
                ("light", 1280, false),
                ("dark", 1280, true),
                ("200 %", 640, false),
                ("phone", 320, true),
            ] {
                browser.size(width, 800);
                browser.dark(dark);
                let found = browser.violations();
                wrong.extend(found.iter().map(|v| format!("{path} ({looks}): {v}")));
                wrong.extend(browser.overflow().map(|what| format!("{path} ({looks}): {what}")));
            }
        }
        browser.size(1280, 800);
        browser.dark(false);
        // That a form was filled in wrongly is no fault of the page.
        let said = browser.console().into_iter().filter(|said| !said.contains("status of 422"));
        wrong.extend(said.map(|said| format!("the console says: {said}")));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        self.nothing_was_asked_of_another_host();
    }

    /// Every request went to the dashboard itself.
    #[track_caller]
    pub fn nothing_was_asked_of_another_host(&self) {
        let requests = self.browser.requests();
        let elsewhere: Vec<_> = requests
            .iter()
            .filter(|(_, url)| !url.starts_with(&self.url) && !url.starts_with("data:"))
            .collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
    }
}
