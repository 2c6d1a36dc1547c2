"""Elements that the pages of the Train dock share: headings, wrapped text, buttons, layouts.

Belongs here: widgets without any meaning of their own. What several docks share is
``widgets.shared``.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.widgets.shared.picture import NARROWEST
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
    label = QLabel(breakable(text))
    _wrap(label)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
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


class ScrollingPage(QScrollArea):
    """A page that scrolls up and down where the dock is not high enough, and never sideways."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setWidget(widget)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Page")
        self._take_keys_to_scroll()
        self.verticalScrollBar().rangeChanged.connect(self._take_keys_to_scroll)

    def _take_keys_to_scroll(self) -> None:
        """Let the tab key stop here where keys have something to scroll, and nowhere else."""
        scrolls = self.verticalScrollBar().maximum() > 0
        policy = Qt.FocusPolicy.StrongFocus if scrolls else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for the page and the bar beside it."""
        width = (
            self.widget().minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        )
        return QSize(max(width, MIN_PAGE_WIDTH), super().minimumSizeHint().height())


def main_window_of(widget: QWidget) -> Any:
    """The window of napari that a widget is in, floating or not; None in no window."""
    from qtpy.QtWidgets import QMainWindow

    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QMainWindow):
        parent = parent.parentWidget()
    return parent
