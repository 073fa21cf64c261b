//! Real servers from PyPI that run kernels for others.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// The token of every server here.
pub const TOKEN: &str = "s3cret-of-the-gateway";

/// No server takes that long to start, even on a machine that does a lot else.
const START_LIMIT: Duration = Duration::from_secs(120);
/// Another program may take the port between its choice and its use.
const ATTEMPTS_MAX: u32 = 3;
/// A certificate for 127.0.0.1 and the authority that signed it.
const CERTIFY: &str = "
import sys, trustme
authority = trustme.CA()
server = authority.issue_cert('127.0.0.1', 'localhost')
authority.cert_pem.write_to_path(sys.argv[1] + '/authority.pem')
server.private_key_pem.write_to_path(sys.argv[1] + '/key.pem')
server.cert_chain_pems[0].write_to_path(sys.argv[1] + '/certificate.pem')
";

/// The servers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `jupyter_kernel_gateway`.
    KernelGateway,
    /// `jupyter_server`, which keeps what comes while nobody is connected.
    Server,
    /// `jupyter_enterprise_gateway`.
    EnterpriseGateway,
}

/// A server that runs until it is dropped.
pub struct Gateway {
    process: Child,
    port: u16,
    /// What it wrote.
    log: PathBuf,
    /// The authority that its certificate is to be trusted for, as PEM, if it speaks TLS.
    pub authority: Option<Vec<u8>>,
}

impl Kind {
    /// The server's Python, made on first need.
    pub fn python(self) -> PathBuf {
        let kernel = "ipykernel==7.4.0";
        match self {
            Kind::KernelGateway => {
                let server = "jupyter_kernel_gateway==3.0.1";
                crate::python_with("gateway-kernel", &[server, kernel, "trustme"])
            }
            Kind::Server => crate::python_with("gateway-server", &["jupyter_server", kernel]),
            Kind::EnterpriseGateway => {
                let server = "jupyter_enterprise_gateway==3.3.0";
                // It holds with an older jupyter_client, and so an older ipykernel.
                crate::python_with("gateway-enterprise", &[server, "ipykernel==6.29.5"])
            }
        }
    }

    /// What lets the server tell which kernels it has.
    fn lists(self) -> &'static [&'static str] {
        match self {
            Kind::KernelGateway => &["--JupyterWebsocketPersonality.list_kernels=True"],
            Kind::EnterpriseGateway => &["--EnterpriseGatewayApp.list_kernels=True"],
            Kind::Server => &[],
        }
    }

    /// The module, and the classes that know port and token.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::KernelGateway => {
                ("kernel_gateway", "KernelGatewayApp", "KernelGatewayApp.auth_token")
            }
            Kind::Server => ("jupyter_server", "ServerApp", "IdentityProvider.token"),
            Kind::EnterpriseGateway => {
                ("enterprise_gateway", "EnterpriseGatewayApp", "EnterpriseGatewayApp.auth_token")
            }
        }
    }
}

impl Gateway {
    /// Starts one, with its files in `folder` and more `arguments`, and waits until it listens.
    pub fn start(kind: Kind, folder: &Path, arguments: &[&str]) -> Gateway {
        Gateway::begin(kind, folder, arguments, None)
    }

    /// The same with a certificate of an authority that nobody knows.
    pub fn start_with_tls(kind: Kind, folder: &Path) -> Gateway {
        fs::create_dir_all(folder).expect("the folder can be made");
        crate::run(Command::new(kind.python()).args(["-c", CERTIFY]).arg(folder));
        let authority = fs::read(folder.join("authority.pem")).expect("it was just made");
        let file = |name: &str| folder.join(name).display().to_string();
        let (_, class, _) = kind.names();
        let certificate = format!("--{class}.certfile={}", file("certificate.pem"));
        let key = format!("--{class}.keyfile={}", file("key.pem"));
        Gateway::begin(kind, folder, &[&certificate, &key], Some(authority))
    }

    fn begin(kind: Kind, folder: &Path, arguments: &[&str], authority: Option<Vec<u8>>) -> Gateway {
        let python = kind.python();
        fs::create_dir_all(folder).expect("the folder can be made");
        for _ in 0..ATTEMPTS_MAX {
            let port = free_port();
            let log = folder.join(format!("{port}.log"));
            let written = File::create(&log).expect("the log can be made");
            let mut command = command(kind, &python, port, folder);
            command.args(arguments).stdout(written.try_clone().expect("a file")).stderr(written);
            let process = command.spawn().expect("the server starts");
            let mut gateway = Gateway { process, port, log, authority: authority.clone() };
            if gateway.listens() {
                return gateway;
            }
        }
        panic!("the server did not start; see {}", folder.display());
    }

    /// Its address on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How many kernels it has.
    pub fn kernels(&self) -> usize {
        let start = Instant::now();
        loop {
            match self.listed() {
                Some(kernels) => return kernels,
                None => assert!(start.elapsed() < START_LIMIT, "no list: {}", self.log()),
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether it has a kernel, or is just starting one.
    pub fn has_heard_of_a_kernel(&self) -> bool {
        self.listed() != Some(0)
    }

    /// How many kernels it lists; a Kernel Gateway cannot while one is starting.
    fn listed(&self) -> Option<usize> {
        let answer = get(self.port, "/api/kernels").expect("the server answers");
        if answer.starts_with("HTTP/1.1 500") {
            return None;
        }
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        Some(answer.matches("\"execution_state\"").count())
    }

    /// Ends it at once, as a machine does that fails.
    pub fn kill(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }

    /// Whether it came so far; false if it ended, as it does when its port is taken.
    fn listens(&mut self) -> bool {
        let start = Instant::now();
        while self.process.try_wait().expect("a child can be asked").is_none() {
            if answers(self.port, self.authority.is_some()) {
                return true;
            }
            assert!(start.elapsed() < START_LIMIT, "the server is not ready: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(kind: Kind, python: &Path, port: u16, folder: &Path) -> Command {
    let (module, class, token) = kind.names();
    let mut command = Command::new(python);
    command
        .args(["-m", module])
        .arg(format!("--{class}.ip=127.0.0.1"))
        .arg(format!("--{class}.port={port}"))
        .arg(format!("--{token}={TOKEN}"))
        .arg(format!("--{class}.port_retries=0"))
        .args(kind.lists())
        .current_dir(folder)
        // Nothing of the user's own Jupyter, and nothing left in their home.
        .env("HOME", folder)
        .env("JUPYTER_RUNTIME_DIR", folder.join("runtime"))
        .env("JUPYTER_CONFIG_DIR", folder.join("config"))
        .env("JUPYTER_DATA_DIR", folder.join("data"))
        .env("IPYTHONDIR", folder.join("ipython"));
    if kind == Kind::Server {
        command.args(["--allow-root", "--no-browser"]);
        command.arg(format!("--ServerApp.root_dir={}", folder.display()));
    }
    command
}

fn answers(port: u16, tls: bool) -> bool {
    match tls {
        true => TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok(),
        false => get(port, "/api").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")),
    }
}

/// The whole answer, head and body.
fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {TOKEN}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("bound").port()
}
