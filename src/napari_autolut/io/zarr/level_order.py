"""The levels of an OME-Zarr image: which is the largest, and whether they fit one another.

Belongs here: what a description says of levels, compared with the arrays. What else it says is
``layout.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from napari_autolut.io.zarr.folder import inside
from napari_autolut.io.zarr.layout import Layout
from napari_autolut.io.zarr.pixels import ZarrPixels

CONTRADICTION = (
    "the scales of its levels do not fit their numbers of pixels; the pixel size may be wrong"
)


def largest_first(path: Path, ome: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the levels of an image as the specification asks; some writers list the smallest first.

    A description that is not valid is left as it is: the specification's model says why.

    Parameters
    ----------
    path : pathlib.Path
        Of the image's group.
    ome : mapping of str to object
        Its attributes.

    Raises
    ------
    ImageFileError
        If an array cannot be opened.
    """
    scales = ome["multiscales"]
    first = scales[0] if isinstance(scales, list) and scales else None
    if not isinstance(first, dict) or not isinstance(listed := first.get("datasets"), list):
        return ome
    if not all(isinstance(each, dict) and isinstance(each.get("path"), str) for each in listed):
        return ome
    ordered = sorted(listed, key=lambda each: -ZarrPixels(inside(path, each["path"])).size)
    return {**ome, "multiscales": [{**first, "datasets": ordered}, *scales[1:]]}


def levels_agree(layout: Layout, levels: Sequence[ZarrPixels]) -> bool:
    """Whether all levels cover the same place, but for what rounding took off their sides.

    Parameters
    ----------
    layout : Layout
        What is said of the image.
    levels : sequence of ZarrPixels
        Its arrays, largest first.
    """
    sizes, largest = layout.level_sizes[0], levels[0].shape
    return all(
        abs(n * size - count * step) <= 2 * step
        for steps, level in zip(layout.level_sizes, levels, strict=True)
        for axis, n, size, count, step in zip(
            layout.axes, largest, sizes, level.shape, steps, strict=True
        )
        if axis in "ZYX"
    )
