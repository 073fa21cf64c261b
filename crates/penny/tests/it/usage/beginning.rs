//! `penny init`, the arguments, and which workspace a command is about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{beside, is_private, json, run_in, text};
use crate::support::Workspace;

/// Every file below a folder, with its content and time.
fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be read") {
            let entry = entry.expect("an entry");
            let metadata = entry.metadata().expect("its metadata");
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                let content = fs::read(entry.path()).expect("read");
                all.insert(entry.path(), (content, metadata.modified().expect("a time")));
            }
        }
    }
    all
}

/// The value of a variable in the text of an `.env`.
fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{name} is not in\n{text}"))
}

#[test]
fn a_new_workspace_is_whole_and_has_passwords_of_its_own() {
    let outside = Workspace::new();
    let (one, two) = (beside(&outside, "one"), beside(&outside, "two"));
    outside
        .run(&["init", "../one"])
        .status(0)
        .says("17 files written, 12 notebooks")
        .says("cd \"../one\"");
    outside.run(&["init", &two.display().to_string()]).status(0).never_says("..");

    let env = text(&one.join(".env"));
    assert!(is_private(&one.join(".env")));
    let example = text(&one.join(".env.example"));
    let other = text(&two.join(".env"));
    for name in ["POSTGRES_PASSWORD", "POWERBI_PASSWORD"] {
        let password = value(&env, name);
        assert!(password.len() >= 24, "{name}");
        assert_ne!(password, value(&other, name), "{name}");
        assert_eq!(value(&example, name), "");
    }
    assert_ne!(value(&env, "POSTGRES_PASSWORD"), value(&env, "POWERBI_PASSWORD"));
    // The user fills in their own, in both files under the same names.
    for name in ["PENNYLANE_API_TOKEN", "REDSHIFT_USER", "REDSHIFT_PASSWORD"] {
        assert_eq!((value(&env, name), value(&example, name)), ("", ""));
    }
    let ignored = text(&one.join(".gitignore"));
    assert!(
        [".env", ".penny/", "data/outputs/"].iter().all(|l| ignored.lines().any(|i| i == *l)),
        "{ignored}"
    );
    let config = text(&one.join("penny.toml"));
    let listed: Vec<&str> =
        config.lines().filter_map(|l| l.strip_prefix("file = \"")?.strip_suffix('"')).collect();
    assert_eq!(listed.len(), 12);
    assert!(listed.iter().all(|f| one.join(f).is_file()), "{listed:?}");
    assert!(!config.contains("sandbox"));
    outside.run(&["-w", "../one", "db", "status"]).status(0).says("does not run");
}

/// What stands there to be uncommented.
#[test]
fn every_setting_that_a_new_penny_toml_proposes_is_taken() {
    let outside = Workspace::new();
    let one = beside(&outside, "one");
    outside.run(&["init", "../one"]).status(0);
    let is_setting = |line: &str| {
        line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
    };
    let mut proposed = 0;
    let config = text(&one.join("penny.toml"));
    let lines = config.lines().map(|line| match line.strip_prefix("# ") {
        Some(setting) if is_setting(setting) => {
            proposed += 1;
            setting
        }
        _ => line,
    });
    let all = lines.collect::<Vec<_>>().join("\n");
    // It has to be there.
    std::fs::write(one.join("python"), "").expect("written");
    let all = all.replace("C:/Python312/python.exe", "python");
    assert!(proposed > 10, "{all}");
    std::fs::write(one.join("penny.toml"), all).expect("written");
    outside.run(&["-w", "../one", "status"]).status(0);
    outside.run(&["-w", "../one", "alerts", "test"]).status(3).says("SMTP_HOST");
}

#[test]
fn a_second_init_changes_nothing_and_says_so() {
    let outside = Workspace::new();
    outside.run(&["init", "../one"]).status(0);
    let before = files(&beside(&outside, "one"));
    outside
        .run(&["init", "../one"])
        .status(0)
        .says("complete already")
        .says("nothing was changed")
        .never_says("written");
    assert!(before == files(&beside(&outside, "one")));
}

#[test]
fn init_keeps_the_files_that_are_there() {
    let outside = Workspace::new();
    let mine = beside(&outside, "mine");
    fs::create_dir_all(mine.join("data/API Publique")).expect("made");
    let kept = [
        ".env",
        ".gitignore",
        "requirements.txt",
        "data/API Publique/Import_customers.ipynb",
        "comptes.xlsx",
    ];
    for name in kept {
        fs::write(mine.join(name), format!("MINE={name}\n")).expect("written");
    }
    let ended = run_in(&outside, &mine, &["init"]).status(0).never_says("cd ");
    let ended = ended.says("Kept as they were: .env, .gitignore, requirements.txt, data/API Publique/Import_customers.ipynb");
    // Git must not take the secrets because of a list that is older than they are.
    ended.says("warning: the .gitignore that was there does not name .env");
    for name in kept {
        assert_eq!(text(&mine.join(name)), format!("MINE={name}\n"));
    }
    assert!(mine.join("penny.toml").is_file());
    // What an `.env` lacks is added to it, once, and what it had stays.
    run_in(&outside, &mine, &["db", "url"]).status(0);
    let first = text(&mine.join(".env"));
    let url = run_in(&outside, &mine, &["db", "url"]).status(0).stdout;
    assert_eq!(text(&mine.join(".env")), first);
    assert!(
        first.starts_with("MINE=.env\n") && url.contains(value(&first, "POSTGRES_PASSWORD")),
        "{first}\n{url}"
    );
}

#[test]
fn a_file_in_the_place_of_a_folder_is_named() {
    let outside = Workspace::new();
    let file = beside(&outside, "file");
    fs::write(&file, "mine").expect("written");
    let sentence = format!("{} is a file, and a folder has to be there", file.display());
    for argument in ["../file", "../file/below"] {
        outside
            .run(&["init", argument])
            .status(2)
            .says(&sentence)
            .says("hint: ")
            .never_says("os error");
    }
    assert_eq!(text(&file), "mine");
    let folder = beside(&outside, "folder");
    fs::create_dir(&folder).expect("made");
    fs::write(folder.join("data"), "mine").expect("written");
    outside
        .run(&["init", "../folder"])
        .status(2)
        .says(&format!("{} is a file", folder.join("data").display()));
    assert!(!folder.join("penny.toml").exists(), "half a workspace is none");
    assert_eq!(text(&folder.join("data")), "mine");
    for command in ["init", "demo"] {
        let refused = outside.run(&["-w", "../new", command]).status(2);
        refused.says("takes no --workspace").says(&format!("hint: write: penny {command} ../new"));
    }
    assert!(!beside(&outside, "new").exists());
}

#[test]
fn help_and_version_are_no_errors_and_wrong_arguments_are() {
    let workspace = Workspace::new();
    workspace.run(&["--version"]).status(0).says(concat!("penny ", env!("CARGO_PKG_VERSION")));
    let help = workspace.run(&["--help"]).status(0).says("130 interrupted");
    assert!(help.stderr.is_empty());
    for words in [
        "demo",
        "init",
        "run",
        "fetch",
        "load",
        "kernel",
        "kernel install",
        "db",
        "db start",
        "db stop",
        "db status",
        "db url",
        "sandbox",
        "sandbox serve",
        "sandbox advance",
        "sandbox reset",
        "sandbox status",
        "powerbi",
    ] {
        let mut arguments: Vec<&str> = words.split(' ').collect();
        arguments.push("--help");
        workspace
            .run(&arguments)
            .status(0)
            .says(&format!("Usage: penny {words}"))
            .never_says("guard");
    }
    workspace.run(&[]).status(2).says("Usage: penny");
    workspace.run(&["inti"]).status(2).says("a similar subcommand exists: 'init'");
    workspace.run(&["db", "strat"]).status(2).says("'start'");
    workspace.run(&["run", "--jsno"]).status(2).says("'--json'");
    workspace.run(&["sandbox", "advance", "--days", "0"]).status(2).says("--days");
}

#[test]
fn a_notebook_that_is_not_listed_is_refused_with_the_nearest_name() {
    let workspace = Workspace::new().notebook("customers", &["1"]).notebook("suppliers", &["1"]);
    let refused = workspace.run(&["run", "custmers"]).status(2);
    refused.says("lists no notebook called `custmers`").says("hint: did you mean `customers`?");
    let refused = workspace.run(&["run", "customers", "ledger", "vat"]).status(2);
    refused.says("called `ledger`, `vat`").says("hint: it lists: customers, suppliers");
    assert!(!workspace.root().join(".penny").exists(), "nothing was begun");
}

/// The database that a command run there is about: each workspace of a test has its own name for it.
fn database(workspace: &Workspace, folder: &Path, arguments: &[&str]) -> String {
    let mut arguments = arguments.to_vec();
    arguments.extend(["db", "status", "--json"]);
    let status = json(&run_in(workspace, folder, &arguments).status(0));
    let place = status["place"].as_str().expect("a text").to_owned();
    place.rsplit('/').next().expect("a name").to_owned()
}

#[test]
fn a_command_finds_its_workspace_from_every_folder_within_and_by_name() {
    let inner = Workspace::new().env("POSTGRES_DB=inner");
    let other =
        Workspace::named("Société d'été").env("POSTGRES_DB=other").variable("PENNY_WORKSPACE", "");
    let deep = inner.root().join("notebooks/2026/novembre");
    fs::create_dir_all(&deep).expect("made");
    let outside = beside(&inner, "");
    let name = other.root().display().to_string();
    assert_eq!(database(&inner, &deep, &[]), "inner");
    assert_eq!(database(&inner, &outside, &["-w", "books"]), "inner");
    assert_eq!(database(&inner, &outside, &["-w", "./books/notebooks/../."]), "inner");
    assert_eq!(database(&inner, &deep, &["--workspace", &name]), "other");
    assert_eq!(database(&inner, inner.root(), &["-w", "penny.toml"]), "inner");
    let inner = inner.variable("PENNY_WORKSPACE", &name);
    assert_eq!(database(&inner, &deep, &[]), "other");
    assert_eq!(database(&inner, &outside, &["-w", "books"]), "inner");
}

#[test]
fn outside_every_workspace_a_command_says_how_to_get_one() {
    let workspace = Workspace::new();
    let outside = beside(&workspace, "");
    for arguments in [
        &["run"][..],
        &["db", "start"],
        &["sandbox", "status"],
        &["powerbi"],
        &["kernel", "install"],
    ] {
        let refused = run_in(&workspace, &outside, arguments).status(2);
        refused
            .says("there is no workspace here")
            .says("`penny demo` makes one to try")
            .never_says("panicked");
    }
    // A slip in the name is not answered with the workspace around.
    workspace.run(&["-w", "nowhere", "run"]).status(2).says("there is no folder").says("nowhere");
    let lost = Workspace::new().variable("PENNY_WORKSPACE", "/nowhere/at/all");
    lost.run(&["run"]).status(2).says("there is no folder /nowhere/at/all").says("PENNY_WORKSPACE");
}
