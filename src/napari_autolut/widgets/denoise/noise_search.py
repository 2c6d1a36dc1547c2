"""Looking for the noise of images, in a worker beside the window, once for each image.

Belongs here: what is known of open images. What is done with it is ``noise_field.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_autolut.arrays import Axes, Progress
from napari_autolut.denoising import FoundNoise
from napari_autolut.layers import DenoiseTask, layer_id
from napari_autolut.widgets.shared import LatestRun

if TYPE_CHECKING:
    from napari.layers import Image

Found = tuple[FoundNoise, ...]
Wanted = tuple["Image", DenoiseTask]


class NoiseSearch(QObject):
    """Knows the noise of the images that it was last asked for.

    ``ended`` says that more is known than before, or why it is not: see ``problem``.

    Parameters
    ----------
    parent : QObject
        Owner in Qt's tree.
    """

    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._known: dict[tuple[str, Axes], tuple[Any, Found]] = {}
        self._wanted: list[Wanted] = []
        self.problem = ""
        self._run = LatestRun(self)
        self._run.returned.connect(self._keep)
        self._run.refused.connect(self._refuse)

    @property
    def running(self) -> bool:
        """Whether something is being looked for."""
        return self._run.running

    def of(self, image: Image, axes: Axes) -> Found | None:
        """Give what was found in an image; None where it has not been looked at as it is now."""
        pixels, found = self._known.get((layer_id(image), axes), (None, None))
        return found if pixels is _pixels(image) else None

    def look_at(self, wanted: Iterable[Wanted]) -> None:
        """Look for the noise of images where it is not known, and forget all others."""
        self._wanted, self.problem = list(wanted), ""
        keys = {(layer_id(image), task.axes) for image, task in self._wanted}
        self._known = {key: known for key, known in self._known.items() if key in keys}
        unknown = [each for each in self._wanted if self.of(each[0], each[1].axes) is None]
        if not unknown:
            self._run.drop()
            return
        tasks = [task for _, task in unknown]

        def steps() -> Generator[Progress, None, list[Found]]:
            found = []
            for number, task in enumerate(tasks):
                yield Progress(number, len(tasks))
                found.append(task.find_noise())
            return found

        self._looked_at = [(image, task.axes, _pixels(image)) for image, task in unknown]
        self._run.start(steps)

    def drop(self) -> None:
        """Look for nothing any more, and forget what is known."""
        self._run.drop()
        self._known, self._wanted = {}, []

    def _keep(self, results: list[Found]) -> None:
        for (image, axes, pixels), found in zip(self._looked_at, results, strict=True):
            self._known[layer_id(image), axes] = pixels, found
        self._looked_at = []
        self.ended.emit()

    def _refuse(self, reason: str) -> None:
        self._looked_at, self.problem = [], reason
        self.ended.emit()


def _pixels(image: Image) -> Any:
    """The layer's own data, which tell whether it still has the pixels that were looked at."""
    return getattr(image, "__wrapped__", image).data
