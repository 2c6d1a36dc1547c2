"""NRRD files of medical programs, whose header pynrrd reads.

Belongs here: from a header to axes, pixel sizes and the pixels behind it. Values are those stored;
axes come in the opposite order, since NRRD names the one first that runs fastest.
"""

from __future__ import annotations

import math
import zlib
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.foreign.layer_world import TURNED, layer_world
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.memory import check_memory
from napari_autolut.io.open_file import OpenFile
from napari_autolut.io.units import MICRONS, known_unit, seconds_of

SUFFIX = ".nrrd"

MAX_HEADER_BYTES = 2**20
ENDS = (b"\n\n", b"\r\n\r\n")
"""Of the header: an empty line."""

TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int",
           "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}  # fmt: skip
"""numpy's types, and NRRD's names of them."""

GZIP, RAW = ("gzip", "gz"), ("raw",)

COLOURS = {"rgb-color": 3, "rgba-color": 4}
SAMPLES = ("vector", "list", "point", "normal", "covariant-vector", "none", "3-color", "4-color")
"""Kinds of axes that are neither space nor time."""

SEGMENTS = "Segmentation_"
"""Begin of fields that 3D Slicer writes of what values are numbers of."""

ELSEWHERE = ("data file", "datafile", "line skip", "lineskip", "byte skip", "byteskip")


class _Found(NamedTuple):
    """What a header says: lengths of axes from the outermost, and where they are in its lists."""

    header: dict[str, Any]
    lengths: dict[str, int]
    places: dict[str, int]
    dtype: np.dtype[Any]
    offset: int

    @property
    def nbytes(self) -> int:
        return math.prod(self.lengths.values()) * self.dtype.itemsize

    def of_axis(self, field: str, axis: str) -> Any:
        """What a field that has an entry for each axis says; None where there is none."""
        listed = self.header.get(field)
        return None if listed is None else listed[self.places[axis]]


def nrrd_scenes(path: Path) -> list[Scene]:
    """Give the image of a file; none of another kind, or where pynrrd is missing."""
    if path.suffix.lower() != SUFFIX or find_spec("nrrd") is None:
        return []
    found = _declared(path)
    return [Scene(found.lengths, found.dtype, "", partial(_load, path, found))]


def _declared(path: Path) -> _Found:
    with path.open("rb") as stream:
        start = stream.read(MAX_HEADER_BYTES)
    ends = [(start.find(end), len(end)) for end in ENDS if end in start]
    if not start.startswith(b"NRRD") or not ends:
        raise ImageFileError(path, "found no header of NRRD; is the suffix right?")
    end, length = min(ends)
    header = dict(import_module("nrrd").read_header(BytesIO(start[:end])))
    if any(header.get(field) for field in ELSEWHERE):
        raise ImageFileError(path, "found pixels that lie elsewhere; save it as one .nrrd")
    names = (code for code, words in TYPES.items() if str(header["type"]).lower() in words)
    if (code := next(names, None)) is None:
        raise ImageFileError(path, f"found pixels of the type {header['type']}, expected numbers")
    lengths, places = _axes(path, header)
    dtype = np.dtype(f"{'>' if header.get('endian') == 'big' else '<'}{code}")
    found = _Found(header, lengths, places, dtype, end + length)
    if header["encoding"] in GZIP:
        check_memory(path, found.nbytes)
    elif header["encoding"] not in RAW:
        problem = f"found pixels encoded as {header['encoding']}, expected raw or gzip"
        raise ImageFileError(path, f"{problem}; save it again")
    elif found.offset + found.nbytes > path.stat().st_size:
        raise ImageFileError(path, "ends before its pixels do; copy it again")
    return found


def _axes(path: Path, header: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Lengths of axes from the outermost, without those of one entry, and their places."""
    sides = [int(side) for side in header["sizes"]]
    kinds = [str(kind).lower() for kind in header.get("kinds") or ["domain"] * len(sides)]
    space = iter("XYZ")
    letters = []
    for at, (side, kind) in enumerate(zip(sides, kinds, strict=True)):
        if at == 0 and COLOURS.get(kind) == side:
            letters.append("S")
        elif kind == "time":
            letters.append("T")
        elif kind in SAMPLES or kind in COLOURS:
            letters.append("C")
        else:
            letters.append(next(space, "T"))
    lengths = {axis: n for axis, n in zip(letters[::-1], sides[::-1], strict=True)
               if axis in "YXS" or n > 1}  # fmt: skip
    kept = sum(axis in "YXS" or n > 1 for axis, n in zip(letters, sides, strict=True))
    wrong = len(lengths) < kept or min(sides) < 1 or len(sides) != header["dimension"]
    if wrong or not {"Y", "X"} <= set(lengths):
        raise ImageFileError(path, f"found axes of {sides} ({', '.join(kinds)}), expected an image")
    return lengths, {axis: at for at, axis in enumerate(letters)}


def _load(path: Path, found: _Found) -> ImageFile:
    measured = {axis: _size(found, axis) for axis in found.lengths if axis in "TZYX"}
    units = {axis: known_unit(said) for axis, (size, said) in measured.items() if size}
    unit = next((own for axis, (own, _) in units.items() if own and axis != "T"), None)
    factors = {
        axis: times * (MICRONS[own] / MICRONS[unit] if own and unit else 1.0)
        for axis, (own, times) in units.items()
        if own or not unit
    }
    if "T" in units:
        factors["T"] = seconds_of(measured["T"][1]) or 0.0
    sizes = {axis: measured[axis][0] * factor for axis, factor in factors.items() if factor}
    places, lost = _place(found)
    origin = {axis: at * factors[axis] for axis, at in places.items() if at and axis in sizes}
    return ImageFile(
        _pixels(path, found),
        "".join(found.lengths),
        sizes,
        unit,
        origin=origin,
        not_kept=lost,
        labels=any(name.startswith(SEGMENTS) for name in found.header),
    )


def _size(found: _Found, axis: str) -> tuple[float, str]:
    """Size of a pixel along an axis and its unit, which of places in a body is a millimetre."""
    step = found.of_axis("space directions", axis)
    if step is not None and np.isfinite(step).all():
        said = found.header.get("space units") or ["mm"]
        return float(np.linalg.norm(step)), str(said[0])
    spacing, units = found.of_axis("spacings", axis), found.of_axis("units", axis)
    size = abs(float(spacing)) if spacing is not None else 0.0
    return size if math.isfinite(size) else 0.0, str(units or "")


def _place(found: _Found) -> tuple[dict[str, float | None], tuple[str, ...]]:
    """Where the first pixel lies, and what of that no result will have."""
    origin = found.header.get("space origin")
    axes = [axis for axis in "ZYX" if axis in found.places]
    steps = [found.of_axis("space directions", axis) for axis in axes]
    if origin is None or any(step is None for step in steps) or len(origin) != len(axes):
        return {}, ()
    affine = np.eye(len(axes) + 1)
    affine[:-1, :-1] = np.asarray(steps, float)[:, ::-1].T
    affine[:-1, -1] = np.asarray(origin, float)[::-1]
    if not np.isfinite(affine).all():
        return {}, ()
    world = layer_world(len(axes), {"affine": affine})
    return dict(zip(axes, world.places, strict=True)), (TURNED,) * world.turned


def _pixels(path: Path, found: _Found) -> Any:
    shape = tuple(found.lengths.values())
    if found.header["encoding"] in RAW:
        return FilePixels(OpenFile(path), found.dtype, shape, found.offset)
    with path.open("rb") as stream:
        stream.seek(found.offset)
        packed = stream.read()
    plain = zlib.decompressobj(wbits=31).decompress(packed, found.nbytes)
    if len(plain) < found.nbytes:
        raise ImageFileError(path, "ends before its pixels do; copy it again")
    pixels: NDArray[Any] = np.frombuffer(plain, found.dtype).reshape(shape)
    return pixels
