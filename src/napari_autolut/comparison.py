"""What is compared: enlargements of the same pixels by several ways, computed step by step.

Belongs here: the ways, the work that each is, and results that are kept for the next time. How
results are measured against each other is ``comparison_figures.py``, where they lie in the world
``comparison_layers.py``; plain numpy, no napari.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import upscale_steps
from napari_autolut.bicubic import resize
from napari_autolut.engine.intensity import Range, filled, missing, to_dtype
from napari_autolut.engine.tiles import tile_count
from napari_autolut.jobs import Progress
from napari_autolut.model import LutModel

Pixels = NDArray[Any]

KEPT_BYTES = 2**30
"""What results that are not shown at the moment may take in memory."""

BICUBIC_REACH = 2


@dataclass(frozen=True, eq=False)
class Source:
    """The pixels that every way starts from.

    Parameters
    ----------
    image : (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4), in memory
    value_range : pixel values that are a model's black and white
    """

    image: Pixels
    rgb: bool
    value_range: Range

    @property
    def spatial_axes(self) -> tuple[int, int]:
        """Rows and columns, counted from the front."""
        rows = self.image.ndim - (3 if self.rgb else 2)
        return rows, rows + 1

    @property
    def planes(self) -> Iterator[tuple[Any, ...]]:
        """An index for each plane of rows and columns."""
        rows, columns = self.spatial_axes
        shape = [1 if axis in (rows, columns) else n for axis, n in enumerate(self.image.shape)]
        for index in np.ndindex(*shape):
            yield (*index[:rows], slice(None), slice(None), *index[columns + 1 :])

    def digest(self) -> Hashable:
        """What tells it from sources with other pixels; reads all of it."""
        content = hashlib.blake2b(np.ascontiguousarray(self.image).data, digest_size=16).digest()
        shape, dtype = self.image.shape, str(self.image.dtype)
        return content, shape, dtype, self.rgb, self.value_range.lo, self.value_range.hi


class Way(Protocol):
    """One way to see the source larger."""

    @property
    def name(self) -> str:
        """What it is called beside the picture."""

    @property
    def key(self) -> Hashable:
        """What tells its results from those of other ways; None where none need be kept."""

    def effort(self, source: Source) -> int:
        """Number of steps."""

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Yield after every step, return the pixels; closing the generator cancels."""


@dataclass(frozen=True)
class AsItIs:
    """The source itself, which a canvas shows with its pixels as squares."""

    name: str = "Source (nearest)"
    key: Hashable = None

    def effort(self, source: Source) -> int:
        """Nothing is computed."""
        return 0

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Give the source's own array."""
        yield from ()
        return source.image


@dataclass(frozen=True)
class Bicubic:
    """Bicubic interpolation, the baseline of the field."""

    scale: int
    name: str = "Bicubic"

    @property
    def key(self) -> Hashable:
        """Its scale."""
        return "bicubic", self.scale

    def effort(self, source: Source) -> int:
        """A step for each plane."""
        return sum(1 for _ in source.planes)

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Enlarge plane by plane; NaN and infinite pixels become blocks of the same."""
        shape = list(source.image.shape)
        for axis in source.spatial_axes:
            shape[axis] *= self.scale
        result = np.empty(shape, source.image.dtype)
        for index in source.planes:
            result[index] = self._enlarged(source.image[index], source.value_range)
            yield
        return result

    def _enlarged(self, plane: Pixels, value_range: Range) -> Pixels:
        mask = missing(plane)
        pixels = plane if mask is None else filled(plane, value_range, BICUBIC_REACH)
        enlarged = to_dtype(np.asarray(resize(pixels, self.scale)), plane.dtype)
        if mask is not None:
            holes = _blocks(mask, self.scale)
            enlarged[holes] = _blocks(plane, self.scale)[holes]
        return enlarged


@dataclass(frozen=True, eq=False)
class Modelled:
    """A model's result. ``version`` tells its file from an earlier one of the same name."""

    model: LutModel
    name: str
    version: Hashable

    @property
    def key(self) -> Hashable:
        """The file and its state."""
        return "model", self.version

    def effort(self, source: Source) -> int:
        """Tiles of all planes."""
        height, width = (source.image.shape[axis] for axis in source.spatial_axes)
        return sum(1 for _ in source.planes) * tile_count((height, width))

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Upscale tile by tile, as the Upscale dock does."""
        work = upscale_steps(
            source.image,
            self.model,
            spatial_axes=source.spatial_axes,
            rgb=source.rgb,
            value_range=(source.value_range.lo, source.value_range.hi),
        )
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: Pixels = end.value
                return result
            yield


@dataclass(frozen=True, eq=False)
class Given:
    """Pixels that are there already, of another layer; ``load`` may read them from a disk."""

    name: str
    load: Callable[[], Pixels]
    key: Hashable = None

    def effort(self, source: Source) -> int:
        """One step: to read them."""
        return 1

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Read the pixels."""
        pixels = self.load()
        yield
        return pixels


class Results:
    """Results of earlier comparisons, the latest used last, within a bound of memory."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Pixels | None:
        """Look up a result."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, pixels: Pixels) -> None:
        """Keep a result, and let go of those used longest ago."""
        with self._lock:
            self._kept[key] = pixels
            self._kept.move_to_end(key)
            while sum(kept.nbytes for kept in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)


def compare_steps(
    load: Callable[[], Source], ways: Sequence[Way], results: Results
) -> Generator[Progress, None, list[Pixels]]:
    """Compute every way's result, or take it from earlier results.

    Parameters
    ----------
    load : gives the source; called in the first step, so that it may read from a disk
    ways : what is compared
    results : of earlier comparisons; new ones are kept there

    Yields
    ------
    Progress
        steps done and all there are

    Returns
    -------
    the pixels of each way, in order
    """
    source = load()
    digest = source.digest()
    known = [None if way.key is None else results.get((digest, way.key)) for way in ways]
    efforts = [
        way.effort(source) if found is None else 0 for way, found in zip(ways, known, strict=True)
    ]
    done, total = 0, max(1, sum(efforts))
    yield Progress(done, total)
    finished: list[Pixels] = []
    for way, found in zip(ways, known, strict=True):
        if found is None:
            work = way.steps(source)
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    found = end.value
                    break
                done += 1
                yield Progress(done, total)
            if way.key is not None:
                results.keep((digest, way.key), found)
        finished.append(found)
    return finished


def common_scale(scales: Sequence[int], truth: tuple[float, ...] = ()) -> int:
    """How much the bicubic view enlarges: as the largest model, else as the ground truth, else 4.

    ``truth`` is how many of its pixels replace one of the source's, along rows and columns.
    """
    of_truth = math.ceil(max(truth, default=1))
    largest = max(scales, default=1)
    return largest if largest > 1 else of_truth if of_truth > 1 else 4


def _blocks(plane: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(plane, scale, axis=0), scale, axis=1)
