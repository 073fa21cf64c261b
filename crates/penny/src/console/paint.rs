//! Colours and links, on a terminal only.

use std::path::Path;

use crate::platform;
use crate::surroundings::Surroundings;

/// Paints text for standard output, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Colours when standard output is a terminal that has them, and the user did not ask for none (`NO_COLOR`).
    pub fn of_output(surroundings: &Surroundings) -> Paint {
        let wanted = surroundings.text("NO_COLOR").is_none()
            && surroundings.text("TERM").is_none_or(|term| term != "dumb");
        Paint { on: wanted && surroundings.output_is_terminal && platform::show_colours() }
    }

    /// No colours.
    pub fn plain() -> Paint {
        Paint { on: false }
    }

    /// For what went well.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// For what went wrong.
    pub fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    /// For what needs attention.
    pub fn odd(self, text: &str) -> String {
        self.with("33", text)
    }

    /// For a heading.
    pub fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    /// For what matters less.
    pub fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// A file that a click opens.
    pub fn link(self, path: &Path, text: &str) -> String {
        if !self.on {
            return text.to_owned();
        }
        format!("\u{1b}]8;;{}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\", url(path))
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The `file:` URL of an absolute path.
fn url(path: &Path) -> String {
    let path = path.display().to_string().replace('\\', "/");
    let mut url = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b':' => {
                url.push(char::from(byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url
}

/// The text in so many columns: filled up with spaces, or cut with `…`.
pub fn fitted(text: &str, width: usize) -> String {
    format!("{:width$}", cut(text, width))
}

/// The text in at most so many columns, cut with `…`.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_links_are_for_terminals() {
        let path = Path::new("/a b/é.ipynb");
        assert_eq!(Paint::plain().bad("x"), "x");
        assert_eq!(Paint::plain().link(path, "x"), "x");
        let on = Paint { on: true };
        assert_eq!(on.bad("x"), "\u{1b}[31mx\u{1b}[0m");
        assert!(on.link(path, "x").contains("file:///a%20b/%C3%A9.ipynb"));
        assert_eq!(url(Path::new("C:/a/b")), "file:///C:/a/b");
    }

    #[test]
    fn a_text_fits_its_column() {
        assert_eq!(fitted("abc", 5), "abc  ");
        assert_eq!(fitted("abcdef", 4), "abc…");
        assert_eq!(cut("été à venir", 6), "été à…");
    }
}
