"""The page of a training that is running or has failed: curves, a picture, and what can be done.

Belongs here: showing a `Training`; what is pressed goes to the dock.
"""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtGui import QTextCursor
from qtpy.QtWidgets import QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from napari_autolut.storage.summaries import TIMES
from napari_autolut.training.process import Outcome, folder_problem
from napari_autolut.training.record import left_text, pace_text, quality_text
from napari_autolut.training.session import State, Training
from napari_autolut.widgets.shared.form import wrapping_row
from napari_autolut.widgets.train.chart import TrainChart
from napari_autolut.widgets.train.elements import Heading, button, page_layout, text_label
from napari_autolut.widgets.train.preview import PreviewPanels

STATES = {
    State.STARTING: "Loading PyTorch and the images…",
    State.RUNNING: "Learning",
    State.PAUSING: "Pausing, after what it is at…",
    State.PAUSED: "Paused; the table so far is saved",
    State.STOPPING: "Stopping…",
    State.ENDED: "Over",
}

MEASURING = "Stopping: measuring and saving the table…"
ENDING_EARLY = "Ending early: on held-out images it gets no better"


class RunningPage(QWidget):
    """Shows a training; the signals say which button was pressed."""

    pause_pressed = Signal()
    stop_pressed = Signal()
    cancel_pressed = Signal()
    resume_pressed = Signal()
    keep_pressed = Signal()
    leave_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = Heading("")
        self.details = text_label(quiet=True)
        self.state = text_label()
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the training")
        self.time_left = text_label(quiet=True)
        self.quality = text_label()
        self.chart = TrainChart()
        self.preview = PreviewPanels()
        self.pause = button("Pa&use", "Compute nothing until it is resumed; no time is lost")
        self.stop = button("&Stop and keep", "End now, and add the best table so far to the models")
        self.cancel = button("&Cancel", "End now, and throw away what was learned")
        self.failure = FailureBox()
        self._lay_out()
        self.pause.clicked.connect(self.pause_pressed)
        self.stop.clicked.connect(self.stop_pressed)
        self.cancel.clicked.connect(self.cancel_pressed)
        self.failure.resume.clicked.connect(self.resume_pressed)
        self.failure.keep.clicked.connect(self.keep_pressed)
        self.failure.leave.clicked.connect(self.leave_pressed)

    def _lay_out(self) -> None:
        layout = page_layout(self)
        for widget in (self.title, self.details, self.state, self.progress, self.time_left):
            layout.addWidget(widget)
        self._buttons = QWidget()
        self._buttons.setLayout(wrapping_row(self.pause, self.stop, self.cancel))
        for widget in (self._buttons, self.failure, self.quality, self.chart, self.preview):
            layout.addWidget(widget)
        layout.addStretch(1)

    def show_preparing(self) -> None:
        """Layers are being written to files."""
        self.title.setText("A new training")
        self.details.setText("")
        self.state.setText("Writing the layers to files for the trainer…")
        self.progress.setRange(0, 0)
        for widget in (self.time_left, self.quality, self.chart, self.preview, self.failure):
            widget.hide()
        self._enable(pause=False, stop=False, cancel=True)

    def show_training(self, training: Training) -> None:
        """Show the state of a training."""
        request, record, state = training.run.request, training.record, training.state
        self.title.setText(f"{request.name}, {TIMES}{request.scale}")
        said = [request.training_data or "", *record.notes, record.postponed]
        self.details.setText("\n".join(said).rstrip())
        self.state.setText(_state_text(training))
        self.progress.setRange(0, 0 if state in (State.STARTING, State.STOPPING) else 1000)
        self.progress.setValue(round(1000 * record.progress))
        parts = [left_text(record.seconds_left), pace_text(record.steps_per_second)]
        moving = state in (State.RUNNING, State.PAUSING)
        self.time_left.setText(", ".join(part for part in parts if part and moving))
        self.time_left.setVisible(bool(self.time_left.text()))
        self.quality.setText(f"On held-out images: {quality_text(record)}")
        for widget in (self.quality, self.chart):
            widget.setVisible(
                bool(record.psnr or record.network or record.loss or record.bicubic is not None)
            )
        self.chart.show_record(record)
        self.preview.show_file(record.preview, noisy=request.noisy)
        self._show_buttons(training)

    def _show_buttons(self, training: Training) -> None:
        state = training.state
        self.pause.setText("&Resume" if state is State.PAUSED else "Pa&use")
        self._enable(
            pause=state in (State.RUNNING, State.PAUSED),
            stop=state in (State.STARTING, State.RUNNING, State.PAUSING, State.PAUSED),
            cancel=not training.over and state is not State.STOPPING,
        )
        end = training.end
        failed = end is not None and end.outcome is Outcome.FAILED
        over = failed or (training.over and training.model is None)
        self.failure.setVisible(over)
        self.progress.setVisible(not over)
        self.state.setVisible(not over)
        self._buttons.setVisible(not over)
        if over:
            self.failure.show_end(training)

    def _enable(self, *, pause: bool, stop: bool, cancel: bool) -> None:
        self.pause.setEnabled(pause)
        self.stop.setEnabled(stop)
        self.cancel.setEnabled(cancel)


def _state_text(training: Training) -> str:
    if training.record.ending_early and training.state is State.RUNNING:
        return ENDING_EARLY
    if training.measures and training.state is State.STOPPING:
        return MEASURING
    return STATES[training.state]


class FailureBox(QWidget):
    """Why a training has ended, the last lines of its log, and what can be done now."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = text_label()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setMaximumHeight(140)
        self.log.setAccessibleName("Last lines of the trainer's output")
        self.resume = button("&Resume", "Resume from the last checkpoint")
        self.keep = button("&Add to models", "Add the best table so far to your models")
        self.leave = button("La&ter", "Back to the first page, where it can be resumed or deleted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.reason)
        layout.addWidget(self.log)
        layout.addLayout(wrapping_row(self.resume, self.keep, self.leave))
        self.hide()

    def show_end(self, training: Training) -> None:
        """Say how it ended."""
        end = training.end
        self.reason.setText((end.reason if end else "") or "Stopped before anything was learned.")
        self.log.setPlainText(end.log if end else "")
        self.log.setVisible(bool(self.log.toPlainText()))
        for move in ("End", "StartOfBlock"):  # the last lines, from where they begin
            self.log.moveCursor(getattr(QTextCursor.MoveOperation, move))
        self.keep.setVisible(training.run.has_new_table)
        self.resume.setVisible(not folder_problem(training.run))
