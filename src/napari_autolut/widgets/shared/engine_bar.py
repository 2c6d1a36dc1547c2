"""What docks show while the engine is compiled, and compiling it before anybody waits for it.

Belongs here: the row with the moving bar, and the work that begins when a dock is first shown.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from time import perf_counter

from qtpy.QtCore import QTimer
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from napari_autolut.arrays import AUTO, Progress, warm_up_model
from napari_autolut.compilation.process import compiler_process
from napari_autolut.compilation.under_way import COMPILING
from napari_autolut.engine import compiling
from napari_autolut.preferences import preferences
from napari_autolut.storage import DEFAULT_MODEL, load_model
from napari_autolut.widgets.shared.latest_run import LatestRun

POLL_MS = 100
"""Time between two looks at whether something is compiled."""
PATIENCE = 5
"""Polls after the last compilation for which the row stays: the next kernel often follows."""


class EngineBar(QWidget):
    """A line and a moving bar, hidden unless the engine is being compiled and somebody waits.

    When the widget is first shown the engine is compiled in a thread, so that the first preview and
    the first run find it ready. After a run nobody waits any more for what is still compiled, such
    as kernels for other types of pixels.
    """

    def __init__(self) -> None:
        super().__init__()
        self.text, self.progress = QLabel(f"{COMPILING}\N{HORIZONTAL ELLIPSIS}"), QProgressBar()
        self.text.setWordWrap(True)
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName("Compiling")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addWidget(self.progress)
        self._polls_left, self._awaited = 0, True
        self._last_seen = -math.inf
        self._run = LatestRun(self)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._show(False)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Compile, and look from time to time whether that has ended."""
        super().showEvent(event)
        self._timer.start()
        if not self._run.running:
            self._run.start(_compile_steps)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Stop looking."""
        super().hideEvent(event)
        self._timer.stop()

    def tear_down(self) -> None:
        """Stop, as the dock is closed."""
        self._timer.stop()
        self._run.cancel()

    def wait_for(self, on: bool) -> None:
        """Say that a run or a preview waits for the engine, or that it has ended."""
        self._awaited = on
        if not on:
            self._show(False)

    def seen_since(self, begun: float) -> bool:
        """Whether something was compiled since a time of `perf_counter`, which spoils a measure."""
        return compiling() or self._last_seen >= begun

    def _poll(self) -> None:
        if compiling():
            self._polls_left, self._last_seen = PATIENCE, perf_counter()
        else:
            self._polls_left = max(0, self._polls_left - 1)
        self._show(self._awaited and self._polls_left > 0)

    def _show(self, on: bool) -> None:
        self.text.setVisible(on)
        self.progress.setVisible(on)


def _compile_steps() -> Generator[Progress, None, None]:
    yield Progress(0, 1)
    compiler_process.wanted = True  # a window must not stand still meanwhile
    wanted = preferences().model
    warm_up_model(load_model(DEFAULT_MODEL if wanted == AUTO else wanted))
