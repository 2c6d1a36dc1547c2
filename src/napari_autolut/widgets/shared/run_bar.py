"""Run, progress and Cancel: what the user sees of work in the background.

Belongs here: buttons, bar and status. What is run, and what becomes of the result, the dock says.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from napari.utils.notifications import notification_manager, show_error
from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_autolut.arrays import Progress
from napari_autolut.util.clock import Clock
from napari_autolut.util.pace import Pace
from napari_autolut.widgets.shared.background import Refusal, Run, Steps, refusal_text
from napari_autolut.widgets.shared.form import wrapped_label
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.shared.selectable import SelectableLabel
from napari_autolut.widgets.shared.text import duration_text, rough_duration_text, sentence

PATIENCE = 2.0
"""Seconds after which the time that is left is shown."""

TICK = 1000
"""Milliseconds between two looks at the clock, so that it sees for how long a computer slept."""

Done = Callable[[Any], str]
"""Takes the result, and gives the line for the user."""


class _Stop:
    """Stops the run in progress; apart from the widget so that Qt may delete that first."""

    def __init__(self) -> None:
        self.event = Event()

    def now(self, _deleted: QObject | None = None) -> None:
        self.event.set()


class RunBar(QWidget):
    """A button that is Cancel while something runs, a progress bar and a line of text.

    Parameters
    ----------
    label, tip : str
        What the button starts, in a word and in a sentence.
    outcome : str
        What a cancelled run has done.
    pausable : bool, default False
        Whether there is a button that pauses a run, which is one of many files.
    """

    run_pressed = Signal()
    running_changed = Signal(bool)

    def __init__(
        self,
        *,
        label: str = "&Run",
        tip: str = "Upscale the image",
        outcome: str = "nothing was added",
        pausable: bool = False,
    ) -> None:
        super().__init__()
        self._label, self._tip, self._usual = label, tip, outcome
        self._outcome = outcome
        self._pausable, self._paused = pausable, Event()
        self._run: Run | None = None
        self._done: Done | None = None
        self._clock, self._pace = Clock(), Pace()
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK)
        self._ticks.timeout.connect(lambda: self._clock.tick())
        self._also: list[str] = []
        self._outcome_text = ""
        self._stop = _Stop()
        self.destroyed.connect(self._stop.now)
        self.button = QPushButton()
        self.button.clicked.connect(self._press)
        self.pause = QPushButton("Pa&use")
        self.pause.setCheckable(True)
        self.pause.setToolTip(
            "Wait after the slice or tile that is computed now, until pressed again"
        )
        self.pause.toggled.connect(self._pause)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress")
        self.status = wrapped_label(SelectableLabel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.button, self.pause, self.progress, self.status):
            layout.addWidget(widget)
        self._show_running(False)

    @property
    def running(self) -> bool:
        """Whether something runs that has not been cancelled."""
        return self._run is not None

    @property
    def seconds(self) -> float:
        """Seconds that the run has taken so far, without breaks and a computer's sleep."""
        return self._clock.seconds

    @property
    def seconds_at_pace(self) -> float | None:
        """Seconds that the run takes without what comes first; None where it has too few steps."""
        return self._pace.whole

    def start(
        self,
        steps: Steps,
        done: Done,
        *,
        progress: str = "%p %",
        outcome: str = "",
    ) -> None:
        """Run ``steps`` in the background and give their result to ``done``.

        Parameters
        ----------
        steps : callable
            Gives a generator that yields `Progress` and returns the result.
        done : callable
            Takes the result, and gives the line for the user.
        progress : str
            Format of Qt's progress bar.
        outcome : str
            What this run has done where it is cancelled, if that is not as usual.
        """
        self._drop()
        self._stop.event = Event()
        self._done, self._outcome = done, outcome or self._usual
        self.pause.setChecked(False)
        self._clock, self._pace = Clock(), Pace()
        self._ticks.start()
        self._also.clear()
        self._run = Run(steps, self._stop.event, self._paused)
        self._run.advanced.connect(self._advance)
        self._run.warned.connect(self._warn)
        self._run.returned.connect(self._finish)
        self._run.finished.connect(self._end)
        self.progress.setFormat(progress)
        self.progress.setRange(0, 0)
        self._show_running(True)
        self._run.start()

    def cancel(self, reason: str = "") -> None:
        """Stop at once for the user; the thread ends with the tile it is at."""
        if self.running:
            self._drop()
            self._show_running(False)
            self._conclude(reason or f"Cancelled; {self._outcome}.")

    def refuse(self, error: BaseException | str) -> None:
        """Say why nothing is done, as a notification and in the line of text."""
        reason = refusal_text(error)
        self.status.setText(reason)
        show_error(plain(reason))

    def advise(self, text: str = "") -> None:
        """Say what a run needs, or nothing in place of a refusal; how the last one ended stays.

        For changes of the form, many of which follow from what other docks add to the viewer.
        """
        if text or not (self.running or self.status.text() == self._outcome_text):
            self.status.setText(text)

    def say_also(self, line: str) -> None:
        """Say something more below what is said of this run's result, once."""
        if line not in self._also:
            self._also.append(line)

    def _drop(self) -> None:
        """Stop the run, and listen to nothing that it still says."""
        self._stop.now()
        self._ticks.stop()
        run, self._run, self._done = self._run, None, None
        if run is not None:
            run.blockSignals(True)

    def _conclude(self, text: str) -> None:
        self._outcome_text = text
        self.status.setText(text)

    def _press(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.run_pressed.emit()

    def _pause(self, on: bool) -> None:
        if on:
            self._paused.set()
            self._clock.tick()
            self._ticks.stop()
            self.status.setText("Paused")
            self.status.show()
        elif self._paused.is_set():
            self._paused.clear()
            self.status.clear()
            self._clock.leave_out()
            self._ticks.start()
        self.pause.setText("Res&ume" if on else "Pa&use")

    def _advance(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        self._pace.step(self.seconds, progress.done / max(1, progress.total))
        left = self._pace.left
        if left is not None and self.seconds > PATIENCE and not self._paused.is_set():
            self.status.setText(f"{rough_duration_text(left).capitalize()} left")
            self.status.show()

    def _warn(self, warning: tuple[Any, ...]) -> None:
        """Keep a warning for the line of text; napari notifies of the same one only once."""
        message, category, *where = warning
        if issubclass(category, UserWarning):
            text = sentence(str(message))
            self.say_also(text)
            notification_manager.receive_warning(UserWarning(plain(text)), category, *where)

    def _finish(self, result: Any) -> None:
        done, took = self._done, self.seconds
        self._drop()
        try:
            if isinstance(result, Refusal):
                self.refuse(result.reason)
            elif done is not None:
                lines = [f"{done(result)} in {duration_text(took)}.", *self._also]
                self._conclude("\n".join(lines))
        finally:
            self._show_running(False)

    def _end(self) -> None:
        """The run gave no result: an error that nobody expected, and napari has shown it."""
        self.cancel(f"Stopped; {self._outcome}.")

    def _show_running(self, running: bool) -> None:
        self.button.setText("&Cancel" if running else self._label)
        self.button.setToolTip(f"Stop; {self._outcome}" if running else self._tip)
        self.progress.setVisible(running)
        self.pause.setVisible(running and self._pausable)
        self.status.setVisible(not running)
        self.running_changed.emit(running)
