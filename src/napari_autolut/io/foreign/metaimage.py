"""MetaImage files of ITK and elastix: lines of text, and pixels behind them or beside them.

Belongs here: from the lines to axes and sizes. The library that reads them is ITK itself, ten
times as large as all others here. Small ones read no plane of ITK's, or disagree on types.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from napari_autolut.io.beside import lies_beside
from napari_autolut.io.foreign.scene import RESCALED, Scene
from napari_autolut.io.foreign.volume import Measure, Packed, Pixels, volume
from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.tiff.numbers import finite, positive

SUFFIXES = (".mha", ".mhd")

MAX_HEADER_BYTES = 2**16

LAST = "elementdatafile"
"""The field after which pixels begin: it says where they are."""

LOCAL, LIST = "LOCAL", "LIST"

TYPES = {"CHAR": "i1", "UCHAR": "u1", "SHORT": "i2", "USHORT": "u2", "INT": "i4", "UINT": "u4",
         "LONG_LONG": "i8", "ULONG_LONG": "u8", "FLOAT": "f4", "DOUBLE": "f8"}  # fmt: skip
"""numpy's types, by the names without MET_. Of LONG, programs disagree whether it has 4 bytes."""

LETTERS = "XYZT"
COLOURS = (3, 4)
"""Channels of bytes that are red, green, blue, and alpha."""

ALIKE = {"position": "offset", "origin": "offset", "rotation": "transformmatrix",
         "orientation": "transformmatrix"}  # fmt: skip
"""Other names of fields."""

Fields = Mapping[str, str]


def metaimage_scenes(path: Path) -> list[Scene]:
    """Give the image of a file; none of another kind."""
    if path.suffix.lower() not in SUFFIXES:
        return []
    fields, end = _header(path)
    sides = [int(number) for number in _numbers(path, fields, "dimsize")]
    channels = int(fields.get("elementnumberofchannels", 1))
    if not 2 <= len(sides) <= len(LETTERS) or min(*sides, channels) < 1:
        raise ImageFileError(path, f"found sides of {sides}, expected two to four axes")
    kind = fields.get("elementtype", "").upper().removeprefix("MET_")
    if kind not in TYPES:
        problem = f"found pixels of the type MET_{kind}, expected {', '.join(TYPES)}"
        raise ImageFileError(path, f"{problem}; save it with another type")
    big = _is_true(fields, "binarydatabyteordermsb") or _is_true(fields, "elementbyteordermsb")
    axes = list(zip(LETTERS, sides, strict=False))
    lengths = {axis: n for axis, n in reversed(axes) if axis in "YX" or n > 1}
    if channels > 1:
        lengths["S" if channels in COLOURS and kind == "UCHAR" else "C"] = channels
    pixels = _pixels(path, fields, lengths, np.dtype(f"{'>' if big else '<'}{TYPES[kind]}"), end)
    pixels.check()
    place = _numbers(path, fields, "offset") or [0.0] * len(sides)
    lost = (RESCALED,) if "elementtointensityfunctionslope" in fields else ()
    measures = _measures(path, fields, len(sides))
    load = partial(volume, pixels, measures, place[:3], not_kept=lost)
    return [Scene(pixels.lengths, pixels.dtype, "", load)]


def _header(path: Path) -> tuple[Fields, int]:
    """Fields by their names in lower case, and where the lines end."""
    fields: dict[str, str] = {}
    with path.open("rb") as stream:
        while LAST not in fields and stream.tell() < MAX_HEADER_BYTES:
            line = _text(stream.readline(MAX_HEADER_BYTES))
            if not line:
                break
            name, _, value = line.partition("=")
            name = name.strip().lower()
            fields[ALIKE.get(name, name)] = value.strip()
        if LAST not in fields or "dimsize" not in fields:
            raise ImageFileError(path, "found no header of MetaImage; is the suffix right?")
        return fields, stream.tell()


def _text(line: bytes) -> str:
    """A line as programs of today write it, or as those of Windows did."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _pixels(
    path: Path, fields: Fields, lengths: dict[str, int], dtype: np.dtype[np.generic], end: int
) -> Pixels:
    """Where the pixels lie: in the file, or in one of its folder."""
    if not _is_true(fields, "binarydata", otherwise=True):
        raise ImageFileError(path, "found pixels as text, expected binary ones; save it again")
    name = fields[LAST]
    if name.upper().startswith(LIST) or "%" in name:
        raise ImageFileError(path, "found slices in files of their own; save it as one .mha")
    if name.upper() == LOCAL:
        file, start = path, end
    elif name and Path(name).name == name and _is_beside(path.parent / name, path):
        file, start = path.parent / name, 0
    else:
        problem = f"found no file {name!r} beside it, which holds its pixels"
        raise ImageFileError(path, f"{problem}; copy both, or save it as one .mha")
    skipped = int(fields.get("headersize", 0))
    if _is_true(fields, "compresseddata"):
        return Pixels(file, lengths, dtype, start + max(0, skipped), Packed.PIXELS)
    if skipped < 0:  # the pixels are what the file ends with
        start = max(0, file.stat().st_size - Pixels(file, lengths, dtype, 0).nbytes)
    return Pixels(file, lengths, dtype, start + max(0, skipped))


def _is_beside(file: Path, path: Path) -> bool:
    return file.is_file() and lies_beside(file, path)


def _measures(path: Path, fields: Fields, ndim: int) -> dict[str, Measure]:
    """Sizes along axes and their directions; a unit only where the file names one."""
    sizes = _numbers(path, fields, "elementspacing")
    sizes = sizes or _numbers(path, fields, "elementsize")
    matrix = _numbers(path, fields, "transformmatrix") or [*np.eye(ndim).flat]
    if len(sizes) not in (0, ndim) or len(matrix) != ndim**2:
        raise ImageFileError(path, f"found sizes or directions that are not of {ndim} axes")
    sizes = sizes or [0.0] * ndim
    unit, space = fields.get("distanceunits", "").strip("?"), min(ndim, 3)
    directions = np.reshape(matrix, (ndim, ndim))[:, :space]
    return {
        axis: Measure(positive(abs(size)), unit, size * direction if space > at else None)
        for at, (axis, size, direction) in enumerate(zip(LETTERS, sizes, directions, strict=False))
    }


def _numbers(path: Path, fields: Fields, name: str) -> list[float]:
    found = [finite(word) for word in fields.get(name, "").split()]
    numbers = [number for number in found if number is not None]
    if len(numbers) < len(found):
        raise ImageFileError(path, f"found {name} = {fields[name][:80]}, expected numbers")
    return numbers


def _is_true(fields: Fields, name: str, *, otherwise: bool = False) -> bool:
    return fields.get(name, str(otherwise)).lower() in ("true", "t", "1")
