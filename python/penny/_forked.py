"""A kernel forked from the template, and the process above it.

That process starts the kernel as its child, tells Penny on a socket how it goes, and ends everything
that descends from the kernel when the kernel ends, when Penny wants it, when Penny is gone, or when the
template is. As the subreaper of all its descendants it finds them wherever they went.

It says lines: `pid N` once the kernel runs, `exit CODE SIGNAL PEAK` (a dash for what is not so; bytes)
after its end, and `lost` before that if the template's end was the cause. The template may say `refused
WHY` instead. It is told single bytes: i (interrupt), t (terminate), k (kill).
"""

import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import sys
import time

import _kernel

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MARK = "PENNY_KERNEL"
# What a process of Penny's own that serves others, too, has in its environment.
SPARED = b"PENNY_OUTLIVES_KERNELS="
# A killed process is gone at once, unless it hangs in a disk.
END_SECONDS_MAX = 5.0

_libc = None
_mark_address = None


def prepare():
    """What must be known before the environment changes for the first time."""
    global _libc, _mark_address
    _libc = ctypes.CDLL(None, use_errno=True)
    _libc.getenv.restype = ctypes.c_void_p
    _mark_address = _libc.getenv(MARK.encode())
    # Read by ipykernel at its import: its parent is not who started this process.
    os.environ.pop("JPY_PARENT_PID", None)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Request:
    """What a kernel is to be started with."""

    def __init__(self, body, status, output):
        fields = body.split(b"\0")
        self.folder, self.mark = os.fsdecode(fields[0]), fields[1]
        self.data_bytes_max, count = int(fields[2]), int(fields[3])
        self.arguments = [os.fsdecode(field) for field in fields[4 : 4 + count]]
        pairs = (field.partition(b"=") for field in fields[4 + count : -1])
        self.environment = {name: value for name, _, value in pairs if name}
        self.status = socket.socket(fileno=status)
        self.output = output

    def answer(self, line):
        with contextlib.suppress(OSError):
            self.status.sendall(line.encode() + b"\n")

    def close(self):
        self.status.close()
        with contextlib.suppress(OSError):
            os.close(self.output)


def watch_over(request, lifeline, inherited, application, additions):
    """The life of the process above a kernel; never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in inherited:
            os.close(descriptor)
        os.setsid()
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        carry_mark(request)
        above = os.getpid()
        kernel = os.fork()
        if kernel == 0:
            os.close(lifeline)
            run_kernel(request, above, application, additions)
        os.close(request.output)
        request.answer(f"pid {kernel}")
        listen(request, kernel, lifeline)
        code = 0
    finally:
        os._exit(code)


def carry_mark(request):
    """Has the system show the kernel's mark in place of the template's.

    In place: it shows the environment that a process was started with, not the present one.
    """
    if _mark_address:
        ctypes.memmove(_mark_address, request.mark, len(request.mark))


def listen(request, kernel, lifeline):
    """Follows Penny's wishes until the kernel has ended, whichever way."""
    ended = os.pidfd_open(kernel)
    poll = select.poll()
    for descriptor in (request.status.fileno(), lifeline, ended):
        poll.register(descriptor, select.POLLIN)
    while True:
        events = dict(poll.poll())
        if ended in events:
            break
        if lifeline in events:
            poll.unregister(lifeline)
            request.answer("lost")
            kill(kernel)
        if request.status.fileno() in events and not obey(request, kernel):
            poll.unregister(request.status)
            kill(kernel)
    # Not reaped yet, its number is its group's and nobody else's.
    kill(kernel)
    end_children(spared={kernel})
    _, status, usage = os.wait4(kernel, 0)
    signalled = os.WIFSIGNALED(status)
    exit_code = "-" if signalled else os.WEXITSTATUS(status)
    number = os.WTERMSIG(status) if signalled else "-"
    request.answer(f"exit {exit_code} {number} {usage.ru_maxrss * 1024}")


def obey(request, kernel):
    """Does what Penny says; whether it is still there."""
    try:
        wishes = request.status.recv(64)
    except OSError:
        return False
    for wish in wishes:
        signals = {ord("i"): signal.SIGINT, ord("t"): signal.SIGTERM, ord("k"): signal.SIGKILL}
        send(kernel, signals.get(wish, 0))
    return bool(wishes)


def kill(kernel):
    send(kernel, signal.SIGKILL)


def send(group, number):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end_children(spared):
    """Kills and reaps every descendant of this process, but those that are spared."""
    deadline = time.monotonic() + END_SECONDS_MAX
    while time.monotonic() < deadline:
        left = [child for child in children() if child not in spared and not outlives(child)]
        if not left:
            return
        for child in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        # What a killed process leaves behind becomes a child of this one: the next round finds it.
        for child in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        time.sleep(0.001)


def children():
    """The children of this process, orphans that it took over included."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return [pid for pid in processes() if parent(pid) == os.getpid()]


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def parent(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return None


def outlives(pid):
    """Whether it is a process of Penny's that serves others, too."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return any(field.startswith(SPARED) for field in file.read().split(b"\0"))
    except OSError:
        return False


def run_kernel(request, above, application, additions):
    """The life of a kernel; never returns."""
    try:
        become_kernel(request, above)
        renew(request, above, additions)
    except BaseException:
        import traceback

        traceback.print_exc(file=sys.__stderr__)
        sys.__stderr__.flush()
        os._exit(1)
    _kernel.live(application, request.arguments)


def become_kernel(request, above):
    """A process as the system would have started it: session, signals, files, limits."""
    os.setsid()
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != above:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(request.output, 1)
    os.dup2(request.output, 2)
    request.close()
    if request.data_bytes_max:
        limit = request.data_bytes_max
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def renew(request, above, additions):
    """What a Python that starts afresh would have as its own."""
    import gc
    import itertools
    import random
    import tempfile
    import threading

    os.environ.clear()
    os.environb.update(request.environment)
    os.environ["JPY_PARENT_PID"] = str(above)
    for name, value in additions.items():
        os.environ.setdefault(name, value)
    time.tzset()
    os.chdir(request.folder)
    sys.argv = [_kernel.__file__, *request.arguments]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv = [sys.orig_argv[0], *sys.argv]
    tempfile.tempdir = None
    # An import may have had a thread for a moment, as matplotlib's when it looks for fonts.
    threading._counter = itertools.count(1).__next__
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "multiprocessing.process" in sys.modules:
        authkey = os.urandom(32)
        sys.modules["multiprocessing.process"].current_process().authkey = authkey
    _kernel.tell_crashes()
    gc.enable()
