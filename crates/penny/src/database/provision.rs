//! The database, its schema and its logins, made when they are missing.

use tokio_postgres::Client;

use super::{OwnServer, Settings, connect};
use crate::error::{Error, Result};

/// On Penny's own server: the login that publishes, its database and schema, the login that reads.
///
/// The passwords are set to those of `.env` at each start of the server: whoever edits them there has
/// changed them.
pub async fn own(server: &OwnServer, settings: &Settings) -> Result<()> {
    let admin = connect(&server.admin_target("postgres")).await?;
    role(&admin, &settings.user, &settings.password, "").await?;
    let read_only =
        format!("ALTER ROLE {} SET default_transaction_read_only = on;", name(&settings.reader.0));
    role(&admin, &settings.reader.0, &settings.reader.1, &read_only).await?;
    let exists = admin
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&settings.database])
        .await
        .map_err(|e| failed("look for the database", e))?;
    if exists.is_none() {
        let sql =
            format!("CREATE DATABASE {} OWNER {}", name(&settings.database), name(&settings.user));
        admin.batch_execute(&sql).await.map_err(|e| failed("make the database", e))?;
    }
    let client = connect(&server.admin_target(&settings.database)).await?;
    let (user, reader) = (name(&settings.user), name(&settings.reader.0));
    let (schema, database) = (name(&settings.schema), name(&settings.database));
    let sql = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {user};
         REVOKE ALL ON DATABASE {database} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {database} TO {reader};
         GRANT USAGE ON SCHEMA {schema} TO {reader};
         GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader};
         ALTER DEFAULT PRIVILEGES FOR ROLE {user} IN SCHEMA {schema} GRANT SELECT ON TABLES TO {reader};"
    );
    client.batch_execute(&sql).await.map_err(|e| failed("make the schema", e))
}

async fn role(admin: &Client, user: &str, password: &str, more: &str) -> Result<()> {
    let exists = admin
        .query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&user])
        .await
        .map_err(|e| failed("look for the login", e))?;
    let verb = if exists.is_some() { "ALTER" } else { "CREATE" };
    // The statement holds the password: it must not reach the server's log.
    let sql = format!(
        "SET log_statement = 'none'; SET log_min_duration_statement = -1;
         SET log_min_error_statement = 'panic';
         {verb} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}; {more}",
        name(user),
        literal(password)
    );
    admin.batch_execute(&sql).await.map_err(|e| failed(&format!("make the login {user}"), e))
}

/// The schema, on a server of the user's.
pub async fn schema(client: &Client, settings: &Settings) -> Result<()> {
    let exists = client
        .query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&settings.schema])
        .await
        .map_err(|e| failed("look for the schema", e))?;
    if exists.is_some() {
        return Ok(());
    }
    let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", name(&settings.schema));
    client.batch_execute(&sql).await.map_err(|e| {
        failed("make the schema", e).hint(format!(
            "ask the server's owner: CREATE SCHEMA {} AUTHORIZATION {}",
            name(&settings.schema),
            name(&settings.user)
        ))
    })
}

/// An identifier, quoted.
fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text, quoted; a backslash means itself whatever the server's settings are.
fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        format!(" E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

fn failed(what: &str, error: tokio_postgres::Error) -> Error {
    let why = error.as_db_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
    Error::missing(format!("PostgreSQL could not {what}: {why}"))
}
