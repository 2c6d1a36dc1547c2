"""Control of a run in progress: its events go out, and commands come in.

Belongs here: reading commands from standard input without waiting, obeying them between the events
of a run. Not here: the commands' words (``napari_autolut.training.commands``).
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Protocol, TypeAlias

from napari_autolut.training.commands import Command
from napari_autolut.training.events import Event, Paused, Started, Step, Stopped

READ_BYTES = 4096
SECONDS_BETWEEN_LOOKS = 0.1

Events: TypeAlias = Generator[Event, None, None]


class StopRun(Exception):  # noqa: N818
    """Thrown into the events of a run: it tells what it keeps, and ends."""


class Commands(Protocol):
    """Where commands come from."""

    def latest(self) -> str | None:
        """The last command that was given since the last call, at once; None without any."""

    def wait_for(self, *wanted: str) -> str:
        """Wait until one of these is given."""


def follow(
    begin: Callable[[bool], Events],
    commands: Commands,
    emit: Callable[[Event], None],
    path: str,
) -> None:
    """Emit the events of a run, and obey commands.

    A run is only interrupted where it says how far it is. A pause ends it, which measures and
    writes table and checkpoint, and ``resume`` begins it again from there. So a pause takes nothing
    from the minutes that were asked for, and a machine that is switched off costs nothing.

    Parameters
    ----------
    begin : callable
        Gives the events of the run; called with True to resume it from its checkpoint.
    commands : Commands
        Where commands come from.
    emit : callable
        Called with each event.
    path : str
        Where the table is written.
    """
    events = begin(False)
    try:
        while (reached := _until_command(events, commands, emit)) is not None:
            command, step = reached
            for event in _stopped(events):
                emit(event)
            if command == Command.PAUSE:
                emit(Paused(step))
                command = commands.wait_for(Command.RESUME, Command.STOP)
            if command == Command.STOP:
                emit(Stopped(step, path))
                return
            events = begin(True)
    finally:
        events.close()  # keeps the table after Ctrl-C, and when nobody listens any more


def _stopped(events: Events) -> Iterator[Event]:
    """What a run says while it ends."""
    with suppress(StopIteration):
        yield events.throw(StopRun())
        yield from events


def _until_command(
    events: Events, commands: Commands, emit: Callable[[Event], None]
) -> tuple[str, int] | None:
    """Follow a run to its end, or to a command and the step at which it came."""
    step = 0
    for event in events:
        emit(event)
        if isinstance(event, Step):
            step = event.step
        command = commands.latest() if isinstance(event, Step | Started) else None
        if command in (Command.PAUSE, Command.STOP):
            return command, step
    return None


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
                return Command.STOP

    def _read(self, patience: float) -> list[str]:
        """Commands that have come, after at most ``patience`` seconds."""
        lines: list[str] = []
        while not self._ended and _is_readable(self._descriptor, patience):
            patience = 0.0
            content = self._content()
            self._ended = not content
            *whole, self._rest = (self._rest + content).split(b"\n")
            lines += [line.decode("utf-8", "replace").strip() for line in whole]
        self._stop_at_end |= Command.STOP_AT_END in lines
        commands = [line for line in lines if line != Command.STOP_AT_END]
        return [*commands, Command.STOP] if self._ended and self._stop_at_end else commands

    def _content(self) -> bytes:
        try:
            return os.read(self._descriptor, READ_BYTES)
        except OSError:  # closed on the other side, as Windows says it
            return b""


class NoCommands:
    """Nobody commands."""

    def latest(self) -> str | None:
        """Nothing, ever."""
        return None

    def wait_for(self, *wanted: str) -> str:
        """Nothing comes; never asked for, as nobody pauses."""
        return Command.STOP


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
