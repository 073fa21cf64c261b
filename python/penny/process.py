"""Starting the `penny` program, and exchanging bytes with it until it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Optional, Sequence

from .errors import PennyError

# Waits are cut into short ones, since on Windows a long one cannot be interrupted.
_POLL_SECONDS = 0.1
# How long the program may take to end: after it closed its output, and after it was asked to.
_END_SECONDS = 60.0
_TERMINATE_SECONDS = 2.0
_STDERR_BYTES_MAX = 256 * 1024
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
) -> Answer:
    """Runs `penny` with these arguments; raises its own error sentence when it fails.

    `write` fills its standard input, `read` empties its standard output, both while it runs.
    """
    child = _start(arguments, with_input=write is not None)
    workers = ThreadPoolExecutor(3, thread_name_prefix="penny")
    try:
        errors = workers.submit(_tail, child.stderr)
        reading = workers.submit(read, child.stdout)
        writing = workers.submit(_feed, child, write) if write is not None else None
        _join([future for future in (writing, reading, errors) if future is not None])
        status = _status(child)
    except BaseException:
        _end(child)
        raise
    finally:
        # The child is gone and so its pipes are: no worker can still be waiting for them.
        workers.shutdown(wait=True)
        for pipe in (child.stdout, child.stderr):
            pipe.close()
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
    return Answer(reading.result(), [text for kind, text in _messages(stderr) if kind == "warning"])


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


def _tail(pipe: BinaryIO) -> str:
    kept = b""
    while chunk := pipe.read1(65536):
        kept = (kept + chunk)[-_STDERR_BYTES_MAX:]
    return kept.decode("utf-8", errors="replace")


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
        if colon and kind in ("error", "hint", "warning"):
            messages.append((kind, text))
        elif messages and line.strip():
            messages[-1] = (messages[-1][0], f"{messages[-1][1]}\n{line}")
    return messages


def _failure(status: int, stderr: str) -> PennyError:
    messages = _messages(stderr)
    sentence = "\n".join(text for kind, text in messages if kind == "error")
    hints = "\n".join(f"hint: {text}" for kind, text in messages if kind == "hint")
    if sentence:
        return PennyError(sentence, hints or None)
    said = "\n".join(stderr.strip().splitlines()[-5:])
    return PennyError(f"The `penny` program {_ending(status)} without saying why.", said or None)


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
