"""Starts ipykernel in Penny's way; run by its path in place of `-m ipykernel_launcher`.

It differs from the ordinary start in six things:

- output is never dropped: ipykernel's output socket otherwise keeps 1,000 messages and silently loses
  the rest of a flood of prints;
- a text with half a character in it is sent with a mark in its place: ipykernel otherwise loses it, and
  the lines beside it, without a word;
- the debugger is not loaded, which no scheduled notebook uses and every kernel would wait for;
- a crash in compiled code leaves the stack of the Python that led to it;
- no history is written to the user's SQLite file; `In`, `Out` and `%history` work as ever;
- its end is short: files are written to their ends and exit functions run, but nothing waits for
  readers who have gone, nor takes objects down one by one.

A notebook comes first: where this version of ipykernel is not as expected, it starts unchanged.
A kernel that is forked (`_forked.py`) uses the same functions, so that both behave alike.
"""

import os
import sys

# What every kernel is told beside where it listens.
ALWAYS = ["--HistoryManager.enabled=False"]
if sys.platform == "linux":
    # The system ends the kernel with its parent: ipykernel needs no thread that looks for it.
    ALWAYS.append("--IPKernelApp.parent_handle=1")
# How long a kernel that ends by itself may take to deliver what it has said.
CLOSE_SECONDS_MAX = 1.0
# How long the thread that was asked for the end may take to say so.
LAST_WORD_SECONDS_MAX = 0.5


def forget_own_folder():
    """Takes the folder of this file off sys.path, where Python puts it first.

    Its neighbours would hide libraries of the same name. With this sys.path is what `-m
    ipykernel_launcher` makes of it; IPython adds the notebook's folder by itself, later.
    """
    own = os.path.dirname(os.path.realpath(__file__))
    if sys.path and os.path.realpath(sys.path[0]) == own:
        del sys.path[0]


def forbid_debugger():
    """Makes `import debugpy` fail while ipykernel starts; it then does without."""
    sys.modules.setdefault("debugpy", None)


def allow_debugger():
    """A notebook may import debugpy all the same."""
    if sys.modules.get("debugpy", False) is None:
        del sys.modules["debugpy"]


def tell_crashes():
    """Has Python's stack written to the real standard error when the process crashes.

    ipykernel soon takes the usual file descriptor for the output of cells, and what is written there
    by a process that dies is lost; hence a copy, which lives as long as the process.
    """
    import faulthandler

    faulthandler.enable(os.dup(2))


def without_limit(application):
    """A kind of `application` whose output socket queues without a limit.

    The limit has to go before the socket is bound: each connection takes it over as it is made.
    """
    import copy

    class Application(application):
        # Where a template has read a command line: what came of it, and where the file's name stands.
        example = None

        def parse_command_line(self, argv=None):
            if self.example is None or list(argv or [])[2:] != ALWAYS or argv[0] != "-f":
                return super().parse_command_line(argv)
            config, section, name = self.example
            self.argv, self.extra_args = list(argv), []
            self.cli_config = copy.deepcopy(config)
            self.cli_config[section][name] = type(config[section][name])(argv[1])
            self.update_config(self.cli_config)

        def _bind_socket(self, s, *args, **kwargs):
            try:
                import zmq

                if s.socket_type in (zmq.PUB, zmq.XPUB):
                    s.sndhwm = 0
                    number(s)
            except Exception as error:
                complain(error)
            return super()._bind_socket(s, *args, **kwargs)

        def initialize(self, *args, **kwargs):
            super().initialize(*args, **kwargs)
            allow_debugger()
            try:
                send_whole_texts(self.session)
            except Exception as error:
                complain(error)

    # Configuration files, --help and the log know the application by its own name.
    Application.__name__ = Application.__qualname__ = application.__name__
    return Application


def read_beforehand(application):
    """Reads a command line such as kernels get, so that those forked later need not: theirs differ in the
    name of a file only, and the reading takes a tenth of their start."""
    example = "penny-example.json"
    trial = application(parent_handle=1)
    trial.parse_command_line(["-f", example, *ALWAYS])
    places = [
        (section, name)
        for section, values in trial.cli_config.items()
        for name, value in values.items()
        if value == example
    ]
    if len(places) == 1 and not trial.extra_args:
        application.example = (trial.cli_config, *places[0])


def number(socket):
    """Puts a frame with its number before every message that `socket` sends.

    It stands among the frames that route the message, which no reader takes for a part of it; Penny
    finds by it whether a message is missing.
    """
    send = socket.send_multipart
    sent = 0

    def send_numbered(parts, *args, **kwargs):
        nonlocal sent
        parts = list(parts)
        if b"<IDS|MSG>" in parts:
            sent += 1
            parts.insert(parts.index(b"<IDS|MSG>"), b"penny:%d" % sent)
        return send(parts, *args, **kwargs)

    socket.send_multipart = send_numbered


def send_whole_texts(session):
    """Has `session` send what it otherwise fails to write as JSON, and with it the whole message.

    That is half of a surrogate pair, as `json.loads` makes them of broken texts, and in an answer a
    value that JSON has nothing for (`exit(object())`): without an answer the cell would never end.
    """
    import json

    pack = session.pack

    def pack_whole(content):
        try:
            return pack(content)
        except (TypeError, ValueError):
            content = whole(content)
        try:
            return pack(content)
        except (TypeError, ValueError):
            return pack(json.loads(json.dumps(content, default=repr, skipkeys=True)))

    session.pack = pack_whole


def whole(value):
    """The value with a mark in place of each half of a character within it."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {whole(key): whole(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [whole(inner) for inner in value]
    return value


def complain(error):
    print(f"penny: ipykernel starts without one of Penny's changes: {error!r}", file=sys.stderr)


def launch():
    """Runs the kernel until it is asked to end, and the process to its end."""
    for prepare in (forget_own_folder, forbid_debugger, tell_crashes):
        try:
            prepare()
        except Exception as error:
            complain(error)
    try:
        kind = application()
    except Exception:
        import traceback

        traceback.print_exc()
        sys.exit(1)
    live(kind, sys.argv[1:])


def live(application, arguments):
    """Runs the kernel until it is asked to end, and the process to its end."""
    status = 1
    try:
        kernel = application.instance()
        kernel.initialize([*arguments, *ALWAYS])
        kernel.start()
        status = 0
        finish(kernel)
    except SystemExit as exit:
        status = exit_status(exit)
        finish()
    except BaseException:
        # The stream of cells may have taken the place of the usual one.
        import traceback

        traceback.print_exc(file=sys.__stderr__)
        finish()
    finally:
        os._exit(status)


def application():
    """ipykernel's application, with Penny's changes if they fit."""
    from ipykernel.kernelapp import IPKernelApp

    try:
        return without_limit(IPKernelApp)
    except Exception as error:
        allow_debugger()
        complain(error)
        return IPKernelApp


def exit_status(exit):
    """What Python makes of `sys.exit(…)`."""
    if exit.code is None:
        return 0
    if isinstance(exit.code, int):
        return exit.code & 0xFF
    print(exit.code, file=sys.__stderr__)
    return 1


def finish(kernel=None):
    """What Python does at its end, as far as it can be seen from outside."""
    import atexit
    import threading

    steps = [
        # What comes next may take longer than Penny waits.
        lambda: flush_files(ordinary),
        threading._shutdown,
        lambda: await_last_word(kernel),
        atexit._run_exitfuncs,
        lambda: close(kernel),
        flush_files,
    ]
    if kernel is not None:
        atexit.unregister(kernel.close)
    for step in steps:
        try:
            step()
        except BaseException as error:
            complain(error)


def await_last_word(application):
    """Waits until the thread that was asked for the end has ended.

    ipykernel's exit function closes the sockets of all threads; one that is in use then aborts the process.
    """
    control = getattr(application, "control_thread", None)
    asked = getattr(getattr(application, "kernel", None), "_shutdown_message", None)
    if control is not None and asked is not None:
        control.join(LAST_WORD_SECONDS_MAX)


def close(application):
    """Delivers what was said, unless Penny asked for the end: then nobody reads any more.

    In a thread, since ipykernel's own way may wait for ten seconds.
    """
    import threading

    kernel = getattr(application, "kernel", None)
    if kernel is None or getattr(kernel, "_shutdown_message", None) is not None:
        return
    closing = threading.Thread(target=application.close, daemon=True)
    closing.start()
    closing.join(CLOSE_SECONDS_MAX)


def flush_files(among=None):
    """A file that a notebook left open is written to its end, as at the end of every Python.

    `among` says which ones; without it, all of them, and those that nothing refers to are closed.
    """
    import gc
    import io

    if among is None:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        gc.collect()
    for found in gc.get_objects():
        # Not isinstance, which asks objects of any kind what they are.
        if issubclass(type(found), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            try:
                if not found.closed and (among is None or among(found)):
                    found.flush()
            except Exception:
                continue


def ordinary(file):
    """Whether it is a file on a disk: writing to a pipe may wait for its reader."""
    import stat

    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


if __name__ == "__main__":
    launch()
