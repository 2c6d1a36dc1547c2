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

MIN_HEIGHT = 80
"""Pixels of a scrolled form that are always seen."""


def wrapped_label() -> QLabel:
    """A label whose text is wrapped: a long one makes the dock no wider."""
    label = QLabel()
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


def dock_form(dock: QWidget, boxes: Iterable[QComboBox]) -> QFormLayout:
    """An empty form that fills a dock; ``boxes`` may become narrower than their longest entry."""
    for box in boxes:
        box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
    form = QFormLayout(dock)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setVerticalSpacing(8)
    return form


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
) -> QFormLayout:
    """A form as of `dock_form` that is scrolled where the dock is low.

    ``below`` is always seen; ``folding`` is folded where not everything else has room.
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
    layout.addWidget(_Scrolled(page, dock, foot, folding))
    layout.addWidget(foot)
    layout.addStretch(1)
    return form


class _Scrolled(QScrollArea):
    """As wide as its page needs, as high as its page or less: only the height is scrolled."""

    def __init__(
        self, page: QWidget, dock: QWidget, foot: QWidget, folding: Folding | None
    ) -> None:
        super().__init__()
        self._dock, self._foot, self._folding = dock, foot, folding
        self._delay = QTimer(self, singleShot=True, interval=0)
        self._delay.timeout.connect(self._fold)
        self._resized = False
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(page)
        dock.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Wide enough that nothing is cut off beside the scroll bar."""
        return QSize(self.widget().minimumSizeHint().width() + self._bar, MIN_HEIGHT)

    def sizeHint(self) -> QSize:  # noqa: N802
        """All of the page at the width that there is, the scroll bar's taken off.

        Without that a bar, once there, would make the page higher and so be needed for good. A
        theme may pad the area, on all sides alike.
        """
        minimum = self.minimumSizeHint().width()
        width = max(self.width(), minimum) - self._bar - (self.height() - self.viewport().height())
        layout = self.widget().layout()
        wrapped = layout.hasHeightForWidth()
        height = layout.totalHeightForWidth(width) if wrapped else layout.totalSizeHint().height()
        return QSize(minimum, height + self.height() - self.viewport().height())

    @property
    def _bar(self) -> int:
        return self.verticalScrollBar().sizeHint().width()

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
