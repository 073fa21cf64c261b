//! Coming in from another computer: the password, and what is said to whoever has another, or a link that was used.

use penny_testing::browser::Key;

use super::dashboard::LOOKS;
use super::{Dashboard, FRENCH};
use crate::support::Workspace;

const PASSWORD: &str = "une longue phrase de passe";

#[test]
fn whoever_comes_from_elsewhere_is_asked_for_the_password_and_told_what_is_wrong() {
    let workspace = Workspace::without_server()
        .env(&format!("PENNY_WEB_PASSWORD=\"{PASSWORD}\""))
        .config("[schedule]\nevery = \"2h\"\nat_start = false")
        .notebook("ventes", &["1"]);
    let Some(dashboard) = Dashboard::start(workspace, "0.0.0.0", FRENCH) else { return };
    let browser = &dashboard.browser;
    let mut wrong = Vec::new();

    // Somebody follows a link of a colleague's, and is asked first.
    dashboard.go("/history");
    browser.wait_for_text("h1", "Ouvrir le tableau de bord");
    assert_eq!(dashboard.path(), "/login?next=%2Fhistory");
    let page = browser.text("body");
    assert!(!page.contains("ventes"), "a stranger learns nothing: {page}");
    assert!(page.contains("penny dashboard"), "{page}");
    wrong.extend(dashboard.wrong_here(&LOOKS));
    // The field has the focus: typing is enough.
    assert_eq!(browser.value("document.activeElement.id"), "password");
    let enters = |password: &str| {
        browser.wait_for("#password");
        browser.fill("#password", password);
        browser.keys(&[Key::Enter]);
    };
    enters("une autre phrase");
    browser.wait_for_text("[role=alert]", "Ce n’est pas le mot de passe.");
    assert_eq!(browser.attribute("#password", "aria-describedby").as_deref(), Some("wrong"));
    wrong.extend(dashboard.wrong_here(&LOOKS));
    // Whoever guesses is slowed down, longer each time: at some point the next guess comes too early.
    for _ in 0..12 {
        browser.value("(document.querySelector('[role=alert]').id = 'old')");
        enters("encore une autre");
        browser.wait_for("#wrong");
        if browser.text("#wrong").contains("Trop d’essais") {
            break;
        }
    }
    let said = browser.text("#wrong");
    assert!(said.contains("attendez") && said.contains("s, puis réessayez"), "{said}");
    wrong.extend(dashboard.wrong_here(&LOOKS));
    // The right one enters as soon as the wait is over, and leads where its reader wanted to go.
    browser.until("the wait is over", || {
        enters(PASSWORD);
        browser.until("an answer", || {
            browser.count("#wrong") > 0 || browser.address().ends_with("/history")
        });
        browser.address().ends_with("/history")
    });
    browser.wait_for_text("h1", "Historique");

    // The way out, and a link: once.
    browser.click("footer form[action='/logout'] button");
    browser.wait_for_address("/login");
    let link = dashboard.link();
    browser.go(&link);
    browser.wait_for_text(".notebooks", "ventes");
    assert_eq!(dashboard.path(), "/");
    browser.click("footer form[action='/logout'] button");
    browser.wait_for_address("/login");
    browser.go(&link);
    browser.wait_for_text("[role=alert]", "Ce lien a déjà servi, ou n’est plus valable.");
    let page = browser.text("main");
    assert!(page.contains("ouvrez un terminal") && page.contains("penny dashboard"), "{page}");
    assert_eq!(browser.count("#password"), 1, "the password is asked for in its place");
    wrong.extend(dashboard.wrong_here(&LOOKS));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    dashboard.nothing_was_asked_of_another_host();
}
