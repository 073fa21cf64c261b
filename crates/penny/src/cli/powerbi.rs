//! `penny powerbi`.

use super::arguments::PowerbiOptions;
use super::{Context, print};
use crate::database::{Settings, own_port};
use crate::error::{Error, Result};
use crate::powerbi::PowerBi;

pub async fn powerbi(context: &Context, options: &PowerbiOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    let port = own_port(&workspace, &context.surroundings).await?;
    let powerbi = PowerBi::of(&Settings::of(&workspace)?, port);
    let path = context.surroundings.folder.join(&options.file);
    let text = format!("{:#}\n", powerbi.file());
    crate::files::write_atomically(&path, text.as_bytes())
        .map_err(|e| Error::file("write", &path, e))?;
    let mut said = format!(
        "Written: {}\nA double click opens Power BI Desktop on it. Choose Import, the tables of the schema {}, and log in with\n  {}",
        path.display(),
        powerbi.schema,
        powerbi.line()
    );
    if powerbi.own {
        said.push_str(
            "\nThis server is on your own computer and has no TLS: when Power BI says that the connection is not \
             encrypted, choose OK (or untick \"Encrypt connections\" under Data source settings).",
        );
        if port.is_none() {
            said.push_str(
                "\nPostgreSQL does not run now: `penny db start` starts it and leaves it running.",
            );
        }
    }
    print(&said);
    Ok(0)
}
