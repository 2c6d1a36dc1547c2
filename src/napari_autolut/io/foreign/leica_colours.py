"""Colours of LIF files, which bioio-lif cannot read: by liffile, with which it reads the others.

Belongs here: from an image of red, green and blue to an ``ImageFile``. Other LIF images are
``bioio.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.memory import check_memory
from napari_autolut.io.units import MICRONS, known_unit

AXES = {1: "X", 2: "Y", 3: "Z", 4: "T"}
"""By the number of a dimension in the file."""

COLOURS = 3


def colour_scene(path: Path, index: int, name: str) -> Scene | None:
    """Give an image of red, green and blue; None where it is none, or has other axes beside.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    index : int
        Which of its images.
    name : str
        What the file calls it.

    Returns
    -------
    Scene or None
        Read as a whole when it is loaded.
    """
    with import_module("liffile").LifFile(path) as file:
        image = file.images[index]
        lengths = {str(axis): int(n) for axis, n in image.sizes.items()}
        if lengths.get("S") != COLOURS or not set(lengths) <= {*AXES.values(), "S"}:
            return None
        load = partial(_load, path, index, lengths, name)
        return Scene(lengths, np.dtype(image.dtype), name, load)


def _load(path: Path, index: int, lengths: Mapping[str, int], name: str) -> ImageFile:
    with import_module("liffile").LifFile(path) as file:
        image = file.images[index]
        check_memory(path, image.nbytes)
        sizes = dict(_sizes(image, lengths))
        unit = "µm" if set(sizes) & set("XYZ") else None
        return ImageFile(image.asarray(), "".join(lengths), sizes, unit, name=name)


def _sizes(image: Any, lengths: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """Micrometres and seconds from one position of an axis to the next."""
    for each in image.xml_element.iter("DimensionDescription"):
        axis, count = AXES.get(int(each.get("DimID")), ""), int(each.get("NumberOfElements"))
        unit, factor = known_unit(each.get("Unit"))
        length = abs(float(each.get("Length"))) * (MICRONS[unit] * factor if unit else 1.0)
        if axis in lengths and count > 1 and length and (unit or axis == "T"):
            yield axis, length / (count - 1)
