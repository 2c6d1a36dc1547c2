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
from napari_autolut.engine import compiling
from napari_autolut.engine.compiler import compiler_process
from napari_autolut.preferences import preferences
from napari_autolut.storage import DEFAULT_MODEL, load_model
from napari_autolut.widgets.shared.latest_run import LatestRun

COMPILING = "Compiling the engine, once after installing (about 5 s)\N{HORIZONTAL ELLIPSIS}"
LOOK_MS = 100
"""Time between two looks at whether something is compiled."""
LOOKS_KEPT = 5
"""After so many looks without anything the row goes: kernels come one after the other."""


class EngineBar(QWidget):
    """A line and a moving bar, in a place that is empty unless the engine is being compiled.

    Once it is shown the engine is compiled in a thread, so that the first preview and the first run
    find it ready. When a run has ended nobody waits for what is still compiled, such as kernels for
    other types of pixels, and nothing is said of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.text, self.progress = QLabel(COMPILING), QProgressBar()
        self.text.setWordWrap(True)
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName("Compiling")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addWidget(self.progress)
        self._kept, self._awaited = 0, True
        self._last_seen = -math.inf
        self._run = LatestRun(self)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._show(False)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Compile, and look from time to time whether that is still done."""
        super().showEvent(event)
        self._timer.start()
        if not self._run.running:
            self._run.start(_steps)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Look no more."""
        super().hideEvent(event)
        self._timer.stop()

    def let_go(self) -> None:
        """Stop, as the dock is closed."""
        self._timer.stop()
        self._run.drop()

    def wait_for(self, on: bool) -> None:
        """A run or a preview began, and somebody waits for the engine; or it has ended."""
        self._awaited = on
        if not on:
            self._show(False)

    def seen_since(self, begun: float) -> bool:
        """Whether something was compiled since a time of `perf_counter`, which tells no speed."""
        return compiling() or self._last_seen >= begun

    def _look(self) -> None:
        if compiling():
            self._kept, self._last_seen = LOOKS_KEPT, perf_counter()
        else:
            self._kept = max(0, self._kept - 1)
        self._show(self._awaited and self._kept > 0)

    def _show(self, on: bool) -> None:
        self.text.setVisible(on)
        self.progress.setVisible(on)


def _steps() -> Generator[Progress, None, None]:
    yield Progress(0, 1)
    compiler_process.wanted = True  # a window must not stand still meanwhile
    wanted = preferences().model
    warm_up_model(load_model(DEFAULT_MODEL if wanted == AUTO else wanted))
