"""A plane upscaled tile by tile gives the bits that it gives as a whole.

Belongs here: how much around a tile its result depends on. How a plane is cut is ``util/boxes.py``.

A tile is computed from its own pixels and ``model.halo`` more on each side, cut off at the border
of the plane, so that a model pads where the plane really ends and nowhere else. The halo is also
enough for reflect padding: what a pixel sees mirrored lies as far inside the border as it would
have lain outside, within the halo; and a piece that reaches the border is at least halo + 1 wide,
unless it is the whole plane, so that it is mirrored at that border alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import TILE_SIZE, tile_boxes, whole


class Tile(NamedTuple):
    """A piece of the result: where it belongs in the output plane, and its float32 values."""

    rows: slice
    columns: slice
    values: NDArray[np.float32]


def upscale_tiles(
    model: LutModel,
    plane: NDArray[np.float32],
    *,
    engine: PlaneEngine,
    tile_size: int = TILE_SIZE,
) -> Iterator[Tile]:
    """Run a model on a plane, tile by tile.

    Parameters
    ----------
    model : LutModel
        The look-ups to do.
    plane : ndarray of float32, shape (H, W)
        Values in [0, 255], H and W at least 1.
    engine : PlaneEngine
        What runs the model; see ``engine.plane_engine``.
    tile_size : int, default TILE_SIZE
        Side of a tile in input pixels, at least 1.

    Yields
    ------
    Tile
        pieces that cover the (H * r, W * r) result once; the same bits for every ``tile_size``
    """
    height, width = plane.shape
    for box in tile_boxes(whole((height, width)), tile_size):
        source = box.grown(model.halo, (height, width))
        values = engine(model, plane[source.slices])
        inner = box.within(source).times(model.scale)
        yield Tile(*box.times(model.scale).slices, values[inner.slices])
