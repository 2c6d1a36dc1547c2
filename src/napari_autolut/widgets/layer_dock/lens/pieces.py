"""Which piece of a view a lens computes next, and what it computes around a view at rest.

Belongs here: sizes of pieces, by how fast the last ones were. When one is computed is ``lens.py``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from napari_autolut.engine.threads import thread_count
from napari_autolut.layers import MIN_TILE_PIXELS, Region, grown, widened

BRIEF = 0.04
"""Seconds of work that are not interrupted. More comes piece by piece, from the middle outwards."""

AT_ONCE = 0.16
"""Seconds in which a whole view is computed rather than piece by piece: each is drawn, too."""

GROWTH = 2
"""How many times what is there the next piece may add, while nobody moves."""

AROUND = 8
"""A view at rest is widened by this fraction of its sides, on each of them."""

IDLE = 0.5
"""Seconds of work, at most, that what is around a view may be."""


class Piece(NamedTuple):
    """What is computed next.

    Parameters
    ----------
    region : Region
        All of it, what is known already included.
    displayed : tuple of int
        The two axes of the canvas.
    tile_pixels : int
        Pixels of the source in a tile, at most: between two tiles the work can be stopped.
    """

    region: Region
    displayed: tuple[int, int]
    tile_pixels: int


def next_piece(
    known: Region | None, view: Region, displayed: tuple[int, int], pace: float, *, brief: bool
) -> Piece:
    """The view if that is quick, else a quick piece or a multiple of what is there.

    Parameters
    ----------
    known : Region, optional
        What was computed before.
    view : Region
        What is to be seen in the end.
    displayed : tuple of int
        The two axes of the canvas.
    pace : float
        Seconds per pixel.
    brief : bool
        Whether the piece is quick however much is there.
    """
    soon = int(AT_ONCE / pace)
    region = grown(known, view, displayed, soon)
    if region.holds(view):
        return Piece(region, displayed, soon)
    quick = _quick(pace)
    there = 0 if brief or known is None else math.prod(known.shape)
    region = grown(known, view, displayed, max(quick, GROWTH * there))
    return Piece(region, displayed, _small_tile(pace))


def piece_around(
    view: Region, displayed: tuple[int, int], sides: tuple[int, ...], pace: float
) -> Piece | None:
    """A view with what is around it, so that a short pan needs nothing new.

    Parameters
    ----------
    view : Region
        What is seen, and computed.
    displayed : tuple of int
        The two axes of the canvas.
    sides : tuple of int
        Pixels of the image along each axis.
    pace : float
        Seconds per pixel.

    Returns
    -------
    Piece or None
        None where that takes long, or there is nothing around it.
    """
    wide = widened(view, displayed, sides, AROUND)
    new = math.prod(wide.shape) - math.prod(view.shape)
    return Piece(wide, displayed, _small_tile(pace)) if 0 < new * pace <= IDLE else None


def _quick(pace: float) -> int:
    return max(MIN_TILE_PIXELS, int(BRIEF / pace))


def _small_tile(pace: float) -> int:
    return max(MIN_TILE_PIXELS, _quick(pace) // thread_count())
