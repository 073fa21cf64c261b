//! Addresses in text, which become links.

/// A piece of text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text.
    Text(&'a str),
    /// An address of the web.
    Address(&'a str),
}

/// Text and the addresses in it: what begins with `http://` or `https://` at the beginning of a
/// word, without the punctuation after it.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find("http") {
        let start = at + found;
        let length = address_length(&text[start..]);
        let at_word = text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        if length > 0 && at_word {
            if from < start {
                pieces.push(Piece::Text(&text[from..start]));
            }
            pieces.push(Piece::Address(&text[start..start + length]));
            from = start + length;
        }
        at = start + length.max("http".len());
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

fn address_length(text: &str) -> usize {
    let Some(scheme) = ["https://", "http://"].iter().find(|scheme| text.starts_with(**scheme))
    else {
        return 0;
    };
    let is_end = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '«' | '»' | '\u{fdd0}')
    };
    let mut address = &text[..text.find(is_end).unwrap_or(text.len())];
    // A bracket belongs to the address if it was opened in it: counted once, not at each end.
    let mut unopened = balance(address, '(', ')');
    while let Some(last) = address.chars().next_back() {
        match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' | '*' | '_' | '~' | ']' => {}
            ')' if unopened > 0 => unopened -= 1,
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    if address.len() > scheme.len() { address.len() } else { 0 }
}

/// How many brackets are closed and were not opened.
fn balance(text: &str, open: char, close: char) -> usize {
    let opened = text.matches(open).count();
    text.matches(close).count().saturating_sub(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let addresses: Vec<&str> = pieces(text)
            .iter()
            .filter_map(|piece| match piece {
                Piece::Address(address) => Some(*address),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(addresses, expected, "{text}");
        let all: String = pieces(text)
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Address(text) => *text,
            })
            .collect();
        assert_eq!(all, text);
    }

    #[test]
    fn addresses_are_found_without_the_punctuation_around() {
        check("see https://a.fr/x_y, or (http://b.fr).", &["https://a.fr/x_y", "http://b.fr"]);
        check(
            "https://fr.wikipedia.org/wiki/TVA_(France)",
            &["https://fr.wikipedia.org/wiki/TVA_(France)"],
        );
        check("https://a.fr/?q=1&b=2#c!", &["https://a.fr/?q=1&b=2#c"]);
        check("no: xhttp://a http: https:// javascript:http", &[]);
        check("http http http://a", &["http://a"]);
    }
}
