"""The line that proposes a degradation, found in the images beside the window, and its button.

Belongs here: when images are looked at, and what is shown. What is proposed is
``training.proposal``.
"""

from __future__ import annotations

from collections.abc import Generator

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_autolut.arrays import Progress
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.findings import Findings
from napari_autolut.training.proposal import look_like_micrographs, proposal_text, proposed
from napari_autolut.training.sources import Source
from napari_autolut.util.samples import spread
from napari_autolut.widgets.shared.latest_run import LatestRun
from napari_autolut.widgets.train.elements import button, text_label

MAX_IMAGES = 5
"""Images that are looked at, evenly spread over all that there are."""


class Proposal(QWidget):
    """Says how images of this kind are made smaller; ``accepted`` gives it when the user agrees."""

    accepted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._degradation: Degradation | None = None
        self.text = text_label(quiet=True)
        self.use = button("&Use this", "Fill in the fields below with what was found in the images")
        self.use.clicked.connect(self._accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addWidget(self.use)
        self._run = LatestRun(self)
        self._run.returned.connect(self._show)
        self._run.refused.connect(self._hide)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether images are being looked at."""
        return self._run.running

    def search(self, source: Source, findings: Findings, scale: int) -> None:
        """Look at a few of the images, for a table of this scale."""
        self._hide()
        images = findings.images
        chosen = [images[at] for at in spread(len(images), MAX_IMAGES)]

        def steps() -> Generator[Progress, None, Degradation]:
            planes = []
            for done, image in enumerate(chosen):
                yield Progress(done, len(chosen))
                planes.append(source.plane(image))
            micrographs = look_like_micrographs([each.dtype for each in chosen], planes)
            return proposed(planes, scale, micrographs=micrographs)

        self._run.start(steps)

    def cancel(self) -> None:
        """Stop, and propose nothing."""
        self._run.cancel()
        self._hide()

    def _show(self, degradation: Degradation) -> None:
        self._degradation = degradation
        self.text.setText(f"Your images suggest {proposal_text(degradation)}.")
        self.show()

    def _hide(self, _reason: str = "") -> None:
        self._degradation = None
        self.hide()

    def _accept(self) -> None:
        if self._degradation is not None:
            self.accepted.emit(self._degradation)
