//! What can go wrong when a query is read, in sentences.

use std::fmt;

use tokio_postgres::error::{DbError, ErrorPosition, SqlState};

/// The tables of Pennylane's data share, in its schema `pennylane`.
pub const TABLES: [&str; 13] = [
    "analytical_ledger",
    "bank_accounts",
    "bank_transactions",
    "companies",
    "customer_invoices",
    "customers",
    "fiscal_years",
    "general_ledger",
    "supplier_invoices",
    "suppliers",
    "tax_declarations",
    "trial_balance",
    "vat_declarations",
];

/// From this likeness on (1 is the same name) a table is proposed.
const LIKENESS_MIN: f64 = 0.6;

/// A place in the text of a query; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

/// Why a query could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no statement in the text.
    #[error("the query is empty")]
    Empty,
    /// There is more than one statement in the text.
    #[error("more than one statement: a second one begins at {place}")]
    MoreThanOneStatement {
        /// Where the second one begins.
        place: Place,
    },
    /// The statement does not begin like one that reads.
    #[error("the query begins with {}, and only reading is allowed", .word.to_uppercase())]
    NotReading {
        /// The first word.
        word: String,
    },
    /// The statement wants values that nobody gives.
    #[error("the query has {count} placeholder(s) such as $1, and nothing fills them")]
    Parameters {
        /// How many.
        count: usize,
    },
    /// The statement returns no table.
    #[error("the query returns no columns")]
    NoColumns,
    /// Columns of the result have the same name.
    #[error("the query returns more than one column named {}", quoted(.names))]
    DuplicateColumns {
        /// The names that occur more than once.
        names: Vec<String>,
    },
    /// The rows do not have the columns that were described.
    #[error("the server described {described} columns and sent {sent}")]
    OtherColumns {
        /// Columns in the description.
        described: usize,
        /// Columns in the row.
        sent: usize,
    },
    /// A value is not what its column's type says.
    #[error("row {row}, column `{column}`: \"{value}\" is not {wanted}")]
    Value {
        /// The column.
        column: String,
        /// The row of the result, from 1.
        row: u64,
        /// The value, shortened.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// The user may not read a table or schema.
    #[error("the database refuses to let you read: {said}")]
    PermissionDenied {
        /// The server's own words.
        said: String,
    },
    /// There is no such table.
    #[error("there is no table `{relation}` in this database{}", at(.place))]
    NoSuchRelation {
        /// The name as the query has it.
        relation: String,
        /// Where the query has it.
        place: Option<Place>,
    },
    /// The statement is not valid SQL.
    #[error("the SQL is not valid{}: {said}", at(.place))]
    Syntax {
        /// The server's own words.
        said: String,
        /// Where.
        place: Option<Place>,
    },
    /// Somebody cancelled the query at the server.
    #[error("the query was cancelled at the server: {said}")]
    Cancelled {
        /// The server's own words.
        said: String,
    },
    /// The query took longer than allowed.
    #[error("the query took longer than allowed, and the server ended it")]
    TimedOut,
    /// The server said nothing for too long.
    #[error("the server has said nothing for {seconds} s")]
    NoAnswer {
        /// How long was waited.
        seconds: u64,
    },
    /// The connection is gone.
    #[error("the connection to the database was lost")]
    ConnectionLost {
        /// What the connection said.
        source: tokio_postgres::Error,
    },
    /// The server said that it ends the connection.
    #[error("the server ended the connection: {said}")]
    ServerLeft {
        /// The server's own words.
        said: String,
    },
    /// Anything else that the server answers.
    #[error("the database refused the query{}: {said}", at(.place))]
    Refused {
        /// The server's own words.
        said: String,
        /// Its error code (SQLSTATE).
        code: String,
        /// Where.
        place: Option<Place>,
        /// The server's own hint.
        hint: Option<String>,
    },
}

impl ReadError {
    /// What to do about it, in one sentence.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "write one SELECT".to_owned(),
            Self::MoreThanOneStatement { .. } => "read each statement on its own".to_owned(),
            Self::NotReading { .. } => "begin the query with SELECT or WITH".to_owned(),
            Self::Parameters { .. } => "write the values into the query".to_owned(),
            Self::NoColumns => "name at least one column after SELECT".to_owned(),
            Self::DuplicateColumns { names } => {
                format!(
                    "give each its own name: … AS {}_2",
                    names.first().map_or("nom", String::as_str)
                )
            }
            Self::OtherColumns { .. } => {
                "run the query again: its tables were just changed".to_owned()
            }
            Self::Value { .. } => "convert the column in the query: CAST(… AS VARCHAR)".to_owned(),
            Self::PermissionDenied { .. } => {
                "Pennylane's data share follows the rights of your Pennylane user: \
                 ask an administrator of your company there"
                    .to_owned()
            }
            Self::NoSuchRelation { relation, .. } => proposal(relation),
            Self::Syntax { .. } => "correct the query there, then run it again".to_owned(),
            Self::Cancelled { .. } => "run it again when the server is less busy".to_owned(),
            Self::ConnectionLost { .. } | Self::ServerLeft { .. } => {
                "run it again: a connection that is idle for some minutes is dropped".to_owned()
            }
            Self::TimedOut | Self::NoAnswer { .. } => {
                "read fewer rows or columns, or allow the query more time".to_owned()
            }
            Self::Refused { hint, .. } => return hint.clone(),
        })
    }

    /// Whether the same query may well succeed when it is run again on a new connection.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::ConnectionLost { .. } | Self::ServerLeft { .. } | Self::NoAnswer { .. } => true,
            Self::Refused { code, .. } => ["40001", "40P01", "53300"].contains(&code.as_str()),
            _ => false,
        }
    }

    /// Puts the server's refusal into words. `sql` is the user's text, before which `prefix_length`
    /// characters were sent.
    pub(super) fn from_server(
        error: tokio_postgres::Error,
        sql: &str,
        prefix_length: usize,
    ) -> Self {
        match error.as_db_error() {
            Some(refusal) => Self::from_refusal(refusal, sql, prefix_length),
            None => Self::ConnectionLost { source: error },
        }
    }

    fn from_refusal(refusal: &DbError, sql: &str, prefix_length: usize) -> Self {
        let said = match refusal.detail() {
            Some(detail) => format!("{} ({detail})", refusal.message()),
            None => refusal.message().to_owned(),
        };
        let place = match refusal.position() {
            Some(ErrorPosition::Original(position)) => (*position as usize)
                .checked_sub(prefix_length + 1)
                .map(|at| Place::of_character(sql, at)),
            _ => None,
        };
        match refusal.code() {
            &SqlState::INSUFFICIENT_PRIVILEGE => Self::PermissionDenied { said },
            &SqlState::UNDEFINED_TABLE | &SqlState::INVALID_SCHEMA_NAME => {
                Self::NoSuchRelation { relation: relation(refusal.message()), place }
            }
            &SqlState::SYNTAX_ERROR => Self::Syntax { said, place },
            &SqlState::QUERY_CANCELED if said.contains("timeout") => Self::TimedOut,
            &SqlState::QUERY_CANCELED => Self::Cancelled { said },
            code if code.code().starts_with("57P0") || code.code().starts_with("08") => {
                Self::ServerLeft { said }
            }
            code => {
                let (code, hint) = (code.code().to_owned(), refusal.hint().map(str::to_owned));
                Self::Refused { said, code, place, hint }
            }
        }
    }
}

impl Place {
    /// The place of a byte.
    pub(super) fn of(sql: &str, byte: usize) -> Self {
        Self::of_character(sql, sql[..byte].chars().count())
    }

    /// The place of a character, counted from 0.
    fn of_character(sql: &str, characters: usize) -> Self {
        let before: String = sql.chars().take(characters).collect();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

fn at(place: &Option<Place>) -> String {
    place.map_or_else(String::new, |place| format!(" ({place})"))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The name in `relation "pennylane.customer" does not exist`, and as Redshift words it.
fn relation(message: &str) -> String {
    let quoted = message.split('"').nth(1);
    let after = || {
        let mut words = message.split_whitespace();
        words.find(|word| word.eq_ignore_ascii_case("relation")).and_then(|_| words.next())
    };
    quoted.or_else(after).unwrap_or(message).to_owned()
}

/// The table that was probably meant.
fn proposal(relation: &str) -> String {
    let table = relation.rsplit('.').next().unwrap_or(relation).to_lowercase();
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, &table);
    let nearest = TABLES
        .into_iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|known| likeness(known) >= LIKENESS_MIN);
    match nearest {
        Some(nearest) if nearest == table && relation.contains('.') => {
            format!("write pennylane.{nearest}, and connect to Pennylane's data share")
        }
        Some(nearest) => format!("write pennylane.{nearest}"),
        None => format!("write pennylane. and one of: {}", TABLES.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, name: &str, hint: &str) {
        let error = ReadError::NoSuchRelation { relation: relation(message), place: None };
        assert_eq!(error.to_string(), format!("there is no table `{name}` in this database"));
        assert_eq!(error.hint().unwrap(), hint);
    }

    #[test]
    fn a_missing_table_leads_to_the_nearest_known_one() {
        check("relation \"customers\" does not exist", "customers", "write pennylane.customers");
        check(
            "relation \"pennylane.customer\" does not exist",
            "pennylane.customer",
            "write pennylane.customers",
        );
        check(
            "relation \"pennylane.Ledger_general\" does not exist",
            "pennylane.Ledger_general",
            {
                "write pennylane. and one of: analytical_ledger, bank_accounts, bank_transactions, companies, \
             customer_invoices, customers, fiscal_years, general_ledger, supplier_invoices, suppliers, \
             tax_declarations, trial_balance, vat_declarations"
            },
        );
        check(
            "Relation pennylane.suplier_invoices does not exist",
            "pennylane.suplier_invoices",
            "write pennylane.supplier_invoices",
        );
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        assert_eq!(Place::of_character("select\n  é, x", 11).to_string(), "line 2, column 5");
        assert_eq!(Place::of_character("", 0).to_string(), "line 1, column 1");
    }
}
