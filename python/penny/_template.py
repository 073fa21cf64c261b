"""The process that kernels are forked from; run by its path, on Linux, with a socket as its input.

It imports ipykernel and the libraries that it is told, so that a kernel forked from it has them at
once. It runs no notebook's code and must stay without threads, event loop and ZeroMQ context.

Its only argument is JSON: `preload` (names of modules) and `left_out` (those that a former start of it
found must not be). On the socket it says one line of JSON when it is ready, and is then asked for
kernels: four bytes of length, with two file descriptors (a socket and the kernel's output), then
fields that end with NUL each: working folder, mark, limit of data in bytes (0 is none), number of
arguments, the arguments, the environment. What came of it is told on that socket, see `_forked`.

Each kernel has a process of its own above it, which ends all that the kernel started. When this
process ends, all of those notice and end their kernels; when Penny ends, this one does.
"""

import gc
import json
import os
import select
import signal
import socket
import sys

import _forked
import _kernel
import _preload

REQUEST_BYTES_MAX = 64 * 1024 * 1024
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"


def main():
    control = take_control()
    asked = json.loads(sys.argv[1])
    for prepare in (_kernel.forget_own_folder, _kernel.forbid_debugger, _forked.prepare):
        prepare()
    # ipykernel sets it before a cell can import matplotlib, which looks once.
    environment = dict(os.environ)
    os.environ.setdefault("MPLBACKEND", INLINE_BACKEND)
    gc.disable()
    for name in _preload.OF_EVERY_KERNEL:
        # Not every version of ipykernel has them all, and the one that is needed is missed below.
        try:
            __import__(name)
        except ImportError:
            pass
    import ipykernel

    application = _kernel.application()
    own = {name.partition(".")[0] for name in sys.modules}
    warm_up(application)
    preloaded, left_out = preload(asked, control)
    names = {name.partition(".")[0] for name in sys.modules} - own
    forget_traces()
    additions = {
        name: value
        for name, value in os.environ.items()
        if name not in environment and name != "MPLBACKEND"
    }
    # Where no variable names a locale, Python has put this one there before any of its own code ran.
    if "LC_CTYPE" in environment:
        additions["LC_CTYPE"] = environment["LC_CTYPE"]
    # Without a collection: it takes longer than any of the imports, and what it frees are holes in
    # memory that every kernel would then have to copy.
    gc.freeze()
    ready = {
        "preloaded": preloaded,
        "left_out": left_out,
        "ipykernel": ipykernel.__version__,
    }
    control.sendall(json.dumps(ready).encode() + b"\n")
    serve(control, names, application, additions)


def take_control():
    """The socket on standard input, moved out of the way of what may read that."""
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return control


def warm_up(application):
    try:
        _kernel.read_beforehand(application)
    except BaseException as error:
        print(f"penny: the template is not warm: {error!r}", file=sys.stderr)


def preload(asked, control):
    """Imports what can be; starts this process anew without what should not have been."""
    left_out = list(asked["left_out"])
    known = {entry["module"] for entry in left_out}
    roots = _preload.trusted_roots()
    preloaded, traces = [], False
    for name in dict.fromkeys(asked["preload"]):
        if name in known:
            continue
        try:
            _preload.bring(name, roots)
            preloaded.append(name)
        except _preload.LeftOut as reason:
            left_out.append({"module": name, "why": reason.why, "unsafe": reason.unsafe})
            traces |= reason.imported
    if traces:
        start_anew({"preload": asked["preload"], "left_out": left_out}, control)
    return preloaded, left_out


def start_anew(asked, control):
    os.dup2(control.fileno(), 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), json.dumps(asked)])


def forget_traces():
    """Leaves nothing in `sys.modules` that a kernel would not have."""
    for module in ("_forked", "_kernel", "_preload"):
        sys.modules.pop(module, None)


def serve(control, names, application, additions):
    """Forks until Penny is gone."""
    # Every process above a kernel holds the reading end: it ends when nobody holds the other.
    lifeline, held = os.pipe()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    inherited = (control.fileno(), held, woken, wake)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(woken, select.POLLIN)
    roots = _preload.trusted_roots()
    users = [path for path in sys.path if not _preload.is_trusted(path, roots)]
    above = set()
    while True:
        events = dict(poll.poll())
        if woken in events:
            os.read(woken, 1024)
            bury(above)
        if control.fileno() not in events:
            continue
        request = receive(control)
        if request is None:
            os._exit(0)
        refusal = unfit([request.folder, *users], names)
        if refusal:
            request.answer(f"refused {refusal}")
        else:
            pid = _preload.fork()
            if pid == 0:
                _forked.watch_over(request, lifeline, inherited, application, additions)
            above.add(pid)
        request.close()


def bury(above):
    """Reaps the processes above kernels. One that was killed leaves its kernel's processes to this
    one, which ends them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in above:
            above.discard(pid)
            if status != 0:
                _forked.end_children(spared=above)


def receive(control):
    """The next request, or None when there will be none."""
    try:
        head, descriptors, _, _ = socket.recv_fds(control, 4, 2)
        length = int.from_bytes(head, "little")
        if len(head) < 4 or len(descriptors) != 2 or length > REQUEST_BYTES_MAX:
            return None
        body = bytearray()
        while len(body) < length:
            part = control.recv(min(length - len(body), 1 << 20))
            if not part:
                return None
            body += part
    except OSError:
        return None
    return _forked.Request(bytes(body), *descriptors)


def unfit(folders, names):
    """Why a kernel forked from here would not be as one that is started afresh, or None: it would find
    other modules first, in its own folder or in another of the user's."""
    file = _preload.shadowing(folders, names)
    if file:
        file = os.fsencode(file).decode(errors="replace")
        return f"`{file}` takes the place of a library that is imported already"
    return None


if __name__ == "__main__":
    main()
