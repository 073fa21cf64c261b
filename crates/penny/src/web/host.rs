//! Which names in a request are this computer's.

use std::net::IpAddr;

/// Whether a request's `Host` is a name that nobody else can point here: an address, `localhost`, or one
/// that penny.toml lists.
pub fn is_ours(host: &str, listed: &[String]) -> bool {
    let name = without_port(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let bare = name.trim_matches(['[', ']']);
    bare.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || listed.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The colons within [::1] are none before a port.
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_computer_are_ours() {
        #[track_caller]
        fn check(host: &str, ours: bool) {
            assert_eq!(is_ours(host, &["penny.local".to_owned()]), ours, "{host}");
        }
        check("localhost:8787", true);
        check("LOCALHOST", true);
        check("127.0.0.1:8787", true);
        check("[::1]:8787", true);
        check("[::1]", true);
        check("192.168.1.20:8787", true);
        check("penny.local:8787", true);
        check("penny.local.:8787", true);
        check("evil.example:8787", false);
        check("localhost.evil.example", false);
        check("127.0.0.1.evil.example", false);
        check("", false);
    }
}
