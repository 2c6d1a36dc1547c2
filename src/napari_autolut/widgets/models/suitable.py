"""Which model suits an image or a folder of them, found beside the window.

Belongs here: looking at them for that. The rules are ``arrays.model_choice``; what is done with
the answer, each dock says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_autolut.arrays import ModelChoice, Progress
from napari_autolut.layers import LayerTraits
from napari_autolut.model import ModelError
from napari_autolut.storage import load_model
from napari_autolut.widgets.shared import REFUSALS, LatestRun

if TYPE_CHECKING:
    from napari.layers import Image

Choose = Callable[[], ModelChoice]
"""Looks at images, and chooses; may read files."""


class SuitableModel(QObject):
    """Looks at images; ``found`` gives the choice, or None where there is nothing to say."""

    found = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run = LatestRun(self)
        self._run.returned.connect(self.found)
        self._run.refused.connect(self._find_nothing)

    @property
    def busy(self) -> bool:
        """Whether images are being looked at."""
        return self._run.running

    def choose_for(self, image: Image | None) -> None:
        """Look at another image; None forgets the last one."""
        try:
            traits = None if image is None else LayerTraits.of(image)
        except REFUSALS:
            traits = None
        if traits is None:
            self.cancel()
            self._find_nothing()
        else:
            self.choose_by(traits.choose)

    def choose_by(self, choose: Choose) -> None:
        """Look at other images in a thread."""

        def steps() -> Generator[Progress, None, ModelChoice]:
            yield Progress(0, 1)
            choice = choose()
            with suppress(ModelError):
                load_model(choice.name)  # read here, so that the window does not wait for it
            return choice

        self._run.start(steps)

    def _find_nothing(self, _reason: str = "") -> None:
        self.found.emit(None)

    def cancel(self) -> None:
        """Look at nothing any more."""
        self._run.cancel()
