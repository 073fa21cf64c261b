//! The notebooks of part (a) and (d), and the same code as plain scripts.

use std::path::Path;

use serde_json::{Value, json};

use super::Result;
use super::setting::write;

/// How many notebooks a sync of many has.
pub const MANY: usize = 12;

/// How many cells the long one has.
pub const CELLS: usize = 400;

/// Those of a service.
pub const SERVED: &str = "imports";

/// Writes them into a workspace, as `NAME.ipynb` and `NAME.py`; their sections of penny.toml. Only those of
/// this kind, if one is named.
pub fn write_all(workspace: &Path, kind: Option<&str>) -> Result<String> {
    let mut sections = String::new();
    let is_wanted = |name: &str| kind.is_none_or(|kind| name.starts_with(kind));
    for (name, cells) in all().into_iter().filter(|(name, _)| is_wanted(name)) {
        let notebook = notebook(&cells).to_string();
        write(&workspace.join(format!("notebooks/{name}.ipynb")), &notebook)?;
        write(&workspace.join(format!("notebooks/{name}.py")), &(cells.join("\n") + "\n"))?;
        sections.push_str(&format!(
            "\n[[notebook]]\nname = \"{name}\"\nfile = \"notebooks/{name}.ipynb\"\n"
        ));
    }
    Ok(sections)
}

/// The names of so many notebooks of a kind.
pub fn names(kind: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{kind}_{number:02}")).collect()
}

fn all() -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for name in names("empty", MANY) {
        all.push((name, vec!["1 + 1".to_owned()]));
    }
    for name in names("imports", MANY) {
        let imports = "import pandas as pd\nimport sqlalchemy\nimport requests\nimport psycopg2";
        let sum = "pd.DataFrame({'montant': range(1000)})['montant'].sum()";
        all.push((name, vec![imports.to_owned(), sum.to_owned()]));
    }
    let cells = (0..CELLS).map(|number| format!("total = {number}\ntotal"));
    all.push(("cells_01".to_owned(), cells.collect()));
    for name in names("idle", 4) {
        all.push((name.clone(), idle(&name)));
    }
    all
}

/// Tells by a file that it has come to its last cell, and ends when that file has gone.
fn idle(name: &str) -> Vec<String> {
    let imports =
        "import pandas as pd\nimport sqlalchemy\nimport requests\nimport psycopg2\nimport os, time";
    let wait = format!(
        "open('{name}.idle', 'w').close()\nlimit = time.time() + 300\n\
         while os.path.exists('{name}.idle') and time.time() < limit:\n    time.sleep(0.05)"
    );
    vec![imports.to_owned(), wait]
}

/// A notebook of these cells.
pub fn notebook(cells: &[String]) -> Value {
    let cells = cells.iter().enumerate().map(|(number, source)| {
        json!({
            "cell_type": "code", "execution_count": null, "id": format!("cell-{number}"),
            "metadata": {}, "outputs": [], "source": source,
        })
    });
    json!({
        "cells": cells.collect::<Vec<_>>(),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    })
}
