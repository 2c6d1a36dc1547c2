"""Files of a Zarr that were never written, as far as their places tell.

Belongs here: what a recording that stopped early, dark slices and a mosaic with gaps leave, and a
copy that broke off does not. What the pixels tell is ``completeness.py``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening

Places = NDArray[np.bool_]

MIN_FILES = 16
"""A copy seldom breaks off just where a frame of so many files ends."""

MIN_FILES_OF_EMPTY = 4
"""A plane of so many files is seldom lost as a whole, where another one is not lost in part."""

MIN_SIDE = 6
"""Rows and columns of files of a mosaic: in smaller ones, chance has the same look too often."""

MAX_GAPS = 0.5
"""Share of a mosaic that may be empty."""


def never_written(there: Places) -> Places:
    """Tell which files were never written, from the places of those that are there.

    Parameters
    ----------
    there : ndarray of bool
        Whether there is a file, at each place of the array's grid; rows and columns are its last
        axes.

    Returns
    -------
    ndarray of bool
        True where a file is not there and was not lost either.
    """
    return _after_the_last(there) | _in_no_plane(there) | _whole_planes(there) | _in_squares(there)


def _in_no_plane(there: Places) -> Places:
    """Places that no plane has, of two planes or more: gaps of a mosaic. What is lost differs."""
    planes = there.reshape(-1, *there.shape[-2:])
    is_held: Places = np.asarray(planes.any((1, 2)))
    held = planes[is_held]
    if len(held) < 2 or (held != held[0]).any():
        return np.zeros(there.shape, np.bool_)
    return np.asarray((~held[0] & is_held[:, None, None]).reshape(there.shape))


def _whole_planes(there: Places) -> Places:
    """Planes without any file, where all others are whole: dark slices, or an empty channel.

    What a copy lacks are the last planes, by number or by name, or more of them than it has.
    """
    planes = there.reshape(-1, math.prod(there.shape[-2:]))
    held: Places = np.asarray(planes.any(1))
    places = list(np.ndindex(*there.shape[:-2]))
    by_name = sorted(range(len(places)), key=lambda n: [*map(str, places[n])])
    broken_off = any((np.diff(each.astype(int)) <= 0).all() for each in (held, held[by_name]))
    empty = np.zeros(planes.shape, np.bool_)
    if planes.shape[1] >= MIN_FILES_OF_EMPTY and planes[held].all() and not broken_off:
        empty[~held] = 2 * held.sum() >= len(held)
    return np.asarray(empty.reshape(there.shape))


def _in_squares(there: Places) -> Places:
    """Gaps of a mosaic of one plane, two files wide and high at least, with tiles beside them.

    A copy leaves out single files, or all rows after the one in which it breaks off.
    """
    gaps: Places = ~there.reshape(-1, *there.shape[-2:])
    none = np.zeros(there.shape, np.bool_)
    if len(gaps) != 1 or min(gaps.shape[1:]) < MIN_SIDE:
        return none
    plane = gaps[0]
    squares = binary_opening(plane, np.ones((2, 2)))
    whole = plane.all(0).any() or plane.all(1).any()
    if whole or plane.mean() > MAX_GAPS or (squares != plane).any():
        return none
    return np.asarray(plane.reshape(there.shape))


def _after_the_last(there: Places) -> Places:
    """Frames after the last one, and planes that this one lacks: of a recording that stopped.

    A copy breaks off in the order of names, in which 10 comes before 2, or within a frame.
    """
    sides = [*there.shape[:-2]]
    while sides and sides[0] == 1:
        sides.pop(0)
    result = np.zeros(there.shape, np.bool_)
    if not sides:
        return result
    frames = there.reshape(sides[0], math.prod(sides[1:]), -1)
    held: Places = np.asarray(frames.any((1, 2)))
    count = int(held.sum())
    last = frames[count - 1]
    if not 0 < count < len(held) or not held[:count].all():
        return result
    by_name = min(map(str, range(count, len(held)))) < max(map(str, range(count)))
    if not by_name and not (last.size >= MIN_FILES and last.all()):
        return result
    stopped = result.reshape(frames.shape)
    stopped[count:] = True
    stopped[count - 1] = ~last.any(1)[:, None]
    return result
