"""The list that a model picker opens: a field to search in, and models by task and scale.

Belongs here: what is seen of the list and how keys move in it. What is chosen, and what that means,
is ``picker.py``; what a line says is ``storage.summaries``.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from qtpy.QtGui import QHideEvent, QKeyEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.storage import CatalogueEntry
from napari_autolut.storage.summaries import ModelSummary, grouped
from napari_autolut.widgets.shared import size_text
from napari_autolut.widgets.shared.plain_text import plain

MIN_WIDTH, MAX_HEIGHT, MAX_NAME = 520, 420, 200
MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
}
"""By how many models a key moves; headings do not count."""
HEADING_SPACE, ITEM_SPACE = 10, 6
"""Pixels that lines are higher than their text."""

SUMMARY = Qt.ItemDataRole.UserRole

COLUMNS = ("Model", "For", "Gain", "Size")
GAIN, SIZE = 2, 3
GAIN_TIP = (
    "How far its PSNR is ahead of bicubic interpolation, on held-out images of its own kind. Gains "
    "on images of different kinds do not compare; where the size stays, they depend on the noise"
)


class ModelPopup(QFrame):
    """Opens below a picker; ``chosen`` gives an entry, ``add_pressed`` asks for a file."""

    chosen = Signal(object)
    add_pressed = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        page = QWidget()  # napari's theme colours plain widgets, and no frame inside a box
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search name, task, training images")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search models")
        self.search.installEventFilter(self)
        self.tree = _tree()
        self.nothing = QLabel()
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setWordWrap(True)
        self.add = QPushButton("&Add a model file\N{HORIZONTAL ELLIPSIS}")
        self.add.setToolTip("Copy a .safetensors model into the folder of your models")
        frame = QVBoxLayout(self)
        frame.setContentsMargins(1, 1, 1, 1)
        frame.addWidget(page)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(6, 6, 6, 6)
        for widget in (self.search, self.tree, self.nothing, self.add):
            layout.addWidget(widget)
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self._filter)
        self.tree.itemClicked.connect(self._choose)
        self.tree.itemActivated.connect(self._choose)
        self.add.clicked.connect(self._ask_for_a_file)

    def open_below(
        self, picker: QWidget, summaries: Sequence[ModelSummary], current: CatalogueEntry | None
    ) -> None:
        """Show these models, the current one marked."""
        self._fill(summaries, current)
        self.search.clear()
        self._filter("")
        width = max(picker.width(), MIN_WIDTH)
        self.resize(width, min(MAX_HEIGHT, self._wanted_height()))
        self.move(self._place(picker, width))
        self.show()
        self.search.setFocus()

    def shown(self) -> list[str]:
        """Names that are not filtered away, in order."""
        return [item.data(0, SUMMARY).entry.name for item in self._items() if not item.isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let arrow keys, Enter and Escape work on the list while the search has the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in MOVES:
                self._move(MOVES[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.tree.currentItem())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Let the picker know that its list is closed."""
        super().hideEvent(event)
        self.closed.emit()

    def _fill(self, summaries: Sequence[ModelSummary], current: CatalogueEntry | None) -> None:
        self.tree.clear()
        for group, members in grouped(summaries):
            heading = QTreeWidgetItem([group])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            self.tree.addTopLevelItem(heading)
            heading.setSizeHint(0, QSize(0, self.fontMetrics().height() + HEADING_SPACE))
            heading.setFirstColumnSpanned(True)
            for summary in members:
                item = _item(summary)
                item.setSizeHint(1, QSize(0, self.fontMetrics().height() + ITEM_SPACE))
                heading.addChild(item)
                if summary.entry == current:
                    self.tree.setCurrentItem(item)
        self.tree.expandAll()
        self.tree.resizeColumnToContents(0)
        self.tree.setColumnWidth(0, min(self.tree.columnWidth(0), MAX_NAME))

    def _filter(self, words: str) -> None:
        for item in self._items():
            item.setHidden(not item.data(0, SUMMARY).matches(words))
        for row in range(self.tree.topLevelItemCount()):
            heading = self.tree.topLevelItem(row)
            members = [heading.child(child) for child in range(heading.childCount())]
            heading.setHidden(all(member.isHidden() for member in members))
        left = [item for item in self._items() if not item.isHidden()]
        self.nothing.setVisible(not left)
        self.nothing.setText(f"No model matches {words!r}." if words else "No model was found.")
        if words and left:
            self.tree.setCurrentItem(min(left, key=lambda item: _how_far(item, words)))

    def _items(self) -> list[QTreeWidgetItem]:
        headings = [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]
        return [each.child(row) for each in headings for row in range(each.childCount())]

    def _move(self, by: int) -> None:
        """Make another model the current one, past headings and what is filtered away."""
        shown = [item for item in self._items() if not item.isHidden()]
        if not shown:
            return
        current = self.tree.currentItem()
        at = shown.index(current) + by if current in shown else 0
        self.tree.setCurrentItem(shown[min(max(at, 0), len(shown) - 1)])

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and item.data(0, SUMMARY) is not None and not item.isHidden():
            self.hide()
            self.chosen.emit(item.data(0, SUMMARY).entry)

    def _ask_for_a_file(self) -> None:
        self.hide()
        self.add_pressed.emit()

    def _wanted_height(self) -> int:
        line = self.fontMetrics().height()
        rows = len(self._items()) * (line + ITEM_SPACE)
        rows += self.tree.topLevelItemCount() * (line + HEADING_SPACE)
        return rows + self.search.sizeHint().height() + self.add.sizeHint().height() + 40

    def _place(self, picker: QWidget, width: int) -> QPoint:
        """Below the picker, or above it where the screen ends, and never beside the screen."""
        screen = picker.screen().availableGeometry()
        below = picker.mapToGlobal(QPoint(0, picker.height()))
        top = below.y()
        if top + self.height() > screen.bottom():
            top = max(screen.top(), picker.mapToGlobal(QPoint(0, 0)).y() - self.height())
        return QPoint(max(screen.left(), min(below.x(), screen.right() - width)), top)


def _how_far(item: QTreeWidgetItem, words: str) -> int:
    """0 for a model that is called so, then those whose name begins so, or has it; cards last."""
    name, parts = item.data(0, SUMMARY).entry.name.casefold(), words.casefold().split()
    asked = "-".join(parts)  # as names are written
    named = all(part in name for part in parts)
    return [name == asked, name.startswith(asked), named, True].index(True)


def _tree() -> QTreeWidget:
    tree = QTreeWidget()
    tree.setHeaderLabels(COLUMNS)
    tree.headerItem().setToolTip(GAIN, GAIN_TIP)
    tree.setRootIsDecorated(False)
    tree.setIndentation(12)
    tree.setItemsExpandable(False)
    tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    tree.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    tree.setAccessibleName("Models")
    header = tree.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    for column in (GAIN, SIZE):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return tree


def _item(summary: ModelSummary) -> QTreeWidgetItem:
    size = size_text(summary.nbytes) if summary.nbytes else ""
    item = QTreeWidgetItem([summary.label, summary.purpose, summary.gain, f"  {size}"])
    item.setData(0, SUMMARY, summary)
    tip = summary.problem or summary.card.description or summary.label
    for column in range(len(COLUMNS)):
        item.setToolTip(column, plain(tip))
    for column in (GAIN, SIZE):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
