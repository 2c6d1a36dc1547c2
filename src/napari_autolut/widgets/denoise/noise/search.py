"""Looking for the noise of images, in a worker beside the window, once for each image.

Belongs here: what is known of open images. What is done with it is ``field.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from qtpy.QtCore import QObject, QTimer, Signal

from napari_autolut.arrays import Axes, Progress
from napari_autolut.denoising import FoundNoise
from napari_autolut.layers import DenoiseTask
from napari_autolut.widgets.shared import LatestRun

if TYPE_CHECKING:
    from napari.layers import Image

Found = tuple[FoundNoise, ...]
ImageTask = tuple["Image", DenoiseTask]


class NoiseSearch(QObject):
    """Knows the noise of the images that it was asked for, as long as they are there.

    ``ended`` says that more is known than before, or why it is not: see ``problem``.

    Parameters
    ----------
    parent : QObject
        Owner in Qt's tree.
    """

    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._known: WeakKeyDictionary[Any, dict[Axes, tuple[Any, Found]]] = WeakKeyDictionary()
        self._wanted: list[ImageTask] = []
        self._searched: list[tuple[Any, Axes, Any]] = []
        self.problem = ""
        self._run = LatestRun(self)
        self._run.returned.connect(self._keep)
        self._run.refused.connect(self._refuse)
        # Images that are picked for a moment are not looked at.
        self._delay = QTimer(self, singleShot=True, interval=0)
        self._delay.timeout.connect(self._begin)

    @property
    def running(self) -> bool:
        """Whether something is being looked for."""
        return self._delay.isActive() or self._run.running

    def of(self, image: Image, axes: Axes) -> Found | None:
        """Give what was found in an image; None where it has not been looked at as it is now."""
        layer = _bare(image)
        pixels, found = self._known.get(layer, {}).get(axes, (None, None))
        return found if pixels is layer.data else None

    def find_noise(self, wanted: Iterable[ImageTask]) -> None:
        """Look for the noise of images where it is not known, and for that of no others."""
        self._wanted, self.problem = list(wanted), ""
        self._run.cancel()
        self._delay.stop()
        if self._unknown():
            self._delay.start()

    def _unknown(self) -> list[ImageTask]:
        return [each for each in self._wanted if self.of(each[0], each[1].axes) is None]

    def _begin(self) -> None:
        unknown = self._unknown()
        tasks = [task for _, task in unknown]

        def steps() -> Generator[Progress, None, list[Found]]:
            found = []
            for number, task in enumerate(tasks):
                yield Progress(number, len(tasks))
                found.append(task.find_noise())
            return found

        self._searched = [(_bare(image), task.axes, _bare(image).data) for image, task in unknown]
        self._run.start(steps)

    def cancel(self) -> None:
        """Look for nothing any more, and forget what is known."""
        self._delay.stop()
        self._run.cancel()
        self._known.clear()
        self._wanted = []

    def _keep(self, results: list[Found]) -> None:
        for (layer, axes, pixels), found in zip(self._searched, results, strict=True):
            self._known.setdefault(layer, {})[axes] = pixels, found
        self._searched = []
        self.ended.emit()

    def _refuse(self, reason: str) -> None:
        self._searched, self.problem = [], reason
        self.ended.emit()


def _bare(image: Image) -> Any:
    """The layer itself: napari wraps what it hands to plugins, each time anew.

    Its own data tell whether it still has the pixels that were looked at.
    """
    return getattr(image, "__wrapped__", image)
