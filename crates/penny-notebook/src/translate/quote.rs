//! Texts as literals, from which nothing can break out.

use super::language::Written;

/// What a language without a NUL in its texts lacks.
const NUL: &str = "NUL character";

/// A literal of Python's: control characters escaped, letters as they are.
pub(super) fn python(text: &str) -> Written {
    Ok(double_quoted(text, "\"\\", |c| match c as u32 {
        code @ ..=0xff => format!("\\x{code:02x}"),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }))
}

/// A literal with `\uXXXX` escapes, as Scala, JavaScript, C# and F# read it.
pub(super) fn unicode(text: &str) -> Written {
    Ok(double_quoted(text, "\"\\", utf16_escape))
}

/// A literal of R's, whose texts hold no NUL.
pub(super) fn r(text: &str) -> Written {
    if text.contains('\0') { Err(NUL) } else { unicode(text) }
}

/// A literal of Julia's, where `$` would begin an interpolation.
pub(super) fn julia(text: &str) -> Written {
    Ok(double_quoted(text, "\"\\$", utf16_escape))
}

/// A word of a shell's, quoted when it needs to be, as Python's `shlex.quote` does it.
pub(super) fn bash(text: &str) -> Written {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%_-+=:,./".contains(c);
    match text {
        _ if text.contains('\0') => Err(NUL),
        _ if !text.is_empty() && text.chars().all(is_plain) => Ok(text.to_owned()),
        _ => Ok(format!("'{}'", text.replace('\'', "'\"'\"'"))),
    }
}

/// A literal of PowerShell's, where typographic quotes end a text as well as the plain one.
pub(super) fn powershell(text: &str) -> Written {
    let mut literal = String::from("'");
    for c in text.chars() {
        literal.push(c);
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            literal.push(c);
        }
    }
    literal.push('\'');
    Ok(literal)
}

/// A character array of MATLAB's, which knows no escapes: line ends and the like are put in by number.
pub(super) fn matlab(text: &str) -> Written {
    let mut literal = String::from("'");
    let mut has_numbers = false;
    for c in text.chars() {
        match c {
            '\'' => literal.push_str("''"),
            c if is_invisible(c) => {
                has_numbers = true;
                literal.push_str(&format!("' char({}) '", c as u32));
            }
            c => literal.push(c),
        }
    }
    literal.push('\'');
    Ok(if has_numbers { format!("[{literal}]") } else { literal })
}

fn double_quoted(text: &str, special: &str, escape: fn(char) -> String) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if special.contains(c) => literal.extend(['\\', c]),
            c if is_invisible(c) => literal.push_str(&escape(c)),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

fn utf16_escape(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Characters that a reader would not see or that change how the line reads: controls, line
/// separators, marks of writing direction, zero-width ones.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
