//! What must never be shown: the secrets of `.env`.

use penny_postgres::connection::Target;

use super::variables::Variables;

/// Texts that are masked wherever they would be written.
#[derive(Clone, Default)]
pub struct Secrets {
    texts: Vec<String>,
}

/// Shorter values are not masked: they would blot out ordinary words.
const LENGTH_MIN: usize = 6;
const MASK: &str = "•••";
const NAMES: &[&str] =
    &["TOKEN", "PASSWORD", "PASSWD", "SECRET", "PWD", "API_KEY", "APIKEY", "PRIVATE"];

impl Secrets {
    /// The secrets among the variables of `.env`: by their names, and the passwords within URLs.
    pub fn of(variables: &Variables) -> Secrets {
        let mut texts: Vec<String> = Vec::new();
        for (name, value) in variables.of_file() {
            let upper = name.to_uppercase();
            if NAMES.iter().any(|n| upper.contains(n)) || upper.ends_with("_KEY") {
                texts.push(value.to_owned());
            }
            if let Some(password) = password_of_url(value) {
                texts.push(password.to_owned());
            }
            // A notebook is given the password as it is meant, not as a URL has to write it.
            if let Ok(target) = Target::from_url(value) {
                texts.push(target.password.expose().to_owned());
            }
        }
        texts.retain(|t| t.chars().count() >= LENGTH_MIN);
        // The longest first: a secret that contains another must go as a whole.
        texts.sort_by_key(|t| std::cmp::Reverse(t.len()));
        texts.dedup();
        Secrets { texts }
    }

    /// The text without secrets, or nothing when it held none.
    pub fn masked(&self, text: &str) -> Option<String> {
        let mut masked: Option<String> = None;
        for secret in &self.texts {
            let current = masked.as_deref().unwrap_or(text);
            if current.contains(secret.as_str()) {
                masked = Some(current.replace(secret.as_str(), MASK));
            }
        }
        masked
    }

    /// The text without secrets.
    pub fn mask(&self, text: &str) -> String {
        self.masked(text).unwrap_or_else(|| text.to_owned())
    }
}

/// `p` of `scheme://user:p@host`.
fn password_of_url(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (credentials, _) = rest.rsplit_once('@')?;
    credentials.split_once(':').map(|(_, password)| password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_other_values_stay() {
        let variables = Variables::of_text(
            "PENNYLANE_API_TOKEN=abcdef123\nPOSTGRES_HOST=localhost\nDATABASE_URL=postgres://u:pa55word@h/d",
        );
        let secrets = Secrets::of(&variables);
        assert_eq!(secrets.mask("x abcdef123 localhost"), "x ••• localhost");
        assert_eq!(secrets.mask("pa55word"), "•••");
        assert_eq!(secrets.masked("nothing"), None);
    }
}
