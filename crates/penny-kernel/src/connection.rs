//! Where a kernel listens: its connection file, its sockets or its ports.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;

use crate::folder::{self, Folder};
use crate::platform;

/// The channels Penny uses, and their number in a kernel's list of five.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Channel {
    Shell = 0,
    Iopub = 1,
    Stdin = 2,
    Control = 3,
}

/// Shell, iopub, stdin, control and heartbeat; every kernel opens them all.
const CHANNEL_COUNT: usize = 5;
/// Short names, since the path of a socket must be short.
const SOCKET_PREFIX: &str = "s";
/// How often it is looked for a kernel's sockets, which costs a microsecond.
const SOCKET_PAUSE: Duration = Duration::from_millis(1);
/// How often a kernel's ports are tried.
const PORT_PAUSE: Duration = Duration::from_millis(10);
/// Windows takes two seconds to tell that nobody listens on a port.
const PROBE_PATIENCE: Duration = Duration::from_millis(250);

/// A kernel's connection file, in a folder of its own which goes with it.
#[derive(Debug)]
pub(crate) struct Connection {
    folder: Folder,
    transport: Transport,
    ports: [u16; CHANNEL_COUNT],
    key: Key,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Unix sockets: no port to race for, nothing another user could connect to.
    Ipc,
    /// Ports of 127.0.0.1, which any kernel understands.
    Tcp,
}

/// The key that messages are signed with; never shown.
struct Key(String);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Connection {
    /// Writes a connection file under `runtime_dir`, which is made if need be.
    ///
    /// Sockets are used where `sockets` allows it and they work, there or in the system's temporary
    /// folder; otherwise ports that were free a moment ago. Fails with the folder that cannot be used.
    pub(crate) fn make(
        runtime_dir: &Path,
        kernel: &str,
        sockets: bool,
    ) -> Result<Connection, (PathBuf, io::Error)> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| (path, error)
        };
        platform::create_private_folder(runtime_dir).map_err(at(runtime_dir))?;
        folder::remove_stale(runtime_dir, folder::OWN_PREFIX);
        let folder = Folder::make(runtime_dir, folder::OWN_PREFIX).map_err(at(runtime_dir))?;
        let (folder, transport) = match sockets {
            true => place_sockets(folder),
            false => (folder, Transport::Tcp),
        };
        let ports = match transport {
            Transport::Ipc => [1, 2, 3, 4, 5],
            Transport::Tcp => free_ports().map_err(at(folder.path()))?,
        };
        let random = [(); 2].map(|()| uuid::Uuid::new_v4().simple().to_string());
        let connection = Connection { folder, transport, ports, key: Key(random.concat()) };
        connection.write(kernel).map_err(at(connection.folder.path()))?;
        Ok(connection)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("kernel.json")
    }

    pub(crate) fn key(&self) -> &str {
        &self.key.0
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    pub(crate) fn endpoint(&self, channel: Channel) -> String {
        match self.transport {
            Transport::Ipc => format!("ipc://{}", self.socket(channel).display()),
            Transport::Tcp => format!("tcp://127.0.0.1:{}", self.ports[channel as usize]),
        }
    }

    /// Waits until the kernel listens on `channel`; without a bound, the kernel's start has one.
    ///
    /// Asking the system in short steps is quicker than ZeroMQ's growing pauses between attempts.
    pub(crate) async fn listening(&self, channel: Channel) {
        loop {
            let listens = match self.transport {
                Transport::Ipc => self.socket(channel).exists(),
                Transport::Tcp => {
                    let port = (Ipv4Addr::LOCALHOST, self.ports[channel as usize]);
                    let attempt = TcpStream::connect(port);
                    matches!(tokio::time::timeout(PROBE_PATIENCE, attempt).await, Ok(Ok(_)))
                }
            };
            if listens {
                return;
            }
            tokio::time::sleep(match self.transport {
                Transport::Ipc => SOCKET_PAUSE,
                Transport::Tcp => PORT_PAUSE,
            })
            .await;
        }
    }

    fn socket(&self, channel: Channel) -> PathBuf {
        self.folder.path().join(format!("{SOCKET_PREFIX}-{}", self.ports[channel as usize]))
    }

    fn write(&self, kernel: &str) -> io::Result<()> {
        let ip = match self.transport {
            Transport::Ipc => self.folder.path().join(SOCKET_PREFIX).display().to_string(),
            Transport::Tcp => Ipv4Addr::LOCALHOST.to_string(),
        };
        let (transport, [shell, iopub, stdin, control, heartbeat]) = (self.transport, self.ports);
        let content = json!({
            "transport": if transport == Transport::Ipc { "ipc" } else { "tcp" },
            "ip": ip,
            "shell_port": shell,
            "iopub_port": iopub,
            "stdin_port": stdin,
            "control_port": control,
            "hb_port": heartbeat,
            "key": self.key.0,
            "signature_scheme": "hmac-sha256",
            "kernel_name": kernel,
        });
        platform::create_private_file(&self.file())?.write_all(content.to_string().as_bytes())
    }
}

/// Where sockets work: in `folder`, or in a folder of the system's for temporary files.
///
/// The path has to be Unicode, since it is written into JSON.
fn place_sockets(folder: Folder) -> (Folder, Transport) {
    let longest = format!("{SOCKET_PREFIX}-{CHANNEL_COUNT}");
    let fit = |folder: &Folder| {
        folder.path().to_str().is_some() && platform::sockets_work_in(folder.path(), &longest)
    };
    if fit(&folder) {
        return (folder, Transport::Ipc);
    }
    let temporary = std::env::temp_dir();
    folder::remove_stale(&temporary, folder::SHARED_PREFIX);
    match Folder::make(&temporary, folder::SHARED_PREFIX) {
        Ok(short) if fit(&short) => (short, Transport::Ipc),
        _ => (folder, Transport::Tcp),
    }
}

/// Ports that nobody listens on. They are all held until the last is known, so that they differ.
fn free_ports() -> io::Result<[u16; CHANNEL_COUNT]> {
    let held = (0..CHANNEL_COUNT)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<io::Result<Vec<_>>>()?;
    let mut ports = [0; CHANNEL_COUNT];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn content(connection: &Connection) -> Value {
        serde_json::from_slice(&std::fs::read(connection.file()).unwrap()).unwrap()
    }

    #[test]
    fn a_kernel_without_sockets_gets_five_different_ports() {
        let runtime = tempfile::tempdir().unwrap();
        let connection = Connection::make(runtime.path(), "ir", false).unwrap();
        assert_eq!(connection.transport(), Transport::Tcp);
        let content = content(&connection);
        assert_eq!(content["transport"], "tcp");
        assert_eq!(content["ip"], "127.0.0.1");
        let names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
        let mut ports = names.map(|name| content[name].as_u64().unwrap());
        assert_eq!(connection.endpoint(Channel::Control), format!("tcp://127.0.0.1:{}", ports[3]));
        ports.sort_unstable();
        assert!(ports.windows(2).all(|pair| pair[0] < pair[1]), "{ports:?}");
    }

    #[test]
    fn the_connection_file_goes_with_the_connection() {
        let runtime = tempfile::tempdir().unwrap();
        let connection = Connection::make(&runtime.path().join("new"), "ir", true).unwrap();
        assert!(connection.file().exists());
        drop(connection);
        assert_eq!(std::fs::read_dir(runtime.path().join("new")).unwrap().count(), 0);
    }

    #[test]
    fn the_key_is_never_shown_and_never_the_same() {
        let runtime = tempfile::tempdir().unwrap();
        let one = Connection::make(runtime.path(), "ir", true).unwrap();
        let other = Connection::make(runtime.path(), "ir", true).unwrap();
        assert_eq!(one.key().len(), 64);
        assert_ne!(one.key(), other.key());
        assert!(!format!("{one:?}").contains(one.key()));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let runtime = tempfile::tempdir().unwrap();
        let file = runtime.path().join("file");
        std::fs::write(&file, "").unwrap();
        let (path, _) = Connection::make(&file.join("below"), "ir", true).unwrap_err();
        assert_eq!(path, file.join("below"));
    }
}
