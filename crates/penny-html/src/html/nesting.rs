//! Which elements are open, so that each is closed where it was opened, and stands only where
//! browsers leave it.

use super::policy::{Element, Shape};

/// Elements within elements; deeper ones lose their tags. Browsers stop at 512.
const DEPTH: usize = 100;

/// What is around a table, so that a wide one can be scrolled, with a keyboard too.
const AROUND_TABLE: &str = "<div class=\"table\" tabindex=\"0\">";

/// The elements that are open, outermost first.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Element>,
}

impl Nesting {
    /// Closes what the start of this element closes in a browser, and says whether it may be
    /// written. If so it is open, unless it is void.
    pub(super) fn open(&mut self, out: &mut String, element: Element) -> bool {
        if self.open.len() >= DEPTH || !self.make_room(out, element.shape) {
            return false;
        }
        if !matches!(element.shape, Shape::Void | Shape::Rule | Shape::Column) {
            self.open.push(element);
        }
        true
    }

    /// Closes an element, with those in it. Without such an element, nothing.
    pub(super) fn close(&mut self, out: &mut String, element: Element) {
        let is_table = matches!(
            element.shape,
            Shape::Table | Shape::Section | Shape::Caption | Shape::Row | Shape::Cell
        );
        for (index, open) in self.open.iter().enumerate().rev() {
            if open.name == element.name {
                return self.close_from(out, index);
            }
            // A cell's content does not close what is around the cell.
            if open.shape == Shape::Table || (!is_table && is_cell(open.shape)) {
                return;
            }
        }
    }

    /// Closes all.
    pub(super) fn close_all(&mut self, out: &mut String) {
        self.close_from(out, 0);
    }

    fn make_room(&mut self, out: &mut String, shape: Shape) -> bool {
        match shape {
            Shape::Void | Shape::Inline => true,
            Shape::Link => !self.open.iter().any(|open| open.shape == Shape::Link),
            Shape::Rule | Shape::Block | Shape::Paragraph | Shape::List | Shape::Terms => {
                self.close_nearest(out, Shape::Paragraph);
                true
            }
            Shape::Heading => {
                self.close_nearest(out, Shape::Paragraph);
                self.close_nearest(out, Shape::Heading);
                true
            }
            Shape::Item => self.close_within(out, Shape::List, &[Shape::Item]),
            Shape::Term => self.close_within(out, Shape::Terms, &[Shape::Term]),
            Shape::Table => self.make_room_for_table(out),
            Shape::Section | Shape::Caption => match self.table() {
                Some(table) => {
                    self.close_from(out, table + 1);
                    true
                }
                None => false,
            },
            Shape::Column => self.table().is_some_and(|table| {
                !self.open[table + 1..].iter().any(|open| open.name != "colgroup")
            }),
            Shape::Row => self.make_room_for_row(out),
            Shape::Cell => self.make_room_for_cell(out),
        }
    }

    fn make_room_for_table(&mut self, out: &mut String) -> bool {
        self.close_nearest(out, Shape::Paragraph);
        if let Some(table) = self.table()
            && !self.open[table..].iter().any(|open| is_cell(open.shape))
        {
            self.close_from(out, table);
        }
        if self.table().is_none() {
            out.push_str(AROUND_TABLE);
        }
        true
    }

    fn make_room_for_row(&mut self, out: &mut String) -> bool {
        let Some(table) = self.table() else { return false };
        let section = match self.open.get(table + 1) {
            Some(open) if open.shape == Shape::Section && open.name != "colgroup" => 1,
            _ => 0,
        };
        self.close_from(out, table + 1 + section);
        true
    }

    fn make_room_for_cell(&mut self, out: &mut String) -> bool {
        let Some(table) = self.table() else { return false };
        match self.open[table..].iter().position(|open| open.shape == Shape::Row) {
            Some(row) => self.close_from(out, table + row + 1),
            None => {
                self.make_room_for_row(out);
                out.push_str("<tr>");
                self.open.push(Element { name: "tr", shape: Shape::Row });
            }
        }
        true
    }

    /// The innermost table.
    fn table(&self) -> Option<usize> {
        self.open.iter().rposition(|open| open.shape == Shape::Table)
    }

    /// Closes the innermost element of a shape, if there is one on this side of a cell.
    fn close_nearest(&mut self, out: &mut String, shape: Shape) {
        let from = self.cell_content();
        if let Some(index) = self.open[from..].iter().rposition(|open| open.shape == shape) {
            self.close_from(out, from + index);
        }
    }

    /// Within the innermost `outer`, closes an element of these shapes; false without an `outer`.
    fn close_within(&mut self, out: &mut String, outer: Shape, shapes: &[Shape]) -> bool {
        let from = self.cell_content();
        let Some(index) = self.open[from..].iter().rposition(|open| open.shape == outer) else {
            return false;
        };
        let inside = from + index + 1;
        if let Some(open) = self.open[inside..].iter().position(|o| shapes.contains(&o.shape)) {
            self.close_from(out, inside + open);
        }
        true
    }

    /// Where the content of the innermost cell begins, or that of the innermost table.
    fn cell_content(&self) -> usize {
        let is_edge = |open: &Element| open.shape == Shape::Table || is_cell(open.shape);
        self.open.iter().rposition(is_edge).map_or(0, |edge| edge + 1)
    }

    fn close_from(&mut self, out: &mut String, index: usize) {
        while self.open.len() > index {
            let Some(element) = self.open.pop() else { return };
            out.push_str("</");
            out.push_str(element.name);
            out.push('>');
            if element.shape == Shape::Table && self.table().is_none() {
                out.push_str("</div>");
            }
        }
    }
}

fn is_cell(shape: Shape) -> bool {
    matches!(shape, Shape::Cell | Shape::Caption)
}
