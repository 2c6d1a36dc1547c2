"""Images through the readers of napari plugins that are installed, by npe2.

Belongs here: from layer data, as plugins give them, to an ``ImageFile``. npe2 needs neither napari
nor Qt; a plugin's reader may.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.units import MICRONS, known_unit

OTHERS = ("napari", "napari-autolut")
"""Their readers know no files of microscopes."""

LEADING = ("", "Z", "TZ", "TCZ")
"""Axes before rows and columns that have no names, by their number."""

NAMES = {"nanometer": "nm", "micrometer": "µm", "micron": "µm", "millimeter": "mm",
         "centimeter": "cm", "meter": "m"}  # fmt: skip

SECONDS = {"second": 1.0, "s": 1.0, "millisecond": 1e-3, "ms": 1e-3, "minute": 60.0, "min": 60.0}


def plugin_scenes(path: Path) -> list[Scene]:
    """Give the image layers that the first plugin with a reader makes of a file; else none."""
    from npe2 import PluginManager
    from npe2.io_utils import read

    manager = PluginManager.instance()
    manager.discover()
    names = [each.plugin_name for each in manager.iter_compatible_readers([str(path)])]
    for name in names:
        if name not in OTHERS:
            layers = read([str(path)], stack=False, plugin_name=name)
            return [scene for layer in layers for scene in _scenes(layer)]
    return []


def _scenes(layer: Any) -> list[Scene]:
    """The image of layer data, if it is one."""
    data, meta, kind = (*layer, {}, "image")[:3] if len(layer) < 3 else layer[:3]
    if kind != "image":
        return []
    several = isinstance(data, list | tuple) or meta.get("multiscale")
    pixels = data[0] if several else data
    image = _image(pixels, meta)
    name = meta.get("name")
    named = name if isinstance(name, str) else ""
    return [Scene(image.lengths, np.dtype(image.data.dtype), named, partial(_given, image))]


def _given(image: ImageFile) -> ImageFile:
    return image


def _image(pixels: Any, meta: Mapping[str, Any]) -> ImageFile:
    rgb = bool(meta.get("rgb"))
    channel = meta.get("channel_axis")
    ndim = pixels.ndim - rgb
    place = None if channel is None else int(channel) % pixels.ndim
    own = [axis for axis in range(ndim) if axis != place]
    letters = dict(zip(own, _letters(meta.get("axis_labels"), len(own)), strict=True))
    if place is not None:
        letters[place] = "C"
    axes = "".join(letters[axis] for axis in range(ndim)) + "S" * rgb
    order = [letters[axis] for axis in own]
    sizes, unit, places = _places(order, meta)
    channels = _channels(meta, pixels.shape[place]) if place is not None else ()
    return ImageFile(pixels, axes, sizes, unit, origin=places, channels=channels)


def _letters(labels: Any, ndim: int) -> str:
    """A letter for each axis: by its label, else by where it stands."""
    named = [str(label).strip().upper()[:1] for label in labels or ()]
    if len(named) == ndim and len(set(named)) == ndim and set(named) <= set("TCZYX"):
        return "".join(named)
    if ndim - 2 >= len(LEADING):
        raise ValueError(f"found {ndim} axes without names, expected at most 5")
    return LEADING[ndim - 2] + "YX"


def _places(
    order: list[str], meta: Mapping[str, Any]
) -> tuple[dict[str, float], str | None, dict[str, float]]:
    """Pixel sizes, their unit and origins: lengths in micrometres, times in seconds."""
    units = meta.get("units")
    names = [str(unit) for unit in units] if isinstance(units, list | tuple) else [str(units)]
    names = names * len(order) if len(names) == 1 else names
    scales, shifts = (list(meta.get(key, ())) for key in ("scale", "translate"))
    scales, shifts = scales[-len(order) :], shifts[-len(order) :]
    sizes, places = {}, {}
    known = True
    for axis, scale, name in zip(order, scales, names, strict=False):
        ours, factor = known_unit(NAMES.get(name, name))
        if axis in "ZYX":
            known = known and ours is not None
            sizes[axis] = float(scale) * (factor * MICRONS[ours] if ours else 1.0)
        elif axis == "T":
            sizes[axis] = float(scale) * SECONDS.get(name, 1.0)
    for axis, scale, shift in zip(order, scales, shifts, strict=False):
        if axis in sizes and scale and float(shift):
            places[axis] = float(shift) * sizes[axis] / float(scale)
    return sizes, "µm" if sizes and known else None, places


def _channels(meta: Mapping[str, Any], count: int) -> tuple[Channel, ...]:
    """Names and contrast limits of channels, which plugins give as lists."""
    names, limits = meta.get("name"), meta.get("contrast_limits")
    named = list(names) if isinstance(names, list | tuple) else [""] * count
    windows: list[Any] = list(limits) if isinstance(limits, list | tuple) else [None] * count
    if len(named) != count or len(windows) != count:
        return ()
    return tuple(
        Channel(str(name), None, _window(window))
        for name, window in zip(named, windows, strict=True)
    )


def _window(limits: Any) -> tuple[float, float] | None:
    if not isinstance(limits, list | tuple) or len(limits) != 2:
        return None
    low, high = float(limits[0]), float(limits[1])
    return (low, high) if low < high else None
