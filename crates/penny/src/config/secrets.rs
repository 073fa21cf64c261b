//! What must never be shown: the secrets of `.env`, and what looks like one.

use penny_notebook::Masker;
use penny_postgres::connection::Target;

use super::variables::Variables;

/// Masks secrets wherever they would be written; cheap to clone, and never shows what it knows.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    masker: Masker,
}

/// A variable with one of these in its name holds a secret.
const NAMES: &[&str] = &[
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "PWD",
    "API_KEY",
    "APIKEY",
    "PRIVATE",
    "CREDENTIAL",
    "MOT_DE_PASSE",
];
/// Or one of these at its end.
const NAME_ENDS: &[&str] = &["_KEY", "_PASS"];
/// Unless it ends with one of these: it then says where something is, or how long it holds.
const NOT_SECRET_ENDS: &[&str] = &[
    "_URL",
    "_URI",
    "_FILE",
    "_PATH",
    "_DIR",
    "_HOST",
    "_PORT",
    "_USER",
    "_NAME",
    "_ID",
    "_TTL",
    "_TIMEOUT",
    "_LIFETIME",
    "_TYPE",
];

impl Secrets {
    /// The secrets among the variables of `.env`: by their names, and the passwords within URLs and
    /// descriptions of connections. Those of the environment in their place are known too.
    pub fn of(variables: &Variables) -> Secrets {
        Secrets::with(variables, &[])
    }

    /// The same, with variables that hold secrets whatever they are called.
    pub fn with(variables: &Variables, names: &[&str]) -> Secrets {
        let mut secrets: Vec<(&str, String)> = Vec::new();
        for (name, value) in variables.of_file().chain(variables.as_written()) {
            if is_secret(name) || names.contains(&name) {
                secrets.push((name, value.to_owned()));
            }
            let passwords = [password_of_url(value), password_of_dsn(value)];
            secrets.extend(passwords.into_iter().flatten().map(|text| (name, text.to_owned())));
            // A notebook is given the password as it is meant, not as a URL has to write it.
            if let Ok(target) = Target::from_url(value) {
                secrets.push((name, target.password.expose().to_owned()));
            }
        }
        // A container has no `.env`: they are in its environment.
        for name in names.iter().chain(&["SMTP_PASSWORD"]).chain(&OF_THE_DASHBOARD) {
            secrets.extend(variables.get(name).map(|value| (*name, value.to_owned())));
        }
        Secrets { masker: Masker::new(secrets.iter().map(|(name, text)| (*name, text.as_str()))) }
    }

    /// Masks nothing: for a user who asks to see everything.
    pub fn shown() -> Secrets {
        Secrets { masker: Masker::nothing() }
    }

    /// What an output notebook is saved with.
    pub fn masker(&self) -> &Masker {
        &self.masker
    }

    /// The text without secrets, or nothing when it held none.
    pub fn masked(&self, text: &str) -> Option<String> {
        self.masker.masked(text)
    }

    /// The text without secrets.
    pub fn mask(&self, text: &str) -> String {
        self.masker.mask(text).into_owned()
    }
}

/// What opens the dashboard and its API: no notebook has a use for it.
pub const OF_THE_DASHBOARD: [&str; 2] = ["PENNY_WEB_PASSWORD", "PENNY_API_TOKEN"];

/// Whether what has this name is a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    // Whoever knows the address of a webhook may write to its channel.
    name.contains("WEBHOOK")
        || (NAMES.iter().any(|part| name.contains(part)) || ends(NAME_ENDS))
            && !ends(NOT_SECRET_ENDS)
}

/// `p` of `scheme://user:p@host`.
fn password_of_url(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (credentials, _) = rest.rsplit_once('@')?;
    credentials.split_once(':').map(|(_, password)| password)
}

/// `p` of `host=… password=p user=…` and of `Server=…;Password=p;`.
fn password_of_dsn(value: &str) -> Option<&str> {
    value.split([';', ' ']).find_map(|part| {
        let (name, password) = part.split_once('=')?;
        let is_password = ["password", "pwd"].iter().any(|n| n.eq_ignore_ascii_case(name.trim()));
        is_password.then(|| password.trim().trim_matches('\''))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &str, text: &str, expected: &str) {
        assert_eq!(Secrets::of(&Variables::of_text(variables)).mask(text), expected);
    }

    #[test]
    fn secrets_are_masked_and_other_values_stay() {
        let variables = "PENNYLANE_API_TOKEN=abcdef123\nPOSTGRES_HOST=localhost\n\
                         DATABASE_URL=postgres://u:pa55word@h/d";
        check(variables, "x abcdef123 localhost", "x ••• localhost");
        check(variables, "pa55word", "•••");
        check(variables, "nothing", "nothing");
        assert_eq!(Secrets::of(&Variables::of_text(variables)).masked("nothing"), None);
    }

    #[test]
    fn a_variable_is_a_secret_by_its_name() {
        check("DB_PASS=lapinou", "lapinou", "•••");
        check("SSH_KEY=lapinou", "lapinou", "•••");
        check("SMTP_MOT_DE_PASSE=lapinou", "lapinou", "•••");
        check("SLACK_WEBHOOK_URL=https://h.fr/T0/B0", "at https://h.fr/T0/B0", "at •••");
        check(
            "TOKEN_URL=https://exemple.fr/jeton",
            "https://exemple.fr/jeton",
            "https://exemple.fr/jeton",
        );
        check("PRIVATE_KEY_PATH=/cles/a.pem", "/cles/a.pem", "/cles/a.pem");
    }

    #[test]
    fn a_password_within_a_value_is_a_secret() {
        check("DSN='host=h password=lapinou user=u'", "lapinou h", "••• h");
        check("ODBC='Server=h;Pwd=lapinou;Uid=u'", "lapinou h", "••• h");
        check("DATABASE_URL=postgres://u:p%40lapin@h/d", "p@lapin et p%40lapin", "••• et •••");
    }

    #[test]
    fn what_looks_like_a_secret_is_masked_without_any_variable() {
        let text = "Authorization: Bearer abcDEF0123456789";
        assert_eq!(Secrets::default().mask(text), "Authorization: Bearer •••");
        assert_eq!(Secrets::shown().mask(text), text);
    }
}
