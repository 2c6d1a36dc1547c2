"""From a set of files to the nodes of a model: what the architectures have in common.

Belongs here: branches, rounding and the upscaling factor of a published set of tables. How nodes
are wired is in ``sr_lut.py``, ``mulut.py`` and ``spf.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import (
    AnyTable,
    Branch,
    Node,
    Padding,
    Rounding,
    Signal,
    Table,
    one_hot_windows,
)
from napari_autolut.storage.importers.dfc import DiagonalIndex, read_dual_table, read_index
from napari_autolut.storage.importers.filenames import Place
from napari_autolut.storage.importers.reading import (
    GRID_SIZES,
    interval_grid_size,
    read_residual,
    read_table,
    read_windows,
)
from napari_autolut.storage.importers.tablesets import TableSet
from napari_autolut.storage.tensor_file import ModelFileError

INNER_BIAS = 127.0
"""int8 values -127..127 stand for 0..254 between stages."""

UPSCALES = (1, 2, 3, 4)
FIXED_BRANCHES = ("s", "d", "y")


class Network(NamedTuple):
    """What a builder makes of a set of files."""

    nodes: tuple[Node, ...]
    rounding: Rounding
    padding: Padding = "edge"


class Source(NamedTuple):
    """What a branch reads, and the signal that AdaRL mixes in."""

    signal: Signal
    previous: Signal | None = None


class BranchReader:
    """Reads the branches of one set of tables; the DFC index is read once."""

    def __init__(self, tables: TableSet) -> None:
        self._tables = tables
        self._index = _only_index(tables) if tables.compressed else None
        self._grid_sizes = _grid_sizes(tables.bits)

    def branches(
        self, places: Sequence[Place], source: Source, columns: int | None
    ) -> tuple[Branch, ...]:
        """Read the branches at some places that work on the same signal.

        Parameters
        ----------
        places : sequence of Place
            At least one; every file must be there.
        source : Source
            What they read.
        columns : int or None
            Outputs of a table row; where unknown, all must have as many as the first.

        Raises
        ------
        ModelFileError
            If a file does not hold what its name says.
        """
        branches: list[Branch] = []
        for place in places:
            branches.append(self._branch(place, source, columns))
            columns = branches[-1].table.columns
        return tuple(branches)

    def channel_table(self, columns: int) -> Table:
        """Read SPF-LUT's table across channels.

        Raises
        ------
        ModelFileError
            If it is missing, or does not hold rows of ``columns`` outputs.
        """
        path = self._tables.channel_table
        if path is None:
            raise ModelFileError(
                self._tables.folder,
                "files",
                f"no {self._tables.name}_s5_channel.npy",
                f"every file of the set {self._tables.name}",
            )
        return read_table(path, grid_sizes=self._grid_sizes, columns=columns)

    def _branch(self, place: Place, source: Source, columns: int | None) -> Branch:
        files = self._tables.files[place]
        table: AnyTable
        if self._index is None:
            table = read_table(files[""], grid_sizes=self._grid_sizes, columns=columns)
        else:
            pair = files["compress1"], files["compress2"]
            table = read_dual_table(*pair, self._index, columns)
        if not self._tables.sampled:
            return Branch(table, self._fixed_windows(place), source.signal)
        windows = read_windows(files["sampler"])
        if source.previous is None:
            return Branch(table, windows, source.signal)
        residual = read_residual(files["residual"])
        return Branch(table, windows, source.signal, source.previous, residual)

    def _fixed_windows(self, place: Place) -> NDArray[np.float32]:
        if place.branch not in FIXED_BRANCHES:
            name = self._tables.file_name(place, "compress1" if self._tables.compressed else "")
            raise ModelFileError(
                self._tables.folder / name, "branch", repr(place.branch), "s, d or y"
            )
        return one_hot_windows(place.branch.upper())


def last_columns(tables: TableSet) -> int | None:
    """Outputs in a row of the last stage's tables, where the names tell the scale."""
    return None if tables.scale is None else tables.scale**2


def upscale_of(tables: TableSet, last: Sequence[Branch]) -> int:
    """Upscaling factor r of a last stage whose rows hold r * r outputs.

    Raises
    ------
    ModelFileError
        If they hold another number.
    """
    columns = last[0].table.columns
    upscale = math.isqrt(columns)
    if upscale not in UPSCALES or upscale**2 != columns:
        expected = "r * r for r = 1, 2, 3 or 4"
        raise ModelFileError(tables.folder, f"{tables.name} outputs", columns, expected)
    return upscale


def rounding_of(tables: TableSet, upscale: int) -> Rounding:
    """Where the authors' own program for these tables rounds.

    AutoLUT's classes round the running sum, on MuLUT branch by branch. So do the only programs for
    DFC's denoising and deblocking tables. The testers of MuLUT and of DFC's super-resolution round
    once a stage.
    """
    if tables.sampled and tables.architecture == "cascade":
        return "branch"
    restoration = upscale == 1 and (tables.compressed or tables.architecture == "spf")
    return "running" if tables.sampled or restoration else "stage"


def _only_index(tables: TableSet) -> DiagonalIndex:
    if len(tables.indices) != 1:
        found = ", ".join(path.name for path in tables.indices)
        raise ModelFileError(tables.folder, "files", f"several indices: {found}", "one ref2index")
    return read_index(tables.indices[0])


def _grid_sizes(bits: int | None) -> tuple[int, ...]:
    """Grid sizes that a name may mean.

    "k bit" is the interval's exponent, but MuLUT's tester looks for files named by 8 minus it.
    """
    if bits is None or bits > 8:
        return GRID_SIZES
    meant = (interval_grid_size(bits), interval_grid_size(8 - bits))
    return tuple(size for size in dict.fromkeys(meant) if size in GRID_SIZES)
