"""Ctrl-C where Python drops it: the exception is raised again.

Belongs here: that none is lost. What a command says of it is ``cli/signals.py``.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

SECONDS_TO_LEAVE = 0.05
"""After which whatever dropped the exception is over."""


@contextmanager
def none_is_lost() -> Iterator[None]:
    """Raise a KeyboardInterrupt again that came in a finaliser or a callback of compiled code.

    Python prints such an exception and goes on; numba spends much of its time in such callbacks,
    and torch in finalisers.
    """
    dropped: SimpleQueue[bool] = SimpleQueue()  # the one queue that finalisers may use
    before = sys.unraisablehook

    def take(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            dropped.put(True)
        else:
            before(unraisable)

    def raise_again() -> None:
        while dropped.get():
            time.sleep(SECONDS_TO_LEAVE)
            _interrupt_main_thread()

    threading.Thread(target=raise_again, name="interruptions", daemon=True).start()
    sys.unraisablehook = take
    try:
        yield
    finally:
        sys.unraisablehook = before
        dropped.put(False)


if hasattr(signal, "pthread_kill"):

    def _interrupt_main_thread() -> None:
        """Also where it waits for something, for which Python's own call does not wake it."""
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

else:
    _interrupt_main_thread = _thread.interrupt_main
