"""Branches of a LUT model: which signals are sampled, with which weights, for which table.

Belongs here: signals, branches, the papers' sampling patterns, and the rules that make them valid.
The nodes that branches make up are in ``graph.py``. The papers' branches sample one signal with
weights that are not negative; filter branches sample several signals with weights of any sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model.errors import ModelError, is_finite, require
from napari_autolut.model.tables import AnyTable

MAX_WINDOW = 15
MAX_SIGNALS = 64
MAX_TAPS = 4096
MAX_WEIGHT = 1e3
MAX_SUM_ERROR = 1e-3

PATTERNS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "S": ((0, 0), (0, 1), (1, 0), (1, 1)),
    "D": ((0, 0), (0, 2), (2, 0), (2, 2)),
    "Y": ((0, 0), (1, 1), (1, 2), (2, 1)),
    "F": ((0, 0), (0, 1), (0, 2)),
    "V": ((0, 0), (0, 1)),
}
"""Fixed sampling patterns of the papers: (row, column) of each input, counted from the pixel."""


class Signal(NamedTuple):
    """One plane inside the graph.

    Parameters
    ----------
    node : int
        0 for the model's input; nodes count from 1.
    channel : int, default 0
        Channel of that node's output.
    """

    node: int
    channel: int = 0


INPUT = Signal(0, 0)


CORNER = 3
"""Rows and columns of a filter's window that lie in one quadrant around its pixel."""


@dataclass(frozen=True, eq=False)
class Branch:
    """One look-up around every pixel of a signal.

    Parameters
    ----------
    table : Table or DualTable
        What is looked up.
    windows : ndarray of float32, shape (inputs, K, K)
        Weights (not negative, sum 1) of the K x K window that make each input. The window has its
        top left corner at the pixel, or lies around it (see ``SpatialNode``). AutoSample learns
        the weights; those of the fixed patterns are one-hot.
    source : Signal, default INPUT
        The signal that is sampled.
    previous : Signal, optional
        AdaRL's second signal: ``input_j = residual_j * previous_j + (1 - residual_j) * source_j``.
    residual : ndarray of float32, shape (inputs,), optional
        AdaRL's weights in [0, 1]; given exactly where ``previous`` is.

    Raises
    ------
    ModelError
        If shapes do not fit the table or weights are out of range.
    """

    table: AnyTable
    windows: NDArray[np.float32]
    source: Signal = INPUT
    previous: Signal | None = None
    residual: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        windows = np.ascontiguousarray(self.windows, np.float32)
        shape, inputs = windows.shape, self.table.inputs
        require(
            len(shape) == 3 and shape[0] == inputs and 1 <= shape[1] == shape[2] <= MAX_WINDOW,
            "windows shape",
            shape,
            f"({inputs}, K, K) with K from 1 to {MAX_WINDOW}",
        )
        require(is_finite(windows), "windows", "NaN or infinity", "finite weights")
        require(bool((windows >= 0).all()), "windows", f"weight {windows.min()}", "weights >= 0")
        _require_sums("windows", windows)
        object.__setattr__(self, "windows", windows)
        require(
            (self.previous is None) == (self.residual is None),
            "residual",
            "only one of previous and residual",
            "both or neither",
        )
        if self.residual is not None:
            residual = np.ascontiguousarray(self.residual, np.float32)
            require(residual.shape == (inputs,), "residual shape", residual.shape, (inputs,))
            inside = is_finite(residual) and bool(((residual >= 0) & (residual <= 1)).all())
            require(inside, "residual", residual, "values in [0, 1]")
            object.__setattr__(self, "residual", residual)

    @property
    def window_size(self) -> int:
        """Side K of the sampling windows in pixels."""
        return int(self.windows.shape[1])

    @property
    def sources(self) -> tuple[Signal, ...]:
        """Every signal that this branch reads."""
        return (self.source,) if self.previous is None else (self.source, self.previous)

    @property
    def weights(self) -> NDArray[np.float32]:
        """(inputs, S, K, K) weights of the windows on each source, AdaRL's residual in them."""
        if self.residual is None:
            return self.windows[:, None]
        share = np.stack([np.float32(1) - self.residual, self.residual], 1)
        return share[:, :, None, None] * self.windows[:, None]


@dataclass(frozen=True, eq=False)
class FilterBranch:
    """One look-up around every pixel of several signals, each input a filter over all of them.

    ``input_j = clip(sum of filters[j, s] over signal s, 0, 255)``

    Parameters
    ----------
    table : Table or DualTable
        What is looked up.
    filters : ndarray of float32, shape (inputs, S, K, K)
        Weights of any sign that make each input of the S signals. They sum to 1 over all signals
        and are at most ``MAX_WEIGHT``; filters lie as the windows of ``Branch``.
    signals : tuple of Signal
        The S signals that are sampled, at most ``MAX_SIGNALS``.

    Raises
    ------
    ModelError
        If shapes do not fit the table or weights are out of range.
    """

    table: AnyTable
    filters: NDArray[np.float32]
    signals: tuple[Signal, ...]

    def __post_init__(self) -> None:
        filters = np.ascontiguousarray(self.filters, np.float32)
        shape, inputs, count = filters.shape, self.table.inputs, len(self.signals)
        require(1 <= count <= MAX_SIGNALS, "filter signals", count, f"1 to {MAX_SIGNALS}")
        require(
            shape[:2] == (inputs, count)
            and len(shape) == 4
            and 1 <= shape[2] == shape[3] <= MAX_WINDOW,
            "filters shape",
            shape,
            f"({inputs}, {count}, K, K) with K from 1 to {MAX_WINDOW}",
        )
        taps = count * shape[2] ** 2
        require(taps <= MAX_TAPS, "filters", f"{taps} weights an input", f"at most {MAX_TAPS}")
        require(is_finite(filters), "filters", "NaN or infinity", "finite weights")
        largest = float(abs(filters).max())
        require(largest <= MAX_WEIGHT, "filters", f"weight {largest}", f"at most {MAX_WEIGHT}")
        _require_sums("filters", filters)
        object.__setattr__(self, "filters", filters)

    @property
    def window_size(self) -> int:
        """Side K of the filters in pixels."""
        return int(self.filters.shape[2])

    @property
    def weights(self) -> NDArray[np.float32]:
        """(inputs, S, K, K), the filters."""
        return self.filters

    @property
    def sources(self) -> tuple[Signal, ...]:
        """Every signal that this branch reads."""
        return self.signals

    @cached_property
    def corners(self) -> tuple[tuple[int, int] | None, ...]:
        """Where each input's taps begin in the window, if they are 3 x 3 in one of its corners."""
        if self.window_size != 2 * CORNER - 1:
            return (None,) * len(self.filters)
        return tuple(_corner(used) for used in (self.filters != 0).any(1))


AnyBranch = Branch | FilterBranch


def _corner(used: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Where the only corner of a window begins that holds all taps."""
    corners = [
        (row, column)
        for row, column in product((0, CORNER - 1), repeat=2)
        if used.sum() == used[row : row + CORNER, column : column + CORNER].sum()
    ]
    return corners[0] if len(corners) == 1 else None


def weights_on(
    branch: AnyBranch, planes: Sequence[Signal], size: int, first: int
) -> NDArray[np.float32]:
    """Weights of a branch on all planes that its node reads, in windows of one size.

    Parameters
    ----------
    branch : Branch or FilterBranch
        Its sources are among the planes.
    planes : sequence of Signal
        The S planes.
    size : int
        Side of the windows, at least the branch's own.
    first : int
        Row and column of them at which the branch's own window begins.

    Returns
    -------
    ndarray of float32, shape (inputs, S, size, size)
        0 on other planes and beside the branch's own window.
    """
    place = slice(first, first + branch.window_size)
    weights = np.zeros((branch.table.inputs, len(planes), size, size), np.float32)
    for number, signal in enumerate(branch.sources):
        weights[:, planes.index(signal), place, place] += branch.weights[:, number]
    return weights


def one_hot_windows(pattern: str) -> NDArray[np.float32]:
    """Windows that pick single pixels, for one of ``PATTERNS``.

    Parameters
    ----------
    pattern : {"S", "D", "Y", "F", "V"}
        The pattern's name in the papers.

    Returns
    -------
    ndarray of float32, shape (inputs, K, K)
        One window for each input, the smallest that hold the pattern.
    """
    taps = PATTERNS[pattern]
    side = 1 + max(max(tap) for tap in taps)
    windows = np.zeros((len(taps), side, side), np.float32)
    for window, (row, column) in zip(windows, taps, strict=True):
        window[row, column] = 1
    return windows


def _require_sums(field: str, weights: NDArray[np.float32]) -> None:
    sums = weights.sum(tuple(range(1, weights.ndim)), dtype=np.float64)
    wrong = sums[~(abs(sums - 1) < MAX_SUM_ERROR)]
    if wrong.size:  # numpy takes its time to write numbers
        raise ModelError(field, f"sums {wrong}", "sums of 1")
