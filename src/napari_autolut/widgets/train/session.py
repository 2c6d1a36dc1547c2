"""The training of this napari: one at a time, alive whether or not a dock shows it.

Belongs here: the timer that listens to the trainer, the files that layers become first, and what
happens when napari is closed meanwhile. What a training does is ``training/session.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QEvent, QObject, QTimer, Signal
from qtpy.QtWidgets import QMainWindow

from napari_autolut._compat import close_window, closing_for_good
from napari_autolut.storage import catalogue_changes
from napari_autolut.training.layers import LayerPixels, write_for_run
from napari_autolut.training.process import AlreadyTrainingError, Outcome
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import TrainingRun, begin_run, delete_run, kept_gain
from napari_autolut.training.session import Training
from napari_autolut.util.errors import error_message
from napari_autolut.widgets.shared.latest_run import LatestRun
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.train.questions import Answer, ask_before_closing, confirm_loss

LISTEN_EVERY_MS = 100


class TrainSession(QObject):
    """Starts a training, listens to it, and tells docks: there may be several, or none.

    ``updated`` says that there is something new to show, ``ended`` that the training is over, and
    ``refused`` why none was begun.
    """

    updated = Signal()
    ended = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.training: Training | None = None
        self._windows: WeakSet[QMainWindow] = WeakSet()
        self._window_to_close: QMainWindow | None = None
        self._pending_request: TrainRequest | None = None
        self._writing = LatestRun(self)
        self._writing.returned.connect(self._begin_with_files)
        self._writing.refused.connect(self._refuse)
        self._timer = QTimer(self, interval=LISTEN_EVERY_MS)
        self._timer.timeout.connect(self._listen)

    @property
    def preparing(self) -> bool:
        """Whether layers are being written for a training that will begin then."""
        return self._pending_request is not None

    @property
    def busy(self) -> bool:
        """Whether there is a training that is not over."""
        return self.preparing or (self.training is not None and not self.training.over)

    @property
    def learned(self) -> bool:
        """Whether the training has learned something that would be lost without its table."""
        return self.training is not None and self.training.record.step > 0

    # --- commands -------------------------------------------------------------------------------

    def start(self, request: TrainRequest, layers: Sequence[LayerPixels] = ()) -> None:
        """Begin a training, on the images that it names or on these layers."""
        if self.busy:
            self.refused.emit("A training is running already; wait for it, or stop it.")
        elif layers:
            self._pending_request = request
            self._writing.start(lambda: write_for_run(layers))
            self.updated.emit()
        else:
            self._begin_new(request)

    def resume(self, run: TrainingRun) -> None:
        """Resume a training where it was left."""
        if self.busy:
            self.refused.emit("A training is running already; wait for it, or stop it.")
        else:
            self._begin(run)

    def cancel(self) -> None:
        """End the training and remove what it has learned."""
        self._writing.cancel()
        if self.preparing:
            self._pending_request = None
            self.ended.emit()
        elif self.training is not None:
            self.training.discard()

    def forget(self) -> None:
        """Show a training that is over no more, and keep none that never began."""
        if self.busy or self.training is None:
            return
        run, self.training = self.training.run, None
        if not run.began:
            with suppress(OSError):
                delete_run(run)

    def _begin_with_files(self, folder: Path) -> None:
        request, self._pending_request = self._pending_request, None
        if request is not None:
            self._begin_new(replace(request, images=folder), folder.parent)

    def _begin_new(self, request: TrainRequest, folder: Path | None = None) -> None:
        try:
            run = begin_run(request, folder)
        except OSError as error:
            self._refuse(error_message(error))
        else:
            self._begin(run)

    def _begin(self, run: TrainingRun) -> None:
        try:
            self.training = Training(run)
        except (AlreadyTrainingError, OSError) as error:
            self._refuse(error_message(error))
            return
        self._timer.start()
        self.updated.emit()

    def _refuse(self, reason: str) -> None:
        self._pending_request = None
        self.refused.emit(reason)

    # --- the trainer's events -------------------------------------------------------------------

    def _listen(self) -> None:
        training = self.training
        if training is None:
            self._timer.stop()
        elif training.poll():
            self.updated.emit()
            if training.over:
                self._timer.stop()
                if training.model is not None:
                    catalogue_changes.happened.emit()
                _notify(training)
                self.ended.emit()
                self._close_window()

    # --- when napari is closed ------------------------------------------------------------------

    def watch(self, window: QMainWindow) -> None:
        """Ask before this window is closed while a training is running."""
        if window not in self._windows:
            self._windows.add(window)
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep a window open until it is known, and done, what becomes of the training."""
        if event.type() != QEvent.Type.Close or not self.busy:
            return super().eventFilter(watched, event)
        if closing_for_good(watched):
            self._stop_for_exit()
            return super().eventFilter(watched, event)
        event.ignore()
        if self._window_to_close is None:
            self._ask_before_closing(watched)
        return True

    def _ask_before_closing(self, window: Any) -> None:
        answer = ask_before_closing(window)
        if answer is Answer.DISCARD and self.learned and not confirm_loss(window):
            answer = Answer.STAY
        if answer is Answer.STAY:
            return
        self._window_to_close = window
        if answer is Answer.DISCARD or self.preparing:
            self.cancel()
        elif self.training is not None:
            self.training.stop()
        self.updated.emit()
        if not self.busy:
            self._close_window()

    def _close_window(self) -> None:
        window, self._window_to_close = self._window_to_close, None
        if window is not None:
            close_window(window)

    def _stop_for_exit(self) -> None:
        """Nobody can be asked: what was learned is kept, and found at the next start."""
        self._writing.cancel()
        self._pending_request = None
        if self.training is not None:
            self.training.stop()


def _notify(training: Training) -> None:
    """Tell of the end, which nobody may have waited for in front of the dock."""
    name, record = training.run.request.name, training.record
    if training.model is not None:
        gain = kept_gain(training.model, record)
        show_info(plain(f"{training.model.stem} is trained: {gain}."))
    elif training.discarded and training.end is not None and training.end.reason:
        show_info(plain(f"The training {name!r} was {training.end.reason}."))
    elif training.end is not None and training.end.outcome is Outcome.FAILED:
        show_warning(plain(f"The training {name!r} has ended: {training.end.reason}"))


_session: TrainSession | None = None


def session() -> TrainSession:
    """The one of this process."""
    global _session
    if _session is None:
        _session = TrainSession()
    return _session
