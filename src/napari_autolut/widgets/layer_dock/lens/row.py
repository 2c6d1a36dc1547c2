"""The rows of the form that belong to the lens: its box, a look at the image below it, its line.

Belongs here: what is switched and said. What the lens shows is ``lens.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from napari_autolut.widgets.layer_dock.lens.lens import Lens, Wanted
from napari_autolut.widgets.shared import PeekButton, wrapped_label, wrapping_row

if TYPE_CHECKING:
    from napari.components import ViewerModel


class LensRow(QWidget):
    """A box that shows the lens, a button that takes it away while held, and what it says.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Where the lens is shown.
    wanted : callable
        Gives the image to enlarge, and how, as for `Lens`.
    """

    def __init__(self, viewer: ViewerModel, wanted: Callable[[], Wanted]) -> None:
        super().__init__()
        self.box = QCheckBox("Le&ns: preview")
        self.box.setToolTip(
            "Show the result for what is in view, before anything is run; it follows pan, zoom "
            "and sliders"
        )
        self.peek = PeekButton()
        self.line = wrapped_label()
        self.lens = Lens(viewer, wanted, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(wrapping_row(self.box, self.peek))
        layout.addWidget(self.line)
        self.peek.hide()
        self.line.hide()
        self.box.toggled.connect(self.lens.switch)
        self.box.toggled.connect(self.peek.setVisible)
        self.peek.held.connect(self.lens.peek)
        self.lens.status_changed.connect(self._show_status)
        self.lens.ended.connect(self._on_ended)

    def _show_status(self, text: str) -> None:
        self.line.setText(text)
        self.line.setVisible(bool(text))

    def _on_ended(self, reason: str) -> None:
        with QSignalBlocker(self.box):
            self.box.setChecked(False)
        self.peek.hide()
        self._show_status(reason)
