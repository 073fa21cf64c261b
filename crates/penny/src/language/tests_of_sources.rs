//! The code held against the table: what these sources say in English is said in French, too.

use std::path::Path;

use super::put_together::PUT_TOGETHER;
use super::shapes;
use super::tests_of_sentences::{crates, gather, joined};
use super::typography::typeset;
use super::written::DOINGS;

/// Sources of sentences that reach the history or a page; a new sentence in them needs its French.
const HELD: &[&str] = &[
    "penny-postgres/src/publish",
    "penny-postgres/src/connection",
    "penny-postgres/src/embedded/error.rs",
    "penny-postgres/src/embedded/cluster.rs",
    "penny-postgres/src/read/error.rs",
    "penny-pennylane/src/error.rs",
    "penny-pennylane/src/client.rs",
    "penny-pennylane/src/export.rs",
    "penny-pennylane/src/pages.rs",
    "penny-pennylane/src/query.rs",
    "penny-pennylane/src/trouble.rs",
    "penny-pennylane/src/resource/mod.rs",
    "penny-schedule/src/error.rs",
    "penny-notebook/src/read.rs",
    "penny-kernel/src/kernelspec.rs",
    "penny-kernel/src/start.rs",
    "penny-kernel/src/gateway/error.rs",
    "penny/src/run/choice.rs",
    "penny/src/run/output.rs",
    "penny/src/run/templates.rs",
    "penny/src/sources",
    "penny/src/database",
    "penny/src/environment",
    "penny/src/config",
    "../python/penny",
];

/// What stands in them and is no sentence for a reader: types, parts of SQL, what Python itself is told.
const NOT_SAID: &[&str] = &[
    // penny-postgres, publishing.
    "double precision",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
    "Penny: empty so far; the type follows the first value.",
    "penny publish {}",
    "a publish is begun anew",
    "the upkeep of a table was left to the server",
    "`{}` from {} to {}",
    "`{column}` added",
    "`{column}` dropped",
    // The module of notebooks, whose own output is in French.
    "{sentence}\n{hint}",
    "hint: {text}",
    "not in",
    "({', '.join(literal(value, name) for value in values)})",
    "{kind} in row {row + 1}",
    "without name",
    "nouvelle table",
    "attention : {text}",
    "absentes du DataFrame, gardées vides : {', '.join(self.columns_missing)}",
    "{_number(count)} ligne{'s' if count > 1 else ''}",
    // What the layers below say, as they are recognised.
    "password missing",
    "ensurepip is not",
    "No module named venv",
    "No module named ensurepip",
    "No space left on device",
    "not enough space on the disk",
    "os error 28",
    "invalid peer certificate",
    "certificate verify failed",
    "name resolution",
    "getaddrinfo failed",
    "Failed to establish a new connection",
    "Network is unreachable",
    "dns error",
    "error sending request",
    "tcp connect error",
    "there is no version of",
    "there are no versions of",
    "was not found in",
    ", we can conclude",
    "No solution found",
    "No matching distribution found for",
    "failed to lookup address",
    "too deep",
    "duplicate key",
    "recursion limit",
    // What is only logged, or shown by a command while it goes on.
    "a connection to PostgreSQL ended",
    "another attempt",
    "Installing collected packages:",
    "looking for {name}",
    "downloading {file}",
    "downloading {file}, {size}",
    "installing {count} packages",
    "uv makes a virtual environment",
    "making a virtual environment of {}",
    "1 library and what it needs",
    "{count} libraries and what they need",
    "ready, {libraries} ({})",
    "another penny command is making the Python environment: waiting for it",
    "filling the data share",
    "{}, {} ledger lines",
    "running on 127.0.0.1:{port}",
    "making the database's folder",
    "it is being started already: waiting for it",
    "it recovers from a sudden end, which may take minutes: waiting for it",
    "another penny command is starting it: waiting for it",
    "ready, {origin}",
    "obtained, version {} ({})",
    // What only `penny kernel install` says.
    "`{name}` cannot name a kernel",
    "use letters, digits, - _ and .",
    "the folder of Jupyter's data is not known: HOME is not set",
    "the kernel `{name}` belongs to another workspace, {}",
    "`--replace` takes it over, `--name` installs this one under another name",
    // What Python is told, and forms around sentences.
    "import importlib.util as u; print(*[m for m in {IMPORTED:?} if not u.find_spec(m)])",
    "import sys; print(*sys.version_info[:2])",
    "import os, platform, sys; print(platform.python_implementation(), platform.python_version()); [print(os.path.abspath(p)) for p in sys.path if os.path.basename(p) in ('site-packages', 'dist-packages')]",
    "hint: {hint}",
    "`{key}`: {why}",
    "`timezone`: {why}",
    "text {name}",
    "no port",
    // The field that Pennylane refuses, in its own words.
    "(field `{field}`)",
    "(field `{field}`, {code})",
    // Of kernels: what is recognised, logged, or stands in a list.
    "No module named",
    "address already in use",
    "address in use",
    "a port was taken; the kernel is started again",
    "; it last wrote:\n{tail}",
    "none at all",
    "at line",
];

/// Every sentence that is made in these sources is known in French.
#[test]
fn whatever_is_said_is_said_in_french() {
    let mut unknown = Vec::new();
    let mut literals = Vec::new();
    for place in HELD {
        let mut files = Vec::new();
        gather(&crates().join(place), &mut files);
        assert!(!files.is_empty(), "{place} holds no source");
        for file in files.into_iter().filter(|file| is_for_readers(file)) {
            let code = std::fs::read_to_string(&file).expect("it is read");
            let is_python = file.extension().is_some_and(|extension| extension == "py");
            for literal in if is_python { python(&code) } else { rust(&code) } {
                if is_sentence(&literal) && !is_known(&literal) {
                    unknown.push(format!("{}: {literal}", file.display()));
                }
                literals.push(literal);
            }
        }
    }
    assert!(unknown.is_empty(), "no French for: {unknown:#?}");
    let gone =
        NOT_SAID.iter().filter(|text| !literals.iter().any(|literal| literal.trim() == **text));
    assert_eq!(gone.collect::<Vec<_>>(), Vec::<&&str>::new(), "nothing has them any more");
}

/// What a publication tries is named by a word or two, which the table of sentences leaves to `DOINGS`.
#[test]
fn whatever_a_publication_does_has_its_word_in_french() {
    let mut files = Vec::new();
    gather(&crates().join("penny-postgres/src/publish"), &mut files);
    let mut found = Vec::new();
    for file in files {
        let code = joined(&std::fs::read_to_string(&file).expect("it is read"));
        for call in code.split("PublishError::server(").skip(1) {
            let words = call.split('"').nth(1).expect("what is done is a text").to_owned();
            found.push(words);
        }
    }
    assert!(found.len() > 10, "{found:?}");
    for words in &found {
        assert!(DOINGS.iter().any(|(english, _)| english == words), "{words}");
    }
    for (english, _) in DOINGS {
        assert!(found.iter().any(|words| words == english), "{english}");
    }
}

/// What `_template.py` and its like say is for the log, and not for a notebook; what tests say is for nobody.
fn is_for_readers(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let is_test =
        name.starts_with("tests") || file.components().any(|part| part.as_os_str() == "tests");
    !is_test && !name.starts_with('_')
}

fn is_known(literal: &str) -> bool {
    let whole = literal.trim();
    let text = whole.strip_prefix("hint: ").unwrap_or(whole);
    let listed = |text: &str| {
        NOT_SAID.contains(&text)
            || DOINGS.iter().any(|(english, _)| *english == text)
            || PUT_TOGETHER.iter().any(|(_, made)| made.trim() == text)
            || shapes::all().any(|(english, _)| covers(english, &plain(text)))
    };
    // A verb may stand apart from what it is done to; a cause and what it is of are known each by itself.
    let head = text.strip_prefix("{what}: ").or_else(|| text.strip_prefix("{failure}: "));
    let is_listed = [whole, text].into_iter().any(listed);
    is_listed
        || listed(&format!("{text} {{}}"))
        || head.is_some_and(listed)
        || text.strip_suffix(": {}").is_some_and(listed)
}

/// Where the code fills something in.
const FILLED: char = '\u{1}';

/// A literal with its holes alike, whatever the code has in them.
fn plain(literal: &str) -> String {
    let mut text = String::new();
    let mut rest = literal.chars().peekable();
    let mut depth = 0;
    while let Some(letter) = rest.next() {
        match letter {
            '{' | '}' if depth == 0 && rest.peek() == Some(&letter) => {
                rest.next();
                text.push(letter);
            }
            '{' => depth += 1,
            '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    text.push(FILLED);
                }
            }
            _ if depth == 0 => text.push(letter),
            _ => {}
        }
    }
    text
}

/// Whether a shape is a literal's: the same words, and a hole where the code fills something in. What stays as it is may
/// hold code as well, and is any text.
fn covers(shape: &str, literal: &str) -> bool {
    fn rest(mut pieces: std::str::Split<'_, [char; 2]>, literal: &str) -> bool {
        let Some(words) = pieces.next() else { return literal.is_empty() };
        let Some(after) = literal.strip_prefix(words) else { return false };
        match pieces.next() {
            None => after.is_empty(),
            Some(hole) if hole.starts_with("text") => after
                .char_indices()
                .any(|(at, letter)| rest(pieces.clone(), &after[at + letter.len_utf8()..])),
            // A length in seconds may have its unit beside it.
            Some(hole) if hole.starts_with("length") && after.starts_with("\u{1} s") => {
                rest(pieces, &after["\u{1} s".len()..])
            }
            Some(_) => after.strip_prefix(FILLED).is_some_and(|after| rest(pieces, after)),
        }
    }
    rest(shape.split(['{', '}']), literal)
}

/// Whether a literal is words for a reader: not a name, a format or a statement of SQL.
fn is_sentence(literal: &str) -> bool {
    let words = literal.split_whitespace().collect::<Vec<_>>();
    let is_word = |word: &&str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || c == '\'')
    };
    let is_sql = words.first().is_some_and(|word| {
        word.len() > 2 && *word != "TLS" && word.chars().all(|c| c.is_ascii_uppercase())
    });
    words.len() > 1 && words.iter().filter(|word| is_word(word)).count() > 1 && !is_sql
}

/// The texts of Rust code, its tests and what only a broken invariant would say left out.
fn rust(code: &str) -> Vec<String> {
    const UNSAID: &[&str] = &[
        "expect(",
        "unreachable!(",
        "panic!(",
        "debug!(",
        "trace!(",
        "info!(",
        "warn!(",
        "error!(",
    ];
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        let step = rest.chars().next().map_or(1, char::len_utf8);
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\''") {
            at += if rest.starts_with("'\"'") { 3 } else { 4 };
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let end = raw.find("\"#").expect("a raw text ends");
            at += 3 + end + 2;
        } else if let Some(text) = rest.strip_prefix('"') {
            let end = end_of_text(text);
            let before = code[..at].trim_end();
            // `#[error("…")]` is said, `error!("…")` is only logged.
            if !UNSAID.iter().any(|call| before.ends_with(call)) {
                found.push(unescaped(joined(&text[..end]).trim_end_matches('\n')));
            }
            at += 1 + end + 1;
        } else {
            at += step;
        }
    }
    found
}

/// The texts of Python code, neighbours put together as Python does; documentation left out.
pub fn python(code: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    let mut end_of_last = None;
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().expect("it is not empty");
        if rest.starts_with('#') {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(text) = rest.strip_prefix("\"\"\"") {
            at += 3 + text.find("\"\"\"").expect("documentation ends") + 3;
        } else if let ('"' | '\'', text) = (first, &rest[1..]) {
            let end = text
                .char_indices()
                .scan(false, |escaped, (at, letter)| {
                    let ends = letter == first && !*escaped;
                    *escaped = letter == '\\' && !*escaped;
                    Some((at, ends))
                })
                .find_map(|(at, ends)| ends.then_some(at))
                .expect("a text ends");
            let before = code[..at].trim_end_matches(['f', 'r', 'b']);
            let is_filled = code[before.len()..at].contains('f');
            let text = unescaped(&text[..end]);
            // What is no f"…" fills nothing in: its braces are braces.
            let text = if is_filled { text } else { text.replace('{', "{{").replace('}', "}}") };
            let goes_on = end_of_last.is_some_and(|end| code[end..before.len()].trim().is_empty());
            match found.last_mut().filter(|_| goes_on) {
                Some(last) => last.push_str(&text),
                None => found.push(text),
            }
            at += 1 + end + 1;
            end_of_last = Some(at);
        } else {
            at += first.len_utf8();
        }
    }
    found
}

fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    unreachable!("a text ends")
}

fn unescaped(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")
}

/// In French no line breaks before a mark, nor within its quotation marks: a space there is one that does not break.
#[test]
fn french_texts_have_their_spaces() {
    let mut files = Vec::new();
    gather(&crates().join("penny/src"), &mut files);
    let mut wrong = Vec::new();
    let mut right = 0;
    for file in files.iter().filter(|file| is_for_readers(file)) {
        // What `typeset` sets as it is read is looked at below; commands speak English.
        let apart = ["shapes", "typography.rs", "cli"];
        if file.components().any(|part| apart.iter().any(|apart| part.as_os_str() == *apart)) {
            continue;
        }
        let code = std::fs::read_to_string(file).expect("it is read");
        for literal in rust(&code) {
            right +=
                usize::from(["\\u{a0}", "\\u{202f}"].iter().any(|space| literal.contains(space)));
            if breaks_before_a_mark(&literal) && !is_query(&literal) {
                wrong.push(format!("{}: {literal}", file.display()));
            }
        }
    }
    assert!(right > 100, "{right}");
    assert!(wrong.is_empty(), "a plain space where French has another: {wrong:#?}");
    let set = shapes::all().map(|(_, french)| typeset(french));
    let wrong: Vec<String> = set.filter(|french| breaks_before_a_mark(french)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn breaks_before_a_mark(text: &str) -> bool {
    let marks = [':', ';', '!', '?', '»'];
    let before = text.match_indices(' ').any(|(at, _)| {
        let after = &text[at + 1..];
        after.starts_with(marks) && !after.starts_with("::") && !text[..at].ends_with('\n')
    });
    before || text.contains("« ")
}

/// A statement of SQL, whose `?` and `?1` stand for values; or a line of JavaScript.
fn is_query(text: &str) -> bool {
    let holes = text.match_indices(" ?").any(|(at, _)| {
        let after = text[at + 2..].chars().next();
        after.is_some_and(|after| after.is_ascii_digit() || after == '?')
            || ["LIKE", "=", "<", "BETWEEN", "AND"].iter().any(|word| text[..at].ends_with(word))
    });
    holes || text.trim_start().starts_with("SELECT") || text.contains("::text")
}

#[test]
fn texts_are_found_in_code() {
    let code = "let a = \"one {x} two\"; // \"no\"\nb.expect(\"never\"); c('\"', \"and \\\n    so \\\"on\\\"\");\n\
                #[cfg(test)]\n\"not this\"";
    assert_eq!(rust(code), ["one {x} two", "and so \"on\""]);
    let code = "x = (f\"one {y} \"\n  \"two {…}\")  # \"no\"\n\"\"\"Doc.\"\"\"\nz = 'three'";
    assert_eq!(python(code), ["one {y} two {{…}}", "three"]);
    assert!(covers("one {number} two ({text})", &plain("one {y} two ({{{z:?}: …}})")));
    assert!(!covers("one {number} two", &plain("one 1 two")));
}
