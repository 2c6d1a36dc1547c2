"""The Train dock: images in, a model of the user's own out.

Belongs here: which page is shown when, and what its buttons do. Each page has a file of its own;
the running training belongs to ``session.py``, which outlives this dock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from napari_autolut.arrays import Progress
from napari_autolut.storage import catalogue_changes
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
from napari_autolut.widgets.train.elements import ScrollingPage, main_window_of
from napari_autolut.widgets.train.findings import FindingsPage
from napari_autolut.widgets.train.install import InstallPage
from napari_autolut.widgets.train.questions import confirm_discard, confirm_loss
from napari_autolut.widgets.train.result import ResultPage
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
        self.install = InstallPage()
        self.source = SourcePage(viewer)
        self.findings = FindingsPage()
        self.settings = SettingsPage()
        self.running = RunningPage()
        self.result = ResultPage(viewer)
        self.pages = QStackedWidget()
        self._scroll_areas = {
            page: ScrollingPage(page)
            for page in (
                self.install,
                self.source,
                self.findings,
                self.settings,
                self.running,
                self.result,
            )
        }
        for area in self._scroll_areas.values():
            self.pages.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._publishing = LatestRun(self)
        self._connect()
        self._show_current()

    def _connect(self) -> None:
        self.install.check_pressed.connect(self._check_torch)
        self.source.chosen.connect(self._show_search)
        self.source.runs.resume_pressed.connect(self._resume)
        self.source.runs.keep_pressed.connect(self._publish)
        self.source.runs.delete_pressed.connect(self._delete)
        self.findings.back_pressed.connect(self._show_source)
        self.findings.next_pressed.connect(self._show_settings)
        self.settings.back_pressed.connect(self._show_findings)
        self.settings.start_pressed.connect(self._start)
        self.running.pause_pressed.connect(self._pause_or_resume)
        self.running.stop_pressed.connect(self._stop)
        self.running.cancel_pressed.connect(self._cancel)
        self.running.resume_pressed.connect(self._resume_failed)
        self.running.keep_pressed.connect(self._publish_failed)
        self.running.leave_pressed.connect(self._leave_training)
        self.result.again_pressed.connect(self._leave_training)
        self._publishing.returned.connect(self._show_published)
        self._publishing.refused.connect(self._show_refusal)
        self._session_slots: list[tuple[Any, Callable[..., None]]] = [
            (self.session.updated, self._show_progress),
            (self.session.ended, self._show_outcome),
            (self.session.refused, self._show_refusal),
        ]
        for signal, slot in self._session_slots:
            signal.connect(slot)

    # --- which page -----------------------------------------------------------------------------

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        area = self.pages.currentWidget()
        return next(page for page, each in self._scroll_areas.items() if each is area)

    def _go_to(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(self._scroll_areas[page])

    def _show_findings(self) -> None:
        self._go_to(self.findings)

    def _show_current(self) -> None:
        """Show the training that there is, else the first page, or what must be installed."""
        if self.session.busy or self.session.training is not None:
            self._show_progress()
            if not self.session.busy:
                self._show_outcome()
        elif not training_problem():
            self._show_source()
        else:
            self._go_to(self.install)

    def _check_torch(self) -> None:
        if not training_problem():
            self._show_source()
        else:
            self.install.still_missing()

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

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.findings.cancel()
        self.settings.cancel()
        self.result.stop()
        for signal, slot in self._session_slots:
            signal.disconnect(slot)
        self._session_slots.clear()
        for each in (self.source.layers, self.result.layers):
            each.connections.undo()

    # --- from images to a training --------------------------------------------------------------

    def _show_search(self, source: Source) -> None:
        self.findings.search(source)
        self._go_to(self.findings)

    def _show_settings(self, source: Source, findings: Findings) -> None:
        self.settings.show_source(source, findings)
        self._go_to(self.settings)

    def _start(self, request: TrainRequest, layers: Sequence[LayerPixels]) -> None:
        self.settings.cancel()
        self.session.start(request, layers)

    # --- while it is running --------------------------------------------------------------------

    def _show_progress(self) -> None:
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
        if self.session.learned and not confirm_loss(self):
            return
        self.session.cancel()
        self._show_progress()

    def _show_outcome(self) -> None:
        """Show how the training ended: a model, a failure, or nothing."""
        training = self.session.training
        if training is None or training.end is None:
            self._show_source()
        elif training.model is not None:
            self.result.show_model(
                training.model,
                finished=training.end.outcome is Outcome.DONE,
                record=training.record,
            )
            self._go_to(self.result)
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

    def _publish_failed(self) -> None:
        if self.session.training is not None:
            self._publish(self.session.training.run)

    def _publish(self, run: TrainingRun) -> None:
        def steps() -> Generator[Progress, None, tuple[Path, TrainingRecord]]:
            yield Progress(0, 1)
            _, model = publish(run)
            return model, TrainingRecord.of(run.history())

        self._publishing.start(steps)

    def _show_published(self, kept: tuple[Path, TrainingRecord]) -> None:
        catalogue_changes.happened.emit()
        model, record = kept
        self.result.show_model(model, finished=False, record=record)
        self._go_to(self.result)

    def _delete(self, run: TrainingRun) -> None:
        if run.table.exists() and not confirm_discard(
            self, f"Delete the training {run.request.name!r}", "It cannot be resumed after that."
        ):
            return
        try:
            delete_run(run)
        except OSError as error:
            self._show_refusal(error_message(error))
        self.source.refresh()

    def _leave_training(self) -> None:
        self.session.forget()
        self._show_source()

    def _show_refusal(self, reason: str) -> None:
        show_error(plain(reason))
        if self.page is self.source:
            self.source.refresh()  # a training may be gone
        elif self.page is self.running and self.session.training is None:
            self._show_source()
