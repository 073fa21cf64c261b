//! Addresses of pages, made of names that may contain anything.

use std::fmt::Write as _;

/// A name as one segment of a path: `p.clients été` is `p.clients%20%C3%A9t%C3%A9`.
pub fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    // A browser takes these for steps in the path.
    if out == "." || out == ".." { out.replace('.', "%2E") } else { out }
}

/// A path with a query of those values that are not empty.
pub fn with_query(path: &str, values: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let said = values.iter().filter(|(_, value)| !value.is_empty());
    for (index, (name, value)) in said.enumerate() {
        let mark = if index == 0 { '?' } else { '&' };
        let _ = write!(out, "{mark}{name}={}", segment(value));
    }
    out
}

/// The page of a notebook.
pub fn notebook(name: &str) -> String {
    format!("/notebooks/{}", segment(name))
}

/// The page of a table, by its `schema.table`.
pub fn table(name: &str) -> String {
    format!("/tables/{}", segment(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_one_segment() {
        assert_eq!(segment("pennylane.clients"), "pennylane.clients");
        assert_eq!(segment("a/b?c#d%e f"), "a%2Fb%3Fc%23d%25e%20f");
        assert_eq!(segment("été"), "%C3%A9t%C3%A9");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(notebook("a b"), "/notebooks/a%20b");
        assert_eq!(table("p.t"), "/tables/p.t");
    }

    #[test]
    fn a_query_has_what_is_said() {
        let values = [("notebook", "a&b"), ("text", ""), ("before", "7")];
        assert_eq!(with_query("/history", &values), "/history?notebook=a%26b&before=7");
        assert_eq!(with_query("/history", &[("text", "")]), "/history");
    }
}
