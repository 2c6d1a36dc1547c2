"""The world of a viewer and the pixels of a layer, whatever units either has.

Belongs here: conversion of points, and of units. A layer's own world coordinates are in its own
units; a viewer shows all layers in common ones, and says where it looks in those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut._compat import sliced_units

Units = Sequence[Any] | None
"""Of each axis of a world; None where the world has none, or is not known."""

Vector = NDArray[np.float64]


def unit_ratio(own: Any, other: Any) -> float:
    """How many of the other unit one of the own makes; 1 where they measure different things."""
    if own == other or own.dimensionality != other.dimensionality:
        return 1.0
    return float((1 * own).to(other).magnitude)


def unit_ratios(layer: Any, units: Units = None) -> Vector:
    """World units per unit of a layer.

    Parameters
    ----------
    layer : napari.layers.Layer
        With units, since napari 0.5.
    units : sequence of pint.Unit, optional
        Of the viewer's world, at least as many as the layer has axes. By default those in which a
        viewer showed the layer last.

    Returns
    -------
    numpy.ndarray, shape (ndim,)
        All 1 in a napari that does not convert units, before 0.9.
    """
    world = sliced_units(layer) if units is None else units
    if world is None or len(world) < layer.ndim:
        return np.ones(layer.ndim)
    return world_ratios(layer.units, world, layer.ndim)


def world_ratios(own: Units, other: Units, ndim: int) -> Vector:
    """Units of another world per unit of this one, on the last ``ndim`` axes of both."""
    if own is None or other is None:
        return np.ones(ndim)
    return np.array([unit_ratio(a, b) for a, b in zip(own[-ndim:], other[-ndim:], strict=True)])


def point_in_pixels(layer: Any, point: ArrayLike, units: Units = None) -> Vector:
    """Where a point of a viewer's world lies in a layer, (ndim,) in pixels.

    ``point`` may have more axes than the layer, which lies in the last ones; ``units`` are those of
    :func:`unit_ratios`.
    """
    own = np.asarray(point, np.float64)[-layer.ndim :] / unit_ratios(layer, units)
    return np.asarray(layer.world_to_data(own), np.float64)


def point_in_world(layer: Any, pixel: ArrayLike, units: Units = None) -> Vector:
    """Where a pixel of a layer lies in a viewer's world, (ndim,); the other way round."""
    own = np.asarray(layer.data_to_world(np.asarray(pixel, np.float64)), np.float64)
    return own * unit_ratios(layer, units)
