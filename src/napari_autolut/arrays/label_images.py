"""Masks and label images among images: pixels that name regions, and are no intensities.

Belongs here: how they are told from images. What follows from it is said where files are enlarged
(``batch/files/tasks.py``) or learned from (``training/planes.py``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.samples import middle, spread

SAMPLED_PLANES, SAMPLED_SIDE = 4, 1024
"""What is looked at: planes, and the middle of large ones."""

FLAT = 0.7
"""Fraction of the pixels off the background that lie among their like in a mask."""

FEW_VALUES = 8
"""Values up to which regions may follow each other without a jump."""

JUMPS = 0.5
"""Fraction of differing neighbours that differ by more than a level in a label image."""

MAX_COLOURS = 256
"""Colours of a label image that is drawn in colours."""


def regions_word(channel: NDArray[Any], *, colours: bool = False, named: bool = False) -> str:
    """Say that a channel looks like a mask or a label image; empty for an image.

    Parameters
    ----------
    channel : ndarray, shape (..., H, W)
        Values of one channel.
    colours : bool, default False
        The axis before the last two holds red, green and blue.
    named : bool, default False
        Whether its name says so, too: regions may then follow each other without a jump.
    """
    planes = _sample(channel, 3 if colours else 1)
    if planes.dtype.kind == "f" and (planes != np.rint(planes)).any():
        values = np.unique(planes)
        if len(values) > 2:
            return ""
        planes = (planes == values[0]).astype(np.uint8)
    if colours:
        return _of_colours(planes)
    kinds = np.unique(planes)
    if named and len(kinds) == 1:
        return "a mask: one value alone"
    differ_at_edges = named or len(kinds) <= FEW_VALUES or _jumps(planes)
    if not (differ_at_edges and _among_like(planes) >= FLAT):
        return ""
    if len(kinds) <= 2:
        return "a mask: two values alone"
    return f"a label image: regions of one value each ({len(kinds)} of them)"


def sampled_regions_word(channel: Any, *, colours: bool = False, named: bool = False) -> str:
    """:func:`regions_word` of a channel that may lie on disk, of which some planes are read.

    Parameters
    ----------
    channel : array_like, shape (..., H, W) or (..., H, W, 3 or 4)
        Numpy, dask, or an array of a file.
    colours : bool, default False
        The last axis holds red, green and blue.
    named : bool, default False
        As for :func:`regions_word`.
    """
    *leading, height, width = channel.shape[:-1] if colours else channel.shape
    cut = middle(height, SAMPLED_SIDE), middle(width, SAMPLED_SIDE)
    numbers = spread(math.prod(leading), SAMPLED_PLANES)
    places = (np.unravel_index(number, leading) if leading else () for number in numbers)
    planes = np.stack([np.asarray(channel[(*map(int, place), *cut)]) for place in places])
    if colours:
        planes = np.moveaxis(planes[..., :3], -1, -3)
    return regions_word(planes, colours=colours, named=named)


def _of_colours(planes: NDArray[Any]) -> str:
    """Planes are red, green and blue, one after the other."""
    weights = np.array([1, 256, 256**2], np.int64)
    codes = (planes.reshape(-1, 3, *planes.shape[-2:]) * weights[:, None, None]).sum(1)
    if len(np.unique(codes)) > MAX_COLOURS or _among_like(codes) < FLAT:
        return ""
    return "a label image in colours: regions of one colour each"


def _sample(channel: NDArray[Any], together: int) -> NDArray[Any]:
    """(P, h, w) from the middle of some planes; ``together`` that follow each other stay so."""
    height, width = channel.shape[-2:]
    stacks = channel.reshape(-1, together, height, width)
    chosen = spread(len(stacks), SAMPLED_PLANES)
    part = stacks[chosen, :, middle(height, SAMPLED_SIDE), middle(width, SAMPLED_SIDE)]
    return np.asarray(part).reshape(-1, *part.shape[-2:])


def _among_like(planes: NDArray[Any]) -> float:
    """Fraction of the pixels off the background that equal three of their four neighbours."""
    values, counts = np.unique(planes, return_counts=True)
    like = np.zeros(planes.shape, np.uint8)
    for axis in (1, 2):
        same = np.diff(planes.astype(np.float64), axis=axis) == 0
        first, last = (
            [(0, 0)] + [(pad if n == axis else (0, 0)) for n in (1, 2)] for pad in ((0, 1), (1, 0))
        )
        # The border counts as a neighbour of the same kind.
        like += np.pad(same, first, constant_values=True)
        like += np.pad(same, last, constant_values=True)
    foreground = planes != values[counts.argmax()]
    return float((like[foreground] >= 3).mean()) if foreground.any() else 0.0


def _jumps(planes: NDArray[Any]) -> bool:
    """Whether most neighbours that differ do so by more than one level."""
    steps = np.concatenate(
        [np.abs(np.diff(planes.astype(np.float64), axis=axis)).reshape(-1) for axis in (1, 2)]
    )
    steps = steps[steps > 0]
    return bool(steps.size) and float((steps > 1).mean()) > JUMPS
