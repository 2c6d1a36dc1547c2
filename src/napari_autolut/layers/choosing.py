"""Which shipped table suits a layer: what a layer knows of its pixels beyond their values.

Belongs here: from a layer to :func:`~napari_autolut.arrays.choose_model`. The rules are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays import Axes, ModelChoice, check_image, choose_model_for
from napari_autolut.layers.denoising import channel_axis_of
from napari_autolut.layers.geometry import pixel_sizes
from napari_autolut.layers.taking import LayerPart, taken_from
from napari_autolut.util.grid import Scale

if TYPE_CHECKING:
    from napari.layers import Image, Layer

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


def image_to_choose_for(picked: Sequence[Layer], opened: Iterable[Layer]) -> Image | None:
    """Give the image by which a model is chosen for picked layers.

    Labels have no intensities: they are enlarged as much as the image that they lie on.

    Parameters
    ----------
    picked : sequence of napari.layers.Layer
        Images and labels, the last one counts.
    opened : iterable of napari.layers.Layer
        All layers of the viewer, from below.

    Returns
    -------
    napari.layers.Image or None
        The last picked image, or the lowest open one where the last picked labels are.
    """
    from napari.layers import Image

    images = [each for each in picked if isinstance(each, Image)]
    if images or not picked:
        return images[-1] if images else None
    place = picked[-1].extent.world
    alike = (each for each in opened if isinstance(each, Image) and each.ndim == place.shape[1])
    return next((each for each in alike if np.allclose(each.extent.world, place)), None)


def _microns(layer: Layer, axis: int) -> float | None:
    """Micrometres between pixels along an axis; None where its unit is no length."""
    unit = layer.units[axis]
    if LENGTH not in unit.dimensionality:
        return None
    return float(pixel_sizes(layer)[axis] * (1 * unit).to("um").magnitude)
