"""How many planes a file of a microscope declares, before its reader lists as many.

Belongs here: counts in LIF, ND2, CZI and DeltaVision. The rest is the readers', through
``bioio.py``.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from napari_autolut.io.image_file import ImageFileError

HEAD = struct.Struct("<iicI")
"""A mark, bytes of the XML's block, another mark, and letters of the XML, which follows."""

MAX_TEXT_BYTES = 2**27

IMAGE = re.compile(r"<ImageDescription\b.*?</ImageDescription>", re.DOTALL)
CHANNEL = re.compile(r"<ChannelDescription\b")
DIMENSION = re.compile(r"<DimensionDescription\b[^>]*>")
NUMBER = re.compile(r"\b(DimID|NumberOfElements)\s*=\s*\"\s*(\d{1,18})")

IN_A_PLANE = (1, 2)
"""Numbers of the dimensions that are columns and rows."""

LITTLE_ENDIAN = b"\xa0\xc0"
"""DeltaVision's mark at byte 96 of its files, which else is the other way round."""

CZI_DIRECTORY_AT, CZI_ENTRIES_AT = 84, 160
"""Where a CZI says at which byte its list of tiles begins, and bytes before the first of them."""

CZI_ENTRY, CZI_AXIS = struct.Struct("<28xi"), struct.Struct("<c3xii8x")
"""A tile and how many axes it has; an axis: name, position, and how many positions."""

MAX_SIDE = 2**24
"""Pixels of a slide of a metre and more; Zeiss stores what lies between its tiles not at all."""

MIN_PLANES, PLANE_BYTES = 4096, 64
"""Planes that are always allowed, for images that were never saved; and bytes of one otherwise."""


def check_planes(path: Path) -> None:
    """Check the number of planes of each image of a file, where its kind is known here.

    Raises
    ------
    ImageFileError
        If there are far more than the file has bytes for.
    """
    size = path.stat().st_size
    counts = COUNTS.get(path.suffix.lower())
    for planes in counts(path) if counts else ():
        if planes > max(MIN_PLANES, size // PLANE_BYTES):
            problem = (
                f"declares an image of {planes:,} planes, for which {size:,} bytes have no room"
            )
            raise ImageFileError(path, f"{problem}; copy it again from the microscope")


def _of_lif(path: Path) -> Iterator[int]:
    with path.open("rb") as stream:
        head = stream.read(HEAD.size)
        if len(head) < HEAD.size:
            return  # the reader says what is wrong
        letters = HEAD.unpack(head)[-1]
        text = stream.read(min(2 * letters, MAX_TEXT_BYTES)).decode("utf-16-le", "replace")
    yield from (_planes(image[0]) for image in IMAGE.finditer(text))


def _planes(description: str) -> int:
    sides = []
    for dimension in DIMENSION.finditer(description):
        said = {name: int(number) for name, number in NUMBER.findall(dimension[0])}
        if said.get("DimID") not in IN_A_PLANE:
            sides.append(said.get("NumberOfElements", 1))
    return math.prod(sides) * max(1, len(CHANNEL.findall(description)))


def _of_nd2(path: Path) -> Iterator[int]:
    if find_spec("nd2") is None:
        return
    try:
        with import_module("nd2").ND2File(path) as file:
            sizes = dict(file.sizes)
    except Exception:  # noqa: BLE001 - others' code, which will say the same when it is asked to read
        return
    yield math.prod(int(n) for axis, n in sizes.items() if axis not in "YXS")


def _of_czi(path: Path) -> Iterator[int]:
    yield from _of_czi_directory(path)
    if find_spec("pylibCZIrw") is None:
        return
    try:
        with import_module("pylibCZIrw.czi").open_czi(str(path)) as file:
            box = file.total_bounding_box_no_pyramid
    except Exception:  # noqa: BLE001 - others' code, which will say the same when it is asked to read
        return
    sides = {axis: int(stop) - int(start) for axis, (start, stop) in box.items()}
    if max(sides.get("X", 1), sides.get("Y", 1)) > MAX_SIDE:
        problem = f"declares an image of {sides['X']:,} x {sides['Y']:,} pixels"
        raise ImageFileError(path, f"{problem}; copy it again from the microscope")
    yield math.prod(n for axis, n in sides.items() if axis not in "YX")


def _of_czi_directory(path: Path) -> Iterator[int]:
    """Positions along each axis that the tiles of a CZI say they have; bioio-czi counts them."""
    with path.open("rb") as stream:
        stream.seek(CZI_DIRECTORY_AT)
        at = int.from_bytes(stream.read(8), "little")
        stream.seek(at if at < path.stat().st_size else 0)
        content = stream.read()
    if not content.startswith(b"ZISRAWDIRECTORY\0"):
        return  # the reader says what is wrong
    at, spans = CZI_ENTRIES_AT, dict[bytes, tuple[int, int]]()
    while content[at : at + 2] == b"DV" and at + CZI_ENTRY.size <= len(content):
        (count,) = CZI_ENTRY.unpack_from(content, at)
        at += CZI_ENTRY.size
        axes = content[at : at + max(0, count) * CZI_AXIS.size]
        at += len(axes)
        whole = len(axes) // CZI_AXIS.size * CZI_AXIS.size
        for name, first, size in CZI_AXIS.iter_unpack(axes[:whole]):
            if name not in b"XY":
                start, stop = spans.get(name, (first, first))
                spans[name] = min(start, first), max(stop, first + size)
    yield max((stop - start for start, stop in spans.values()), default=1)


def _of_deltavision(path: Path) -> Iterator[int]:
    with path.open("rb") as stream:
        header = stream.read(98)
    if len(header) == 98:  # else the reader says what is wrong
        yield int.from_bytes(header[8:12], "little" if header[96:] == LITTLE_ENDIAN else "big")


COUNTS: dict[str, Callable[[Path], Iterator[int]]] = {
    ".lif": _of_lif,
    ".nd2": _of_nd2,
    ".czi": _of_czi,
    ".dv": _of_deltavision,
}
"""By suffix: the planes of each image."""
