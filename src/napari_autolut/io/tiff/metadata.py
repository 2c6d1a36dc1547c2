"""Pixel sizes, units and display settings in the three dialects of TIFF.

Belongs here: translating between a file's own words and the fields of ``ImageFile``. Pixels are
read and written in ``reading.py`` and ``writing.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tifffile import TiffFile, TiffPageSeries, xml2dict

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.units import MICRONS, MICRONS_PER_INCH, in_microns, known_unit

SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}

INCH, CENTIMETRE = 2, 3
"""Values of the TIFF tag ResolutionUnit, in which sizes are physical."""

IMAGEJ_DISPLAY = ("mode", "loop", "min", "max", "Info", "Labels", "Ranges", "LUTs")
"""What ImageJ stores that stays true when an image grows (regions of interest do not)."""

CHANNEL_FIELDS = ("Name", "Color", "Fluor", "EmissionWavelength", "EmissionWavelengthUnit",
                  "ExcitationWavelength", "ExcitationWavelengthUnit")  # fmt: skip


def describe(tif: TiffFile, series: TiffPageSeries, number: int = 0) -> dict[str, Any]:
    """Read the fields of `ImageFile` that say more than the pixels: sizes, unit, dialect."""
    if series.kind == "ome" and tif.ome_metadata:
        return _describe_ome(tif.ome_metadata, number)
    if tif.is_imagej and tif.imagej_metadata is not None:
        return _describe_imagej(tif.imagej_metadata, _resolution(series))
    return _describe_plain(series)


def _describe_ome(xml: str, number: int) -> dict[str, Any]:
    images = _as_list(xml2dict(xml)["OME"]["Image"])
    image = images[number if number < len(images) else 0]
    pixels = image["Pixels"]
    sizes, units = {}, {}
    for axis in "YXZ":
        known = known_unit(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        size = _positive(pixels.get(f"PhysicalSize{axis}"))
        if size:
            sizes[axis], units[axis] = size * known[1], known[0]
    unit = units.get("X")
    for axis, own in units.items():
        if own != unit and own is not None and unit is not None:
            sizes[axis] *= MICRONS[own] / MICRONS[unit]
    interval = _positive(pixels.get("TimeIncrement"))
    if interval:
        sizes["T"] = interval * SECONDS.get(pixels.get("TimeIncrementUnit", "s"), 1.0)
    channels = _as_list(pixels.get("Channel", []))
    shared = {
        name: [channel[name] for channel in channels]
        for name in CHANNEL_FIELDS
        if channels and all(name in channel for channel in channels)
    }
    metadata = {"Channel": shared} if shared else {}
    if "Name" in image:
        metadata["Name"] = image["Name"]
    return {"pixel_size": sizes, "unit": unit, "flavour": "ome", "metadata": metadata}


def _describe_imagej(
    description: Mapping[str, Any], resolution: tuple[float, float, int]
) -> dict[str, Any]:
    across, down, resolution_unit = resolution
    unit, factor = known_unit(description.get("unit"))
    sizes = {}
    # ImageJ leaves a resolution of 1 in files that were never calibrated.
    if unit is not None or (across, down) != (1.0, 1.0):
        sizes = {axis: factor / dots for axis, dots in (("Y", down), ("X", across)) if dots}
    spacing = _positive(description.get("spacing"))
    if spacing:
        sizes["Z"] = spacing * factor
    if unit is None and sizes and resolution_unit in (INCH, CENTIMETRE):
        sizes = {axis: size * _microns_of(resolution_unit) for axis, size in sizes.items()}
        unit = "µm"
    frames_a_second = _positive(description.get("fps"))
    interval = _positive(description.get("finterval")) or (
        1 / frames_a_second if frames_a_second else 0.0
    )
    if interval:
        sizes["T"] = interval
    metadata = {key: description[key] for key in IMAGEJ_DISPLAY if key in description}
    return {"pixel_size": sizes, "unit": unit, "flavour": "imagej", "metadata": metadata}


def _describe_plain(series: TiffPageSeries) -> dict[str, Any]:
    across, down, resolution_unit = _resolution(series)
    # One pixel an inch is what writers put down that do not know.
    if not (across and down) or (across, down) == (1.0, 1.0):
        return {}
    if resolution_unit not in (INCH, CENTIMETRE):
        return {"pixel_size": {"Y": 1 / down, "X": 1 / across}}
    length = _microns_of(resolution_unit)
    return {"pixel_size": {"Y": length / down, "X": length / across}, "unit": "µm"}


def _microns_of(resolution_unit: int) -> float:
    return MICRONS_PER_INCH if resolution_unit == INCH else 10000.0


def _resolution(series: TiffPageSeries) -> tuple[float, float, int]:
    """Pixels a unit across and down (0 where not given), and the TIFF number of that unit."""
    tags = series.keyframe.tags
    dots = []
    for name in ("XResolution", "YResolution"):
        numerator, denominator = tags.valueof(name) or (0, 1)
        dots.append(_positive(numerator / denominator if denominator else 0))
    unit = tags.valueof("ResolutionUnit", default=INCH)
    return dots[0], dots[1], int(unit)


def _positive(value: object) -> float:
    """Give the number if it can be a size, else 0."""
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return 0.0
    return float(value)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


# --- and back --------------------------------------------------------------------------------


def ome_description(image: ImageFile) -> dict[str, Any]:
    """Metadata for an OME-TIFF, in tifffile's words."""
    description: dict[str, Any] = dict(image.metadata) if image.flavour == "ome" else {}
    description["axes"] = image.axes
    for axis in "YXZ":
        if axis in image.pixel_size:
            description[f"PhysicalSize{axis}"] = image.pixel_size[axis]
            description[f"PhysicalSize{axis}Unit"] = image.unit or "pixel"
    if "T" in image.pixel_size:
        description |= {"TimeIncrement": image.pixel_size["T"], "TimeIncrementUnit": "s"}
    return description


def imagej_description(image: ImageFile) -> dict[str, Any]:
    """Metadata for an ImageJ TIFF, in tifffile's words."""
    description: dict[str, Any] = dict(image.metadata) if image.flavour == "imagej" else {}
    if image.unit is not None:
        description["unit"] = "micron" if image.unit == "µm" else image.unit
    if "Z" in image.pixel_size:
        description["spacing"] = image.pixel_size["Z"]
    if "T" in image.pixel_size:
        description["finterval"] = image.pixel_size["T"]
    return description


def resolution_tags(image: ImageFile, *, physical: bool) -> dict[str, Any]:
    """TIFF resolution for `tifffile.imwrite`: pixels a centimetre, or a unit named elsewhere."""
    sizes = [image.pixel_size.get(axis) for axis in "XY"]
    physical = physical and image.unit is not None
    if physical:
        sizes = [in_microns(size, image.unit) for size in sizes]
    across, down = sizes
    if not across or not down:
        return {}
    length = 10000.0 if physical else 1.0
    return {
        "resolution": (length / across, length / down),
        "resolutionunit": "CENTIMETER" if physical else "NONE",
    }
