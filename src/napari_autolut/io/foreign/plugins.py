"""Images through the readers of napari plugins that are installed, by npe2.

Belongs here: from layer data, as plugins give them, to an ``ImageFile``. npe2 needs neither napari
nor Qt; a plugin's reader may.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.layer_world import ORIENTATION, World, layer_world
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.units import MICRONS, known_unit, seconds_of
from napari_autolut.util.axis_names import LEADING, axis_letter

OTHERS = ("napari", "napari-autolut")
"""Their readers know no files of microscopes."""

SMALLEST_RGB = 30
"""Sides in pixels below which napari takes no last axis for colours unless it is told."""


def plugin_scenes(path: Path) -> list[Scene]:
    """Give what the first plugin that can read a file makes of it: images, else labels."""
    from npe2 import PluginManager
    from npe2.io_utils import read

    manager = PluginManager.instance()
    manager.discover()
    _do_without_a_display()
    names = [each.plugin_name for each in manager.iter_compatible_readers([str(path)])]
    failures: list[Exception] = []
    for name in dict.fromkeys(names):
        if name in OTHERS:
            continue
        try:
            layers = read([str(path)], stack=False, plugin_name=name)
        except Exception as error:  # noqa: BLE001 - others' code; another may do better
            failures.append(error)
            continue
        for kind in ("image", "labels"):  # labels beside an image are no image of the file
            if scenes := [scene for layer in layers for scene in _scenes(layer, kind)]:
                return scenes
    if failures:
        raise failures[0]
    return []


def _do_without_a_display() -> None:
    """Let plugins that make widgets make them unseen, where Qt would end the program instead."""
    shown = {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if sys.platform.startswith("linux") and not shown:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _scenes(layer: Any, kind: str) -> list[Scene]:
    """The image of layer data, if they are of that kind."""
    data, meta, found = (*layer, *({}, "image")[len(layer) - 1 :])[:3]
    if found != kind or data is None:
        return []
    several = isinstance(data, list | tuple) or meta.get("multiscale")
    pixels = data[0] if several else data
    image = replace(_image(pixels, meta), labels=kind == "labels")
    name = meta.get("name")
    named = name if isinstance(name, str) else ""
    return [Scene(image.lengths, np.dtype(image.data.dtype), named, partial(_given, image))]


def _given(image: ImageFile) -> ImageFile:
    return image


def _image(pixels: Any, meta: Mapping[str, Any]) -> ImageFile:
    rgb = _is_rgb(pixels.shape, meta)
    channel = meta.get("channel_axis")
    ndim = pixels.ndim - rgb
    place = None if channel is None else int(channel) % pixels.ndim
    own = [axis for axis in range(ndim) if axis != place]
    long = [pixels.shape[axis] > 1 or axis in own[-2:] for axis in own]
    order = _letters(meta.get("axis_labels"), long)
    letters = {axis: letter for axis, letter in zip(own, order, strict=True) if letter}
    if place is not None:
        letters[place] = "C"
    pixels = pixels[tuple(slice(None) if axis in letters else 0 for axis in range(ndim))]
    axes = "".join(letters[axis] for axis in sorted(letters)) + "S" * rgb
    world = layer_world(len(order), meta)
    sizes, unit, places = _places(order, world, meta)
    channels = _channels(meta, pixels.shape[axes.index("C")]) if place is not None else ()
    lost = (ORIENTATION,) if not world.aligned else ()
    return ImageFile(pixels, axes, sizes, unit, origin=places, channels=channels, not_kept=lost)


def _is_rgb(shape: tuple[int, ...], meta: Mapping[str, Any]) -> bool:
    """Whether the last axis holds colours; where nothing is said, as napari guesses."""
    told = meta.get("rgb")
    if told is not None or meta.get("channel_axis") is not None:
        return bool(told)
    return len(shape) > 2 and shape[-1] in (3, 4) and min(shape[-3:-1]) > SMALLEST_RGB


def _letters(labels: Any, long: Sequence[bool]) -> list[str]:
    """A letter for each axis: by its label, else by where it stands among those of some length.

    Those of one entry that are no rows or columns have none.
    """
    named = [axis_letter(label) for label in labels or ()]
    if len(named) != len(long) or len(set(named)) != len(named) or not all(named):
        count = sum(long)
        if count - 2 >= len(LEADING):
            raise ValueError(f"found {count} axes without names, expected at most 5")
        standing = iter(LEADING[count - 2] + "YX")
        named = [next(standing) if each else "" for each in long]
    return [letter if each else "" for letter, each in zip(named, long, strict=True)]


def _places(
    order: list[str], world: World, meta: Mapping[str, Any]
) -> tuple[dict[str, float], str | None, dict[str, float]]:
    """Pixel sizes, their unit and origins: lengths in micrometres, times in seconds."""
    names = _units(meta.get("units"), len(order))
    sizes, places = {}, {}
    known = True
    for axis, scale, shift, name in zip(order, *world[:2], names, strict=True):
        if not scale or axis not in tuple("TZYX"):
            continue
        if axis == "T":
            if scale == 1 and not name:
                continue  # which napari takes where nothing is said
            factor = seconds_of(name) or 1.0
        else:
            ours, factor = known_unit(name)
            known = known and ours is not None
            factor *= MICRONS[ours] if ours else 1.0
        sizes[axis] = scale * factor
        if shift:
            places[axis] = shift * factor
    return sizes, "µm" if sizes and known else None, places


def _units(units: Any, ndim: int) -> list[str]:
    """Names of units, which plugins give as words, or as pint's units or quantities."""
    if units is None:
        return [""] * ndim
    every = list(units) if isinstance(units, list | tuple) else [units] * ndim
    names = [str(getattr(unit, "units", unit)) for unit in every][-ndim:]
    return [""] * (ndim - len(names)) + names


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
