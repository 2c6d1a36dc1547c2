"""NIfTI files of scanners and atlases, whose header nibabel reads.

Belongs here: from a header to axes and sizes. Values are those stored; they lie in the
file as they are wanted here, columns first, so that nothing is turned round.
"""

from __future__ import annotations

import gzip
import math
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.layer_world import ORIENTATION, World, layer_world
from napari_autolut.io.foreign.scene import RESCALED, Scene
from napari_autolut.io.foreign.volume import Packed, Pixels
from napari_autolut.io.image_file import Channel, ImageFile, ImageFileError
from napari_autolut.io.units import known_unit, seconds_of

SUFFIXES = (".nii", ".nii.gz")

HEADERS = {348: "Nifti1Header", 540: "Nifti2Header"}
"""nibabel's names by the header's length, with which it begins."""

IN_ONE_FILE = (b"n+1", b"n+2")
MAX_OFFSET = 2**26
"""Bytes before the pixels: extensions hold texts."""

LETTERS = "XYZTC"
LABELS = 1002
"""NIfTI's number of what values mean where they are names of regions."""


def nifti_scenes(path: Path) -> list[Scene]:
    """Give the volume of a file; none of another kind, or where nibabel is missing."""
    if not path.name.lower().endswith(SUFFIXES) or find_spec("nibabel") is None:
        return []
    header, pixels = _declared(path)
    return [Scene(pixels.lengths, pixels.dtype, "", partial(_load, header, pixels))]


def _declared(path: Path) -> tuple[Any, Pixels]:
    """The header, and pixels with axes from the outermost and colours last."""
    with _opened(path) as stream:
        start = stream.read(max(HEADERS))
    lengths = {int.from_bytes(start[:4], order): order for order in ("little", "big")}
    size = next((size for size in HEADERS if size in lengths), 0)
    if not size or len(start) < size:
        raise ImageFileError(path, "found no header of NIfTI; is the suffix right?")
    # Checking would put made-up numbers where there are none, and say so on the screen.
    header = getattr(import_module("nibabel"), HEADERS[size])(start[:size], check=False)
    if bytes(header["magic"])[:3] not in IN_ONE_FILE:
        raise ImageFileError(path, "found a header without its pixels; convert it to one .nii")
    shape, dtype = tuple(map(int, header.get_data_shape())), np.dtype(header.get_data_dtype())
    if dtype.kind == "c":
        raise ImageFileError(path, "found complex numbers, expected an image; save its magnitude")
    if len(shape) < 2 or min(shape) < 1 or math.prod(shape[len(LETTERS) :]) > 1:
        raise ImageFileError(path, f"found sides of {shape}, expected two to five axes")
    sides = dict(zip(LETTERS, shape, strict=False))
    axes = {axis: n for axis, n in reversed(sides.items()) if axis in "YX" or n > 1}
    if dtype.names:
        axes["S"], dtype = len(dtype.names), np.dtype(np.uint8)
    offset = int(header["vox_offset"]) or header.single_vox_offset
    if not size <= offset <= MAX_OFFSET:
        raise ImageFileError(path, f"says that its pixels begin at byte {offset:,}")
    packed = Packed.FILE if path.suffix.lower() == ".gz" else Packed.NOT
    pixels = Pixels(path, axes, dtype, offset, packed)
    pixels.check()
    return header, pixels


def _opened(path: Path) -> Any:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _load(header: Any, pixels: Pixels) -> ImageFile:
    lengths = pixels.lengths
    names = header.get_xyzt_units()
    unit, factor = known_unit(names[0])
    zooms = dict(zip(LETTERS, map(float, header.get_zooms()), strict=False))
    sizes = {
        axis: abs(zooms[axis]) * factor
        for axis in "ZYX"
        if axis in lengths and 0 < abs(zooms.get(axis, 0.0)) < math.inf
    }
    seconds = seconds_of(names[1])
    if "T" in lengths and seconds and 0 < zooms["T"] < math.inf:
        sizes["T"] = zooms["T"] * seconds
    world = _world(header)
    places = dict(zip("ZYX", world.places, strict=True)) if world else {}
    origin = {axis: at * factor for axis, at in places.items() if at and axis in sizes}
    if "T" in sizes and seconds and math.isfinite(begin := float(header["toffset"])) and begin:
        origin["T"] = begin * seconds
    rescaled = header.get_slope_inter() not in ((None, None), (1.0, 0.0))
    lost = (ORIENTATION,) * bool(world and not world.aligned) + (RESCALED,) * rescaled
    low, high = float(header["cal_min"]), float(header["cal_max"])
    window = (low, high) if low < high < math.inf and not rescaled and "S" not in lengths else None
    return ImageFile(
        pixels.read(),
        "".join(lengths),
        sizes,
        unit,
        origin=origin,
        channels=(Channel(window=window),) if window and "C" not in lengths else (),
        not_kept=lost,
        labels=int(header["intent_code"]) == LABELS,
    )


def _world(header: Any) -> World | None:
    """Where pixels lie along z, y and x, if the file says."""
    if not (header["sform_code"] > 0 or header["qform_code"] > 0):
        return None
    from_last = np.ix_([2, 1, 0, 3], [2, 1, 0, 3])
    return layer_world(3, {"affine": np.asarray(header.get_best_affine())[from_last]})
