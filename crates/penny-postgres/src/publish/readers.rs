//! The roles that are to read the table get the rights that they lack.

use tokio_postgres::Transaction;

use super::table_name::quote;
use super::{Publication, PublishError};

const LACKS: &str = "
    SELECT NOT pg_catalog.has_schema_privilege($1::text::name, $2::text, 'USAGE') AS schema,
           NOT pg_catalog.has_table_privilege($1::text::name, $3::text, 'SELECT') AS select
    WHERE EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::text)";

/// Grants what is lacking, and says in words what could not be granted: that is no reason not to publish.
pub(super) async fn admit(
    transaction: &mut Transaction<'_>,
    publication: &Publication,
) -> Result<Vec<String>, PublishError> {
    let failed = |error| PublishError::server(&publication.table, "look at the rights on", error);
    let (schema, table) = (quote(&publication.table.schema), publication.table.sql());
    let mut warnings = Vec::new();
    for reader in &publication.readers {
        // The functions take names as they are written in SQL, but the schema as it is.
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [reader, &publication.table.schema, &table];
        let Some(row) = transaction.query_opt(LACKS, &parameters).await.map_err(failed)? else {
            warnings.push(format!("the role `{reader}` that is to read the table does not exist"));
            continue;
        };
        let mut statements = String::new();
        if row.get("schema") {
            statements.push_str(&format!("GRANT USAGE ON SCHEMA {schema} TO {};", quote(reader)));
        }
        if row.get("select") {
            statements.push_str(&format!("GRANT SELECT ON {table} TO {};", quote(reader)));
        }
        if statements.is_empty() {
            continue;
        }
        let savepoint = transaction.savepoint("admit").await.map_err(failed)?;
        match savepoint.batch_execute(&statements).await {
            Ok(()) => savepoint.commit().await.map_err(failed)?,
            Err(error) if error.as_db_error().is_some() => {
                let reason = error.as_db_error().map(|refusal| refusal.message().to_owned());
                savepoint.rollback().await.map_err(failed)?;
                warnings.push(format!(
                    "the role `{reader}` could not be given the right to read the table: {}",
                    reason.unwrap_or_default()
                ));
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(warnings)
}
