"""Compiling kernels in a process of its own, so that no window stands still meanwhile.

numba holds Python's lock for most of the time that it compiles, and napari's own thread waits for
that lock again and again. A second process fills the cache on disk instead, and whoever asked for a
kernel only loads it from there.

Belongs here: that process, seen from both ends. It imports numba only at its far end. What is
compiled, and where it is kept, is ``kernels.py`` and ``cache.py``.
"""

from __future__ import annotations

import atexit
import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import RLock, Timer
from typing import Any, TextIO

from napari_autolut.compilation.under_way import compilations

PROGRAM = (sys.executable, "-P", "-m", "napari_autolut.compilation.process")
"""What is started. ``-P``: a file in the folder that napari was started from is no module."""

IDLE_SECONDS = 10.0
"""The process ends when nothing was asked for so long."""

DONE = "done"

HIDDEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows, no window of a console."""


class CompilerProcess:
    """Compiles kernels elsewhere, if that is ``wanted``; one process serves all that are asked for.

    Where it cannot be started or fails, kernels are compiled where they are used, as ever.
    """

    def __init__(self) -> None:
        self.wanted = False
        self._process: subprocess.Popen[str] | None = None
        self._idle: Timer | None = None
        self._lock = RLock()

    def compile(self, function: Callable[..., Any], signature: Any) -> bool:
        """Compile a kernel into the cache on disk; whether that was done."""
        if not self.wanted:
            return False
        asked = packed(function.__module__, function.__qualname__, signature)
        with self._lock:
            self._stay()
            compilations.begin()
            try:
                done = self._answer(asked) == DONE
            except (OSError, ValueError):
                done = False
            finally:
                compilations.end()
            if done:
                self._end_when_idle()
            else:
                self.wanted = False
                self.end()
        return done

    def end(self) -> None:
        """End the process; the next kernel starts another."""
        with self._lock:
            self._stay()
            process, self._process = self._process, None
            if process is not None:
                with suppress(OSError), process:
                    pass  # closes its streams, which ends it, and waits

    def _answer(self, asked: str) -> str:
        """What the process, started if there is none, says of a kernel."""
        if self._process is None:
            self._process = subprocess.Popen(
                PROGRAM,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                bufsize=1,
                creationflags=HIDDEN,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{asked}\n")
        return self._process.stdout.readline().strip()

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = None

    def _end_when_idle(self) -> None:
        self._idle = Timer(IDLE_SECONDS, self.end)
        self._idle.daemon = True
        self._idle.start()


compiler_process = CompilerProcess()
atexit.register(compiler_process.end)


def packed(module: str, name: str, signature: Any) -> str:
    """Write down which kernel is asked for, in a line."""
    return pickle.dumps((module, name, signature)).hex()


# --- the far end ----------------------------------------------------------------------------------


def serve(asked: Iterable[str], answers: TextIO) -> None:
    """Compile what is asked for line by line, until there is no more."""
    for line in asked:
        module, name, signature = pickle.loads(bytes.fromhex(line))
        getattr(importlib.import_module(module), name).compile(signature)
        print(DONE, file=answers, flush=True)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr  # whatever else is printed is no answer
    serve(sys.stdin, answers)
