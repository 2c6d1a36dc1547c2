"""Tables of a LUT model: rows of values on a regular grid, and the rules that make them valid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TABLE_DTYPES = ("int8", "int16", "float32")
MAX_COLUMNS = 256
LARGEST_GRIDS = {2: 257, 3: 17, 4: 17, 5: 9}
"""Most nodes on an axis, by the number of inputs."""

LONGEST_TEXT = 200
"""Characters of what a broken file holds that an error shows."""


class ModelError(ValueError):
    """A model that cannot be used: which field is wrong, what it holds and what it should hold."""

    def __init__(self, field: str, found: object, expected: object) -> None:
        super().__init__(f"{field}: found {_short(found)}, expected {_short(expected)}")
        self.field, self.found, self.expected = field, found, expected


def require(condition: bool, field: str, found: object, expected: object) -> None:
    """Raise a ModelError unless the condition holds."""
    if not condition:
        raise ModelError(field, found, expected)


def within(field: str, number: float, lo: float, hi: float) -> None:
    """Raise a ModelError for a number, or NaN, that float32 sums of levels might overflow by."""
    require(lo <= number <= hi, field, f"{number:g}", f"{lo:g} to {hi:g}")


def _short(value: object) -> str:
    """One line of bounded length, whatever a broken file holds."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."


def is_finite(array: NDArray[Any]) -> bool:
    """Whether no value is NaN or infinite."""
    return bool(np.isfinite(array).all())


@dataclass(frozen=True, eq=False)
class Table:
    """Output values on a regular grid, interpolated over a simplex between the nodes.

    Parameters
    ----------
    values : (grid_size ** inputs, columns) int8, int16 or float32
        Row ``((ia * L + ib) * L + ic) * L + id`` holds the outputs at that grid node.
    grid_size : number of nodes L on each axis, ``interval`` apart; the last node lies at 256
    inputs : 2 to 5 values are looked up together
    scale : what one unit of ``values`` means in output values
    """

    values: NDArray[Any]
    grid_size: int
    inputs: int = 4
    scale: float = 1.0

    def __post_init__(self) -> None:
        require(self.inputs in LARGEST_GRIDS, "table inputs", self.inputs, "2, 3, 4 or 5")
        largest = LARGEST_GRIDS[self.inputs]
        require(
            2 <= self.grid_size <= largest, "grid size", self.grid_size, f"2 to {largest} nodes"
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
            within("table values", float(extreme) * self.scale, -1e6, 1e6)
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

    ``near`` answers where every input lies within ``reach`` of the first one, ``far`` elsewhere.
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
