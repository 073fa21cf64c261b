//! The axes of the analysis and how amounts are given to them.

use jiff::Timestamp;

use super::chance::Chance;
use super::ids;
use super::model::{Category, CategoryGroup, Direction, WeightedCategory};

/// Places of the categories in [`categories`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Web,
    Professional,
    Installation,
    Structure,
    Region,
    OtherRegions,
    Abroad,
    Receipts,
    Suppliers,
    Salaries,
    Taxes,
    Financing,
}

const GROUPS: [&str; 3] = ["Activité", "Territoire", "Trésorerie"];

const ROWS: [(usize, &str, Option<&str>, Option<Direction>); 12] = [
    (0, "Boutique en ligne", Some("WEB"), None),
    (0, "Projets professionnels", Some("PRO"), None),
    (0, "Pose et maintenance", Some("POSE"), None),
    (0, "Structure", Some("STR"), None),
    (1, "Auvergne-Rhône-Alpes", Some("ARA"), None),
    (1, "Autres régions", Some("FRA"), None),
    (1, "Étranger", Some("ETR"), None),
    (2, "Encaissements clients", None, Some(Direction::CashIn)),
    (2, "Règlements fournisseurs", None, Some(Direction::CashOut)),
    (2, "Salaires et charges sociales", None, Some(Direction::CashOut)),
    (2, "Impôts et taxes", None, Some(Direction::CashOut)),
    (2, "Financement", None, Some(Direction::CashIn)),
];

/// The axes.
pub(super) fn groups(at: Timestamp) -> Vec<CategoryGroup> {
    GROUPS
        .iter()
        .enumerate()
        .map(|(place, label)| CategoryGroup {
            id: ids::CATEGORY_GROUPS.id(place),
            label: (*label).to_owned(),
            created_at: at,
            updated_at: at,
        })
        .collect()
}

/// The categories of all axes.
pub(super) fn categories(at: Timestamp) -> Vec<Category> {
    ROWS.iter()
        .enumerate()
        .map(|(place, (group, label, code, direction))| Category {
            id: ids::CATEGORIES.id(place),
            group_id: ids::CATEGORY_GROUPS.id(*group),
            label: (*label).to_owned(),
            analytical_code: code.map(str::to_owned),
            direction: *direction,
            created_at: at,
            updated_at: at,
        })
        .collect()
}

/// The whole amount for one category.
pub(super) fn whole(tag: Tag) -> Vec<WeightedCategory> {
    vec![WeightedCategory { category_id: ids::CATEGORIES.id(tag as usize), percent: 100 }]
}

/// Mostly this category: sometimes nothing, sometimes shared with another one, sometimes with the territory too.
pub(super) fn mostly(
    chance: &mut Chance,
    tag: Tag,
    territory: Option<Tag>,
) -> Vec<WeightedCategory> {
    if chance.per_mille(250) {
        return Vec::new();
    }
    let mut tags = whole(tag);
    if chance.per_mille(60) {
        let other = if tag == Tag::Structure { Tag::Professional } else { Tag::Structure };
        tags[0].percent = *chance.pick(&[50, 60, 70, 75, 80]);
        tags.push(WeightedCategory {
            category_id: ids::CATEGORIES.id(other as usize),
            percent: 100 - tags[0].percent,
        });
    }
    if let Some(territory) = territory
        && chance.per_mille(80)
    {
        tags.extend(whole(territory));
    }
    tags
}
