"""Where the pixels of layer data lie in the world: sizes and the place of the first one.

Belongs here: scale, translation and affine transform of a layer, as plugins give them to napari,
along each axis. Units are ``plugins.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ORIENTATION = "its rotation, shear or direction in the world"
"""What no result has."""


class World(NamedTuple):
    """What is said of each axis of a layer.

    Parameters
    ----------
    sizes : sequence of float or None
        Of a pixel; None where nothing is said.
    places : sequence of float or None
        Of the first pixel's centre; None of all where axes are not aligned.
    aligned : bool
        Whether axes of the layer run along those of the world.
    """

    sizes: Sequence[float | None]
    places: Sequence[float | None]
    aligned: bool


def layer_world(ndim: int, meta: Mapping[str, Any]) -> World:
    """Put together what is said of a layer with so many axes, colours not counted.

    Raises
    ------
    ValueError
        If a transform has another number of axes.
    """
    scales, shifts = (_of_each(meta.get(key), ndim) for key in ("scale", "translate"))
    rotated = any(_is_any(meta.get(key)) for key in ("rotate", "shear"))
    affine = _affine(meta.get("affine"), ndim)
    linear = affine[:ndim, :ndim] * np.array([scale or 1.0 for scale in scales])
    along = np.diag(linear)
    diagonal = bool((along > 0).all()) and np.allclose(linear, np.diag(along))
    aligned = diagonal and not rotated
    said = [scale is not None for scale in scales]
    if meta.get("affine") is not None:
        said = [True] * ndim
    lengths = np.linalg.norm(linear, axis=0)
    sizes = [float(size) if known else None for size, known in zip(lengths, said, strict=True)]
    if not aligned:
        return World(sizes, [None] * ndim, aligned)
    moved = affine[:ndim, :ndim] @ [shift or 0.0 for shift in shifts] + affine[:ndim, ndim]
    return World(sizes, [float(place) for place in moved], aligned)


def _of_each(values: Any, ndim: int) -> list[float | None]:
    """Numbers of all axes; as in napari, fewer are those of the last axes."""
    given = [float(value) for value in (() if values is None else values)][-ndim:]
    return [None] * (ndim - len(given)) + given


def _is_any(rotation: Any) -> bool:
    """Whether a rotation or shear, as an angle, angles or a matrix, is one."""
    values = np.asarray(0.0 if rotation is None else rotation, np.float64)
    return bool((values != (np.eye(len(values)) if values.ndim == 2 else 0.0)).any())


def _affine(given: Any, ndim: int) -> NDArray[np.float64]:
    """An affine transform of all axes; one of fewer is that of the last ones."""
    whole = np.eye(ndim + 1)
    if given is not None:
        matrix = np.asarray(getattr(given, "affine_matrix", given), np.float64)
        size = len(matrix)
        if matrix.shape != (size, size) or size > ndim + 1:
            raise ValueError(f"found an affine transform of shape {matrix.shape}, for {ndim} axes")
        whole[-size:, -size:] = matrix
    return whole
