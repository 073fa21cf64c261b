"""Starting the `penny` program, and exchanging bytes with it until it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Optional, Sequence

from .errors import PennyError, TemporaryError

# Waits are cut into short ones, since on Windows a long one cannot be interrupted.
_POLL_SECONDS = 0.1
# How long the program may take to end: after it closed its output, and after it was asked to.
_END_SECONDS = 60.0
_TERMINATE_SECONDS = 2.0
_STDERR_BYTES_MAX = 256 * 1024
# The hint by which the program says that the same may succeed later.
_MAY_PASS = "this may pass by itself: try again in a minute"
# What `penny load` writes before it answers, when it has said everything else.
_MARK = b"\npublished: "
_MARK_SECONDS = 5.0
# A kernel without a console would otherwise flash a window at every call (Windows).
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Answer(NamedTuple):
    """What the program gave: the value that was read, and the warnings it wrote beside it."""

    value: Any
    warnings: list[str]


def call(
    arguments: Sequence[str],
    *,
    read: Callable[[BinaryIO], Any],
    write: Optional[Callable[[BinaryIO], None]] = None,
    leave: bool = False,
) -> Answer:
    """Runs `penny` with these arguments; raises its own error sentence when it fails.

    `write` fills its standard input, `read` empties its standard output, both while it runs. With `leave`
    the program is left to itself once `read` has its answer: what it still does is nobody's concern, but
    Python does not end before it.
    """
    child = _start(arguments, with_input=write is not None)
    workers = ThreadPoolExecutor(4, thread_name_prefix="penny")
    try:
        said = Said()
        errors = workers.submit(_tail, child.stderr, said)
        reading = workers.submit(read, child.stdout)
        writing = workers.submit(_feed, child, write) if write is not None else None
        _join([future for future in (writing, reading) if future is not None])
        if leave and _is_well(reading) and (writing is None or _is_well(writing)):
            said.whole.wait(_MARK_SECONDS)
            workers.submit(_see_off, child, errors)
            workers.shutdown(wait=False)
            child = None
            return Answer(reading.result(), _warnings(said.text()))
        _join([errors])
        status = _status(child)
    except BaseException:
        _end(child)
        raise
    finally:
        if child is not None:
            # It is gone and so its pipes are: no worker can still be waiting for them.
            workers.shutdown(wait=True)
            _close(child)
    return _answer(status, errors.result(), reading, writing)


def _answer(status: int, stderr: str, reading: Future, writing: Optional[Future]) -> Answer:
    trouble = writing.exception() if writing is not None else None
    # A pipe that broke is only the echo of the child's own failure, which is told below.
    if trouble is not None and not isinstance(trouble, OSError):
        raise trouble
    if status != 0:
        raise _failure(status, stderr)
    trouble = trouble or reading.exception()
    if trouble is not None:
        raise PennyError(
            f"The `penny` program answered something that cannot be read: {trouble}",
            "hint: check that PENNY_BIN names the `penny` program of the same version as this module.",
        )
    return Answer(reading.result(), _warnings(stderr))


def program() -> str:
    """The path of the program: what Penny and its kernel say in PENNY_BIN, else `penny` on the PATH."""
    path = os.environ.get("PENNY_BIN")
    if path:
        if Path(path).is_file():
            return path
        raise PennyError(
            f"PENNY_BIN names `{path}`, and there is no such file.",
            "hint: run the notebook with `penny run`, or choose the kernel « Penny (Python) » in Jupyter.",
        )
    found = shutil.which("penny")
    if found:
        return found
    raise PennyError(
        "The `penny` program was not found: it is not on the PATH, and PENNY_BIN is not set.",
        "hint: run the notebook with `penny run`, or choose the kernel « Penny (Python) » in Jupyter.",
    )


def _start(arguments: Sequence[str], with_input: bool) -> subprocess.Popen:
    path = program()
    try:
        return subprocess.Popen(
            [path, *arguments],
            stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=_NO_WINDOW,
        )
    except (OSError, ValueError) as error:
        raise PennyError(f"The `penny` program at `{path}` could not be started: {error}") from None


def _feed(child: subprocess.Popen, write: Callable[[BinaryIO], None]) -> None:
    try:
        write(child.stdin)
        child.stdin.close()
    except OSError:
        # The child closed its end: it is about to say why, so it is left to do that.
        _abandon(child.stdin)
        raise
    except BaseException:
        # The child ends before its input does: an input that merely stops looks complete.
        _end(child)
        _abandon(child.stdin)
        raise


def _abandon(pipe: BinaryIO) -> None:
    try:
        pipe.close()
    except OSError:
        pass  # What was still buffered has nowhere to go.


def _join(futures: list[Future]) -> None:
    pending = set(futures)
    while pending:
        pending = wait(pending, timeout=_POLL_SECONDS).not_done


def _is_well(future: Future) -> bool:
    return future.exception() is None


def _see_off(child: subprocess.Popen, errors: Future) -> None:
    """Waits for the end of a program that was left to itself."""
    errors.result()
    child.wait()
    _close(child)


def _close(child: subprocess.Popen) -> None:
    for pipe in (child.stdout, child.stderr):
        pipe.close()


class Said:
    """The end of what the program wrote to its standard error so far."""

    def __init__(self):
        self._bytes = bytearray()
        self.whole = threading.Event()  # Nothing more follows that concerns the answer.

    def add(self, chunk: bytes) -> None:
        self._bytes += chunk
        del self._bytes[:-_STDERR_BYTES_MAX]
        if (b"\n" + self._bytes).find(_MARK) >= 0:
            self.whole.set()

    def text(self) -> str:
        return self._bytes.decode("utf-8", errors="replace")


def _tail(pipe: BinaryIO, said: Said) -> str:
    try:
        while chunk := pipe.read1(65536):
            said.add(chunk)
    finally:
        said.whole.set()
    return said.text()


def _status(child: subprocess.Popen) -> int:
    try:
        return child.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        raise PennyError(
            f"The `penny` program closed its output but did not end within {_END_SECONDS:.0f} seconds."
        ) from None


def _end(child: subprocess.Popen) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(timeout=_TERMINATE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _messages(stderr: str) -> list[tuple[str, str]]:
    """Splits `error: …`, `hint: …` and `warning: …` apart; a line without a mark continues the one before."""
    messages: list[tuple[str, str]] = []
    for line in stderr.splitlines():
        kind, colon, text = line.partition(": ")
        if colon and kind in ("error", "hint", "warning", "published"):
            messages.append((kind, text))
        elif messages and line.strip():
            messages[-1] = (messages[-1][0], f"{messages[-1][1]}\n{line}")
    return messages


def _warnings(stderr: str) -> list[str]:
    return [text for kind, text in _messages(stderr) if kind == "warning"]


def _failure(status: int, stderr: str) -> PennyError:
    messages = _messages(stderr)
    sentence = "\n".join(text for kind, text in messages if kind == "error")
    hints = "\n".join(f"hint: {text}" for kind, text in messages if kind == "hint")
    # A program that was killed says nothing: it was not its own fault, nor the notebook's.
    temporary = status < 0 or ("hint", _MAY_PASS) in messages
    kind = TemporaryError if temporary else PennyError
    if sentence:
        return kind(sentence, hints or None)
    said = "\n".join(stderr.strip().splitlines()[-5:])
    return kind(f"The `penny` program {_ending(status)} without saying why.", said or None)


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
