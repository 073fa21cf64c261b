//! `penny sandbox`: the simulated Pennylane, served and moved on by hand.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Command;

use serde_json::{Value, json as value};

use super::{interrupt, json, started, text};
use crate::support::{Workspace, end};

fn status(workspace: &Workspace) -> Value {
    json(&workspace.run(&["sandbox", "status", "--json"]).status(0))
}

#[test]
fn time_passes_in_the_simulated_company_and_it_can_be_made_anew() {
    let workspace = Workspace::new();
    let first = status(&workspace);
    assert_eq!((&first["advanced_days"], &first["lines"]), (&value!(0), &value!(8000)));
    workspace
        .run(&["sandbox", "status"])
        .status(0)
        .says("about 8,000 ledger lines")
        .says("0 days lived");

    let reset = workspace.run(&["sandbox", "reset", "--lines", "2000", "--seed", "7"]).status(0);
    reset.says("The simulated company is a new one").says("ledger lines");
    let before = status(&workspace);
    assert_eq!(
        (&before["seed"], &before["lines"], &before["advanced_days"]),
        (&value!(7), &value!(2000), &value!(0))
    );
    workspace
        .run(&["sandbox", "advance", "--days", "3"])
        .status(0)
        .says("3 days passed")
        .says("`penny run`");
    let after = status(&workspace);
    assert_eq!((&after["seed"], &after["advanced_days"]), (&value!(7), &value!(3)));
    let day = |status: &Value| {
        status["today"].as_str().expect("a day").parse::<jiff::civil::Date>().expect("a day")
    };
    assert_eq!(day(&before).checked_add(jiff::Span::new().days(3)).expect("a day"), day(&after));
    workspace.run(&["sandbox", "status"]).status(0).says("3 days lived");
    workspace.no_process_is_left();

    // A company whose data cannot be written has not moved on.
    let env = text(&workspace.root().join(".env"));
    fs::write(workspace.root().join(".env"), env.replace("REDSHIFT_USER=u_1000001", ""))
        .expect("written");
    workspace
        .run(&["sandbox", "advance"])
        .status(3)
        .says("REDSHIFT_USER is empty in .env")
        .says("hint: ");
    assert_eq!(status(&workspace), after);
    fs::write(workspace.root().join(".penny/sandbox.json"), "{").expect("written");
    workspace
        .run(&["sandbox", "status"])
        .status(2)
        .says("is not understood")
        .says("hint: remove the file");
    workspace.no_process_is_left();
}

#[test]
fn it_answers_until_ctrl_c_and_leaves_nothing_behind() {
    let workspace = Workspace::new();
    workspace.run(&["sandbox", "reset", "--lines", "2000"]).status(0);
    let mut child = started(&workspace, &["sandbox", "serve", "--port", "0"]);
    let mut lines =
        BufReader::new(child.stdout.take().expect("it is piped")).lines().map(|l| l.expect("text"));
    let said: Vec<String> = lines.by_ref().take(4).collect();
    assert!(said[0].contains("answers until Ctrl-C") && said[3].contains(".env"), "{said:?}");
    let api = said[1].trim().strip_prefix("API").expect("the address").trim().to_owned();
    let share = said[2].trim().strip_prefix("data share").expect("the address").trim().to_owned();
    assert!(share.contains("database prod, user u_1000001"), "{share}");

    let code = "import sys, json, requests, psycopg2\n\
        ask = lambda token: requests.get(sys.argv[1] + '/customers', headers={'Authorization': 'Bearer ' + token})\n\
        share = psycopg2.connect(host='127.0.0.1', port=int(sys.argv[2]), dbname='prod', user='u_1000001',\n\
            password='share-password-of-a-test').cursor()\n\
        share.execute('select count(*) > 1000 from pennylane.general_ledger')\n\
        answer = ask('sandbox-token-of-a-test')\n\
        print(json.dumps([answer.status_code, len(answer.json()['items']) > 0, ask('wrong').status_code,\n\
            share.fetchone()[0]]))";
    let port = share.split([':', ',']).nth(1).expect("a port");
    let output = Command::new(penny_testing::python())
        .args(["-c", code, &api, port])
        .output()
        .expect("Python starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).ok(),
        Some(value!([200, true, 401, true])),
        "{error}"
    );

    let taken =
        api.split([':', '/']).find(|p| p.parse::<u16>().is_ok()).expect("a port").to_owned();
    let refused = workspace.run(&["sandbox", "serve", "--port", &taken]).status(3);
    refused
        .says(&format!("port {taken} of this computer cannot be used"))
        .says("hint: choose another with --port");

    interrupt(&child);
    let ended = end(child).status(0);
    assert!(!ended.stderr.contains("error"), "{}", ended.stderr);
    workspace.no_process_is_left();
}

#[test]
fn a_workspace_on_the_real_pennylane_has_no_simulated_one() {
    let workspace = Workspace::new();
    let config = text(&workspace.root().join("penny.toml")).replace("sandbox = true", "");
    fs::write(workspace.root().join("penny.toml"), config).expect("written");
    for arguments in [
        &["sandbox", "serve"][..],
        &["sandbox", "advance"],
        &["sandbox", "reset"],
        &["sandbox", "status"],
    ] {
        let refused = workspace.run(arguments).status(2);
        refused.says("this workspace uses the real Pennylane").says("`sandbox = true`");
    }
    assert!(!workspace.root().join(".penny").exists(), "nothing was begun");
}
