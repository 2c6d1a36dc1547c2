"""Lines that libraries in C print by themselves, kept from the terminal while files are decoded.

Belongs here: the two numbers of files that such libraries write to. What is wrong with a file is
said by whoever reads it.

What C prints goes by numbers that the whole process shares, so that turning them elsewhere would
take the lines of every thread. A command gives Python's own streams other numbers, once, before
there is a second thread: then only what C prints meanwhile is lost.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

NAMES = ("stdout", "stderr")

_copies: dict[int, int] = {}
"""The number that Python's stream has instead, by the one that is left to C."""

_lock = Lock()
_users = 0


def leave_numbers_to_libraries() -> None:
    """Give Python's own output other numbers; where somebody has replaced it, all stays as it is.

    For commands: other programs know best where their output goes.
    """
    streams = {name: getattr(sys, name) for name in NAMES}
    if _copies or any(streams[name] is not getattr(sys, f"__{name}__") for name in NAMES):
        return
    for name, stream in streams.items():
        stream.flush()
        number = stream.fileno()
        copy = os.fdopen(
            os.dup(number),
            "w",
            buffering=1 if stream.line_buffering else -1,
            encoding=stream.encoding,
            errors=stream.errors,
            closefd=False,
        )
        setattr(sys, name, copy)
        _copies[number] = copy.fileno()


@contextmanager
def silent_libraries() -> Iterator[None]:
    """Let what C prints lead nowhere, in a command; several threads may ask for it at once."""
    _use(1)
    try:
        yield
    finally:
        _use(-1)


def _use(more: int) -> None:
    """Let the first user turn C's numbers away, and the last one give them back."""
    global _users
    with _lock:
        _users += more
        if not _copies or _users != (1 if more > 0 else 0):
            return
        if sys.platform != "win32":
            ctypes.CDLL(None).fflush(None)  # what waits in C's buffers goes where it belongs
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number, copy in _copies.items():
            os.dup2(nowhere if _users else copy, number)
        os.close(nowhere)
