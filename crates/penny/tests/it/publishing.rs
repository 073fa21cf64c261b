//! Publishing: what notebooks and programs put into tables, what a reader sees meanwhile, and what is
//! said when it cannot be.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::server::{self, Open, PASSWORD, Postgres};
use crate::sources::{python, small, without_sandbox};
use crate::support::{Ended, Workspace, end, wait_for};

/// All text of a notebook's outputs: what was printed, and each result's plain text and HTML.
fn shown(notebook: &Value) -> String {
    let joined = |value: &Value| match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<String>(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let mut text = String::new();
    for cell in notebook["cells"].as_array().expect("cells") {
        for output in cell["outputs"].as_array().into_iter().flatten() {
            for value in
                [&output["text"], &output["data"]["text/plain"], &output["data"]["text/html"]]
            {
                text.push_str(&joined(value));
                text.push('\n');
            }
        }
    }
    text
}

/// Every kind of column that an analyst meets.
const KINDS: &str = r#"
import datetime as dt
from decimal import Decimal
import numpy as np, pandas as pd, penny
paris, new_york = "Europe/Paris", "America/New_York"
df = pd.DataFrame({
    "entier": [1, 2, 3],
    "entier_absent": pd.array([1, None, 3], dtype="Int64"),
    "entier_petit": np.array([1, -2, 3], dtype="int8"),
    "entier_sans_signe": np.array([1, 2, 2**64 - 1], dtype="uint64"),
    "entier_immense": [2**70, None, -(2**70)],
    "flottant": [1.5, np.nan, -0.25],
    "infini": [np.inf, np.nan, -np.inf],
    "texte": ["é", None, "a\0b"],
    "texte_vide": ["", pd.NA, " "],
    "melange": [1, None, "deux"],
    "jour": pd.to_datetime(["2026-01-31", None, "2026-02-28"]),
    "instant": pd.to_datetime(["2026-01-31 08:30:00", None, "2026-02-28 00:00:00"]),
    "instant_paris": pd.to_datetime(["2026-01-31 08:30:00", None, "2026-07-14 08:30:00"]).tz_localize(paris),
    "zones": pd.Series([pd.Timestamp("2026-01-31 08:30", tz=paris), None,
                        pd.Timestamp("2026-01-31 08:30", tz=new_york)], dtype=object),
    "date_python": [dt.date(2026, 1, 31), None, dt.date(1789, 7, 14)],
    "heure": [dt.time(8, 30), None, dt.time(23, 59, 59)],
    "duree": pd.to_timedelta(["1 days 02:00:00", None, "00:00:01"]),
    "categorie": pd.Categorical(["a", None, "b"]),
    "montant": [Decimal("0.10"), None, Decimal("12345678901234567890.12")],
    "vrai": [True, False, True],
    "vrai_absent": [True, None, False],
    "objet": [{"a": [1, float("nan")], "é": dt.date(2026, 1, 31)}, None, {}],
    "liste": [[1, "x"], None, []],
    "octets": [b"\x00\xff", None, b""],
    "periode": pd.PeriodIndex(["2026-01", None, "2026-03"], freq="M"),
    "complexe": [1 + 2j, np.nan, 0j],
    "rien": [None, None, None],
    2026: [1, 2, 3],
})
penny.publish(df, "genres")
"#;

/// Column, type, and the three values.
const KINDS_EXPECTED: &[&str] = &[
    "entier|bigint|1|2|3",
    "entier_absent|bigint|1|∅|3",
    "entier_petit|smallint|1|-2|3",
    "entier_sans_signe|numeric(20,0)|1|2|18446744073709551615",
    "entier_immense|numeric(38,0)|1180591620717411303424|∅|-1180591620717411303424",
    "flottant|double precision|1.5|∅|-0.25",
    "infini|double precision|Infinity|∅|-Infinity",
    "texte|text|é|∅|ab",
    "texte_vide|text||∅| ",
    "melange|text|1|∅|deux",
    "jour|date|2026-01-31|∅|2026-02-28",
    "instant|timestamp without time zone|2026-01-31 08:30:00|∅|2026-02-28 00:00:00",
    "instant_paris|timestamp with time zone|2026-01-31 07:30:00+00|∅|2026-07-14 06:30:00+00",
    "zones|timestamp with time zone|2026-01-31 07:30:00+00|∅|2026-01-31 13:30:00+00",
    "date_python|date|2026-01-31|∅|1789-07-14",
    "heure|time without time zone|08:30:00|∅|23:59:59",
    "duree|interval|1 day 02:00:00|∅|00:00:01",
    "categorie|text|a|∅|b",
    "montant|numeric(22,2)|0.10|∅|12345678901234567890.12",
    "vrai|boolean|true|false|true",
    "vrai_absent|boolean|true|∅|false",
    "objet|jsonb|{\"a\": [1, null], \"é\": \"2026-01-31\"}|∅|{}",
    "liste|jsonb|[1, \"x\"]|∅|[]",
    "octets|bytea|\\x00ff|∅|\\x",
    "periode|text|2026-01|∅|2026-03",
    "complexe|text|(1+2j)|∅|0j",
    "rien|text|∅|∅|∅",
    "2026|bigint|1|2|3",
];

/// What cannot be published, each with the words that its refusal must have.
const REFUSED: &str = r#"
import pandas as pd, penny
def refused(what, *words, **more):
    try:
        print("PUBLISHED", penny.publish(what, more.pop("table", "refusee"), **more))
    except penny.PennyError as error:
        missing = [word for word in words if word not in str(error)]
        print("REFUSED", "without" if missing else "with all words", missing, str(error))
two = pd.DataFrame([[1, 2]], columns=["double", "double"])
refused(two, "`double`", "number 1", "number 2", "hint: ")
refused(pd.DataFrame([[1, 2]], columns=["a", ""]), "number 2", "no name", "hint: ")
refused(pd.DataFrame({"é" * 32: [1]}), "number 1", "64 bytes", "63", "hint: ")
refused(pd.DataFrame(), "no column")
refused([1, 2], "DataFrame", "list")
refused("customers", "comes first", table=pd.DataFrame({"a": [1]}))
refused(pd.DataFrame({"a": [1]}), "`b`", key="b")
refused(pd.DataFrame({"a": [1, 1]}), "a", key="a")
refused(pd.DataFrame({"a": [1]}), "63", table="t" * 64)
refused(pd.DataFrame({"a": [1]}), "`compta.t`", "schema `autre`", "hint: ", table="compta.t", schema="autre")
"#;

/// One table through its versions, with a view and a reader that never stops reading.
const VERSIONS: &str = r#"
import os, threading
import pandas as pd, penny, psycopg2
def connect():
    e = os.environ
    c = psycopg2.connect(host=e["POSTGRES_HOST"], port=e["POSTGRES_PORT"], dbname=e["POSTGRES_DB"],
                         user=e["POSTGRES_USER"], password=e["POSTGRES_PASSWORD"])
    c.autocommit = True
    return c
def version(number, rows=500):
    return pd.DataFrame({"id": range(rows), "version": number})
print(penny.publish(version(0), "versions"))
sql = connect().cursor()
sql.execute("CREATE VIEW pennylane.vue AS SELECT version, count(*) AS n FROM pennylane.versions GROUP BY 1")
seen, errors, stop = [], [], threading.Event()
def read():
    try:
        cursor = connect().cursor()
        while not stop.is_set():
            cursor.execute("SELECT count(*), min(version), max(version) FROM pennylane.versions")
            seen.append(cursor.fetchone())
            cursor.execute("SELECT count(*), max(n) FROM pennylane.vue")
            seen.append(cursor.fetchone())
    except Exception as error:
        errors.append(error)
reader = threading.Thread(target=read)
reader.start()
for number in range(1, 6):
    penny.publish(version(number), "versions")
wider = version(6)
wider["nouvelle"] = 1.5
print(penny.publish(wider, "versions"))
print(penny.publish(version(7), "versions"))
texts = version(8)
texts["version"] = "v8"
print(penny.publish(texts, "versions"))
stop.set()
reader.join()
print("ERRORS", errors)
halves = {row for row in seen if len(row) == 3 and (row[0] != 500 or row[1] != row[2])}
halves |= {row for row in seen if len(row) == 2 and row != (1, 500)}
print("HALVES", halves, "of", len(seen) > 20)
sql.execute("SELECT * FROM pennylane.vue")
print("VIEW", sql.fetchall())
penny.publish(version(9, rows=0), "versions")
"#;

/// What a notebook gets from both sources.
const DTYPES: &str = r#"
import pandas as pd, penny
def kinds(frame, *names):
    print(" ".join(f"{name}={frame[name].dtype}" for name in names))
customers = penny.pennylane("customers")
kinds(customers, "id", "name", "vat_number", "created_at", "billing_address_city")
kinds(penny.pennylane("customer_invoices", limit=50), "id", "amount", "date", "deadline", "paid", "customer_id")
kinds(penny.pennylane("customer_invoices", filter=("date", ">=", "2100-01-01")), "id", "amount", "date", "paid")
ledger = penny.redshift("SELECT * FROM pennylane.general_ledger WHERE date >= %(d)s", {"d": "2026-01-01"})
kinds(ledger, "id", "date", "debit", "lettering", "plan_item_number", "document_created_at")
print("TEXT", type(ledger["plan_item_number"].iloc[0]).__name__, ledger["date"].min() >= pd.Timestamp("2026-01-01"))
try:
    penny.redshift("SELECT * FROM pennylane.general_ledgr")
except penny.PennyError as error:
    print("SAID", error)
penny.publish(customers.rename(columns={"name": "<b>nom</b>"}), "clients")
penny.publish(customers.assign(**{"<b>nouveau</b>": 1}), "clients")
"#;

#[test]
fn what_notebooks_publish_is_what_a_reader_of_postgresql_gets() {
    let workspace = small()
        .notebook("genres", &[KINDS])
        .notebook("refus", &[REFUSED])
        .notebook("versions", &[VERSIONS])
        .notebook("types", &[DTYPES]);
    let open = Open::new(workspace);
    open.workspace.run(&["run"]).status(0).says("4 succeeded, 0 failed");

    let columns = open.rows(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
         WHERE attrelid = 'pennylane.genres'::regclass AND attnum > 0 ORDER BY attnum",
    );
    let found: Vec<String> = columns
        .iter()
        .map(|column| {
            let (name, kind) = column.split_once('|').expect("two fields");
            let sql = format!(
                "SET timezone = 'UTC'; SELECT coalesce(\"{name}\"::text, '∅') FROM pennylane.genres ORDER BY entier"
            );
            format!("{name}|{kind}|{}", open.rows(&sql).join("|"))
        })
        .collect();
    assert_eq!(found, KINDS_EXPECTED);
    let genres = shown(&open.workspace.outputs("genres")[0]);
    for said in ["texte", "NUL", "melange", "nouvelle table"] {
        assert!(genres.contains(said), "`{said}`: {genres}");
    }

    let refused = shown(&open.workspace.outputs("refus")[0]);
    let lines: Vec<&str> = refused.lines().filter(|l| l.starts_with("REFUSED")).collect();
    assert_eq!(lines.len(), 10, "{refused}");
    assert!(lines.iter().all(|l| l.contains("with all words")), "{refused}");
    assert!(!refused.contains("PUBLISHED"), "{refused}");
    assert!(open.rows("SELECT to_regclass('pennylane.refusee')") == ["∅"]);

    let versions = shown(&open.workspace.outputs("versions")[0]);
    for said in [
        "ERRORS []",
        "HALVES set() of True",
        "VIEW [('v8', 500)]",
        "colonnes ajoutées : nouvelle",
        "gardées vides : nouvelle",
        "version : bigint devient text",
    ] {
        assert!(versions.contains(said), "`{said}`: {versions}");
    }
    let empty = "SELECT count(*), (SELECT count(*) FROM pennylane.vue) FROM pennylane.versions";
    assert_eq!(open.rows(empty), ["0|0"]);

    let types = shown(&open.workspace.outputs("types")[0]);
    for said in [
        "id=Int64 name=str",
        "amount=float64 date=datetime64",
        "TEXT str True",
        "SAID there is no table `pennylane.general_ledgr`",
        "hint: write pennylane.general_ledger",
        "<th style=\"text-align:left\">Colonnes ajoutées</th><td style=\"text-align:left\">name, &lt;b&gt;nouveau&lt;/b&gt;</td>",
    ] {
        assert!(types.contains(said), "`{said}`: {types}");
    }
    assert!(!types.contains("=object"), "{types}");
}

/// Writes an Arrow stream of so many rows: `id`, `version`, and some more of numbers and texts.
const STREAM: &str = r#"
import sys, numpy as np, pyarrow as pa
path, rows, version, more = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
columns = {"id": pa.array(np.arange(rows)), "version": pa.array(np.full(rows, version))}
for number in range(more):
    columns[f"c{number}"] = pa.array([f"{number} ligne {row * 7919 % 100003}" for row in range(rows)])
table = pa.table(columns)
table = table.replace_schema_metadata({"penny.rows": str(rows)})
with pa.ipc.new_stream(path, table.schema) as out:
    out.write_table(table, max_chunksize=20_000)
"#;

/// Runs `penny load` on a file and prints its exit status and its memory at most, in megabytes.
const MEASURE: &str = r#"
import resource, subprocess, sys
ended = subprocess.run(sys.argv[2:], stdin=open(sys.argv[1], "rb"), stdout=subprocess.DEVNULL)
print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"#;

impl Open {
    fn stream(&self, name: &str, rows: u32, version: u32, more: u32) -> std::path::PathBuf {
        let path = self.workspace.root().join(name);
        let numbers = [rows, version, more].map(|n| n.to_string());
        python(STREAM, &[&path.display().to_string(), &numbers[0], &numbers[1], &numbers[2]]);
        path
    }

    /// Begins a `penny load` of the file.
    fn begin_load(&self, table: &str, path: &Path) -> std::process::Child {
        let mut command = self.workspace.command(&["load", table]);
        command.stdin(File::open(path).expect("it is there"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("penny starts")
    }

    fn load(&self, table: &str, path: &Path) -> Ended {
        end(self.begin_load(table, path))
    }

    /// Whether somebody waits for a lock on a table.
    fn somebody_waits(&self, table: &str) -> bool {
        let sql = format!(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass"
        );
        self.rows(&sql) != ["0"]
    }
}

#[test]
fn a_table_is_whole_whatever_happens_to_what_is_loaded_into_it() {
    let open = Open::new(Workspace::new());
    let first = open.stream("first.arrow", 5_000, 1, 0);
    open.load("t", &first).status(0).says("\"rows\":5000");
    let whole = |version: u32| {
        let sql = "SELECT count(*), min(version), max(version) FROM pennylane.t";
        assert_eq!(open.rows(sql), [format!("5000|{version}|{version}")]);
    };

    let garbage = open.workspace.root().join("garbage");
    fs::write(&garbage, "id;nom\n1;Durand\n").expect("written");
    open.load("t", &garbage).status(2).says("standard input is no Arrow stream").says("hint: ");
    fs::write(&garbage, "").expect("written");
    open.load("t", &garbage).status(2).says("standard input is no Arrow stream");
    let second = open.stream("second.arrow", 5_000, 2, 1);
    let bytes = fs::read(&second).expect("read");
    fs::write(&garbage, &bytes[..bytes.len() / 2]).expect("written");
    open.load("t", &garbage).status(3).says("the data broke off after");
    // Whole batches, but not the mark that they are all: the sender died between two.
    fs::write(&garbage, &bytes[..bytes.len() - 8]).expect("written");
    open.load("t", &garbage).status(3).says("the data broke off after 5000 rows");
    open.load("a.b.c", &second).status(2).says("`a.b.c` cannot be the name of a table");
    whole(1);

    // A report that is being read holds up a new column, not for ever; and two may publish at once.
    server::runtime().block_on(async {
        let report = server::connect(&open.config).await;
        report.batch_execute("BEGIN; SELECT count(*) FROM pennylane.t").await.expect("it reads");
        let loading = open.begin_load("t", &second);
        let third = open.stream("third.arrow", 5_000, 3, 1);
        let seen = std::thread::scope(|threads| {
            threads
                .spawn(|| {
                    wait_for("the publish waits for the report", || {
                        open.somebody_waits("pennylane.t")
                    })
                })
                .join()
        });
        seen.expect("it waits");
        report.batch_execute("COMMIT").await.expect("it ends");
        let both = [end(loading), open.load("t", &third)];
        assert_eq!(both.map(|ended| ended.status), [0, 0]);
    });
    whole(3);

    let loads = [&second, &first].map(|path| open.begin_load("t", path));
    let [one, other] = loads.map(|load| end(load).status);
    assert_eq!((one, other), (0, 0));
    let last = open.rows("SELECT DISTINCT version FROM pennylane.t");
    assert!(last == ["1"] || last == ["2"], "{last:?}");

    killed_in_the_middle(&open);
}

/// PostgreSQL is killed while a publish is within its transaction: the table is as before, and Penny's own
/// server is up again by itself.
fn killed_in_the_middle(open: &Open) {
    let before = open.rows("SELECT count(*), min(version), max(version) FROM pennylane.t");
    let ninth = open.stream("ninth.arrow", 5_000, 9, 0);
    let ended = server::runtime().block_on(async {
        let writer = server::connect(&open.config).await;
        writer
            .batch_execute("BEGIN; LOCK TABLE pennylane.t IN ROW EXCLUSIVE MODE")
            .await
            .expect("it locks");
        let loading = open.begin_load("t", &ninth);
        let waits = || wait_for("the publish waits", || open.somebody_waits("pennylane.t"));
        std::thread::scope(|threads| threads.spawn(waits).join()).expect("it waits");
        let pid =
            fs::read_to_string(open.workspace.root().join(".penny/postgres/data/postmaster.pid"));
        let pid = pid.expect("the server runs").lines().next().expect("a number").to_owned();
        assert!(Command::new("kill").args(["-9", &pid]).status().expect("kill is there").success());
        end(loading)
    });
    ended.status(3).says("error: ").says("pennylane.t").says("hint: ").never_says("panicked");
    let back = || {
        let connected = server::runtime().block_on(open.config.connect(tokio_postgres::NoTls));
        connected.is_ok()
    };
    wait_for("PostgreSQL is up again", back);
    assert_eq!(open.rows("SELECT count(*), min(version), max(version) FROM pennylane.t"), before);
    open.load("t", &ninth).status(0);
}

#[test]
fn three_hundred_thousand_rows_are_loaded_in_little_memory() {
    let open = Open::new(Workspace::new());
    let stream = open.stream("gros.arrow", 300_000, 1, 4);
    let file_mb = stream.metadata().expect("written").len() / 1_000_000;
    let root = open.workspace.root().display().to_string();
    for again in [false, true] {
        let measured = python(
            MEASURE,
            &[
                &stream.display().to_string(),
                env!("CARGO_BIN_EXE_penny"),
                "--workspace",
                &root,
                "load",
                "gros",
            ],
        );
        let (status, memory_mb) = measured.split_once(' ').expect("two numbers");
        let memory_mb: u64 = memory_mb.parse().expect("a number");
        assert_eq!(status, "0", "{again}");
        eprintln!("{file_mb} MB of data, {memory_mb} MB of memory");
        assert!(memory_mb < 130, "{memory_mb} MB for {file_mb} MB of data ({again})");
    }
    assert_eq!(open.rows("SELECT count(*) FROM pennylane.gros"), ["300000"]);
}

const PUBLISHES: &str = r#"
import os, pandas as pd, penny
print("the password is", os.environ["POSTGRES_PASSWORD"])
penny.publish(pd.DataFrame({"a": [1, 2, 3]}), "publiee")
"#;

#[test]
fn a_server_that_env_names_is_used_in_place_of_pennys_own() {
    let postgres = Postgres::start();
    postgres.rows("postgres", "CREATE DATABASE par_hote");
    postgres.rows("postgres", "CREATE DATABASE par_url");
    let port = postgres.port();
    let named = |lines: &str| {
        let workspace = without_sandbox().env(lines);
        workspace.notebook("publie", &[PUBLISHES]).notebook("calcule", &["1 + 1"])
    };
    let by_host = named(&format!(
        "POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={port}\nPOSTGRES_DB=par_hote\nPOSTGRES_USER=owner\n\
         POSTGRES_PASSWORD='{PASSWORD}'\n"
    ));
    let by_url = named(&format!(
        "DATABASE_URL=postgresql://owner:p%40ss%20w%2Frd%3A%C3%A9@127.0.0.1:{port}/par_url\n"
    ));
    for (workspace, database) in [(&by_host, "par_hote"), (&by_url, "par_url")] {
        workspace.run(&["run"]).status(0).says("2 succeeded, 0 failed").never_says(PASSWORD);
        assert_eq!(postgres.rows(database, "SELECT count(*) FROM pennylane.publiee"), ["3"]);
        workspace
            .run(&["db", "status"])
            .status(0)
            .says("answers")
            .says(database)
            .never_says(PASSWORD);
        workspace
            .run(&["db", "start"])
            .status(2)
            .says("the PostgreSQL that .env names")
            .never_says(PASSWORD);
        let output = workspace.outputs("publie")[0].to_string();
        assert!(output.contains("the password is •••") && !output.contains(PASSWORD), "{output}");
    }

    // A login with few rights, whose schema is not the usual one, and not named.
    let few = format!("CREATE ROLE few LOGIN PASSWORD '{PASSWORD}'");
    postgres.rows("postgres", &few);
    let usual = named(&format!(
        "POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={port}\nPOSTGRES_DB=postgres\nPOSTGRES_USER=few\n\
         POSTGRES_PASSWORD='{PASSWORD}'\n"
    ));
    usual
        .run(&["run", "publie"])
        .status(1)
        .says("PostgreSQL could not make the schema `pennylane`: permission denied")
        .says("as POSTGRES_SCHEMA in .env");

    postgres.stop();
    for workspace in [&by_host, &by_url] {
        let ended = workspace.run(&["run"]).status(1).says("1 succeeded, 1 failed");
        ended.says(&format!("nothing listens at 127.0.0.1:{port}")).says("hint: ");
        workspace.run(&["db", "status"]).status(0).says("does not answer");
        // Falling back to a server of Penny's own would publish where nobody reads.
        assert!(!workspace.root().join(".penny/postgres").exists());
        workspace.no_process_is_left();
    }
}
