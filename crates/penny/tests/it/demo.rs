//! `penny demo`: everything from nothing; then a company's first days with it; then Ctrl-C at bad moments.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::server::Open;
use crate::support::{Ended, Workspace, end, free_port, notebook, wait_for};

/// The tables, and a column that a notebook added to what Pennylane has.
const TABLES: [(&str, &str); 12] = [
    ("customers", "billing_address_city"),
    ("customer_invoices", "deadline"),
    ("suppliers", "supplier_due_date_delay"),
    ("supplier_invoices", "remaining_amount_with_tax"),
    ("bank_transactions", "bank_account_id"),
    ("analytical_ledger", "PCG_1"),
    ("general_ledger", "PCG_3"),
    ("trial_balance", "Sens"),
    ("bank_accounts", "balance"),
    ("fiscal_years", "Cloture"),
    ("tax_declarations", "Annee"),
    ("vat_declarations", "Annee"),
];

/// What holds in every set of books; each query counts what is wrong.
const BOOKS: &[(&str, &str)] = &[
    (
        "debit = credit in each fiscal year",
        "SELECT count(*) FROM (SELECT f.id FROM pennylane.general_ledger g JOIN pennylane.fiscal_years f
         ON g.date BETWEEN f.start_date AND f.end_date GROUP BY 1
         HAVING round((sum(debit) - sum(credit))::numeric, 2) <> 0) AS wrong",
    ),
    (
        "every line is in a fiscal year",
        "SELECT count(*) FROM pennylane.general_ledger g WHERE NOT EXISTS
         (SELECT 1 FROM pennylane.fiscal_years f WHERE g.date BETWEEN f.start_date AND f.end_date)",
    ),
    (
        "each document balances",
        "SELECT count(*) FROM (SELECT document_id FROM pennylane.general_ledger GROUP BY 1
         HAVING round((sum(debit) - sum(credit))::numeric, 2) <> 0) AS wrong",
    ),
    (
        "the trial balance is that of the ledger, by class and year",
        "SELECT count(*) FROM
         (SELECT extract(year FROM date) AS y, left(plan_item_number, 1) AS class,
          round(sum(debit - credit)::numeric, 2) AS balance FROM pennylane.general_ledger GROUP BY 1, 2) AS l
         FULL JOIN (SELECT extract(year FROM fiscal_period_start) AS y, left(number, 1) AS class,
          round(sum(balance)::numeric, 2) AS balance FROM pennylane.trial_balance GROUP BY 1, 2) AS b
         USING (y, class) WHERE coalesce(l.balance, 0) <> coalesce(b.balance, 0)",
    ),
    (
        "what customers still owe, by the API, is account 411 of the present year",
        "SELECT round(((SELECT sum(remaining_amount_with_tax) FROM pennylane.customer_invoices WHERE NOT draft)
         - (SELECT sum(balance) FROM pennylane.trial_balance WHERE number = '411' AND fiscal_period_start =
            (SELECT max(fiscal_period_start) FROM pennylane.trial_balance)))::numeric, 2)",
    ),
    (
        "bank accounts hold what account 512 says",
        "SELECT round(((SELECT sum(balance) FROM pennylane.bank_accounts)
         - (SELECT sum(balance) FROM pennylane.trial_balance WHERE number LIKE '512%' AND fiscal_period_start =
            (SELECT max(fiscal_period_start) FROM pennylane.trial_balance)))::numeric, 2)",
    ),
    (
        "an invoice's customer exists",
        "SELECT count(*) FROM pennylane.customer_invoices i LEFT JOIN pennylane.customers c
         ON c.id = i.customer_id WHERE c.id IS NULL",
    ),
    (
        "the analytical ledger has the lines of the general one",
        "SELECT count(*) FROM pennylane.general_ledger g FULL JOIN
         (SELECT DISTINCT id FROM pennylane.analytical_ledger) AS a USING (id) WHERE a.id IS NULL OR g.id IS NULL",
    ),
];

/// What a user types into the transformations of three notebooks.
const CUSTOMISATIONS: [(&str, &str); 3] = [
    (
        "customer_invoices",
        "df['Delai_Paiement'] = (pd.to_datetime(df['deadline']) - pd.to_datetime(df['date'])).dt.days
df['Retard'] = df['Delai_Paiement'] > 30",
    ),
    (
        "analytical_ledger",
        "def classifier_compte(numero):
    if numero.startswith('6'):
        return 'Charges'
    elif numero.startswith('7'):
        return 'Produits'
    elif numero.startswith('4'):
        return 'Tiers'
    else:
        return 'Autre'
df['Categorie_Compte'] = df['plan_item_number'].astype(str).apply(classifier_compte)
df['Ratio_Debit_Credit'] = df['debit'] / df['credit'].replace(0, 1)",
    ),
    (
        "bank_transactions",
        "df = df.sort_values('date')
df['Solde_Cumule'] = df['amount'].cumsum()
df['Transaction_Importante'] = df['amount'].abs() > 1000",
    ),
];

/// The columns that they make, and queries that count the rows where such a column is wrong.
const CUSTOM_COLUMNS: &[(&str, &str, &str, &str)] = &[
    (
        "customer_invoices",
        "Delai_Paiement",
        "bigint",
        r#""Delai_Paiement" IS DISTINCT FROM deadline - date"#,
    ),
    ("customer_invoices", "Retard", "boolean", r#""Retard" <> (deadline - date > 30)"#),
    (
        "analytical_ledger",
        "Categorie_Compte",
        "text",
        r#""Categorie_Compte" <> CASE left(plan_item_number, 1) WHEN '6' THEN 'Charges' WHEN '7' THEN 'Produits'
           WHEN '4' THEN 'Tiers' ELSE 'Autre' END"#,
    ),
    (
        "analytical_ledger",
        "Ratio_Debit_Credit",
        "double precision",
        r#"abs("Ratio_Debit_Credit" - debit / coalesce(nullif(credit, 0), 1)) > 1e-9"#,
    ),
    (
        "bank_transactions",
        "Transaction_Importante",
        "boolean",
        r#""Transaction_Importante" <> (abs(amount) > 1000)"#,
    ),
    (
        "bank_transactions",
        "Solde_Cumule",
        "double precision",
        r#"date = (SELECT min(date) FROM pennylane.bank_transactions) AND amount = 0"#,
    ),
];

/// An empty folder, an empty HOME, a free port; downloads are kept from run to run.
fn nothing() -> Workspace {
    let cache = penny_testing::folder().join("pip-cache");
    Workspace::empty()
        .variable("POSTGRES_PORT", free_port().to_string())
        .variable("PIP_CACHE_DIR", cache.display().to_string())
        .variable("UV_CACHE_DIR", penny_testing::folder().join("uv-cache").display().to_string())
}

/// Appends code to the transformations of a workspace's notebook, as a user types it there.
fn customise(workspace: &Workspace, name: &str, code: &str) {
    let path = workspace.root().join(format!("data/API Publique/Import_{name}.ipynb"));
    let mut notebook: Value =
        serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    let cells = notebook["cells"].as_array_mut().expect("cells");
    let cell = cells.iter_mut().find(|c| c["id"] == "transformations").expect("the cell");
    let lines = cell["source"].as_array_mut().expect("lines");
    lines.push(json!(format!("\n\n{code}\n")));
    fs::write(&path, serde_json::to_vec_pretty(&notebook).expect("JSON")).expect("written");
}

fn counts(open: &Open) -> Vec<u64> {
    let count =
        |table: &str| open.rows(&format!("SELECT count(*) FROM pennylane.{table}"))[0].parse();
    TABLES.iter().map(|(table, _)| count(table).expect("a number")).collect()
}

#[track_caller]
fn the_books_hold_together(open: &Open) {
    for (what, sql) in BOOKS {
        let wrong: f64 = open.rows(sql)[0].parse().expect("a number");
        assert_eq!(wrong, 0.0, "{what}");
    }
}

#[test]
fn a_demonstration_comes_from_nothing_takes_changes_and_reuses_everything() {
    let workspace = nothing().variable("PENNY_POSTGRES", "package");
    let first = workspace.run(&["demo", "."]).status(0);
    for said in [
        "✓ Workspace: ",
        "✓ Python environment: ready",
        "✓ PostgreSQL: obtained",
        "✓ Simulated Pennylane: ",
    ] {
        assert!(first.stderr.contains(said), "`{said}`: {}", first.stderr);
    }
    // The binary of the tests is not on PATH: the commands that follow need a word for it.
    let word = format!(
        "\nNext\n  {}\n",
        penny::platform::alias("penny", Path::new(env!("CARGO_BIN_EXE_penny")))
    );
    for said in
        ["12 succeeded, 0 failed", "data/outputs", "Power BI", &word, "\n  penny kernel install"]
    {
        assert!(first.stdout.contains(said), "`{said}`: {}", first.stdout);
    }
    assert!(!first.stderr.contains(['\u{1b}', '\r']), "{}", first.stderr);
    assert!(!first.stderr.contains("warning"), "{}", first.stderr);
    assert_eq!(first.stderr.matches("✓ Python environment").count(), 1);
    workspace.no_process_is_left();

    let open = Open::new(workspace);
    for (table, column) in TABLES {
        let filled = format!("SELECT count(\"{column}\") > 0 FROM pennylane.{table}");
        assert_eq!(open.rows(&filled), ["t"], "{table}.{column}");
        assert_eq!(open.workspace.outputs(table).len(), 1, "{table}");
    }
    let before = counts(&open);
    the_books_hold_together(&open);

    for (name, code) in CUSTOMISATIONS {
        customise(&open.workspace, name, code);
    }
    open.workspace.run(&["sandbox", "advance", "--days", "3"]).status(0).says("3 days passed");
    let second = open.workspace.run(&["demo", "."]).status(0).says("12 succeeded, 0 failed");
    assert!(second.stderr.contains("(there already)"), "{}", second.stderr);
    for again in ["Python environment", "PostgreSQL"] {
        assert!(!second.stderr.contains(again), "`{again}`: {}", second.stderr);
    }
    for (table, column, kind, wrong) in CUSTOM_COLUMNS {
        let sql = format!(
            "SELECT data_type FROM information_schema.columns WHERE table_schema = 'pennylane'
             AND table_name = '{table}' AND column_name = '{column}'"
        );
        assert_eq!(open.rows(&sql), [*kind], "{table}.{column}");
        let sql =
            format!("SELECT count(*) FROM pennylane.{table} WHERE \"{column}\" IS NULL OR {wrong}");
        assert_eq!(open.rows(&sql), ["0"], "{table}.{column}");
    }
    let total = "SELECT count(*) > 0 FROM pennylane.bank_transactions t WHERE date = (SELECT max(date) FROM \
                 pennylane.bank_transactions) AND abs(\"Solde_Cumule\" - (SELECT sum(amount) FROM \
                 pennylane.bank_transactions)) < 0.01";
    assert_eq!(open.rows(total), ["t"]);
    let after = counts(&open);
    assert!(after.iter().zip(&before).filter(|(a, b)| a != b).count() >= 3, "{before:?} {after:?}");
    the_books_hold_together(&open);
    open.workspace.run(&["db", "stop"]).status(0);
    open.workspace.no_process_is_left();
}

/// Presses Ctrl-C (the signal goes to the terminal's whole process group) once `now` has come.
#[cfg(unix)]
fn interrupted(workspace: &Workspace, now: impl FnOnce(&mut dyn Iterator<Item = String>)) -> Ended {
    use std::os::unix::process::CommandExt as _;

    let mut command = workspace.command(&["demo", "."]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child: Child = command.spawn().expect("penny starts");
    let mut errors = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut said = String::new();
    now(&mut (&mut errors).lines().map(|line| line.expect("text")).inspect(|line| {
        said.push_str(line);
        said.push('\n');
    }));
    let group = format!("-{}", child.id());
    assert!(
        Command::new("kill")
            .args(["-INT", "--", &group])
            .status()
            .expect("kill is there")
            .success()
    );
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        errors.read_to_string(&mut rest).map(|_| rest)
    });
    let mut ended = end(child);
    ended.stderr = said + &rest.join().expect("read").expect("text");
    ended
}

#[cfg(unix)]
#[test]
fn ctrl_c_at_any_moment_leaves_no_process_and_the_next_demonstration_works() {
    let workspace = nothing();
    let marker = workspace.root().join("in_the_cell");
    let check = |now: &mut dyn FnMut(&mut dyn Iterator<Item = String>)| {
        let ended = interrupted(&workspace, |lines| now(lines));
        assert_eq!(ended.status, 130, "{}", ended.stderr);
        workspace.no_process_is_left();
        ended
    };
    let upon = |text: &'static str| {
        move |mut lines: &mut dyn Iterator<Item = String>| {
            let said = Iterator::any(&mut lines, |line| line.contains(text));
            assert!(said, "`{text}` was not said");
        }
    };
    check(&mut upon("Python environment …")).says("interrupted");
    assert!(workspace.root().join("penny.toml").is_file());
    few_notebooks(workspace.root(), &marker);
    check(&mut upon("PostgreSQL …")).says("interrupted");
    check(&mut upon("Simulated Pennylane …")).says("interrupted");
    check(&mut upon("[1/2] waits …")).says("was stopped");
    check(&mut |_| wait_for("the cell runs", || marker.exists())).says("stopped").says("cell 1");

    fs::write(workspace.root().join("data/API Publique/waits.ipynb"), notebook(&["1 + 1"]))
        .expect("written");
    workspace.run(&["demo", "."]).status(0).says("2 succeeded, 0 failed");
    workspace.no_process_is_left();
}

/// The tests' shared Python, and two notebooks: one that waits in its cell, one of the twelve.
#[cfg(unix)]
fn few_notebooks(root: &Path, marker: &Path) {
    let python = json!(penny_testing::python().display().to_string());
    let config = format!(
        "[pennylane]\nsandbox = true\n[python]\ninterpreter = {python}\n\
         [[notebook]]\nname = \"waits\"\nfile = \"data/API Publique/waits.ipynb\"\n\
         [[notebook]]\nname = \"fiscal_years\"\nfile = \"data/API Publique/Import_fiscal_years.ipynb\"\n"
    );
    fs::write(root.join("penny.toml"), config).expect("written");
    let code = format!(
        "import time\nopen({}, 'w').close()\ntime.sleep(600)",
        json!(marker.display().to_string())
    );
    fs::write(root.join("data/API Publique/waits.ipynb"), notebook(&[&code])).expect("written");
}
