//! Another server on this computer, which nothing shall ever ask for anything.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

/// A server that notes who asks it.
pub struct Elsewhere {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    /// Listens until the tests end.
    pub fn listen() -> Elsewhere {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a request");
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap_or(0);
                let line =
                    String::from_utf8_lossy(&request[..length]).lines().next().map(str::to_owned);
                noted.lock().expect("no test panicked meanwhile").push(line.unwrap_or_default());
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\
                      Connection: close\r\n\r\nok",
                );
            }
        });
        Elsewhere { port, asked }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panicked meanwhile").clone()
    }
}
