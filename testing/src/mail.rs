//! A real mail server (aiosmtpd), which keeps what it was given, with a login and a certificate if wanted.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// The login of every server here.
pub const USER: &str = "penny@example.com";
/// Its password.
pub const PASSWORD: &str = "s3cret-of-the-mail-server";

/// No server takes that long to start, even on a machine that does a lot else.
const START_LIMIT: Duration = Duration::from_secs(120);
const SERVER: &str = include_str!("mail_server.py");

/// What a mail server insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// Nothing: it takes any mail in the clear.
    Plain,
    /// STARTTLS and a login.
    StartTlsAndLogin,
    /// TLS from the first byte.
    Tls,
    /// It has an answer for everything, and takes no mail (554).
    Refusing,
}

/// A mail server that runs until it is dropped.
pub struct MailServer {
    process: Child,
    folder: PathBuf,
    /// The port it listens on.
    pub port: u16,
}

impl MailServer {
    /// Starts one on that port (0: any that is free), with its files in `folder`, and waits until it listens.
    pub fn start(folder: &Path, port: u16, manners: Manners) -> MailServer {
        let python = crate::python_with("mail", &["aiosmtpd==1.4.6", "trustme"]);
        fs::create_dir_all(folder).expect("the folder can be made");
        let _ = fs::remove_file(folder.join("port"));
        let script = folder.join("mail_server.py");
        fs::write(&script, SERVER).expect("written");
        let manners = match manners {
            Manners::Plain => "plain",
            Manners::StartTlsAndLogin => "starttls",
            Manners::Tls => "tls",
            Manners::Refusing => "refusing",
        };
        let log = File::create(folder.join("log")).expect("the log can be made");
        let mut command = Command::new(python);
        command.arg(&script).arg(folder).arg(port.to_string()).args([manners, USER, PASSWORD]);
        command.stdout(log.try_clone().expect("a file")).stderr(log);
        let process = command.spawn().expect("the server starts");
        let mut server = MailServer { process, folder: folder.to_owned(), port: 0 };
        server.port = server.listens();
        server
    }

    /// The authority that its certificate is to be trusted for.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The mails it was given so far, whole, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).expect("the folder can be read");
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "eml"))
            .collect();
        paths.sort();
        paths.iter().map(|path| fs::read_to_string(path).expect("a mail")).collect()
    }

    fn listens(&mut self) -> u16 {
        let start = Instant::now();
        loop {
            let text = fs::read_to_string(self.folder.join("port")).unwrap_or_default();
            if let Ok(port) = text.trim().parse() {
                return port;
            }
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            let ended = self.process.try_wait().expect("a child can be asked").is_some();
            assert!(!ended && start.elapsed() < START_LIMIT, "no mail server: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
