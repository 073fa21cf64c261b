//! The query string: `limit`, `cursor`, `filter`, `sort`, and the few parameters that single lists have.

use axum::extract::Query;
use axum::http::Uri;
use jiff::Timestamp;
use jiff::civil::Date;

use super::contract::ListRules;
use super::cursor::Cursor;
use super::filter::Filter;
use super::refusal::Refusal;

/// The decoded parameters of one request; names that nobody asks for are ignored.
pub(super) struct Parameters(Vec<(String, String)>);

/// What a list is asked for.
#[derive(Debug)]
pub(super) struct ListQuery {
    /// Records on the page, at least 1.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Which records.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
}

/// An order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    /// The field; records with the same value follow their ids.
    pub field: SortField,
    /// Largest first.
    pub descending: bool,
}

/// The fields that lists can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SortField {
    Id,
    Date,
    Start,
    Rank,
}

const LIMIT_DEFAULT: usize = 20;
const DEFAULT_SORT: Sort = Sort { field: SortField::Id, descending: true };

impl Parameters {
    /// Decodes the query of `uri`.
    pub fn of(uri: &Uri) -> Result<Parameters, Refusal> {
        Query::try_from_uri(uri)
            .map(|Query(pairs)| Parameters(pairs))
            .map_err(|_| Refusal::BadRequest("The query string is malformed".to_owned()))
    }

    /// The value of a parameter, the last one where it came several times.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads what a list with these rules understands.
    pub fn list(&self, rules: &ListRules) -> Result<ListQuery, Refusal> {
        Ok(ListQuery {
            limit: self.limit(rules.limit_max)?,
            cursor: self.get("cursor").map(Cursor::parse).transpose()?,
            filter: self.filter(rules)?,
            sort: self.sort(rules)?,
        })
    }

    /// A mandatory day.
    pub fn date(&self, name: &str) -> Result<Date, Refusal> {
        let text = self.get(name).ok_or_else(|| missing(name))?;
        parse_date(name, text)
    }

    /// An optional instant.
    pub fn instant(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let refusal = || {
            Refusal::schema(
                name,
                "InvalidDateTimeFormat",
                format!("{text} is not an RFC 3339 date-time"),
            )
        };
        text.parse().map(Some).map_err(|_| refusal())
    }

    /// An optional yes or no; absent means no.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(text) => {
                Err(Refusal::schema(name, "ValidateError", format!("{text} is not a boolean")))
            }
        }
    }

    fn limit(&self, max: u32) -> Result<usize, Refusal> {
        let Some(text) = self.get("limit") else { return Ok(LIMIT_DEFAULT) };
        match text.parse::<i64>() {
            Err(_) => {
                Err(Refusal::schema("limit", "ValidateError", format!("{text} is not an integer")))
            }
            Ok(limit) if limit < 1 => Err(Refusal::schema(
                "limit",
                "LessThanMinimum",
                format!("{limit} is less than minimum value 1"),
            )),
            Ok(limit) if limit > i64::from(max) => Err(Refusal::schema(
                "limit",
                "MoreThanMaximum",
                format!("{limit} is more than maximum value {max}"),
            )),
            Ok(limit) => Ok(usize::try_from(limit).expect("a limit between 1 and 1000")),
        }
    }

    fn filter(&self, rules: &ListRules) -> Result<Filter, Refusal> {
        if rules.filters.is_empty() {
            return Ok(Filter::default());
        }
        if self.0.iter().any(|(key, _)| key.starts_with("filter[")) {
            return Err(Refusal::BadRequest(
                "filter expected a string, but received a hash instead".to_owned(),
            ));
        }
        self.get("filter")
            .map_or_else(|| Ok(Filter::default()), |text| Filter::parse(text, rules.filters))
    }

    fn sort(&self, rules: &ListRules) -> Result<Sort, Refusal> {
        let Some(text) = self.get("sort").filter(|_| !rules.sorts.is_empty()) else {
            return Ok(DEFAULT_SORT);
        };
        // A plus sign that was not percent-encoded arrives as a space.
        let name = text.trim_start_matches(['-', '+', ' ']);
        let field = match name {
            _ if !rules.sorts.contains(&name) => None,
            "id" => Some(SortField::Id),
            "date" => Some(SortField::Date),
            "start" => Some(SortField::Start),
            "rank" => Some(SortField::Rank),
            _ => None,
        };
        let descending = text.starts_with('-');
        field.map(|field| Sort { field, descending }).ok_or_else(|| {
            Refusal::schema(
                "sort",
                "NotEnumInclude",
                format!(
                    "sort by '{text}' is not allowed here; allowed: {}",
                    rules.sorts.join(", ")
                ),
            )
        })
    }
}

/// Reads a day, from a parameter or a body.
pub(super) fn parse_date(name: &str, text: &str) -> Result<Date, Refusal> {
    let refusal =
        || Refusal::schema(name, "InvalidDateFormat", format!("{text} is not a date (YYYY-MM-DD)"));
    // Longer texts, such as a date-time, would be read as a date too.
    if text.len() == 10 { text.parse().map_err(|_| refusal()) } else { Err(refusal()) }
}

/// A mandatory parameter that is not there.
pub(super) fn missing(name: &str) -> Refusal {
    Refusal::schema(name, "NotExistRequiredKey", format!("missing required parameter: {name}"))
}
