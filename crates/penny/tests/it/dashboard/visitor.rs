//! Somebody who asks the dashboard, to the byte: `Visitor::logged_in(&workspace).get("/")`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::service::Service;
use crate::support::{Workspace, free_port, plain, wait_for};

/// A workspace whose service serves the dashboard and runs nothing by itself: no PostgreSQL, a clock that
/// [`crate::service::set_clock`] sets, and these lines in its `[web]`.
pub fn workspace(web: &str) -> Workspace {
    let port = free_port();
    let listen = match web.contains("listen") {
        true => String::new(),
        false => format!("listen = \"127.0.0.1:{port}\"\n"),
    };
    crate::service::told_the_time(Workspace::without_server())
        .config(&format!("[web]\n{listen}{web}\n[schedule]\nat_start = false\nevery = \"24h\"\n"))
        .notebook("ventes", &["1 + 1"])
}

/// Starts its service: what it shows is the link of its start.
#[track_caller]
pub fn start(workspace: &Workspace) -> (Service, String) {
    let service = Service::start(workspace);
    service.says("the dashboard: http");
    let told = workspace.root().join(".penny/service.json");
    wait_for("it says where it is", || {
        std::fs::read_to_string(&told).is_ok_and(|told| told.contains("\"dashboard\":\"http"))
    });
    let said = service.said();
    let (_, link) = said.split_once("the dashboard: ").expect("a link");
    let link = link.lines().next().expect("a line").to_owned();
    (service, link)
}

/// Somebody who asks, with the cookies that were given.
#[derive(Clone)]
pub struct Visitor {
    port: u16,
    /// The name that it calls the server by.
    pub host: String,
    /// The cookie that it sends.
    pub cookie: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, with names in small letters.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Visitor {
    /// A stranger before the server of this link.
    pub fn of_link(link: &str) -> Visitor {
        let address = link.strip_prefix("http://").expect("a link");
        let host = address.split('/').next().expect("a host").to_owned();
        let port = host.rsplit_once(':').expect("a port").1.parse().expect("a port");
        Visitor { port, host, cookie: None }
    }

    /// A stranger before the server of a workspace whose penny.toml says where it listens, by this name.
    pub fn of_proxy(workspace: &Workspace, host: &str) -> Visitor {
        let config = std::fs::read_to_string(workspace.root().join("penny.toml")).expect("read");
        let (_, listen) = config.split_once("listen = \"").expect("it says where");
        let address = listen.split('"').next().expect("an end");
        let port = address.rsplit_once(':').expect("a port").1.parse().expect("a port");
        Visitor { port, host: host.to_owned(), cookie: None }
    }

    /// Somebody who has come in by a fresh link of `penny dashboard`.
    #[track_caller]
    pub fn logged_in(workspace: &Workspace) -> Visitor {
        let told = workspace.run(&["dashboard", "--json"]).status(0).stdout;
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let link = told["url"].as_str().expect("a link");
        Visitor::of_link(link).comes_in(link)
    }

    /// The same, with the session that a link gives.
    #[track_caller]
    pub fn comes_in(mut self, link: &str) -> Visitor {
        let answer = self.get(path_of(link)).is(303);
        self.cookie = Some(answer.cookie());
        self
    }

    /// Somebody else before the same server, with this cookie.
    pub fn with(&self, cookie: Option<String>) -> Visitor {
        Visitor { cookie, ..self.clone() }
    }

    /// Asks for a page.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Sends a form of a page, with its proof.
    #[track_caller]
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let proof = self.proof();
        let fields = fields.iter().copied().chain([("csrf", proof.as_str())]);
        self.send_form(path, &form(fields), &[("Origin", &format!("http://{}", self.host))])
    }

    /// Sends a form as it stands.
    #[track_caller]
    pub fn send_form(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let kind = ("Content-Type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = headers.iter().copied().chain([kind]).collect();
        self.send("POST", path, &headers, body)
    }

    /// The proof that the forms of its pages have.
    #[track_caller]
    pub fn proof(&self) -> String {
        let page = self.get("/").is(200).body;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().expect("an end").to_owned()
    }

    /// Sends anything.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request += &format!("Host: {}\r\n", self.host);
        }
        if let Some(cookie) = &self.cookie {
            request += &format!("Cookie: {cookie}\r\n");
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            request += &format!("Content-Length: {}\r\n", body.len());
        }
        self.send_bytes(format!("{request}\r\n{body}").as_bytes())
    }

    /// Sends these bytes, and reads to the end of the connection.
    #[track_caller]
    pub fn send_bytes(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        // A server that has heard enough hangs up before it has heard all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::read(&answer)
    }
}

impl Answer {
    #[track_caller]
    fn read(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status: status.expect("a status"), headers, body: String::new() };
        answer.body = match answer.header("transfer-encoding") {
            Some("chunked") => joined(body),
            _ => body.to_owned(),
        };
        answer
    }

    /// Fails unless the status is that.
    #[track_caller]
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Fails unless it leads to that place.
    #[track_caller]
    pub fn leads_to(self, place: &str) -> Answer {
        assert_eq!((self.status, self.header("location")), (303, Some(place)), "{self:?}");
        self
    }

    /// Fails unless the body says that.
    #[track_caller]
    pub fn says(self, text: &str) -> Answer {
        let is_there = self.body.contains(text) || plain(&self.body).contains(text);
        assert!(is_there, "`{text}` is not in {self:?}");
        self
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The cookie that it gives, as a browser sends it back.
    #[track_caller]
    pub fn cookie(&self) -> String {
        let given = self.header("set-cookie").unwrap_or_else(|| panic!("no cookie in {self:?}"));
        given.split(';').next().expect("a cookie").to_owned()
    }

    /// Its body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// A link's path, with its query.
pub fn path_of(link: &str) -> &str {
    let at = link.match_indices('/').nth(2).expect("a path").0;
    &link[at..]
}

/// Fields as a form sends them.
pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let escaped = |text: &str| -> String {
        let bytes = text.bytes().map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        });
        bytes.collect()
    };
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    fields.join("&")
}

/// A body that came in pieces.
fn joined(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        if length == 0 {
            break;
        }
        whole += rest.get(..length).unwrap_or(rest);
        body = rest.get(length + 2..).unwrap_or_default();
    }
    whole
}
