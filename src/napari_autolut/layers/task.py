"""A layer's upscaling: which model in which range, on what is taken from the layer.

Belongs here: what upscaling adds to ``source.py``. Values come from ``arrays``; the public
functions are ``upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays import (
    Axes,
    Noise,
    Range,
    Task,
    check_image,
    noise_text,
    resolve_range,
    task_for,
    widest_halo,
    with_alpha,
)
from napari_autolut.layers.provenance import Provenance
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.taking import taken_from
from napari_autolut.model import LutModel
from napari_autolut.storage import model_digest

if TYPE_CHECKING:
    from napari.layers import Layer

ValueRange = str | tuple[float, float] | None


@dataclass(frozen=True)
class LayerTask(LayerSource):
    """All that is needed to upscale a layer, taken from it at one moment.

    Parameters
    ----------
    array, rgb, coarser, full_shape, state, spatial_axes, index, lazy, source_id : various
        As for :class:`LayerSource`.
    model : LutModel
        The look-ups to do.
    value_range : str or tuple of float, optional
        What was asked for.
    noise : "auto", None, NoiseModel or sequence of NoiseModel
        As for :func:`~napari_autolut.upscale`.
    """

    model: LutModel
    value_range: ValueRange
    noise: Noise = "auto"

    @classmethod
    def of(
        cls,
        layer: Layer | None,
        model: LutModel,
        *,
        value_range: ValueRange = None,
        level: int = 0,
        spatial_axes: tuple[int, int] | None = None,
        index: Mapping[int, int] | None = None,
        lazy: bool = False,
        noise: Noise = "auto",
    ) -> LayerTask:
        """Take what is needed from a layer; see :func:`upscaled_layer_data` for the errors."""
        taken = taken_from(layer, level=level, spatial_axes=spatial_axes, index=index, lazy=lazy)
        return cls(**taken, model=model, value_range=value_range, noise=noise)

    @property
    def scale(self) -> int:
        """Upscaling factor."""
        return self.model.scale

    @property
    def work(self) -> LutModel:
        """The model, which says how long it takes."""
        return self.model

    @property
    def label(self) -> str:
        """Name of the model."""
        return self.model.name

    @property
    def follows_contrast(self) -> bool:
        """Whether contrast limits are the range, as they are where the user says so."""
        return not self.rgb and self.value_range == "contrast"

    @property
    def margin(self) -> int:
        """Pixels around a place that its result depends on."""
        reach = widest_halo(self.model, np.dtype(self.array.dtype), self.noise)
        return with_alpha(reach, self.rgb, self.array.shape)

    def settled_as(self, other: LayerTask | None) -> LayerTask:
        """The same, knowing limits and noise of another one already if they are the same."""
        if (
            other is not None
            and other.array is self.array
            and (other.value_range, other.rgb) == (self.value_range, self.rgb)
            and self.value_range != "contrast"
            and other.known_limits is not None
        ):
            vars(self)["limits"] = other.known_limits
            same = other.model is self.model and other.spatial_axes == self.spatial_axes
            if same and other.noise is self.noise and "task" in vars(other):
                vars(self)["task"] = other.task
        return self

    @property
    def known_limits(self) -> Range | None:
        """The :attr:`limits` where they have been found already; reads nothing."""
        return vars(self).get("limits")

    @cached_property
    def limits(self) -> Range:
        """The range of the whole layer, which a slice or a part of it has too.

        Reads a sample of it, for ``"data"`` all: not for the thread of the user interface.
        """
        shown = None
        if not self.rgb:  # an RGB layer is shown without any
            low, high = self.state["contrast_limits"]
            shown = float(low), float(high)
        return resolve_range(self.array, self.value_range, shown, rgb=self.rgb)

    @cached_property
    def task(self) -> Task:
        """What is done to the whole array, settled once."""
        check_image(self.array.shape, np.dtype(self.array.dtype))
        axes = Axes(self.spatial_axes, self.rgb)
        return task_for(self.array, axes, (self.limits,), self.model, self.noise)

    def provenance(self) -> dict[str, Any]:
        """How the result is made, in plain values."""
        return Provenance(
            source=self.state["name"],
            model=self.model.name,
            model_date=self.model.card.date,
            model_sha256=model_digest(self.model),
            scale=self.model.scale,
            value_range=self.value_range,
            limits=(self.limits.lo, self.limits.hi),
            noise="none" if self.noise is None else noise_text(self.task),
            spatial_axes=self.spatial_axes,
            index=dict(self.index),
            lazy=self.lazy,
            source_id=self.source_id,
        ).as_metadata()
