//! The database, its schema and its logins, made when they are missing.

use postgres_protocol::password::scram_sha_256;
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
    role(&admin, &settings.reader.0, &settings.reader.1, &only_reads(settings)).await?;
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
    let verb = if exists(admin, user).await? { "ALTER ROLE" } else { "CREATE ROLE" };
    // The server gets to see what it keeps of a password, and so does its log.
    let verifier = scram_sha_256(password.as_bytes());
    let sql = format!(
        "{verb} {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{}'; {}",
        name(user),
        verifier,
        more
    );
    admin.batch_execute(&sql).await.map_err(|e| failed(&format!("make the login {user}"), e))
}

async fn exists(client: &Client, user: &str) -> Result<bool> {
    let found = client.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&user]).await;
    found.map(|row| row.is_some()).map_err(|e| failed("look for the login", e))
}

fn only_reads(settings: &Settings) -> String {
    format!("ALTER ROLE {} SET default_transaction_read_only = on;", name(&settings.reader.0))
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
        let (schema, user) = (&settings.schema, name(&settings.user));
        failed(&format!("make the schema `{schema}`"), e).hint(format!(
            "write the schema that is yours to write in as POSTGRES_SCHEMA in .env, or ask the server's owner: \
             CREATE SCHEMA {} AUTHORIZATION {user}",
            name(schema)
        ))
    })
}

/// The login of Power BI, on a server of the user's: made when it is missing, with the right to read the schema. One
/// that may do so is left as it is.
pub async fn reader(client: &Client, settings: &Settings) -> Result<()> {
    let (reader, password) = &settings.reader;
    if !exists(client, reader).await? {
        role(client, reader, password, &only_reads(settings)).await.map_err(|e| {
            e.hint(format!(
                "ask the server's owner: CREATE ROLE {} LOGIN PASSWORD '…' (POWERBI_PASSWORD of .env)",
                name(reader)
            ))
        })?;
    }
    let may = "SELECT has_database_privilege($1, current_database(), 'CONNECT'),
                      has_schema_privilege($1, $2, 'USAGE')";
    let may = client
        .query_one(may, &[reader, &settings.schema])
        .await
        .map_err(|e| failed("look for the rights of the login", e))?;
    let (schema, database) = (name(&settings.schema), name(&settings.database));
    let reader = name(reader);
    let mut sql = String::new();
    if !may.get::<_, bool>(0) {
        sql.push_str(&format!("GRANT CONNECT ON DATABASE {database} TO {reader}; "));
    }
    if !may.get::<_, bool>(1) {
        sql.push_str(&format!(
            "GRANT USAGE ON SCHEMA {schema} TO {reader}; \
             GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {reader}; "
        ));
    }
    client.batch_execute(&sql).await.map_err(|e| {
        failed(&format!("let {reader} read the tables"), e)
            .hint(format!("ask the server's owner: {}", sql.trim_end()))
    })
}

/// An identifier, quoted.
fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn failed(what: &str, error: tokio_postgres::Error) -> Error {
    let why = error.as_db_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
    Error::missing(format!("PostgreSQL could not {what}: {why}"))
}
