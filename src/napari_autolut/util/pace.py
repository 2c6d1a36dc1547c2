"""How fast steps of work come, and so how long the rest of them takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Pace:
    """Time of work from its first step on.

    What comes before the end of the first step is left out: it waits for the compiler, for files
    that are opened and for all that is found out once.
    """

    _first: tuple[float, float] | None = None
    _latest: tuple[float, float] | None = None

    def step(self, seconds: float, done: float) -> None:
        """Take the end of a step: seconds since work began, and which fraction of it is done."""
        if self._first is None and done > 0:
            self._first = seconds, done
        self._latest = seconds, done

    @property
    def whole(self) -> float | None:
        """Seconds that all the work takes at this pace; None before the second step."""
        if self._first is None or self._latest is None or self._latest[1] <= self._first[1]:
            return None
        (began, at_first), (now, done) = self._first, self._latest
        return (now - began) / (done - at_first)

    @property
    def left(self) -> float | None:
        """Seconds for what is not done yet; None before the second step."""
        whole = self.whole
        return None if whole is None or self._latest is None else whole * (1 - self._latest[1])
