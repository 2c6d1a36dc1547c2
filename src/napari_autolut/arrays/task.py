"""An upscaling: an array, its axes, ranges and model, computed block by block.

Belongs here: what an upscaling does to a block. What any task is, is ``array_task.py``; what is
settled, and how, ``settling.py``; the pixels of a block are ``blocks.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, TypeVar

from napari_autolut.arrays.array_task import ArrayTask, Block, Pixels
from napari_autolut.arrays.axes import ALPHA, with_alpha
from napari_autolut.arrays.blocks import (
    halo_radius,
    interpolate_box,
    model_for,
    upscale_box,
    visible_colours,
)
from napari_autolut.arrays.value_range import Range, alpha_range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Task(ArrayTask):
    """An upscaling, decided before its first pixel is computed.

    Parameters
    ----------
    array : array_like
        As for :class:`ArrayTask`.
    axes : Axes
        What its axes are.
    ranges : tuple of Range
        Pixel values that stand for the model's 0 and 255: one range for all, or one for each
        position of the channel axis.
    model : LutModel
        The look-ups to do.
    """

    ranges: tuple[Range, ...]
    model: LutModel

    @property
    def scale(self) -> int:
        """Upscaling factor."""
        return self.model.scale

    @property
    def halo_radius(self) -> int:
        """Pixels around a block that its result depends on."""
        return with_alpha(self._radius, self.axes.rgb, self.array.shape)

    @property
    def _radius(self) -> int:
        """Pixels around a block that its result depends on where all of them are visible."""
        return halo_radius(self.model, self.array.dtype)

    @property
    def uniform(self) -> bool:
        """Whether all planes have one range."""
        return len(self.ranges) == 1

    def of_channels(self, channels: slice) -> Self:
        """The task with the ranges of some channels."""
        return replace(self, ranges=parts_of(self.ranges, channels))

    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Compute the result of a block; see :meth:`ArrayTask.compute`."""
        value_range = self.range_of(block)
        model = model_for(self.model, value_range)
        planes, results = self._stacked(self._planes(block)), self._stacked(out)
        if self.axes.rgb and len(planes) > ALPHA:
            limits = alpha_range(planes.dtype, value_range)
            interpolate_box(model, planes[ALPHA:], block.box, limits, results[ALPHA:])
            colours, alpha, results = planes[:ALPHA], planes[ALPHA], results[:ALPHA]
            planes, box = visible_colours(
                colours, alpha, block.box, value_range, self._radius, self.step
            )
            block = block._replace(box=box)
        self._upscale(model, planes, block, engine, results)

    def _upscale(
        self, model: LutModel, planes: Pixels, block: Block, engine: PlaneEngine, out: Pixels
    ) -> None:
        """Upscale planes that are not alpha."""
        upscale_box(model, planes, block.box, self.range_of(block), engine, out)

    def range_of(self, block: Block) -> Range:
        """The range that holds for a block."""
        return self.one_of(self.ranges, block)


def parts_of(each: tuple[T, ...], channels: slice) -> tuple[T, ...]:
    """What holds for some channels, of one for each of them; the only one holds for all."""
    return each if len(each) == 1 else each[channels]
