"""DFC tables (Li et al., CVPR 2024): a fine grid near the diagonal, a coarse one elsewhere.

Belongs here: reading such pairs, and the index that says which rows of the fine grid are kept.
They are imported as they are; nothing in this project writes or makes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import DualTable, Table
from napari_autolut.storage.importers.reading import (
    GRID_SIZES,
    interval_grid_size,
    read_array,
    read_rows,
    read_table,
)
from napari_autolut.storage.tensor_file import ModelFileError


@dataclass(frozen=True, eq=False)
class DiagonalIndex:
    """Which row of the fine grid each row of a ``compress1`` table is.

    Parameters
    ----------
    nodes : ndarray of intp, shape (rows,)
        Index in the dense fine grid.
    grid_size : int
        Nodes per axis of the fine grid.
    width : int
        Rows are kept whose nodes b c d lie at most this many nodes from node a.
    coarse_sizes : tuple of int
        Grid sizes that the coarse table may have.
    """

    nodes: NDArray[np.intp]
    grid_size: int
    width: int
    coarse_sizes: tuple[int, ...]

    @property
    def reach(self) -> float:
        """``width`` in input values."""
        return self.width * 256 / (self.grid_size - 1)


def read_index(path: Path) -> DiagonalIndex:
    """Read ``ref2index[ia, ib - ia, ic - ia, id - ia]``: row of compress1, or -1 where absent.

    Negative differences are stored by Python's wrap-around, in the upper half of an axis.

    Raises
    ------
    ModelFileError
        If axes, width or shape do not agree, or the rows are not each named once.
    """
    named = re.search(r"_(?P<axes>[xyzt]+)(?P<width>\d+)i(?P<interval>\d+)", path.name)
    if named and named["axes"] != "xyzt":
        found = f"tables compressed over {named['axes']}"
        raise ModelFileError(path, "compressed axes", found, "tables compressed over xyzt")
    rows = read_array(path)
    size, span = (rows.shape[0], rows.shape[1]) if rows.ndim == 4 else (0, 0)
    width = int(named["width"]) if named else span // 2
    if rows.dtype.kind not in "iu" or rows.shape != (size, *(3 * (2 * width + 1,))):
        expected = "whole numbers (L, 2d + 1, 2d + 1, 2d + 1), with d as the name says"
        raise ModelFileError(path, "index", f"{rows.dtype} {rows.shape}", expected)
    if size not in GRID_SIZES:
        raise ModelFileError(path, "grid size", size, f"one of {GRID_SIZES}")
    coarse = (interval_grid_size(int(named["interval"])),) if named else GRID_SIZES
    return DiagonalIndex(_nodes(path, rows, width), size, width, coarse)


def _nodes(path: Path, rows: NDArray[np.integer], width: int) -> NDArray[np.intp]:
    """(number of rows,) dense index of every row that the index names."""
    size = len(rows)
    a, *places = np.nonzero(rows >= 0)
    others = [a + np.where(p > width, p - (2 * width + 1), p) for p in places]
    kept = rows[rows >= 0]
    inside = all(((other >= 0) & (other < size)).all() for other in others)
    order = np.argsort(kept, kind="stable")
    if not inside or not np.array_equal(kept[order], np.arange(kept.size)):
        found = f"{kept.size} rows, not each named once within the grid"
        raise ModelFileError(path, "index", found, "every row of compress1 named once")
    b, c, d = others
    return np.asarray((((a * size + b) * size + c) * size + d)[order], np.intp)


def read_dual_table(
    near: Path, far: Path, index: DiagonalIndex, columns: int | None = None
) -> DualTable:
    """Read a ``compress1`` and ``compress2`` pair, the first spread out on its whole grid.

    Rows that compress1 leaves out are 0: within the reach they only ever get weight 0.

    Raises
    ------
    ModelFileError
        If the rows do not agree with the index, or the columns with each other.
    """
    values = read_rows(near, columns)
    if len(values) != len(index.nodes):
        expected = f"{len(index.nodes)} rows as the index file names"
        raise ModelFileError(near, "table shape", f"{len(values)} rows", expected)
    dense = np.zeros((index.grid_size**4, values.shape[1]), np.int8)
    dense[index.nodes] = values
    coarse = read_table(far, grid_sizes=index.coarse_sizes, columns=values.shape[1])
    return DualTable(Table(dense, index.grid_size), coarse, index.reach)
