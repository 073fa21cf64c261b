//! Which installed packages changed between two runs.

use std::collections::BTreeMap;

/// A package that came, went or has another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageChange {
    /// Its name.
    pub name: String,
    /// Its version before.
    pub before: Option<String>,
    /// Its version after.
    pub after: Option<String>,
}

/// Compares two states of an environment, each a line a package.
pub(super) fn changes(before: &str, after: &str) -> Vec<PackageChange> {
    let (before, after) = (packages(before), packages(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let changes = names.into_iter().map(|name| PackageChange {
        name: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    });
    changes.filter(|change| change.before != change.after).collect()
}

/// `pandas==2.3.0`, or `Python 3.11.9`: the name, and what follows it.
fn packages(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let parts = lines.map(|line| {
        let end = line.find(['=', ' ', '@']).unwrap_or(line.len());
        let (name, version) = line.split_at(end);
        (name.to_owned(), version.trim_start_matches(['=', ' ', '@']).to_owned())
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_differ_are_named() {
        let before = "Python 3.11.9\nnumpy==2.1.0\npandas==2.2.3\nold==1";
        let after = "Python 3.11.9\nnew==5\nnumpy==2.1.0\npandas==2.3.0";
        let told: Vec<String> = changes(before, after)
            .iter()
            .map(|c| format!("{} {:?} {:?}", c.name, c.before.as_deref(), c.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                "new None Some(\"5\")",
                "old Some(\"1\") None",
                "pandas Some(\"2.2.3\") Some(\"2.3.0\")"
            ]
        );
    }
}
