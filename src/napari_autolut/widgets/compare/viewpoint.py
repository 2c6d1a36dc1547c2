"""Where a comparison's canvas looks: camera and slice, against the place that all views share.

Belongs here: what is seen, in world units and in pixels, and the zoom. Where views lie on the
canvas is ``canvas.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer
from numpy.typing import NDArray
from qtpy.QtCore import QRectF

from napari_autolut._compat import camera, canvas_size, world_units
from napari_autolut.comparison import slice_at, visible_box
from napari_autolut.layers import unit_ratios, world_ratios
from napari_autolut.util.boxes import Box

FIT_FRACTION = 0.95
"""Fraction of a view that an image takes that fits."""


class Viewpoint:
    """What can be seen of the views that a viewer model holds.

    Parameters
    ----------
    model : napari.components.ViewerModel
        Holds the views, which all cover the same place.
    view_rect : callable
        Gives the rectangle in which one view is seen, in Qt's pixels.
    """

    def __init__(self, model: ViewerModel, view_rect: Callable[[], QRectF]) -> None:
        self._model, self._view_rect = model, view_rect
        self._image: Layer | None = None  # the whole image, of which views may be a region
        self._fitting_zoom = 1.0  # zoom at which a view showed all of it, when that was last noted

    @property
    def has_image(self) -> bool:
        """Whether it is known what could be seen."""
        return self._image is not None

    def set_image(self, image: Layer) -> bool:
        """Take a layer that covers all that could be seen; say whether it is another place.

        It is not shown. What is seen of the views may be a region of it.
        """
        before, self._image = self._image, image
        if before is None or before.ndim != image.ndim:
            return True
        return not np.allclose(before.extent.world, image.extent.world)

    # --- what is seen -------------------------------------------------------------------------

    def index(self) -> tuple[int, ...]:
        """The slice that is seen."""
        assert self._image is not None
        return slice_at(self._image, self._model.dims.point, world_units(self._model))

    def middle(self) -> tuple[float, ...]:
        """The point of the world in the middle of every view."""
        return (*self._model.dims.point[:-2], *camera(self._model).center[-2:])

    def image_box(self) -> Box:
        """The region of the whole image that can be seen, in its own pixels."""
        assert self._image is not None
        return visible_box(
            self._image, self.middle(), self._half_extent(), units=world_units(self._model)
        )

    def view_box(self, size: tuple[int, int]) -> Box:
        """The region that can be seen, in pixels of an image of this size that covers a view."""
        return visible_box(
            self._model.layers[0],
            self.middle(),
            self._half_extent(),
            size=size,
            units=world_units(self._model),
        )

    def _half_extent(self) -> tuple[float, float]:
        """Half the height and width of the world that a view sees."""
        view, zoom = self._view_rect(), camera(self._model).zoom
        return view.height() / zoom / 2, view.width() / zoom / 2

    def extent(self) -> NDArray[np.float64]:
        """Lowest and highest world coordinates of the whole image."""
        if self._image is None:
            return np.array([[0.0, 0.0], [1.0, 1.0]])
        ratios = unit_ratios(self._image, world_units(self._model))
        return np.asarray(self._image.extent.world) * ratios

    def image_size(self) -> tuple[float, float]:
        """Height and width of the whole image in world units."""
        low, high = self.extent()
        height, width = (high - low)[-2:]
        return float(height) or 1.0, float(width) or 1.0

    # --- where it goes ------------------------------------------------------------------------

    def fit(self) -> None:
        """Show all of the image, with a little room around."""
        low, high = self.extent()[:, -2:]
        view = camera(self._model)
        view.center = (*view.center[:-2], *(low + high) / 2)
        view.zoom = FIT_FRACTION * self._whole_zoom()

    def zoom_by(self, factor: float) -> None:
        """Look closer, or from further away, at the same point."""
        camera(self._model).zoom *= factor

    def move_by(self, down: float, right: float) -> None:
        """Look elsewhere, by fractions of what a view sees."""
        view, (height, width) = camera(self._model), self._half_extent()
        *others, y, x = view.center
        view.center = (*others, y + 2 * height * down, x + 2 * width * right)

    def look_like(self, other: ViewerModel) -> None:
        """Look where another viewer looks: the same slice and centre, and all that it sees."""
        dims = self._model.dims
        ndim = min(other.dims.ndim, dims.ndim)
        ratios = world_ratios(world_units(other), world_units(self._model), ndim)
        point = np.array(other.dims.point)[-ndim:] * ratios
        dims.point = (*dims.point[: dims.ndim - ndim], *point)
        source, target = camera(other), camera(self._model)
        target.center = (*source.center[:-2], *(np.array(source.center[-2:]) * ratios[-2:]))
        view, (height, width) = self._view_rect(), canvas_size(other)
        target.zoom = source.zoom / ratios[-1] * min(view.height() / height, view.width() / width)

    def rescale_zoom(self) -> None:
        """Zoom with the size of the views, so that they still show the same region of the world."""
        before = self._fitting_zoom
        self.note_view_size()
        camera(self._model).zoom *= self._fitting_zoom / before

    def note_view_size(self) -> None:
        """Take the views' size as the one that the zoom is right for."""
        self._fitting_zoom = self._whole_zoom()

    def _whole_zoom(self) -> float:
        """Zoom at which a view just sees the whole image."""
        view, (height, width) = self._view_rect(), self.image_size()
        return max(1e-9, min(view.height() / height, view.width() / width))
