//! `cargo xtask screenshots`: the dashboard's main pages as pictures for the documents.
//!
//! Everything on them is real: a demo workspace in which a service has worked for days, opened in
//! Chromium. The workspace stays in `target/penny-screenshots`; the file `lived` there says how far it is; without it, the workspace is made anew.

mod company;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use penny_testing::browser::Browser;

use crate::bench::{Result, cannot, timed};
use company::Company;

/// No picture is larger.
const BYTES_MAX: u64 = 150_000;
/// Fewer colours make a picture of text and lines small, and look the same.
const SMALLER: &str = "
import sys
from PIL import Image
for path in sys.argv[1:]:
    picture = Image.open(path).convert('RGB')
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
";

/// A page, and how it is looked at.
struct View {
    /// The picture's name.
    name: &'static str,
    path: String,
    dark: bool,
    size: (u32, u32),
    /// What is scrolled to.
    to: Option<&'static str>,
}

/// Takes the pictures.
pub fn screenshots(root: &Path) -> ExitCode {
    match take(root) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            ExitCode::FAILURE
        }
    }
}

fn take(root: &Path) -> Result<()> {
    let folder = root.join("target/penny-screenshots");
    fs::create_dir_all(&folder).map_err(|e| cannot("make", &folder, &e))?;
    let Some(browser) = Browser::open("fr-FR,fr") else {
        return Err("there is no Chromium on this machine".to_owned());
    };
    let images = root.join("docs/images");
    fs::create_dir_all(&images).map_err(|e| cannot("make", &images, &e))?;
    let company = Company::found(root, &folder)?;
    company.mend()?;
    let service = company.start()?;
    company.run(&["run"])?;
    browser.go(&service.link()?);
    shoot(&browser, &images, &views_of_a_good_day(&company)?)?;
    company.spoil()?;
    company.run(&["run", "customer_invoices"])?;
    let failed = company.runs("customer_invoices", "failed")?[0];
    let views = [
        View::of("home-failure", "/"),
        View { dark: true, ..View::of("home-dark", "/") },
        View { to: Some("h1"), ..View::of("run-failed", format!("/runs/{failed}")) },
    ];
    shoot(&browser, &images, &views)?;
    make_smaller(&images, &folder)
}

/// When all is well.
fn views_of_a_good_day(company: &Company) -> Result<Vec<View>> {
    let runs = company.runs("customer_invoices", "succeeded")?;
    let bank = company.runs("bank_transactions", "succeeded")?[0];
    let (newest, oldest) = (runs[0], runs[runs.len() - 1]);
    Ok(vec![
        View::of("home", "/"),
        View { size: PHONE, ..View::of("home-phone", "/") },
        View::of("run", format!("/runs/{bank}")),
        View { to: Some(".output img"), ..View::of("run-cells", format!("/runs/{bank}")) },
        View::of("compare", format!("/compare/{oldest}/{newest}")),
        View::of("notebook", "/notebooks/customer_invoices"),
        View::of("run-form", "/notebooks/customer_invoices/run"),
        View::of("schedule", "/notebooks/customer_invoices/schedule"),
        View::of("history", "/history"),
        View::of("calendar", "/calendar"),
        View::of("tables", "/tables"),
        View::of("table", "/tables/pennylane.customer_invoices"),
    ])
}

const DESK: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);

impl View {
    fn of(name: &'static str, path: impl Into<String>) -> View {
        View { name, path: path.into(), dark: false, size: DESK, to: None }
    }
}

fn shoot(browser: &Browser, images: &Path, views: &[View]) -> Result<()> {
    let address = browser.address();
    let home = address.trim_end_matches('/');
    for view in views {
        browser.size(view.size.0, view.size.1);
        browser.dark(view.dark);
        browser.go(&format!("{home}{}", view.path));
        let scroll = match view.to {
            Some(css) => format!(
                "document.querySelector('{css}')?.scrollIntoView({{block: 'center'}}) ?? null"
            ),
            None => "scrollTo(0, 0) ?? null".to_owned(),
        };
        browser.value(&scroll);
        let path = images.join(format!("{}.png", view.name));
        fs::write(&path, browser.screenshot()).map_err(|e| cannot("write", &path, &e))?;
        eprintln!("{}", path.display());
    }
    browser.go(&format!("{home}/"));
    Ok(())
}

fn make_smaller(images: &Path, folder: &Path) -> Result<()> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(images).map_err(|e| cannot("read", images, &e))? {
        let path = entry.map_err(|e| cannot("read", images, &e))?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            paths.push(path);
        }
    }
    let mut python = Command::new(penny_testing::python());
    timed(python.args(["-c", SMALLER]).args(&paths), &folder.join("smaller.log"))?;
    for path in paths {
        let size = fs::metadata(&path).map_err(|e| cannot("read", &path, &e))?.len();
        if size > BYTES_MAX {
            return Err(format!("{} has {size} bytes", path.display()));
        }
    }
    Ok(())
}
