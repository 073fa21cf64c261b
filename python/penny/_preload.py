"""Imports for kernels to come: only what a notebook cannot tell from an import of its own.

A kernel that is forked has these modules already. So a module is left out where its import would be
seen or missed: when it writes something, fails, comes from a folder whose files may change, keeps a
file or a connection open, or starts threads, which do not survive a fork.
"""

import contextlib
import functools
import importlib.util
import os
import re
import signal
import site
import sys
import sysconfig
import tempfile
import types

# An import may take this long; the notebook that needs a slower one waits for it by itself.
IMPORT_SECONDS_MAX = 20.0
# Threads that the library starts again by itself in a forked process.
SURVIVING_THREADS = frozenset({"jemalloc_bg_thd"})
# What a kernel imports between its start and the end of its first cell.
OF_EVERY_KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "ipykernel.subshell",
    "ipykernel.subshell_manager",
    "ipykernel.zmqshell",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "faulthandler",
    "comm.base_comm",
    "ipykernel.comm.comm",
    "jupyter_client.localinterfaces",
    "pdb",
    "tornado.gen",
    "tornado.locks",
    "tornado.platform.asyncio",
    "tornado.queues",
    "zmq.eventloop.zmqstream",
)
# Those that ask at their import whether they run in a kernel, and want nothing else of it.
KERNEL_IS_ENOUGH = frozenset({"pandas.core.config_init", "pandas.io.formats.console"})
NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class LeftOut(Exception):
    """Why a module is not imported beforehand."""

    def __init__(self, why, unsafe=False, imported=True):
        super().__init__(why)
        self.why = why
        # Whether a process that has imported it must not be forked.
        self.unsafe = unsafe
        # Whether traces of it are in this process.
        self.imported = imported


def trusted_roots():
    """The folders whose modules change with the environment only: the standard library, site-packages,
    and Penny's own module."""
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    with contextlib.suppress(Exception):
        paths += site.getsitepackages()
    with contextlib.suppress(Exception):
        paths.append(site.getusersitepackages())
    paths.append(os.path.dirname(os.path.realpath(__file__)))
    return tuple({os.path.join(os.path.realpath(path), "") for path in paths if path})


def is_trusted(path, roots):
    folder, name = os.path.split(path)
    if not name or os.path.islink(path):
        return os.path.join(os.path.realpath(path), "").startswith(roots)
    return os.path.join(real_folder(folder), name, "").startswith(roots)


@functools.lru_cache(maxsize=None)
def real_folder(path):
    """Kept, since a library has hundreds of modules in a few folders."""
    return os.path.realpath(path)


def check_origin(name, roots):
    """Raises where the module is not to be had, or in a folder of the user's."""
    if not NAME.fullmatch(name):
        raise LeftOut("it is not the name of a module", imported=False)
    try:
        spec = importlib.util.find_spec(name.partition(".")[0])
    except Exception as error:
        raise LeftOut(f"it was not found: {error!r}", imported=False) from error
    if spec is None:
        raise LeftOut("it is not installed", imported=False)
    places = spec.submodule_search_locations or [spec.origin]
    places = [place for place in places if place not in (None, "built-in", "frozen")]
    if not all(is_trusted(place, roots) for place in places):
        raise LeftOut("it is not in site-packages: its files may change", imported=False)


def bring(name, roots):
    """Imports a module; raises where a notebook could tell that it was imported here."""
    check_origin(name, roots)
    modules, threads, files = set(sys.modules), lasting_threads(), open_files()
    with as_in_a_kernel() as asking, captured() as written, time_limit(IMPORT_SECONDS_MAX):
        try:
            # As a cell does it: some warnings are shown in `__main__` only.
            exec(f"import {name}", {"__name__": "__main__"})
        except ImportTimeout:
            raise LeftOut(f"its import took longer than {IMPORT_SECONDS_MAX:.0f} s") from None
        except BaseException as error:
            raise LeftOut(f"its import failed: {type(error).__name__}: {error}") from error
    for module in set(sys.modules) - modules:
        origin = getattr(sys.modules[module], "__file__", None)
        if origin and not is_trusted(origin, roots):
            raise LeftOut(f"it imports {module}, whose file may change")
    if asking:
        raise LeftOut(f"it asks for the kernel, which is not there yet: {', '.join(asking)}")
    added = lasting_threads() - threads
    if added:
        names = ", ".join(sorted({thread for _, thread in added}))
        raise LeftOut(f"it starts threads, which do not survive a fork: {names}", unsafe=True)
    kept = open_files() - files
    if kept:
        raise LeftOut(f"it keeps open: {', '.join(sorted(kept))}", unsafe=True)
    text = written()
    if text:
        raise LeftOut(f"its import writes: {text}")


def lasting_threads():
    """The threads beside this one that a fork would lose, as pairs of number and name.

    Libraries that are prepared for it (OpenBLAS) end theirs before a fork and start them when they are
    needed next: hence one is tried.
    """
    found = other_threads()
    if found:
        child = fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        found = other_threads()
    return found


def other_threads():
    found = set()
    for thread in os.listdir("/proc/self/task"):
        if int(thread) == os.getpid():
            continue
        with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/comm") as comm:
            name = comm.read().strip()
            if name not in SURVIVING_THREADS:
                found.add((thread, name))
    return found


def fork():
    """`os.fork`, without Python's warning about threads, which are counted here."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def open_files():
    """What this process has open, but for devices, which can be shared."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{number}")
            if not target.startswith(("/dev/", "/proc/")):
                found.add(target)
    return found


@contextlib.contextmanager
def as_in_a_kernel():
    """Lets modules find at their import what they find in a kernel; the value names those that ask for
    the kernel itself."""
    import builtins

    from IPython.core.interactiveshell import InteractiveShell

    asking = []
    missing = object()
    main, initialized = sys.modules["__main__"], InteractiveShell.__dict__.get("initialized", missing)

    def get_ipython():
        module = caller(2)
        if module in KERNEL_IS_ENOUGH:
            return types.SimpleNamespace(kernel=None)
        asking.append(module)
        return None

    def is_initialized(_class):
        # Asked by IPython's own get_ipython.
        asking.append(caller(3))
        return False

    sys.modules["__main__"] = types.ModuleType("__main__")
    builtins.get_ipython = get_ipython
    InteractiveShell.initialized = classmethod(is_initialized)
    sys.ps1, sys.ps2 = "In : ", "...: "
    encodings = [stream.encoding for stream in (sys.stdout, sys.stderr)]
    for stream in (sys.stdout, sys.stderr):
        # Written so by the streams of a kernel.
        stream.reconfigure(encoding="UTF-8")
    try:
        yield asking
    finally:
        sys.modules["__main__"] = main
        del builtins.get_ipython, sys.ps1, sys.ps2
        if initialized is missing:
            del InteractiveShell.initialized
        else:
            InteractiveShell.initialized = initialized
        for stream, encoding in zip((sys.stdout, sys.stderr), encodings):
            stream.reconfigure(encoding=encoding)


def caller(depth):
    return sys._getframe(depth).f_globals.get("__name__", "?")


@contextlib.contextmanager
def captured():
    """Takes what is written to standard output and error, also by compiled code; the value tells it."""
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        written = []
        try:
            yield lambda: written[0]
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()
            for number, copy in enumerate(kept, 1):
                os.dup2(copy, number)
                os.close(copy)
            file.seek(0)
            written.append(file.read(300).decode(errors="replace").strip())


class ImportTimeout(BaseException):
    """Not an Exception, which a library that tries imports would catch."""


@contextlib.contextmanager
def time_limit(seconds):
    def stop(_signal, _frame):
        raise ImportTimeout

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def shadowing(folders, names):
    """The file of one of these folders by which an import would find something else than what is
    imported already, or None."""
    roots = trusted_roots()
    for folder in folders:
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            stem, dot, ending = entry.partition(".")
            if entry == "matplotlibrc" and "matplotlib" in names:
                return os.path.join(folder, entry)
            if stem in names and (not dot or ending == "py" or ending.endswith((".so", "pyc"))):
                found = os.path.join(folder, entry)
                if not is_trusted(found, roots):
                    return found
    return None
