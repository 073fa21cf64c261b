//! Connecting Power BI: the values to type, and the .pbids file that types them.

use serde_json::{Value, json};

use crate::database::{Place, Settings};

/// What Power BI needs to know.
pub struct PowerBi {
    /// Server and port, as Power BI wants them in one field.
    pub server: String,
    /// The database.
    pub database: String,
    /// The schema of the tables.
    pub schema: String,
    /// The login.
    pub user: String,
    /// The variable of `.env` that holds its password.
    pub password_variable: &'static str,
    /// Whether the server is Penny's own, which has no TLS.
    pub own: bool,
}

impl PowerBi {
    /// The values of a workspace; `port` is where Penny's own server runs, if it does.
    pub fn of(settings: &Settings, port: Option<u16>) -> PowerBi {
        let (server, own) = match (&settings.place, &settings.powerbi_server) {
            (Place::Embedded { port: usual }, _) => {
                (format!("localhost:{}", port.unwrap_or(*usual)), true)
            }
            (Place::Server(_), Some(server)) => (server.clone(), false),
            (Place::Server(target), None) => (format!("{}:{}", target.host, target.port), false),
        };
        let has_reader = own || settings.powerbi_server.is_some();
        PowerBi {
            server,
            database: settings.database.clone(),
            schema: settings.schema.clone(),
            user: if has_reader { settings.reader.0.clone() } else { settings.user.clone() },
            password_variable: if has_reader {
                "POWERBI_PASSWORD"
            } else {
                settings.password_variable
            },
            own,
        }
    }

    /// The content of a .pbids file: Power BI Desktop opens it with a double click.
    ///
    /// Format: <https://learn.microsoft.com/power-bi/connect-data/desktop-data-sources#use-pbids-files-to-get-data>.
    pub fn file(&self) -> Value {
        json!({
            "version": "0.1",
            "connections": [{
                "details": {
                    "protocol": "postgresql",
                    "address": { "server": self.server, "database": self.database },
                },
                "options": {},
                "mode": "Import",
            }],
        })
    }

    /// A name for that file: `pennylane.pbids`, after the schema.
    pub fn file_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
        let name: String = self.schema.chars().map(plain).collect();
        format!("{name}.pbids")
    }

    /// One line with the values.
    pub fn line(&self) -> String {
        format!(
            "server {} · database {} · schema {} · user {} (password: {} in .env)",
            self.server, self.database, self.schema, self.user, self.password_variable
        )
    }
}
