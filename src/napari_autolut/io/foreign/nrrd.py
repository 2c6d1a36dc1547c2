"""NRRD files of medical programs, whose header pynrrd reads.

Belongs here: from a header to axes and sizes. Values are those stored; axes come in the opposite
order, since NRRD names the one first that runs fastest.
"""

from __future__ import annotations

import math
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.foreign.volume import Measure, Packed, Pixels, volume
from napari_autolut.io.image_file import ImageFileError

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

PACKED = {"raw": Packed.NOT, "gzip": Packed.PIXELS, "gz": Packed.PIXELS}
"""By NRRD's name of the encoding."""

COLOURS = {"rgb-color": 3, "rgba-color": 4}
SAMPLES = ("vector", "list", "point", "normal", "covariant-vector", "none", "3-color", "4-color")
"""Kinds of axes that are neither space nor time."""

SEGMENTS = "Segmentation_"
"""Begin of fields that 3D Slicer writes of what values are numbers of."""

ELSEWHERE = ("data file", "datafile", "line skip", "lineskip", "byte skip", "byteskip")


def nrrd_scenes(path: Path) -> list[Scene]:
    """Give the image of a file; none of another kind, or where pynrrd is missing."""
    if path.suffix.lower() != SUFFIX or find_spec("nrrd") is None:
        return []
    header, offset = _header(path)
    letters = _letters(path, header)
    sides = list(zip(letters, map(int, header["sizes"]), strict=True))
    names = (code for code, words in TYPES.items() if str(header["type"]).lower() in words)
    if (code := next(names, None)) is None:
        raise ImageFileError(path, f"found pixels of the type {header['type']}, expected numbers")
    if header["encoding"] not in PACKED:
        problem = f"found pixels encoded as {header['encoding']}, expected raw or gzip"
        raise ImageFileError(path, f"{problem}; save it again")
    pixels = Pixels(
        path,
        {axis: n for axis, n in reversed(sides) if axis in "YXS" or n > 1},
        np.dtype(f"{'>' if header.get('endian') == 'big' else '<'}{code}"),
        offset,
        PACKED[header["encoding"]],
    )
    pixels.check()
    measures = {axis: _measure(header, at) for at, axis in enumerate(letters) if axis in "TZYX"}
    labels = any(name.startswith(SEGMENTS) for name in header)
    load = partial(volume, pixels, measures, header.get("space origin"), labels=labels)
    return [Scene(pixels.lengths, pixels.dtype, "", load)]


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """Fields, and where the pixels begin."""
    with path.open("rb") as stream:
        start = stream.read(MAX_HEADER_BYTES)
    ends = [(start.find(end), len(end)) for end in ENDS if end in start]
    if not start.startswith(b"NRRD") or not ends:
        raise ImageFileError(path, "found no header of NRRD; is the suffix right?")
    end, length = min(ends)
    header = dict(import_module("nrrd").read_header(BytesIO(start[:end])))
    if any(header.get(field) for field in ELSEWHERE):
        raise ImageFileError(path, "found pixels that lie elsewhere; save it as one .nrrd")
    return header, end + length


def _letters(path: Path, header: dict[str, Any]) -> list[str]:
    """A letter for each axis, in the header's order."""
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
    long = [axis for axis, n in zip(letters, sides, strict=True) if axis in "YXS" or n > 1]
    wrong = len({*long}) < len(long) or min(sides) < 1 or len(sides) != header["dimension"]
    if wrong or not {"Y", "X"} <= {*long}:
        raise ImageFileError(path, f"found axes of {sides} ({', '.join(kinds)}), expected an image")
    return letters


def _measure(header: dict[str, Any], at: int) -> Measure:
    """Size along an axis and its unit, which of places in a body is a millimetre."""
    lists = (header.get(name) for name in ("space directions", "spacings", "units"))
    step, spacing, unit = (None if each is None else each[at] for each in lists)
    if step is not None and np.isfinite(step).all():
        said = header.get("space units") or ["mm"]
        return Measure(float(np.linalg.norm(step)), str(said[0]), step)
    size = abs(float(spacing)) if spacing is not None else 0.0
    return Measure(size if math.isfinite(size) else 0.0, str(unit or ""), step)
