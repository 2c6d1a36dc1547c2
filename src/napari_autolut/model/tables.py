"""Tables of a LUT model: rows of values on a regular grid, and the rules that make them valid.

Belongs here: one grid, or two for imported DFC tables. What is looked up in them is in
``branches.py``; how they are looked up is in ``engine``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model.errors import is_finite, require, require_within

TABLE_DTYPES = ("int8", "int16", "float32")
MAX_COLUMNS = 256
MAX_GRID_SIZES = {1: 1025, 2: 257, 3: 17, 4: 17, 5: 9}
"""Most nodes on an axis, by the number of inputs."""


@dataclass(frozen=True, eq=False)
class Table:
    """Output values on a regular grid, interpolated over a simplex between the nodes.

    Parameters
    ----------
    values : ndarray of int8, int16 or float32, shape (grid_size ** inputs, columns)
        Row ``((ia * L + ib) * L + ic) * L + id`` holds the outputs at that grid node.
    grid_size : int
        Number of nodes L on each axis, ``interval`` apart; the last node lies at 256.
    inputs : int, default 4
        How many values are looked up together, 1 to 5.
    scale : float, default 1.0
        What one unit of ``values`` means in output values.

    Raises
    ------
    ModelError
        If shape, dtype or values are not those of a table.
    """

    values: NDArray[Any]
    grid_size: int
    inputs: int = 4
    scale: float = 1.0

    def __post_init__(self) -> None:
        require(self.inputs in MAX_GRID_SIZES, "table inputs", self.inputs, "1, 2, 3, 4 or 5")
        max_size = MAX_GRID_SIZES[self.inputs]
        require(
            2 <= self.grid_size <= max_size, "grid size", self.grid_size, f"2 to {max_size} nodes"
        )
        dtype = str(self.values.dtype)
        require(dtype in TABLE_DTYPES, "table dtype", dtype, " or ".join(TABLE_DTYPES))
        rows = self.grid_size**self.inputs
        shape = self.values.shape
        require(
            len(shape) == 2 and shape[0] == rows and 1 <= shape[1] <= MAX_COLUMNS,
            "table shape",
            shape,
            f"({rows}, 1 to {MAX_COLUMNS})",
        )
        require(is_finite(self.values), "table values", "NaN or infinity", "finite numbers")
        require(
            math.isfinite(self.scale) and self.scale > 0, "table scale", self.scale, "more than 0"
        )
        for extreme in (self.values.min(), self.values.max()):
            require_within("table values", float(extreme) * self.scale, -1e6, 1e6)
        object.__setattr__(self, "values", np.ascontiguousarray(self.values))

    @property
    def columns(self) -> int:
        """Number of output values in a row."""
        return int(self.values.shape[1])

    @property
    def interval(self) -> float:
        """Distance q of two grid nodes in input values."""
        return 256 / (self.grid_size - 1)

    @property
    def nbytes(self) -> int:
        """Size of the values in memory."""
        return int(self.values.nbytes)


@dataclass(frozen=True, eq=False)
class DualTable:
    """Two grids for one look-up, as in imported DFC tables (Li et al., CVPR 2024).

    Parameters
    ----------
    near : Table
        Answers where every input lies within ``reach`` of the first one.
    far : Table
        Answers elsewhere.
    reach : float
        Largest distance to the first input, in input values, 0 to 256.

    Raises
    ------
    ModelError
        If the two tables do not fit together.
    """

    near: Table
    far: Table
    reach: float

    def __post_init__(self) -> None:
        near, far = (self.near.inputs, self.near.columns), (self.far.inputs, self.far.columns)
        require(near == far, "far table (inputs, columns)", far, near)
        require(0 <= self.reach <= 256, "reach", self.reach, "0 to 256")

    @property
    def inputs(self) -> int:
        """Number of values looked up together."""
        return self.near.inputs

    @property
    def columns(self) -> int:
        """Number of output values in a row."""
        return self.near.columns

    @property
    def nbytes(self) -> int:
        """Size of the values in memory."""
        return self.near.nbytes + self.far.nbytes


AnyTable = Table | DualTable
