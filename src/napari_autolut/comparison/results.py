"""What is compared: several ways to see the same pixels larger, computed step by step.

Belongs here: the order of the work, and results that are kept for the next time. The ways are
``comparison_ways.py``. How results are measured against each other is ``comparison_figures.py``,
where they lie in the world ``comparison_layers.py``; plain numpy, no napari.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Sequence

from napari_autolut.arrays.jobs import Progress
from napari_autolut.comparison.methods import Pixels, Source, Way

KEPT_BYTES = 2**30
"""What results that are not shown at the moment may take in memory."""


class Results:
    """Results of earlier comparisons, the latest used last, within a bound of memory."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Pixels | None:
        """Look up a result."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, pixels: Pixels) -> None:
        """Keep a result, and let go of those used longest ago."""
        with self._lock:
            self._kept[key] = pixels
            self._kept.move_to_end(key)
            while sum(kept.nbytes for kept in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)


def compare_steps(
    load: Callable[[], Source], ways: Sequence[Way], results: Results
) -> Generator[Progress, None, list[Pixels]]:
    """Compute every way's result, or take it from earlier results.

    Parameters
    ----------
    load : gives the source; called in the first step, so that it may read from a disk
    ways : what is compared
    results : of earlier comparisons; new ones are kept there

    Yields
    ------
    Progress
        steps done and all there are

    Returns
    -------
    the pixels of each way, in order
    """
    source = load()
    digest = source.digest()
    known = [None if way.key is None else results.get((digest, way.key)) for way in ways]
    efforts = [
        way.effort(source) if found is None else 0 for way, found in zip(ways, known, strict=True)
    ]
    done, total = 0, max(1, sum(efforts))
    yield Progress(done, total)
    finished: list[Pixels] = []
    for way, found in zip(ways, known, strict=True):
        if found is None:
            work = way.steps(source)
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    found = end.value
                    break
                done += 1
                yield Progress(done, total)
            if way.key is not None:
                results.keep((digest, way.key), found)
        finished.append(found)
    return finished
