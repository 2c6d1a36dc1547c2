"""MRC files of electron microscopes (MRC2014, CCP4), through mrcfile.

Belongs here: from a header to axes and pixel sizes. DeltaVision's files of the same name are read
by bioio's reader.
"""

from __future__ import annotations

import warnings
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.open_file import OpenFile

SUFFIXES = (".mrc", ".mrcs", ".map", ".rec", ".st")
"""Also of stacks of particles, of maps, and of IMOD's tomograms and tilt series."""

DELTAVISION = (0xA0, 0xC0)
"""Two bytes that DeltaVision's files have at 96, in either order."""

HEADER_BYTES, BIG_ENDIAN = 1024, b"\x11"

DAMAGED = "found an MRC file that ends early or has a damaged header"

OTHER_MODES = {16: "colours", 101: "two pixels a byte"}
"""Kinds of pixels that mrcfile does not know."""

IMOD = b"IMOD"
"""Mark of IMOD's files at byte 152; flags are in the four bytes after it."""

BYTES_HAVE_SIGNS, ORIGIN_INVERTED = 1, 4
"""Flags of IMOD, which the standard has no word for."""


def mrc_scenes(path: Path) -> list[Scene]:
    """Give the image or volume of a file; none where it is another kind, or mrcfile is missing."""
    if path.suffix.lower() not in SUFFIXES or find_spec("mrcfile") is None:
        return []
    with path.open("rb") as stream:
        header = stream.read(HEADER_BYTES)
    if tuple(sorted(header[96:98])) == DELTAVISION:
        return []
    order: Literal["big", "little"] = "big" if header[212:213] == BIG_ENDIAN else "little"
    if not 0 <= int.from_bytes(header[92:96], order, signed=True) <= path.stat().st_size:
        raise ImageFileError(path, DAMAGED)  # mrcfile asks for so much memory first
    mode = int.from_bytes(header[12:16], order, signed=True)
    if mode in OTHER_MODES:
        problem = f"found {OTHER_MODES[mode]} (mode {mode}), expected grey values"
        raise ImageFileError(path, f"{problem}; convert it, as with IMOD's newstack -mode")
    pixels, sizes, origin = _read(path, header)
    axes = "ZYX"[3 - pixels.ndim :] if pixels.ndim < 4 else "TZYX"
    known = {axis: sizes[axis] for axis in axes if axis in sizes}
    place = {axis: origin[axis] for axis in known if axis in origin}
    image = ImageFile(pixels, axes, known, "nm" if known else None, origin=place)
    return [Scene(image.lengths, pixels.dtype, "", partial(_given, image))]


def _given(image: ImageFile) -> ImageFile:
    return image


def _read(path: Path, start: bytes) -> tuple[Any, dict[str, float], dict[str, float]]:
    """Pixels on disk, their sizes and the place of the first one in nanometres."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mrcfile says in warnings what is not as in the standard
        file = import_module("mrcfile").mmap(path, mode="r", permissive=True)
    pixels, header = file.data, file.header  # mapped, but not read
    if pixels is None or not pixels.size:
        raise ImageFileError(path, DAMAGED)
    if pixels.dtype.kind == "c":
        raise ImageFileError(path, "found complex numbers, expected an image; save its magnitude")
    dtype = pixels.dtype
    if dtype == np.int8 and not _imod_flags(start) & BYTES_HAVE_SIGNS:
        dtype = np.dtype(np.uint8)
    on_disk = FilePixels(OpenFile(path), dtype, pixels.shape, pixels.offset)
    angstroms = [  # python-mrcz gives no number of samples: it is that of pixels
        float(header.cella[axis]) / (int(header[f"m{axis}"]) or int(header[f"n{axis}"]))
        for axis in "xyz"
    ]
    order = [int(header[name]) - 1 for name in ("mapc", "mapr", "maps")]
    if sorted(order) != [0, 1, 2]:
        order = [0, 1, 2]
    sizes = {name: angstroms[at] / 10 for name, at in zip("XYZ", order, strict=True)}
    sizes = {name: size for name, size in sizes.items() if 0 < size < np.inf}
    if pixels.ndim == 3 and int(header.nz) > 1 and int(header.mz) == 1:
        sizes.pop("Z", None)  # images, such as frames or particles, which are not one over another
    sign = -1 if _imod_flags(start) & ORIGIN_INVERTED else 1
    return on_disk, sizes, _origin(header, order, sizes, sign)


def _origin(header: Any, order: list[int], sizes: dict[str, float], sign: int) -> dict[str, float]:
    """Where the first pixel lies: as the header says, else by the number of the first pixel."""
    angstroms = [sign * float(header.origin[axis]) for axis in "xyz"]
    if any(angstroms):
        places = {name: angstroms[at] / 10 for name, at in zip("XYZ", order, strict=True)}
    else:
        places = {name: int(header[f"n{name.lower()}start"]) * sizes.get(name, 0) for name in "XYZ"}
    return {name: place for name, place in places.items() if place and abs(place) < np.inf}


def _imod_flags(header: bytes) -> int:
    """What IMOD says of a file besides the standard's fields; as any other program by default."""
    of_imod = header[152:156] in (IMOD, IMOD[::-1])
    return header[156] | header[159] if of_imod else BYTES_HAVE_SIGNS
