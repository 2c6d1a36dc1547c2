"""Several methods on the same pixels, computed step by step, and results that are cached.

Belongs here: the order of the work, and results for the next time. The methods are ``methods.py``;
how results are measured against each other is ``metrics.py``, where they lie in the world
``layers.py``; plain numpy, no napari.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Sequence

from napari_autolut.arrays import Progress, relayed
from napari_autolut.comparison.methods import Method, Pixels, Source

MAX_CACHED_BYTES = 2**30
"""What results that are not shown at the moment may take in memory."""


class Results:
    """Results of earlier comparisons, the latest used last, within a bound of memory."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._max_bytes = max_bytes
        self._cached: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Pixels | None:
        """Look up a result."""
        with self._lock:
            if key in self._cached:
                self._cached.move_to_end(key)
            return self._cached.get(key)

    def put(self, key: Hashable, pixels: Pixels) -> None:
        """Cache a result, and let go of those used longest ago."""
        with self._lock:
            self._cached[key] = pixels
            self._cached.move_to_end(key)
            while sum(each.nbytes for each in self._cached.values()) > self._max_bytes:
                self._cached.popitem(last=False)


def compare_steps(
    load: Callable[[], Source], methods: Sequence[Method], results: Results
) -> Generator[Progress, None, list[Pixels]]:
    """Compute every method's result, or take it from earlier results.

    Parameters
    ----------
    load : callable
        Gives the source; called in the first step, so that it may read from a disk.
    methods : sequence of Method
        What is compared.
    results : Results
        Of earlier comparisons; new ones are put there.

    Returns
    -------
    list of numpy.ndarray
        The pixels of each method, in order.

    Yields
    ------
    Progress
        Steps done and all there are.
    """
    source = load()
    digest = source.digest()
    keys = [method.key(source) for method in methods]
    known = [None if key is None else results.get((digest, key)) for key in keys]
    step_counts = [
        method.step_count(source) if found is None else 0
        for method, found in zip(methods, known, strict=True)
    ]
    total, done = max(1, sum(step_counts)), itertools.count(1)
    yield Progress(0, total)
    finished: list[Pixels] = []
    for method, key, found in zip(methods, keys, known, strict=True):
        if found is None:
            steps = relayed(method.steps(source), lambda _: Progress(next(done), total))
            found = yield from steps
            if key is not None:
                results.put((digest, key), found)
        finished.append(found)
    return finished
