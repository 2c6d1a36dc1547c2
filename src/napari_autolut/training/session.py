"""One training from its start to its table in the catalogue: what may be asked of it, and when.

Belongs here: states and what becomes of the result; no Qt and no torch. Whoever shows it calls
:meth:`Training.poll` a few times a second.
"""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from pathlib import Path
from threading import Thread

from napari_autolut.model import ModelError
from napari_autolut.training.commands import Command
from napari_autolut.training.process import (
    End,
    Outcome,
    TrainingProcess,
)
from napari_autolut.training.record import TrainingRecord
from napari_autolut.training.runs import TrainingRun, delete_run, publish
from napari_autolut.util.errors import error_message


class State(Enum):
    """What a training does."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


NO_TABLE_YET = "stopped before there was a table; resume it, and nothing it has learned is lost"
NOTHING_LEARNED = "stopped before anything was learned; nothing of it is kept"


class Training:
    """A training that has been started.

    ``model`` says where its table lies in the catalogue, ``discarded`` whether everything is gone.
    ``measures`` says of one that is stopping whether it still measures and saves its table, which
    takes a moment. What comes after the process, its table put into the catalogue or its files
    removed, is done in a thread: no window waits for a disk.

    Raises
    ------
    AlreadyTrainingError
        if another process has this run
    OSError
        if the trainer cannot be started
    """

    def __init__(self, run: TrainingRun) -> None:
        self.run = run
        self.record = TrainingRecord.of(run.history())
        self.state = State.STARTING
        self._end: End | None = None
        self.model: Path | None = None
        self.discarded = False
        self.measures = False
        self._process = TrainingProcess(run)
        self._finishing: Thread | None = None

    @property
    def over(self) -> bool:
        """Whether the process has ended, and what it left is saved or removed."""
        return self.state is State.ENDED

    @property
    def end(self) -> End | None:
        """How it ended; None until it is over."""
        return self._end if self.over else None

    def poll(self) -> bool:
        """Take the trainer's events since the last call; say whether there were any."""
        if self.over:
            return False
        if self._finishing is not None:
            if not self._finishing.is_alive():
                self.state = State.ENDED
            return self.over
        events, end = self._process.take()
        for event in events:
            self.record.take(event)
        self._follow_trainer()
        if end is not None:
            self.state = State.STOPPING
            self._finishing = Thread(target=self._finish, args=(end,))
            self._finishing.start()
        return bool(events) or end is not None

    def _follow_trainer(self) -> None:
        if self.record.paused and self.state is State.PAUSING:
            self.state = State.PAUSED
        elif self.record.started and not self.record.paused and self.state is State.STARTING:
            self.state = State.RUNNING

    def pause(self) -> None:
        """Compute nothing until :meth:`resume`; the trainer gets to it within seconds."""
        if self.state is State.RUNNING:
            self.state = State.PAUSING
            self._process.send(Command.PAUSE)

    def resume(self) -> None:
        """End a pause."""
        if self.state is State.PAUSED:
            self.state = State.STARTING
            self.record.paused = self.record.started = False
            self._process.send(Command.RESUME)

    def stop(self) -> None:
        """Stop and keep what was learned; what has not begun yet ends at once."""
        if self.over or self.state is State.STOPPING:
            return
        self.measures = self.record.started or self.state is State.PAUSED
        self.state = State.STOPPING
        if self.measures:
            self._process.send(Command.STOP)
        else:
            self._process.kill()

    def discard(self) -> None:
        """End it at once and remove all that it has learned; one that has ended stays as it is."""
        if self._finishing is None:
            self.discarded, self.measures = True, False
            self.state = State.STOPPING
            self._process.kill()

    def _finish(self, end: End) -> None:
        self._end = end
        stopped = end.outcome in (Outcome.STOPPED, Outcome.KILLED) and not self.discarded
        if stopped and self.run.checkpoint.exists() and not self.run.table.exists():
            self._end = End(Outcome.FAILED, NO_TABLE_YET, self.run.log())
            return
        if stopped and not self.run.began:
            self.discarded = True  # there is nothing to keep or to resume
            self._end = End(end.outcome, NOTHING_LEARNED)
        kept = end.outcome in (Outcome.DONE, Outcome.STOPPED)
        stopped_early = end.outcome is Outcome.KILLED and self.run.table.exists()
        try:
            if self.discarded:
                delete_run(self.run)
            elif kept or stopped_early:
                self.run, self.model = publish(self.run)
        except (OSError, ModelError) as error:
            self._end = End(Outcome.FAILED, error_message(error), self.run.log())
            return
        if self.model is not None and end.outcome is Outcome.DONE:
            with suppress(OSError):  # it stays in the list, and can be deleted there
                delete_run(self.run)
