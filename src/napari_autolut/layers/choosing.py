"""Which shipped table suits a layer: what a layer knows of its pixels beyond their values.

Belongs here: from a layer to :func:`~napari_autolut.arrays.choose_model`. The rules are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_autolut.arrays import Axes, ModelChoice, check_image, choose_model_for
from napari_autolut.layers.denoising import channel_axis_of
from napari_autolut.layers.taking import LayerPart, taken_from
from napari_autolut.util.grid import Scale

if TYPE_CHECKING:
    from napari.layers import Layer

LENGTH = "[length]"


@dataclass(frozen=True)
class LayerTraits:
    """What a choice of a model needs of a layer, taken from it at one moment.

    Parameters
    ----------
    array : array_like
        Its pixels.
    axes : Axes
        What its axes are.
    pixel_size : float, optional, micrometres
        Distance of columns, where their unit is a length.
    """

    array: Any
    axes: Axes
    pixel_size: float | None

    @classmethod
    def of(cls, layer: Layer, spatial_axes: tuple[int, int] | None = None) -> LayerTraits:
        """Take what is needed from an image layer.

        Raises
        ------
        UnsupportedLayerError, ValueError
            If it is no image, or the axes do not fit.
        """
        taken = taken_from(layer, LayerPart(spatial_axes))
        channel = channel_axis_of(layer)
        axes = Axes(taken["spatial_axes"], taken["rgb"])
        if channel not in axes.spatial:
            axes = axes._replace(channel=channel)
        return cls(taken["array"], axes, _microns(layer, axes.spatial[1]))

    def choose(self, scale: Scale | None = None) -> ModelChoice:
        """Choose a table; reads a sample of the pixels.

        Raises
        ------
        UnknownModelError
            If there is no table of that scale.
        """
        check_image(self.array.shape, self.array.dtype)
        return choose_model_for(self.array, self.axes, scale=scale, pixel_size=self.pixel_size)


def _microns(layer: Layer, axis: int) -> float | None:
    """Micrometres between pixels along an axis; None where its unit is no length."""
    unit = layer.units[axis]
    if LENGTH not in unit.dimensionality:
        return None
    return abs(float(layer.scale[axis] * (1 * unit).to("um").magnitude))
