//! By e-mail, to a real server.

use std::net::TcpListener;

use penny::store::Outcome;
use penny_testing::mail::{MailServer, Manners, PASSWORD, USER};

use super::Company;

const ALERT: &str = "[[alert]]\nto = \"email\"\naddresses = [\"compta@example.com\", \
                     \"daf@example.com\"]\n";

fn plain(server: &MailServer) -> String {
    format!("SMTP_HOST=127.0.0.1\nSMTP_PORT={}\nSMTP_FROM=penny@example.com\n", server.port)
}

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let begins = format!("{name}: ");
    mail.lines().find_map(|line| line.strip_prefix(&begins)).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_once_and_its_end_in_the_same_thread() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = MailServer::start(folder.path(), 0, Manners::Plain);
    let mut company = Company::new(ALERT, &plain(&server));
    company.start();
    for _ in 0..3 {
        company.sync(&[("ventes", Outcome::Failed), ("achats", Outcome::TimedOut)]);
        company.settled().await;
    }
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!(header(&mails[0], "Envelope-To"), "compta@example.com, daf@example.com");
    assert_eq!(header(&mails[0], "From"), "penny@example.com");
    assert_eq!(header(&mails[0], "Auto-Submitted"), "auto-generated");
    assert!(header(&mails[0], "Subject").ends_with("2 notebooks failed: achats, ventes"));
    for part in [
        "--- text/plain",
        "What happened: failed in cell 3 (Extraction)",
        "Error: KeyError: 'montant'",
        "Line: 2 │ df['montant'].sum()",
        "data/outputs/ventes_20261122_120000.ipynb",
        "penny run ventes",
        "--- text/html",
        "<h3 style=\"margin-bottom:4px\">ventes</h3>",
    ] {
        assert!(mails[0].contains(part), "{part}\n{}", mails[0]);
    }
    let id = header(&mails[0], "Message-ID").to_owned();
    assert!(id.starts_with('<') && id.ends_with("@example.com>"), "{id}");

    company.sync(&[("ventes", Outcome::Succeeded), ("achats", Outcome::Succeeded)]);
    company.settled().await;
    company.sync(&[("ventes", Outcome::Succeeded)]);
    company.settled().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 2, "{mails:#?}");
    assert_eq!(header(&mails[1], "In-Reply-To"), id);
    assert_eq!(header(&mails[1], "References"), id);
    assert!(header(&mails[1], "Subject").ends_with("2 things work again: achats, ventes"));
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_starttls_are_used_and_a_wrong_password_is_told_without_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = MailServer::start(folder.path(), 0, Manners::StartTlsAndLogin);
    let secrets = |password: &str| {
        format!(
            "SMTP_HOST=localhost\nSMTP_PORT={}\nSMTP_SECURITY=starttls\nSMTP_USER={USER}\n\
             SMTP_PASSWORD={password}\nSMTP_SSLROOTCERT={}\n",
            server.port,
            server.authority().display()
        )
    };
    let mut company = Company::new(ALERT, &secrets("wrong-password"));
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    let waiting = || {
        let waiting = penny::alerts::overview(company.store()).expect("read").waiting;
        waiting.first().and_then(|letter| letter.kept.answer.clone())
    };
    company.until("the server has refused", || waiting().is_some()).await;
    let why = waiting().expect("an answer");
    assert!(why.contains("535"), "{why}");
    assert!(!why.contains("wrong-password"), "{why}");
    assert!(server.mails().is_empty());

    company.change(ALERT, &secrets(PASSWORD));
    company.quiet().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(header(&mails[0], "TLS"), "True");
    assert_eq!(header(&mails[0], "Login"), "True");
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_trusts_is_not_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = MailServer::start(folder.path(), 0, Manners::StartTlsAndLogin);
    let secrets = format!(
        "SMTP_HOST=localhost\nSMTP_PORT={}\nSMTP_SECURITY=starttls\nSMTP_USER={USER}\n\
         SMTP_PASSWORD={PASSWORD}\n",
        server.port
    );
    let mut company = Company::new(ALERT, &secrets);
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company
        .until("the certificate was refused", || {
            let waiting = penny::alerts::overview(company.store()).expect("read").waiting;
            waiting.first().is_some_and(|letter| letter.kept.attempts > 0)
        })
        .await;
    assert!(server.mails().is_empty());
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_while_the_server_is_away_arrives_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = crate::support::free_port();
    let secrets = format!("SMTP_HOST=127.0.0.1\nSMTP_PORT={port}\nSMTP_FROM=penny@example.com\n");
    let mut company = Company::new(ALERT, &secrets);
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    let tried = || {
        let waiting = penny::alerts::overview(company.store()).expect("read").waiting;
        waiting.first().map_or(0, |letter| letter.kept.attempts)
    };
    company.until("it was tried", || tried() >= 1).await;
    // A restart in between neither forgets the message nor writes another one.
    company.stop().await;
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    let server = MailServer::start(folder.path(), port, Manners::Plain);
    company.settled().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert!(header(&mails[0], "Subject").ends_with("ventes failed"));
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_mail_is_asked_no_more_than_so_often() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = MailServer::start(folder.path(), 0, Manners::Refusing);
    let mut company = Company::new(ALERT, &plain(&server));
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.settled().await;
    assert_eq!(company.done(), ["email: ventes failed (given up)"]);
    let letter = penny::alerts::overview(company.store()).expect("read").done.remove(0);
    assert_eq!(letter.kept.attempts, 10);
    assert!(letter.kept.answer.expect("an answer").contains("not wanted here"));
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_gone_keeps_nobody_else_from_being_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = MailServer::start(folder.path(), 0, Manners::Plain);
    let alert = "[[alert]]\nto = \"email\"\naddresses = [\"gone@example.com\", \
                 \"compta@example.com\", \"daf@example.com\"]\n";
    let mut company = Company::new(alert, &plain(&server));
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.settled().await;
    let told: Vec<String> =
        server.mails().iter().map(|mail| header(mail, "Envelope-To").to_owned()).collect();
    assert_eq!(told, ["compta@example.com", "daf@example.com"]);
    assert_eq!(company.done(), ["email: ventes failed (sent)"]);
    let letter = penny::alerts::overview(company.store()).expect("read").done.remove(0);
    let answer = letter.kept.answer.expect("an answer");
    assert!(answer.contains("not sent to gone@example.com: permanent error (550)"), "{answer}");
    company.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_holds_up_nobody_else() {
    let hung = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = hung.local_addr().expect("an address").port();
    let receiver = super::Receiver::start().await;
    let settings = format!("{ALERT}\n[[alert]]\nto = \"webhook\"\n");
    let secrets = format!(
        "SMTP_HOST=127.0.0.1\nSMTP_PORT={port}\nSMTP_FROM=penny@example.com\nWEBHOOK_URL={}/x\n",
        receiver.url
    );
    let mut company = Company::new(&settings, &secrets);
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.until("the other one was told", || receiver.posts().len() == 1).await;
    let answer = || {
        let waiting = penny::alerts::overview(company.store()).expect("read").waiting;
        waiting.first().and_then(|letter| letter.kept.answer.clone())
    };
    company.until("it is no longer waited for", || answer().is_some()).await;
    let why = answer().expect("an answer");
    let expected = format!("127.0.0.1:{port} did not take the message within 10 seconds");
    assert!(why.contains(&expected), "{why}");
    // Ending does not wait for it either: the next start sends the rest.
    tokio::time::timeout(std::time::Duration::from_secs(20), company.stop()).await.expect("ended");
    let waiting = penny::alerts::overview(company.store()).expect("read").waiting;
    assert!(waiting.iter().any(|letter| letter.kept.alert == "email"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_from_the_first_byte_is_spoken_where_it_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = MailServer::start(folder.path(), 0, Manners::Tls);
    let secrets = format!(
        "SMTP_HOST=localhost\nSMTP_PORT={}\nSMTP_SECURITY=tls\nSMTP_FROM=Penny <penny@example.com>\n\
         SMTP_SSLROOTCERT={}\n",
        server.port,
        server.authority().display()
    );
    let mut company =
        Company::new(&ALERT.replace("[[alert]]", "[[alert]]\nlanguage = \"fr\""), &secrets);
    company.start();
    company.sync(&[("ventes", Outcome::Failed)]);
    company.settled().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(header(&mails[0], "From"), "Penny <penny@example.com>");
    assert!(header(&mails[0], "Subject").ends_with("ventes a échoué"), "{}", mails[0]);
    assert!(mails[0].contains("Que faire\u{a0}: Ouvrez le notebook exécuté"), "{}", mails[0]);
    company.stop().await;
}
