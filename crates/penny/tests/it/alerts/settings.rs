//! Alerts in penny.toml and on the command line.

use serde_json::Value;

use super::Receiver;
use crate::support::Workspace;

#[track_caller]
fn refused(alert: &str, why: &str) {
    let workspace = Workspace::without_server().notebook("ventes", &["1"]).config(alert);
    workspace.run(&["alerts"]).status(2).says(why);
}

#[test]
fn what_is_wrong_in_an_alert_is_told_with_what_was_meant() {
    refused("[[alert]]\nto = \"fax\"", "\"email\" or \"slack\" or \"teams\" or \"webhook\"");
    refused("[[alert]]\nname = \"x\"", "[[alert]] has no `to`");
    refused("[[alert]]\nto = \"email\"", "nobody to write to");
    refused("[[alert]]\nto = \"email\"\naddresses = [\"nobody\"]", "`nobody` is no e-mail address");
    refused("[[alert]]\nto = \"slack\"\non = [\"failures\"]", "did you mean \"failure\"?");
    refused("[[alert]]\nto = \"slack\"\nnotebooks = [\"vente\"]", "did you mean `ventes`?");
    refused("[[alert]]\nto = \"slack\"\nadresses = [\"a@b.fr\"]", "did you mean `addresses`?");
    refused("[[alert]]\nto = \"slack\"\nstale_after = \"6h\"", "write it under [limits]");
    refused("[[alert]]\nto = \"slack\"\nurl_from = \"https://x.fr/y\"", "a variable of .env");
    refused("[alert]\nto = \"slack\"", "with two brackets");
    refused(
        "[[alert]]\nto = \"slack\"\nname = \"a\"\n[[alert]]\nto = \"teams\"\nname = \"a\"",
        "two alerts are called `a`",
    );
    refused("[[alert]]\nto = \"slack\"\non = []", "`on` is empty: this alert would tell nothing");
    refused("[web]\nlisten = \"8787\"", "no address with a port");
    let hosts = "[web]\nhosts = [\"a.fr\", \"https://b.fr/\"]";
    refused(hosts, "`https://b.fr/` is no name of a computer");
}

#[test]
fn who_is_told_and_what_is_missing_is_shown() {
    let workspace = Workspace::without_server()
        .notebook("ventes", &["1"])
        .config("[[alert]]\nto = \"email\"\naddresses = \"compta@example.com\"\n")
        .config(
            "[[alert]]\nto = \"email\"\naddresses = [\"daf@example.com\"]\nlanguage = \"fr\"\n",
        );
    let shown = workspace.run(&["alerts"]).status(0);
    shown
        .says("Alerts: email (email), email-2 (email)")
        .says("the alert `email` cannot be sent: SMTP_HOST in .env should say")
        .says("Nothing is wrong.");
    let shown = workspace.run(&["alerts", "--json"]).status(0);
    let shown: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(shown["alerts"][1]["name"], "email-2");
    assert_eq!(shown["events"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_what_each_server_answered() {
    let receiver = Receiver::start().await;
    let workspace = Workspace::without_server()
        .notebook("ventes", &["1"])
        .config("[[alert]]\nto = \"slack\"\n\n[[alert]]\nto = \"webhook\"\nurl_from = \"COMPTA\"\n")
        .env(&format!("SLACK_WEBHOOK_URL={0}/S1/T0K3N\nCOMPTA={0}/C2/T0K3N", receiver.url));
    let run = |arguments: &'static [&'static str]| {
        let workspace = &workspace;
        tokio::task::block_in_place(move || workspace.run(arguments))
    };
    run(&["alerts", "test"])
        .status(0)
        .says("✓ slack (slack): 200 ok")
        .says("✓ webhook (webhook): 200 ok");
    assert_eq!(receiver.posts().len(), 2);
    assert!(receiver.posts()[1].body.contains("\"kind\":\"test\""));

    receiver.answer(404, &[], "no_team T0K3N");
    let refused = run(&["alerts", "test", "slack"]).status(3);
    refused
        .says("✗ slack (slack): 127.0.0.1 does not know this webhook (any more): 404")
        .never_says("/S1/T0K3N");
    assert_eq!(receiver.posts().len(), 3);
    run(&["alerts", "test", "slak"]).status(2).says("did you mean `slack`?");
}

#[test]
fn a_test_without_an_alert_says_how_to_make_one() {
    let workspace = Workspace::without_server().notebook("ventes", &["1"]);
    workspace.run(&["alerts", "test"]).status(2).says("addresses = [\"you@example.com\"]");
}
