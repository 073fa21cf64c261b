//! What no table can hold is refused before anything else.

use std::collections::HashMap;

use arrow_schema::Schema;

use super::PublishError;
use super::table_name::NAME_BYTES_MAX;
use super::types::ColumnType;

/// What PostgreSQL allows in one table.
pub(super) const COLUMNS_MAX: usize = 1600;

/// The columns that every table has by itself.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

pub(super) fn check(schema: &Schema, key: &[String]) -> Result<(), PublishError> {
    let fields = schema.fields();
    if fields.is_empty() {
        return Err(PublishError::NoColumns);
    }
    if fields.len() > COLUMNS_MAX {
        return Err(PublishError::TooManyColumns { columns: fields.len() });
    }
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (index, field) in fields.iter().enumerate() {
        let (position, name) = (index + 1, field.name());
        if let Some(reason) = wrong_name(name) {
            return Err(PublishError::ColumnName { position, name: name.clone(), reason });
        }
        if let Some(first) = places.insert(name, position) {
            return Err(PublishError::DuplicateColumn {
                name: name.clone(),
                first,
                second: position,
            });
        }
        if ColumnType::natural(field).is_none() {
            return Err(PublishError::UnsupportedColumn {
                position,
                column: name.clone(),
                data_type: Box::new(field.data_type().clone()),
            });
        }
    }
    match key.iter().find(|column| !places.contains_key(column.as_str())) {
        Some(column) => Err(PublishError::KeyColumnMissing { column: column.clone() }),
        None => Ok(()),
    }
}

fn wrong_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it has no name".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return Some(format!(
            "its name has {} bytes, and PostgreSQL allows {NAME_BYTES_MAX}",
            name.len()
        ));
    }
    if name.contains('\0') {
        return Some("its name contains a NUL character".to_owned());
    }
    if SYSTEM_COLUMNS.contains(&name) {
        return Some("every table of PostgreSQL has a hidden column of that name".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field, Fields, UnionFields, UnionMode};

    use super::*;

    fn check_names(names: &[&str], expected: &str) {
        let fields: Vec<Field> =
            names.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect();
        let error = check(&Schema::new(fields), &[]).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }

    #[test]
    fn a_wrong_column_is_named_with_its_position() {
        check_names(&[], "no columns");
        check_names(&["a", ""], "column 2 of the data, ``, cannot be published: it has no name");
        check_names(&["a", "b", "a"], "columns 1 and 3 of the data have the same name, `a`");
        check_names(&[&"é".repeat(32)], "its name has 64 bytes");
        check_names(&["a\0b"], "NUL");
        check_names(&["a", "ctid"], "column 2 of the data, `ctid`");
        let many: Vec<String> = (0..1601).map(|i| format!("c{i}")).collect();
        check_names(&many.iter().map(String::as_str).collect::<Vec<_>>(), "1601 columns");
    }

    #[test]
    fn names_that_differ_in_case_are_different() {
        let fields =
            vec![Field::new("a", DataType::Int64, true), Field::new("A", DataType::Int64, true)];
        assert!(check(&Schema::new(fields), &[]).is_ok());
    }

    #[test]
    fn a_key_must_be_in_the_data() {
        let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
        let error = check(&schema, &["id".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("`id`"), "{error}");
    }

    #[test]
    fn an_unknown_arrow_type_is_named() {
        let union = DataType::Union(UnionFields::empty(), UnionMode::Sparse);
        let nested = DataType::Struct(Fields::from(vec![Field::new("x", union, true)]));
        let error = check(&Schema::new(vec![Field::new("a", nested, true)]), &[]).unwrap_err();
        assert!(
            error.to_string().contains("column 1 of the data, `a`, is of the Arrow type"),
            "{error}"
        );
    }
}
