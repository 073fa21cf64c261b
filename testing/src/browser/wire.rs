//! WebDriver's words over HTTP: one request, one answer of JSON.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// No command takes longer: a page that loads for so long has failed.
const ANSWER_MAX: Duration = Duration::from_secs(90);
/// A screenshot is the largest answer there is.
const BODY_MAX: usize = 64 << 20;

/// Sends a command to the driver at that port: its answer's `value`, or what it says is wrong.
pub fn command(port: u16, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let answer = exchange(port, method, path, &body).map_err(|e| format!("{path}: {e}"))?;
    let mut answer: Value = serde_json::from_slice(&answer)
        .map_err(|e| format!("{path}: {e}: {}", String::from_utf8_lossy(&answer)))?;
    let value = answer["value"].take();
    match (value["error"].as_str(), value["message"].as_str()) {
        (Some(error), Some(message)) => Err(format!("{error}: {message}")),
        _ => Ok(value),
    }
}

fn exchange(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    assert!(length <= BODY_MAX, "{path}: an answer of {length} bytes");
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    Ok(answer)
}
