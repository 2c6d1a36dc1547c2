"""Pixels that lie one after another behind a header, as in NRRD, MetaImage and NIfTI.

Belongs here: from what a header declares to pixels, sizes and places. Reading single headers is
``nrrd.py``, ``metaimage.py``, ``nifti.py``.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.foreign.layer_world import ORIENTATION, layer_world
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.memory import check_memory
from napari_autolut.io.open_file import OpenFile
from napari_autolut.io.units import MICRONS, known_unit, seconds_of

CUT_OFF = "ends before its pixels do; copy it again"
CHUNK = 2**22


class Packed:
    """How pixels are packed: not at all, by gzip or zlib, or together with all before them."""

    NOT, PIXELS, FILE = range(3)


@dataclass(frozen=True)
class Pixels:
    """Where pixels lie.

    Parameters
    ----------
    file : pathlib.Path
        That holds them.
    lengths : mapping of str to int
        Of axes, the outermost first.
    dtype : numpy.dtype
        As it is stored.
    offset : int
        Where they begin.
    packed : int, default Packed.NOT
        How.
    """

    file: Path
    lengths: Mapping[str, int]
    dtype: np.dtype[Any]
    offset: int
    packed: int = Packed.NOT

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        return math.prod(self.lengths.values()) * self.dtype.itemsize

    def check(self) -> None:
        """Check that all may be there, and that what is packed fits into memory.

        Raises
        ------
        ImageFileError
            If not.
        """
        if self.packed != Packed.NOT:
            check_memory(self.file, 2 * self.nbytes)
        elif self.offset + self.nbytes > self.file.stat().st_size:
            raise ImageFileError(self.file, CUT_OFF)

    def read(self) -> Any:
        """Pixels that are read where they are indexed, or unpacked ones."""
        shape = tuple(self.lengths.values())
        if self.packed == Packed.NOT:
            return FilePixels(OpenFile(self.file), self.dtype, shape, self.offset)
        skipped = self.offset if self.packed == Packed.FILE else 0
        plain = _unpacked(self.file, self.offset - skipped, skipped, self.nbytes)
        return plain.view(self.dtype).reshape(shape)


def _unpacked(path: Path, start: int, skipped: int, nbytes: int) -> NDArray[np.uint8]:
    """Bytes that gzip or zlib packed, in one piece or several, and no more than are asked for."""
    result: NDArray[np.uint8] = np.empty(nbytes, np.uint8)
    at, packed, unpacker = -skipped, b"", zlib.decompressobj(wbits=47)
    with path.open("rb") as stream:
        stream.seek(start)
        while at < nbytes:
            packed = packed or stream.read(CHUNK)
            if not packed:
                raise ImageFileError(path, CUT_OFF)
            piece = unpacker.decompress(packed, CHUNK)
            packed = unpacker.unconsumed_tail
            if unpacker.eof:
                packed, unpacker = unpacker.unused_data, zlib.decompressobj(wbits=47)
            wanted = piece[max(0, -at) : nbytes - at]
            result[max(0, at) :][: len(wanted)] = np.frombuffer(wanted, np.uint8)
            at += len(piece)
    return result


@dataclass(frozen=True)
class Measure:
    """How far entries along an axis lie apart, and in which direction.

    Parameters
    ----------
    size : float
        In its unit; 0 where nothing is said.
    unit : str
        Its name; empty where nothing is said.
    step : sequence of float, optional
        From one entry to the next in the world, whose axes are x, y, z.
    """

    size: float
    unit: str
    step: Sequence[float] | None = None


def volume(
    pixels: Pixels,
    measures: Mapping[str, Measure],
    first: Sequence[float] | None = None,
    *,
    labels: bool = False,
    not_kept: tuple[str, ...] = (),
) -> ImageFile:
    """Describe an image whose axes have sizes in units, and a place in the world.

    Parameters
    ----------
    pixels : Pixels
        Of the image.
    measures : mapping of str to Measure
        Of axes by letter, those of one entry, too.
    first : sequence of float, optional
        Where the first pixel lies in the world, whose axes are x, y, z.
    labels : bool, default False
        Whether values are numbers of things.
    not_kept : tuple of str, optional
        What else no result has.

    Returns
    -------
    ImageFile
        Lengths are in the unit of the outermost axis that has one.
    """
    shown = {axis: measures[axis] for axis in pixels.lengths if axis in measures}
    units = {axis: known_unit(each.unit) for axis, each in shown.items() if each.size}
    unit = next((own for axis, (own, _) in units.items() if own and axis != "T"), None)
    factors = {
        axis: times * (MICRONS[own] / MICRONS[unit] if own and unit else 1.0)
        for axis, (own, times) in units.items()
        if own or not unit
    }
    if "T" in units:
        factors["T"] = seconds_of(shown["T"].unit) or 0.0
    sizes = {axis: shown[axis].size * factor for axis, factor in factors.items() if factor}
    places, lost = _places(measures, first)
    return ImageFile(
        pixels.read(),
        "".join(pixels.lengths),
        sizes,
        unit,
        origin={axis: at * factors[axis] for axis, at in places.items() if at and axis in sizes},
        not_kept=(*not_kept, *lost),
        labels=labels,
    )


def _places(
    measures: Mapping[str, Measure], first: Sequence[float] | None
) -> tuple[dict[str, float | None], tuple[str, ...]]:
    """Where the first pixel lies, and what of that no result will have."""
    axes = [axis for axis in "ZYX" if axis in measures]
    steps = [measures[axis].step for axis in axes]
    if first is None or any(step is None for step in steps) or len(first) != len(axes):
        return {}, ()
    affine = np.eye(len(axes) + 1)
    affine[:-1, :-1] = np.asarray(steps, float)[:, ::-1].T
    affine[:-1, -1] = np.asarray(first, float)[::-1]
    if not np.isfinite(affine).all():
        return {}, ()
    world = layer_world(len(axes), {"affine": affine})
    return dict(zip(axes, world.places, strict=True)), (ORIENTATION,) * (not world.aligned)
