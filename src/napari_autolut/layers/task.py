"""A layer's upscaling: which model in which range, on what is taken from the layer.

Belongs here: what upscaling adds to ``source.py``. Values come from ``arrays``; the public
functions are ``upscaling.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays import (
    COLOUR_RADIUS,
    Axes,
    Colour,
    LumaTask,
    Noise,
    Range,
    UpscalingTask,
    by_table,
    check_image,
    noise_text,
    resolve_range,
    settled_task,
    widest_halo,
    with_alpha,
)
from napari_autolut.layers.provenance import Provenance
from napari_autolut.layers.source import Denoising, LayerSource, Work
from napari_autolut.layers.taking import WHOLE, LayerPart, taken_from
from napari_autolut.model import LutModel
from napari_autolut.storage import model_digest
from napari_autolut.util.grid import Scale

if TYPE_CHECKING:
    from napari.layers import Layer

ValueRange = str | tuple[float, float] | None

RESAMPLING_RADIUS = 32
"""Pixels around a place, at most, that resampling looks at."""


@dataclass(frozen=True)
class LayerTask(LayerSource):
    """All that is needed to upscale a layer, taken from it at one moment.

    Parameters
    ----------
    array, rgb, coarser, full_shape, state, spatial_axes : various
        As for :class:`LayerSource`.
    index, lazy, source_id, fingerprint : various
        As for :class:`LayerSource`.
    model : LutModel
        The look-ups to do.
    value_range : str or tuple of float, optional
        What was asked for.
    noise : "auto", None, NoiseModel or sequence of NoiseModel
        As for :func:`~napari_autolut.upscale`.
    asked : float, optional
        How many times as large the result is to be; by default the model's factor.
    colour : {"auto", "luma", "channels"}
        As for :func:`~napari_autolut.upscale`; of layers without colours it says nothing.
    """

    model: LutModel
    value_range: ValueRange
    noise: Noise = "auto"
    asked: Scale | None = None
    colour: Colour = "channels"

    @classmethod
    def of(
        cls,
        layer: Layer | None,
        model: LutModel,
        part: LayerPart = WHOLE,
        *,
        value_range: ValueRange = None,
        noise: Noise = "auto",
        scale: Scale | None = None,
        colour: Colour = "channels",
    ) -> LayerTask:
        """Take what is needed from a layer; see :func:`upscaled_layer_data` for the errors."""
        taken = taken_from(layer, part)
        return cls(
            **taken, model=model, value_range=value_range, noise=noise, asked=scale, colour=colour
        )

    @property
    def scale(self) -> Scale:
        """How many times as large the result is, before its size is rounded."""
        return self.model.scale if self.asked is None else self.asked

    @property
    def work(self) -> Work:
        """The model, which says how long it takes, and whether noise is looked for."""
        finds_noise = bool(self.model.noisy) and self.noise is not None
        return Denoising(self.model) if finds_noise else self.model

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
        radius = widest_halo(self.model, np.dtype(self.array.dtype), self.noise)
        radius = max(radius, 2 * COLOUR_RADIUS) if self.rgb else radius
        around = with_alpha(radius, self.rgb, self.array.shape)
        return around if self.scale == self.model.scale else 2 * around + RESAMPLING_RADIUS

    def settled_as(self, other: LayerTask | None) -> LayerTask:
        """Take from another task the limits and the work that it has settled and this one shares.

        They are put where :func:`functools.cached_property` looks for them.
        """
        if other is not None and other.known_limits is not None and self._shares_limits(other):
            vars(self)["limits"] = other.known_limits
            if "task" in vars(other) and self._shares_work(other):
                vars(self)["task"] = other.task
        return self

    def _shares_limits(self, other: LayerTask) -> bool:
        """Whether black and white are looked for in the same pixels; contrast limits may change."""
        return (
            self.value_range != "contrast"
            and self.of_the_same_pixels(other)
            and (other.value_range, other.rgb) == (self.value_range, self.rgb)
        )

    def _shares_work(self, other: LayerTask) -> bool:
        """Whether the same is done to pixels that are the same."""
        return (
            other.model is self.model
            and other.noise is self.noise
            and (other.spatial_axes, other.scale, other.colour)
            == (self.spatial_axes, self.scale, self.colour)
        )

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
        planes = Axes(self.spatial_axes, self.rgb).spatial_last(self.array)
        return resolve_range(planes, self.value_range, shown, rgb=self.rgb)

    @cached_property
    def task(self) -> UpscalingTask:
        """What is done to the whole array, settled once."""
        check_image(self.array.shape, np.dtype(self.array.dtype))
        axes = Axes(self.spatial_axes, self.rgb)
        ranges = (self.limits,)
        return settled_task(
            self.array,
            axes,
            ranges,
            self.model,
            noise=self.noise,
            scale=self.scale,
            colour=self._asked_colour,
        )

    @property
    def _asked_colour(self) -> Colour:
        """What is asked for of an image that has colours, by a model that takes them together."""
        return self.colour if self.rgb and not self.model.noisy else "channels"

    def provenance(self) -> dict[str, Any]:
        """How the result is made, in plain values."""
        return Provenance(
            source=self.state["name"],
            model=self.model.name,
            model_date=self.model.card.date,
            model_sha256=model_digest(self.model),
            scale=self.scale,
            value_range=self.value_range,
            limits=(self.limits.lo, self.limits.hi),
            colour="luma" if isinstance(by_table(self.task), LumaTask) else "channels",
            colour_asked=self.colour,
            noise="none" if self.noise is None else noise_text(by_table(self.task)),
            spatial_axes=self.spatial_axes,
            index=dict(self.index),
            lazy=self.lazy,
            source_id=self.source_id,
        ).as_metadata()
