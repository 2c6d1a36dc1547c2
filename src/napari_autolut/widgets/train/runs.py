"""Trainings that were begun and are not over: a list with Resume, Keep and Delete.

Belongs here: the list and its buttons. What trainings there are is ``training.runs``.
"""

from __future__ import annotations

from datetime import datetime

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFrame, QVBoxLayout, QWidget

from napari_autolut.storage.summaries import TIMES
from napari_autolut.training.record import TrainingRecord, quality_text
from napari_autolut.training.runs import TrainingRun, kept_gain, list_runs
from napari_autolut.widgets.shared.form import wrapping_row
from napari_autolut.widgets.train.elements import Heading, button, text_label


class UnfinishedRuns(QWidget):
    """What can be resumed; hidden where there is nothing."""

    resume_pressed = Signal(object)
    keep_pressed = Signal(object)
    delete_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[RunEntry] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 8)
        self._layout.setSpacing(6)
        self._layout.addWidget(Heading("Unfinished trainings"))
        self.hide()

    def refresh(self) -> None:
        """Look at the folder of trainings again."""
        for entry in self.entries:
            self._layout.removeWidget(entry)
            entry.setParent(None)
            entry.deleteLater()
        self.entries = [RunEntry(run) for run in list_runs()]
        for entry in self.entries:
            entry.resume.clicked.connect(
                lambda _=False, run=entry.run: self.resume_pressed.emit(run)
            )
            entry.keep.clicked.connect(lambda _=False, run=entry.run: self.keep_pressed.emit(run))
            entry.delete.clicked.connect(
                lambda _=False, run=entry.run: self.delete_pressed.emit(run)
            )
            self._layout.addWidget(entry)
        self.setVisible(bool(self.entries))


class RunEntry(QFrame):
    """One training: what it is, how far it got, and what can be done with it."""

    def __init__(self, run: TrainingRun) -> None:
        super().__init__()
        self.run = run
        self.setProperty("foreground", True)
        record = TrainingRecord.of(run.history())
        self.resume = button("&Resume", "Resume where it was left")
        self.keep = button("Add to models", "Add the best table so far to your models")
        self.delete = button("Delete", "Remove this training; a model in the list of models stays")
        self.keep.setVisible(run.has_new_table)
        locked = run.locked
        self.buttons = (self.resume, self.keep, self.delete)
        for each in self.buttons:
            each.setEnabled(not locked)
        where = "being trained in another napari" if locked else f"begun {when_text(run.begun)}"
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(Heading(run.request.name))
        done = f"{TIMES}{run.request.scale}, {record.progress:.0%} done, {where}"
        layout.addWidget(text_label(done))
        layout.addWidget(text_label(_quality(run, record), quiet=True))
        layout.addLayout(wrapping_row(*self.buttons))


def _quality(run: TrainingRun, record: TrainingRecord) -> str:
    """How good the table on disk is, or what is known without one."""
    if run.table.exists():
        return kept_gain(run.table, record)
    return quality_text(record)


def when_text(begun: str) -> str:
    """A date and time as people write it: ``24 Nov 2026, 02:10``."""
    try:
        return f"{datetime.fromisoformat(begun):%d %b %Y, %H:%M}"
    except ValueError:
        return begun
