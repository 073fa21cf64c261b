//! Why a publish did not happen, in sentences.

use arrow_schema::{ArrowError, DataType};
use tokio_postgres::error::SqlState;

use super::TableName;
use super::table_name::quote;

/// Why a publish did not happen. The table is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The table's name cannot be one.
    #[error("`{name}` cannot be the name of a table: {reason}")]
    WrongTableName {
        /// What was written.
        name: String,
        /// Why not.
        reason: String,
    },
    /// The data has no column.
    #[error("the data has no columns, so there is nothing to publish")]
    NoColumns,
    /// More columns than PostgreSQL has room for.
    #[error("the table would have {columns} columns, and PostgreSQL allows 1600")]
    TooManyColumns {
        /// How many there would be.
        columns: usize,
    },
    /// A column's name cannot be one.
    #[error("column {position} of the data, `{name}`, cannot be published: {reason}")]
    ColumnName {
        /// Its place in the data, from 1.
        position: usize,
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// Two columns have the same name.
    #[error("columns {first} and {second} of the data have the same name, `{name}`")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// The place of the first in the data, from 1.
        first: usize,
        /// The place of the second.
        second: usize,
    },
    /// A column of the key is not in the data.
    #[error("the key names the column `{column}`, which the data does not have")]
    KeyColumnMissing {
        /// The column.
        column: String,
    },
    /// A column has an Arrow type that no column of PostgreSQL corresponds to.
    #[error(
        "column {position} of the data, `{column}`, is of the Arrow type {data_type}, which Penny cannot publish"
    )]
    UnsupportedColumn {
        /// Its place in the data, from 1.
        position: usize,
        /// Its name.
        column: String,
        /// Its type.
        data_type: Box<DataType>,
    },
    /// The name is taken by something that is not a table.
    #[error("{table} is {kind}, and only a table can be published to")]
    NotATable {
        /// The name.
        table: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// The table demands a column that the data does not have.
    #[error(
        "the column `{column}` of {table} must have a value in every row, and the data has no such column"
    )]
    RequiredColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Whether it is in the primary key.
        in_key: bool,
    },
    /// The table computes the column by itself.
    #[error(
        "PostgreSQL computes the column `{column}` of {table} by itself, so it cannot be published"
    )]
    GeneratedColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A required column has no value in a row.
    #[error("row {row} has no value in `{column}`, and {table} demands one in every row")]
    EmptyValue {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row of the data, from 1.
        row: u64,
    },
    /// A value does not fit and the column is of a type that Penny does not change.
    #[error(
        "row {row} has {value} in `{column}`, which a column of type {column_type} in {table} cannot hold"
    )]
    CannotHold {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type, as PostgreSQL writes it.
        column_type: String,
        /// The row of the data, from 1.
        row: u64,
        /// The value, shortened.
        value: String,
    },
    /// A column to drop is used by a view.
    #[error("the column `{column}` of {table} cannot be dropped: {users} uses it")]
    ColumnInUse {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The views, with their schema.
        users: String,
    },
    /// A view cannot be made again over the changed column types.
    #[error(
        "the view {view} does not work with the new column types of {table} ({changes}): {reason}"
    )]
    ViewCannotFollow {
        /// The view, with its schema.
        view: String,
        /// The table.
        table: String,
        /// The columns that change, with their types.
        changes: String,
        /// The server's words.
        reason: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// Another connection held the table for too long.
    #[error("{table} was held by {holder} for more than {seconds} s")]
    Busy {
        /// The table.
        table: String,
        /// Who holds it.
        holder: String,
        /// How long was waited, in seconds.
        seconds: f64,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// Others change the table again and again.
    #[error("{table} was changed by others each time that Penny was about to write it")]
    Unsettled {
        /// The table.
        table: String,
    },
    /// Two rows have the same key, or a unique index sees the same value twice.
    #[error("two rows have the same value in a key of {table}: {detail}")]
    DuplicateKey {
        /// The table.
        table: String,
        /// Which, in the server's words.
        detail: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// A rule of the table (foreign key, check) refuses a row.
    #[error("a rule of {table} refuses the data: {reason}")]
    Constraint {
        /// The table.
        table: String,
        /// The server's words.
        reason: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The role may not do this.
    #[error("the PostgreSQL user may not {action} {table}: {reason}")]
    NotPermitted {
        /// The table.
        table: String,
        /// What was tried.
        action: &'static str,
        /// The server's words.
        reason: String,
        /// What would allow it, in SQL.
        remedy: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// Only the owner of a table changes its columns.
    #[error("the PostgreSQL user may not change the columns of {table} ({changes}): {reason}")]
    NotOwner {
        /// The table.
        table: String,
        /// The columns that change.
        changes: String,
        /// The server's words.
        reason: String,
        /// What would allow it, in SQL.
        remedy: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The server hides rows of the table from this role, so that its version would not be whole.
    #[error("the row-level security of {table} hides rows of it from the PostgreSQL user")]
    RowsHidden {
        /// The table.
        table: String,
        /// What would show them, in SQL.
        remedy: String,
    },
    /// The connection broke, or the server went down.
    #[error("the connection to PostgreSQL was lost while Penny tried to {action} {table}")]
    Disconnected {
        /// The table.
        table: String,
        /// What was tried.
        action: &'static str,
        /// The failure.
        source: tokio_postgres::Error,
    },
    /// The server refused for another reason.
    #[error("PostgreSQL could not {action} {table}: {reason}")]
    Refused {
        /// The table.
        table: String,
        /// What was tried.
        action: &'static str,
        /// The server's words.
        reason: String,
        /// The refusal.
        source: tokio_postgres::Error,
    },
    /// The sender stopped in the middle.
    #[error("the data broke off after {rows} rows, so nothing was published")]
    Sender {
        /// The rows that had arrived.
        rows: u64,
        /// What happened.
        source: ArrowError,
    },
    /// A batch has other columns than announced.
    #[error(
        "batch {batch} of the data has other columns than were announced, so nothing was published"
    )]
    DifferentBatch {
        /// Which, from 1.
        batch: u64,
    },
    /// More rows than can be told apart.
    #[error("the data has more than {max} rows", max = u32::MAX)]
    TooManyRows,
    /// The temporary file with the data cannot be written or read.
    #[error("the temporary file with the data cannot be written or read in {folder}")]
    Spool {
        /// The folder of temporary files.
        folder: String,
        /// What happened.
        source: ArrowError,
    },
}

impl PublishError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        use PublishError::*;
        Some(match self {
            WrongTableName { .. } => "write a name such as customers, or schema.customers".to_owned(),
            NoColumns => "check that the DataFrame is the one you mean to publish".to_owned(),
            TooManyColumns { .. } => "publish fewer columns, for example df[[\"date\", \"amount\"]]".to_owned(),
            ColumnName { name, .. } if name.is_empty() => "give it a name with df.columns = […]".to_owned(),
            ColumnName { name, .. } | DuplicateColumn { name, .. } => {
                format!("rename it with df.rename(columns={{{name:?}: \"…\"}}), or df.columns = […]")
            }
            KeyColumnMissing { .. } => "check how it is spelled, capital letters included".to_owned(),
            UnsupportedColumn { column, .. } => format!("turn it into text with df[{column:?}].astype(str)"),
            NotATable { .. } => "choose another name for the table".to_owned(),
            RequiredColumn { in_key: true, .. } => {
                "add the column to the data, or take the primary key from the table: ALTER TABLE … DROP CONSTRAINT …"
                    .to_owned()
            }
            RequiredColumn { column, .. } => format!(
                "add the column to the data, or allow empty values: ALTER TABLE … ALTER COLUMN {column:?} DROP NOT NULL"
            ),
            GeneratedColumn { column, .. } => format!("remove it with df.drop(columns=[{column:?}])"),
            EmptyValue { column, .. } => {
                format!("fill it with df[{column:?}].fillna(…), or drop the row")
            }
            CannotHold { column, .. } => {
                format!("correct the value, or publish under another column name than {column:?}")
            }
            ColumnInUse { .. } => "change the view first, or keep the column".to_owned(),
            ViewCannotFollow { .. } => {
                "change the view so that it works with both types, or convert the column in the notebook".to_owned()
            }
            Unsettled { .. } => "let only one program alter the table, then run again".to_owned(),
            Busy { .. } => "close the other program's transaction, then run again".to_owned(),
            DuplicateKey { .. } => {
                "drop the duplicates with df.drop_duplicates(subset=[…]), or publish without a key".to_owned()
            }
            Constraint { .. } => "correct the data, or change the rule of the table".to_owned(),
            NotPermitted { remedy, .. } | NotOwner { remedy, .. } | RowsHidden { remedy, .. } => {
                format!("ask the server's owner: {remedy}")
            }
            Disconnected { .. } => {
                "readers see the table whole, as it was or as it should be; run again once PostgreSQL is back"
                    .to_owned()
            }
            Refused { source, .. } => match source.code() {
                Some(&SqlState::DISK_FULL) => "free space on the disk of PostgreSQL".to_owned(),
                // On Windows a database often has the system's own encoding.
                Some(&SqlState::UNTRANSLATABLE_CHARACTER) => {
                    "take the character out in the notebook, or publish to a database whose encoding is UTF8"
                        .to_owned()
                }
                // A key that is too long has a hint of the server's own, a row that is too wide has none.
                Some(&SqlState::PROGRAM_LIMIT_EXCEEDED) => {
                    let own = source.as_db_error().and_then(|refusal| refusal.hint());
                    own.unwrap_or("publish fewer columns, for example df[[\"date\", \"amount\"]]").to_owned()
                }
                Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
                    "this server only reads (a replica?): publish to the one that writes".to_owned()
                }
                _ => return source.as_db_error()?.hint().map(str::to_owned),
            },
            Sender { .. } => "the reason is in the notebook's output; run it again".to_owned(),
            DifferentBatch { .. } => return None,
            TooManyRows => "publish fewer rows, for example one fiscal year at a time".to_owned(),
            Spool { .. } => "free space there, or let TMPDIR (TEMP on Windows) name another folder".to_owned(),
        })
    }

    /// Names the reason that the server gave; `action` completes "could not …" and is followed by the table.
    pub(super) fn server(
        table: &TableName,
        action: &'static str,
        source: tokio_postgres::Error,
    ) -> PublishError {
        let (name, table) = (table, table.to_string());
        let Some(refusal) = source.as_db_error() else {
            return PublishError::Disconnected { table, action, source };
        };
        let mut reason = refusal.message().to_owned();
        if let Some(detail) = refusal.detail() {
            reason.push_str(&format!(" ({})", detail.replace('\n', ", ").trim_end_matches('.')));
        }
        let code = refusal.code().clone();
        match code {
            SqlState::UNIQUE_VIOLATION => {
                let detail =
                    refusal.detail().unwrap_or(refusal.message()).trim_end_matches('.').to_owned();
                PublishError::DuplicateKey { table, detail, source }
            }
            SqlState::INSUFFICIENT_PRIVILEGE => {
                let remedy = remedy(name, action);
                PublishError::NotPermitted { table, action, reason, remedy, source }
            }
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => {
                PublishError::Disconnected { table, action, source }
            }
            code if code.code().starts_with("23") => {
                PublishError::Constraint { table, reason, source }
            }
            _ => PublishError::Refused { table, action, reason, source },
        }
    }

    /// Says which columns were to change, when that is what the role may not do.
    pub(super) fn of_columns(self, changes: String) -> PublishError {
        match self {
            PublishError::NotPermitted { table, reason, remedy, source, .. } => {
                PublishError::NotOwner { table, changes, reason, remedy, source }
            }
            other => other,
        }
    }

    /// Whether a lock was not to be had in time.
    pub(super) fn is_lock_timeout(&self) -> bool {
        matches!(self, PublishError::Refused { source, .. } if is_lock_timeout(source))
    }

    /// Whether the same publish may succeed when it is tried again at once: a deadlock was broken, or
    /// another connection made the same schema or table at the same moment.
    pub(super) fn is_collision(&self) -> bool {
        let (PublishError::Refused { source, .. } | PublishError::DuplicateKey { source, .. }) =
            self
        else {
            return false;
        };
        let Some(refusal) = source.as_db_error() else { return false };
        let code = refusal.code();
        let in_catalog = refusal.schema() == Some("pg_catalog");
        *code == SqlState::T_R_DEADLOCK_DETECTED
            || *code == SqlState::T_R_SERIALIZATION_FAILURE
            || *code == SqlState::DUPLICATE_SCHEMA
            || *code == SqlState::DUPLICATE_TABLE
            || (*code == SqlState::UNIQUE_VIOLATION && in_catalog)
    }
}

/// What allows a role to do this, in SQL.
fn remedy(table: &TableName, action: &str) -> String {
    let (schema, table) = (quote(&table.schema), table.sql());
    match action {
        "make the schema of" => format!("CREATE SCHEMA {schema} AUTHORIZATION …"),
        "make" => format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO …"),
        "alter" | "restore the views of" => format!("ALTER TABLE {table} OWNER TO …"),
        _ => format!(
            "GRANT USAGE ON SCHEMA {schema} TO …; GRANT SELECT, INSERT, DELETE ON {table} TO …"
        ),
    }
}

/// The refusal says that a lock was not to be had in time.
pub(super) fn is_lock_timeout(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)
}
