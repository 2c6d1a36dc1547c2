"""Work that comes as a generator, done in a thread beside the window.

Belongs here: the worker, how it is stopped and how its errors come back. What the user sees of it
is ``run_bar.py``.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from threading import Event
from time import perf_counter
from typing import Any
from weakref import WeakSet

from napari.qt.threading import create_worker
from qtpy.QtCore import QObject, QThreadPool, Signal

from napari_autolut.arrays import Progress
from napari_autolut.preferences import limit_engines
from napari_autolut.util.errors import error_message
from napari_autolut.util.optional import MissingDependencyError

Steps = Callable[[], Generator[Any, None, Any]]
"""Work step by step: what it yields is shown, what it returns is the result."""

REFUSALS = (
    ValueError,
    TypeError,
    LookupError,
    OSError,
    MemoryError,
    MissingDependencyError,
)
"""What the library raises about its input, each in one sentence for the user."""

INTERVAL = 1 / 30
"""Seconds between two signs of progress: a window can show no more, and tiles can be many."""

PAUSE = 0.1
"""Seconds between two looks at whether a paused run is resumed."""

FAREWELL = 10_000
"""Milliseconds at most for which the end of Python waits for work that was told to stop."""

logger = logging.getLogger(__name__)

_stops: WeakSet[Event] = WeakSet()
"""What stops each run that was begun."""


def _stop_all() -> None:
    """Stop all work: where no loop of Qt's is run, nobody else waits, and Python would abort."""
    for stopped in _stops:
        stopped.set()
    QThreadPool.globalInstance().waitForDone(FAREWELL)


atexit.register(_stop_all)


def refusal_text(error: BaseException | str) -> str:
    """What is said of an expected error; of a system's one its file and reason, but no number."""
    return error_message(error) if isinstance(error, OSError) else str(error)


@dataclass(frozen=True)
class Refusal:
    """An expected error as a result: the sentence for the user."""

    reason: str


class Run(QObject):
    """One run in a worker's thread, whose signals come in the window's thread.

    ``returned`` gives the result or a :class:`Refusal`; ``finished`` comes last in any case. An
    error that is no refusal reaches napari with its traceback, and only ``finished`` is emitted.
    """

    advanced = Signal(object)
    warned = Signal(object)
    returned = Signal(object)
    finished = Signal()

    def __init__(self, steps: Steps, stopped: Event, paused: Event | None = None) -> None:
        super().__init__()
        self._stopped = stopped
        self._worker = create_worker(_stoppable, steps, stopped, paused or Event())
        self._worker.yielded.connect(self.advanced)
        self._worker.warned.connect(self.warned)
        self._worker.returned.connect(self.returned)
        self._worker.finished.connect(self.finished)

    def start(self) -> None:
        """Begin, with what the preferences allow; the signals come from now on."""
        limit_engines()
        _stops.add(self._stopped)
        self._worker.start()


def _stoppable(steps: Steps, stopped: Event, paused: Event) -> Generator[Progress, None, Any]:
    """Run the steps until they end or ``stopped`` is set; make refusals results.

    Between two steps it waits for as long as ``paused`` is set.

    Meanwhile Qt's pool lends out one thread more than the computer has cores. What runs for hours,
    is paused or waits for the compiler must not keep short work waiting.

    A worker's own ``quit`` would leave the generator as it is, with all its arrays. napari
    remembers the worker, and so the arrays, for as long as the window is open.
    """
    work = steps()
    due = 0.0
    pool = QThreadPool.globalInstance()
    pool.releaseThread()
    try:
        while not stopped.is_set():
            if paused.is_set():
                stopped.wait(PAUSE)
                continue
            progress = next(work)
            if perf_counter() >= due:
                yield progress
                due = perf_counter() + INTERVAL
    except StopIteration as end:
        return end.value
    except REFUSALS as error:
        logger.debug("refused", exc_info=error)
        return Refusal(refusal_text(error) or "There is not enough memory for the result.")
    finally:
        work.close()
        pool.reserveThread()
