"""What is known of each file of a batch, kept up to date with the events of the work.

Belongs here: the state of every file, how far all of them are, and how that is said. The work is
``batch.py``; what shows it is in ``widgets/``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum

from napari_autolut.arrays.jobs import Progress
from napari_autolut.batch.folder import Done, Event, Failed, Outcome, Skipped, Started, Task

PARTS = 1000
"""How finely the progress of one file counts in that of all."""

THERE = "its result is there already"


class State(Enum):
    """What has become of a file."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class FileRecord:
    """One file; ``note`` says in words what there is to say about its state."""

    task: Task
    state: State
    note: str = ""

    @property
    def has_result(self) -> bool:
        """Whether there is a larger file to look at."""
        return self.state in (State.DONE, State.SKIPPED)


def expected(task: Task) -> FileRecord:
    """Say what will become of a file, as far as can be told before."""
    if task.problem:
        return FileRecord(task, State.FAILED, task.problem)
    if task.out.exists():
        return FileRecord(task, State.SKIPPED, THERE)
    return FileRecord(task, State.WAITING)


class BatchRecord:
    """All files of a batch, in order; not for several threads."""

    def __init__(self, files: Sequence[FileRecord] = ()) -> None:
        self.files = list(files)
        self._current = 0

    def take(self, event: Event) -> int:
        """Keep an event, and give the number of the file that it is about."""
        task = self.files[self._current].task
        match event:
            case Started(task, number, _):
                self._current = number - 1
                record = FileRecord(task, State.RUNNING)
            case Progress(done, total):
                record = FileRecord(task, State.RUNNING, f"{100 * done // max(1, total)} %")
            case Done(task, result):
                record = FileRecord(task, State.DONE, _size(result.after))
            case Skipped(task):
                record = FileRecord(task, State.SKIPPED, THERE)
            case Failed(task, reason):
                record = FileRecord(task, State.FAILED, reason)
        self.files[self._current] = record
        return self._current

    def stop(self) -> int:
        """Nothing runs any more: the file it was at waits again. Gives its number."""
        if self.files and self.files[self._current].state is State.RUNNING:
            task = self.files[self._current].task
            self.files[self._current] = FileRecord(task, State.WAITING)
        return self._current

    @property
    def counts(self) -> str:
        """How many files are in each state, of those states that there are."""
        numbers = {state: sum(file.state is state for file in self.files) for state in State}
        said = [f"{number} {state.value}" for state, number in numbers.items() if number]
        return ", ".join(said) or "no files"


def relayed(
    events: Generator[Event, None, list[Outcome]], tell: Callable[[Event], object]
) -> Generator[Progress, None, None]:
    """Tell every event, and yield how far all files are together; closing it stops the work."""
    number, total = 1, 1
    with closing(events):
        for event in events:
            tell(event)
            match event:
                case Started(_, number, total):
                    part = 0
                case Progress(done, of):
                    part = PARTS * done // max(1, of)
                case _:
                    part = PARTS
            yield Progress((number - 1) * PARTS + part, total * PARTS)


def _size(lengths: Mapping[str, int]) -> str:
    """Width and height."""
    return f"{lengths['X']} \N{MULTIPLICATION SIGN} {lengths['Y']} px"
