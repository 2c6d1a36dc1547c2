"""The files of a batch as a table, which changes row by row.

Belongs here: what a cell says. What is known of a file is ``batch.record``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, QTimer, Signal
from qtpy.QtGui import QFont, QKeyEvent, QResizeEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from napari_autolut.batch import BatchRecord, FileRecord, State
from napari_autolut.widgets.shared.plain_text import plain

COLUMNS = ("File", "State", "Note")
Role = Qt.ItemDataRole

MIN_WIDTH, WIDTH, MIN_NOTE, PADDING = 200, 380, 130, 8
"""Widths in pixels: of the table at least and where there is room, of its last column at least, and
beside the text of a cell."""

ROWS_SEEN = 4
"""Rows that fit at least; there are more where the window is higher."""


class FileRows(QAbstractTableModel):
    """File, state and note of every file; paths are shown as they lie in the folder."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.record = BatchRecord()
        self._folder = Path()

    def show_record(self, record: BatchRecord, folder: Path) -> None:
        """Show other files."""
        self.beginResetModel()
        self.record, self._folder = record, folder
        self.endResetModel()

    def row_changed(self, row: int) -> None:
        """Show a row anew, if there is one: a run that is refused has no files."""
        if row < len(self.record.files):
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """As many as files; rows have no rows of their own."""
        return 0 if parent is not None and parent.isValid() else len(self.record.files)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """File, state, note."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """Name a column."""
        shown = orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole
        return COLUMNS[section] if shown else None

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Text of a cell, its tip, and bold type for what failed."""
        file = self.record.files[index.row()]
        if role == Role.DisplayRole:
            note = file.note.removeprefix(f"{file.item.source}: ")
            return (self._name(file), file.state.value, note)[index.column()]
        if role == Role.ToolTipRole:
            return plain((str(file.item.source), "", file.note)[index.column()]) or None
        if role == Role.FontRole and file.state in (State.FAILED, State.RUNNING):
            font = QFont()
            font.setBold(index.column() == 1)
            return font
        return None

    def _name(self, file: FileRecord) -> str:
        source = file.item.source
        inside = source.is_relative_to(self._folder)
        return str(source.relative_to(self._folder)) if inside else str(source)


class _Sentence(QStyledItemDelegate):
    """Cuts a sentence where it ends, whose first words say most; paths are cut in the middle."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class BatchTable(QTableView):
    """The table; ``opened`` gives the file whose row was double clicked, or Enter pressed on.

    ``chosen`` gives the file of another row, or None, when a click can be no double click any more.
    What is then shown below makes the table lower, and a row at its end went from under the mouse.
    """

    opened = Signal(object)
    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.rows = FileRows(self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegateForColumn(COLUMNS.index("Note"), _Sentence(self))
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Files")
        self.setToolTip("Double click, or press Enter, to open a result")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.setMinimumHeight((ROWS_SEEN + 1) * self.verticalHeader().defaultSectionSize())
        self.setMinimumWidth(MIN_WIDTH)
        self.rows.modelReset.connect(self._suit_columns)
        self.doubleClicked.connect(self._open)
        self._delay = QTimer(self, singleShot=True, interval=QApplication.doubleClickInterval())
        self._delay.timeout.connect(self._choose)
        self.selectionModel().currentRowChanged.connect(lambda *_: self._delay.start())

    @property
    def record(self) -> BatchRecord:
        """What is known of the files that are shown."""
        return self.rows.record

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for names and notes, where there is room."""
        return QSize(WIDTH, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open with Enter, as with a double click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _suit_columns(self) -> None:
        """Make columns as wide as what is in them; a long name leaves room for the others."""
        self.resizeColumnsToContents()
        state = self.fontMetrics().horizontalAdvance("skipped  ") + 2 * PADDING
        longest = max(0, self.viewport().width() - state - MIN_NOTE)
        self.setColumnWidth(0, min(self.columnWidth(0), max(longest, MIN_NOTE)))
        self.setColumnWidth(1, state)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.record.files[index.row()])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the current row in sight where the table becomes lower."""
        super().resizeEvent(event)
        row = self.visualRect(self.currentIndex())
        if event.size().height() < row.bottom() < event.oldSize().height():
            self.scrollTo(self.currentIndex())

    def _choose(self) -> None:
        index = self.currentIndex()
        self.chosen.emit(self.record.files[index.row()] if index.isValid() else None)
