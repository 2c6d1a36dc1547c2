"""Descriptions that are not as OME-Zarr 0.4 and 0.5 have them: early versions, axes in any order.

Belongs here: the same in words of 0.4, which the specification's models check, and the way back to
the order in which the arrays have their axes. What it means is ``layout.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_autolut.io.zarr.folder import inside
from napari_autolut.io.zarr.layout import Layout
from napari_autolut.io.zarr.pixels import ZarrPixels
from napari_autolut.io.zarr.transforms import KEY, transforms_of, with_transforms
from napari_autolut.util.axis_names import axis_letter

EARLY = ("0.1", "0.2", "0.3")
"""Versions whose axes are names alone, or those of all images, and whose levels have no scales."""

AXES = "tczyx"
"""Of the first versions; arrays with fewer have the last ones."""

KINDS = {"T": "time", "C": "channel", "Z": "space", "Y": "space", "X": "space"}
RANKS = {"time": 0, "space": 2}
"""Axes of other types lie between these, as channels do."""

Description = Mapping[str, Any]


def in_words_of_today(path: Path, ome: Description, zarr_version: int) -> Description:
    """Give attributes as version 0.4 would have them, whatever writers leave out or put elsewhere.

    Parameters
    ----------
    path : pathlib.Path
        Of the image's group.
    ome : mapping of str to object
        Its attributes, with the largest level first.
    zarr_version : {2, 3}
        In which the group is written; early versions are in the first.

    Raises
    ------
    ImageFileError
        If an array cannot be opened.
    """
    scale, datasets = _first(ome)
    if scale is None or not datasets:
        return ome
    implied = "0.4" if "axes" in scale or zarr_version == 3 else EARLY[0]
    early = scale.get("version", implied) in EARLY
    shapes: list[tuple[int, ...]] = []
    if early or not all(map(transforms_of, datasets)):
        shapes = [ZarrPixels(inside(path, each["path"])).shape for each in datasets]
    names = scale.get("axes", list(AXES[-len(shapes[0]) :]) if early else None)
    if not isinstance(names, list) or any(len(shape) != len(names) for shape in shapes):
        return ome
    axes = [_typed({"name": each} if isinstance(each, str) else each) for each in names]
    if not all(map(_is_axis, axes)):
        return ome
    version = {"version": "0.4"} if early else {}
    return _with_first(ome, {**with_transforms(scale, datasets, axes, shapes), **version})


def in_order(ome: Description) -> tuple[Description, list[int]]:
    """Give the attributes with axes in the order of the specification, and typed by their names.

    Returns
    -------
    ome : mapping of str to object
        As it was where axes are no list of axes: that is said of it later.
    order : list of int
        The number of each axis in the arrays; empty where the order is that of the arrays.
    """
    scale, datasets = _first(ome)
    listed = None if scale is None else scale.get("axes")
    if scale is None or not isinstance(listed, list) or not all(map(_is_axis, listed)):
        return ome, []
    axes = [_typed(each) for each in listed]
    order = sorted(range(len(axes)), key=lambda n: RANKS.get(str(axes[n].get("type")), 1))
    moved = {"axes": [axes[number] for number in order]}
    if order == list(range(len(axes))):
        return _with_first(ome, {**scale, **moved}), []
    levels = [_reordered(each, order) for each in datasets or ()]
    return _with_first(ome, {**_reordered(scale, order), **moved, "datasets": levels}), order


def as_in_arrays(layout: Layout, order: Sequence[int]) -> Layout:
    """What is said of an image, with axes in the order of its arrays."""
    if not order:
        return layout
    places = [order.index(number) for number in range(len(order))]
    sizes = tuple(tuple(each[at] for at in places) for each in layout.level_sizes)
    return replace(layout, axes="".join(layout.axes[at] for at in places), level_sizes=sizes)


def _first(ome: Description) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The first multiscale, and its levels where all of them have a path."""
    scales = ome.get("multiscales")
    first = scales[0] if isinstance(scales, list) and scales else None
    listed = first.get("datasets") if isinstance(first, dict) else None
    named = isinstance(listed, list) and all(
        isinstance(each, dict) and isinstance(each.get("path"), str) for each in listed
    )
    return (first if isinstance(first, dict) else None), (listed or [] if named else [])


def _with_first(ome: Description, scale: Description) -> Description:
    return {**ome, "multiscales": [scale, *ome["multiscales"][1:]]}


def _is_axis(axis: Any) -> bool:
    return isinstance(axis, dict) and isinstance(axis.get("name"), str)


def _typed(axis: Any) -> Any:
    """An axis with the type that its name tells, where it has none."""
    kind = _kind(axis) if _is_axis(axis) else None
    return {"type": kind} | axis if kind else axis


def _kind(axis: Description) -> str | None:
    return KINDS.get(axis_letter(axis["name"]))


def _reordered(holder: Description, order: Sequence[int]) -> dict[str, Any]:
    """A multiscale or a level with the numbers of its transformations in another order."""
    given = holder.get(KEY)
    if not isinstance(given, list):
        return dict(holder)
    return {**holder, KEY: [_moved(each, order) for each in given]}


def _moved(transform: Any, order: Sequence[int]) -> Any:
    if not isinstance(transform, dict):
        return transform
    return {
        name: [numbers[at] for at in order]
        if isinstance(numbers, list) and len(numbers) == len(order)
        else numbers
        for name, numbers in transform.items()
    }
