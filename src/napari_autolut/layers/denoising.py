"""A layer's denoising: which noise is taken away, on what is taken from the layer.

Belongs here: what denoising adds to ``source.py``. The computation on arrays is ``denoising``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut._compat import axis_labels
from napari_autolut.arrays import Axes, check_image
from napari_autolut.denoising import DenoisingModel, DenoisingTask, FoundNoise, find_noise
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.taking import WHOLE, LayerPart, taken_from
from napari_autolut.noise import NoiseModel
from napari_autolut.util.axis_names import axis_letter

if TYPE_CHECKING:
    from napari.layers import Image, Layer

WORK = "denoising"
LARGEST_HALO = 144
"""Pixels on which a result may depend, before the noise is known."""

Models = tuple[NoiseModel, ...]


@dataclass(frozen=True)
class DenoiseTask(LayerSource):
    """All that is needed to denoise a layer, taken from it at one moment.

    Parameters
    ----------
    array, rgb, coarser, full_shape, state, spatial_axes : various
        As for :class:`LayerSource`.
    index, lazy, source_id, fingerprint : various
        As for :class:`LayerSource`.
    noise : tuple of NoiseModel, optional
        One for all, or one for each channel or colour; by default it is found in the image.
    strength : float
        Times the noise's standard deviation.
    channel_axis : int, optional
        An axis whose positions have a noise of their own.
    model : str, os.PathLike, LutModel or sequence of them, optional
        As for :func:`napari_autolut.denoise`.
    """

    noise: Models | None
    strength: float
    channel_axis: int | None
    model: DenoisingModel | None = None

    warns = False
    coarser_as_it_is = True

    @classmethod
    def of(
        cls,
        layer: Layer | None,
        part: LayerPart = WHOLE,
        *,
        noise: Models | None = None,
        strength: float = 1.0,
        channel_axis: int | None = None,
        model: DenoisingModel | None = None,
    ) -> DenoiseTask:
        """Take what is needed from a layer.

        Raises
        ------
        UnsupportedLayerError
            If it is not an image layer, or its data are not real numbers.
        ValueError
            If the axes do not fit.
        """
        taken = taken_from(layer, part, verb="denoise")
        if channel_axis in taken["spatial_axes"]:
            channel_axis = None
        return cls(**taken, noise=noise, strength=strength, channel_axis=channel_axis, model=model)

    @property
    def scale(self) -> int:
        """Layers stay as large as they are."""
        return 1

    @property
    def work(self) -> str:
        """How long it takes depends on the pixels, and on which of the shipped tables are used."""
        return f"{WORK} ({self.model})" if isinstance(self.model, str) else WORK

    @property
    def label(self) -> str:
        """What was done."""
        return "denoised"

    @property
    def margin(self) -> int:
        """Pixels around a place that its result may depend on."""
        return LARGEST_HALO

    @property
    def axes(self) -> Axes:
        """What the axes of the array are."""
        return Axes(self.spatial_axes, self.rgb, self.channel_axis)

    def find_noise(self) -> tuple[FoundNoise, ...]:
        """Look for the noise of each channel in the whole layer; reads samples of it."""
        check_image(self.array.shape, np.dtype(self.array.dtype))
        return find_noise(self.array, self.axes)

    @cached_property
    def task(self) -> DenoisingTask:
        """What is done to the whole array, settled once; finds the noise where it is not given.

        Raises
        ------
        ValueError
            If there is no noise to take away.
        """
        check_image(self.array.shape, np.dtype(self.array.dtype))
        models = self.models
        if all(model.is_none for model in models):
            raise ValueError(
                f"{self.state['name']!r}: found no noise to take away; if there is some, set it by "
                "hand or take it from another image"
            )
        noise = models[0] if len(models) == 1 else models
        return DenoisingTask.of(self.array, self.axes, noise, self.strength, self.model)

    @cached_property
    def models(self) -> Models:
        """The noise of each channel or colour, as it was given or as it is found.

        Raises
        ------
        ValueError
            If no channel tells of its noise.
        """
        if self.noise is not None:
            return self.noise
        found = self.find_noise()
        problems = [each.problem for each in found if each.problem]
        if len(problems) == len(found):
            raise ValueError(
                f"{self.state['name']!r}: {problems[0]}; set the noise by hand, or take it from "
                "another image"
            )
        return tuple(each.model for each in found)

    def settled_as(self, other: DenoiseTask | None) -> DenoiseTask:
        """The same, with what another one has settled already where that is the same."""
        if (
            other is not None
            and self.of_the_same_pixels(other)
            and (other.noise, other.strength, other.model)
            == (self.noise, self.strength, self.model)
            and other.axes == self.axes
            and "task" in vars(other)
        ):
            vars(self).update(task=other.task, models=other.models)
        return self

    def provenance(self) -> dict[str, Any]:
        """How the result is made, in plain values."""
        return {
            "operation": "denoise",
            "source": self.state["name"],
            "source_id": self.source_id,
            "noise": [asdict(model) for model in self.models],
            "strength": self.strength,
            "tables": sorted({model.name for model in self.task.models}),
            "channel_axis": self.channel_axis,
            "spatial_axes": self.spatial_axes,
            "index": dict(self.index),
            "lazy": self.lazy,
            "version": version("napari-autolut"),
        }


def channel_axis_of(image: Image) -> int | None:
    """Give the axis of an image that its labels call channels; None where there is none."""
    if image.rgb:
        return None
    letters = [axis_letter(label) for label in axis_labels(image)]
    return letters.index("C") if "C" in letters else None
