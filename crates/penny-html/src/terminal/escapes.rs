//! Escape sequences, told from text.

/// A piece of what a program wrote to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text without control characters, but for tabs.
    Text(&'a str),
    /// The numbers of `ESC [ … m`, as they are written.
    Style(&'a str),
    /// `ESC [ K`: the rest of the line goes.
    EraseToEnd,
    /// `ESC [ 2 K`: the line goes.
    EraseLine,
    /// A carriage return.
    Return,
    /// A backspace.
    Back,
    /// A line feed.
    NewLine,
}

/// The pieces of a text that mean something.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            if !is_control(first) {
                let length = rest.find(is_control).unwrap_or(rest.len());
                return Some(Piece::Text(split(&mut rest, length)));
            }
            let length = if matches!(first, '\u{1b}' | '\u{90}'..='\u{9f}') {
                escape_length(rest)
            } else {
                first.len_utf8()
            };
            let sequence = split(&mut rest, length);
            if let Some(piece) = meaning(sequence) {
                return Some(piece);
            }
        }
    })
}

fn split<'a>(rest: &mut &'a str, length: usize) -> &'a str {
    let (first, after) = rest.split_at(length);
    *rest = after;
    first
}

fn is_control(character: char) -> bool {
    character.is_control() && character != '\t'
}

fn meaning(sequence: &str) -> Option<Piece<'_>> {
    match sequence {
        "\n" => return Some(Piece::NewLine),
        "\r" => return Some(Piece::Return),
        "\u{8}" => return Some(Piece::Back),
        _ => {}
    }
    let body = sequence.strip_prefix("\u{1b}[").or_else(|| sequence.strip_prefix('\u{9b}'))?;
    if let Some(numbers) = body.strip_suffix('m') {
        let is_plain = numbers.bytes().all(|b| b.is_ascii_digit() || matches!(b, b';' | b':'));
        return is_plain.then_some(Piece::Style(numbers));
    }
    match body {
        "K" | "0K" => Some(Piece::EraseToEnd),
        "2K" => Some(Piece::EraseLine),
        _ => None,
    }
}

/// The length of the escape sequence that a text begins with.
fn escape_length(rest: &str) -> usize {
    let mut characters = rest.chars();
    let first = characters.next().unwrap_or('\u{1b}');
    let (kind, begin) = match first {
        '\u{1b}' => match characters.next() {
            Some(second) if second.is_ascii() && !second.is_ascii_control() => (second, 2),
            _ => return 1,
        },
        // The same in one character of two bytes.
        one => (char::from(u8::try_from(u32::from(one) - 0x40).unwrap_or(b'[')), one.len_utf8()),
    };
    match kind {
        '[' => begin + control_length(&rest[begin..]),
        ']' | 'P' | 'X' | '^' | '_' => begin + string_length(&rest[begin..]),
        ' '..='/' => begin + intermediates_length(&rest[begin..]),
        _ => begin,
    }
}

/// Parameters, intermediates and the final character of a control sequence.
fn control_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let parameters = bytes.iter().take_while(|b| matches!(b, 0x20..=0x3f)).count();
    match bytes.get(parameters) {
        Some(0x40..=0x7e) => parameters + 1,
        _ => parameters,
    }
}

fn intermediates_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let intermediates = bytes.iter().take_while(|b| matches!(b, 0x20..=0x2f)).count();
    match bytes.get(intermediates) {
        Some(0x30..=0x7e) => intermediates + 1,
        _ => intermediates,
    }
}

/// The length of a string for the terminal (a title, a link's address), with its end. One that
/// does not end in its line is none: what follows is text that a reader should see.
fn string_length(rest: &str) -> usize {
    let Some(at) = rest.find(is_control) else { return 0 };
    match &rest[at..] {
        end if end.starts_with('\u{7}') => at + 1,
        end if end.starts_with("\u{1b}\\") => at + 2,
        end if end.starts_with('\u{9c}') => at + '\u{9c}'.len_utf8(),
        _ => 0,
    }
}
