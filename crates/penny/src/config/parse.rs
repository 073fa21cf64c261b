//! penny.toml as text, checked as a whole.

use std::path::{Path, PathBuf};

use penny_schedule::Retry;

use super::diagnostic::Source;
use super::document::{self, Table};
use super::table::{Findings, Section};
use super::{
    Config, Limits, PythonSettings, ScheduleSettings, WebSettings, alerts, execution, notebooks,
    retention, schedule, web,
};
use crate::error::Result;

const TOP: &[&str] = &[
    "schedule",
    "retry",
    "execution",
    "python",
    "pennylane",
    "limits",
    "notebook",
    "alert",
    "web",
    "retention",
];

/// Reads the text; everything wrong is reported together.
pub fn parse(source: &Source<'_>) -> Result<Config> {
    let document = match document::read(source.text) {
        Ok(document) => document,
        Err(mut wrong) => {
            wrong.hint = Some(syntax_hint(&wrong.message).to_owned());
            return Err(source.error(vec![wrong]));
        }
    };
    let root = &document;
    let mut findings = Findings::default();
    let top = Section::new("", root, 0..0, TOP, &mut findings);
    let folder = source.path.parent().unwrap_or(Path::new("."));

    let schedule = section(root, "schedule", schedule::KEYS, &mut findings)
        .map_or_else(ScheduleSettings::default, |s| schedule::read(&s, &mut findings));
    let retry = section(root, "retry", schedule::RETRY_KEYS, &mut findings)
        .map_or_else(Retry::default, |s| schedule::retry(&s, &mut findings));
    let python = python(root, folder, &mut findings);
    let sandbox = section(root, "pennylane", &["sandbox"], &mut findings)
        .and_then(|s| s.flag("sandbox", &mut findings))
        .unwrap_or(false);
    let limits = limits(root, &mut findings);
    let execution = section(root, "execution", execution::KEYS, &mut findings)
        .map(|s| execution::read(&s, &mut findings))
        .unwrap_or_default();
    let (notebooks, missing) =
        notebooks::notebooks(root, &top, source, folder, &schedule, &mut findings);
    let alerts = alerts::read(root, &top, &mut findings);
    let web = section(root, "web", web::KEYS, &mut findings)
        .map_or_else(WebSettings::default, |s| web::read(&s, &mut findings));
    let retention = section(root, "retention", retention::KEYS, &mut findings)
        .map(|s| retention::read(&s, &mut findings))
        .unwrap_or_default();
    execution::check_gateway(&execution, root, &mut findings);

    // A missing file alone must not keep the other notebooks from running: it is then told by its run.
    if !findings.0.is_empty() {
        findings.0.extend(missing);
        return Err(source.error(findings.0));
    }
    let zone = schedule.rules.zone.clone();
    Ok(Config {
        schedule,
        zone,
        retry,
        notebooks,
        execution,
        python,
        sandbox,
        limits,
        retention,
        alerts,
        web,
    })
}

/// What to do about a mistake of TOML's syntax, for people who do not know TOML.
fn syntax_hint(message: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if has(&["escape", "unicode"]) {
        "in a path, write / in place of \\"
    } else if has(&["string"]) {
        "a text is in quotes, as in name = \"customers\", and ends on its own line"
    } else if has(&["duplicate"]) {
        "keep one of the two"
    } else if has(&["table"]) {
        "a section begins with its name in brackets, as in [schedule]; a notebook with [[notebook]]"
    } else {
        "a setting is a line such as every = \"2h\""
    }
}

/// A `[section]` that may be absent.
fn section<'a>(
    root: &'a Table<'a>,
    name: &'static str,
    known: &[&str],
    findings: &mut Findings,
) -> Option<Section<'a>> {
    let item = root.get(name)?;
    let span = item.span.clone();
    let title: &'static str = match name {
        "schedule" => "[schedule]",
        "retry" => "[retry]",
        "execution" => "[execution]",
        "python" => "[python]",
        "pennylane" => "[pennylane]",
        "web" => "[web]",
        "retention" => "[retention]",
        _ => "[limits]",
    };
    let Some(table) = item.table() else {
        findings.add(span, format!("`{name}` should be a section: write {title}"), None);
        return None;
    };
    Some(Section::new(title, table, span, known, findings))
}

fn python(root: &Table<'_>, folder: &Path, findings: &mut Findings) -> PythonSettings {
    let mut settings = PythonSettings {
        interpreter: None,
        kernel: None,
        requirements: folder.join("requirements.txt"),
    };
    let known = ["interpreter", "kernel", "requirements"];
    let Some(section) = section(root, "python", &known, findings) else { return settings };
    settings.interpreter = existing_file(&section, "interpreter", folder, findings);
    if let Some(path) = existing_file(&section, "requirements", folder, findings) {
        settings.requirements = path;
    }
    settings.kernel = section.text("kernel", findings);
    settings
}

/// A key that names a file; one that is not there is noted.
fn existing_file(
    section: &Section<'_>,
    key: &str,
    folder: &Path,
    findings: &mut Findings,
) -> Option<PathBuf> {
    let text = section.text(key, findings)?;
    let path = folder.join(&text);
    if !path.is_file() {
        let hint =
            "write its path, from the root of the disk or from the folder of penny.toml".to_owned();
        findings.add(section.span_of(key), format!("`{key}`: there is no file {text}"), Some(hint));
    }
    Some(path)
}

fn limits(root: &Table<'_>, findings: &mut Findings) -> Limits {
    let mut limits = Limits::default();
    let known = [
        "timeout",
        "cell_timeout",
        "kernel_start",
        "memory",
        "output_mb_per_cell",
        "stale_after",
        "sync",
    ];
    let Some(section) = section(root, "limits", &known, findings) else { return limits };
    if let Some(timeout) = section.duration("timeout", findings) {
        limits.timeout = timeout;
    }
    limits.cell_timeout = section.duration("cell_timeout", findings);
    limits.memory_bytes = section.size("memory", findings);
    if let Some(sync) = section.duration("sync", findings) {
        limits.sync = sync;
    }
    limits.stale_after = section.duration("stale_after", findings);
    if let Some(start) = section.duration("kernel_start", findings) {
        limits.kernel_start = start;
    }
    if let Some(mb) = section.whole("output_mb_per_cell", 1..=1_000, findings) {
        limits.output_bytes_per_cell = usize::try_from(mb).expect("at most a thousand") * 1_000_000;
    }
    limits
}
