"""The trainer as a process of its own: started, listened to, commanded, and what its end means.

Belongs here: no Qt and no torch. What lies on disk is ``runs.py``, what its events mean is
``record.py``; who looks after it calls :meth:`TrainingProcess.take` now and then.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from threading import Thread
from typing import IO, Any

from napari_autolut.training.commands import Command
from napari_autolut.training.events import (
    Done,
    Event,
    Started,
    Step,
    Stopped,
    Validation,
    as_json,
    parse_event,
)
from napari_autolut.training.runs import HISTORY, LOG, TrainingRun
from napari_autolut.util.file_lock import FolderLock

PROGRAM = (sys.executable, "-m", "autolut_training", "--json-events")
"""What is started; also in napari's bundle, which brings a Python of its own."""

RECORDED = (Started, Step, Validation, Done, Stopped)
"""Events that are written to the history of a run."""

SECONDS_BETWEEN_STEPS = 10.0
"""Of steps in the history: that of a day of training is read at once."""

MAX_LINE = 2**20
"""Letters of an event; what a library prints without an end is no event and fills no memory."""

NICENESS = 10
USER_ERROR = 2

_END = object()


class Outcome(Enum):
    """How a training ended."""

    DONE = "done"
    STOPPED = "stopped"
    KILLED = "killed"
    FAILED = "failed"


@dataclass(frozen=True)
class End:
    """The end of a process; where it failed, a sentence and the last lines of its output."""

    outcome: Outcome
    reason: str = ""
    log: str = ""


class AlreadyTrainingError(RuntimeError):
    """Another napari trains this run."""


def folder_problem(run: TrainingRun) -> str:
    """Say that the folder of a training is no longer where it was; empty where it is."""
    there = os.path.isdir(run.folder)  # noqa: PTH112 - no error of a share that went
    return "" if there else f"{run.folder}: the folder of this training was moved or removed"


class TrainingProcess:
    """A trainer that runs now.

    Raises
    ------
    AlreadyTrainingError
        If another process has this run.
    OSError
        If the process cannot be started, or the folder is gone.
    """

    def __init__(self, run: TrainingRun) -> None:
        self.run = run
        self._lock = FolderLock(run.folder)
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopped = False
        self._killed = False
        self._next_step = 0.0
        if problem := folder_problem(run):
            raise FileNotFoundError(problem)
        if not self._lock.acquire():
            raise AlreadyTrainingError(
                f"{run.request.name!r} is being trained by another napari; wait until it is done"
            )
        try:
            self._process = self._start()
        except OSError as error:  # Windows does not say which program it lacks
            self._lock.release()
            name = error.filename or PROGRAM[0]
            raise OSError(error.errno, error.strerror, name) from error
        _lower_priority(self._process.pid)
        self.send(Command.STOP_AT_END)
        Thread(target=self._listen, name="trainer's events", daemon=True).start()

    def _start(self) -> subprocess.Popen[str]:
        with (self.run.folder / LOG).open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                [*PROGRAM, str(self.run.write_request())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Not napari's folder: a file there could stand in the way of a module of Python's.
                cwd=self.run.folder,
                env={**os.environ, "OMP_WAIT_POLICY": "passive", "PYTHONUTF8": "1"},
                text=True,
                encoding="utf-8",
                errors="replace",
                bufsize=1,
                creationflags=_creation_flags(),
            )

    def take(self) -> tuple[list[Event], End | None]:
        """Events since the last call, and the end if that has come; nothing comes after it."""
        events: list[Event] = []
        while True:
            try:
                item = self._events.get_nowait()
            except queue.Empty:
                return events, None
            if item is _END:
                return events, self._end()
            events.append(item)

    def send(self, command: Command) -> None:
        """Give a command; one that has ended takes none."""
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(OSError, ValueError):
            stdin.write(f"{command}\n")
            stdin.flush()

    def kill(self) -> None:
        """End it at once; what it has written stays."""
        self._killed = True
        self._process.kill()

    def _listen(self) -> None:
        """Pass events on until the process has ended; runs in a thread of its own."""
        stdout = self._process.stdout
        assert stdout is not None
        with suppress(ValueError):  # closed meanwhile
            while line := stdout.readline(MAX_LINE):
                if (event := parse_event(line)) is not None:
                    self._stopped |= isinstance(event, Stopped)
                    self._record(event)
                    self._events.put(event)
        self._process.wait()
        self._events.put(_END)

    def _record(self, event: Event) -> None:
        """Keep an event for the next start of napari; a full disk costs no more than that."""
        now, step = time.monotonic(), isinstance(event, Step)
        if not isinstance(event, RECORDED) or (step and now < self._next_step):
            return
        if step:
            self._next_step = now + SECONDS_BETWEEN_STEPS
        with suppress(OSError), (self.run.folder / HISTORY).open("a", encoding="utf-8") as history:
            history.write(f"{as_json(event)}\n")

    def _end(self) -> End:
        self._close()
        status = self._process.returncode
        if self._killed:
            return End(Outcome.KILLED)
        if problem := folder_problem(self.run):
            return End(Outcome.FAILED, problem)
        if status == 0:
            return End(Outcome.STOPPED if self._stopped else Outcome.DONE)
        log = self.run.log()
        if status == USER_ERROR and log:
            return End(Outcome.FAILED, log.splitlines()[-1].removeprefix("napari-autolut: "), log)
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        hint = "; the system may have run out of memory" if status in (-9, 137) else ""
        return End(Outcome.FAILED, f"The trainer ended unexpectedly, {how}{hint}.", log)

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            _close_quietly(stream)
        self._lock.release()


def _close_quietly(stream: IO[str] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()


def _creation_flags() -> int:
    """Windows: below normal priority, and no console window."""
    if sys.platform == "win32":
        return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    return 0


def _lower_priority(pid: int) -> None:
    """Let napari stay smooth; everything the process starts later is as patient as it is."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
