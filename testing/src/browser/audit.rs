//! Accessibility, as axe-core judges it: the rules of WCAG 2.2 A and AA that a program can check.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::Browser;

/// axe-core 4.12.1 as it is on PyPI.
const PACKAGE: &str = "axe-playwright-python==0.1.8 \
    --hash=sha256:fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8\n";

/// Everything a program can check, and the page as it scrolls.
const RULES: &str = "
    return axe.run(document, {
        // The corner of a DataFrame has no text: that is how pandas shows one.
        rules: { 'empty-table-header': { enabled: false } },
        iframes: false, preload: false, resultTypes: ['violations'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }).then(found => found.violations)";

/// The elements that stick out, unless they are in a region that scrolls by itself.
const OVERFLOW: &str = "(() => {
    const page = document.documentElement;
    if (page.scrollWidth <= innerWidth) return null;
    const scrolls = e => {
        for (let up = e.parentElement; up; up = up.parentElement)
            if (getComputedStyle(up).overflowX !== 'visible') return true;
        return false;
    };
    const wide = [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e));
    return `${page.scrollWidth} px wide in a view of ${innerWidth} px: `
        + wide.slice(0, 4).map(e => e.outerHTML.slice(0, 100)).join(' … ');
})()";

/// The source of axe-core, fetched once and checked against its hash.
static AXE: LazyLock<String> = LazyLock::new(|| {
    let folder = crate::once("axe-0.1.8", fetch);
    let path = folder.join("axe_playwright_python").join("axe.min.js");
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
});

/// A rule that a page breaks.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The rule's name: `color-contrast`.
    pub rule: String,
    /// What it asks for.
    pub help: String,
    /// The elements, each with what is wrong with it.
    pub places: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.help)?;
        self.places.iter().try_for_each(|place| write!(f, "\n    {place}"))
    }
}

impl Browser {
    /// What is wrong with the page as it stands.
    #[track_caller]
    pub fn violations(&self) -> Vec<Violation> {
        if self.value("typeof axe") == "undefined" {
            self.script(&format!("{}\nwindow.axe = axe;", *AXE), &json!([]));
        }
        let found = self.script(RULES, &json!([]));
        found.as_array().expect("a list").iter().map(violation).collect()
    }

    /// Fails if the page as it stands breaks a rule of accessibility.
    #[track_caller]
    pub fn audit(&self) {
        let violations: Vec<String> = self.violations().iter().map(Violation::to_string).collect();
        assert!(violations.is_empty(), "{}:\n{}", self.address(), violations.join("\n"));
    }

    /// What makes the page as a whole wider than its view, so that a reader would have to scroll in two directions.
    #[track_caller]
    pub fn overflow(&self) -> Option<String> {
        let found = self.value(OVERFLOW);
        found.as_str().map(str::to_owned)
    }
}

fn violation(found: &Value) -> Violation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let places = found["nodes"].as_array().into_iter().flatten().map(|node| {
        let why = text(&node["failureSummary"]).replace('\n', " ");
        format!("{}  {}  {why}", node["target"], text(&node["html"]))
    });
    Violation { rule: text(&found["id"]), help: text(&found["help"]), places: places.collect() }
}

fn fetch(place: &Path) {
    std::fs::create_dir_all(place).expect("the target folder can be written");
    let wanted = place.join("wanted.txt");
    std::fs::write(&wanted, PACKAGE).expect("written");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    // pip of a bare Debian wants to be asked twice; nothing of the system is touched.
    crate::run(
        Command::new(crate::python())
            .args(pip)
            .args(["--require-hashes", "--target"])
            .arg(place)
            .arg("-r")
            .arg(&wanted),
    );
}
