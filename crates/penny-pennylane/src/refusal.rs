//! What the body of a refusal says, in both forms that Pennylane writes it.

use serde_json::Value;

/// What a refusal says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The sentence for a person.
    pub(crate) text: String,
    /// The field that is wrong.
    pub(crate) field: Option<String>,
    /// The machine-readable reason, such as `InvalidDateFormat`.
    pub(crate) code: Option<String>,
}

/// A text for a person is cut here.
const TEXT_MAX: usize = 300;

impl Refusal {
    /// Reads `{"error": text, "status"}`, `{"error": code, "message": text}`,
    /// `{"message", "field", "code"}`, or plain text.
    pub(crate) fn parse(body: &[u8]) -> Refusal {
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
            return Refusal {
                text: shortened(&String::from_utf8_lossy(body)),
                ..Refusal::default()
            };
        };
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let (error, message) = (text("error"), text("message"));
        let (text_found, error_code) = match message {
            Some(message) => (message, error),
            None => (error.unwrap_or_default(), None),
        };
        Refusal {
            text: shortened(&text_found),
            field: text("field"),
            code: text("code").or(error_code),
        }
    }

    /// The scope that is missing, in whatever sentence it is named.
    pub(crate) fn scope(&self) -> Option<&str> {
        self.text
            .split(|letter: char| !(letter.is_ascii_alphanumeric() || "_:".contains(letter)))
            .map(|word| word.trim_end_matches(':'))
            .find(|word| {
                word.contains(':') && word.starts_with(|letter: char| letter.is_ascii_lowercase())
            })
    }
}

/// The title of a web page, when the body is one.
pub(crate) fn web_page(content_type: &str, body: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&body[..body.len().min(4096)]).trim_start().to_owned();
    let lower = start.to_ascii_lowercase();
    let is_page = content_type.to_ascii_lowercase().contains("text/html")
        || lower.starts_with("<!doctype html")
        || lower.starts_with("<html");
    let title = lower.find("<title>").and_then(|open| {
        let from = open + "<title>".len();
        let to = from + lower[from..].find('<')?;
        start.get(from..to)
    });
    is_page.then(|| shortened(title.unwrap_or_default()))
}

fn shortened(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(TEXT_MAX) {
        None => one_line,
        Some((end, _)) => format!("{}…", &one_line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_body_give_text_field_and_code() {
        let check = |body: &str, text: &str, field: Option<&str>, code: Option<&str>| {
            let refusal = Refusal::parse(body.as_bytes());
            assert_eq!(refusal.text, text, "{body}");
            assert_eq!(refusal.field.as_deref(), field, "{body}");
            assert_eq!(refusal.code.as_deref(), code, "{body}");
        };
        check(r#"{"error":"Not Found","status":404}"#, "Not Found", None, None);
        check(r#"{"error":"forbidden","message":"Missing"}"#, "Missing", None, Some("forbidden"));
        check(
            r#"{"message":"is wrong","field":"limit","code":"MoreThanMaximum"}"#,
            "is wrong",
            Some("limit"),
            Some("MoreThanMaximum"),
        );
        check("Rate limit\nexceeded.", "Rate limit exceeded.", None, None);
        check("", "", None, None);
        check("[1]", "[1]", None, None);
    }

    #[test]
    fn the_missing_scope_is_found_in_both_sentences() {
        let check = |text: &str, scope: Option<&str>| {
            let refusal = Refusal { text: text.to_owned(), ..Refusal::default() };
            assert_eq!(refusal.scope(), scope, "{text}");
        };
        check(
            "Access to this resource requires scope \"customers:readonly\".",
            Some("customers:readonly"),
        );
        check("Missing scope: customer_invoices:all", Some("customer_invoices:all"));
        check("exports:fec", Some("exports:fec"));
        check("You may not: ever", None);
    }

    #[test]
    fn web_pages_are_told_from_json() {
        let check = |kind: &str, body: &str, title: Option<&str>| {
            assert_eq!(web_page(kind, body.as_bytes()).as_deref(), title, "{body}");
        };
        check("text/html; charset=utf-8", "<p>hello", Some(""));
        check(
            "",
            "\n <!DOCTYPE html><html><Title>Connexion\n Proxy</title>",
            Some("Connexion Proxy"),
        );
        check("application/json", "{\"error\":\"<html>\"}", None);
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        let refusal = Refusal::parse("é".repeat(1000).as_bytes());
        assert_eq!(refusal.text.chars().count(), TEXT_MAX + 1);
    }
}
