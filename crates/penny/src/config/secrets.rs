//! What must never be shown: the secrets of `.env` and of the environment, and what looks like one.

use std::path::Path;

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
    "MOTDEPASSE",
];
/// Or one of these as a word of its own, before digits if need be: `MDP_2`, `CLE_API`, and not `ARTICLE`.
const NAME_WORDS: &[&str] = &["MDP", "JETON", "CLE", "CLÉ"];
/// Unless it is the key of a table, by another word: what is sorted, joined or shared out by.
const KEYS_OF_TABLES: &[&str] = &[
    "TRI",
    "FUSION",
    "JOINTURE",
    "PRIMAIRE",
    "ETRANGERE",
    "ÉTRANGÈRE",
    "COLONNE",
    "COLONNES",
    "UNIQUE",
    "GROUPE",
    "REGROUPEMENT",
    "REPARTITION",
    "RÉPARTITION",
    "LETTRAGE",
    "RAPPROCHEMENT",
    "TABLE",
    "COMPTE",
    "LIGNE",
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
    "_FICHIER",
    "_CHEMIN",
];
/// Shells say with these in which folder they are and were.
const FOLDERS_OF_SHELLS: &[&str] = &["PWD", "OLDPWD"];

impl Secrets {
    /// The secrets among the variables of `.env` and of the environment: by their names, and the passwords within URLs
    /// and descriptions of connections. What the environment has in the place of a variable of `.env` is known too.
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
            add_passwords(&mut secrets, name, value);
        }
        // A container has no `.env`: they are in its environment.
        for (name, value) in variables.of_environment() {
            if names.contains(&name) || is_secret(name) && !is_place(name, value) {
                secrets.push((name, value.to_owned()));
            }
            add_passwords(&mut secrets, name, value);
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
    let is_word =
        |part: &str| NAME_WORDS.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let words = || name.split(|c: char| !c.is_alphanumeric());
    let has_word = || words().any(is_word) && !words().any(|word| KEYS_OF_TABLES.contains(&word));
    // Whoever knows the address of a webhook may write to its channel.
    name.contains("WEBHOOK")
        || (NAMES.iter().any(|part| name.contains(part)) || ends(NAME_ENDS) || has_word())
            && !ends(NOT_SECRET_ENDS)
}

/// Whether a variable of the environment only says where something is, as those of shells do, and others with the path
/// of a file: `GOOGLE_APPLICATION_CREDENTIALS`.
fn is_place(name: &str, value: &str) -> bool {
    let path = Path::new(value);
    FOLDERS_OF_SHELLS.contains(&name) || path.is_absolute() && path.exists()
}

/// Adds the passwords within a value.
fn add_passwords<'a>(secrets: &mut Vec<(&'a str, String)>, name: &'a str, value: &str) {
    let passwords = [password_of_url(value), password_of_dsn(value)];
    secrets.extend(passwords.into_iter().flatten().map(|text| (name, text.to_owned())));
    // A notebook is given the password as it is meant, not as a URL has to write it.
    if let Ok(target) = Target::from_url(value) {
        secrets.push((name, target.password.expose().to_owned()));
    }
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
    fn french_names_of_secrets_are_known_as_words_and_not_as_parts_of_words() {
        for name in
            ["MDP", "BANQUE_MDP", "mdp_sftp", "MDP2", "JETON_API", "CLE", "CLE_API", "CLÉ_SFTP"]
        {
            check(&format!("{name}=lapinou"), "lapinou", "•••");
        }
        for name in [
            "ARTICLE",
            "BOUCLE_MAX",
            "CLEMENT",
            "CYCLE_2026",
            "MDPS",
            "CLE_FICHIER",
            "CLE_TRI",
            "cle_de_repartition",
        ] {
            check(&format!("{name}=lapinou"), "lapinou", "lapinou");
        }
    }

    #[test]
    fn secrets_of_the_environment_are_masked_as_those_of_env() {
        #[track_caller]
        fn check(file: &str, environment: &[(&str, &str)], text: &str, expected: &str) {
            let variables = Variables::of_text(file).in_environment(environment);
            assert_eq!(Secrets::of(&variables).mask(text), expected);
        }
        check("", &[("PENNYLANE_API_TOKEN", "abcdef123")], "x abcdef123", "x •••");
        check("A=1", &[("BANQUE_MDP", "abcdef123")], "x abcdef123", "x •••");
        let url = ("DATABASE_URL", "postgresql://penny:p%40ssword@db/pennylane");
        check("", &[url], "p@ssword pennylane", "••• pennylane");
        // The value in force, and the one of the file.
        check("A_TOKEN=abcdef123", &[("A_TOKEN", "ghijkl456")], "abcdef123 ghijkl456", "••• •••");
        // What is no secret stays readable.
        let folder = std::env::current_dir().unwrap().display().to_string();
        let places = [("PWD", "/srv/compta"), ("GOOGLE_APPLICATION_CREDENTIALS", folder.as_str())];
        check("", &places, &format!("/srv/compta {folder}"), &format!("/srv/compta {folder}"));
        check("", &[("SSH_AUTH_SOCK", "/tmp/agent.1")], "/tmp/agent.1", "/tmp/agent.1");
        check("", &[("TOKENIZERS_PARALLELISM", "false")], "false", "false");
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
