//! penny.toml as text, checked as a whole.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use penny_schedule::Schedule;
use toml_edit::{Document, Item, TableLike};

use super::diagnostic::{Diagnostic, Source};
use super::table::{Findings, LENGTH_OF_TIME, Section};
use super::{Config, Entry, Limits, PythonSettings};
use crate::error::Result;

const TOP: &[&str] = &["schedule", "python", "pennylane", "limits", "notebook"];
const NOTEBOOK: &[&str] =
    &["name", "file", "description", "kernel", "timeout", "parameters", "enabled"];

/// Reads the text; everything wrong is reported together.
pub fn parse(source: &Source<'_>) -> Result<Config> {
    let document = match Document::parse(source.text) {
        Ok(document) => document,
        Err(error) => {
            let message = error.message().trim().replace('\n', ", ");
            let span = error.span().unwrap_or(0..0);
            let hint = Some(syntax_hint(&message).to_owned());
            return Err(source.error(vec![Diagnostic { message, hint, span }]));
        }
    };
    let root = document.as_table();
    let mut findings = Findings::default();
    let top = Section::new("", root, 0..0, TOP, &mut findings);
    let folder = source.path.parent().unwrap_or(Path::new("."));

    let (schedule, zone) = schedule(root, &mut findings);
    let python = python(root, folder, &mut findings);
    let sandbox = section(root, "pennylane", &["sandbox"], &mut findings)
        .and_then(|s| s.flag("sandbox", &mut findings))
        .unwrap_or(false);
    let limits = limits(root, &mut findings);
    let (notebooks, missing) = notebooks(root, &top, source, folder, &mut findings);

    // A missing file alone must not keep the other notebooks from running: it is then told by its run.
    if !findings.0.is_empty() {
        findings.0.extend(missing);
        return Err(source.error(findings.0));
    }
    Ok(Config { schedule, zone, notebooks, python, sandbox, limits })
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
    root: &'a dyn TableLike,
    name: &'static str,
    known: &[&str],
    findings: &mut Findings,
) -> Option<Section<'a>> {
    let item = root.get(name)?;
    let span = item.span().unwrap_or(0..0);
    let title: &'static str = match name {
        "schedule" => "[schedule]",
        "python" => "[python]",
        "pennylane" => "[pennylane]",
        _ => "[limits]",
    };
    let Some(table) = item.as_table_like() else {
        findings.add(span, format!("`{name}` should be a section: write {title}"), None);
        return None;
    };
    Some(Section::new(title, table, span, known, findings))
}

fn schedule(root: &dyn TableLike, findings: &mut Findings) -> (Schedule, TimeZone) {
    let usual = || Schedule::every("2h").expect("two hours are an interval");
    let zone = TimeZone::system();
    let known = ["every", "daily_at", "timezone"];
    let Some(section) = section(root, "schedule", &known, findings) else {
        return (usual(), zone);
    };
    if section.has("every") && section.has("daily_at") {
        findings.add(
            section.span_of("daily_at"),
            "[schedule] has both `every` and `daily_at`".into(),
            Some("keep one of them".into()),
        );
    }
    let mut chosen = None;
    if let Some(text) = section.text_as("every", LENGTH_OF_TIME, findings) {
        match Schedule::every(&text) {
            Ok(schedule) => chosen = Some(schedule),
            Err(why) => findings.add(section.span_of("every"), format!("`every`: {why}"), None),
        }
    }
    if let Some(times) = section.texts("daily_at", findings) {
        match Schedule::daily_at(&times) {
            Ok(schedule) => chosen = Some(schedule),
            Err(why) => {
                findings.add(section.span_of("daily_at"), format!("`daily_at`: {why}"), None);
            }
        }
    }
    let zone = match section.text("timezone", findings) {
        None => zone,
        Some(name) => match penny_schedule::time_zone(&name) {
            Ok(zone) => zone,
            Err(why) => {
                findings.add(section.span_of("timezone"), format!("`timezone`: {why}"), None);
                zone
            }
        },
    };
    (chosen.unwrap_or_else(usual), zone)
}

fn python(root: &dyn TableLike, folder: &Path, findings: &mut Findings) -> PythonSettings {
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

fn limits(root: &dyn TableLike, findings: &mut Findings) -> Limits {
    let mut limits = Limits::default();
    let known = ["timeout", "kernel_start", "output_mb_per_cell"];
    let Some(section) = section(root, "limits", &known, findings) else { return limits };
    if let Some(timeout) = section.duration("timeout", findings) {
        limits.timeout = timeout;
    }
    if let Some(start) = section.duration("kernel_start", findings) {
        limits.kernel_start = start;
    }
    if let Some(mb) = section.whole("output_mb_per_cell", 1..=1_000, findings) {
        limits.output_bytes_per_cell = usize::try_from(mb).expect("at most a thousand") * 1_000_000;
    }
    limits
}

/// The notebooks, and what is to be said of files that are not there.
fn notebooks(
    root: &dyn TableLike,
    top: &Section<'_>,
    source: &Source<'_>,
    folder: &Path,
    findings: &mut Findings,
) -> (Vec<Entry>, Vec<Diagnostic>) {
    // None listed is told by a run: `penny db stop` needs none.
    let Some(item) = root.get("notebook") else { return (Vec::new(), Vec::new()) };
    let Some(tables) = tables(item) else {
        let hint = Some("write each notebook under a line [[notebook]], with two brackets".into());
        findings.add(top.span_of("notebook"), "`notebook` is not a list".into(), hint);
        return (Vec::new(), Vec::new());
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut missing = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    for (table, span) in tables {
        let section = Section::new("[[notebook]]", table, span, NOTEBOOK, findings);
        let Some((entry, name_span)) = entry(&section, folder, findings) else { continue };
        let line = source.position(name_span.start).0;
        if let Some(first) = lines.insert(entry.name.to_lowercase(), line) {
            findings.add(
                name_span,
                format!("two notebooks are called `{}` (the first on line {first})", entry.name),
                Some("give one of them another name".into()),
            );
        }
        let enabled = section.flag("enabled", findings).unwrap_or(true);
        if !entry.file.is_file() {
            missing.push((entries.len(), section.span_of("file"), enabled));
        }
        entries.push(entry);
        if !enabled {
            entries.pop();
            missing.retain(|(i, _, _)| *i < entries.len());
        }
    }
    let listed: Vec<PathBuf> = entries.iter().map(|e| e.file.clone()).collect();
    let alone = missing.len() == 1;
    let told = missing.into_iter().map(|(index, span, _)| {
        let diagnostic = missing_file(&entries[index], &listed, alone, span);
        entries[index].missing = Some(source.show(&diagnostic));
        diagnostic
    });
    let told = told.collect();
    (entries, told)
}

fn tables(item: &Item) -> Option<Vec<(&dyn TableLike, Range<usize>)>> {
    if let Some(tables) = item.as_array_of_tables() {
        let all = tables.iter().map(|t| (t as &dyn TableLike, t.span().unwrap_or(0..0)));
        return Some(all.collect());
    }
    let array = item.as_array()?;
    array
        .iter()
        .map(|v| Some((v.as_inline_table()? as &dyn TableLike, v.span().unwrap_or(0..0))))
        .collect()
}

fn entry(
    section: &Section<'_>,
    folder: &Path,
    findings: &mut Findings,
) -> Option<(Entry, Range<usize>)> {
    let name = section.required_text("name", findings);
    let file_text = section.required_text("file", findings);
    let description = section.text("description", findings).unwrap_or_default();
    let kernel = section.text("kernel", findings);
    let timeout = section.duration("timeout", findings);
    let parameters = section.values("parameters", findings);
    let (name, file_text) = (name?, file_text?);
    // The name becomes a part of a file's name, on every system.
    let bad = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    if name.contains(bad) || name.starts_with(['.', '-']) || name.trim() != name || name.len() > 100
    {
        findings.add(
            section.span_of("name"),
            format!("`{name}` cannot name a notebook: its outputs are called after it"),
            Some("use letters, digits, _ and -".into()),
        );
    }
    let file = folder.join(&file_text);
    let span = section.span_of("name");
    let entry =
        Entry { name, file, file_text, description, kernel, timeout, parameters, missing: None };
    Some((entry, span))
}

/// A file that is not there, and the one that was probably meant: the nearest name among the
/// notebooks of the workspace that are not listed under another name; or the only one that is not
/// listed, when this is the `alone` one that is missing.
fn missing_file(entry: &Entry, listed: &[PathBuf], alone: bool, span: Range<usize>) -> Diagnostic {
    let message = format!("notebook `{}`: there is no file {}", entry.name, entry.file_text);
    let wanted = stem(&entry.file);
    let folder = entry.file.parent().map(Path::to_owned).unwrap_or_default();
    let others = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path());
    let candidates: Vec<(f64, PathBuf)> = others
        .filter(|p| p.extension().is_some_and(|e| e == "ipynb") && !listed.contains(p))
        .map(|p| (likeness(&wanted, &stem(&p)), p))
        .collect();
    let only = alone && candidates.len() == 1;
    let hint = match candidates.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, path)) if likeness > 0.7 || only => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("was it renamed? the folder has {name}: write that name in penny.toml")
        }
        _ => "put the notebook back, or remove its section from penny.toml".to_owned(),
    };
    Diagnostic { message, hint: Some(hint), span }
}

/// How alike two names are, from 0 to 1, without the words that both begin with: `Import_` says nothing.
fn likeness(one: &str, other: &str) -> f64 {
    let common: usize =
        one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let words = one[..common].rfind(['_', '-', ' ']).map_or(0, |at| at + 1);
    strsim::jaro_winkler(&one[words..], &other[words..])
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase()
}
