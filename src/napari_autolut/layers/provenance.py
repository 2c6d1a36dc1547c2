"""What a layer is that was computed from another one: its place, its levels, how it was made.

Belongs here: plain descriptions as ``Layer.as_layer_data_tuple`` gives and takes them, and arrays;
no layer of napari's. Which layer they are taken from is ``layer_upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from napari_autolut.layers.geometry import Plane, enlarged_plane, enlarged_transform, linear_matrix

METADATA_KEY = "napari-autolut"
"""Where a result's ``layer.metadata`` say how it was made."""

LENS_KEY = "napari-autolut lens"
"""In the metadata of the layer that a lens shows, which is no image to work on."""

PYRAMID_SIDE = 4096
"""Rows or columns from which on a result gets coarser levels, for the view from afar."""

CHUNK = 1024
"""Side in pixels of the pieces in which an array in memory is upscaled lazily."""


@dataclass(frozen=True)
class Provenance:
    """How a result was made: all that it takes to make it again.

    ``limits`` are the pixel values that ``value_range`` came to; ``index`` is the position, on each
    axis that has one, of the only slice that was upscaled.
    """

    source: str
    model: str
    scale: int
    model_date: str = ""
    value_range: str | tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    spatial_axes: tuple[int, int] | None = None
    index: Mapping[int, int] | None = None
    lazy: bool = False

    def as_metadata(self) -> dict[str, Any]:
        """Plain values for ``layer.metadata``, with the version that made the result."""
        return {**asdict(self), "version": version("napari-autolut")}

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Provenance | None:
        """Read a layer's metadata; None where it is no result, or not one of ours."""
        made = metadata.get(METADATA_KEY)
        if not isinstance(made, Mapping) or not {"source", "model", "scale"} <= set(made):
            return None
        return cls(**{name: made[name] for name in cls.__dataclass_fields__ if name in made})


def is_lens(metadata: Mapping[str, Any]) -> bool:
    """Whether a layer is what a lens shows: there for the moment, and no image to work on."""
    return LENS_KEY in metadata


def placement(state: Mapping[str, Any], *, start: ArrayLike, factor: ArrayLike) -> dict[str, Any]:
    """Transform and cutting planes for an enlarged part of a layer.

    Parameters
    ----------
    state : the layer's own description
    start : (ndim,) the first pixel of the part
    factor : (ndim,) how many new pixels replace an old one
    """
    first, larger = np.asarray(start, np.float64), np.asarray(factor, np.float64)
    scale, rotate, shear = (state[name] for name in ("scale", "rotate", "shear"))
    origin = np.asarray(state["translate"]) + linear_matrix(scale, rotate, shear) @ first
    placed = enlarged_transform(scale, origin, larger, rotate=rotate, shear=shear)
    in_view, shift = (np.concatenate([np.full(3, fill), each])[-3:] for fill, each in (
        (1.0, larger), (0.0, first)))  # fmt: skip
    planes = "experimental_clipping_planes"
    return {
        "scale": placed.scale,
        "translate": placed.translate,
        "plane": _moved(state["plane"], shift, in_view),
        planes: [_moved(plane, shift, in_view) for plane in state[planes]],
    }


def larger_steps(array: Any, axes: Sequence[int], longest: int) -> list[Any]:
    """Every second row and column, and so on until none is longer: views, for what is in memory."""
    levels = []
    while max(array.shape[axis] for axis in axes) > longest:
        every_second = [slice(None)] * len(array.shape)
        for axis in axes:
            every_second[axis] = slice(None, None, 2)
        array = array[tuple(every_second)]
        levels.append(array)
    return levels


def in_chunks(source: Any, spatial_axes: Sequence[int], rgb: bool) -> Any:
    """A dask array of an array: of one in memory, in pieces of single planes."""
    if hasattr(source, "dask"):
        return source
    import dask.array

    chunks = [CHUNK if axis in spatial_axes else 1 for axis in range(len(source.shape))]
    if rgb:
        chunks[-1] = source.shape[-1]
    return dask.array.from_array(source, chunks=tuple(chunks), name=False)


def _moved(plane: Mapping[str, Any], shift: Any, factor: Any) -> dict[str, Any]:
    """A plane of napari's, in the order of its three displayed axes, in the result's pixels."""
    position = np.asarray(plane["position"]) - shift
    moved = enlarged_plane(Plane(position, plane["normal"], plane.get("thickness", 0.0)), factor)
    result = {**plane, "position": tuple(moved.position), "normal": tuple(moved.normal)}
    if "thickness" in plane:
        result["thickness"] = moved.thickness
    return result
