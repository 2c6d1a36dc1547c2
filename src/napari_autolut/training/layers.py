"""Open layers as files that a trainer can read, pixel for pixel and type for type.

Belongs here: what is taken from a layer, and how it is cut into files. The trainer keeps whole
files apart to measure with, so one layer becomes several of them.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Progress
from napari_autolut.layers import require_image
from napari_autolut.training.findings import FoundImage, thumbnail
from napari_autolut.training.runs import new_folder

if TYPE_CHECKING:
    from napari.layers import Layer

MOST_PARTS = 20
"""Files that a layer becomes, at most, unless it is a single picture."""

MOST_PIXELS = 2**28
"""Pixels that are taken of a layer, in slices spread over all of it: the trainer's memory ends."""

LEAST_SIDE = 256
"""Rows and columns that a part of a single picture has at least."""

MOST_WORDS = 40


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
        return cls(image.name, image.data[0] if image.multiscale else image.data, bool(image.rgb))

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
        most = max(MOST_PARTS, MOST_PIXELS // max(1, math.prod(self.size)))
        return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))

    @property
    def spatial_axes(self) -> tuple[int, int]:
        """Numbers of the row and the column axis."""
        return len(self.leading), len(self.leading) + 1

    def found(self) -> FoundImage:
        """Describe it as an image to learn from."""
        count = len(self.slices)
        single = count == 1
        boxes = list(_pieces(self.size)) if single else []
        sides = [part.stop - part.start for box in boxes for part in box]
        return FoundImage(
            name=self.name,
            size=self.size,
            planes=count * (min(3, self.data.shape[-1]) if self.rgb else 1),
            dtype=str(self.data.dtype),
            thumbnail=thumbnail(self.data, self.spatial_axes, self.rgb),
            files=len(boxes) if single else min(count, MOST_PARTS),
            min_side=min(sides) if single else min(self.size),
        )


def folder_name(layers: Sequence[LayerPixels]) -> str:
    """Name of a folder for their files, which a model's card will show."""
    words = re.sub(r"[^\w-]+", " ", ", ".join(layer.name for layer in layers)).strip()
    return f"open layers {words[:MOST_WORDS].strip()}".strip()


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
            shutil.rmtree(root, ignore_errors=True)


def write_layers(layers: Sequence[LayerPixels], folder: Path) -> Generator[Progress, None, Path]:
    """Write layers as TIFF files into a new folder; yields after every plane.

    A stack becomes up to 20 files of slices that follow each other, a single picture its quarters
    or sixteenths where it is large enough.

    Raises
    ------
    OSError
        if they cannot be written
    """
    folder.mkdir(parents=True)
    total = sum(len(layer.slices) for layer in layers)
    done = 0
    for number, layer in enumerate(layers):
        for part, planes in enumerate(_parts(layer)):
            path = folder / f"{number + 1:02}-{part + 1:02}.tif"
            for _ in _written(path, planes, layer.rgb):
                done += 1
                yield Progress(min(done, total), total)
    return folder


def _parts(layer: LayerPixels) -> Iterator[Iterator[Any]]:
    """For each file its planes, which are read one by one."""
    slices = layer.slices
    if len(slices) == 1:
        for box in _pieces(layer.size):
            yield iter([np.asarray(layer.data[(*(0 for _ in layer.leading), *box)])])
        return
    for indices in np.array_split(slices, min(len(slices), MOST_PARTS)):
        yield _planes(layer, indices)


def _planes(layer: LayerPixels, indices: Any) -> Iterator[Any]:
    for index in indices:
        yield np.asarray(layer.data[np.unravel_index(int(index), layer.leading)])


def _pieces(size: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """A picture's quarters, or sixteenths; the two halves of a smaller one."""
    rows, columns = (_cuts(length) for length in size)
    if rows == columns == 1:
        rows, columns = (2, 1) if size[0] > size[1] else (1, 2)
    for row in range(rows):
        for column in range(columns):
            yield _span(size[0], rows, row), _span(size[1], columns, column)


def _cuts(length: int) -> int:
    return 4 if length >= 4 * LEAST_SIDE else 2 if length >= LEAST_SIDE else 1


def _span(length: int, count: int, number: int) -> slice:
    return slice(length * number // count, length * (number + 1) // count)


def _written(path: Path, planes: Iterator[Any], rgb: bool) -> Iterator[None]:
    import tifffile

    photometric = "rgb" if rgb else "minisblack"
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for plane in planes:
            writer.write(plane, photometric=photometric, metadata=None, contiguous=True)
            yield
