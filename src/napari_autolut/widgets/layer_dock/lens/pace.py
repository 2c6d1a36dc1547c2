"""How fast a lens computes, by which the sizes of its pieces are chosen.

Belongs here: seconds per pixel, before and after the first pieces. Which piece is next is
``pieces.py``.
"""

from __future__ import annotations

from napari_autolut.layers import MIN_TILE_PIXELS, LayerSource, Preview, speeds

FIRST_PACE = 1e-6
"""Seconds per pixel where nothing is known of a model."""

SLOWER = 1.25
"""Times by which one piece may be slower than the last ones for all to be: it may have waited."""

RGB = 3
"""Planes of a coloured image."""


def first_pace(task: LayerSource) -> float:
    """Seconds per pixel to reckon with before the first piece."""
    return (speeds.of(task.work) or FIRST_PACE) * (RGB if task.rgb else 1)


def pace_after(piece: Preview, before: float) -> float:
    """Seconds per pixel to reckon with after a piece; a tiny one says nothing."""
    if piece.computed < MIN_TILE_PIXELS:
        return before
    return min(piece.seconds / piece.computed, SLOWER * before)
