"""Signals that end a command: Ctrl-C, and what a cluster, a container or a closed terminal sends.

Belongs here: that all of them end it alike. What a command does at its end is its own.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from napari_autolut.util.interruptions import none_is_lost

TERMINATING = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""Names of them; no system has all."""

STATUS = 128
"""What shells add a signal's number to."""

_received = int(signal.SIGINT)


@contextmanager
def ending_alike() -> Iterator[None]:
    """Let the others do what Ctrl-C does, too, and not end the program on the spot; none is lost.

    So temporary files are removed, and a training keeps what it has learned. A signal that is
    ignored, as under nohup, stays so.
    """
    global _received
    _received = int(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in TERMINATING if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _as_ctrl_c)
    try:
        with none_is_lost():
            yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def end_at_once() -> None:
    """Let Ctrl-C end what has nothing left to do, where Python would print what it was doing."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    global _received
    _received = number
    handler = signal.getsignal(signal.SIGINT)
    # Shells start what runs in the background deaf to Ctrl-C, but not to the others.
    (handler if callable(handler) else signal.default_int_handler)(number, frame)


def stopped_by() -> str:
    """What stopped a command, for people."""
    is_ctrl_c = _received == signal.SIGINT
    return f"stopped by {'Ctrl-C' if is_ctrl_c else signal.Signals(_received).name}"


def exit_status() -> int:
    """Exit status of a command that was stopped: 130 after Ctrl-C."""
    return STATUS + _received
