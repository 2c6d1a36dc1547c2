"""Filters and symmetric tables as a model file holds them: stars in as few values as they have.

Belongs here: from stored tensors to whole ones, with checks before memory is taken, and back. What
a star is, is in ``symmetry.py``; the description that names the tensors is ``graph_json.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model.branches import MAX_SIGNALS, MAX_WINDOW
from napari_autolut.model.symmetry import INPUTS, packed_rows, star_filters, star_of, unpacked
from napari_autolut.model.tables import (
    LARGEST_GRIDS,
    MAX_COLUMNS,
    TABLE_DTYPES,
    ModelError,
    require,
)

WHOLE, MIXTURE, QUARTER = PARTS = ("filters", "mixture", "quarter")
"""Tensors of a branch: its filters, or what :func:`star_filters` makes them of."""


def parts_of(filters: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """The tensors to store."""
    star = star_of(filters)
    return {WHOLE: filters} if star is None else dict(zip((MIXTURE, QUARTER), star, strict=True))


def filters_of(parts: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """The filters that stored tensors stand for.

    Raises
    ------
    ModelError
        if some are missing, or a star's are of other shapes or types
    """
    if WHOLE in parts:
        return parts[WHOLE]
    if not {MIXTURE, QUARTER} <= parts.keys():
        raise ModelError("filters", sorted(parts), "filters, or mixture and quarter")
    mixture, quarter = parts[MIXTURE], parts[QUARTER]
    shape = quarter.shape
    fits = len(shape) == 3 and mixture.shape == shape[:1] and shape[1] == shape[2]
    bounded = fits and 1 <= shape[0] <= MAX_SIGNALS and 1 <= shape[1] <= (MAX_WINDOW + 1) // 2
    expected = f"(S,) and (S, K, K), S to {MAX_SIGNALS}, K to {(MAX_WINDOW + 1) // 2}"
    require(bounded, "star of filters", (mixture.shape, shape), expected)
    types = {str(part.dtype) for part in (mixture, quarter)}
    require(types == {"float32"}, "star of filters", sorted(types), "float32")
    return star_filters(mixture, quarter)


def whole_table(few: NDArray[Any], grid_size: int, inputs: int, upscale: int) -> NDArray[Any]:
    """Values of every row of a table of which some are stored.

    Raises
    ------
    ModelError
        if they are not those of a table of five inputs with blocks of ``upscale ** 2`` columns
    """
    known = inputs == INPUTS and 2 <= grid_size <= LARGEST_GRIDS[INPUTS]
    require(known, "symmetric table", (grid_size, inputs), "a grid of five inputs")
    shape, rows, block = few.shape, packed_rows(grid_size), upscale**2
    fits = len(shape) == 2 and shape[0] == rows and 1 <= shape[1] <= MAX_COLUMNS
    require(fits and shape[1] % block == 0, "symmetric table", shape,
            f"{rows} rows of blocks of {block}, at most {MAX_COLUMNS} columns")  # fmt: skip
    require(str(few.dtype) in TABLE_DTYPES, "table dtype", few.dtype, " or ".join(TABLE_DTYPES))
    return unpacked(few, grid_size, upscale)
