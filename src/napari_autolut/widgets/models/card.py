"""The card of a model: a panel that says what is known about it.

Belongs here: its lines and their look. What a card holds is ``model.card``.
"""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QGraphicsOpacityEffect, QGridLayout, QLabel, QSizePolicy

from napari_autolut.model import Card, LutModel
from napari_autolut.storage.summaries import TIMES, figures_text, psnr, task_text
from napari_autolut.widgets.shared import GAP, breakable, duration_text, size_text

QUIET = 0.65
"""Opacity of the names beside the texts: quieter in every theme."""
MIN_TEXT_WIDTH = 150
"""Texts are wrapped, so that a long one makes the dock no wider."""

SPEED_SIDE = 512
"""Side in pixels of the image whose time a card shows."""

TIPS = {
    "PSNR": "Higher is nearer to the true image; in brackets, how much more than bicubic "
    "interpolation, or than the image as it was where the size stays",
    "Size, speed": "Measured on this computer, and corrected by what runs took",
}
"""What a line needs to be understood."""


class ModelCard(QFrame):
    """Names and texts of a model's card, or the reason why there is no model."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("foreground", True)
        self._lines: list[tuple[str, str]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 6, 8, 6)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)

    def show_model(
        self,
        model: LutModel | Exception,
        seconds_per_pixel: float | None = None,
        nbytes: int | None = None,
    ) -> None:
        """Fill the panel anew; as `card_lines`."""
        lines = [] if isinstance(model, Exception) else card_lines(model, seconds_per_pixel, nbytes)
        if lines and lines == self._lines:
            return
        self._lines = lines
        while (item := self._grid.takeAt(0)) is not None:
            item.widget().setParent(None)
        if not isinstance(model, LutModel):
            self._grid.addWidget(_text(str(model)), 0, 0, 1, 2)
        for row, (name, text) in enumerate(lines):
            self._grid.addWidget(_name(name), row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(_text(text, TIPS.get(name, "")), row, 1)
        self._show_at_once()

    def _show_at_once(self) -> None:
        """Show what was added; Qt would do so later, and the panel be empty meanwhile."""
        for number in range(self._grid.count()):
            self._grid.itemAt(number).widget().show()
        self._grid.activate()


def _name(name: str) -> QLabel:
    label = QLabel(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    effect = QGraphicsOpacityEffect(label)
    effect.setOpacity(QUIET)
    label.setGraphicsEffect(effect)
    return label


def _text(text: str, tip: str = "") -> QLabel:
    label = QLabel(breakable(text))
    label.setToolTip(tip)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setIndent(0)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setMinimumWidth(MIN_TEXT_WIDTH)
    return label


def card_lines(
    model: LutModel, seconds_per_pixel: float | None = None, nbytes: int | None = None
) -> list[tuple[str, str]]:
    """Name and text of each line about a model, without those of which nothing is known.

    ``nbytes`` is the size of its file; without one, that of its tables is shown.
    """
    card = model.card
    size = size_text(model.nbytes if nbytes is None else nbytes)
    if seconds_per_pixel is not None:
        took = duration_text(seconds_per_pixel * SPEED_SIDE**2)
        size += f"; {took} for {SPEED_SIDE} {TIMES} {SPEED_SIDE}{GAP}px here"
    task = task_text(card)
    lines = [
        ("Task", f"{task}, {TIMES}{model.scale}" if model.scale > 1 else task),
        ("For", card.description),
        ("Trained on", card.training_data),
        ("PSNR", "\n".join(figure_lines(card))),
        ("Size" if seconds_per_pixel is None else "Size, speed", size),
        ("Licence", card.licence),
    ]
    return [(name, text) for name, text in lines if text]


def figure_lines(card: Card) -> list[str]:
    """What a card says of each data set on which there is a PSNR."""
    lines = []
    for data_set, figures in card.benchmark.items():
        if psnr(figures) is not None:
            name = data_set.replace("-", "\N{NON-BREAKING HYPHEN}")
            lines.append(f"{name}{GAP}{figures_text(figures).replace(' dB', f'{GAP}dB')}")
    return lines
