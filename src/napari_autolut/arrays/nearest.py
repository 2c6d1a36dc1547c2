"""Enlarging what has no means, such as numbers of labels: the nearest pixel of the source.

Belongs here: the task. Layers of labels are ``layers/labels.py``, files ``batch/files/labels.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from napari_autolut.arrays.array_task import ArrayTask, Block, Pixels
from napari_autolut.arrays.image import Axes
from napari_autolut.engine import PlaneEngine
from napari_autolut.util.grid import Grid, Scale


@dataclass(frozen=True, eq=False)
class NearestTask(ArrayTask):
    """For each pixel of the result the nearest one of the source, block by block.

    Parameters
    ----------
    array, axes : various
        As for :class:`ArrayTask`.
    factor : float
        How many times as large the result is.
    placed : Grid
        Where the result's pixels lie.
    """

    factor: Scale
    placed: Grid

    @classmethod
    def enlarging(cls, array: Any, axes: Axes, factor: Scale) -> Self:
        """Enlarge an array along rows and columns; 1 leaves it as it is."""
        return cls(array, axes, factor, Grid.enlarging(axes.size(array.shape), factor))

    @property
    def scale(self) -> Scale:
        """How many times as large the result is, before its size is rounded."""
        return self.factor

    @property
    def grid(self) -> Grid:
        """Where the result's pixels lie."""
        return self.placed

    @property
    def halo_radius(self) -> int:
        """A result depends on no pixel but the nearest."""
        return 0

    @property
    def uniform(self) -> bool:
        """The same is done to all planes."""
        return True

    def of_channels(self, channels: slice) -> Self:
        """The same task: nothing depends on the channel."""
        return self

    def _moved(self, array: Any, axes: Axes, first: tuple[int, int]) -> Self:
        (row, column), (rows, columns) = self.placed.first, first
        placed = self.placed.of_part(row + rows, column + columns)
        return replace(self, array=array, axes=axes, placed=placed)

    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Take rows and columns; the engine has nothing to do."""
        rows, columns = self.placed.nearest(self.placed.result(block.box))
        colours = (slice(None),) if self.axes.rgb else ()
        out[...] = self._planes(block)[(..., rows[:, None], columns, *colours)]
