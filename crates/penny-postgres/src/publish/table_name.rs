//! The name of a table, with its schema.

use std::fmt;

use super::PublishError;

/// PostgreSQL cuts longer names off, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 63;

/// A table in a schema. Upper and lower case are kept as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableName {
    /// The schema.
    pub schema: String,
    /// The table in it.
    pub table: String,
}

impl TableName {
    /// Reads `customers`, `schema.table`, or either part in double quotes as SQL writes them.
    ///
    /// # Errors
    /// When a part is empty, longer than 63 bytes, or contains a NUL character.
    pub fn parse(name: &str, default_schema: &str) -> Result<TableName, PublishError> {
        let wrong = |reason: &str| PublishError::WrongTableName {
            name: name.to_owned(),
            reason: reason.to_owned(),
        };
        let mut parts = split(name).map_err(wrong)?;
        let (schema, table) = match (parts.pop(), parts.pop(), parts.pop()) {
            (Some(table), None, None) => (default_schema.to_owned(), table),
            (Some(table), Some(schema), None) => (schema, table),
            _ => return Err(wrong("it has more than one dot")),
        };
        for (part, what) in [(&schema, "the schema"), (&table, "the table")] {
            if part.is_empty() {
                return Err(wrong(&format!("{what} has no name")));
            }
            if part.len() > NAME_BYTES_MAX {
                return Err(wrong(&format!(
                    "the name of {what} has {} bytes, and PostgreSQL allows {NAME_BYTES_MAX}",
                    part.len()
                )));
            }
            if part.contains('\0') {
                return Err(wrong(&format!("the name of {what} contains a NUL character")));
            }
        }
        Ok(TableName { schema, table })
    }

    /// The name as SQL, quoted.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.table))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// An identifier as SQL, quoted whatever it contains.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as an SQL literal, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// Splits at the dots outside double quotes and takes the quotes away.
fn split(name: &str) -> Result<Vec<String>, &'static str> {
    let mut parts = vec![String::new()];
    let mut rest = name.trim().chars().peekable();
    let mut quoted = false;
    while let Some(letter) = rest.next() {
        let part = parts.last_mut().expect("there is always a last part");
        match letter {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                part.push('"');
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => part.push(other),
        }
    }
    if quoted { Err("a double quote is not closed") } else { Ok(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Result<(&str, &str), &str>) {
        match (TableName::parse(name, "pennylane"), expected) {
            (Ok(found), Ok((schema, table))) => {
                assert_eq!(
                    (found.schema.as_str(), found.table.as_str()),
                    (schema, table),
                    "{name}"
                );
            }
            (Err(error), Err(fragment)) => assert!(error.to_string().contains(fragment), "{error}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }

    #[test]
    fn names_are_read_with_and_without_schema() {
        check("customers", Ok(("pennylane", "customers")));
        check("compta.Factures", Ok(("compta", "Factures")));
        check("\"a.b\".\"c\"\"d\"", Ok(("a.b", "c\"d")));
        check(" customers ", Ok(("pennylane", "customers")));
        check("été.ventes 2026", Ok(("été", "ventes 2026")));
    }

    #[test]
    fn wrong_names_are_refused_with_the_reason() {
        check("", Err("the table has no name"));
        check(".x", Err("the schema has no name"));
        check("a.b.c", Err("more than one dot"));
        check("\"a", Err("not closed"));
        check("a\0b", Err("NUL"));
        check(&"é".repeat(32), Err("64 bytes"));
    }
}
