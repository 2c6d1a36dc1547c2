"""Images through bioio's readers: CZI, ND2, LIF and whatever else one is installed for.

Belongs here: from a ``BioImage`` to an ``ImageFile``. bioio is the extra ``bioio``; its readers are
packages of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.units import MICRONS, known_unit

ORDER = "TCZYX"

UNSUPPORTED = "UnsupportedFileFormatError"
"""What bioio raises where no reader is installed for a file."""


def bioio_scenes(path: Path) -> list[Scene]:
    """Give the scenes of a file; none where bioio or a reader for it is not installed."""
    if find_spec("bioio") is None:
        return []
    package = import_module("bioio")
    try:
        image = package.BioImage(str(path))
    except Exception as error:
        if type(error).__name__ == UNSUPPORTED:
            return []
        raise
    scenes = []
    for index, name in enumerate(image.scenes):
        image.set_scene(index)
        lengths = _lengths(image)
        load = partial(_load, image, index)
        scenes.append(Scene(lengths, np.dtype(image.dask_data.dtype), str(name), load))
    return scenes


def _lengths(image: Any) -> dict[str, int]:
    """Length of each axis, without those of one entry, which bioio adds."""
    data = image.dask_data
    every = dict(zip(_axes(data), data.shape, strict=True))
    return {axis: int(n) for axis, n in every.items() if n > 1 or axis in "YXS"}


def _axes(data: Any) -> str:
    return ORDER if data.ndim == len(ORDER) else f"{ORDER}S"


def _load(image: Any, index: int) -> ImageFile:
    image.set_scene(index)
    lengths, data = _lengths(image), image.dask_data
    pixels = data[tuple(slice(None) if axis in lengths else 0 for axis in _axes(data))]
    sizes, unit = _sizes(image, lengths)
    names = [str(name) for name in image.channel_names or ()] if "C" in lengths else []
    channels = tuple(Channel(name) for name in names)
    axes = "".join(lengths)
    return ImageFile(pixels, axes, sizes, unit, channels=channels)


def _sizes(image: Any, lengths: Mapping[str, int]) -> tuple[dict[str, float], str | None]:
    """Pixel sizes in micrometres and seconds; bioio's lengths are micrometres but where it says."""
    given = image.physical_pixel_sizes
    units = getattr(image, "dimension_properties", None)
    sizes: dict[str, float] = {}
    for axis in "ZYX":
        size = getattr(given, axis, None)
        if axis in lengths and size:
            unit = getattr(getattr(units, axis, None), "unit", None)
            sizes[axis] = abs(float(size)) * _microns(unit)
    found = "µm" if sizes else None
    interval = getattr(image, "time_interval", None)
    if "T" in lengths and interval:
        seconds = getattr(interval, "total_seconds", lambda: float(interval))()
        sizes["T"] = float(seconds)
    return sizes, found


def _microns(unit: Any) -> float:
    """Micrometres of a unit by its name, such as pint's; 1 where none is said."""
    if unit is None:
        return 1.0
    name = str(unit).lower()
    named = {"nanometer": "nm", "micrometer": "µm", "millimeter": "mm", "centimeter": "cm",
             "meter": "m"}.get(name, name)  # fmt: skip
    ours, factor = known_unit(named)
    return MICRONS[ours] * factor if ours is not None else 1.0
