//! Slack, Teams and any webhook, on a local HTTP server.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use penny::alerts::Pace;
use penny::store::{Outcome, Published};
use serde_json::Value;
use sha2::Sha256;

use super::{Company, Receiver, pace};
use crate::support::plain;

const WEBHOOK: &str = "[[alert]]\nto = \"webhook\"\n";

fn json(post: &super::Post) -> Value {
    serde_json::from_str(&post.body).unwrap_or_else(|e| panic!("{e}: {}", post.body))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_gets_signed_json() {
    let receiver = Receiver::start().await;
    let secrets = format!("WEBHOOK_URL={}/hook/T0K3N\nWEBHOOK_SECRET=shared-key\n", receiver.url);
    let mut company = Company::new(WEBHOOK, &secrets);
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.settled().await;
    let posts = receiver.posts();
    let [post] = posts.as_slice() else { panic!("{}", posts.len()) };
    assert_eq!(post.path, "/hook/T0K3N");
    let header = |name: &str| post.headers[name].to_str().expect("text").to_owned();
    assert_eq!(header("x-penny-event"), "failure");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"shared-key").expect("a key");
    mac.update(format!("{}.{}", header("x-penny-timestamp"), post.body).as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(header("x-penny-signature"), format!("sha256={hex}"));
    let body = json(post);
    assert_eq!(body["version"], 1);
    assert_eq!(body["kind"], "failure");
    assert_eq!(body["id"], header("x-penny-delivery"));
    let event = &body["events"][0];
    assert_eq!(event["notebook"], "ventes");
    assert_eq!(event["outcome"], "failed");
    assert_eq!(event["happened"], "failed in cell 3 (Extraction)");
    assert_eq!(event["error"], "KeyError: 'montant'");
    assert!(event["output"].as_str().expect("a path").ends_with("ventes_20261122_120000.ipynb"));
    assert!(body["text"].as_str().expect("a text").contains("penny run ventes"));
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_and_teams_get_what_they_show() {
    let receiver = Receiver::start().await;
    let settings = "[[alert]]\nto = \"slack\"\nlanguage = \"fr\"\n\n[[alert]]\nto = \"teams\"\n";
    let secrets =
        format!("SLACK_WEBHOOK_URL={0}/slack\nTEAMS_WEBHOOK_URL={0}/teams\n", receiver.url);
    let mut company = Company::new(settings, &secrets);
    company.start();
    company.sync(&[("ventes", Outcome::Crashed)]);
    company.settled().await;
    let posts = receiver.posts();
    let of = |path: &str| json(posts.iter().find(|post| post.path == path).expect("a post"));
    let slack = of("/slack");
    assert!(slack["text"].as_str().expect("a text").ends_with("ventes a échoué"), "{slack}");
    assert_eq!(slack["blocks"][0]["type"], "header");
    let section = slack["blocks"][1]["text"]["text"].as_str().expect("a text");
    assert!(plain(section).contains("a échoué dans la cellule 3 (Extraction)"), "{section}");
    let teams = of("/teams");
    let card = &teams["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["type"], "AdaptiveCard");
    assert!(card.to_string().contains("KeyError"), "{card}");
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_trouble_is_tried_again_and_told_once() {
    let receiver = Receiver::start().await;
    receiver.answer(500, &[], "oh no");
    receiver.answer(429, &[("retry-after", "1")], "slow down");
    let mut company = Company::new(WEBHOOK, &format!("WEBHOOK_URL={}/T0K3N\n", receiver.url));
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.settled().await;
    let posts = receiver.posts();
    assert_eq!(posts.len(), 3);
    // The same message each time, by which a receiver knows it again.
    let id = |post: &super::Post| json(post)["id"].as_str().expect("an id").to_owned();
    assert!(posts.iter().all(|post| id(post) == id(&posts[0])));
    assert_eq!(company.done(), ["webhook: ventes failed (sent)"]);
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_the_new_way_at_once_when_the_settings_are_corrected() {
    let receiver = Receiver::start().await;
    let mut company = Company::new(WEBHOOK, &format!("WEBHOOK_URL={}/old\n", receiver.url));
    company.start_at(Pace { pause_max: Duration::from_secs(3600), ..pace() });
    receiver.answer(410, &[("retry-after", "3600")], "gone");
    company.sync(&[("ventes", Outcome::Failed)]);
    let tried = || {
        let waiting = penny::alerts::overview(company.store()).expect("read").waiting;
        waiting.first().map_or(0, |letter| letter.kept.attempts)
    };
    company.until("it was tried", || tried() == 1).await;
    company.change(WEBHOOK, &format!("WEBHOOK_URL={}/new\n", receiver.url));
    company.until("it was sent", || !company.done().is_empty()).await;
    assert_eq!(company.done(), ["webhook: ventes failed (sent)"]);
    assert_eq!(receiver.posts().last().expect("a post").path, "/new");
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notebook_that_is_no_longer_listed_is_not_wrong_for_ever() {
    let receiver = Receiver::start().await;
    let mut company = Company::new(WEBHOOK, &format!("WEBHOOK_URL={}\n", receiver.url));
    company.start();
    company.sync(&[("ventes", Outcome::Failed), ("achats", Outcome::Failed)]);
    company.settled().await;
    company.listed = vec!["achats", "banque"];
    company.change(WEBHOOK, &format!("WEBHOOK_URL={}\n", receiver.url));
    let wrong = || penny::alerts::overview(company.store()).expect("read").events;
    company.until("it was forgotten", || wrong().len() == 1).await;
    assert_eq!(wrong()[0].notebook(), Some("achats"));
    company.settled().await;
    assert_eq!(company.done(), ["webhook: 2 notebooks failed: achats, ventes (sent)"]);
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_tells_nothing_again() {
    let receiver = Receiver::start().await;
    let mut company = Company::new(WEBHOOK, &format!("WEBHOOK_URL={}\n", receiver.url));
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.settled().await;
    company.stop().await;
    // What ends while nobody looks is found at the next start.
    company.sync(&[("ventes", Outcome::Failed), ("achats", Outcome::Failed)]);
    company.start();
    company.settled().await;
    company.stop().await;
    company.start();
    company.settled().await;
    assert_eq!(company.done(), ["webhook: ventes failed (sent)", "webhook: achats failed (sent)"]);
    assert_eq!(receiver.posts().len(), 2);
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failures_of_a_sync_wait_for_its_end_unless_the_service_ends() {
    let receiver = Receiver::start().await;
    let mut company = Company::new(WEBHOOK, &format!("WEBHOOK_URL={}\n", receiver.url));
    company.start();
    let sync = company.begin_sync();
    let run = company.begin_run(sync, "ventes", 1);
    company.end_run(run, "ventes", Outcome::Failed);
    company.settled().await;
    assert!(receiver.posts().is_empty());
    let run = company.begin_run(sync, "achats", 1);
    company.end_run(run, "achats", Outcome::Failed);
    company.settled().await;
    company.stop().await;
    assert_eq!(company.done(), ["webhook: 2 notebooks failed: achats, ventes (sent)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_only_what_it_wants_to_know() {
    let receiver = Receiver::start().await;
    let settings = "[[alert]]\nto = \"webhook\"\nname = \"ventes\"\nnotebooks = [\"ventes\"]\n\n\
                    [[alert]]\nto = \"webhook\"\nname = \"silent\"\non = [\"stale\"]\n\n\
                    [[alert]]\nto = \"webhook\"\nname = \"no end\"\non = [\"failure\"]\n";
    let mut company = Company::new(settings, &format!("WEBHOOK_URL={}\n", receiver.url));
    company.start();
    company.sync(&[("ventes", Outcome::Failed), ("achats", Outcome::Failed)]);
    company.settled().await;
    company.sync(&[("ventes", Outcome::Succeeded), ("achats", Outcome::Succeeded)]);
    company.settled().await;
    let mut done = company.done();
    done.sort();
    assert_eq!(
        done,
        [
            "no end: 2 notebooks failed: achats, ventes (sent)",
            "ventes: ventes failed (sent)",
            "ventes: ventes works again (sent)",
        ]
    );
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_gets_too_old_and_a_slow_run_are_told_once() {
    let receiver = Receiver::start().await;
    let settings = format!("[limits]\nstale_after = \"6h\"\n\n{WEBHOOK}");
    let mut company = Company::new(&settings, &format!("WEBHOOK_URL={}\n", receiver.url));
    // A table published seven hours ago by a run of that notebook.
    let sync = company.begin_sync();
    let run = company.begin_run(sync, "banque", 7 * 3600);
    let publish = |run, hours: i64| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        let (table, report) = ("pennylane.bank".to_owned(), "{}".to_owned());
        let published = Published { table, rows: 12, at, report };
        company.store().add_publish(Some(run), &published, None).expect("written");
    };
    publish(run, 7);
    company.end_run(run, "banque", Outcome::Succeeded);
    // Five runs of a few seconds say what is usual for another.
    for _ in 0..5 {
        let run = company.begin_run(sync, "ventes", 3);
        company.end_run(run, "ventes", Outcome::Succeeded);
    }
    company.end_sync(sync);
    let sync = company.begin_sync();
    let slow = company.begin_run(sync, "ventes", 120);
    company.start();
    company.until("both were told", || receiver.posts().len() == 2).await;
    company.quiet().await;
    let mut done = company.done();
    done.sort();
    assert_eq!(
        done,
        [
            "webhook: pennylane.bank is out of date (sent)",
            "webhook: ventes takes much longer than usual (sent)",
        ]
    );
    company.end_run(slow, "ventes", Outcome::Succeeded);
    let fresh = company.begin_run(sync, "banque", 1);
    let at = jiff::Timestamp::now();
    let table = "pennylane.bank".to_owned();
    let published = Published { table, rows: 13, at, report: "{}".into() };
    company.store().add_publish(Some(fresh), &published, None).expect("written");
    company.end_run(fresh, "banque", Outcome::Succeeded);
    company.end_sync(sync);
    company.until("the end of both was told", || receiver.posts().len() > 2).await;
    company.settled().await;
    let told: Vec<String> = company.done()[2..].to_vec();
    let told = told.join(" + ");
    assert!(told.contains("pennylane.bank") && told.contains("ventes"), "{told}");
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_work_is_told_once_and_that_it_can_again() {
    let receiver = Receiver::start().await;
    let mut company = Company::new(WEBHOOK, &format!("WEBHOOK_URL={}\n", receiver.url));
    company.trouble(Some("PostgreSQL does not answer"));
    company.start();
    company.until("it was told", || receiver.posts().len() == 1).await;
    let body = json(&receiver.posts()[0]);
    assert_eq!(body["events"][0]["error"], "PostgreSQL does not answer");
    // A restart in trouble tells nothing new.
    company.stop().await;
    company.start();
    company.sync(&[("ventes", Outcome::Succeeded)]);
    company.settled().await;
    assert_eq!(receiver.posts().len(), 1);
    company.trouble(None);
    company.until("its end was told", || receiver.posts().len() == 2).await;
    company.stop().await;
}
