"""World alignment of an enlarged image, in plain numpy.

Belongs here: where the pixels of a result lie when its source lies somewhere, in numbers and in
descriptions as ``Layer.as_layer_data_tuple`` gives them; no layer of napari's.

napari maps pixel index ``i`` to the world by ``affine @ (rotate @ shear @ diag(scale) @ i +
translate)``. Index 0 is the *centre* of the first pixel: an image of n pixels reaches from index
-0.5 to n - 0.5. Shrinking the pixels alone would therefore shift the image by half the
difference in pixel size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from napari.layers import Layer

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
    scale, translate : array_like, shape (ndim,)
        World units per source pixel, and the source's origin.
    factor : array_like, shape (ndim,)
        How many result pixels replace a source pixel; 1 on untouched axes.
    rotate : array_like, shape (ndim, ndim), optional
        Rotation matrix.
    shear : array_like, shape (ndim, ndim) or its upper triangle, optional
        Triangular matrix.

    Returns
    -------
    Placement
        With the same ``rotate``, ``shear`` and outer ``affine``, every outer corner of the result
        has the world coordinates of the source's.

    Raises
    ------
    ValueError
        If a factor is not a positive finite number.
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
    plane : Plane
        In the index coordinates of the source.
    factor : array_like, shape (ndim,)
        As in :func:`enlarged_transform`.

    Returns
    -------
    Plane
        With a unit normal.
    """
    stretched = np.asarray(plane.normal, np.float64) / np.asarray(factor, np.float64)
    length = float(np.linalg.norm(stretched))
    position = enlarged_point(plane.position, factor)
    return Plane(position, stretched / length, plane.thickness / length)


def placement(state: Mapping[str, Any], *, start: ArrayLike, factor: ArrayLike) -> dict[str, Any]:
    """Transform and cutting planes for an enlarged part of a layer.

    Parameters
    ----------
    state : mapping
        The layer's own description.
    start : array_like, shape (ndim,)
        The first pixel of the part.
    factor : array_like, shape (ndim,)
        How many new pixels replace an old one.

    Returns
    -------
    dict
        Keys of the description that differ from the source's.
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


def linear_matrix(
    scale: ArrayLike, rotate: ArrayLike | None = None, shear: ArrayLike | None = None
) -> Matrix:
    """``rotate @ shear @ diag(scale)`` as napari composes it, (ndim, ndim)."""
    pixel = np.asarray(scale, np.float64)
    rotation = np.eye(len(pixel)) if rotate is None else np.asarray(rotate, np.float64)
    return rotation @ _shear_matrix(shear, len(pixel)) @ np.diag(pixel)


def with_affine(state: Mapping[str, Any]) -> tuple[Placement, bool]:
    """Scale and translation of a layer, those of its outer affine transform included.

    Parameters
    ----------
    state : mapping
        The layer's own description.

    Returns
    -------
    placement : Placement
        Where the layer is turned or sheared in the world, its pixel sizes and its first pixel.
    whole : bool
        Whether that is all of its transform: axes of the layer run along those of the world.
    """
    scale, rotate, shear = (state[name] for name in ("scale", "rotate", "shear"))
    affine = np.asarray(getattr(state["affine"], "affine_matrix", state["affine"]), np.float64)
    outer, shift = affine[:-1, :-1], affine[:-1, -1]
    translate = outer @ np.asarray(state["translate"], np.float64) + shift
    linear = outer @ linear_matrix(scale, rotate, shear)
    along, lengths = np.diag(linear), np.linalg.norm(linear, axis=0)
    if np.allclose(linear, np.diag(along), rtol=0, atol=1e-6 * lengths):
        return Placement(along, translate), True
    return Placement(scale * np.linalg.norm(outer, axis=0), translate), False


def pixel_sizes(layer: Layer | Mapping[str, Any]) -> Vector:
    """World units per pixel of a layer, or of what is described so, with its outer affine."""
    if isinstance(layer, Mapping):
        return np.abs(with_affine(layer)[0].scale)
    names = ("scale", "translate", "rotate", "shear", "affine")
    return pixel_sizes({name: getattr(layer, name) for name in names})


def _shear_matrix(shear: ArrayLike | None, ndim: int) -> Matrix:
    if shear is None:
        return np.eye(ndim)
    given = np.asarray(shear, np.float64)
    if given.ndim == 2:
        return given
    matrix = np.eye(ndim)
    matrix[np.triu_indices(ndim, k=1)] = given
    return matrix


def _moved(plane: Mapping[str, Any], shift: Any, factor: Any) -> dict[str, Any]:
    """A plane of napari's, in the order of its three displayed axes, in the result's pixels."""
    position = np.asarray(plane["position"]) - shift
    moved = enlarged_plane(Plane(position, plane["normal"], plane.get("thickness", 0.0)), factor)
    result = {**plane, "position": tuple(moved.position), "normal": tuple(moved.normal)}
    if "thickness" in plane:
        result["thickness"] = moved.thickness
    return result
