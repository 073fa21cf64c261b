//! Text that stays text.

/// Adds text to HTML, so that it is read as that text.
///
/// Characters that would change what one sees without being seen themselves are shown: overrides
/// and isolates of the writing direction (which can make 123 look like 321, or hide code) as their
/// number, control characters as their symbols.
pub(crate) fn text(out: &mut String, text: &str) {
    each(out, text, |out, character| match character {
        '\t' | '\n' => out.push(character),
        '\r' => {}
        '\0'..='\u{1f}' => out.extend(char::from_u32(0x2400 + u32::from(character))),
        '\u{7f}' => out.push('\u{2421}'),
        _ if is_unseen(character) => {
            out.push_str(&format!("<span class=\"u\">U+{:04X}</span>", u32::from(character)));
        }
        _ => {}
    });
}

/// Adds the value of an attribute, for double quotes. Unseen characters are left out.
pub(crate) fn attribute(out: &mut String, value: &str) {
    each(out, value, |out, character| {
        if matches!(character, '\t' | '\n') {
            out.push(character);
        }
    });
}

/// Adds a text whose markup characters are escaped, and gives the odd ones to `odd`.
fn each(out: &mut String, text: &str, odd: impl Fn(&mut String, char)) {
    out.reserve(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        out.push_str(&rest[..at]);
        let character = rest[at..].chars().next().expect("found at this place");
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => odd(out, other),
        }
        rest = &rest[at + character.len_utf8()..];
    }
    out.push_str(rest);
}

fn is_special(character: char) -> bool {
    matches!(character, '&' | '<' | '>' | '"' | '\0'..='\u{1f}' | '\u{7f}') || is_unseen(character)
}

/// Whether a character has no look of its own and changes that of others: C1 controls, writing
/// directions, line separators, noncharacters.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fdd0}'..='\u{fdef}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_was_and_the_unseen_is_seen() {
        let check = |input: &str, expected: &str| {
            let mut out = String::new();
            text(&mut out, input);
            assert_eq!(out, expected, "{input:?}");
        };
        check("a < b && \"c\"", "a &lt; b &amp;&amp; &quot;c&quot;");
        check("é\tà\n日本", "é\tà\n日本");
        check("a\r\nb", "a\nb");
        check("\0\u{1b}[", "\u{2400}\u{241b}[");
        check("x\u{202e}1", "x<span class=\"u\">U+202E</span>1");
    }

    #[test]
    fn an_attribute_has_no_markup_in_it() {
        let mut out = String::new();
        attribute(&mut out, "\"><b>\u{202e}'\0");
        assert_eq!(out, "&quot;&gt;&lt;b&gt;'");
    }
}
