//! Somebody who reads the tables all the time, as Power BI would.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::NOTEBOOKS;
use crate::support::Workspace;

/// Reads each table again and again until its input ends, whatever becomes of the server, and then tells what it
/// saw: how many whole versions, and everything that was none.
const PROGRAM: &str = r#"
import json, os, re, sys, threading, time, psycopg2
env, tables = os.environ["READER_ENV"], json.loads(sys.argv[1])
settings = dict(re.findall(r"^(\w+)=(.*)$", open(env).read(), re.M))
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
seen, wrong, newest = 0, [], {name: 0 for name in tables}
while not ended.is_set():
    try:
        connection = psycopg2.connect(host="127.0.0.1", port=settings["POSTGRES_PORT"], dbname="pennylane_db",
                                      user="powerbi", password=settings["POWERBI_PASSWORD"], connect_timeout=3)
        connection.autocommit = True
        cursor = connection.cursor()
        while not ended.is_set():
            for name, rows in tables.items():
                cursor.execute(f"SELECT count(*), count(DISTINCT version), max(version) FROM pennylane.{name}")
                count, versions, version = cursor.fetchone()
                seen += 1
                if (count, versions) != (rows, 1) or version < newest[name]:
                    wrong.append([name, count, versions, version, newest[name]])
                newest[name] = max(newest[name], version or 0)
            time.sleep(0.02)
    except psycopg2.Error:
        time.sleep(0.1)
print(json.dumps({"seen": seen, "wrong": wrong[:20]}))
"#;

pub struct Reader {
    child: Child,
    told: PathBuf,
}

impl Reader {
    pub fn start(workspace: &Workspace) -> Reader {
        let tables: serde_json::Map<String, Value> = NOTEBOOKS
            .iter()
            .filter(|(_, rows)| *rows > 0)
            .map(|(name, rows)| ((*name).to_owned(), Value::from(*rows)))
            .collect();
        // Not in the workspace: its disk will be full at times.
        let told = workspace.root().with_extension("seen");
        let child = Command::new(penny_testing::python())
            .args(["-c", PROGRAM])
            // Not among its arguments, by which the workspace's own processes are known.
            .env("READER_ENV", workspace.root().join(".env"))
            .arg(Value::Object(tables).to_string())
            .stdin(Stdio::piped())
            .stdout(fs::File::create(&told).expect("the file can be made"))
            .spawn()
            .expect("Python starts");
        Reader { child, told }
    }

    /// Fails if it ever saw anything but a whole version of a table, no older than the one before.
    #[track_caller]
    pub fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().expect("it ends").success());
        let text = fs::read_to_string(&self.told).expect("it told");
        let told: Value = serde_json::from_str(&text).expect("JSON");
        eprintln!("the reader saw {} versions of tables", told["seen"]);
        assert_eq!(told["wrong"], Value::Array(Vec::new()), "not whole, or older than before");
        assert!(told["seen"].as_u64() > Some(50), "it read hardly anything: {text}");
    }
}
