//! Letters as a reader searches for them: without case and without accents.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text without case and accents: "Économies" and "economies" become the same, "Œuvre" and "oeuvre" too.
pub fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut out = String::with_capacity(text.len());
    for letter in plain {
        match letter {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            '’' => out.push('\''),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_make_no_difference() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(folded(text), expected);
            assert_eq!(folded(expected), expected);
        }
        check("Économies", "economies");
        check("éCONOMIES", "economies");
        check("E\u{301}conomies", "economies");
        check("Reçu à l’ŒUVRE, nº 2", "recu a l'oeuvre, no 2");
        check("100 %_[x]", "100 %_[x]");
        check("", "");
    }
}
