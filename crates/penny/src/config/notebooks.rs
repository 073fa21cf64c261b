//! The `[[notebook]]` sections of penny.toml.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::path::{Path, PathBuf, is_separator};

use super::diagnostic::{Diagnostic, Source};
use super::document::Table;
use super::table::{Findings, Section};
use super::{Entry, ScheduleSettings, execution, order, retention, schedule};

/// The keys of a notebook, beside those of its schedule.
const NOTEBOOK: &[&str] = &[
    "name",
    "file",
    "description",
    "kernel",
    "timeout",
    "cell_timeout",
    "memory",
    "stale_after",
    "keep",
    "parameters",
    "after",
    "start",
    "executor",
    "enabled",
];

/// For so many missing files the one that was meant is looked for.
const LIKENED_MAX: usize = 20;

/// Into so many folders it is looked; of the notebooks in others, each is asked for.
const FOLDERS_MAX: usize = 64;

/// From so many notebooks on, looking into their folders is less work than asking for each file.
const MANY: usize = 200;

/// The notebooks, and what is to be said of files that are not there.
pub(super) fn notebooks(
    root: &Table<'_>,
    top: &Section<'_>,
    source: &Source<'_>,
    folder: &Path,
    schedule: &ScheduleSettings,
    findings: &mut Findings,
) -> (Vec<Entry>, Vec<Diagnostic>) {
    // None listed is told by a run: `penny db stop` needs none.
    let Some(item) = root.get("notebook") else { return (Vec::new(), Vec::new()) };
    let Some(tables) = item.tables() else {
        let hint = Some("write each notebook under a line [[notebook]], with two brackets".into());
        findings.add(top.span_of("notebook"), "`notebook` is not a list".into(), hint);
        return (Vec::new(), Vec::new());
    };
    let mut entries: Vec<Entry> = Vec::with_capacity(tables.len());
    let mut missing = Vec::new();
    let mut places: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(tables.len());
    let mut folders = Folders::new(tables.len());
    let (mut places_of_after, mut switched_off) = (Vec::new(), Vec::new());
    let known = [NOTEBOOK, &schedule::OF_A_NOTEBOOK].concat();
    for (table, span) in tables {
        let section = Section::new("[[notebook]]", table, span, &known, findings);
        let Some((entry, name_span)) = entry(&section, folder, schedule, findings) else {
            continue;
        };
        let name = section.text_of("name").map_or(Cow::Borrowed(""), lowercase);
        if let Some(first) = places.insert(name, name_span.start) {
            let first = source.position(first).0;
            findings.add(
                name_span,
                format!("two notebooks are called `{}` (the first on line {first})", entry.name),
                Some("give one of them another name".into()),
            );
        }
        let enabled = section.flag("enabled", findings).unwrap_or(true);
        if enabled {
            if !folders.has(folder, &entry.file_text) && !entry.file.is_file() {
                missing.push((entries.len(), section.span_of("file")));
            }
            places_of_after.push(section.span_of("after"));
            entries.push(entry);
        } else {
            switched_off.push(entry.name);
        }
    }
    order::check(&mut entries, &places_of_after, &switched_off, findings);
    let told = tell_missing(&mut entries, missing, source);
    (entries, told)
}

/// Notes each missing file in its entry, and for all together.
fn tell_missing(
    entries: &mut [Entry],
    missing: Vec<(usize, Range<usize>)>,
    source: &Source<'_>,
) -> Vec<Diagnostic> {
    if missing.is_empty() {
        return Vec::new();
    }
    let listed: HashSet<PathBuf> = entries.iter().map(|e| e.file.clone()).collect();
    let alone = missing.len() == 1;
    let told = missing.into_iter().enumerate().map(|(number, (index, span))| {
        // Where many are missing a folder is, and comparing each with all says no more.
        let others =
            if number < LIKENED_MAX { unlisted(&entries[index].file, &listed) } else { Vec::new() };
        let diagnostic = missing_file(&entries[index], others, alone, span);
        entries[index].missing = Some(source.show(&diagnostic));
        diagnostic
    });
    told.collect()
}

/// A name as it is compared with others: two that differ in capitals alone are one on some systems.
fn lowercase(name: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
    if name.bytes().all(is_plain) { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) }
}

fn entry(
    section: &Section<'_>,
    folder: &Path,
    schedule: &ScheduleSettings,
    findings: &mut Findings,
) -> Option<(Entry, Range<usize>)> {
    let name = section.required_text("name", findings);
    let file_text = section.required_text("file", findings);
    let description = section.text("description", findings).unwrap_or_default();
    let kernel = section.text("kernel", findings);
    let timeout = section.duration("timeout", findings);
    let cell_timeout = section.duration("cell_timeout", findings);
    let memory_bytes = section.size("memory", findings);
    let stale_after = section.duration("stale_after", findings);
    let keep = retention::keep(section, findings);
    let after = section.texts("after", findings).unwrap_or_default();
    let start = execution::start(section, findings);
    let executor = execution::executor(section, findings);
    let (rules, on_change) = schedule::of_notebook(section, schedule, findings);
    let parameters = section.values("parameters", findings);
    let (name, file_text) = (name?, file_text?);
    // The name becomes a part of a file's name, on every system.
    let bad =
        |c| matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') || c.is_control();
    if name.contains(bad) || name.starts_with(['.', '-']) || name.trim() != name || name.len() > 100
    {
        findings.add(
            section.span_of("name"),
            format!("`{name}` cannot name a notebook: its outputs are called after it"),
            Some("use letters, digits, _ and -".into()),
        );
    }
    let mut file = PathBuf::with_capacity(folder.as_os_str().len() + 1 + file_text.len());
    file.push(folder);
    file.push(&file_text);
    let span = section.span_of("name");
    let entry = Entry {
        name,
        file,
        file_text,
        description,
        kernel,
        timeout,
        cell_timeout,
        memory_bytes,
        stale_after,
        keep,
        parameters,
        after,
        start,
        executor,
        rules,
        on_change,
        missing: None,
    };
    Some((entry, span))
}

/// The files of folders that have been looked into: of many notebooks in a folder, not each is asked for.
struct Folders {
    are_many: bool,
    known: Vec<(String, HashSet<OsString>)>,
    /// The one that was asked about last: neighbours in penny.toml mostly share a folder.
    last: usize,
}

impl Folders {
    fn new(notebooks: usize) -> Folders {
        Folders { are_many: notebooks >= MANY, known: Vec::new(), last: 0 }
    }

    /// Whether a file, as penny.toml in `root` writes it, is there for certain. One that is not found so may be
    /// there under another spelling of its name, or as a link.
    fn has(&mut self, root: &Path, file: &str) -> bool {
        if !self.are_many {
            return false;
        }
        let (folder, name) = file.split_at(file.rfind(is_separator).map_or(0, |last| last + 1));
        if self.known.get(self.last).is_none_or(|(known, _)| known != folder) {
            self.last = match self.known.iter().position(|(known, _)| known == folder) {
                Some(place) => place,
                None if self.known.len() == FOLDERS_MAX => return false,
                None => {
                    self.known.push((folder.to_owned(), files_of(&root.join(folder))));
                    self.known.len() - 1
                }
            };
        }
        self.known[self.last].1.contains(OsStr::new(name))
    }
}

/// The names of a folder's files.
fn files_of(folder: &Path) -> HashSet<OsString> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    // Counted first, so that the set need not grow with ten thousand files.
    files.map(|entry| entry.file_name()).collect::<Vec<_>>().into_iter().collect()
}

/// The notebooks in a file's folder that penny.toml does not list.
fn unlisted(file: &Path, listed: &HashSet<PathBuf>) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let others = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    others.filter(|p| p.extension().is_some_and(|e| e == "ipynb") && !listed.contains(p)).collect()
}

/// A file that is not there, and the one that was probably meant: the nearest name among the `others`,
/// notebooks that penny.toml does not list; or the only one of these, when this is the `alone` one that
/// is missing.
fn missing_file(
    entry: &Entry,
    others: Vec<PathBuf>,
    alone: bool,
    span: Range<usize>,
) -> Diagnostic {
    let message = format!("notebook `{}`: there is no file {}", entry.name, entry.file_text);
    let wanted = stem(&entry.file);
    let others = others.into_iter();
    let candidates: Vec<(f64, PathBuf)> =
        others.map(|path| (likeness(&wanted, &stem(&path)), path)).collect();
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
