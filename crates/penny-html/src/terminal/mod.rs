//! Text as a terminal would show it.

mod escapes;
mod style;

use escapes::{Piece, pieces};
use style::Style;

use crate::escape;

/// Text with ANSI escape sequences as HTML: colours and bold, dim, italic, underlined, struck and
/// inverse text in `<span class="…">`; a carriage return and a backspace go back in the line, as
/// progress bars do, and what comes then is written over what was there. All other sequences are
/// dropped: nothing moves the cursor elsewhere, sets a title or makes a link.
///
/// The classes: `f0` to `f15` the colour of the text, `g0` to `g15` that of its background (colours
/// of larger palettes become the nearest of these), `fb` bold, `fd` dim, `fi` italic, `fu`
/// underlined, `fs` struck, `fv` inverse without colours.
///
/// No element goes past the end of a line, so that the result can be split into lines. It is meant
/// to stand in `<pre class="nb">`.
#[must_use]
pub fn terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    write(&mut out, text);
    out
}

/// Adds text, as [`terminal`] gives it.
pub(crate) fn write(out: &mut String, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, 0..=8 | 11..=31 | 0x7f | 0xc2)) {
        return escape::text(out, text);
    }
    let mut line = Line::default();
    let mut style = Style::default();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => text.chars().for_each(|character| line.put(character, style)),
            Piece::Style(numbers) => style.set(numbers),
            Piece::EraseToEnd => line.cells.truncate(line.column),
            Piece::EraseLine => line.cells.clear(),
            Piece::Return => line.column = 0,
            Piece::Back => line.column = line.column.saturating_sub(1),
            Piece::NewLine => {
                line.flush(out);
                out.push('\n');
            }
        }
    }
    line.flush(out);
}

/// The line that is being written.
#[derive(Default)]
struct Line {
    cells: Vec<(char, Style)>,
    column: usize,
}

impl Line {
    fn put(&mut self, character: char, style: Style) {
        // Erased, but the cursor stayed where it was.
        while self.cells.len() < self.column {
            self.cells.push((' ', Style::default()));
        }
        match self.cells.get_mut(self.column) {
            Some(cell) => *cell = (character, style),
            None => self.cells.push((character, style)),
        }
        self.column += 1;
    }

    fn flush(&mut self, out: &mut String) {
        let mut text = String::new();
        for cells in self.cells.chunk_by(|a, b| a.1 == b.1) {
            text.clear();
            text.extend(cells.iter().map(|(character, _)| character));
            cells[0].1.write(out, &text);
        }
        self.cells.clear();
        self.column = 0;
    }
}

#[cfg(test)]
mod tests;
