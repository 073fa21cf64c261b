//! Kernels that are forked from a template are as those that are spawned.

use penny_kernel::Kernel;
use serde_json::Value;

use crate::bench::{Bench, Ran, Way, run};

/// Cells whose outputs are the same whichever way the kernel came to be. They run on one kernel each, in
/// this order.
#[cfg(target_os = "linux")]
const CELLS: &[&str] = &[
    "print('un', flush=True); import sys; print('deux', file=sys.stderr, flush=True); 2 + 2",
    "display({'text/plain': 'trois'}, raw=True)",
    "__name__, sys.modules['__main__'].__dict__ is globals(), '__file__' in globals(), sorted(globals())",
    "import os; [os.path.basename(word) for word in sys.argv], sys.flags, sys.path, sys.warnoptions",
    "sys.orig_argv[0] == sys.executable, [os.path.basename(word) for word in sys.orig_argv[1:]]",
    "sys.executable, sys.prefix, sys.stdin.fileno(), sys.dont_write_bytecode",
    "sorted((name, value) for name, value in os.environ.items() if name not in ('PENNY_KERNEL', 'JPY_PARENT_PID'))",
    "len(os.environ['PENNY_KERNEL']), int(os.environ['JPY_PARENT_PID']) > 1",
    "os.getcwd() == os.path.realpath('.'), os.listdir(), os.getsid(0) == os.getpid() == os.getpgid(0)",
    "[name for name in ('_template', '_forked', '_kernel', '_preload', 'debugpy') if name in sys.modules]",
    "a = get_ipython().kernel.parent; str((a.argv, a.extra_args, a.config, a.cli_config, \
     [(n, type(v)) for s in a.cli_config.values() for n, v in s.items()])).replace(a.connection_file, 'FILE')",
    "import signal; [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, \
     signal.SIGALRM)], signal.getsignal(signal.SIGINT) is signal.default_int_handler, \
     signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.set_wakeup_fd(-1) != -1",
    "import threading; sorted(thread.name for thread in threading.enumerate())",
    "import gc; gc.isenabled(), gc.get_threshold(), gc.get_debug()",
    "import resource as r; [r.getrlimit(n) for n in (r.RLIMIT_DATA, r.RLIMIT_NOFILE, r.RLIMIT_CORE)]",
    "import re; sorted(re.sub('[0-9]+', 'N', os.readlink(f'/proc/self/fd/{n}')) \
     for n in map(int, os.listdir('/proc/self/fd')) if os.path.exists(f'/proc/self/fd/{n}') \
     or n < 3 or 'socket' in os.readlink(f'/proc/self/fd/{n}'))",
    "import locale, time, tempfile; locale.getlocale(), locale.setlocale(locale.LC_ALL), time.tzname, \
     tempfile.gettempdir(), sys.getfilesystemencoding(), sys.stdout.encoding",
    "import logging; logging.root.handlers, logging.root.level, logging.root.manager.disable, \
     logging.getLogger('x').isEnabledFor(logging.INFO)",
    "logging.warning('une alerte')",
    "import warnings\nfor _ in range(3): warnings.warn('attention')",
    "def old(): warnings.warn('vieux', DeprecationWarning, stacklevel=2)\nold(); old()",
    "1/0",
    "def f(n): return 1 / n\ndef g(n): return f(n)\ng(0)",
    "raise SystemError('é')",
    "input('Nom ? ')",
    "!echo par le shell",
    "import subprocess; subprocess.run(['sh', '-c', 'echo out; echo err >&2; pwd; exit 3'], \
     capture_output=True, text=True)",
    "from concurrent.futures import ThreadPoolExecutor\n\
     with ThreadPoolExecutor(4) as pool: print(list(pool.map(abs, range(-4, 0))))",
    "import multiprocessing\n\
     with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))",
    "multiprocessing.current_process(), multiprocessing.parent_process()",
    "import asyncio; await asyncio.sleep(0, 'fait'), type(asyncio.get_running_loop()).__name__, \
     type(asyncio.get_event_loop_policy()).__name__",
    "import matplotlib; matplotlib.get_backend(), sorted(matplotlib.rcParams.items())",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('Été'); plt.show()",
    "figure, axes = plt.subplots(); axes.bar(['a', 'b'], [1, 2]);",
    "plt.get_fignums()",
    "import numpy as np; a = np.arange(250000.0).reshape(500, 500); float((a @ a.T).sum()), \
     float(np.linalg.det(a[:50, :50] + np.eye(50)))",
    "import pandas as pd; pd.options.display.max_rows, pd.options.mode.copy_on_write, \
     str(pd._config.config._global_config)",
    "df = pd.DataFrame({'nom': ['é', None], 'montant': [1.5, 2]}); df.to_parquet('t.parquet'); \
     display(pd.read_parquet('t.parquet')); df.dtypes",
    "import pyarrow as pa, pyarrow.compute as pc; pa.cpu_count() > 0, \
     pc.sum(pa.array(range(100_000))).as_py(), pa.default_memory_pool().backend_name",
    "import sqlalchemy, sqlite3; sqlalchemy.create_engine('sqlite://').connect().scalar(sqlalchemy.text('select 42'))",
    "import decimal, ssl; decimal.getcontext(), ssl.create_default_context().verify_mode",
    "%history -n 1-3",
    "In[2], Out[1], _ is not None, get_ipython().history_manager.enabled, get_ipython().execution_count",
    "%who_ls",
    "%matplotlib inline",
    "%config InlineBackend",
    "for n in range(3): print(n, end=' ')\nprint(); from IPython.display import HTML; HTML('<b>é</b>')",
    "import uuid, hashlib, json; hashlib.sha256(b'x').hexdigest(), json.dumps({'é': 1})",
    "async def later(): return await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))\nawait later()",
    "print('\\x1b[31mrouge\\x1b[0m', end='\\r'); print('fin')",
];

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_same_cells_give_the_same_outputs() {
    let benches = [Bench::new(), Bench::new()];
    let mut spawned = benches[0].kernel_by(Way::Spawned).await;
    let mut forked = benches[1].kernel_by(Way::Forked).await;
    let mut different = Vec::new();
    for code in CELLS {
        let (one, other) = tokio::join!(run(&mut spawned, code), run(&mut forked, code));
        let one = told(&one, &benches[0], &spawned);
        let other = told(&other, &benches[1], &forked);
        if one != other {
            different.push(format!("{code}\n  spawned: {one}\n  forked:  {other}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_forked_kernel_has_no_module_that_a_spawned_one_has_not() {
    let bench = Bench::new();
    let mut launch = bench.launch();
    launch.template = Some(bench.template(&[]).await);
    let mut forked = Kernel::start(launch).await.unwrap();
    let mut spawned = bench.kernel_by(Way::Spawned).await;
    let code = "import sys; print(*sorted(sys.modules))";
    let (forked, spawned) = tokio::join!(run(&mut forked, code), run(&mut spawned, code));
    let (forked, spawned) = (forked.stream("stdout"), spawned.stream("stdout"));
    let spawned: Vec<&str> = spawned.split_whitespace().collect();
    let more = forked.split_whitespace().filter(|name| !spawned.contains(name));
    // Two small ones that the forking itself needs.
    assert_eq!(more.collect::<Vec<_>>(), ["gc", "resource"]);
}

/// What a cell told, without what is any kernel's own.
fn told(ran: &Ran, bench: &Bench, kernel: &Kernel) -> String {
    let pid = kernel.pid().expect("it runs here").to_string();
    let mut text = String::new();
    let mut streams = [("stdout", String::new()), ("stderr", String::new())];
    for (msg_type, content) in &ran.outputs {
        match (msg_type.as_str(), streams.iter_mut().find(|(name, _)| content["name"] == *name)) {
            // How a stream is cut into messages is a matter of time.
            ("stream", Some((_, whole))) => *whole += content["text"].as_str().unwrap(),
            _ => text += &format!("\n    {msg_type} {content}"),
        }
    }
    text += &format!("\n    {streams:?}\n    {}", Value::Object(reply(ran)));
    text.replace(&bench.path().display().to_string(), "BENCH").replace(&format!("_{pid}/"), "_PID/")
}

/// The reply without times and ids.
fn reply(ran: &Ran) -> serde_json::Map<String, Value> {
    let fields = ran.reply.as_object().expect("a reply is an object").clone();
    let told = ["status", "ename", "evalue", "traceback", "execution_count", "payload"];
    fields.into_iter().filter(|(name, _)| told.contains(&name.as_str())).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_forked_kernel_draws_its_own_random_numbers() {
    let bench = Bench::new();
    let (mut one, mut other) =
        tokio::join!(bench.kernel_by(Way::Forked), bench.kernel_by(Way::Forked));
    let code = "import random, numpy, uuid, secrets, multiprocessing, tempfile
print(random.random()); print(numpy.random.rand()); print(numpy.random.default_rng().random())
print(uuid.uuid4()); print(secrets.token_hex()); print(multiprocessing.current_process().authkey)
print(tempfile.mktemp())";
    let (one, other) = tokio::join!(run(&mut one, code), run(&mut other, code));
    let (one, other) = (one.stream("stdout"), other.stream("stdout"));
    assert_eq!(one.lines().count(), 7, "{one}");
    for (one, other) in one.lines().zip(other.lines()) {
        assert_ne!(one, other);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn forked_kernels_leave_nothing_to_one_another() {
    let bench = Bench::new();
    let mut one = bench.kernel_by(Way::Forked).await;
    let code =
        "import os, pandas, sys\nos.environ['TRACE'] = 'x'; pandas.options.display.max_rows = 3
sys.path.append('/trace'); pandas.trace = 1; trace = 1";
    assert_eq!(run(&mut one, code).await.reply["status"], "ok");
    let mut other = bench.kernel_by(Way::Forked).await;
    let code = "import os, pandas, sys
'TRACE' in os.environ, pandas.options.display.max_rows, '/trace' in sys.path, hasattr(pandas, 'trace'), \
                'trace' in globals()";
    assert_eq!(run(&mut other, code).await.result(), "(False, 60, False, False, False)");
}

#[tokio::test]
async fn a_file_that_a_notebook_left_open_is_written_to_its_end() {
    for way in crate::bench::BOTH_WAYS {
        let bench = Bench::new();
        let mut kernel = bench.kernel_by(*way).await;
        let code = "import atexit
left = open('left', 'w'); left.write('entier')
atexit.register(lambda: open('exit', 'w').write('dit'))
class Last:
    def __del__(self): open('del', 'w').write('fait')
last = Last(); last.itself = last";
        assert_eq!(run(&mut kernel, code).await.reply["status"], "ok");
        let ended = kernel.shutdown(std::time::Duration::from_secs(60)).await;
        assert_eq!((ended.exit_code, ended.killed), (Some(0), false), "{way:?} {ended:?}");
        for (name, text) in [("left", "entier"), ("exit", "dit"), ("del", "fait")] {
            let found = std::fs::read_to_string(bench.cwd().join(name));
            assert_eq!(found.ok().as_deref(), Some(text), "{way:?} {name}");
        }
    }
}

/// What a speed is worth is not for a test to say; this only shows it.
#[tokio::test]
#[ignore = "measures"]
async fn times() {
    let bench = Bench::new();
    for way in crate::bench::BOTH_WAYS {
        bench.launch_by(*way).await;
        for _ in 0..8 {
            let begun = std::time::Instant::now();
            let mut kernel = bench.kernel_by(*way).await;
            let ready = begun.elapsed();
            run(&mut kernel, "1+1").await;
            let ran = begun.elapsed();
            kernel.shutdown(std::time::Duration::from_secs(5)).await;
            println!("{way:?}: ready {ready:.0?}, ran {ran:.0?}, ended {:.0?}", begun.elapsed());
        }
    }
}
