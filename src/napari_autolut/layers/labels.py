"""Enlarging a Labels layer: the nearest pixel, as label numbers cannot be interpolated.

Belongs here: a layer of labels and its result. What is done to the pixels is ``arrays/nearest.py``;
images are ``task.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from napari_autolut.arrays import Axes, NearestTask
from napari_autolut.layers.provenance import LayerData
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.taking import WHOLE, LayerPart, taken_from
from napari_autolut.util.grid import NEAREST, Scale

if TYPE_CHECKING:
    from napari.layers import Layer


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
        return NearestTask.enlarging(self.array, Axes(self.spatial_axes), self.factor)

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
