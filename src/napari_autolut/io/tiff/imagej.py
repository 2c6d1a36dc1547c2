"""What ImageJ says of an image in a TIFF: sizes, units, calibration, colours, info.

Belongs here: translating between ImageJ's words and the fields of ``ImageFile``. Which files are
ImageJ's is ``metadata.py``; pixels are ``reading.py`` and ``writing.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tifffile import PHOTOMETRIC, TiffPage

from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.provenance import (
    JSON_KEY,
    History,
    history_from_json,
    history_to_json,
)
from napari_autolut.io.tiff.micromanager import sizes_beside_imagej
from napari_autolut.io.tiff.numbers import finite, positive
from napari_autolut.io.units import converted, known_unit, seconds_of

INCH, CENTIMETRE, MILLIMETRE, MICROMETRE = 2, 3, 4, 5
MICRONS_OF_TAG = {INCH: 25400.0, CENTIMETRE: 10000.0, MILLIMETRE: 1000.0, MICROMETRE: 1.0}
"""Micrometres of the values of the TIFF tag ResolutionUnit that are physical; the last two are no
part of the standard, and some programs write them."""

OF_A_SCREEN = 72
"""Dots an inch that programs write which know no size."""

KEPT = (
    "mode", "loop", "fps", "min", "max", "Info", "Labels", "Ranges", "LUTs", "Properties",
    "cf", "c0", "c1", "c2", "c3", "c4", "vunit",
)  # fmt: skip
"""What stays true when an image grows: how it is shown, and what its grey values mean."""

NOT_KEPT = {"Overlays": "ImageJ's overlay", "ROI": "ImageJ's selection"}
"""What is drawn on the pixels of the source."""

TABLE_SHAPE = (3, 256)
"""Of a colour table: red, green and blue of each value."""

ORIGINS = {"X": "xorigin", "Y": "yorigin", "Z": "zorigin"}
COLOURMAP, INVERTED, OTHER_UNIT = "colormap", "inverted", "unit"
"""Keys of ``ImageFile.metadata`` for what ImageJ does not keep in its description."""


OTHER_INTERVAL = ("finterval", "tunit")
"""The same for a distance of frames that is no time."""


class Resolution(NamedTuple):
    """The tags of resolution: pixels a unit across and down, 0 where not given."""

    across: float
    down: float
    unit: int


UNCALIBRATED = Resolution(1.0, 1.0, 1)


def describe_imagej(
    description: Mapping[str, Any], resolution: Resolution, page: TiffPage
) -> dict[str, Any]:
    """Read the fields of `ImageFile`.

    Parameters
    ----------
    description : mapping of str to object
        ImageJ's metadata, in tifffile's words.
    resolution : Resolution
        Of the first page.
    page : TiffPage
        The first page.

    Returns
    -------
    dict of str to object
        Sizes, unit, origin, channels, history and what else is kept.
    """
    sizes, unit = _sizes(description, resolution)
    if not sizes and (known := sizes_beside_imagej(page, description.get("Info"))):
        sizes, unit = known, "µm"
    interval = _interval(description)
    if interval:
        sizes["T"] = interval
    metadata = {key: description[key] for key in KEPT if key in description}
    info, history = _split_info(description.get("Info"))
    metadata.pop("Info", None)
    if info:
        metadata["Info"] = info
    if unit is None and (other := _other_unit(description.get("unit"))):
        metadata[OTHER_UNIT] = other
    if "finterval" in description and not interval:
        metadata |= {key: description[key] for key in OTHER_INTERVAL if key in description}
    origin = {}
    for axis, key in ORIGINS.items():
        if isinstance(description.get(key), int | float) and axis in sizes:
            metadata[key] = description[key]
            origin[axis] = (0.5 - description[key]) * sizes[axis]
    if page.photometric == PHOTOMETRIC.PALETTE and page.colormap is not None:
        metadata[COLOURMAP] = page.colormap
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        metadata[INVERTED] = True
    return {
        "pixel_size": sizes,
        "unit": unit,
        "flavour": "imagej",
        "metadata": metadata,
        "origin": origin,
        "channels": _channels(description),
        "history": history,
        "not_kept": tuple(word for key, word in NOT_KEPT.items() if description.get(key)),
    }


def imagej_description(image: ImageFile) -> dict[str, Any]:
    """Write an image's description in tifffile's words.

    Parameters
    ----------
    image : ImageFile
        The image.

    Returns
    -------
    dict of str to object
        For ``metadata`` of `tifffile.imwrite`.
    """
    of_imagej = image.flavour == "imagej"
    given = image.metadata if of_imagej else {}
    description = {key: _ascii(key, given[key]) for key in KEPT if key in given}
    if image.unit is not None:
        description["unit"] = "micron" if image.unit == "µm" else image.unit
    elif OTHER_UNIT in given:
        description["unit"] = _ascii("unit", given[OTHER_UNIT])
    if "Z" in image.pixel_size:
        description["spacing"] = image.pixel_size["Z"]
    if "T" in image.pixel_size:
        description["finterval"] = image.pixel_size["T"]
    else:
        description |= {key: _ascii(key, given[key]) for key in OTHER_INTERVAL if key in given}
    for axis, key in ORIGINS.items():
        if key in given and axis in image.pixel_size:
            description[key] = 0.5 - image.origin.get(axis, 0.0) / image.pixel_size[axis]
    if image.history:
        lines = [str(given.get("Info", "")).rstrip("\n"), _history_line(image.history)]
        description["Info"] = "\n".join(filter(None, lines)) + "\n"
    return description


def imagej_colours(image: ImageFile) -> dict[str, Any]:
    """How ImageJ's colours are kept where it has them in tags; nothing for other images.

    Parameters
    ----------
    image : ImageFile
        A grey image.

    Returns
    -------
    dict of str to object
        For arguments of `tifffile.imwrite`.
    """
    if image.flavour != "imagej":
        return {}
    colourmap = image.metadata.get(COLOURMAP)
    if colourmap is not None and image.data.dtype == np.uint8:
        return {"photometric": "palette", "colormap": np.asarray(colourmap, np.uint16)}
    return {"photometric": "miniswhite"} if image.metadata.get(INVERTED) else {}


def lost_outside_imagej(image: ImageFile) -> tuple[str, ...]:
    """What of ImageJ's is lost where an image is written as another kind of file.

    Parameters
    ----------
    image : ImageFile
        The image.

    Returns
    -------
    tuple of str
        Words for a sentence.
    """
    if image.flavour != "imagej":
        return ()
    lost = {
        "cf": "ImageJ's calibration of grey values",
        COLOURMAP: "ImageJ's colour table",
        INVERTED: "ImageJ's inverting colour table",
        "Labels": "ImageJ's labels of slices",
        "Info": "ImageJ's info",
    }
    if any(channel.name for channel in image.channels):  # which the labels are then
        del lost["Labels"]
    return tuple(word for key, word in lost.items() if key in image.metadata)


def _sizes(
    description: Mapping[str, Any], resolution: Resolution
) -> tuple[dict[str, float], str | None]:
    """Pixel sizes in one unit; each axis may have been given in another."""
    across, down, resolution_unit = resolution
    if (across, resolution_unit) == (OF_A_SCREEN, INCH):
        across, down, resolution_unit = UNCALIBRATED  # as ImageJ takes it
    unit, factor = known_unit(description.get("unit"))
    sizes = {}
    # ImageJ leaves a resolution of 1 in files that were never calibrated.
    if unit is not None or (across, down) != UNCALIBRATED[:2]:
        sizes = {axis: 1 / dots for axis, dots in (("Y", down), ("X", across)) if dots}
    if spacing := finite(description.get("spacing")):
        sizes = {"Y": 1.0, "X": 1.0} | sizes | {"Z": abs(spacing)}  # 1 where there is no resolution
    if unit is None:
        named = _other_unit(description.get("unit"))  # which goes before that of the tags
        if not sizes or named or resolution_unit not in MICRONS_OF_TAG:
            return sizes, None
        return {a: size * MICRONS_OF_TAG[resolution_unit] for a, size in sizes.items()}, "µm"
    for axis in sizes:
        own, own_factor = known_unit(description.get(f"{axis.lower()}unit"))
        if axis == "X" or own is None:
            sizes[axis] *= factor
        else:
            sizes[axis] = converted(sizes[axis] * own_factor, own, unit)
    return sizes, unit


def _interval(description: Mapping[str, Any]) -> float:
    """Seconds between frames, 0 where not given: frames a second are how fast they are shown."""
    unit = description.get("tunit")
    return positive(description.get("finterval")) * ((seconds_of(unit) or 0.0) if unit else 1.0)


def _channels(description: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Name, colour and window of each channel, where ImageJ says so for all of them."""
    names = _channel_names(description)
    count, tables = description.get("channels", 1), description.get("LUTs", ())
    # tifffile gives the only one of its kind without a list.
    tables = [tables] if isinstance(tables, np.ndarray) else tables
    ranges = description.get("Ranges", ())
    if len(tables) != count or any(np.shape(table) != TABLE_SHAPE for table in tables):
        return tuple(map(Channel, names))
    windows = [None] * count if len(ranges) != 2 * count else zip(*[iter(ranges)] * 2, strict=True)
    return tuple(
        Channel(name, _colour(table), window)
        for name, table, window in zip(names or [""] * count, tables, windows, strict=True)
    )


def _channel_names(description: Mapping[str, Any]) -> list[str]:
    """Labels of slices where each slice is a channel, without their numbers; else none."""
    labels, count = description.get("Labels"), description.get("channels", 1)
    if not isinstance(labels, list) or not len(labels) == count == description.get("images", 1):
        return []
    lines = [str(label).partition("\n")[0] for label in labels]
    names = [re.sub(r"^c:\d+/\d+(?: - )?", "", line).strip() for line in lines]
    return names if all(names) and len(set(names)) == count else []


def _colour(table: NDArray[Any]) -> str | None:
    """The colour of the brightest value; None of an inverting table, which would be black."""
    first, last = table[:, 0].astype(int), table[:, -1].astype(int)
    return "".join(f"{each:02X}" for each in last) if last.sum() > first.sum() else None


def _split_info(info: object) -> tuple[str, History]:
    """Give the user's own info, and the history that was written below it."""
    lines = str(info or "").splitlines()
    for line in lines:
        key, _, text = line.partition(" = ")
        if key == JSON_KEY and (history := history_from_json(text)):
            return "\n".join(each for each in lines if each != line), history
    return str(info or ""), ()


def _history_line(history: History) -> str:
    return f"{JSON_KEY} = {history_to_json(history)}"


def _other_unit(unit: object) -> str:
    """A unit that is no length, which the result keeps by its name."""
    text = str(unit or "").strip()
    return "" if text.lower() in ("pixel", "pixels") or known_unit(text)[0] else text


def _ascii(key: str, value: Any) -> Any:
    """Escape what the description cannot hold, as ImageJ does; other tags hold all letters."""
    if key in ("vunit", "unit", "tunit") and isinstance(value, str):
        return " ".join(value.encode("ascii", "backslashreplace").decode().split())
    return value
