//! The spaces of French.

/// The spaces of French before and within its marks, which no line breaks at.
pub fn typeset(french: &str) -> String {
    [
        (" :", "\u{a0}:"),
        (" ;", "\u{202f};"),
        (" ?", "\u{202f}?"),
        (" !", "\u{202f}!"),
        ("« ", "«\u{a0}"),
        (" »", "\u{a0}»"),
    ]
    .iter()
    .fold(french.to_owned(), |text, (plain, set)| text.replace(plain, set))
}
