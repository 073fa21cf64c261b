//! Doing what a plan says: files, commands, and what the system answered.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use super::{Command, File, Plan, Scope, Service, name_of};
use crate::error::{Error, Result};
use crate::platform;
use crate::surroundings::Surroundings;

/// The service of the workspace in a folder.
///
/// # Errors
/// The user's name or home is not known; a path that no service can have.
pub fn service_of(
    root: &Path,
    surroundings: &Surroundings,
    scope: Scope,
    name: Option<&str>,
) -> Result<Service> {
    let text = |names: &[&str]| names.iter().find_map(|name| surroundings.text(name));
    // With sudo, the service is still the one who owns the workspace.
    let owner = (scope == Scope::System).then(|| platform::owner(root)).flatten();
    let user = match owner {
        Some((name, number)) => Some((name, number)),
        None => platform::user_name(&text).map(|name| (name, platform::user_id())),
    };
    let (user, user_id) = user.ok_or_else(|| {
        Error::missing("cannot tell who you are: the system does not say your user name")
    })?;
    let home = text(&["HOME", "USERPROFILE"]).map(PathBuf::from).ok_or_else(|| {
        Error::missing("cannot tell where your home is").hint("set the variable HOME")
    })?;
    if let Some(name) = name {
        super::check_name(name)?;
    }
    let mut service = Service {
        name: name.map_or_else(|| name_of(root), str::to_owned),
        workspace: root.to_owned(),
        penny: surroundings.penny.clone(),
        scope,
        stays: platform::services_of_user_stay(&user),
        user,
        user_id,
        config_home: text(&["XDG_CONFIG_HOME"]).map_or_else(|| home.join(".config"), PathBuf::from),
        home,
        path: text(&["PATH"]).unwrap_or_default(),
        has_former: false,
    };
    service.check()?;
    if let Some(question) = platform::SERVICES.former(&service)
        && platform::SERVICES.file(&service).is_file()
    {
        service.has_former = platform::SERVICES.is_of(&service, &run(&question)?);
    }
    Ok(service)
}

/// Checks that an installed service of that name is this workspace's.
///
/// # Errors
/// It is another workspace's.
pub fn check_owner(service: &Service) -> Result<()> {
    let path = platform::SERVICES.file(service);
    let Ok(bytes) = std::fs::read(&path) else { return Ok(()) };
    let wanted = platform::SERVICES.plan(super::Verb::Install, service);
    let folder = service.workspace.display().to_string();
    let text = decoded(&bytes);
    let told = wanted.files.iter().any(|file| file.content == bytes);
    let mentions = [folder.clone(), folder.replace('%', "%%"), super::launchd::xml(&folder)];
    if told || mentions.iter().any(|form| text.contains(form.as_str())) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{} is the service of another workspace that is called alike",
        path.display()
    ))
    .hint(format!("give this one another name: --name {}-2", service.name)))
}

fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Does what a plan says.
///
/// # Errors
/// A file that cannot be written or removed; a command that fails.
pub fn carry_out(plan: &Plan) -> Result<()> {
    let fresh: Vec<&File> = plan.files.iter().filter(|file| !file.path.exists()).collect();
    for file in &plan.files {
        write(file)?;
    }
    let ran = plan.commands.iter().try_for_each(|command| run(command).map(drop));
    if ran.is_err() {
        // Half a service would be worse than none.
        fresh.iter().for_each(|file| drop(std::fs::remove_file(&file.path)));
    }
    ran?;
    for path in &plan.remove {
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(rights(Error::file("remove", path, e)));
            }
            _ => {}
        }
    }
    plan.afterwards.iter().try_for_each(|command| run(command).map(drop))
}

fn write(file: &File) -> Result<()> {
    if let Some(folder) = file.path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|e| rights(Error::file("make the folder", folder, e)))?;
    }
    crate::files::write_atomically(&file.path, &file.content)
        .map_err(|e| rights(Error::file("write", &file.path, e)))
}

fn rights(error: Error) -> Error {
    error.hint("a service of the computer needs an administrator; --user needs none")
}

/// Runs a command; what it answered.
///
/// # Errors
/// It cannot be started; it failed, and may not.
pub fn run(command: &Command) -> Result<String> {
    let shown = command.words.join(" ");
    let (program, arguments) = command.words.split_first().expect("a command has a program");
    let output = Process::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = match output {
        Ok(output) => output,
        Err(_) if command.may_fail => return Ok(String::new()),
        Err(e) => {
            return Err(Error::missing(format!("cannot run {program}"))
                .because(e)
                .hint(format!("this is what would have been run: {shown}")));
        }
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() || command.may_fail {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let error = Error::missing(format!("{shown} failed: {complaint}"));
    Err(if complaint.contains("bus") {
        error.hint("there is no session of yours here: log in to it, or use --system")
    } else {
        error
    })
}
