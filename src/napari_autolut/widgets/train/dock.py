"""The Train dock: images in, a model of the user's own out.

Belongs here: which page is shown when. Pages have their own files, the training that is running
belongs to ``session.py``: it outlives this dock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from napari_autolut.arrays import Progress
from napari_autolut.storage.catalogue import catalogue_changes
from napari_autolut.training.findings import Findings
from napari_autolut.training.layers import LayerPixels
from napari_autolut.training.process import Outcome
from napari_autolut.training.record import TrainingRecord
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import TrainingRun, delete_run, publish
from napari_autolut.training.sources import Source
from napari_autolut.util.errors import error_message
from napari_autolut.util.optional import training_problem
from napari_autolut.widgets.shared import Dock, LatestRun
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.train.done import DonePage
from napari_autolut.widgets.train.found import FoundPage
from napari_autolut.widgets.train.missing import MissingPage
from napari_autolut.widgets.train.parts import Scrolled, main_window_of
from napari_autolut.widgets.train.questions import confirm_discard
from napari_autolut.widgets.train.running import RunningPage
from napari_autolut.widgets.train.session import session
from napari_autolut.widgets.train.settings import SettingsPage
from napari_autolut.widgets.train.source import SourcePage

if TYPE_CHECKING:
    import napari


class TrainWidget(Dock):
    """Dock that trains a table on the user's own images, in a process of its own."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session()
        self.missing = MissingPage()
        self.source = SourcePage(viewer)
        self.found = FoundPage()
        self.settings = SettingsPage()
        self.running = RunningPage()
        self.done = DonePage(viewer)
        self.pages = QStackedWidget()
        self._areas = {
            page: Scrolled(page)
            for page in (
                self.missing,
                self.source,
                self.found,
                self.settings,
                self.running,
                self.done,
            )
        }
        for area in self._areas.values():
            self.pages.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._keeping = LatestRun(self)
        self._connect()
        self._show_current()

    def _connect(self) -> None:
        self.missing.check_pressed.connect(self._look_for_torch)
        self.source.chosen.connect(self._look)
        self.source.runs.resume_pressed.connect(self._resume)
        self.source.runs.keep_pressed.connect(self._keep)
        self.source.runs.delete_pressed.connect(self._delete)
        self.found.back_pressed.connect(self._show_source)
        self.found.next_pressed.connect(self._choose)
        self.settings.back_pressed.connect(self._show_found)
        self.settings.start_pressed.connect(self._start)
        self.running.pause_pressed.connect(self._pause_or_resume)
        self.running.stop_pressed.connect(self._stop)
        self.running.cancel_pressed.connect(self._cancel)
        self.running.resume_pressed.connect(self._resume_failed)
        self.running.keep_pressed.connect(self._keep_failed)
        self.running.leave_pressed.connect(self._leave)
        self.done.again_pressed.connect(self._leave)
        self._keeping.returned.connect(self._show_kept)
        self._keeping.refused.connect(self._refuse)
        self._heard: list[tuple[Any, Callable[..., None]]] = [
            (self.session.moved, self._follow),
            (self.session.ended, self._finish),
            (self.session.refused, self._refuse),
        ]
        for signal, slot in self._heard:
            signal.connect(slot)

    # --- which page -----------------------------------------------------------------------------

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return next(p for p, area in self._areas.items() if area is self.pages.currentWidget())

    def _go_to(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(self._areas[page])

    def _show_found(self) -> None:
        self._go_to(self.found)

    def _show_current(self) -> None:
        """Begin with what there is: a training, the first page, or what is missing for it."""
        if self.session.busy or self.session.training is not None:
            self._follow()
            if not self.session.busy:
                self._finish()
        elif not training_problem():
            self._show_source()
        else:
            self._go_to(self.missing)

    def _look_for_torch(self) -> None:
        if not training_problem():
            self._show_source()
        else:
            self.missing.still_missing()

    def _show_source(self) -> None:
        self.source.refresh()
        self._go_to(self.source)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """A dock that was hidden may have missed trainings; its window asks before it closes."""
        super().showEvent(event)
        window = main_window_of(self)
        if window is not None:
            self.session.watch(window)
        if self.page is self.source:
            self.source.refresh()

    def let_go(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.found.drop()
        self.settings.drop()
        self.done.stop()
        for signal, slot in self._heard:
            signal.disconnect(slot)
        self._heard.clear()
        for each in (self.source.layers, self.done.layers):
            each.connections.undo()

    # --- from images to a training --------------------------------------------------------------

    def _look(self, source: Source) -> None:
        self.found.look(source)
        self._go_to(self.found)

    def _choose(self, source: Source, findings: Findings) -> None:
        self.settings.show_source(source, findings)
        self._go_to(self.settings)

    def _start(self, request: TrainRequest, layers: Sequence[LayerPixels]) -> None:
        self.settings.drop()
        self.session.start(request, layers)

    # --- while it is running --------------------------------------------------------------------

    def _follow(self) -> None:
        training = self.session.training
        if self.session.preparing:
            self.running.show_preparing()
            self._go_to(self.running)
        elif training is not None and not training.over:
            self.running.show_training(training)
            self._go_to(self.running)

    def _pause_or_resume(self) -> None:
        training = self.session.training
        if training is not None:
            training.resume() if training.record.paused else training.pause()
            self.running.show_training(training)

    def _stop(self) -> None:
        training = self.session.training
        if training is not None:
            training.stop()
            self.running.show_training(training)

    def _cancel(self) -> None:
        training = self.session.training
        learned = training is not None and training.record.step > 0
        if learned and not confirm_discard(
            self, "Discard the training", "What was learned is lost. Stop and keep saves it."
        ):
            return
        self.session.cancel()
        self._follow()

    def _finish(self) -> None:
        """Show what came of it."""
        training = self.session.training
        if training is None or training.end is None:
            self._show_source()
        elif training.model is not None:
            self.done.show_model(
                training.model,
                finished=training.end.outcome is Outcome.DONE,
                record=training.record,
            )
            self._go_to(self.done)
        elif training.discarded:
            self.session.forget()
            self._show_source()
        else:
            self.running.show_training(training)
            self._go_to(self.running)

    # --- trainings that are not over ------------------------------------------------------------

    def _resume(self, run: TrainingRun) -> None:
        self.session.resume(run)

    def _resume_failed(self) -> None:
        if self.session.training is not None:
            self.session.resume(self.session.training.run)

    def _keep_failed(self) -> None:
        if self.session.training is not None:
            self._keep(self.session.training.run)

    def _keep(self, run: TrainingRun) -> None:
        def steps() -> Generator[Progress, None, tuple[Path, TrainingRecord]]:
            yield Progress(0, 1)
            _, model = publish(run)
            return model, TrainingRecord.of(run.history())

        self._keeping.start(steps)

    def _show_kept(self, kept: tuple[Path, TrainingRecord]) -> None:
        catalogue_changes.happened.emit()
        model, record = kept
        self.done.show_model(model, finished=False, record=record)
        self._go_to(self.done)

    def _delete(self, run: TrainingRun) -> None:
        if run.table.exists() and not confirm_discard(
            self, f"Delete the training {run.request.name!r}", "It cannot be resumed after that."
        ):
            return
        try:
            delete_run(run)
        except OSError as error:
            self._refuse(error_message(error))
        self.source.refresh()

    def _leave(self) -> None:
        self.session.forget()
        self._show_source()

    def _refuse(self, reason: str) -> None:
        show_error(plain(reason))
        if self.page is self.running and self.session.training is None:
            self._show_source()
