//! Secrets are found in every way in which they are written, and nothing else is.

use penny_notebook::Masker;

const SECRET: &str = "p@ss/w0rd \"été\" & 'co'";
const TOKEN: &str = "abcdef123XYZ";

fn masker() -> Masker {
    Masker::new([("DB_PASSWORD", SECRET), ("API_TOKEN", TOKEN), ("PIN_SECRET", "483920")])
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(masker().mask(text), expected);
}

#[track_caller]
fn stays(text: &str) {
    check(text, text);
}

#[test]
fn a_secret_is_found_in_every_common_way_to_write_it() {
    check(&format!("a {SECRET} b {TOKEN}"), "a ••• b •••");
    check("p@ss/w0rd &quot;été&quot; &amp; &#x27;co&#x27;!", "•••!");
    check("p@ss/w0rd &quot;été&quot; &amp; &#39;co&#39;!", "•••!");
    check("p@ss/w0rd \"été\" &amp; 'co'!", "•••!");
    check("?x=p%40ss%2Fw0rd%20%22%C3%A9t%C3%A9%22%20%26%20%27co%27&y", "?x=•••&y");
    check("?x=p%40ss%2fw0rd%20%22%c3%a9t%c3%a9%22%20%26%20%27co%27&y", "?x=•••&y");
    check("?x=p%40ss%2Fw0rd+%22%C3%A9t%C3%A9%22+%26+%27co%27&y", "?x=•••&y");
    check(r#"{"a": "p@ss/w0rd \"été\" & 'co'"}"#, r#"{"a": "•••"}"#);
    check(r#"{"a": "p@ss/w0rd \"\u00e9t\u00e9\" & 'co'"}"#, r#"{"a": "•••"}"#);
    check(r#"'p@ss/w0rd "été" & \'co\''"#, "'•••'");
    check(r#"b'p@ss/w0rd "\xc3\xa9t\xc3\xa9" & \'co\''"#, "b'•••'");
}

#[test]
fn a_secret_in_base64_is_found_wherever_it_begins() {
    // base64 of `abcdef123XYZ`, `u:abcdef123XYZ`, `user:abcdef123XYZ`.
    check("YWJjZGVmMTIzWFla", "•••");
    for encoded in ["dTphYmNkZWYxMjNYWVo=", "dXNlcjphYmNkZWYxMjNYWVo="] {
        let masked = masker().mask(encoded).into_owned();
        assert!(masked.contains("•••") && masked.len() < encoded.len(), "{masked}");
        assert!(!masked.contains("YmNkZWYxMjNYWV"), "{masked}");
    }
}

#[test]
fn a_secret_is_found_across_colours_and_keeps_them() {
    check("\u{1b}[31mabcdef\u{1b}[0m123XYZ!", "\u{1b}[31m•••\u{1b}[0m!");
    check("\u{1b}[1mx\u{1b}[0m abcdef123XYZ", "\u{1b}[1mx\u{1b}[0m •••");
}

#[test]
fn a_number_is_no_secret_within_a_longer_one() {
    check("PIN 483920.", "PIN •••.");
    stays("total 1483920,00 et 4839201");
}

#[test]
fn a_long_secret_is_found_though_its_end_is_cut_off_or_on_the_next_line() {
    let secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
    let masker = Masker::new([("KEY_SECRET", secret)]);
    let cut = format!("| {}... |", &secret[..30]);
    assert_eq!(masker.mask(&cut), "| •••... |");
    let wrapped = format!("│ {} │\n│ {} │\n│ end", &secret[..30], &secret[30..]);
    assert_eq!(masker.mask(&wrapped), "│ ••• │\n│ ••• │\n│ end");
    let thrice = format!("{}\n{}\n{}.", &secret[..25], &secret[25..35], &secret[35..]);
    assert_eq!(masker.mask(&thrice), "•••\n•••\n•••.");
    // Another text with the same short beginning is not taken for it.
    assert_eq!(masker.mask("0123456789abcdef"), "0123456789abcdef");
}

#[test]
fn a_key_of_several_lines_is_masked_line_by_line() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    let masker = Masker::new([("PRIVATE_KEY", key)]);
    assert_eq!(masker.mask(key), "•••\n•••\n•••\n•••");
    assert_eq!(masker.mask("x hkiG9w0BAQEFAASC y"), "x ••• y");
    let escaped = key.replace('\n', "\\n");
    assert_eq!(masker.mask(&escaped), "•••\\n•••\\n•••\\n•••");
    assert_eq!(Masker::new([("PRIVATE_KEY", escaped.as_str())]).mask(key), "•••\n•••\n•••\n•••");
}

#[test]
fn short_values_are_left_alone() {
    let masker = Masker::new([("A_SECRET", "abcde"), ("EMPTY_SECRET", ""), ("B", "   ")]);
    assert_eq!(masker.mask("abcde fabcdef"), "abcde fabcdef");
}

#[test]
fn what_looks_like_a_token_is_masked_and_nothing_around_it() {
    check("Authorization: Bearer abcDEF0123456789", "Authorization: Bearer •••");
    check("{'Authorization': 'Bearer abcDEF0123'}", "{'Authorization': 'Bearer •••'}");
    check(
        "{&quot;authorization&quot;: &quot;bearer abcDEF0123&quot;}",
        "{&quot;authorization&quot;: &quot;bearer •••&quot;}",
    );
    check("Authorization: Basic dXNlcjpwYXNz1234", "Authorization: Basic •••");
    check("https://x/?token=abc123DEF456&page=2", "https://x/?token=•••&page=2");
    check("access_token='abc123DEF456', x", "access_token='•••', x");
    check("\"client_secret\": \"abc123DEF456\"", "\"client_secret\": \"•••\"");
    check("X-Api-Key: 0a1b2c3d4e5f", "X-Api-Key: •••");
    let web_token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
    check(&format!("jeton {web_token}."), "jeton •••.");
    check(&format!("{}...", &web_token[..40]), "•••...");
}

#[test]
fn what_looks_like_a_connections_password_is_masked_and_nothing_around_it() {
    check("postgres://marie:s3cr@t@db:5432/x", "postgres://marie:•••@db:5432/x");
    check("redis://:motdepasse@cache", "redis://:•••@cache");
    check("host=db user=marie password=lapin dbname=x", "host=db user=marie password=••• dbname=x");
    check("Server=db;Uid=marie;Pwd=lapin!;", "Server=db;Uid=marie;Pwd=•••;");
    check("connect(password='lapin', host='db')", "connect(password='•••', host='db')");
    check("{\"password\": \"lapin\"}", "{\"password\": \"•••\"}");
    check("password: l4pin!", "password: •••");
}

#[test]
fn ordinary_text_raises_no_alarm() {
    for text in [
        "Mot de passe : doit contenir 8 caractères",
        "password: incorrect",
        "Password incorrect. The password must have 8 characters",
        "os.environ['DB_PASSWORD']",
        "password=os.environ[\"DB_PASSWORD\"]",
        "password=getpass.getpass()",
        "password=settings.password, host=h",
        "connect(host=h, user=u, password=pw_of_db)",
        "token = get_token(1)",
        "token=None, secret=False",
        "tokens: 1234567890",
        "token: 42",
        "secret=***",
        "password={password}",
        "postgres://{user}:{password}@{host}/x",
        "postgresql+psycopg2://marie:***@localhost/x",
        "https://app.pennylane.com:443/api/@x?a=b",
        "Bearer tokens are sent in a header",
        "The bearer authentication failed",
        "IBAN FR76 3000 6000 0112 3456 7890 189 BIC AGRIFRPP",
        "FR7630006000011234567890189",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Total HT : 1 234,56 € ; TVA 20 % : 246,91 €",
        "401100 Fournisseurs - 411000 Clients : solde débiteur 12 345,00",
        "jeton de présence : 1200",
        "Secret : 2026",
        "<input type=\"password\" name=\"pwd\" value=\"\">",
        "PWD=/home/marie/compta",
        "facture n° eyJ-2026.01.02",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "date:2026-01-01, montant=100.50, libellé='Loyer'",
    ] {
        let masker = Masker::default();
        assert_eq!(masker.mask(text), text);
    }
}

#[test]
fn a_masker_shows_no_secret_of_its_own() {
    assert_eq!(format!("{:?}", masker()), "Masker { .. }");
}

#[test]
fn masking_twice_changes_nothing_more() {
    let text =
        format!("{SECRET} token=abc123DEF456 postgres://u:{TOKEN}@h Bearer abcDEF0123456789");
    let once = masker().mask(&text).into_owned();
    assert_eq!(masker().mask(&once), once);
    assert_eq!(once, "••• token=••• postgres://u:•••@h Bearer •••");
}
