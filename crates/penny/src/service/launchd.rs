//! macOS: a property list of launchd, in the user's agents or the computer's daemons.

use std::path::{Path, PathBuf};

use super::{Command, File, Plan, Scope, Service, Verb};

const SYSTEM_DAEMONS: &str = "/Library/LaunchDaemons";

pub fn file(service: &Service) -> PathBuf {
    let folder = match service.scope {
        Scope::User => service.home.join("Library/LaunchAgents"),
        Scope::System => PathBuf::from(SYSTEM_DAEMONS),
    };
    folder.join(format!("{}.plist", label(service)))
}

/// What the service prints; the Console application shows that folder.
pub fn log_file(service: &Service) -> PathBuf {
    let folder = match service.scope {
        Scope::User => service.home.join("Library/Logs"),
        Scope::System => PathBuf::from("/Library/Logs"),
    };
    folder.join(format!("{}.log", service.name))
}

pub fn plan(verb: Verb, service: &Service) -> Plan {
    let path = file(service);
    let shown = path.display().to_string();
    let (domain, target) = (domain(service), target(service));
    let mut plan = Plan::default();
    match verb {
        Verb::Install => {
            let text = plist(service);
            let content = text.clone().into_bytes();
            plan.files.push(File { path, content, text });
            // An older one of that name is forgotten first.
            plan.commands.push(Command::that_may_fail(&["launchctl", "bootout", &target]));
            plan.commands.push(Command::that_may_fail(&["launchctl", "enable", &target]));
            plan.commands.push(Command::new(&["launchctl", "bootstrap", &domain, &shown]));
            if service.scope == Scope::User {
                plan.notes.push(format!(
                    "It runs while {} is logged in, and does not while the Mac sleeps: what was \
                     due meanwhile is caught up once. In System Settings, Battery, Options, the \
                     Mac can be kept awake on power.",
                    service.user
                ));
            }
        }
        Verb::Uninstall => {
            plan.commands.push(Command::that_may_fail(&["launchctl", "bootout", &target]));
            plan.remove.push(path);
        }
        Verb::Start => {
            plan.commands.push(Command::that_may_fail(&[
                "launchctl",
                "bootstrap",
                &domain,
                &shown,
            ]));
            plan.commands.push(Command::new(&["launchctl", "kickstart", &target]));
        }
        Verb::Stop => plan.commands.push(Command::new(&["launchctl", "bootout", &target])),
    }
    plan
}

pub fn question(service: &Service) -> Command {
    Command::new(&["launchctl", "print", &target(service)])
}

pub fn runs(answer: &str) -> Option<bool> {
    let state = answer.lines().find_map(|line| line.trim().strip_prefix("state = "))?;
    Some(state == "running")
}

fn label(service: &Service) -> String {
    format!("fr.penny.{}", service.name)
}

fn domain(service: &Service) -> String {
    match service.scope {
        Scope::User => format!("gui/{}", service.user_id),
        Scope::System => "system".to_owned(),
    }
}

fn target(service: &Service) -> String {
    format!("{}/{}", domain(service), label(service))
}

fn plist(service: &Service) -> String {
    let arguments: String = service
        .command()
        .iter()
        .map(|word| format!("    <string>{}</string>\n", xml(word)))
        .collect();
    let log = text(&log_file(service));
    let user = match service.scope {
        Scope::User => String::new(),
        Scope::System => {
            format!("  <key>UserName</key>\n  <string>{}</string>\n", xml(&service.user))
        }
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <!-- Written by `penny service install`; `penny service uninstall` removes it. -->\n\
         <plist version=\"1.0\">\n\
         <dict>\n\
         \x20 <key>Label</key>\n  <string>{label}</string>\n\
         \x20 <key>ProgramArguments</key>\n  <array>\n{arguments}  </array>\n\
         \x20 <key>WorkingDirectory</key>\n  <string>{folder}</string>\n\
         {user}\
         \x20 <key>EnvironmentVariables</key>\n  <dict>\n    <key>PATH</key>\n    \
         <string>{path}</string>\n  </dict>\n\
         \x20 <key>RunAtLoad</key>\n  <true/>\n\
         \x20 <key>KeepAlive</key>\n  <dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>\n\
         \x20 <key>ThrottleInterval</key>\n  <integer>15</integer>\n\
         \x20 <key>ExitTimeOut</key>\n  <integer>30</integer>\n\
         \x20 <key>StandardOutPath</key>\n  <string>{log}</string>\n\
         \x20 <key>StandardErrorPath</key>\n  <string>{log}</string>\n\
         </dict>\n\
         </plist>\n",
        label = xml(&label(service)),
        folder = text(&service.workspace),
        path = xml(&service.path),
    )
}

fn text(path: &Path) -> String {
    xml(&path.display().to_string())
}

/// A text in XML.
pub(super) fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
