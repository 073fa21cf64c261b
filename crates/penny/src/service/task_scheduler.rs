//! Windows: a task of the Task Scheduler, which every user may make for themselves.
//!
//! A Windows service proper needs an administrator to install it, and runs as another user, who sees neither
//! the user's Python nor their OneDrive or network drives. A task at logon needs no rights, runs as the user,
//! is started again when it fails, and is where Windows administrators look for such things.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::launchd::xml;
use super::{Command, File, Plan, Scope, Service, Verb};

pub fn file(service: &Service) -> PathBuf {
    service.workspace.join(".penny").join(format!("{}.xml", service.name))
}

pub fn plan(verb: Verb, service: &Service) -> Plan {
    let (name, former) = (task_name(service), former_name(service));
    // Until it is installed anew, a task that an earlier Penny made is the service.
    let present = if service.has_former { &former } else { &name };
    let path = file(service);
    let shown = path.display().to_string();
    let mut plan = Plan::default();
    match verb {
        Verb::Install => {
            let text = description(service);
            plan.files.push(File { path, content: utf_16(&text), text });
            if service.has_former {
                plan.commands.extend(removed(&former));
            }
            plan.commands
                .push(Command::new(&["schtasks", "/Create", "/TN", &name, "/XML", &shown, "/F"]));
            plan.commands.push(Command::new(&["schtasks", "/Run", "/TN", &name]));
            let note = match service.scope {
                Scope::User => {
                    "It runs while you are logged in, and does not while the computer sleeps: what \
                     was due meanwhile is caught up once."
                }
                Scope::System => {
                    "It runs from the computer's start on. It was installed from a window opened \
                     with \"Run as administrator\", or Windows has refused it above."
                }
            };
            plan.notes.push(note.to_owned());
        }
        Verb::Uninstall => {
            plan.commands.extend(removed(&name));
            if service.has_former {
                plan.commands.extend(removed(&former));
            }
            plan.remove.push(path);
        }
        Verb::Start => plan.commands.push(Command::new(&["schtasks", "/Run", "/TN", present])),
        Verb::Stop => plan.commands.push(Command::new(&["schtasks", "/End", "/TN", present])),
    }
    plan
}

pub fn question(service: &Service) -> Command {
    let name = if service.has_former { former_name(service) } else { task_name(service) };
    Command::new(&["schtasks", "/Query", "/TN", &name, "/FO", "LIST", "/V"])
}

/// The command that shows the task of the name that earlier versions gave, which may be another workspace's.
pub fn former(service: &Service) -> Command {
    Command::that_may_fail(&["schtasks", "/Query", "/TN", &former_name(service), "/XML"])
}

/// Whether a task that was shown so works in this workspace.
pub fn is_of(service: &Service, shown: &str) -> bool {
    let folder = xml(&service.workspace.display().to_string());
    let wanted = format!("<WorkingDirectory>{folder}</WorkingDirectory>");
    in_plain_letters(shown).contains(&in_plain_letters(&wanted))
}

/// A text with a `?` for what is not ASCII, which schtasks writes in one of Windows' older alphabets, and in small
/// letters, since Windows takes them for the same.
fn in_plain_letters(text: &str) -> String {
    let letters = text.chars().filter(|letter| *letter != '\0');
    letters
        .map(|letter| if letter.is_ascii() { letter.to_ascii_lowercase() } else { '?' })
        .collect()
}

fn removed(name: &str) -> [Command; 2] {
    [
        Command::that_may_fail(&["schtasks", "/End", "/TN", name]),
        Command::that_may_fail(&["schtasks", "/Delete", "/TN", name, "/F"]),
    ]
}

/// The task's name tells the workspace, not its folder's name alone: all tasks are in one folder, and a task that is
/// made takes the place of another of that name without a word.
fn task_name(service: &Service) -> String {
    let folder = service.workspace.display().to_string().to_lowercase();
    // Windows names one folder in several ways.
    let folder = folder.strip_prefix(r"\\?\").unwrap_or(&folder).replace('/', "\\");
    let hash = Sha256::digest(folder.trim_end_matches('\\').as_bytes());
    let mark: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{mark}", former_name(service))
}

/// The name that earlier versions gave.
fn former_name(service: &Service) -> String {
    format!("\\Penny\\{}", service.name)
}

/// The task. `conhost --headless` gives the program the console that it wants without a window that
/// somebody would close. Windows ends a task without asking: what was under way is then found cut off at
/// the next start, and what the kernels' job object holds ends with it.
fn description(service: &Service) -> String {
    let arguments: Vec<String> = service.command().iter().map(|word| quoted(word)).collect();
    let user = xml(&service.user);
    let (trigger, logon) = match service.scope {
        Scope::User => (
            format!("<LogonTrigger><Enabled>true</Enabled><UserId>{user}</UserId></LogonTrigger>"),
            "InteractiveToken",
        ),
        Scope::System => ("<BootTrigger><Enabled>true</Enabled></BootTrigger>".to_owned(), "S4U"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n\
         <Task version=\"1.4\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n\
         \x20 <RegistrationInfo>\r\n\
         \x20   <Description>{description}</Description>\r\n\
         \x20 </RegistrationInfo>\r\n\
         \x20 <Triggers>{trigger}</Triggers>\r\n\
         \x20 <Principals>\r\n\
         \x20   <Principal id=\"Author\"><UserId>{user}</UserId><LogonType>{logon}</LogonType>\
         <RunLevel>LeastPrivilege</RunLevel></Principal>\r\n\
         \x20 </Principals>\r\n\
         \x20 <Settings>\r\n\
         \x20   <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\r\n\
         \x20   <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\r\n\
         \x20   <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\r\n\
         \x20   <StartWhenAvailable>true</StartWhenAvailable>\r\n\
         \x20   <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>\r\n\
         \x20   <IdleSettings><StopOnIdleEnd>false</StopOnIdleEnd></IdleSettings>\r\n\
         \x20   <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\r\n\
         \x20   <Priority>5</Priority>\r\n\
         \x20   <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>\r\n\
         \x20 </Settings>\r\n\
         \x20 <Actions Context=\"Author\">\r\n\
         \x20   <Exec>\r\n\
         \x20     <Command>%SystemRoot%\\System32\\conhost.exe</Command>\r\n\
         \x20     <Arguments>--headless {arguments}</Arguments>\r\n\
         \x20     <WorkingDirectory>{folder}</WorkingDirectory>\r\n\
         \x20   </Exec>\r\n\
         \x20 </Actions>\r\n\
         </Task>\r\n",
        description = xml(&service.description()),
        arguments = xml(&arguments.join(" ")),
        folder = xml(&service.workspace.display().to_string()),
    )
}

/// A word of a command line as C programs take it apart: backslashes count only before a quote.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    let mut backslashes = 0;
    for letter in word.chars() {
        match letter {
            '\\' => backslashes += 1,
            '"' => {
                text.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        text.push(letter);
    }
    text + &"\\".repeat(backslashes) + "\""
}

/// UTF-16 with its mark: what schtasks reads whatever the computer's language.
fn utf_16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}
