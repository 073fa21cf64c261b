//! The `after` of the notebooks: every name is known, and no notebook waits for itself.

use std::ops::Range;

use super::Entry;
use super::diagnostic::nearest;
use super::table::Findings;

/// Checks what each notebook comes after; `spans` are the places of their `after`, in the same order.
///
/// A notebook that is switched off holds nobody up: its name is taken out of the others' lists.
pub(super) fn check(
    entries: &mut [Entry],
    spans: &[Range<usize>],
    switched_off: &[String],
    findings: &mut Findings,
) {
    let names: Vec<String> = entries.iter().map(|e| e.name.clone()).collect();
    for (entry, span) in entries.iter_mut().zip(spans) {
        if entry.after.contains(&entry.name) {
            let message = format!("`{}` comes after itself", entry.name);
            let hint = "take its own name out of `after`".to_owned();
            findings.add(span.clone(), message, Some(hint));
        }
        entry.after.retain(|name| !switched_off.contains(name) && *name != entry.name);
        for name in entry.after.iter().filter(|name| !names.contains(name)) {
            let near = nearest(name, names.iter().map(String::as_str));
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!(
                "`{}` comes after `{name}`, but penny.toml lists no such notebook",
                entry.name
            );
            findings.add(span.clone(), message, hint);
        }
    }
    let mut told: Vec<usize> = Vec::new();
    for (start, span) in spans.iter().enumerate() {
        let Some(circle) = circle(entries, start) else { continue };
        if circle.iter().any(|member| told.contains(member)) {
            continue;
        }
        let path: Vec<String> = circle
            .iter()
            .chain(circle.first())
            .map(|&member| format!("`{}`", entries[member].name))
            .collect();
        let message = format!("these notebooks wait for each other: {}", path.join(" after "));
        let hint = "take one of the names out of `after`".to_owned();
        findings.add(span.clone(), message, Some(hint));
        told.extend(circle);
    }
}

/// The notebooks through which `start` comes after itself, beginning with it.
fn circle(entries: &[Entry], start: usize) -> Option<Vec<usize>> {
    let before = |of: usize| {
        let names = entries[of].after.iter();
        names.filter_map(|name| entries.iter().position(|e| &e.name == name))
    };
    // Breadth first: how each notebook was reached from `start`, so that the way is the shortest.
    let mut reached_from: Vec<Option<usize>> = vec![None; entries.len()];
    let mut frontier = vec![start];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for of in frontier {
            for earlier in before(of) {
                if earlier == start {
                    let back = std::iter::successors(Some(of), |&at| reached_from[at]);
                    let mut way: Vec<usize> = back.take_while(|&at| at != start).collect();
                    way.push(start);
                    way.reverse();
                    return Some(way);
                }
                if reached_from[earlier].is_none() {
                    reached_from[earlier] = Some(of);
                    next.push(earlier);
                }
            }
        }
        frontier = next;
    }
    None
}
