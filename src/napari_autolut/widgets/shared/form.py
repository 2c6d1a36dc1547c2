"""The form that the docks share: how their rows and boxes are laid out.

Belongs here: layouts and labels. What fields there are, each dock says.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Protocol

from qtpy.QtCore import QEvent, QObject, QSize, Qt, QTimer
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QFlowLayout

SPACING = 6
"""Pixels between buttons."""

MIN_HEIGHT = 80
"""Pixels of a scrolled form that are always seen."""

NARROW = 280
"""Pixels that a dock can do with: napari leaves it 306 in a window of 1,024."""


def wrapped_label(kind: type[QLabel] = QLabel) -> QLabel:
    """A label whose text is wrapped: a long one makes the dock no wider."""
    label = kind()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def choice_box(choices: Iterable[tuple[str, object, str]]) -> QComboBox:
    """A box of entries, each with its text, what it stands for, and its tool tip."""
    box = QComboBox()
    for row, (text, value, tip) in enumerate(choices):
        box.addItem(text, value)
        box.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
    return box


def order_tabs(dock: QWidget, controls: Iterable[QWidget]) -> None:
    """Let the tab key go from one control to the next, from top to bottom.

    To be called when the dock is shown, too: napari puts it into a window, and Qt then orders the
    controls by when they came there.
    """
    for before, after in pairwise((dock, *controls)):
        QWidget.setTabOrder(before, after)


def let_shrink(boxes: Iterable[QComboBox]) -> None:
    """Let boxes become narrower than their longest entry."""
    for box in boxes:
        box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(9)


def dock_form(dock: QWidget, boxes: Iterable[QComboBox]) -> QFormLayout:
    """An empty form that fills a dock; ``boxes`` may become narrower than their longest entry."""
    let_shrink(boxes)
    form = empty_form(dock)
    form.setVerticalSpacing(8)
    return form


def empty_form(owner: QWidget | None = None) -> QFormLayout:
    """A form whose fields grow, and go below their labels where there is little room."""
    form = QFormLayout(owner)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form


def wrapping_row(*widgets: QWidget) -> QFlowLayout:
    """Widgets beside each other, below each other where there is little room."""
    row = QFlowLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setHorizontalSpacing(SPACING)
    row.setVerticalSpacing(SPACING)
    for widget in widgets:
        row.addWidget(widget)
    return row


class Folding(Protocol):
    """Part of a form that can do without some of its height."""

    def fold(self, on: bool) -> None:
        """Hide what is not needed, or show it."""

    def hidden_height(self) -> int:
        """Pixels that would be added if nothing were hidden."""
        ...


def scrolled_form(
    dock: QWidget,
    boxes: Iterable[QComboBox],
    *,
    below: Iterable[QWidget],
    folding: Folding | None = None,
    grows: bool = False,
) -> QFormLayout:
    """A form as of `dock_form` that is scrolled where the dock is low, or very narrow.

    ``below`` is always seen; ``folding`` is folded where not everything else has room; a form that
    ``grows`` has a list in it, which takes all height that there is.
    """
    page, foot = QWidget(), QWidget()
    form = dock_form(page, boxes)
    beneath = QVBoxLayout(foot)
    margins = beneath.contentsMargins()
    beneath.setContentsMargins(margins.left(), 0, margins.right(), margins.bottom())
    for widget in below:
        beneath.addWidget(widget)
    layout = QVBoxLayout(dock)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    area = _Scrolled(page, dock, foot, folding)
    layout.addWidget(area)
    layout.addWidget(foot)
    if grows:
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    else:
        layout.addStretch(1)
    return form


class ScrolledPage(QScrollArea):
    """A page that is scrolled up and down; sideways only where a dock is too narrow for it."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    @property
    def bar_width(self) -> int:
        """Pixels that the scroll bar takes off the page's width."""
        return self.verticalScrollBar().sizeHint().width()

    @property
    def full_width(self) -> int:
        """Pixels at which nothing is cut off beside the scroll bar."""
        return self.widget().minimumSizeHint().width() + self.bar_width

    @property
    def liked_width(self) -> int:
        """Pixels at which fields lie beside their labels, too."""
        return max(self.full_width, self.widget().sizeHint().width() + self.bar_width)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Narrow enough that a small window holds it."""
        return QSize(min(self.full_width, NARROW), MIN_HEIGHT)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for the page as it likes to be, and the bar beside it."""
        return QSize(self.liked_width, super().sizeHint().height())


class _Scrolled(ScrolledPage):
    """As high as its page or less."""

    def __init__(
        self, page: QWidget, dock: QWidget, foot: QWidget, folding: Folding | None
    ) -> None:
        super().__init__(page)
        self._dock, self._foot, self._folding = dock, foot, folding
        self._delay = QTimer(self, singleShot=True, interval=0)
        self._delay.timeout.connect(self._fold)
        self._resized = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        dock.installEventFilter(self)

    def sizeHint(self) -> QSize:  # noqa: N802
        """All of the page at the width that there is, the scroll bar's taken off.

        Without that a bar, once there, would make the page higher and so be needed for good. A
        theme may pad the area, on all sides alike.
        """
        padding = self.height() - self.viewport().height()
        width = max(self.width(), self.full_width) - self.bar_width - padding
        layout = self.widget().layout()
        wrapped = layout.hasHeightForWidth()
        height = layout.totalHeightForWidth(width) if wrapped else layout.totalSizeHint().height()
        return QSize(self.liked_width, height + padding)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Become as high as the page has become, and fold or unfold with the dock."""
        if not hasattr(self, "_dock"):  # Qt sends events to a dock that PySide takes apart
            return False
        if watched is self._dock and event.type() == QEvent.Type.Resize:
            self._resized = True
            self._delay.start()
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._delay.start()
        return super().eventFilter(watched, event)

    def _fold(self) -> None:
        """Fold where there is no room; what is folded unfolds only in a dock of another size.

        Else a line that comes and goes would fold and unfold it each time.
        """
        folding = self._folding
        if folding is None or not self.isVisible():
            return
        needed = self.sizeHint().height() + folding.hidden_height()
        fits = needed <= self._dock.height() - self._foot.height()
        if not fits or self._resized:
            folding.fold(not fits)
        self._resized = False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Wrapped text is higher where it is narrower."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
