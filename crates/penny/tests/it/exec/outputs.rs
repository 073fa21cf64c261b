//! Where the executed notebook goes, and what is told on the way.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::Cell::{Code, Tagged};
use super::{Folder, notebook, run};
use crate::executed::{code, printed, statuses};
use crate::support::{end, wait_for};

/// Runs with a notebook coming through a pipe.
#[track_caller]
fn piped(folder: &Folder, arguments: &[&str], sent: &[u8]) -> crate::support::Ended {
    let mut command = folder.exec(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(sent).expect("sent");
    end(child)
}

#[test]
fn a_notebook_goes_through_pipes() {
    let folder = Folder::new();
    let source = notebook(&[Tagged("parameters", "a = 1"), Code("print(a)")]);
    // With pipes on both sides no path is needed, and nothing but the notebook is told.
    for arguments in [&["-p", "a", "2"][..], &["-", "-p", "a", "2"], &["-", "-", "-p", "a", "2"]] {
        let ended = piped(&folder, arguments, &source).status(0);
        let executed: Value = serde_json::from_str(&ended.stdout).expect("a notebook");
        assert_eq!(printed(code(&executed)[2]), "2\n");
        assert_eq!(ended.stderr, "");
    }
    // One path beside a pipe is the output's, as in papermill.
    piped(&folder, &["out.ipynb"], &source).status(0);
    assert_eq!(printed(code(&folder.json("out.ipynb"))[1]), "1\n");
    piped(&folder, &["in.ipynb"], b"")
        .status(2)
        .says("error: standard input: this is not a Jupyter notebook: it is empty\nhint: standard input is a pipe, so");
    // A failure is told on standard error, and its notebook is whole all the same.
    let ended = piped(&folder, &["-", "-"], &notebook(&[Code("1/0")])).status(1);
    ended.says("error: notebook `standard input` failed in cell 1\n  ZeroDivisionError: division by zero\n  1 │ 1/0");
}

#[test]
fn what_is_told_is_what_papermill_tells() {
    let folder = Folder::with(&[
        Code("print('a')\nprint('b')"),
        Code("6 * 7"),
        Code("import sys; print('e', end='', file=sys.stderr)"),
    ]);
    let ended = folder.penny(&["in.ipynb", "out.ipynb", "--log-output", "--cwd", "."]).status(0);
    let (head, last) = ended.stderr.trim_end().rsplit_once('\n').expect("lines");
    assert_eq!(
        head,
        "Input Notebook:  in.ipynb\nOutput Notebook: out.ipynb\nWorking directory: .\n\
         Executing notebook with kernel: python3\n\
         Executing Cell 1---------------------------------------\na\nb\n\
         Ending Cell 1------------------------------------------\n\
         Executing Cell 2---------------------------------------\n42\n\
         Ending Cell 2------------------------------------------\n\
         Executing Cell 3---------------------------------------\ne\n\
         Ending Cell 3------------------------------------------"
    );
    assert!(last.starts_with("✓ 3 cells ran in "), "{last}");
    assert_eq!(ended.stdout, "");
    let quiet = folder.penny(&["in.ipynb", "out.ipynb", "--log-level", "WARNING"]).status(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn a_failure_is_told_with_its_line_and_its_traceback_goes_to_the_log() {
    let folder = Folder::with(&[
        super::Cell::Text("## Extraction"),
        Code("amounts = {}\namounts['dateline']"),
    ]);
    let ended = folder.penny(&["in.ipynb", "out.ipynb"]).status(1);
    ended
        .never_says("Traceback")
        .says("error: notebook `in.ipynb` failed in cell 1 (Extraction)\n  KeyError: 'dateline'\n  2 │ amounts['dateline']\nsaved: out.ipynb");
    folder
        .penny(&["in.ipynb", "out.ipynb", "--log-output"])
        .status(1)
        .says("Traceback (most recent call last)");
}

#[test]
fn what_cells_print_goes_to_files_too() {
    let folder = Folder::with(&[Code(
        "import sys\nprint('un')\nprint('zwei', file=sys.stderr)\nprint('trois', end='')",
    )]);
    folder
        .penny(&["in.ipynb", "out.ipynb", "--stdout-file", "o.txt", "--stderr-file", "e.txt"])
        .status(0);
    assert_eq!(
        (folder.text("o.txt"), folder.text("e.txt")),
        ("un\ntrois".to_owned(), "zwei\n".to_owned())
    );
    let ended = folder.penny(&["in.ipynb", "out.ipynb", "--stdout-file", "-"]).status(0);
    assert_eq!(ended.stdout, "un\ntrois");
}

#[test]
fn a_dead_kernel_and_a_slow_cell_are_failures_that_say_so() {
    let folder = Folder::with(&[
        Code("print('avant')"),
        Code("import os; os.kill(os.getpid(), 9)"),
        Code("1"),
    ]);
    folder.penny(&["in.ipynb", "out.ipynb"]).status(1).says(
        "error: notebook `in.ipynb` crashed in cell 2\n  the kernel was killed by SIGKILL (9)",
    );
    let executed = folder.json("out.ipynb");
    assert_eq!(statuses(&executed), ["completed", "failed", "pending"]);
    let folder =
        Folder::with(&[Code("print('avant')"), Code("import time\ntime.sleep(600)"), Code("1")]);
    folder
        .penny(&["in.ipynb", "out.ipynb", "--execution-timeout", "1"])
        .status(1)
        .says("was ended in cell 2, which took longer than --execution-timeout allows, 1.0 s\n  2 │ time.sleep(600)");
    assert_eq!(statuses(&folder.json("out.ipynb")), ["completed", "failed", "pending"]);
}

#[test]
fn the_output_may_be_in_a_folder_that_is_not_there_yet_or_be_the_input() {
    let folder = Folder::with(&[Code("print('x')")]);
    folder.penny(&["in.ipynb", "a/b/out.ipynb"]).status(0);
    assert_eq!(printed(code(&folder.json("a/b/out.ipynb"))[0]), "x\n");
    folder.penny(&["in.ipynb", "in.ipynb"]).status(0);
    assert_eq!(printed(code(&folder.json("in.ipynb"))[0]), "x\n");
    assert_eq!(folder.names(), ["a", "in.ipynb"], "nothing else is left behind");
}

const SPEAKS: &str = "print('pendant', flush=True)\nopen('begun', 'w').close()\n\
                      while not os.path.exists('go'): time.sleep(0.05)";
const SEES_ITS_OUTPUT: &str =
    "while '\"avant\\\\n\"' not in open('out.ipynb').read(): time.sleep(0.05)";

/// Lets a notebook wait in its second cell, looks at the output until it is as expected, and lets it end.
#[track_caller]
fn while_it_runs(
    second: &[&str],
    options: &[&str],
    what: &str,
    expected: impl Fn(&Folder) -> bool,
) {
    let second = format!("import os, time\n{}", second.join("\n"));
    let folder = Folder::with(&[Code("print('avant')"), Code(&second)]);
    let mut exec = folder.exec(&[&["in.ipynb", "out.ipynb"], options].concat());
    let child = exec.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for("the second cell runs", || folder.path("begun").exists());
    wait_for(what, || expected(&folder));
    std::fs::write(folder.path("go"), "").expect("written");
    end(child).status(0);
    let executed = folder.json("out.ipynb");
    let said: Vec<String> = code(&executed).into_iter().map(printed).collect();
    assert_eq!(said, ["avant\n", "pendant\n"], "{options:?}");
}

#[test]
fn the_notebook_is_saved_between_cells_and_within_them_or_at_the_end_alone() {
    let holds =
        |folder: &Folder, text: &str| folder.text("out.ipynb").contains(&format!("\"{text}\\n\""));
    while_it_runs(&[SPEAKS], &[], "both cells are saved", |f| {
        holds(f, "avant") && holds(f, "pendant")
    });
    // What the first cell left is on the disk before the second one speaks.
    let between = ["--autosave-cell-every", "0"];
    while_it_runs(&[SEES_ITS_OUTPUT, SPEAKS], &between, "the first is saved alone", |f| {
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(!holds(f, "pendant"));
        true
    });
    let at_the_end = ["--no-request-save-on-cell-execute"];
    while_it_runs(&[SPEAKS], &at_the_end, "nothing is saved", |f| !f.path("out.ipynb").exists());
}

/// The address of a server that answers one request so.
fn answering_once(status: &'static str, body: Vec<u8>) -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut request = [0; 4096];
        let read = std::io::Read::read(&mut stream, &mut request).expect("read");
        assert!(request[..read].starts_with(b"GET /in.ipynb "));
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).expect("sent");
    });
    format!("http://{address}/in.ipynb")
}

#[test]
fn a_notebook_is_read_from_the_web_and_an_error_there_is_told() {
    let folder = Folder::new();
    let url = answering_once("200 OK", notebook(&[Code("print('x')")]));
    folder.penny(&[&url, "out.ipynb"]).status(0);
    let executed = folder.json("out.ipynb");
    assert_eq!(printed(code(&executed)[0]), "x\n");
    assert_eq!(executed["metadata"]["papermill"]["input_path"], url);
    let url = answering_once("404 Not Found", b"nothing here".to_vec());
    folder
        .penny(&[&url, "none.ipynb"])
        .status(3)
        .says(&format!("error: {url} answers 404 Not Found"));
}

#[test]
fn the_report_is_json_when_asked_for() {
    let folder = Folder::with(&[Code("1"), Code("1/0"), Code("2")]);
    let ended = folder.penny(&["in.ipynb", "out.ipynb", "--json"]).status(1);
    let report: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(report["outcome"], "failed");
    assert_eq!((&report["cells"], &report["cells_run"]), (&json!(3), &json!(1)));
    assert_eq!((&report["kernel"], &report["output"]), (&json!("python3"), &json!("out.ipynb")));
    assert!(report["error"].as_str().is_some_and(|e| e.contains("ZeroDivisionError")));
}

#[test]
fn what_looks_like_a_token_is_masked_unless_it_is_asked_for() {
    let source = "import sys\nprint('Authorization: Bearer abcdefghijklmnopqrstuvwxyz012345')\n\
                  sys.stdout.flush()\nprint('postgresql://paul:hunter2hunter2@localhost/db')";
    let folder = Folder::with(&[Code(source)]);
    let arguments = ["in.ipynb", "out.ipynb", "--log-output", "--stdout-file", "o.txt"];
    let ended = folder
        .penny(&arguments)
        .status(0)
        .never_says("hunter2hunter2")
        .never_says("abcdefghijklmnop");
    ended
        .says("Authorization: Bearer •••")
        .says("2 places that held a secret, or what looks like one: masked (•••)");
    let kept = printed(code(&folder.json("out.ipynb"))[0]);
    for text in [&kept, &folder.text("o.txt")] {
        assert!(!text.contains("hunter2hunter2") && text.contains("•••"), "{text}");
    }
    let shown = [&arguments[..], &["--show-secrets"]].concat();
    folder.penny(&shown).status(0).says("postgresql://paul:hunter2hunter2@localhost/db");
    assert!(printed(code(&folder.json("out.ipynb"))[0]).contains("hunter2hunter2"));
}

#[test]
fn the_version_and_the_help_are_told() {
    let folder = Folder::new();
    folder.penny(&["--version"]).status(0).says(&format!("penny {}", env!("CARGO_PKG_VERSION")));
    let help = run(folder.exec(&["--help"])).status(0);
    for option in [
        "-p, --parameters <NAME> <VALUE>",
        "--parameters_raw",
        "--help-notebook",
        "--prepare-only",
        "--execution-timeout",
    ] {
        assert!(help.stdout.contains(option), "{option} is not in {}", help.stdout);
    }
}

#[cfg(unix)]
#[test]
fn an_output_that_is_a_link_is_the_file_behind_it() {
    let folder = Folder::with(&[Code("print('neuf')")]).file("real/first.ipynb", b"old");
    for (link, target) in [("between.ipynb", "real/first.ipynb"), ("out.ipynb", "between.ipynb")] {
        std::os::unix::fs::symlink(target, folder.path(link)).expect("a link");
    }
    std::os::unix::fs::symlink("real/second.ipynb", folder.path("ahead.ipynb")).expect("a link");
    for (output, target) in
        [("out.ipynb", "real/first.ipynb"), ("ahead.ipynb", "real/second.ipynb")]
    {
        folder.penny(&["in.ipynb", output]).status(0);
        assert!(folder.path(output).is_symlink(), "{output} is a link as before");
        assert_eq!(printed(code(&folder.json(target))[0]), "neuf\n");
    }
    assert!(folder.path("between.ipynb").is_symlink());
    // Where a shell sends standard output to a file, that is the file.
    let mut command = folder.exec(&["in.ipynb", "/dev/stdout"]);
    let file = std::fs::File::create(folder.path("shell.ipynb")).expect("a file");
    let status = command.stdout(file).stderr(Stdio::null()).status().expect("it starts");
    assert!(status.success());
    assert_eq!(printed(code(&folder.json("shell.ipynb"))[0]), "neuf\n");
    assert_eq!(folder.names().len(), 6, "{:?}", folder.names());
}

#[cfg(unix)]
#[test]
fn an_output_that_is_a_pipe_gets_the_notebook_once_at_the_end() {
    use std::os::unix::fs::FileTypeExt as _;

    let folder = Folder::with(&[Code("print('un')"), Code("1 / 0")]);
    for (arguments, status) in
        [(&["in.ipynb", "pipe"][..], 1), (&["in.ipynb", "pipe", "--prepare-only"], 0)]
    {
        let made = Command::new("mkfifo").arg(folder.path("pipe")).status().expect("mkfifo");
        assert!(made.success());
        let mut reader = Command::new("cat");
        let reader = reader.arg(folder.path("pipe")).stdout(Stdio::piped()).spawn();
        let mut reader = reader.expect("cat starts");
        let ended = folder.penny(arguments);
        let is_pipe = folder.path("pipe").metadata().is_ok_and(|found| found.file_type().is_fifo());
        if !is_pipe {
            reader.kill().expect("it waits for a writer that never comes");
        }
        let read = reader.wait_with_output().expect("it ends").stdout;
        assert!(is_pipe, "the pipe is one as before");
        ended.status(status);
        let executed: Value = serde_json::from_slice(&read).expect("one whole notebook");
        let exception = &executed["metadata"]["papermill"]["exception"];
        assert_eq!(exception == &json!(true), status == 1, "{exception}");
        assert_eq!(folder.names(), ["in.ipynb", "pipe"]);
        std::fs::remove_file(folder.path("pipe")).expect("removed");
    }
}

#[test]
fn secrets_of_the_environment_are_masked_unless_they_are_to_be_shown() {
    let folder =
        Folder::with(&[Code("import os\nprint(os.environ['BANQUE_MDP'], os.environ['PWD'])")]);
    for (more, expected) in
        [(&[][..], "••• /srv/compta\n"), (&["--show-secrets"], "lapin-bleu /srv/compta\n")]
    {
        let mut command = folder.exec(&[&["in.ipynb", "out.ipynb"], more].concat());
        command.env("BANQUE_MDP", "lapin-bleu").env("PWD", "/srv/compta");
        run(command).status(0);
        assert_eq!(printed(code(&folder.json("out.ipynb"))[0]), expected);
    }
}

#[test]
fn a_secret_that_is_printed_around_a_display_is_masked_in_the_log_too() {
    let source = "import os\nmot = os.environ['BANQUE_MDP']\nprint('mot :', mot[:5], end='', flush=True)\ndisplay('entre')\n\
                  print(mot[5:], flush=True)\nprint('fin', end='')";
    let folder = Folder::with(&[Code(source)]);
    let mut command = folder.exec(&["in.ipynb", "out.ipynb", "--log-output"]);
    command.env("BANQUE_MDP", "lapin-bleu");
    let ended = run(command).status(0);
    assert!(ended.stderr.contains("'entre'\nmot : •••\nfin\n"), "{}", ended.stderr);
    assert!(!folder.text("out.ipynb").contains("-bleu"));
}
