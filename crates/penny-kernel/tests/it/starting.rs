//! Kernels that start under odd circumstances, and kernels that do not start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use penny_kernel::{Kernel, Kernelspec, StartError};

use crate::bench::{Bench, prelude, run, until_gone};

/// A kernelspec that runs `code` with the connection file as its argument.
fn script(bench: &Bench, code: &str) -> Kernelspec {
    let path = bench.path().join("kernel.py");
    std::fs::write(&path, code).unwrap();
    let mut spec = Kernelspec::python(&penny_testing::python());
    spec.name = "script".to_owned();
    spec.argv.truncate(1);
    spec.argv.extend([path.display().to_string(), "-f".into(), "{connection_file}".into()]);
    spec
}

#[tokio::test]
async fn a_folder_with_spaces_accents_and_quotes_will_do() {
    let bench = Bench::new();
    // Windows allows no double quotes in names.
    let quotes = if cfg!(windows) { "“”" } else { "\"" };
    let odd = bench.path().join(format!("Société d'Été «2026» {quotes}à $HOME {{x}}"));
    std::fs::create_dir(&odd).unwrap();
    std::fs::write(odd.join("voisin.py"), "reponse = 42").unwrap();
    let mut launch = bench.launch();
    launch.cwd = odd.clone();
    launch.runtime_dir = odd.join("run");
    let mut kernel = Kernel::start(launch).await.unwrap();
    let ran =
        run(&mut kernel, "import os, voisin; print(os.getcwd()); print(voisin.reponse)").await;
    let expected = format!("{}\n42\n", odd.canonicalize().unwrap().display());
    assert_eq!(ran.stream("stdout"), expected, "{:?}", ran.reply);
}

#[tokio::test]
async fn a_runtime_folder_too_long_for_sockets_will_do() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.runtime_dir = bench.path().join("l".repeat(100)).join("o".repeat(100));
    let mut kernel = Kernel::start(launch).await.unwrap();
    assert_eq!(run(&mut kernel, "1+1").await.result(), "2");
}

#[cfg(unix)]
#[tokio::test]
async fn the_connection_file_is_the_owners_alone() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
import glob, os, stat
file, = glob.glob(FOLDER + '/*/kernel.json')
[oct(stat.S_IMODE(os.stat(path).st_mode)) for path in (file, os.path.dirname(file))]";
    let code = code.replace("FOLDER", &format!("{:?}", bench.runtime().display().to_string()));
    assert_eq!(run(&mut kernel, &code).await.result(), "['0o600', '0o700']");
}

#[tokio::test]
async fn the_environment_is_the_launchs_and_the_kernelspecs() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.env.push(("BASE".into(), "b ase".into()));
    launch.spec.env.insert("DERIVED".into(), "${BASE}/$BASE/${NONE}".into());
    launch.env.retain(|(name, _)| name != "HOME");
    let mut kernel = Kernel::start(launch).await.unwrap();
    let code = "import os; print(os.environ['DERIVED'], os.environ.get('HOME'))";
    assert_eq!(run(&mut kernel, code).await.stream("stdout"), "b ase/b ase/${NONE} None\n");
}

#[tokio::test]
async fn the_prelude_leaves_no_trace_but_what_it_is_for() {
    let bench = Bench::new();
    let mut kernel = bench.kernel().await;
    let code = "
import os, sys
app = get_ipython().kernel.parent
own = os.path.dirname(PRELUDE)
print(any(os.path.realpath(p or '.') == os.path.realpath(own) for p in sys.path))
print('' in sys.path, __name__, 'launch' in globals(), type(app).__name__)
print(app.iopub_thread.socket.sndhwm, get_ipython().history_manager.enabled)
print('debugpy' in sys.modules, 'pydevd' in sys.modules)
import debugpy
print('import debugpy' in In[1])";
    let code = code.replace("PRELUDE", &format!("{:?}", prelude().display().to_string()));
    let ran = run(&mut kernel, &code).await;
    let expected = "False\nTrue __main__ False IPKernelApp\n0 False\nFalse False\nTrue\n";
    assert_eq!(ran.stream("stdout"), expected, "{:?}", ran.reply);
    let history = bench.path().join("ipython/profile_default/history.sqlite");
    assert!(!history.exists());
}

#[tokio::test]
async fn a_prelude_that_fails_in_part_still_starts_the_kernel() {
    let bench = Bench::new();
    // Makes two of its preparations fail: the crash report, and the look at the kind of a socket.
    let sabotage = "
import sys
sys.modules['faulthandler'] = None
class Spoiler:
    def find_spec(self, name, path=None, target=None):
        if name == 'ipykernel.kernelapp':
            import zmq
            del zmq.XPUB, zmq.PUB
            zmq.XPUB = zmq.SocketType.XPUB
            sys.meta_path.remove(self)
sys.meta_path.insert(0, Spoiler())";
    std::fs::write(bench.path().join("sitecustomize.py"), sabotage).unwrap();
    let mut launch = bench.launch();
    launch.env.retain(|(name, _)| name != "PYTHONPATH");
    launch.env.push(("PYTHONPATH".into(), bench.path().into()));
    let mut kernel = Kernel::start(launch).await.unwrap();
    let code = "app = get_ipython().kernel.parent; (1 + 1, app.iopub_thread.socket.sndhwm)";
    assert_eq!(run(&mut kernel, code).await.result(), "(2, 1000)");
}

#[tokio::test]
async fn without_a_prelude_ipykernel_starts_as_everywhere() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.prelude = None;
    let mut kernel = Kernel::start(launch).await.unwrap();
    assert_eq!(run(&mut kernel, "1+1").await.result(), "2");
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.spec.argv[0] = "/nowhere/python".to_owned();
    let error = Kernel::start(launch).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the kernel `python3` cannot start: there is no program `/nowhere/python`; \
         install it, or choose another kernel for the notebook"
    );
}

#[tokio::test]
async fn a_working_folder_that_does_not_exist_is_named() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.cwd = PathBuf::from("/nowhere/at/all");
    let error = Kernel::start(launch).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the kernel cannot start in `/nowhere/at/all`: there is no such folder"
    );
}

#[tokio::test]
async fn a_python_without_ipykernel_is_told_how_to_get_it() {
    let bench = Bench::new();
    let bare = bench.path().join("bare");
    let made = Command::new(penny_testing::base_python())
        .args(["-m", "venv", "--without-pip"])
        .arg(&bare)
        .status();
    assert!(made.unwrap().success());
    let python = bare.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    for prelude in [Some(prelude()), None] {
        let mut launch = bench.launch_of(Kernelspec::python(&python));
        launch.prelude = prelude;
        let error = Kernel::start(launch).await.unwrap_err();
        let StartError::NoIpykernel { death, .. } = &error else { panic!("{error:?}") };
        assert_eq!(death.exit_code, Some(1));
        assert_eq!(
            error.to_string(),
            format!(
                "the Python `{0}` cannot run notebooks: ipykernel is not installed in it; \
                 install it with `{0} -m pip install ipykernel`",
                python.display()
            )
        );
    }
}

#[tokio::test]
async fn a_kernel_that_dies_at_its_start_leaves_its_last_words() {
    let bench = Bench::new();
    let code = "import sys; sys.stderr.write('x\\n' * 1_000_000 + 'au revoir\\n'); sys.exit(4)";
    let error = Kernel::start(bench.launch_of(script(&bench, code))).await.unwrap_err();
    let StartError::Died { death, .. } = &error else { panic!("{error:?}") };
    assert_eq!(death.exit_code, Some(4));
    let sentence = error.to_string();
    let start = "the kernel `script` did not start: the kernel ended by itself with exit status 4; \
                 it last wrote:\nx\n";
    assert!(sentence.starts_with(start) && sentence.ends_with("\nau revoir"), "{sentence}");
    assert!(death.stderr_tail.len() <= 16 * 1024);
}

#[tokio::test]
async fn a_kernel_that_breaks_off_while_it_starts_is_told_as_dead() {
    let bench = Bench::new();
    let code = "
import json, os, sys, time, zmq
connection = json.load(open(sys.argv[2]))
context = zmq.Context()
def bind(kind, channel):
    socket = context.socket(kind)
    socket.bind(f'tcp://127.0.0.1:{connection[channel + \"_port\"]}')
    return socket
iopub, control, shell = bind(zmq.XPUB, 'iopub'), bind(zmq.ROUTER, 'control'), bind(zmq.ROUTER, 'shell')
shell.recv_multipart()
for socket in (iopub, control, shell): socket.close(linger=0)
time.sleep(0.3)
os._exit(5)";
    let error = Kernel::start(bench.launch_of(script(&bench, code))).await.unwrap_err();
    let StartError::Died { death, .. } = &error else { panic!("{error:?}") };
    assert_eq!(death.exit_code, Some(5));
}

#[tokio::test]
async fn a_kernel_that_says_nothing_is_given_up_and_killed() {
    let bench = Bench::new();
    let code = "import os, time; open('pid', 'w').write(str(os.getpid()))\n\
                print('patience', flush=True); time.sleep(600)";
    let mut launch = bench.launch_of(script(&bench, code));
    launch.start_timeout = Duration::from_secs(5);
    let error = Kernel::start(launch).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the kernel `script` was not ready within 5 s; if the machine is busy, allow more time; \
         it last wrote:\npatience"
    );
    let pid = std::fs::read_to_string(bench.cwd().join("pid")).unwrap();
    until_gone(pid.parse().unwrap(), Duration::from_secs(10)).await;
}

#[tokio::test]
async fn ports_that_were_taken_are_replaced_by_others() {
    let bench = Bench::new();
    // Notes its ports, and the first two times finds one of them taken, as in a race.
    let code = "
import json, os, socket, sys
connection = json.load(open(sys.argv[2]))
with open('ports', 'a') as ports: print(connection['shell_port'], file=ports)
if len(open('ports').readlines()) < 3:
    taken = socket.create_server(('127.0.0.1', connection['shell_port']))
from ipykernel import kernelapp
kernelapp.launch_new_instance()";
    let mut kernel = Kernel::start(bench.launch_of(script(&bench, code))).await.unwrap();
    assert_eq!(run(&mut kernel, "1+1").await.result(), "2");
    let ports = std::fs::read_to_string(bench.cwd().join("ports")).unwrap();
    assert_eq!(ports.lines().count(), 3, "{ports}");
}

#[tokio::test]
async fn ports_that_are_always_taken_are_given_up_on() {
    let bench = Bench::new();
    let code = "open('tries', 'a').write('.'); raise OSError('Address already in use')";
    let error = Kernel::start(bench.launch_of(script(&bench, code))).await.unwrap_err();
    assert!(matches!(error, StartError::Died { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(bench.cwd().join("tries")).unwrap(), "...");
}

#[tokio::test]
async fn a_kernel_starts_out_open_to_interrupts() {
    let bench = Bench::new();
    let code = "import signal; open('handler', 'w').write(repr(signal.getsignal(signal.SIGINT)))";
    Kernel::start(bench.launch_of(script(&bench, code))).await.unwrap_err();
    let handler = std::fs::read_to_string(bench.cwd().join("handler")).unwrap();
    assert_eq!(handler, "<built-in function default_int_handler>");
}

/// A shell starts its background jobs so, and some supervisors do.
#[cfg(unix)]
#[tokio::test]
async fn a_kernel_starts_so_though_penny_was_started_to_ignore_interrupts() {
    penny_testing::python();
    let output = Command::new("sh")
        .args(["-c", r#"trap "" INT; exec "$0" "$@""#])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "starting::a_kernel_starts_out_open_to_interrupts"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn a_kernelspec_of_the_disk_is_found_and_runs() {
    let bench = Bench::new();
    let python = penny_testing::python();
    let prefix = python.parent().and_then(Path::parent).unwrap().to_owned();
    let search = penny_kernel::SearchPath::jupyter(&|_| None, &[prefix]);
    let spec = search.find("Python3").unwrap();
    assert_eq!(spec.language, "python");
    let mut launch = bench.launch_of(spec);
    // Its argv says `python`, which the PATH of the kernel's own environment finds.
    let bin = python.parent().unwrap().as_os_str().to_owned();
    launch.env.retain(|(name, _)| name != "PATH");
    launch.env.push(("PATH".into(), bin));
    let mut kernel = Kernel::start(launch).await.unwrap();
    let ran = run(&mut kernel, "import sys; print(sys.prefix)").await;
    assert!(ran.stream("stdout").contains("penny-testing"), "{ran:?}");
}
