//! Where a link may lead.

/// A link's address as a browser would read it, if it leads to a web page or a mail address, and
/// says so itself: no `javascript:`, no `data:`, nothing relative to the page it is shown on.
pub(crate) fn address(written: &str) -> Option<String> {
    // Browsers ignore these, so `java\nscript:` would be a scheme.
    let address: String = written
        .trim_matches(|character: char| character <= ' ')
        .chars()
        .filter(|character| !matches!(character, '\t' | '\n' | '\r'))
        .collect();
    let scheme = address.split_once(':')?.0.to_ascii_lowercase();
    let after = &address[scheme.len() + 1..];
    let leads_out = match scheme.as_str() {
        "http" | "https" => after.starts_with("//") && after.len() > 2,
        "mailto" => !after.is_empty(),
        _ => false,
    };
    (leads_out && !address.chars().any(char::is_control)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web_or_to_a_mail_address() {
        for good in ["https://a.fr", "HTTP://a.fr/x?y=1#z", "mailto:a@b.fr", " https://a.fr\n"] {
            assert_eq!(address(good).as_deref(), Some(good.trim()), "{good:?}");
        }
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "//a.fr",
            "/actions/run",
            "#x",
            "x.ipynb",
            "",
            ":",
            "http:a",
            "https:/a",
            "http://",
            "file:///etc/passwd",
            "blob:https://a",
            "https://a\u{0}b",
        ] {
            assert_eq!(address(bad), None, "{bad:?}");
        }
        assert_eq!(address("ht\ttps://a.fr").as_deref(), Some("https://a.fr"));
    }
}
