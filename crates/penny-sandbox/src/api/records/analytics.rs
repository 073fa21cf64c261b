//! The analysis: axes and categories.

use serde_json::{Value, json};

use super::{View, instant};
use crate::api::filter::Field;
use crate::api::page::Record;
use crate::company::Company;
use crate::company::model::{Category, CategoryGroup, WeightedCategory};

impl Record for Category {
    fn id(&self) -> u64 {
        self.id
    }

    fn field<'a>(&'a self, name: &str, _company: &'a Company) -> Field<'a> {
        match name {
            "id" => Field::Id(self.id),
            "label" => Field::Text(&self.label),
            "category_group_id" => Field::Id(self.group_id),
            "analytical_code" => self.analytical_code.as_deref().into(),
            _ => Field::Empty,
        }
    }
}

impl Record for CategoryGroup {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Record for WeightedCategory {
    fn id(&self) -> u64 {
        self.category_id
    }
}

/// An axis.
pub(in crate::api) fn category_group(view: View<'_>, group: &CategoryGroup) -> Value {
    json!({
        "id": group.id,
        "label": group.label,
        "categories": view.link(&format!("/category_groups/{}/categories", group.id)),
        "created_at": instant(group.created_at),
        "updated_at": instant(group.updated_at),
    })
}

/// A category as in the list of all.
pub(in crate::api) fn category(category: &Category) -> Value {
    let mut record = category_of_group(category);
    record["category_group"] = json!({ "id": category.group_id });
    record
}

/// A category in the list of one group, which does not name the group again.
pub(in crate::api) fn category_of_group(category: &Category) -> Value {
    json!({
        "id": category.id,
        "label": category.label,
        "direction": category.direction.map(|direction| direction.as_str()),
        "analytical_code": category.analytical_code,
        "created_at": instant(category.created_at),
        "updated_at": instant(category.updated_at),
    })
}
