//! Home: the verdict, every notebook, every table, and how an open page learns of what changes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use penny::store::{Outcome, Published, RunEnd, RunStart, Store, SyncStart, Trigger};
use serde_json::{Value, json};

use super::visitor::{Answer, Visitor, start, workspace};
use crate::server::{PASSWORD, Postgres};
use crate::service::{begun, go, history_says, waits};
use crate::support::{Workspace, end, plain, wait_for};

/// The page in French.
#[track_caller]
fn french(visitor: &Visitor, path: &str) -> Answer {
    visitor.send("GET", path, &[("Accept-Language", "fr-FR,fr;q=0.9")], "").is(200)
}

/// Its text between two marks, without tags.
fn text(page: &str, from: &str, to: &str) -> String {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from} in {page}"));
    let (part, _) = rest.split_once(to).unwrap_or((rest, ""));
    let mut out = String::new();
    let mut is_tag = false;
    for c in part.chars() {
        match c {
            '<' => is_tag = true,
            '>' => (is_tag, out) = (false, out + " "),
            _ if !is_tag => out.push(c),
            _ => {}
        }
    }
    out.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is said first and large.
fn verdict(page: &str) -> String {
    text(page, "<h1>", "</h1>")
}

/// Writes runs that ended in the history of a workspace, each of which published a table.
fn write_runs(workspace: &Workspace, notebooks: &[String], each: i64) {
    let store = Store::open(&workspace.root().join(".penny/history.db")).expect("opened");
    let begun = Timestamp::now() - SignedDuration::from_hours(each);
    let sync = SyncStart { trigger: Trigger::Timer, due: None, at: begun };
    let sync = store.begin_sync(&sync).expect("written");
    for notebook in notebooks {
        for number in 0..each {
            let started = begun + SignedDuration::from_hours(number);
            let start = RunStart {
                sync,
                notebook,
                file: "n.ipynb",
                trigger: Trigger::Timer,
                due: None,
                source_hash: "",
                token: None,
                started,
            };
            let run = store.begin_run(&start).expect("written");
            let at = started + SignedDuration::from_millis(900 + 10 * number);
            let table = format!("pennylane.{notebook}");
            let rows = 41_000 + number.unsigned_abs();
            let published = Published { table, rows, at, report: "{}".into() };
            store.add_publish(Some(run), &published, None).expect("written");
            let end = RunEnd {
                outcome: Outcome::Succeeded,
                error: None,
                output: None,
                output_seal: None,
                cells: 5,
                cells_run: 5,
                timings: &[],
                attempts: 1,
                warnings: &[],
                kernel_start: None,
                masked: 0,
                ended: at,
            };
            store.end_run(run, &end).expect("written");
        }
    }
    store.end_sync(sync, Outcome::Succeeded, Timestamp::now()).expect("written");
}

/// What `/events` tells, a line at a time.
struct Events(BufReader<TcpStream>);

impl Events {
    #[track_caller]
    fn of(visitor: &Visitor) -> Events {
        let mut stream = TcpStream::connect(&visitor.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        let cookie = visitor.cookie.as_deref().expect("a session");
        let host = &visitor.host;
        let request = format!("GET /events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut events = Events(BufReader::new(stream));
        assert!(events.line().expect("a status").contains(" 200 "));
        events
    }

    /// The next line; none at the end.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.0.read_line(&mut line).expect("told in time");
        (length > 0).then(|| line.trim_end().to_owned())
    }

    /// The kind and the data of the next event; none at the end.
    fn next(&mut self) -> Option<(String, Value)> {
        let mut kind = String::new();
        loop {
            let line = self.line()?;
            if let Some(word) = line.strip_prefix("event: ") {
                kind = word.to_owned();
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some((kind, serde_json::from_str(data).expect("JSON")));
            }
        }
    }

    /// Reads on until an event that is wanted.
    #[track_caller]
    fn until(&mut self, what: &str, wanted: impl Fn(&str, &Value) -> bool) {
        while let Some((kind, data)) = self.next() {
            if wanted(&kind, &data) {
                return;
            }
        }
        panic!("the events ended before: {what}");
    }
}

fn tells_cell(kind: &str, data: &Value, cell: u64, cells: u64) -> bool {
    let run = &data["runs"][0];
    kind == "progress" && run["cell"] == cell && run["cells"] == cells
}

#[test]
fn figures_are_up_to_date_or_it_says_what_is_wrong_with_them_and_what_helps() {
    let postgres = Postgres::shared();
    let login = format!(
        "POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={}\nPOSTGRES_USER=owner\nPOSTGRES_DB=postgres\n\
         POSTGRES_PASSWORD='{PASSWORD}'",
        postgres.port()
    );
    let workspace = workspace("").env(&login).notebook("achats", &["raise KeyError('montant')"]);
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let says = |expected: &str| {
        wait_for(expected, || verdict(&french(&visitor, "/").body).contains(expected));
    };
    says("Aucun chiffre pour l’instant");
    workspace.run(&["run", "ventes"]).status(0);
    says("Vos chiffres sont à jour");
    let page = french(&visitor, "/").body;
    assert!(page.contains("1\u{a0}notebook ne s’est pas encore exécuté"), "{page}");
    workspace.run(&["run", "achats"]).status(1);
    says("«\u{a0}achats\u{a0}» a échoué à l’instant");
    let page = french(&visitor, "/")
        .says("href=\"/runs/2/retry\" data-dialog")
        .says("a échoué dans la cellule 1");
    let page = page.says("KeyError: 'montant'").body;
    assert!(page.contains("Il n’a encore publié aucune table."), "{page}");
    workspace.run(&["pause"]).status(0);
    wait_for("the pause is told", || french(&visitor, "/").body.contains("En pause"));
    assert!(verdict(&french(&visitor, "/").body).contains("achats"), "the worst stays first");
    // In English for whoever reads that.
    let english = visitor.send("GET", "/", &[("Accept-Language", "en")], "");
    assert!(verdict(&english.body).starts_with("“achats” failed"), "{}", english.body);
}

#[test]
fn home_with_twelve_notebooks_stands_after_one_small_answer() {
    let names: Vec<String> = (1..12).map(|number| format!("import_of_things_{number}")).collect();
    let workspace = names.iter().fold(workspace(""), |workspace, name| {
        workspace.config(&format!(
            "[[notebook]]\nname = \"{name}\"\nfile = \"notebooks/ventes.ipynb\"\n\
             description = \"Des écritures & des <factures>\"\nstale_after = \"6h\"\n"
        ))
    });
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let all: Vec<String> = names.iter().cloned().chain(["ventes".to_owned()]).collect();
    write_runs(&workspace, &all, 30);
    let page = french(&visitor, "/").body;
    assert!(page.len() < 150_000, "{} bytes", page.len());
    for name in &all {
        assert!(page.contains(&format!("href=\"/notebooks/{name}/run\" data-dialog")), "{name}");
        assert!(page.contains(&format!("href=\"/tables/pennylane.{name}\"")), "{name}");
    }
    assert!(page.contains("Des écritures &amp; des &lt;factures&gt;"), "what is typed is text");
    assert!(page.contains("41\u{202f}029"), "rows of the last run");
    assert!(plain(&page).contains("20 réussies, 0 échouée"), "a strip is told in words");
    assert!(plain(&page).contains("de 1,0 s à 1,2 s"), "a trend is told in words");
    // Nothing of it is fetched from elsewhere, nor after it but for the script.
    for mark in ["<script", "<style"] {
        assert_eq!(page.matches(mark).count(), 1, "{mark}");
    }
    for outside in ["//cdn", "http://", "https://", "<img", " style=\"", " onclick"] {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_long_list_comes_in_pages_with_what_is_wrong_first() {
    let names: Vec<String> = (0..240).map(|number| format!("n{number:03}")).collect();
    let listed: String = names
        .iter()
        .map(|name| format!("[[notebook]]\nname = \"{name}\"\nfile = \"notebooks/ventes.ipynb\"\n"))
        .collect();
    let workspace = workspace("").config(&listed).notebook("rate", &["raise ValueError('x')"]);
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    workspace.run(&["run", "rate"]).status(1);
    let rows = |path: &str| -> Vec<String> {
        let page = french(&visitor, path).body;
        let (_, section) = page.split_once("data-live=\"notebooks\"").expect("the section");
        let rows = section.split("<th scope=\"row\"><a href=\"/notebooks/").skip(1);
        rows.map(|row| row.split('"').next().expect("a name").to_owned()).collect()
    };
    let first = rows("/");
    assert_eq!((first.len(), first[0].as_str(), first[1].as_str()), (25, "rate", "ventes"));
    assert!(french(&visitor, "/").body.len() < 150_000);
    let last = rows("/?page=10");
    assert_eq!((last.len(), last[16].as_str()), (17, "n239"));
    assert_eq!(rows("/?page=99"), last, "there is no page after the last");
    assert_eq!(rows("/?q=N23&page=x"), names[230..240].to_vec());
    assert_eq!(rows("/?q=nobody"), Vec::<String>::new());
}

#[test]
fn an_open_page_is_told_how_far_a_run_is_and_that_it_ended() {
    let workspace =
        workspace("").notebook("lent", &[&waits("one"), &waits("two"), "print('secret-output')"]);
    let (service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    let mut events = Events::of(&visitor);
    assert_eq!(events.next(), Some(("change".to_owned(), json!({}))), "the page may be older");
    let run = workspace.command(&["run", "lent"]).stderr(std::process::Stdio::piped()).spawn();
    let run = run.expect("penny starts");
    begun(&workspace, "one");
    events.until("the run is told", |kind, _| kind == "change");
    wait_for("its first cell is shown", || {
        plain(&french(&visitor, "/").body).contains("cellule 1 sur 3")
    });
    let page = french(&visitor, "/").body;
    assert!(page.contains("<progress data-run=\"1\" value=\"1\" max=\"3\""), "{page}");
    go(&workspace, "one");
    events.until("its second cell", |kind, data| tells_cell(kind, data, 2, 3));
    // A second tab is told the present state at once.
    let mut other = Events::of(&visitor);
    assert_eq!(other.next().expect("told").0, "change");
    go(&workspace, "two");
    for told in [&mut events, &mut other] {
        told.until("its end", |kind, data| {
            assert!(!data.to_string().contains("secret"), "{data}");
            kind == "change"
        });
    }
    end(run).status(0);
    wait_for("its end is shown", || !french(&visitor, "/").body.contains("<progress"));
    // The end of the service ends what it tells.
    assert_eq!(service.end("-TERM"), 0);
    while events.next().is_some() {}
}

#[test]
fn the_log_is_shown_by_notebook_and_by_level_without_secrets() {
    let workspace = workspace("")
        .env("API_TOKEN=s3cr3t-of-the-log")
        .notebook("achats", &["import os\nraise ValueError('with ' + os.environ['API_TOKEN'])"]);
    let (_service, link) = start(&workspace);
    let visitor = Visitor::of_link(&link).comes_in(&link);
    workspace.run(&["run", "ventes"]).status(0);
    workspace.run(&["run", "achats"]).status(1);
    history_says(&workspace, "SELECT count(*) FROM runs WHERE ended IS NOT NULL", &json!([[2]]));
    // A line from before the token was one.
    let mut log = std::fs::OpenOptions::new()
        .append(true)
        .open(workspace.root().join("logs/notebook_scheduler.log"))
        .expect("there is a log");
    writeln!(log, "2026-11-22 16:42:05  WARN ventes: s3cr3t-of-the-log <b>").expect("written");
    let all = french(&visitor, "/log").says("ventes: started").says("achats: started").body;
    assert!(!all.contains("s3cr3t") && !all.contains("<b>"), "{all}");
    let list = |path: &str| text(&french(&visitor, path).body, "role=\"log\"", "</main>");
    let one = list("/log?notebook=achats");
    assert!(one.contains("achats: started") && !one.contains("ventes: started"), "{one}");
    let bad = list("/log?level=error");
    assert!(bad.contains("erreur") && bad.contains("ValueError"), "{bad}");
    assert!(!bad.contains("started") && !bad.contains("&lt;b&gt;"), "{bad}");
    assert!(list("/log?level=warn").contains("&lt;b&gt;"));
    french(&visitor, "/log?level=error&notebook=ventes").says("Aucune ligne.");
}
