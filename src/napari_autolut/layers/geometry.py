"""World alignment of an enlarged image, in plain numpy.

Belongs here: where the pixels of a result lie when its source lies somewhere. Reading this from a
napari layer and writing it back is ``layers.py``.

napari maps pixel index ``i`` to the world by ``affine @ (rotate @ shear @ diag(scale) @ i +
translate)``, and index 0 is the *centre* of the first pixel, so an image of n pixels reaches from
index -0.5 to n - 0.5. Shrinking the pixels alone would therefore shift the picture by half the
difference in pixel size.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


class Placement(NamedTuple):
    """World units per pixel and origin, each (ndim,); all else of a layer's transform stays."""

    scale: Vector
    translate: Vector


class Plane(NamedTuple):
    """A plane through an image: a point on it, its unit normal, both (ndim,), and a thickness."""

    position: Vector
    normal: Vector
    thickness: float = 0.0


def enlarged_transform(
    scale: ArrayLike,
    translate: ArrayLike,
    factor: ArrayLike,
    *,
    rotate: ArrayLike | None = None,
    shear: ArrayLike | None = None,
) -> Placement:
    """Scale and translation that keep an enlarged image exactly where its source is.

    Parameters
    ----------
    scale, translate : (ndim,) world units per source pixel, and the source's origin
    factor : (ndim,) how many result pixels replace a source pixel; 1 on untouched axes
    rotate : (ndim, ndim) rotation matrix; none without it
    shear : (ndim, ndim) triangular matrix, or the upper triangle as a vector; none without it

    Returns
    -------
    Placement
        With the same ``rotate``, ``shear`` and outer ``affine``, every outer corner of the result
        has the world coordinates of the source's.

    Raises
    ------
    ValueError
        if a factor is not a positive finite number
    """
    factors = np.asarray(factor, np.float64)
    if not (np.isfinite(factors).all() and (factors > 0).all()):
        raise ValueError(f"factor: found {factors.tolist()}, expected positive finite numbers")
    pixel = np.asarray(scale, np.float64)
    first_centre = enlarged_point(np.zeros_like(factors), 1 / factors)
    shift = linear_matrix(pixel, rotate, shear) @ first_centre
    return Placement(pixel / factors, np.asarray(translate, np.float64) + shift)


def enlarged_point(point: ArrayLike, factor: ArrayLike) -> Vector:
    """Index in an image with ``factor`` times the pixels of the same place, (ndim,)."""
    return (np.asarray(point, np.float64) + 0.5) * np.asarray(factor, np.float64) - 0.5


def enlarged_plane(plane: Plane, factor: ArrayLike) -> Plane:
    """Where a cutting plane lies in the index coordinates of an enlarged image.

    Parameters
    ----------
    plane : position, normal and thickness in the index coordinates of the source
    factor : (ndim,) as in :func:`enlarged_transform`
    """
    stretched = np.asarray(plane.normal, np.float64) / np.asarray(factor, np.float64)
    length = float(np.linalg.norm(stretched))
    position = enlarged_point(plane.position, factor)
    return Plane(position, stretched / length, plane.thickness / length)


def linear_matrix(
    scale: ArrayLike, rotate: ArrayLike | None = None, shear: ArrayLike | None = None
) -> Matrix:
    """``rotate @ shear @ diag(scale)`` as napari composes it, (ndim, ndim)."""
    pixel = np.asarray(scale, np.float64)
    rotation = np.eye(len(pixel)) if rotate is None else np.asarray(rotate, np.float64)
    return rotation @ _shear_matrix(shear, len(pixel)) @ np.diag(pixel)


def _shear_matrix(shear: ArrayLike | None, ndim: int) -> Matrix:
    if shear is None:
        return np.eye(ndim)
    given = np.asarray(shear, np.float64)
    if given.ndim == 2:
        return given
    matrix = np.eye(ndim)
    matrix[np.triu_indices(ndim, k=1)] = given
    return matrix
