"""Elements that the pages of the Train dock share: headings, wrapped text, buttons, layouts.

Belongs here: widgets without any meaning of their own. What several docks share is
``widgets.shared``.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.widgets.shared.form import ScrolledPage
from napari_autolut.widgets.shared.picture import NARROWEST
from napari_autolut.widgets.shared.selectable import SelectableLabel
from napari_autolut.widgets.shared.text import breakable

QUIET_OPACITY = 0.7
"""Opacity of text that explains: quieter in every theme."""

MIN_PAGE_WIDTH = 320
"""Pixels: three thumbnails beside each other."""


class Heading(QLabel):
    """A bold line over what it names, wrapped where the dock ends whatever that is called."""

    def __init__(self, text: str) -> None:
        super().__init__()
        font = self.font()
        font.setBold(True)
        self.setFont(font)
        _wrap(self)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show a text, whose long names may be wrapped, too."""
        super().setText(breakable(text))


def text_label(text: str = "", *, quiet: bool = False) -> QLabel:
    """Text that is wrapped where the dock ends; ``quiet`` where it only explains."""
    label = SelectableLabel(text)
    _wrap(label)
    if quiet:
        effect = QGraphicsOpacityEffect(label)
        effect.setOpacity(QUIET_OPACITY)
        label.setGraphicsEffect(effect)
    return label


def _wrap(label: QLabel) -> None:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(NARROWEST)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)


def page_layout(widget: QWidget) -> QVBoxLayout:
    """An empty column that fills a page."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(8, 8, 8, 8)
    layout.setSpacing(8)
    return layout


def row_layout(*widgets: QWidget) -> QHBoxLayout:
    """Widgets beside each other, each as wide as it likes."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def button(text: str, tip: str) -> QPushButton:
    """A button with its tip."""
    made = QPushButton(text)
    made.setToolTip(tip)
    return made


class ScrollingPage(ScrolledPage):
    """A page that scrolls where the dock is not large enough, by keys, too."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Page")
        self._take_keys_to_scroll()
        self.verticalScrollBar().rangeChanged.connect(self._take_keys_to_scroll)

    def _take_keys_to_scroll(self) -> None:
        """Let the tab key stop here where keys have something to scroll, and nowhere else."""
        scrolls = self.verticalScrollBar().maximum() > 0
        policy = Qt.FocusPolicy.StrongFocus if scrolls else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)

    @property
    def full_width(self) -> int:
        """Pixels at which nothing is cut off, and that leave room for thumbnails."""
        return max(super().full_width, MIN_PAGE_WIDTH)


def main_window_of(widget: QWidget) -> Any:
    """The window of napari that a widget is in, floating or not; None in no window."""
    from qtpy.QtWidgets import QMainWindow

    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QMainWindow):
        parent = parent.parentWidget()
    return parent
