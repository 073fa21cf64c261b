//! Headings of markdown cells, as plain text.

/// The last heading of a markdown text that has words in it.
pub(crate) fn last_heading(markdown: &str) -> Option<String> {
    let mut found = None;
    let mut fence: Option<&str> = None;
    let mut above = "";
    for line in markdown.lines() {
        let trimmed = line.trim();
        match fence {
            Some(mark) if trimmed.starts_with(mark) => fence = None,
            Some(_) => {}
            None => {
                fence = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
                let heading = hashed(line).or_else(|| is_underline(line).then_some(above));
                found = heading.map(plain).filter(|text| !text.is_empty()).or(found);
            }
        }
        above = trimmed;
    }
    found
}

/// The text of a `## heading`: one to six marks, then a space.
fn hashed(line: &str) -> Option<&str> {
    let indented = line.len() - line.trim_start_matches(' ').len();
    let line = line.trim();
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let is_heading = indented < 4
        && (1..=6).contains(&level)
        && (text.is_empty() || text.starts_with([' ', '\t']));
    is_heading.then(|| text.trim().trim_end_matches('#').trim_end())
}

/// Whether this line makes a heading of the line above it.
fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

/// The text without the marks of emphasis, code, links and HTML.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\\' if after.starts_with(|next: char| next.is_ascii_punctuation()) => {
                plain.push_str(&after[..1]);
                &after[1..]
            }
            '*' | '`' | '[' => after,
            '!' if after.starts_with('[') => after,
            '_' if !within_word(&plain, after) => after,
            ']' if after.starts_with('(') => after.find(')').map_or(after, |end| &after[end + 1..]),
            ']' => after,
            '<' if after.starts_with(|next: char| next.is_ascii_alphabetic() || next == '/') => {
                after.find('>').map_or("", |end| &after[end + 1..])
            }
            _ => {
                plain.push(c);
                after
            }
        };
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an underscore between these stands inside a word (`bank_accounts`) and so marks nothing.
fn within_word(before: &str, after: &str) -> bool {
    before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_found_and_read_as_plain_text() {
        #[track_caller]
        fn check(markdown: &str, expected: Option<&str>) {
            assert_eq!(last_heading(markdown).as_deref(), expected);
        }
        check("# Factures clients", Some("Factures clients"));
        check(
            "intro\n\n## 2. **Extraction** des `données` ##\ntext",
            Some("2. Extraction des données"),
        );
        check("# One\n## Two", Some("Two"));
        check("# [Pennylane](https://app.pennylane.com) API", Some("Pennylane API"));
        check("# bank_accounts et _soldes_", Some("bank_accounts et soldes"));
        check("Titre\n=====", Some("Titre"));
        check("# <span style=\"color:red\">Attention</span>", Some("Attention"));
        check("# Vrai\n```\n# un commentaire\n```", Some("Vrai"));
        check("#hashtag", None);
        check("no heading", None);
        check("# ", None);
        check("# Débit < crédit", Some("Débit < crédit"));
        check("    # code", None);
        check("---", None);
    }
}
