"""Commands to a run in progress: ``pause``, ``go on``, ``stop``, a line each on standard input.

Belongs here: reading them without waiting, and obeying them between the events of a run. Who types
them is not our business: a dock does, and so can a shell script.

``stop at end`` means that the end of the input is a ``stop`` too, so that no run outlives the
program that looks after it. Without it the end of the input means nothing: a run that was started
with its input closed, or from ``/dev/null``, goes on.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import FrameType
from typing import Protocol, TypeAlias

from autolut_training.report.events import Done, Event, Started, Step, as_json

PAUSE, GO_ON, STOP, STOP_AT_END = "pause", "go on", "stop", "stop at end"
MOST_BYTES = 4096
SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True)
class Paused:
    """Nothing is computed until ``go on``; checkpoint and table, if any, are on disk."""

    step: int


@dataclass(frozen=True)
class Stopped:
    """The run was ended by ``stop``; the best table so far, if any, stands at ``path``."""

    step: int
    path: str


Told: TypeAlias = Event | Paused | Stopped
Events: TypeAlias = Generator[Event, None, None]


def as_line(told: Told) -> str:
    """One line of JSON: the event's name and fields."""
    if isinstance(told, Paused | Stopped):
        return json.dumps({"event": type(told).__name__.lower(), **asdict(told)})
    return as_json(told)


class Commands(Protocol):
    """Where commands come from."""

    def latest(self) -> str | None:
        """The last command that was given since the last call, at once; None without any."""

    def wait_for(self, *wanted: str) -> str:
        """Wait until one of these is given."""


def follow(
    begin: Callable[[bool], Events],
    commands: Commands,
    tell: Callable[[Told], None],
    path: str,
) -> None:
    """Pass on the events of a run, and obey.

    A run is only interrupted where it says how far it is. A pause closes it, which writes table and
    checkpoint, and ``go on`` begins it again from there: a pause takes nothing from the minutes
    that were asked for, and a machine that is switched off meanwhile costs nothing.

    Parameters
    ----------
    begin : gives the events of the run; True to go on from its checkpoint
    commands, tell : what is heard and what is said
    path : where the table is written
    """
    events = begin(False)
    try:
        while (interrupted := _until_interrupted(events, commands, tell)) is not None:
            command, step = interrupted
            events.close()
            if command == PAUSE:
                tell(Paused(step))
                command = commands.wait_for(GO_ON, STOP)
            if command == STOP:
                tell(Stopped(step, path))
                return
            events = begin(True)
    finally:
        events.close()  # keeps the table after Ctrl-C, and when nobody listens any more


def _until_interrupted(
    events: Events, commands: Commands, tell: Callable[[Told], None]
) -> tuple[str, int] | None:
    """Follow a run to its end, or to a command and the step at which it came."""
    step = 0
    for event in events:
        tell(event)
        if isinstance(event, Step):
            step = event.step
        if isinstance(event, Step | Started) and (command := commands.latest()) in (PAUSE, STOP):
            return command, step
    return None


@contextmanager
def heeding_ctrl_c(tell: Callable[[Told], None]) -> Iterator[Callable[[Told], None]]:
    """Give a ``tell`` that raises KeyboardInterrupt where Ctrl-C came and was lost.

    Python drops an exception that is raised in a finaliser or in some callbacks of compiled code,
    and a run spends much of its time in those.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield tell
        return
    pressed: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        before(number, frame)

    def tell_unless_pressed(told: Told) -> None:
        tell(told)
        if pressed and not isinstance(told, Done):  # what is done cannot be stopped
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, pass_on)
    try:
        yield tell_unless_pressed
    finally:
        signal.signal(signal.SIGINT, before)


class InputCommands:
    """Commands on a file descriptor, read without waiting.

    No thread waits for them: on Windows one that does holds up everything else that touches the
    standard input, as libraries do when they are loaded.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ended = self._stop_at_end = False
        self._rest = b""

    def latest(self) -> str | None:
        """The last command that was given since the last call."""
        commands = self._read(0.0)
        return commands[-1] if commands else None

    def wait_for(self, *wanted: str) -> str:
        """Wait until one of these is given; where none can come any more, it is ``stop``."""
        while True:
            for command in self._read(SECONDS_BETWEEN_LOOKS):
                if command in wanted:
                    return command
            if self._ended:
                return STOP

    def _read(self, patience: float) -> list[str]:
        """Commands that have come, after at most ``patience`` seconds."""
        lines: list[str] = []
        while not self._ended and _is_readable(self._descriptor, patience):
            patience = 0.0
            content = self._content()
            self._ended = not content
            *whole, self._rest = (self._rest + content).split(b"\n")
            lines += [line.decode("utf-8", "replace").strip() for line in whole]
        self._stop_at_end |= STOP_AT_END in lines
        commands = [line for line in lines if line != STOP_AT_END]
        return [*commands, STOP] if self._ended and self._stop_at_end else commands

    def _content(self) -> bytes:
        try:
            return os.read(self._descriptor, MOST_BYTES)
        except OSError:  # closed on the other side, as Windows says it
            return b""


class NoCommands:
    """Nobody commands."""

    def latest(self) -> str | None:
        """Nothing, ever."""
        return None

    def wait_for(self, *wanted: str) -> str:
        """Nothing comes; never asked for, as nobody pauses."""
        return STOP


def standard_input() -> Commands:
    """Commands on this process's standard input; a terminal gives none.

    A run in a shell's background would be stopped by the system for reading the terminal.
    """
    try:
        descriptor = sys.stdin.fileno()
        terminal = os.isatty(descriptor)
    except (AttributeError, OSError, ValueError):  # there is none, or it is closed
        return NoCommands()
    return NoCommands() if terminal else InputCommands(descriptor)


if sys.platform == "win32":

    def _is_readable(descriptor: int, patience: float) -> bool:
        """Whether a read gives something, or the end, at once."""
        import ctypes
        import msvcrt

        waiting = ctypes.c_ulong()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
        peek = ctypes.windll.kernel32.PeekNamedPipe
        there = not peek(handle, None, 0, None, ctypes.byref(waiting), None) or waiting.value > 0
        if not there:
            time.sleep(patience)
        return there

else:

    def _is_readable(descriptor: int, patience: float) -> bool:
        """Whether a read gives something, or the end, at once."""
        return bool(select.select([descriptor], [], [], patience)[0])
