"""Starts ipykernel in Penny's way; run by its path in place of `-m ipykernel_launcher`.

It differs from the ordinary start in four things:

- output is never dropped: ipykernel's output socket otherwise keeps 1,000 messages and silently loses
  the rest of a flood of prints;
- the debugger is not loaded, which no scheduled notebook uses and every kernel would wait for;
- a crash in compiled code leaves the stack of the Python that led to it;
- no history is written to the user's SQLite file; `In`, `Out` and `%history` work as ever.

A notebook comes first: where this version of ipykernel is not as expected, it starts unchanged.
"""

import os
import sys


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

    class Application(application):
        def _bind_socket(self, s, *args, **kwargs):
            try:
                import zmq

                if s.socket_type in (zmq.PUB, zmq.XPUB):
                    s.sndhwm = 0
            except Exception as error:
                complain(error)
            return super()._bind_socket(s, *args, **kwargs)

        def initialize(self, *args, **kwargs):
            super().initialize(*args, **kwargs)
            allow_debugger()

    # Configuration files, --help and the log know the application by its own name.
    Application.__name__ = Application.__qualname__ = application.__name__
    return Application


def complain(error):
    print(f"penny: ipykernel starts without one of Penny's changes: {error!r}", file=sys.stderr)


def launch():
    """Runs the kernel until it is asked to end."""
    for prepare in (forget_own_folder, forbid_debugger, tell_crashes):
        try:
            prepare()
        except Exception as error:
            complain(error)
    from ipykernel.kernelapp import IPKernelApp

    try:
        application = without_limit(IPKernelApp)
    except Exception as error:
        allow_debugger()
        complain(error)
        application = IPKernelApp
    application.launch_instance([*sys.argv[1:], "--HistoryManager.enabled=False"])


if __name__ == "__main__":
    launch()
