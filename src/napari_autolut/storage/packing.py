"""Filters and symmetric tables as a model file holds them, in as few values as they have.

Belongs here: from stored tensors to complete ones, with checks before memory is taken, and back.
Rotation-equivariant (C4) branches are defined in ``model/symmetry.py``; the description that names
the tensors is ``graph_json.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import (
    MAX_COLUMNS,
    MAX_GRID_SIZES,
    MAX_SIGNALS,
    MAX_WINDOW,
    TABLE_DTYPES,
    ModelError,
    require,
)
from napari_autolut.model.symmetry import INPUTS, c4_filters, c4_parts, packed_rows, unpacked

FILTERS, CENTRE_WEIGHTS, QUADRANT = "filters", "mixture", "quarter"
FILTER_KEYS = FILTERS, CENTRE_WEIGHTS, QUADRANT
"""The file format's keys of a branch's filters, or of the parts of a C4 branch's filters."""


def packed_filters(filters: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Tensors to store for a branch's filters, by the file format's keys."""
    parts = c4_parts(filters)
    if parts is None:
        return {FILTERS: filters}
    return dict(zip((CENTRE_WEIGHTS, QUADRANT), parts, strict=True))


def unpacked_filters(stored: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Filters that stored tensors stand for.

    Parameters
    ----------
    stored : mapping of str to ndarray
        Tensors by the keys of ``FILTER_KEYS``.

    Returns
    -------
    ndarray, shape (inputs, S, K, K)
        The filters of a ``FilterBranch``.

    Raises
    ------
    ModelError
        If some are missing, or those of a C4 branch have other shapes or types.
    """
    if FILTERS in stored:
        return stored[FILTERS]
    if not {CENTRE_WEIGHTS, QUADRANT} <= stored.keys():
        raise ModelError("filters", sorted(stored), "filters, or mixture and quarter (C4 filters)")
    centre_weights, quadrant = stored[CENTRE_WEIGHTS], stored[QUADRANT]
    shape = quadrant.shape
    fits = len(shape) == 3 and centre_weights.shape == shape[:1] and shape[1] == shape[2]
    bounded = fits and 1 <= shape[0] <= MAX_SIGNALS and 1 <= shape[1] <= (MAX_WINDOW + 1) // 2
    expected = f"(S,) and (S, K, K), S to {MAX_SIGNALS}, K to {(MAX_WINDOW + 1) // 2}"
    require(bounded, "C4 filters", (centre_weights.shape, shape), expected)
    types = {str(part.dtype) for part in (centre_weights, quadrant)}
    require(types == {"float32"}, "C4 filters", sorted(types), "float32")
    return c4_filters(centre_weights, quadrant)


def unpacked_table(rows: NDArray[Any], grid_size: int, inputs: int, upscale: int) -> NDArray[Any]:
    """All rows of a symmetric table of which some are stored.

    Parameters
    ----------
    rows : ndarray, shape (packed rows, C)
        What the file holds.
    grid_size, inputs : int
        Shape of the grid; only grids of five inputs are stored like this.
    upscale : int
        Columns are blocks of ``upscale ** 2``.

    Returns
    -------
    ndarray, shape (grid_size ** inputs, C)
        The values of a ``Table``.

    Raises
    ------
    ModelError
        If they are not rows of such a table.
    """
    known = inputs == INPUTS and 2 <= grid_size <= MAX_GRID_SIZES[INPUTS]
    require(known, "symmetric table", (grid_size, inputs), "a grid of five inputs")
    shape, count, block = rows.shape, packed_rows(grid_size), upscale**2
    fits = len(shape) == 2 and shape[0] == count and 1 <= shape[1] <= MAX_COLUMNS
    require(fits and shape[1] % block == 0, "symmetric table", shape,
            f"{count} rows of blocks of {block}, at most {MAX_COLUMNS} columns")  # fmt: skip
    require(str(rows.dtype) in TABLE_DTYPES, "table dtype", rows.dtype, " or ".join(TABLE_DTYPES))
    return unpacked(rows, grid_size, upscale)
