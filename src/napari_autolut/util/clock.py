"""Seconds that work has taken, without those for which a computer slept or work was paused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LONGEST_STEP, TIMES_LONGER = 30.0, 3.0
"""Seconds that one step adds to the clock at most, or so many times what the last one took."""


@dataclass
class Clock:
    """Seconds that work has used, over interruptions; ``besides`` are those that do not count.

    A computer that sleeps does no work, while some systems' clocks go on: what one step may add is
    bounded. Nor does a clock that jumps back take any. :meth:`tick` ends a step.
    """

    before: float = 0.0
    besides: float = 0.0
    _last: float = field(default_factory=lambda: time.perf_counter())
    _step: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self.before + self._since

    @property
    def _since(self) -> float:
        """Seconds since the last step, as far as they count."""
        bound = max(LONGEST_STEP, TIMES_LONGER * self._step)
        return max(0.0, min(time.perf_counter() - self._last, bound))

    def tick(self) -> None:
        """End a step, or whatever else takes time of the work's."""
        self._step = self._since
        self.before += self._step
        self._last = time.perf_counter()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """What is done meanwhile takes no time of the work's."""
        self.tick()
        try:
            yield
        finally:
            self.leave_out()

    def leave_out(self) -> None:
        """Let what was done since the last step take no time of the work's."""
        self.besides += self._since
        self._last = time.perf_counter()
