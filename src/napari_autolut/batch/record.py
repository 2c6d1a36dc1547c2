"""What is known of each file of a batch, kept up to date with the events of the work.

Belongs here: the state of every file, how far all of them are, and how that is said. The work is
``folder.py``; what shows it is in ``widgets/``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from stat import S_ISDIR

from napari_autolut.arrays import Progress
from napari_autolut.batch.outcomes import (
    Done,
    Event,
    Failed,
    FileItem,
    Outcome,
    Skipped,
    Started,
    gone_words,
)

FINE = 1000
"""Steps of progress for each file."""


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

    item: FileItem
    state: State
    note: str = ""

    @property
    def has_result(self) -> bool:
        """Whether there is a larger file to look at."""
        return self.state in (State.DONE, State.SKIPPED)


def expected_record(item: FileItem, *, overwrite: bool = False) -> FileRecord:
    """Say what will become of a file, as far as is known before."""
    if item.problem:
        return FileRecord(item, State.FAILED, item.problem)
    if item.has_result and not overwrite:
        return FileRecord(item, State.SKIPPED, f"its result {Skipped(item).note}")
    return FileRecord(item, State.WAITING)


class BatchRecord:
    """All files of a batch, in order; not for several threads.

    ``remark`` is what there is to say of all of them.
    """

    def __init__(self, files: Sequence[FileRecord] = (), remark: str = "") -> None:
        self.files, self.remark = list(files), remark
        self._current = 0

    def take(self, event: Event) -> int:
        """Keep an event, and give the number of the file that it is about."""
        item = self.files[self._current].item
        match event:
            case Started(item, number, _):
                self._current = number - 1
                record = FileRecord(item, State.RUNNING)
            case Progress(done, total):
                record = FileRecord(item, State.RUNNING, f"{100 * done // max(1, total)} %")
            case Done(item, result):
                words = [_size(result.after), *([result.note] if result.note else [])]
                record = FileRecord(item, State.DONE, "; ".join(words))
            case Skipped(item):
                record = FileRecord(item, State.SKIPPED, f"its result {event.note}")
            case Failed(item, reason):
                record = FileRecord(item, State.FAILED, reason)
        self.files[self._current] = record
        return self._current

    def stop(self) -> int:
        """Nothing runs any more: the file it was at waits again. Gives its number."""
        if self.files and self.files[self._current].state is State.RUNNING:
            item = self.files[self._current].item
            self.files[self._current] = FileRecord(item, State.WAITING)
        return self._current

    @property
    def counts(self) -> str:
        """How many files are in each state, of those states that there are."""
        numbers = {state: sum(file.state is state for file in self.files) for state in State}
        said = [f"{number} {state.value}" for state, number in numbers.items() if number]
        return ", ".join(said) or "no files"

    @property
    def summary(self) -> str:
        """What is said at the end: the counts, and how many results are not there any more."""
        had = (file.item for file in self.files if file.has_result)
        return f"{self.counts}{gone_words(had)}"


def total_progress(
    events: Generator[Event, None, list[Outcome]],
    emit: Callable[[Event], object],
    shares: Sequence[float],
) -> Generator[Progress, None, None]:
    """Emit every event, and yield how far all files are together; closing it stops the work.

    ``shares`` say how much of the work each file is.
    """
    whole, number = sum(shares) or 1.0, 1
    with closing(events):
        for event in events:
            emit(event)
            match event:
                case Started(_, number, _):
                    fraction = 0.0
                case Progress(done, total):
                    fraction = done / max(1, total)
                case _:
                    fraction = 1.0
            before = sum(shares[: number - 1]) + fraction * shares[number - 1]
            yield Progress(round(FINE * len(shares) * before / whole), FINE * len(shares))


def expected_shares(files: Sequence[FileRecord]) -> list[float]:
    """How much of the work each file is: by its size, and none where nothing is to be done."""
    sizes = [_file_size(file.item.source) if file.state is State.WAITING else 0 for file in files]
    known = [size for size in sizes if size]
    usual = sum(known) / len(known) if known else 1.0
    return [usual if size is None else float(size) for size in sizes]


def _file_size(path: Path) -> int | None:
    """Bytes of a file; None of a folder, such as a Zarr, and of what cannot be asked."""
    try:
        found = path.stat()
    except OSError:
        return None
    return None if S_ISDIR(found.st_mode) else max(1, found.st_size)


def _size(lengths: Mapping[str, int]) -> str:
    """Width and height."""
    return f"{lengths['X']} \N{MULTIPLICATION SIGN} {lengths['Y']} px"
