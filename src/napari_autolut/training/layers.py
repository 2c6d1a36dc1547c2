"""Open layers as files that a trainer can read, pixel for pixel and type for type.

Belongs here: what is taken from a layer, and the file that it becomes. What of it is held out to
measure with is settled by the trainer, as for any file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Progress
from napari_autolut.io import ImageFile
from napari_autolut.layers import layer_array, require_image
from napari_autolut.training.findings import FoundImage, thumbnail
from napari_autolut.training.planes import Channels, channels
from napari_autolut.training.runs import new_folder
from napari_autolut.util.in_use import remove_folder
from napari_autolut.util.spelling import composed

if TYPE_CHECKING:
    from napari.layers import Layer

MIN_SLICES = 20
"""Slices that are taken of a layer at least, however large they are."""

MAX_PIXELS = 2**28
"""Pixels that are taken of a layer, in slices spread over all of it: the trainer's memory ends."""

MAX_WORDS = 40


@dataclass(frozen=True, eq=False)
class LayerPixels:
    """What is taken from a layer in the window's thread; the rest is done beside it.

    ``data`` is (..., H, W), or (..., H, W, 3 or 4) with ``rgb``, in memory or lazy.
    """

    name: str
    data: Any
    rgb: bool

    @classmethod
    def of(cls, layer: Layer) -> LayerPixels:
        """Take a layer's pixels, the finest ones where it has several.

        Raises
        ------
        UnsupportedLayerError
            if it is not an image of real numbers
        """
        image = require_image(layer)
        pixels = layer_array(image.data[0] if image.multiscale else image.data)
        return cls(image.name, pixels, bool(image.rgb))

    @property
    def leading(self) -> tuple[int, ...]:
        """Sizes of the axes before rows and columns."""
        return tuple(self.data.shape[: -3 if self.rgb else -2])

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return tuple(self.data.shape[-3:-1] if self.rgb else self.data.shape[-2:])

    @property
    def slices(self) -> NDArray[np.intp]:
        """Numbers of the slices to learn from: all of them, or as many as there is memory for."""
        count = math.prod(self.leading)
        max_count = max(MIN_SLICES, MAX_PIXELS // max(1, math.prod(self.size)))
        return np.unique(np.linspace(0, count - 1, min(count, max_count)).round().astype(np.intp))

    @property
    def spatial_axes(self) -> tuple[int, int]:
        """Numbers of the row and the column axis."""
        return len(self.leading), len(self.leading) + 1

    def usable(self) -> Channels | None:
        """What a trainer takes of it; None where it would have to be read to know.

        Raises
        ------
        TrainingDataError
            If nothing can be learned from it.
        """
        if not isinstance(self.data, np.ndarray):
            return None
        planes = self.data.reshape(-1, *self.data.shape[len(self.leading) :])[self.slices]
        return channels(ImageFile(planes, "ZYXS" if self.rgb else "ZYX"))

    def found(self, usable: Channels | None) -> FoundImage:
        """Describe it, of which so much can be used, as an image to learn from."""
        count = len(self.slices)
        return FoundImage(
            name=self.name,
            size=self.size if usable is None else usable.size,
            planes=count * (min(3, self.data.shape[-1]) if self.rgb else 1),
            dtype=str(self.data.dtype),
            thumbnail=thumbnail(self.data, self.spatial_axes, self.rgb),
            slices=count,
        )


def folder_name(layers: Sequence[LayerPixels]) -> str:
    """Name of a folder for their files, which a model's card will show."""
    words = re.sub(r"[^\w-]+", " ", composed(", ".join(layer.name for layer in layers))).strip()
    return f"open layers {words[:MAX_WORDS].strip()}".strip()


def write_for_run(layers: Sequence[LayerPixels]) -> Generator[Progress, None, Path]:
    """Write layers into the new folder of a training; returns where, and leaves nothing if stopped.

    Raises
    ------
    OSError
        if they cannot be written
    """
    root, done = new_folder(), False
    try:
        folder = yield from write_layers(layers, root / folder_name(layers))
        done = True
        return folder
    finally:
        if not done:
            with suppress(OSError):
                remove_folder(root)


def write_layers(layers: Sequence[LayerPixels], folder: Path) -> Generator[Progress, None, Path]:
    """Write each layer as a TIFF file into a new folder; yields after every plane.

    Raises
    ------
    OSError
        if they cannot be written
    """
    folder.mkdir(parents=True)
    total = sum(len(layer.slices) for layer in layers)
    done = 0
    for number, layer in enumerate(layers):
        for _ in _written(folder / f"{number + 1:02}.tif", layer):
            done += 1
            yield Progress(done, total)
    return folder


def _written(path: Path, layer: LayerPixels) -> Iterator[None]:
    """Write the planes of a layer one by one."""
    import tifffile

    photometric = "rgb" if layer.rgb else "minisblack"
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for index in layer.slices:
            plane = np.asarray(layer.data[np.unravel_index(int(index), layer.leading)])
            writer.write(plane, photometric=photometric, metadata=None, contiguous=True)
            yield
