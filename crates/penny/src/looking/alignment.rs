//! Which cell of one execution is which of another, and what changed in it.

use std::collections::HashMap;
use std::time::Instant;

use super::cells::{Cell, Cells, Shown};
use super::lines::{Line, deadline, likeness, line_difference_until};

/// Two cells at least so alike are taken for one that was changed.
const LIKENESS_MIN: f32 = 0.5;

/// Cells without a partner are compared with each other up to so many pairs.
const PAIRS_MAX: usize = 2_500;

/// A cell that changed, came or went.
#[derive(Clone, Debug, PartialEq)]
pub struct CellChange {
    /// What became of it.
    pub changed: Changed,
    /// The cell as it is now, or as it was when it went, without its outputs.
    pub cell: Cell,
    /// What changed in its source.
    pub source: Vec<Line>,
    /// What changed in what it showed.
    pub outputs: Vec<Line>,
    /// Whether its place among the others changed.
    pub moved: bool,
}

/// What became of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is there since.
    Added,
    /// It is gone.
    Removed,
    /// It has another source, other outputs or another place.
    Altered,
    /// It is as it was.
    Same,
}

impl Changed {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Changed::Added => "added",
            Changed::Removed => "removed",
            Changed::Altered => "changed",
            Changed::Same => "unchanged",
        }
    }
}

/// Compares two executions cell by cell: all cells of the later one in their order, with those that went in
/// the places where they were.
pub fn align(before: &Cells, after: &Cells) -> Vec<CellChange> {
    let partners = partners(&before.cells, &after.cells);
    let moved = moved(&partners);
    let mut gone: Vec<bool> = vec![true; before.cells.len()];
    partners.iter().flatten().for_each(|old| gone[*old] = false);
    let mut changes = Vec::new();
    let mut next_old = 0;
    // For all cells together.
    let until = deadline();
    for (new, partner) in partners.iter().enumerate() {
        if let Some(old) = *partner {
            take_removed(&before.cells, &gone, &mut next_old, old, until, &mut changes);
            changes.push(compared(&before.cells[old], &after.cells[new], moved[new], until));
        } else {
            changes.push(whole(&after.cells[new], Changed::Added, until));
        }
    }
    take_removed(&before.cells, &gone, &mut next_old, before.cells.len(), until, &mut changes);
    changes
}

/// The cells that went, up to a place of the earlier notebook.
fn take_removed(
    cells: &[Cell],
    gone: &[bool],
    next: &mut usize,
    end: usize,
    until: Instant,
    changes: &mut Vec<CellChange>,
) {
    while *next < end {
        if gone[*next] {
            changes.push(whole(&cells[*next], Changed::Removed, until));
        }
        *next += 1;
    }
}

/// For each new cell the old one that it was: by id, else by the same source, else by likeness.
fn partners(old: &[Cell], new: &[Cell]) -> Vec<Option<usize>> {
    let mut partners = vec![None; new.len()];
    let mut taken = vec![false; old.len()];
    let by_id: HashMap<&str, usize> = unique(old, |cell| &cell.id);
    let new_by_id = unique(new, |cell| &cell.id);
    for (id, place) in new_by_id {
        if let Some(&at) = by_id.get(id).filter(|at| old[**at].kind == new[place].kind) {
            partners[place] = Some(at);
            taken[at] = true;
        }
    }
    for (place, cell) in new.iter().enumerate().filter(|(_, cell)| !cell.source.is_empty()) {
        if partners[place].is_none() {
            let same = |at: &usize| {
                !taken[*at] && old[*at].kind == cell.kind && old[*at].source == cell.source
            };
            if let Some(at) = (0..old.len()).find(same) {
                partners[place] = Some(at);
                taken[at] = true;
            }
        }
    }
    pair_by_likeness(old, new, &mut partners, &mut taken);
    partners
}

/// The place of each id (or what else is asked) that no two cells share.
fn unique<'a>(cells: &'a [Cell], id: impl Fn(&'a Cell) -> &'a str) -> HashMap<&'a str, usize> {
    let mut places: HashMap<&str, Option<usize>> = HashMap::new();
    for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| !id(cell).is_empty()) {
        places.entry(id(cell)).and_modify(|twice| *twice = None).or_insert(Some(place));
    }
    places.into_iter().filter_map(|(id, place)| Some((id, place?))).collect()
}

fn pair_by_likeness(
    old: &[Cell],
    new: &[Cell],
    partners: &mut [Option<usize>],
    taken: &mut [bool],
) {
    let mut alike = Vec::new();
    let free_old: Vec<usize> = (0..old.len()).filter(|at| !taken[*at]).collect();
    let free_new: Vec<usize> = (0..new.len()).filter(|at| partners[*at].is_none()).collect();
    let pairs = free_new.iter().flat_map(|new| free_old.iter().map(move |old| (*new, *old)));
    for (place, at) in pairs.take(PAIRS_MAX) {
        if old[at].kind == new[place].kind {
            let likeness = likeness(&old[at].source, &new[place].source);
            if likeness >= LIKENESS_MIN {
                alike.push((likeness, place, at));
            }
        }
    }
    // The most alike first; of equals, those that come first.
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, place, at) in alike {
        if partners[place].is_none() && !taken[at] {
            partners[place] = Some(at);
            taken[at] = true;
        }
    }
}

/// Of the cells with a partner, those that are out of the order that most others keep.
fn moved(partners: &[Option<usize>]) -> Vec<bool> {
    let pairs: Vec<(usize, usize)> =
        partners.iter().enumerate().filter_map(|(new, old)| Some((new, (*old)?))).collect();
    // The longest increasing run of old places: by each end, its length and what it continues.
    let mut longest: Vec<(usize, Option<usize>)> = Vec::with_capacity(pairs.len());
    for (at, (_, old)) in pairs.iter().enumerate() {
        let before = (0..at).filter(|b| pairs[*b].1 < *old).max_by_key(|b| longest[*b].0);
        longest.push((before.map_or(1, |b| longest[b].0 + 1), before));
    }
    let mut moved: Vec<bool> = partners.iter().map(Option::is_some).collect();
    let mut at = (0..pairs.len()).max_by_key(|at| longest[*at].0);
    while let Some(keeps) = at {
        moved[pairs[keeps].0] = false;
        at = longest[keeps].1;
    }
    moved
}

fn whole(cell: &Cell, changed: Changed, until: Instant) -> CellChange {
    let (before, after) = match changed {
        Changed::Removed => (cell.source.as_str(), ""),
        _ => ("", cell.source.as_str()),
    };
    let source = line_difference_until(before, after, until);
    CellChange { changed, cell: brief(cell), source, outputs: Vec::new(), moved: false }
}

/// The cell without what it showed, which may be large.
fn brief(cell: &Cell) -> Cell {
    let Cell { place, kind, number, injected, took, .. } = *cell;
    let (id, heading, status) = (cell.id.clone(), cell.heading.clone(), cell.status.clone());
    let source = cell.source.clone();
    Cell { place, id, kind, number, heading, injected, source, outputs: Vec::new(), took, status }
}

fn compared(before: &Cell, after: &Cell, moved: bool, until: Instant) -> CellChange {
    let source = line_difference_until(&before.source, &after.source, until);
    let outputs = output_difference(&before.outputs, &after.outputs, until);
    let same = source.is_empty() && outputs.is_empty() && !moved;
    let changed = if same { Changed::Same } else { Changed::Altered };
    CellChange { changed, cell: brief(after), source, outputs, moved }
}

/// The lines of the outputs that changed. How long something took is no change.
fn output_difference(before: &[Shown], after: &[Shown], until: Instant) -> Vec<Line> {
    let (was, is) = (as_text(before), as_text(after));
    if without_durations(&was) == without_durations(&is) {
        return Vec::new();
    }
    line_difference_until(&was, &is, until)
}

fn as_text(outputs: &[Shown]) -> String {
    let parts = outputs.iter().map(|output| match output {
        Shown::Text(text) => text.trim_end().to_owned(),
        Shown::Error(name, text) => format!("{name}: {text}"),
        Shown::Other(kind, hash) => format!("[{kind} {hash}]"),
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// The text with `…` in place of every number of seconds: `1,2 s`, `0.8 s`, `12 ms`.
fn without_durations(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let number = &rest[start..];
        let end = number
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
            .unwrap_or(number.len());
        out.push_str(&rest[..start]);
        let after = &number[end..];
        let unit = after.strip_prefix([' ', '\u{a0}', '\u{202f}']).unwrap_or(after);
        let is_duration = ["s", "ms", "µs", "min"].iter().any(|name| {
            unit.strip_prefix(name).is_some_and(|next| !next.starts_with(char::is_alphanumeric))
        });
        out.push_str(if is_duration { "…" } else { &number[..end] });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::super::cells::CellKind;
    use super::*;

    fn cell(id: &str, source: &str) -> Cell {
        Cell {
            place: 0,
            id: id.into(),
            kind: CellKind::Code,
            number: Some(1),
            heading: None,
            injected: false,
            source: source.into(),
            outputs: Vec::new(),
            took: None,
            status: None,
        }
    }

    fn check(before: &[(&str, &str)], after: &[(&str, &str)], expected: &str) {
        let cells = |list: &[(&str, &str)]| Cells {
            cells: list.iter().map(|(id, source)| cell(id, source)).collect(),
        };
        let changes: Vec<String> = align(&cells(before), &cells(after))
            .iter()
            .map(|change| {
                let moved = if change.moved { " moved" } else { "" };
                format!("{} {}{moved}", change.cell.source, change.changed.word())
            })
            .collect();
        assert_eq!(changes.join(", "), expected);
    }

    #[test]
    fn cells_are_followed_by_their_ids() {
        check(&[("a", "x"), ("b", "y")], &[("a", "x"), ("b", "z")], "x unchanged, z changed");
        check(&[("a", "x"), ("b", "y")], &[("b", "y")], "x removed, y unchanged");
        check(&[("a", "x")], &[("n", "new"), ("a", "x")], "new added, x unchanged");
    }

    #[test]
    fn cells_whose_ids_are_new_are_followed_by_what_they_say() {
        check(
            &[("a", "x = 1"), ("b", "y")],
            &[("c", "y"), ("d", "x = 2")],
            "y changed moved, x = 2 changed",
        );
        check(&[("", "x"), ("", "y")], &[("", "x"), ("", "y")], "x unchanged, y unchanged");
        check(&[("a", "import os")], &[("b", "df.head()")], "df.head() added, import os removed");
    }

    #[test]
    fn a_cell_that_was_moved_is_named_and_the_others_are_not() {
        check(
            &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")],
            &[("b", "2"), ("c", "3"), ("d", "4"), ("a", "1")],
            "2 unchanged, 3 unchanged, 4 unchanged, 1 changed moved",
        );
    }

    #[test]
    fn outputs_differ_when_a_reader_would_say_so() {
        let text = |text: &str| Shown::Text(text.into());
        let differ = |a: Shown, b: Shown| !output_difference(&[a], &[b], deadline()).is_empty();
        assert!(differ(text("3 rows"), text("4 rows")));
        assert!(!differ(text("t : 3 lignes, 1,2 s"), text("t : 3 lignes, 0,9 s")));
        assert!(!differ(text("12 ms"), text("9 ms")));
        assert!(differ(text("12 msg"), text("9 msg")));
        assert!(differ(text("5 samples"), text("6 samples")));
        let image = |hash: &str| Shown::Other("image/png".into(), hash.into());
        assert!(differ(image("1"), image("2")));
        assert!(!differ(image("1"), image("1")));
    }
}
