"""The live picture of a training: a place of a held-out image that sharpens as the table learns.

Belongs here: reading the trainer's picture and showing its panels. Who draws it is the trainer.
"""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import QRect
from qtpy.QtGui import QPixmap
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_autolut.widgets.shared.picture import Picture

PANELS = (
    ("Small", "What the table is given, its pixels as squares"),
    ("Bicubic", "Enlarged by bicubic interpolation"),
    ("So far", "Enlarged by what learns now: the table, or the network it is distilled from"),
    ("Sharp", "As it should be"),
)
"""What the trainer's picture shows from left to right."""

NOT_OF_NOISY = (1, 3)
"""Panels that say nothing where the images are noisy and there are no others."""


class PreviewPanels(QWidget):
    """The four panels of the trainer's picture, two by two."""

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[str, int] = ("", 0)
        self.panels = [Picture(tip) for _, tip in PANELS]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        self.captions = [QLabel(caption) for caption, _ in PANELS]
        for number, (caption, panel) in enumerate(zip(self.captions, self.panels, strict=True)):
            row, column = divmod(number, 2)
            grid.addWidget(caption, 2 * row, column)
            grid.addWidget(panel, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)
        self.hide()

    def show_file(self, path: str | None, *, noisy: bool = False) -> None:
        """Show what the trainer has drawn; the last picture stays when its file goes.

        Of ``noisy`` images there is no sharp one, and nothing to enlarge.
        """
        self.captions[0].setText("Noisy" if noisy else PANELS[0][0])
        for number in NOT_OF_NOISY:
            self.captions[number].setVisible(not noisy)
            self.panels[number].setVisible(not noisy)
        if path is None:
            self.hide()
            self._known = ("", 0)
            return
        try:
            drawn = path, Path(path).stat().st_mtime_ns
        except OSError:
            return
        if drawn != self._known:
            self._show(QPixmap(path))
            self._known = drawn

    def _show(self, picture: QPixmap) -> None:
        width = picture.width() // len(self.panels)
        if not width:
            return
        for number, panel in enumerate(self.panels):
            panel.show_picture(picture.copy(QRect(number * width, 0, width, picture.height())))
        self.show()
