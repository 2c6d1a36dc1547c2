"""Times each model once, beside the window, so that the dock can say how long a run will take.

Belongs here: when it is timed. How, and what follows from it, is ``layers.estimates``.
"""

from __future__ import annotations

from collections.abc import Generator

from qtpy.QtCore import QObject, Signal

from napari_autolut.arrays import Progress
from napari_autolut.layers import probe, speeds
from napari_autolut.model import LutModel
from napari_autolut.widgets.shared import LatestRun


class SpeedMeter(QObject):
    """``measured`` says that more is known than before."""

    measured = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._model: LutModel | None = None
        self._run = LatestRun(self)
        self._run.returned.connect(self._learn)

    def measure(self, model: LutModel) -> None:
        """Time a small tile of a model, if nothing is known of it."""
        if speeds.of(model) is not None or (self._run.running and model is self._model):
            return
        self._model = model

        def steps() -> Generator[Progress, None, float]:
            yield Progress(0, 1)
            return probe(model)

        self._run.start(steps)

    def cancel(self) -> None:
        """Stop."""
        self._run.cancel()

    def _learn(self, seconds_per_pixel: float) -> None:
        if self._model is not None:
            speeds.probed(self._model, seconds_per_pixel)
            self.measured.emit()
