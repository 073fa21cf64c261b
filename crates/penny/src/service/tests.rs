use std::path::Path;

use super::*;

/// A workspace whose path has what paths have: spaces, accents, and letters that mean something somewhere.
fn service(scope: Scope) -> Service {
    Service {
        name: "penny-ma-societe".into(),
        workspace: "/home/zoé/Ma société 100% \"sûre\" & $fils".into(),
        penny: "/opt/outils de zoé/penny".into(),
        scope,
        user: "zoé".into(),
        stays: false,
        user_id: 1001,
        home: "/home/zoé".into(),
        config_home: "/home/zoé/.config".into(),
        path: "/home/zoé/.pyenv/shims:/usr/bin".into(),
        has_former: false,
    }
}

fn installed(services: Services, scope: Scope) -> Plan {
    services.plan(Verb::Install, &service(scope))
}

fn commands(plan: &Plan) -> Vec<String> {
    plan.commands.iter().map(|command| command.words.join(" ")).collect()
}

#[test]
fn a_service_is_named_after_its_folder_in_plain_letters() {
    #[track_caller]
    fn check(folder: &str, name: &str) {
        assert_eq!(name_of(Path::new(folder)), name);
        check_name(name).expect("it can name a service");
    }
    check("/home/zoé/Ma société", "penny-ma-societe");
    check("/srv/penny", "penny-penny");
    check("/srv/a  &  b_2026", "penny-a-b-2026");
    check("/", "penny");
    assert!(check_name("Ma société").is_err());
    assert!(check_name("-x").is_err());
    assert!(check_name("").is_err());
}

#[test]
fn a_unit_says_every_path_as_it_is() {
    let plan = installed(Services::Systemd, Scope::User);
    let [file] = plan.files.as_slice() else { panic!("one file") };
    let place = Path::new("/home/zoé/.config/systemd/user/penny-ma-societe.service");
    assert_eq!(file.path, place);
    let line = |begins: &str| {
        let found = file.text.lines().find(|line| line.starts_with(begins));
        found.unwrap_or_else(|| panic!("{begins}: {}", file.text)).to_owned()
    };
    assert_eq!(
        line("ExecStart="),
        "ExecStart=\"/opt/outils de zoé/penny\" \"--workspace\" \
         \"/home/zoé/Ma société 100%% \\\"sûre\\\" & $$fils\" \"start\""
    );
    assert_eq!(
        line("WorkingDirectory="),
        "WorkingDirectory=/home/zoé/Ma société 100%% \"sûre\" & $fils"
    );
    assert_eq!(line("Environment="), "Environment=\"PATH=/home/zoé/.pyenv/shims:/usr/bin\"");
    assert_eq!(line("WantedBy="), "WantedBy=default.target");
    for setting in ["Type=notify", "KillMode=process", "Restart=on-failure", "NoNewPrivileges=yes"]
    {
        assert_eq!(line(setting), setting);
    }
    assert!(!file.text.contains("User="), "{}", file.text);
    assert_eq!(
        commands(&plan),
        [
            "systemctl --user daemon-reload",
            "systemctl --user enable --now penny-ma-societe.service"
        ]
    );
    assert!(plan.notes[0].contains("loginctl enable-linger zoé"), "{:?}", plan.notes);
    // Who has done that already need not read it.
    let stays = Service { stays: true, ..service(Scope::User) };
    assert!(Services::Systemd.plan(Verb::Install, &stays).notes.is_empty());
}

#[test]
fn a_unit_of_the_computer_runs_as_the_owner_of_the_workspace() {
    let plan = installed(Services::Systemd, Scope::System);
    let [file] = plan.files.as_slice() else { panic!("one file") };
    assert_eq!(file.path, Path::new("/etc/systemd/system/penny-ma-societe.service"));
    for setting in ["User=zoé", "WantedBy=multi-user.target", "ProtectSystem=full"] {
        assert!(file.text.lines().any(|line| line == setting), "{setting}: {}", file.text);
    }
    // Each of these would break notebooks, their kernels or PostgreSQL.
    for setting in ["PrivateTmp", "MemoryDenyWriteExecute", "ProtectHome", "PrivateDevices"] {
        assert!(!file.text.contains(setting), "{setting}");
    }
    assert_eq!(
        commands(&plan),
        ["systemctl daemon-reload", "systemctl enable --now penny-ma-societe.service"]
    );
}

/// systemd's own judgement, where it is installed.
#[test]
fn systemd_finds_nothing_wrong_in_a_unit() {
    let known = std::process::Command::new("systemd-analyze").arg("--version").output();
    if known.is_err() {
        eprintln!("systemd-analyze is not here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("Ma société 100% $sûre");
    std::fs::create_dir(&workspace).expect("made");
    let penny = folder.path().join("penny à moi");
    // Any program will do: systemd looks whether it can be started.
    std::fs::copy("/bin/sh", &penny).expect("copied");
    for scope in [Scope::User, Scope::System] {
        let user = "root".to_owned();
        let wanted =
            Service { workspace: workspace.clone(), penny: penny.clone(), user, ..service(scope) };
        let plan = Services::Systemd.plan(Verb::Install, &wanted);
        let unit = folder.path().join("penny-ma-societe.service");
        std::fs::write(&unit, &plan.files[0].content).expect("written");
        let mut analyze = std::process::Command::new("systemd-analyze");
        analyze.args(["verify", "--man=no", "--recursive-errors=no"]);
        let answer = analyze.arg(&unit).output().expect("it runs");
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert!(answer.status.success() && !said.contains("penny"), "{scope:?}: {said}");
    }
}

#[test]
fn a_property_list_says_every_path_as_it_is() {
    let plan = installed(Services::Launchd, Scope::User);
    let [file] = plan.files.as_slice() else { panic!("one file") };
    let place = "/home/zoé/Library/LaunchAgents/fr.penny.penny-ma-societe.plist";
    assert_eq!(file.path, Path::new(place));
    for part in [
        "<string>/opt/outils de zoé/penny</string>",
        "<string>/home/zoé/Ma société 100% &quot;sûre&quot; &amp; $fils</string>",
        "<string>start</string>",
        "<key>PATH</key>\n    <string>/home/zoé/.pyenv/shims:/usr/bin</string>",
        "<key>RunAtLoad</key>\n  <true/>",
        "<string>/home/zoé/Library/Logs/penny-ma-societe.log</string>",
    ] {
        assert!(file.text.contains(part), "{part}: {}", file.text);
    }
    assert_eq!(
        commands(&plan),
        [
            "launchctl bootout gui/1001/fr.penny.penny-ma-societe",
            "launchctl enable gui/1001/fr.penny.penny-ma-societe",
            &format!("launchctl bootstrap gui/1001 {place}"),
        ]
    );
    let daemon = installed(Services::Launchd, Scope::System);
    assert!(daemon.files[0].text.contains("<key>UserName</key>\n  <string>zoé</string>"));
    assert!(daemon.files[0].path.starts_with("/Library/LaunchDaemons"));
}

/// Python reads property lists as macOS does.
#[test]
fn a_property_list_is_read_as_it_was_meant() {
    let plan = installed(Services::Launchd, Scope::User);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.plist");
    std::fs::write(&file, &plan.files[0].content).expect("written");
    let code =
        "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
    let mut python = std::process::Command::new(penny_testing::base_python());
    let answer = python.args(["-c", code]).arg(&file).output().expect("Python runs");
    let error = String::from_utf8_lossy(&answer.stderr).into_owned();
    let read: serde_json::Value = serde_json::from_slice(&answer.stdout).expect(&error);
    assert_eq!(read["ProgramArguments"][2], "/home/zoé/Ma société 100% \"sûre\" & $fils");
    assert_eq!(read["KeepAlive"]["SuccessfulExit"], false);
    assert_eq!(read["ExitTimeOut"], 30);
}

#[test]
fn a_task_of_windows_needs_no_rights_and_shows_no_window() {
    let wanted = Service {
        workspace: r"C:\Users\Zoé\Ma société\".into(),
        penny: r"C:\Program Files\Penny\penny.exe".into(),
        user: r"COMPTA\Zoé".into(),
        ..service(Scope::User)
    };
    let plan = Services::TaskScheduler.plan(Verb::Install, &wanted);
    let [file] = plan.files.as_slice() else { panic!("one file") };
    for part in [
        "<UserId>COMPTA\\Zoé</UserId></LogonTrigger>",
        "<LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>",
        "<Command>%SystemRoot%\\System32\\conhost.exe</Command>",
        // A backslash before a closing quote would swallow it.
        "<Arguments>--headless &quot;C:\\Program Files\\Penny\\penny.exe&quot; \
         &quot;--workspace&quot; &quot;C:\\Users\\Zoé\\Ma société\\\\&quot; \
         &quot;start&quot;</Arguments>",
        "<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>",
        "<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>",
    ] {
        assert!(file.text.contains(part), "{part}: {}", file.text);
    }
    assert_eq!(file.content[..2], [0xFF, 0xFE]);
    let commands = commands(&plan);
    assert!(
        commands[0].starts_with(r"schtasks /Create /TN \Penny\penny-ma-societe-"),
        "{commands:?}"
    );
    assert!(commands[1].starts_with(r"schtasks /Run /TN \Penny\penny-ma-societe-"), "{commands:?}");
    let system =
        Services::TaskScheduler.plan(Verb::Install, &Service { scope: Scope::System, ..wanted });
    assert!(system.files[0].text.contains("<BootTrigger>"));
    assert!(system.files[0].text.contains("<LogonType>S4U</LogonType>"));
}

/// A service of Windows for a workspace in that folder.
fn of_windows(folder: &str) -> Service {
    Service { name: "penny-penny".into(), workspace: folder.into(), ..service(Scope::User) }
}

/// What is run to do something with it, without the file that is read.
fn ran(verb: Verb, service: &Service) -> Vec<String> {
    let plan = Services::TaskScheduler.plan(verb, service);
    let file = Services::TaskScheduler.file(service).display().to_string();
    commands(&plan).iter().map(|command| command.replace(&file, "FILE")).collect()
}

#[test]
fn workspaces_in_folders_called_alike_have_a_task_of_windows_each() {
    let dupont = of_windows(r"C:\Clients\Dupont\penny");
    let task = |service: &Service| ran(Verb::Start, service)[0].replace("schtasks /Run /TN ", "");
    assert!(task(&dupont).starts_with(r"\Penny\penny-penny-"));
    assert_ne!(task(&dupont), task(&of_windows(r"C:\Clients\Martin\penny")));
    // However the same folder is written.
    for folder in
        [r"c:\clients\dupont\penny", r"C:\Clients\Dupont\penny\", r"\\?\C:\Clients\Dupont\penny"]
    {
        assert_eq!(task(&dupont), task(&of_windows(folder)));
    }
    let name = task(&dupont);
    assert_eq!(ran(Verb::Stop, &dupont), [format!("schtasks /End /TN {name}")]);
    assert_eq!(
        ran(Verb::Install, &dupont),
        [format!("schtasks /Create /TN {name} /XML FILE /F"), format!("schtasks /Run /TN {name}")]
    );
    assert!(Services::TaskScheduler.question(&dupont).shown().contains(&name));
}

#[test]
fn a_task_of_windows_that_an_earlier_penny_made_is_used_until_it_is_replaced() {
    let new = of_windows(r"C:\Clients\Dupont & fils\Société\penny");
    let former = Service { has_former: true, ..new.clone() };
    let name = ran(Verb::Start, &new)[0].replace("schtasks /Run /TN ", "");
    let removed = |name: &str| {
        [format!("schtasks /End /TN {name}"), format!("schtasks /Delete /TN {name} /F")]
    };
    let old = r"\Penny\penny-penny";
    assert_eq!(ran(Verb::Start, &former), [format!("schtasks /Run /TN {old}")]);
    assert_eq!(ran(Verb::Stop, &former), [format!("schtasks /End /TN {old}")]);
    assert_eq!(
        ran(Verb::Install, &former),
        [&removed(old)[..], &ran(Verb::Install, &new)].concat()
    );
    assert_eq!(ran(Verb::Uninstall, &new), removed(&name));
    assert_eq!(ran(Verb::Uninstall, &former), [removed(&name), removed(old)].concat());
    let question = Services::TaskScheduler.former(&new).expect("Windows has one");
    assert_eq!(question.shown(), format!("schtasks /Query /TN {old} /XML"));
    assert_eq!(Services::Systemd.former(&new), None);

    // What Windows shows, in an alphabet of its own; and another workspace's is left alone.
    let shown = |service: &Service| {
        Services::TaskScheduler.plan(Verb::Install, service).files[0].text.replace('é', "\u{fffd}")
    };
    let is_of = |other: &Service| Services::TaskScheduler.is_of(&new, &shown(other));
    assert!(is_of(&new));
    assert!(!is_of(&of_windows(r"C:\Clients\Martin\Société\penny")));
    assert!(!is_of(&of_windows(r"C:\Clients\Dupont & fils\Société\penny2")));
    assert!(
        !Services::TaskScheduler.is_of(&new, "ERROR: The system cannot find the file specified.")
    );
}

/// Python reads XML as Windows does: it is well made, in UTF-16.
#[test]
fn a_task_of_windows_is_well_made_xml() {
    let plan = installed(Services::TaskScheduler, Scope::User);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.xml");
    std::fs::write(&file, &plan.files[0].content).expect("written");
    let code = "import sys, xml.etree.ElementTree as e; \
                n = '{http://schemas.microsoft.com/windows/2004/02/mit/task}'; \
                sys.stdout.buffer.write(e.parse(sys.argv[1]).find(f'.//{n}Arguments').text.encode())";
    let mut python = std::process::Command::new(penny_testing::base_python());
    let answer = python.args(["-c", code]).arg(&file).output().expect("Python runs");
    let error = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(answer.status.success(), "{error}");
    let read = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert_eq!(
        read,
        "--headless \"/opt/outils de zoé/penny\" \"--workspace\" \
         \"/home/zoé/Ma société 100% \\\"sûre\\\" & $fils\" \"start\""
    );
}

#[test]
fn whatever_is_installed_is_removed_again() {
    for services in [Services::Systemd, Services::Launchd, Services::TaskScheduler] {
        for scope in [Scope::User, Scope::System] {
            let service = service(scope);
            let made = services.plan(Verb::Install, &service);
            let removed = services.plan(Verb::Uninstall, &service);
            let files: Vec<&PathBuf> = made.files.iter().map(|file| &file.path).collect();
            assert_eq!(removed.remove.iter().collect::<Vec<_>>(), files, "{services:?}");
            assert_eq!(services.file(&service), *files[0]);
            // One that was never started must not keep the rest from being removed.
            assert!(removed.commands.iter().all(|command| command.may_fail), "{services:?}");
        }
    }
}

#[test]
fn the_answers_of_the_systems_are_understood() {
    #[track_caller]
    fn check(services: Services, answer: &str, runs: Option<bool>) {
        assert_eq!(services.runs(answer), runs, "{answer}");
    }
    check(Services::Systemd, "LoadState=loaded\nActiveState=active\nMainPID=42\n", Some(true));
    check(Services::Systemd, "ActiveState=inactive\n", Some(false));
    check(Services::Systemd, "ActiveState=failed\n", Some(false));
    check(Services::Systemd, "", None);
    check(Services::Launchd, "gui/501/x = {\n\tactive count = 1\n\tstate = running\n}", Some(true));
    check(Services::Launchd, "\tstate = not running\n", Some(false));
    check(Services::TaskScheduler, "Statut: En cours", None);
}

#[test]
fn a_path_that_no_service_can_have_is_refused() {
    let wrong = Service { workspace: "/srv/a\nExecStart=/bin/sh".into(), ..service(Scope::User) };
    assert!(wrong.check().is_err());
    assert!(service(Scope::User).check().is_ok());
}
