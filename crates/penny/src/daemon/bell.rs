//! A bell on the service's door: who has put a request into the history rings, and the service looks at once.
//!
//! It carries nothing. What is asked stands in the history, and is found there without the bell too, at the
//! next look.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use tokio::net::UdpSocket;

use crate::files;
use crate::workspace::Workspace;

/// The service's end, and the file that says where it hangs.
pub struct Bell {
    socket: Option<UdpSocket>,
    path: PathBuf,
}

impl Bell {
    /// That of a workspace. Where there can be none, nobody hears it rung.
    pub async fn hang(workspace: &Workspace) -> Bell {
        let path = path(&workspace.root);
        let socket = Bell::open(&path).await.inspect_err(|e| tracing::debug!("no bell: {e}")).ok();
        Bell { socket, path }
    }

    async fn open(path: &Path) -> std::io::Result<UdpSocket> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        files::write_private(path, socket.local_addr()?.port().to_string().as_bytes())?;
        Ok(socket)
    }

    /// Until it is rung; however often that was, it is once.
    pub async fn rung(&self) {
        let Some(socket) = &self.socket else { return std::future::pending().await };
        // A message that is longer is an error on Windows: it was rung all the same.
        let _ = socket.recv(&mut [0; 1]).await;
        while socket.try_recv(&mut [0; 1]).is_ok() {}
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Rings at a workspace's service, if one is at work.
pub fn ring(root: &Path) {
    let port = std::fs::read_to_string(path(root)).ok().and_then(|port| port.parse::<u16>().ok());
    let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    if let (Some(port), Ok(socket)) = (port, socket) {
        let _ = socket.send_to(&[], (Ipv4Addr::LOCALHOST, port));
    }
}

fn path(root: &Path) -> PathBuf {
    crate::workspace::own_of(root).join("service.bell")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use tokio::time::timeout;

    #[tokio::test]
    async fn a_bell_is_heard_once_however_often_it_is_rung() {
        let root = tempfile::tempdir().expect("a folder");
        let path = path(root.path());
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        ring(root.path());
        let bell = Bell { socket: Some(Bell::open(&path).await.expect("opened")), path };
        ring(root.path());
        ring(root.path());
        timeout(Duration::from_secs(60), bell.rung()).await.expect("heard");
        let again = timeout(Duration::from_millis(50), bell.rung()).await;
        assert!(again.is_err(), "it was rung no more");
        ring(root.path());
        timeout(Duration::from_secs(60), bell.rung()).await.expect("heard again");
        drop(bell);
        ring(root.path());
    }
}
