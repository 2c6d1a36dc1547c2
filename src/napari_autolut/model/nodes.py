"""Nodes of a LUT model: look-ups around every pixel, and over signals at the same pixel.

Belongs here: the two kinds of nodes and the rules that make one valid. What holds between nodes is
``graph.py``; branches are ``branches.py``, tables ``tables.py``.

Sources: SR-LUT (Jo & Kim, CVPR 2021), MuLUT (Li et al., ECCV 2022), SPF-LUT and DFC (Li et al.,
CVPR 2024), AutoLUT (CVPR 2025, arXiv 2503.01565).
"""

from __future__ import annotations

from dataclasses import dataclass

from napari_autolut.model.branches import AnyBranch, Branch, FilterBranch, Signal
from napari_autolut.model.errors import require, require_within
from napari_autolut.model.tables import AnyTable, Table

MAX_BRANCHES = 64
UPSCALES = (1, 2, 3, 4)
"""Upscaling factors that one node may have."""

SQUARE_SIDE = 2
"""Side of the squares of pixels for which filters are summed, from even rows and columns on."""

SQUARED_SIGNALS = 4
"""Signals of a filter from which on sums for squares of 2 x 2 pixels take less time."""


@dataclass(frozen=True, eq=False)
class SpatialNode:
    """Branches looked up around every pixel, summed, normalised and clipped.

    ``out = clip(sum / divisor + bias, 0, 255)``; a row of ``channels * upscale**2`` values becomes
    an ``upscale`` x ``upscale`` block in each channel.

    Parameters
    ----------
    branches : tuple of Branch or of FilterBranch
        Filter branches have one filter size and the same signals. Tables have equally many inputs;
        those of one input, curves over a value, may stand beside them.
    divisor, bias : float
        Normalise the sum; in the papers 4 times the number of branches, and 127 between stages.
    upscale : int, default 1
        Upscaling factor of this node, 1 to 4.
    rotations : {4, 1}, default 4
        With 4 the branches are looked up on the four rotations of their signals, the papers'
        rotation ensemble. Windows then have their top left corner at the pixel. With 1 they are
        looked up once, and windows lie around the pixel, so that K is odd.

    Raises
    ------
    ModelError
        If the branches do not fit together.
    """

    branches: tuple[AnyBranch, ...]
    divisor: float
    bias: float = 0.0
    upscale: int = 1
    rotations: int = 4

    def __post_init__(self) -> None:
        count = len(self.branches)
        require(1 <= count <= MAX_BRANCHES, "branches", count, f"1 to {MAX_BRANCHES}")
        require_within("divisor", self.divisor, 1e-6, 1e6)
        require_within("bias", self.bias, -1e6, 1e6)
        require(self.upscale in UPSCALES, "upscale", self.upscale, "1, 2, 3 or 4")
        require(self.rotations in (1, 4), "rotations", self.rotations, "1 or 4")
        kinds = {type(branch) for branch in self.branches}
        require(len(kinds) == 1, "branches", "some with filters", "all of them or none")
        shapes = {(b.signals, b.window_size) for b in self.branches if isinstance(b, FilterBranch)}
        require(len(shapes) <= 1, "filters", shapes, "the same signals and K in every branch")
        sizes = sorted({branch.window_size for branch in self.branches})
        odd = self.rotations == 4 or all(size % 2 for size in sizes)
        require(odd, "window sizes around the pixel", sizes, "odd ones")
        inputs = {branch.table.inputs for branch in self.branches}
        require(len(inputs - {1}) <= 1, "table inputs", sorted(inputs),
                "the same in every branch, or 1")  # fmt: skip
        columns = {branch.table.columns for branch in self.branches}
        require(len(columns) == 1, "table columns", sorted(columns), "the same in every branch")
        require(
            columns.pop() % self.upscale**2 == 0,
            "table columns",
            self.branches[0].table.columns,
            f"a multiple of {self.upscale**2} for upscale {self.upscale}",
        )

    @property
    def channels(self) -> int:
        """Number of planes this node gives."""
        return int(self.branches[0].table.columns // self.upscale**2)

    def border(self, window_size: int) -> tuple[int, int]:
        """Pixels of a branch's window before and after its pixel, in rows as in columns."""
        before = 0 if self.rotations == 4 else window_size // 2
        return before, window_size - 1 - before

    @property
    def halo(self) -> int:
        """Radius in pixels of what the look-ups of a pixel can see."""
        return max(self.border(branch.window_size)[1] for branch in self.branches)

    def corners(self, branch: AnyBranch) -> tuple[tuple[int, int] | None, ...]:
        """Where in its window 3 x 3 taps begin, for inputs that are summed in squares; else None.

        They are filters of several signals in one quadrant around their pixel.
        """
        several = len(branch.sources) >= SQUARED_SIGNALS
        if several and self.rotations == 1 and isinstance(branch, FilterBranch):
            return branch.corners
        return (None,) * branch.table.inputs

    @property
    def step(self) -> int:
        """Rows and columns of which a part of a plane must begin at a multiple."""
        return SQUARE_SIDE if any(any(self.corners(branch)) for branch in self.branches) else 1

    @property
    def windowed(self) -> tuple[Branch, ...]:
        """The branches, unless they have filters."""
        return tuple(branch for branch in self.branches if isinstance(branch, Branch))

    @property
    def sources(self) -> tuple[Signal, ...]:
        """Every signal that this node reads."""
        return tuple(signal for branch in self.branches for signal in branch.sources)

    @property
    def tables(self) -> tuple[AnyTable, ...]:
        """The tables in the order of the branches."""
        return tuple(branch.table for branch in self.branches)


@dataclass(frozen=True, eq=False)
class ChannelNode:
    """A look-up over 2 to 5 signals at the same pixel, as between SPF-LUT's two halves.

    ``out = clip(row + bias, 0, 255)``, one channel for each column of the table.

    Parameters
    ----------
    signals : tuple of Signal
        As many as the table has inputs.
    table : Table
        What is looked up.
    bias : float, default 0.0
        Added to every output.

    Raises
    ------
    ModelError
        If the signals do not fit the table.
    """

    signals: tuple[Signal, ...]
    table: Table
    bias: float = 0.0

    def __post_init__(self) -> None:
        require(self.table.inputs > 1, "channel look-up inputs", self.table.inputs, "2 to 5")
        require(
            len(self.signals) == self.table.inputs,
            "channel look-up signals",
            len(self.signals),
            f"{self.table.inputs} as the table has inputs",
        )
        require_within("bias", self.bias, -1e6, 1e6)

    upscale = 1
    halo = 0
    step = 1

    @property
    def channels(self) -> int:
        """Number of planes this node gives."""
        return self.table.columns

    @property
    def sources(self) -> tuple[Signal, ...]:
        """Every signal that this node reads."""
        return self.signals

    @property
    def tables(self) -> tuple[AnyTable, ...]:
        """The one table."""
        return (self.table,)


Node = SpatialNode | ChannelNode
