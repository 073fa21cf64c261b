//! The `after` of the notebooks: every name is known, and no notebook waits for itself.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::Entry;
use super::diagnostic::nearest;
use super::table::Findings;

/// For so many unknown names the one that was meant is looked for.
const LIKENED_MAX: usize = 20;

/// Checks what each notebook comes after; `spans` are the places of their `after`, in the same order.
///
/// A notebook that is switched off holds nobody up: its name is taken out of the others' lists.
pub(super) fn check(
    entries: &mut [Entry],
    spans: &[Range<usize>],
    switched_off: &[String],
    findings: &mut Findings,
) {
    if entries.iter().all(|entry| entry.after.is_empty()) {
        return;
    }
    let switched_off: HashSet<&str> = switched_off.iter().map(String::as_str).collect();
    for (entry, span) in entries.iter_mut().zip(spans) {
        if entry.after.contains(&entry.name) {
            let message = format!("`{}` comes after itself", entry.name);
            let hint = "take its own name out of `after`".to_owned();
            findings.add(span.clone(), message, Some(hint));
        }
        entry.after.retain(|name| !switched_off.contains(name.as_str()) && *name != entry.name);
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let places: HashMap<&str, usize> =
        names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    let mut unknown = 0;
    for (entry, span) in entries.iter().zip(spans) {
        for name in entry.after.iter().filter(|name| !places.contains_key(name.as_str())) {
            unknown += 1;
            let known = names.iter().copied().take_while(|_| unknown <= LIKENED_MAX);
            let hint = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
            let message = format!(
                "`{}` comes after `{name}`, but penny.toml lists no such notebook",
                entry.name
            );
            findings.add(span.clone(), message, hint);
        }
    }
    let known = |name: &String| places.get(name.as_str()).copied();
    let before: Vec<Vec<usize>> =
        entries.iter().map(|entry| entry.after.iter().filter_map(known).collect()).collect();
    circles(&before, &names, spans, findings);
}

/// Notes each circle of notebooks that wait for each other.
fn circles(before: &[Vec<usize>], names: &[&str], spans: &[Range<usize>], findings: &mut Findings) {
    let mut told: HashSet<usize> = HashSet::new();
    for start in waiting_for_ever(before) {
        if told.contains(&start) {
            continue;
        }
        let Some(circle) = circle(before, start) else { continue };
        if circle.iter().any(|member| told.contains(member)) {
            continue;
        }
        let members = circle.iter().chain(circle.first());
        let path: Vec<String> = members.map(|&member| format!("`{}`", names[member])).collect();
        let message = format!("these notebooks wait for each other: {}", path.join(" after "));
        let hint = "take one of the names out of `after`".to_owned();
        findings.add(spans[start].clone(), message, Some(hint));
        told.extend(circle);
    }
}

/// The notebooks that never have their turn when each waits for those before it: the members of circles, and
/// those that come after them. Mostly there are none.
fn waiting_for_ever(before: &[Vec<usize>]) -> Vec<usize> {
    let mut waits: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); before.len()];
    for (of, earlier) in before.iter().enumerate() {
        for &earlier in earlier {
            followers[earlier].push(of);
        }
    }
    let mut free: Vec<usize> = (0..before.len()).filter(|&of| waits[of] == 0).collect();
    while let Some(done) = free.pop() {
        for &follower in &followers[done] {
            waits[follower] -= 1;
            if waits[follower] == 0 {
                free.push(follower);
            }
        }
    }
    (0..before.len()).filter(|&of| waits[of] > 0).collect()
}

/// The notebooks through which `start` comes after itself, beginning with it.
fn circle(before: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    // Breadth first: how each notebook was reached from `start`, so that the way is the shortest.
    let mut reached_from: HashMap<usize, usize> = HashMap::new();
    let mut frontier = vec![start];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for of in frontier {
            for &earlier in &before[of] {
                if earlier == start {
                    let back = std::iter::successors(Some(of), |at| reached_from.get(at).copied());
                    let mut way: Vec<usize> = back.take_while(|&at| at != start).collect();
                    way.push(start);
                    way.reverse();
                    return Some(way);
                }
                if let std::collections::hash_map::Entry::Vacant(new) = reached_from.entry(earlier)
                {
                    new.insert(of);
                    next.push(earlier);
                }
            }
        }
        frontier = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Source;
    use crate::config::parse::parse;

    /// The mistakes of notebooks that come after others: `a b` is an `a` that comes after `b`.
    fn mistakes(notebooks: &[&str]) -> Vec<String> {
        let sections = notebooks.iter().map(|words| {
            let mut words = words.split(' ');
            let name = words.next().expect("a name");
            let after: Vec<&str> = words.collect();
            format!("[[notebook]]\nname = \"{name}\"\nfile = \"{name}.ipynb\"\nafter = {after:?}\n")
        });
        let text: String = sections.collect();
        let Err(error) = parse(&Source::new(Path::new("p"), &text)) else { return Vec::new() };
        let lines = error.to_string();
        let is_told = |line: &&str| line.contains("` after `") || line.contains(" comes after ");
        let told = lines.lines().filter(is_told);
        told.map(|line| line.split_once(": ").map_or(line, |(_, rest)| rest).to_owned()).collect()
    }

    #[test]
    fn notebooks_that_wait_for_each_other_are_told_once_by_the_shortest_way() {
        assert_eq!(mistakes(&["a b", "b c", "c", "d a b c"]), [""; 0]);
        let told = mistakes(&["x a", "a b", "b c d", "c a", "d a", "y x"]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("`a` after `b` after `c` after `a`"), "{told:?}");
        let told = mistakes(&["a b", "b a", "c d", "d c"]);
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn a_long_row_of_notebooks_is_no_circle() {
        let row: Vec<String> = (0..3_000).map(|n| format!("n{n} n{}", n + 1)).collect();
        let mut row: Vec<&str> = row.iter().map(String::as_str).collect();
        row.push("n3000");
        assert_eq!(mistakes(&row), [""; 0]);
        row.push("n3001 n3002");
        let told = mistakes(&row);
        assert!(told[0].contains("`n3001` comes after `n3002`"), "{told:?}");
    }
}
