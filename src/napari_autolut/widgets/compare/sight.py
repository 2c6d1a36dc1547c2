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

FITTING = 0.95
"""Fraction of a view that an image takes that fits."""


class Sight:
    """What can be seen of the views that a viewer model holds.

    Parameters
    ----------
    model : napari.components.ViewerModel
        Holds the views, which all cover the same place.
    place : callable
        Gives the rectangle in which one view is seen, in Qt's pixels.
    """

    def __init__(self, model: ViewerModel, place: Callable[[], QRectF]) -> None:
        self._model, self._place = model, place
        self._ground: Layer | None = None  # the whole image, of which views may be a region
        self._whole = 1.0  # zoom at which a view showed all of it, when that was last noted

    def stand_on(self, ground: Layer) -> bool:
        """Take a layer that covers all that could be seen; say whether it is another place.

        It is not shown. What is seen of the views may be a region of it.
        """
        before, self._ground = self._ground, ground
        if before is None or before.ndim != ground.ndim:
            return True
        return not np.allclose(before.extent.world, ground.extent.world)

    # --- what is seen -------------------------------------------------------------------------

    def index(self) -> tuple[int, ...]:
        """The slice that is seen."""
        assert self._ground is not None
        return slice_at(self._ground, self._model.dims.point, world_units(self._model))

    def middle(self) -> tuple[float, ...]:
        """The point of the world in the middle of every view."""
        return (*self._model.dims.point[:-2], *camera(self._model).center[-2:])

    def of_ground(self) -> Box:
        """The region of the whole image that can be seen, in its own pixels."""
        assert self._ground is not None
        return visible_box(
            self._ground, self.middle(), self._half(), units=world_units(self._model)
        )

    def of_view(self, size: tuple[int, int]) -> Box:
        """The region that can be seen, in pixels of an image of this size that covers a view."""
        return visible_box(
            self._model.layers[0],
            self.middle(),
            self._half(),
            size=size,
            units=world_units(self._model),
        )

    def _half(self) -> tuple[float, float]:
        """Half the height and width of the world that a view sees."""
        place, zoom = self._place(), camera(self._model).zoom
        return place.height() / zoom / 2, place.width() / zoom / 2

    def extent(self) -> NDArray[np.float64]:
        """Lowest and highest world coordinates of the whole image."""
        if self._ground is None:
            return np.array([[0.0, 0.0], [1.0, 1.0]])
        ratios = unit_ratios(self._ground, world_units(self._model))
        return np.asarray(self._ground.extent.world) * ratios

    def image_size(self) -> tuple[float, float]:
        """Height and width of the whole image in world units."""
        low, high = self.extent()
        height, width = (high - low)[-2:]
        return float(height) or 1.0, float(width) or 1.0

    # --- where it goes ------------------------------------------------------------------------

    def fit(self) -> None:
        """Show all of the image, with a little room around."""
        low, high = self.extent()[:, -2:]
        look = camera(self._model)
        look.center = (*look.center[:-2], *(low + high) / 2)
        look.zoom = FITTING * self._whole_zoom()

    def look_as(self, other: ViewerModel) -> None:
        """Look where another viewer looks: the same slice and centre, and all that it sees."""
        dims = self._model.dims
        ndim = min(other.dims.ndim, dims.ndim)
        ratios = world_ratios(world_units(other), world_units(self._model), ndim)
        point = np.array(other.dims.point)[-ndim:] * ratios
        dims.point = (*dims.point[: dims.ndim - ndim], *point)
        theirs, ours = camera(other), camera(self._model)
        ours.center = (*theirs.center[:-2], *(np.array(theirs.center[-2:]) * ratios[-2:]))
        place, (height, width) = self._place(), canvas_size(other)
        ours.zoom = theirs.zoom / ratios[-1] * min(place.height() / height, place.width() / width)

    def follow_place(self) -> None:
        """Zoom with the size of the views, so that they still show the same region of the world."""
        before = self._whole
        self.note_place()
        camera(self._model).zoom *= self._whole / before

    def note_place(self) -> None:
        """Take the views' size as the one that the zoom is right for."""
        self._whole = self._whole_zoom()

    def _whole_zoom(self) -> float:
        """Zoom at which a view just sees the whole image."""
        place, (height, width) = self._place(), self.image_size()
        return max(1e-9, min(place.height() / height, place.width() / width))
