"""Enlarging a Labels layer: the nearest pixel, as label numbers cannot be interpolated.

Belongs here: what is done to labels, and the layer that results. Images are ``task.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from napari_autolut.arrays import ArrayTask, Axes
from napari_autolut.arrays.array_task import Block, Pixels
from napari_autolut.engine import PlaneEngine
from napari_autolut.layers.provenance import LayerData
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.taking import WHOLE, LayerPart, taken_from
from napari_autolut.util.grid import Grid, Scale

if TYPE_CHECKING:
    from napari.layers import Layer

NEAREST = "nearest neighbour"
"""What labels are enlarged by, in place of a model."""


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

    def of_channels(self, channels: slice) -> NearestTask:
        """The same task: nothing depends on the channel."""
        return self

    def _moved(self, array: Any, axes: Axes, first: tuple[int, int]) -> NearestTask:
        (row, column), (rows, columns) = self.placed.first, first
        placed = self.placed.of_part(row + rows, column + columns)
        return replace(self, array=array, axes=axes, placed=placed)

    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Take rows and columns; the engine has nothing to do."""
        rows, columns = self.placed.nearest(self.placed.result(block.box))
        planes = self.axes.spatial_last(self.array)[block.planes]
        out[...] = planes[..., rows[:, None], columns]


@dataclass(frozen=True)
class LabelsTask(LayerSource):
    """All that is needed to enlarge a Labels layer, taken from it at one moment.

    Parameters
    ----------
    array, rgb, coarser, full_shape, state, spatial_axes : various
        As for :class:`LayerSource`.
    index, lazy, source_id, fingerprint : various
        As for :class:`LayerSource`.
    factor : float
        How many times as large the result is.
    """

    factor: Scale

    warns = False

    @classmethod
    def of(cls, layer: Layer | None, factor: Scale, part: LayerPart = WHOLE) -> LabelsTask:
        """Take what is needed from a Labels layer.

        Raises
        ------
        ValueError
            If there is no such level, or the axes do not fit.
        """
        return cls(**taken_from(layer, part, labels=True), factor=factor)

    @property
    def scale(self) -> Scale:
        """How many times as large the result is, before its size is rounded."""
        return self.factor

    @property
    def work(self) -> str:
        """What is done, as far as its speed is concerned."""
        return NEAREST

    @property
    def label(self) -> str:
        """What was done."""
        return NEAREST

    @property
    def margin(self) -> int:
        """A result depends on no pixel but the nearest."""
        return 0

    @property
    def pixels(self) -> int:
        """No pixel goes through tables."""
        return 0

    @cached_property
    def task(self) -> NearestTask:
        """What is done to the whole array."""
        axes = Axes(self.spatial_axes)
        grid = Grid.enlarging(axes.size(self.array.shape), self.factor)
        return NearestTask(self.array, axes, self.factor, grid)

    def settled_as(self, other: LayerSource | None) -> LabelsTask:
        """The same: nothing needs to be settled."""
        return self

    def layer_data(self, levels: list[Any]) -> LayerData:
        """Describe the result, with its levels, as ``Layer.create`` takes it."""
        data, meta, _ = super().layer_data(levels)
        return data, meta, "labels"

    def provenance(self) -> dict[str, Any]:
        """How the result is made, in plain values."""
        return {
            "operation": "enlarge labels",
            "source": self.state["name"],
            "source_id": self.source_id,
            "model": NEAREST,
            "scale": self.factor,
            "spatial_axes": self.spatial_axes,
            "index": dict(self.index),
            "lazy": self.lazy,
            "version": version("napari-autolut"),
        }
