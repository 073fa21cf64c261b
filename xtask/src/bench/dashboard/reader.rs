//! Someone who reads the dashboard: logged in, one request a connection, and no browser that would take its own time.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::super::Result;
use super::super::service::Service;

/// A page takes no longer.
const PAGE_MAX: Duration = Duration::from_secs(60);

/// The running service, and a session of its dashboard. Dropping it ends the service.
pub struct Reader {
    service: Service,
    address: String,
    cookie: String,
}

/// A page that was fetched.
pub struct Fetched {
    /// Milliseconds from the wish to connect to the first byte.
    pub first_byte_ms: f64,
    /// The same to the last.
    pub whole_ms: f64,
    /// How many bytes came, with the head.
    pub bytes: usize,
}

impl Reader {
    /// Starts the service and logs in by the link that it tells.
    pub fn log_in(penny: Command, port: u16, log: &Path) -> Result<Reader> {
        let service = Service::start(penny, log)?;
        let address = format!("127.0.0.1:{port}");
        let mut reader = Reader { service, address, cookie: String::new() };
        let path = reader.link()?;
        let (head, _) = reader.get(&path)?;
        let cookie = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let pair = value.split(';').next()?.trim();
            name.eq_ignore_ascii_case("set-cookie").then(|| pair.to_owned())
        });
        reader.cookie = cookie.ok_or_else(|| format!("the login gave no session: {head}"))?;
        Ok(reader)
    }

    /// Fetches a page; it must be there.
    pub fn fetch(&self, path: &str) -> Result<Fetched> {
        let (head, fetched) = self.get(path)?;
        let status = head.lines().next().unwrap_or_default();
        if !status.contains(" 200 ") {
            return Err(format!("{path} was answered with: {status}"));
        }
        Ok(fetched)
    }

    /// The path of the login link, as soon as the service has told it.
    fn link(&mut self) -> Result<String> {
        let begins = format!("http://{}", self.address);
        self.service.until(|said| {
            let mut words = said.split_whitespace();
            // Its line is whole once another character follows.
            let link = words.find(|word| word.starts_with(&begins) && word.contains("/login"));
            link.filter(|_| said.ends_with('\n')).map(|link| link[begins.len()..].to_owned())
        })
    }

    fn get(&self, path: &str) -> Result<(String, Fetched)> {
        self.ask(path).map_err(|error| format!("{path} was not answered: {error}"))
    }

    fn ask(&self, path: &str) -> std::io::Result<(String, Fetched)> {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PAGE_MAX))?;
        let Reader { address, cookie, .. } = self;
        stream.write_all(
            format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nAccept-Language: fr\r\n\
                 Cookie: {cookie}\r\nConnection: close\r\n\r\n"
            )
            .as_bytes(),
        )?;
        let mut all = vec![0];
        stream.read_exact(&mut all)?;
        let first_byte_ms = milliseconds(begun);
        stream.read_to_end(&mut all)?;
        let fetched = Fetched { first_byte_ms, whole_ms: milliseconds(begun), bytes: all.len() };
        let text = String::from_utf8_lossy(&all);
        let head = text.split("\r\n\r\n").next().unwrap_or_default().to_owned();
        Ok((head, fetched))
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
