"""DICOM files, through pydicom.

Belongs here: from a data set to an ``ImageFile``: frames, colours, pixel sizes. Values are those
stored, with no window or rescaling applied.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.dicom.bounds import check_frames, inflated
from napari_autolut.io.foreign.dicom.codecs import register
from napari_autolut.io.foreign.dicom.geometry import (
    aspect,
    frame_axes,
    in_order,
    is_of_detector,
    lie_evenly,
    place,
    sizes,
    values,
)
from napari_autolut.io.foreign.scene import RESCALED, Scene
from napari_autolut.io.image_file import Channel, ImageFile, ImageFileError
from napari_autolut.io.memory import check_memory
from napari_autolut.io.tiff.numbers import UNEVEN

SUFFIXES = (".dcm", ".dicom")

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Classes of objects whose pixels are segments: one after another, or by their numbers."""

OUT_OF_ORDER = "its frames do not lie one above another, and are kept as slices in their order"

ON_DETECTOR = "its pixel size is that on the detector, and smaller in the patient"

MOVIES = ("US", "XA", "RF", "ES", "IVUS", "GM", "XC")
"""Kinds of devices whose frames are times where no places are said: films of one view."""

INVERTED = "MONOCHROME1"
PALETTE = "PALETTE COLOR"

DEFERRED = 4096
"""Bytes of an element beyond which it is read when it is asked for."""


def dicom_scenes(path: Path) -> list[Scene]:
    """Give the image or frames of a file; none of another kind, or where pydicom is missing."""
    if path.suffix.lower() not in SUFFIXES or find_spec("pydicom") is None:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom says in warnings what is not as in the standard
        plain = inflated(path, lambda header: _nbytes(*_declared(path, header)))
        found = import_module("pydicom").dcmread(
            plain or path, force=True, defer_size=None if plain else DEFERRED
        )
        if int(found.get("TotalPixelMatrixColumns") or 0) > int(found.get("Columns") or 0):
            return []  # frames are the tiles of a slide, which other readers put together
        if "PixelData" not in found and "FloatPixelData" not in found:
            raise ImageFileError(path, "found a DICOM file without an image; take it out")
        lengths, dtype = _declared(path, found)
    return [Scene(lengths, dtype, "", partial(_load, path, found, lengths, dtype))]


def _declared(path: Path, found: Any) -> tuple[dict[str, int], np.dtype[Any]]:
    """Axes and type of the pixels, checked against memory."""
    palette = str(found.get("PhotometricInterpretation")) == PALETTE
    samples = 3 if palette else int(found.get("SamplesPerPixel") or 1)
    frames = int(found.get("NumberOfFrames") or 1)
    every = {
        **({"T": frames} if _is_of_times(found) else frame_axes(found, frames)),
        "Y": int(found.Rows),
        "X": int(found.Columns),
        "S": samples,
    }
    lengths = {axis: n for axis, n in every.items() if axis in "YX" or n > 1}
    bits = int(found.RedPaletteColorLookupTableDescriptor[2]) if palette else found.BitsAllocated
    kind = "f" if "FloatPixelData" in found else "ui"[found.get("PixelRepresentation") or 0]
    dtype = np.dtype(f"{'u' if palette else kind}{-(-int(bits) // 8)}")
    check_memory(path, _nbytes(lengths, dtype))
    return lengths, dtype


def _nbytes(lengths: Mapping[str, int], dtype: np.dtype[Any]) -> int:
    return math.prod(lengths.values()) * dtype.itemsize


def _load(path: Path, found: Any, lengths: Mapping[str, int], dtype: np.dtype[Any]) -> ImageFile:
    register()
    check_frames(path, found, lengths)
    image = _image(found, lengths, dtype)
    if image.lengths != lengths:
        raise ImageFileError(path, f"found {image.lengths} in it, but its header says {lengths}")
    return image


def _image(found: Any, lengths: Mapping[str, int], dtype: np.dtype[Any]) -> ImageFile:
    pixels, lost = _without_padding(_stored(found), found)
    kind = str(found.get("PhotometricInterpretation") or "")
    if kind == PALETTE:
        pixels = import_module("pydicom.pixels").apply_color_lut(pixels, found).astype(dtype)
    if kind == INVERTED:
        pixels = _inverted(pixels, found)
    if "T" in lengths and "Z" in lengths and pixels.size == math.prod(lengths.values()):
        pixels = pixels.reshape(tuple(lengths.values()))
    if pixels.shape != tuple(lengths.values()):
        raise ValueError(f"found {pixels.shape} values, and its header says {dict(lengths)}")
    coloured = "S" in lengths
    axes = "".join(lengths)
    known = {axis: size for axis, size in sizes(found).items() if axis in axes}
    unit = "mm" if known else None
    origin, not_kept = place(found, axes) if known else ({}, ())
    known = known or aspect(found)
    if "T" in axes and (interval := _interval(found)):
        known["T"] = interval
    rescaled = (found.get("RescaleSlope") or 1, found.get("RescaleIntercept") or 0) != (1, 0)
    lost += (RESCALED,) * rescaled
    unordered, uneven = ("Z" in axes and not test(found) for test in (in_order, lie_evenly))
    window = _window(found) if not coloured and kind != INVERTED and not rescaled else None
    return ImageFile(
        pixels,
        axes,
        known,
        unit,
        origin=origin,
        channels=(Channel(window=window),) if window else (),
        not_kept=(*not_kept, *lost),
        remarks=(
            *((OUT_OF_ORDER,) if unordered else (UNEVEN["Z"],) * uneven),
            *(ON_DETECTOR,) * is_of_detector(found),
        ),
        labels=_is_of_segments(found),
    )


def _is_of_segments(found: Any) -> bool:
    """Whether pixels say to which segment they belong, and not how likely that is."""
    fractions = found.get("SegmentationType") == "FRACTIONAL"
    return str(found.get("SOPClassUID")) in SEGMENTATIONS and not fractions


def _stored(found: Any) -> Any:
    """Values as they are stored; those of one bit are made 0 and 255, as in other files."""
    below = int(found.get("HighBit", 0)) + 1 - int(found.get("BitsStored", 1))
    if below > 0:  # old files keep values in the upper bits; pydicom takes the lower ones
        found.BitsStored += below
        pixels = found.pixel_array >> below
        found.BitsStored -= below
    else:
        pixels = found.pixel_array
    return pixels * np.uint8(255) if found.get("BitsAllocated") == 1 else pixels


def _without_padding(pixels: Any, found: Any) -> tuple[Any, tuple[str, ...]]:
    """Make floats NaN that are no part of the image, and say of integers that they cannot be."""
    value = found.get("FloatPixelPaddingValue", found.get("PixelPaddingValue"))
    padding = pixels == value if isinstance(value, int | float) else np.zeros(1, np.bool_)
    if not padding.any():
        return pixels, ()
    if pixels.dtype.kind == "f":
        return np.where(padding, np.nan, pixels), ()
    return pixels, (f"the mark that {value:g} is no part of the image",)


def _inverted(pixels: Any, found: Any) -> Any:
    """Values where the largest one is white; those of the bits that are used are turned round."""
    bits = int(found.BitsStored)
    signed = bool(found.PixelRepresentation)
    return (-1 - pixels if signed else (1 << bits) - 1 - pixels).astype(pixels.dtype)


def _is_of_times(found: Any) -> bool:
    """Whether frames follow one another in time, also where no interval is said."""
    placed = "PerFrameFunctionalGroupsSequence" in found
    return bool(_interval(found)) or (found.get("Modality") in MOVIES and not placed)


def _interval(found: Any) -> float:
    """Seconds between frames that follow one another in time; 0 for slices."""
    milliseconds = values((found,), "FrameTime", "FrameTimeVector")
    interval = float(milliseconds[-1]) / 1000 if milliseconds else 0.0
    return interval if 0 < interval < math.inf else 0.0


def _window(found: Any) -> tuple[float, float] | None:
    centre, width = (values((found,), f"Window{name}") for name in ("Center", "Width"))
    if not centre or not width or not float(width[0]) > 1:
        return None
    middle, half = float(centre[0]) - 0.5, (float(width[0]) - 1) / 2
    return (middle - half, middle + half)
