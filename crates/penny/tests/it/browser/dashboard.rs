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

/// How a page is looked at.
#[derive(Clone, Copy)]
pub struct Look {
    name: &'static str,
    width: u32,
    dark: bool,
}

/// All ways in which a page is looked at.
pub const LOOKS: [Look; 4] = [
    Look { name: "light", width: 1280, dark: false },
    Look { name: "dark", width: 1280, dark: true },
    Look { name: "200 %", width: 640, dark: false },
    Look { name: "phone", width: 320, dark: true },
];

/// A French reader's languages.
pub const FRENCH: &str = "fr-FR,fr";
/// An English reader's.
pub const ENGLISH: &str = "en-GB,en";

impl Dashboard {
    /// Starts the service and opens its dashboard by the link that `penny dashboard` prints; none, which is said, on a
    /// machine without a browser.
    #[track_caller]
    pub fn open(workspace: Workspace, languages: &str) -> Option<Dashboard> {
        let dashboard = Dashboard::start(workspace, "127.0.0.1", languages)?;
        dashboard.browser.go(&dashboard.link());
        let home = format!("{}/", dashboard.url);
        assert_eq!(dashboard.browser.address(), home, "the login leads home");
        Some(dashboard)
    }

    /// Starts the service, which listens there, and a browser in which nothing is open yet; none, which is said, on a
    /// machine without one.
    #[track_caller]
    pub fn start(workspace: Workspace, listen: &str, languages: &str) -> Option<Dashboard> {
        let browser = Browser::open(languages)?;
        let port = free_port();
        let workspace = workspace.config(&format!("[web]\nlisten = \"{listen}:{port}\""));
        let service = Service::start(&workspace);
        service.says("/login?token=");
        let url = format!("http://127.0.0.1:{port}");
        Some(Dashboard { browser, _service: service, workspace, url })
    }

    /// A fresh link of `penny dashboard`.
    #[track_caller]
    pub fn link(&self) -> String {
        let told = self.workspace.run(&["dashboard", "--json"]).status(0).stdout;
        let told: Value = serde_json::from_str(&told).expect("JSON");
        told["url"].as_str().expect("a link").to_owned()
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
        self.hold(paths, &LOOKS);
    }

    /// The same in some looks.
    #[track_caller]
    pub fn hold(&self, paths: &[&str], looks: &[Look]) {
        let mut wrong = Vec::new();
        for path in paths {
            self.browser.size(1280, 800);
            self.browser.dark(false);
            self.go(path);
            assert_eq!(self.path(), *path, "it stays where it was asked for");
            wrong.extend(self.wrong_here(looks));
        }
        // That a form was filled in wrongly, or that there is no such page, is no fault of the page.
        let is_own = |said: &String| {
            let of_page = |path: &&str| said.starts_with(&format!("{}{path} - ", self.url));
            said.contains("status of 422")
                || (said.contains("status of 4") && paths.iter().any(of_page))
        };
        let said = self.browser.console().into_iter().filter(|said| !is_own(said));
        wrong.extend(said.map(|said| format!("the console says: {said}")));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        self.nothing_was_asked_of_another_host();
    }

    /// What is wrong with the page that is open, in each of these looks.
    #[track_caller]
    pub fn wrong_here(&self, looks: &[Look]) -> Vec<String> {
        let (browser, path) = (&self.browser, self.path());
        let mut wrong = Vec::new();
        for Look { name, width, dark } in looks {
            browser.size(*width, 800);
            browser.dark(*dark);
            let found = browser.violations();
            wrong.extend(found.iter().map(|v| format!("{path} ({name}): {v}")));
            wrong.extend(browser.overflow().map(|what| format!("{path} ({name}): {what}")));
        }
        browser.size(1280, 800);
        browser.dark(false);
        wrong
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
