"""The region of a large image that a comparison shows: computed anew as the user looks elsewhere.

Belongs here: when a region is computed. Which one, and how, is ``comparison.plan``.
"""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer, Signal

from napari_autolut.comparison import ComparisonPlan
from napari_autolut.util.boxes import Box
from napari_autolut.widgets.shared import LatestRun

DELAY_MS = 120
"""How long nothing must move before a region is computed."""


class SeenRegion(QObject):
    """Asks for the region that is seen; ``ready`` gives the comparison of it.

    Parameters
    ----------
    parent : QObject
        Owner in Qt's tree.
    seen : callable
        Gives the box that is seen, in pixels of the source.
    """

    ready = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QObject, seen: Callable[[], Box]) -> None:
        super().__init__(parent)
        self._seen = seen
        self._plan: ComparisonPlan | None = None
        self._region: Box | None = None
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._compute)
        self._run = LatestRun(self)
        self._run.returned.connect(self.ready)
        self._run.refused.connect(self.refused)

    def follow(self, plan: ComparisonPlan, region: Box | None) -> None:
        """Begin with a region that is computed; None: all of it is, and there is nothing to do."""
        self.cancel()
        self._plan, self._region = plan, region

    def ask(self) -> None:
        """Compute what is seen as soon as nothing moves, unless it is there."""
        if self._region is not None:
            self._delay.start()

    def cancel(self) -> None:
        """Stop."""
        self._delay.stop()
        self._run.cancel()
        self._plan = self._region = None

    def _compute(self) -> None:
        plan, seen = self._plan, self._seen()
        if plan is None or self._region is None or plan.covers(self._region, seen):
            return
        region = self._region = plan.region(seen)
        self._run.start(lambda: plan.steps(region))
