//! The `[web]` of penny.toml: where the dashboard is.

use std::net::{Ipv4Addr, SocketAddr};

use super::table::{Findings, Section};

/// The keys of the section.
pub(super) const KEYS: &[&str] = &["enabled", "listen", "hosts", "proxy"];
/// Where it listens, or the first port to try, when penny.toml is silent.
const USUAL: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), crate::web::PORT);

/// Where the dashboard is, and the answers about the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSettings {
    /// Whether it listens at all.
    pub enabled: bool,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether penny.toml says where: then no other port will do.
    pub is_said: bool,
    /// The names that it may be called by in requests, beside `localhost` and plain addresses.
    pub hosts: Vec<String>,
    /// Whether a reverse proxy stands before it, whose `X-Forwarded-Proto` and `X-Forwarded-For` are believed.
    pub proxy: bool,
}

impl Default for WebSettings {
    fn default() -> WebSettings {
        WebSettings {
            enabled: true,
            listen: USUAL,
            is_said: false,
            hosts: Vec::new(),
            proxy: false,
        }
    }
}

/// Reads the section.
pub(super) fn read(section: &Section<'_>, findings: &mut Findings) -> WebSettings {
    let mut settings = WebSettings {
        enabled: section.flag("enabled", findings).unwrap_or(true),
        hosts: section.texts("hosts", findings).unwrap_or_default(),
        proxy: section.flag("proxy", findings).unwrap_or(false),
        ..WebSettings::default()
    };
    for host in settings.hosts.iter().filter(|host| host.contains(['/', ':', '*', ' '])) {
        let message = format!("`hosts` in [web]: `{host}` is no name of a computer");
        let hint = "write the name alone, as in \"penny.example.com\"";
        findings.add(section.span_of("hosts"), message, Some(hint.into()));
    }
    if let Some(text) = section.text("listen", findings) {
        match text.parse::<SocketAddr>() {
            Ok(listen) => (settings.listen, settings.is_said) = (listen, true),
            Err(_) => {
                let message = format!("`listen` in [web]: `{text}` is no address with a port");
                let hint =
                    "write it as in \"127.0.0.1:8787\"; \"0.0.0.0:8787\" lets the network in";
                findings.add(section.span_of("listen"), message, Some(hint.into()));
            }
        }
    }
    settings
}
