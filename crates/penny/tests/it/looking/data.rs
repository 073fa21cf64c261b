//! What changed in the data between two runs, against what PostgreSQL says.

use serde_json::{Value, json};

use super::{edit, json as json_of};
use crate::server::Open;
use crate::support::Workspace;

/// A ledger of so many lines in cents that no float is exactly, with a line changed, one gone, one new.
const LEDGER: &str = r#"
import pandas as pd, penny
comptes = ["606400", "401000", "706000", "411000", "512000"]
lignes = [(i, comptes[i % 5], (i * 37 % 997) / 100 if i % 5 in (0, 3, 4) else 0.0,
           (i * 53 % 997) / 100 if i % 5 in (1, 2) else 0.0) for i in range(3000)]
df = pd.DataFrame(lignes, columns=["id", "plan_item_number", "debit", "credit"])
df["date"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(df["id"] % 300, unit="D")
"#;

const CHANGE: &str = r#"
df.loc[df["id"] == 10, "debit"] = 1234567.89
df = df[df["id"] != 20]
df = pd.concat([df, pd.DataFrame({"id": [9001, 9002], "plan_item_number": ["706000", "x"], "debit": [0.0, 0.01],
    "credit": [0.07, 0.0], "date": pd.to_datetime(["2027-01-31", "2026-05-05"])})])
"#;

const PUBLISH: &str = "penny.publish(df, \"grand_livre\")";

/// The sums of the ledger by class, as PostgreSQL has them to the cent.
fn sums(open: &Open, column: &str) -> Value {
    let rows = open.rows(&format!(
        "SELECT CASE WHEN plan_item_number ~ '^[1-8]' THEN left(plan_item_number, 1) ELSE 'other' END,
                trim_scale(sum({column}::numeric))
         FROM pennylane.grand_livre GROUP BY 1 HAVING sum({column}) <> 0"
    ));
    let pairs = rows.iter().map(|row| row.split_once('|').expect("two fields"));
    Value::Object(pairs.map(|(class, sum)| (class.to_owned(), json!(sum))).collect())
}

fn total(open: &Open, column: &str) -> String {
    let sql = format!("SELECT trim_scale(sum({column}::numeric)) FROM pennylane.grand_livre");
    open.rows(&sql).remove(0)
}

/// The sums of one side of a comparison, by class.
fn side(amount: &Value, side: &str) -> Value {
    let classes = amount["classes"].as_object().expect("classes");
    let there = classes.iter().filter(|(_, class)| class[side] != "0");
    Value::Object(there.map(|(name, class)| (name.clone(), class[side].clone())).collect())
}

fn amount<'a>(table: &'a Value, column: &str) -> &'a Value {
    let amounts = table["amounts"].as_array().expect("amounts");
    amounts.iter().find(|amount| amount["column"] == column).expect("it is summed")
}

#[test]
fn the_rows_and_totals_that_changed_between_two_runs_are_those_of_postgresql() {
    let workspace = Workspace::new().notebook("grand_livre", &[LEDGER, PUBLISH]);
    let open = Open::new(workspace);
    let columns = ["debit", "credit"];
    open.workspace.run(&["run"]).status(0);
    let before: Vec<(Value, String)> =
        columns.iter().map(|column| (sums(&open, column), total(&open, column))).collect();
    edit(&open.workspace, "grand_livre", &[LEDGER, CHANGE, PUBLISH]);
    open.workspace.run(&["run"]).status(0);

    let difference = json_of(open.workspace.run(&["diff", "grand_livre", "--json"]));
    let table = &difference["tables"][0];
    assert_eq!(
        table["rows"],
        json!({"known": true, "added": 2, "removed": 1, "changed": 1, "key": ["id"]})
    );
    assert_eq!((&table["before"]["rows"], &table["after"]["rows"]), (&json!(3000), &json!(3001)));
    assert_eq!(table["account_column"], "plan_item_number");
    assert_eq!(table["changed_outside"], false);
    for (column, (before, all)) in columns.iter().zip(&before) {
        let amount = amount(table, column);
        assert_eq!(
            (&amount["before"], &amount["after"]),
            (&json!(all), &json!(total(&open, column)))
        );
        assert_eq!(&side(amount, "before"), before, "{column}");
        assert_eq!(side(amount, "after"), sums(&open, column), "{column}");
    }
    assert_eq!(amount(table, "credit")["difference"], "0.07");
    assert_eq!(amount(table, "credit")["classes"]["7"]["difference"], "0.07");
    assert_eq!(table["dates"][0]["after"]["last"], "2027-01-31");
    assert!(table["amounts"].as_array().expect("amounts").iter().all(|a| a["column"] != "id"));

    let page = open.workspace.run(&["diff", "grand_livre"]).status(0).stdout;
    for said in [
        "pennylane.grand_livre: 3,000 → 3,001 rows\n    2 added, 1 removed, 1 changed (by id)",
        "7 income",
        "6 expenses",
        "+0.07",
        "date: 2026-01-01 … 2026-10-27 → 2026-01-01 … 2027-01-31",
    ] {
        assert!(page.contains(said), "`{said}` is not in\n{page}");
    }
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");

    // Back to the first version: between the first and the third run nothing changed.
    edit(&open.workspace, "grand_livre", &[LEDGER, PUBLISH]);
    open.workspace.run(&["run"]).status(0);
    open.workspace.run(&["diff", "1", "3"]).status(0).says("3,000 rows, unchanged");
    // And an unchanged publish in between leaves nothing to count.
    open.workspace.run(&["run"]).status(0);
    let table = json_of(open.workspace.run(&["diff", "2", "4", "--json"]))["tables"][0].clone();
    assert_eq!((&table["rows"]["added"], &table["rows"]["removed"]), (&json!(1), &json!(2)));
    assert_eq!(table["publishes"], 2);
    open.workspace.run(&["history", "-n", "1"]).status(0).says("3,000  unchanged");
}

#[test]
fn what_others_did_to_a_table_between_two_runs_is_said() {
    let publish = |rows: &str| {
        format!("import pandas as pd, penny\npenny.publish(pd.DataFrame({{'x': {rows}}}), 't')")
    };
    let workspace = Workspace::new().notebook("n", &[&publish("[1, 2, 3]")]);
    let open = Open::new(workspace);
    open.workspace.run(&["run"]).status(0);
    open.rows("DELETE FROM pennylane.t WHERE x = 1 RETURNING x");
    edit(&open.workspace, "n", &[&publish("[2, 3, 4]")]);
    open.workspace.run(&["run"]).status(0);
    let page = open.workspace.run(&["diff", "n"]).status(0);
    let page = page.says("someone changed the table without Penny in between");
    page.says("a changed row counts as both, since rows have no key");
    // A history that was made anew knows of no publish by hand, and accuses nobody.
    open.workspace.run(&["history", "--rebuild"]).status(0);
    open.workspace.run(&["diff", "n"]).status(0).never_says("without Penny");
    // A column that becomes another type: rows cannot be compared, and that is said.
    edit(&open.workspace, "n", &[&publish("[2.5, 3, 4]")]);
    open.workspace.run(&["run"]).status(0);
    let page = open.workspace.run(&["diff", "n"]).status(0);
    page.says("which rows differ is not known").says("other types: x: bigint → double precision");
}

#[test]
fn the_days_of_moments_are_those_of_the_workspace() {
    let publish = |last: &str| {
        format!(
            "import pandas as pd, penny\n\
             moments = pd.to_datetime(['2026-10-01', '{last}']).tz_localize('Europe/Paris')\n\
             penny.publish(pd.DataFrame({{'moment': moments}}), 't')"
        )
    };
    let workspace = Workspace::new()
        .notebook("n", &[&publish("2026-11-01")])
        .config("[schedule]\ntimezone = \"Europe/Paris\"");
    let open = Open::new(workspace);
    open.workspace.run(&["run"]).status(0);
    edit(&open.workspace, "n", &[&publish("2026-12-01")]);
    open.workspace.run(&["run"]).status(0);
    open.workspace
        .run(&["diff", "n"])
        .status(0)
        .says("moment: 2026-10-01 … 2026-11-01 → 2026-10-01 … 2026-12-01");
}
