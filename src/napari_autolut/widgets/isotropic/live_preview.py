"""The rows of the form that preview a result: learned once, computed anew for each place looked at.

Belongs here: the box, the slider, what is said, and what is begun, awaited or dropped. What is
computed is ``work.py``, the pictures are ``preview.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QCheckBox, QFormLayout, QSlider

from napari_autolut.arrays import Progress
from napari_autolut.isotropic.layer import LayerStack
from napari_autolut.widgets.isotropic.preview import RowPictures
from napari_autolut.widgets.isotropic.work import (
    Learning,
    Place,
    Previewed,
    kept,
    preview_steps,
    words,
)
from napari_autolut.widgets.shared import LatestRun, wrapped_label

if TYPE_CHECKING:
    from napari.layers import Image

LEARNING = "Learning on the slices of this stack\N{HORIZONTAL ELLIPSIS}"


class LivePreview(QObject):
    """A box, a slider, two pictures and a line; ``learned`` gives what was learned for them.

    Another place that is asked for while a table is learned does not begin that anew.
    """

    learned = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.box = QCheckBox("Pr&eview of one row")
        self.box.setToolTip("Learn now, and show what will come before all is computed")
        self.row = QSlider(Qt.Orientation.Horizontal)
        self.row.setToolTip("The row that the preview shows")
        self.row.setAccessibleName("Row of the preview")
        self.pictures = RowPictures()
        self.line = wrapped_label()
        self._layer: Image | None = None
        self._shown: Previewed | None = None
        self._settings: tuple[Any, ...] | None = None
        self._place: Place = (0, ())
        self._run = LatestRun(self)
        self._run.advanced.connect(self._progress)
        self._run.returned.connect(self._show)
        self._run.refused.connect(self.say)

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows."""
        for widget in (self.box, self.row, self.pictures, self.line):
            form.addRow(widget)
        self._form = form

    @property
    def busy(self) -> bool:
        """Whether something is learned or computed."""
        return self._run.running

    def stop(self) -> None:
        """Drop what is under way; whatever is asked for next is computed."""
        self._run.cancel()
        self._settings = None
        on = self.box.isChecked()
        self._form.setRowVisible(self.row, on)
        self._form.setRowVisible(self.line, on)
        self.pictures.setVisible(on and self._shown is not None)

    def say(self, reason: str) -> None:
        """Say why there are no pictures."""
        self._shown = None
        self.stop()
        self.line.setText(reason)

    def begin_with(self, layer: Image | None, rows: int) -> None:
        """Take another image, from its middle row."""
        self._layer, self._shown = layer, None
        self.stop()
        self.row.setRange(0, rows - 1)
        self.row.setValue(rows // 2)

    def ask(
        self, taken: LayerStack, learning: Learning, settings: tuple[Any, ...], place: Place
    ) -> None:
        """Ask for one row of a volume, unless that was the last wish."""
        if (settings, place) == (self._settings, self._place):
            return
        awaited = self.busy and settings == self._settings
        if not awaited:
            self.stop()
        self._taken, self._settings, self._place = taken, settings, place
        if not awaited:
            self._begin(learning)

    def draw(self, _event: object = None) -> None:
        """Draw the row as the layer is shown now."""
        layer: Any = self._layer
        if self._shown is not None and self.box.isChecked():
            limits = (0.0, 255.0) if layer.rgb else tuple(layer.contrast_limits)
            self.pictures.show_preview(self._shown.preview, limits)

    def _begin(self, learning: Learning) -> None:
        taken = self._taken
        self._run.start(lambda: preview_steps(taken, learning, lambda: self._place))

    def _progress(self, progress: Progress) -> None:
        self.line.setText(f"{LEARNING} {100 * progress.done // max(1, progress.total)} %")

    def _show(self, previewed: Previewed) -> None:
        self.learned.emit(previewed.learned)
        self._shown = previewed
        self.draw()
        self.line.setText(words(previewed.learned.plan))
        if previewed.place != self._place:
            self._begin(kept(previewed.learned))
