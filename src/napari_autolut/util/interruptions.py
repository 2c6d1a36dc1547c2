"""Ctrl-C where Python drops it, or where it would do harm: the exception is raised a moment later.

Belongs here: that none is lost. What a command says of it is ``cli/signals.py``.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import Any

SECONDS_TO_LEAVE = 0.05
"""After which whatever dropped the exception is over."""

OF_LLVM = "_raw_object_cache_"
"""How functions begin that LLVM calls while it compiles: it goes on without what they would give,
and numba then finds nothing compiled."""


@contextmanager
def none_is_lost() -> Iterator[None]:
    """Raise a KeyboardInterrupt again that came in a finaliser or a callback of compiled code.

    Python prints such an exception and goes on; numba spends much of its time in such callbacks,
    and torch in finalisers.
    """
    dropped: SimpleQueue[bool] = SimpleQueue()  # the one queue that finalisers may use
    over = threading.Event()
    unraisable_before, sigint_before = sys.unraisablehook, signal.getsignal(signal.SIGINT)

    def take(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            dropped.put(True)
        else:
            unraisable_before(unraisable)

    def raise_unless_in_llvm(number: int, frame: FrameType | None) -> None:
        if _is_in_llvm(frame):
            dropped.put(True)
        elif callable(sigint_before):
            sigint_before(number, frame)

    def raise_again() -> None:
        while dropped.get():
            if not over.wait(SECONDS_TO_LEAVE):
                _interrupt_main_thread()

    threading.Thread(target=raise_again, name="interruptions", daemon=True).start()
    ours = callable(sigint_before) and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(signal.SIGINT, raise_unless_in_llvm)
    sys.unraisablehook = take
    try:
        yield
    finally:
        sys.unraisablehook = unraisable_before
        if ours:
            signal.signal(signal.SIGINT, sigint_before)
        over.set()
        dropped.put(False)


def _is_in_llvm(frame: FrameType | None) -> bool:
    while frame is not None and not frame.f_code.co_name.startswith(OF_LLVM):
        frame = frame.f_back
    return frame is not None


if hasattr(signal, "pthread_kill"):

    def _interrupt_main_thread() -> None:
        """Also where it waits for something, for which Python's own call does not wake it."""
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

else:
    _interrupt_main_thread = _thread.interrupt_main
