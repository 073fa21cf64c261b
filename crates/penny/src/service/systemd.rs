//! Linux: a unit of systemd, for the user or for the computer.

use std::path::PathBuf;

use super::{Command, File, Plan, Scope, Service, Verb};

/// Where the units of the computer's own services are.
const SYSTEM_UNITS: &str = "/etc/systemd/system";

pub fn file(service: &Service) -> PathBuf {
    let folder = match service.scope {
        Scope::User => service.config_home.join("systemd/user"),
        Scope::System => PathBuf::from(SYSTEM_UNITS),
    };
    folder.join(unit_name(service))
}

pub fn plan(verb: Verb, service: &Service) -> Plan {
    let name = unit_name(service);
    let mut plan = Plan::default();
    match verb {
        Verb::Install => {
            let text = unit(service);
            let content = text.clone().into_bytes();
            plan.files.push(File { path: file(service), content, text });
            plan.commands.push(systemctl(service, &["daemon-reload"]));
            plan.commands.push(systemctl(service, &["enable", "--now", &name]));
            if service.scope == Scope::User && !service.stays {
                plan.notes.push(format!(
                    "It runs while {} is logged in. To let it run from the computer's start on: \
                     sudo loginctl enable-linger {}",
                    service.user, service.user
                ));
            }
        }
        Verb::Uninstall => {
            let mut disable = systemctl(service, &["disable", "--now", &name]);
            disable.may_fail = true;
            plan.commands.push(disable);
            plan.remove.push(file(service));
            plan.afterwards.push(systemctl(service, &["daemon-reload"]));
        }
        Verb::Start => plan.commands.push(systemctl(service, &["start", &name])),
        Verb::Stop => plan.commands.push(systemctl(service, &["stop", &name])),
    }
    plan
}

pub fn question(service: &Service) -> Command {
    let properties = "--property=LoadState,ActiveState,SubState,MainPID,NRestarts,UnitFileState";
    systemctl(service, &["show", properties, &unit_name(service)])
}

pub fn runs(answer: &str) -> Option<bool> {
    let state = answer.lines().find_map(|line| line.strip_prefix("ActiveState="))?;
    Some(matches!(state, "active" | "activating" | "reloading"))
}

pub fn log(service: &Service) -> String {
    let of_user = if service.scope == Scope::User { "--user " } else { "" };
    format!("journalctl {of_user}--unit {} --follow", service.name)
}

fn unit_name(service: &Service) -> String {
    format!("{}.service", service.name)
}

fn systemctl(service: &Service, words: &[&str]) -> Command {
    let mut all = vec!["systemctl"];
    if service.scope == Scope::User {
        all.push("--user");
    }
    all.extend(words);
    Command::new(&all)
}

/// The unit.
///
/// What would break a notebook is not there on purpose: `PrivateTmp` hides the files that people exchange
/// by /tmp, `MemoryDenyWriteExecute` ends numba, `ProtectHome` hides the workspace, `PrivateDevices` a GPU.
///
/// `KillMode=process`, since whatever ends in time ends by itself: kernels and their template end with Penny, also when
/// it is killed, and the server's guard ends PostgreSQL once nobody uses it. Any other mode kills what is left once Penny
/// is gone: a PostgreSQL that was to stay (`penny db start`), that a notebook in Jupyter uses, or that needs longer to
/// shut down than Penny waits, and which then has to recover.
///
/// A user's unit has no more than `NoNewPrivileges`: the rest needs rights that users do not have everywhere.
fn unit(service: &Service) -> String {
    let command: Vec<String> = service.command().iter().map(|word| quoted(word)).collect();
    let (wanted_by, user, hardening) = match service.scope {
        Scope::User => ("default.target", String::new(), ""),
        Scope::System => (
            "multi-user.target",
            format!("User={}\n", specifier(&service.user)),
            "ProtectSystem=full\nProtectControlGroups=yes\nProtectKernelModules=yes\n\
             ProtectKernelTunables=yes\nRestrictSUIDSGID=yes\n",
        ),
    };
    let network = match service.scope {
        // The user's systemd does not know the network.
        Scope::User => "",
        Scope::System => {
            "Wants=network-online.target\nAfter=network-online.target time-sync.target\n"
        }
    };
    format!(
        "# Written by `penny service install`; `penny service uninstall` removes it.\n\
         [Unit]\n\
         Description={description}\n\
         {network}\
         # However often it failed, the next start may succeed: a disk that comes late, a full one.\n\
         StartLimitIntervalSec=0\n\
         \n\
         [Service]\n\
         Type=notify\n\
         NotifyAccess=main\n\
         {user}\
         WorkingDirectory={folder}\n\
         ExecStart={command}\n\
         Environment={path}\n\
         # A start may have to install Python's libraries first.\n\
         TimeoutStartSec=15min\n\
         # Cells are interrupted and their outputs saved within 10 seconds.\n\
         TimeoutStopSec=30\n\
         WatchdogSec=3min\n\
         # Penny ends its kernels itself, and they end when it is killed. PostgreSQL may have other users.\n\
         KillMode=process\n\
         Restart=on-failure\n\
         RestartSec=30\n\
         # 2: penny.toml is wrong, and stays so until someone corrects it.\n\
         RestartPreventExitStatus=2\n\
         SyslogIdentifier={name}\n\
         NoNewPrivileges=yes\n\
         {hardening}\
         \n\
         [Install]\n\
         WantedBy={wanted_by}\n",
        description = specifier(&service.description()),
        folder = specifier(&service.workspace.display().to_string()),
        command = command.join(" "),
        path = quoted_assignment("PATH", &service.path),
        name = service.name,
    )
}

/// A word of a command: in quotes, with what systemd would read otherwise written twice.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "$$");
    format!("\"{}\"", specifier(&escaped))
}

/// `"NAME=value"`: a `$` stands for itself there.
fn quoted_assignment(name: &str, value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{name}={}\"", specifier(&escaped))
}

/// A text in which `%` stands for itself.
fn specifier(text: &str) -> String {
    text.replace('%', "%%")
}
