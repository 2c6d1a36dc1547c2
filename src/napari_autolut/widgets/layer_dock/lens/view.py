"""Which region of an image a viewer shows, as far as the lens can enlarge it.

Belongs here: reading the viewer. The geometry is ``layers.viewport``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_autolut._compat import camera, canvas_resized, canvas_size, grid, world_units
from napari_autolut.layers import (
    LayerSource,
    Region,
    Viewport,
    capped,
    data_to_world,
    displayed_axes,
    unit_ratios,
    visible_region,
)

if TYPE_CHECKING:
    from napari.components import ViewerModel

IN_3D = "The lens needs the 2D view: press the 2D/3D button below the layer list."
IN_GRID = "The lens needs all layers in one place: switch the grid off."
OUT_OF_VIEW = "Nothing of the image is in view."


def moves_of(viewer: ViewerModel) -> list[Any]:
    """Signals of all by which a viewer shows another region."""
    view, dims = camera(viewer).events, viewer.dims.events
    moves = [view.center, view.zoom, dims.point, dims.order, dims.ndisplay, dims.ndim]
    moves += [dims.margin_left, dims.margin_right]
    moves += [grid(viewer).events.enabled, canvas_resized(viewer)]
    return [signal for signal in moves if signal is not None]


def region_in_view(
    viewer: ViewerModel, source: Image, task: LayerSource
) -> tuple[str, Region | None]:
    """Why there is none, or the region of the source that is to be enlarged."""
    if viewer.dims.ndisplay == 3:
        return IN_3D, None
    if grid(viewer).enabled:
        return IN_GRID, None
    ndim = len(task.state["scale"])
    displayed = displayed_axes(viewer.dims.order, ndim)
    view = camera(viewer)
    size = tuple(side / view.zoom for side in canvas_size(viewer))
    look = Viewport(
        tuple(view.center)[-2:],
        size,
        displayed,
        tuple(viewer.dims.point)[-ndim:],
        _margins(viewer, source),
    )
    matrix = data_to_world(task.state, unit_ratios(source, world_units(viewer)))
    region = visible_region(look, matrix, task.array.shape[:ndim])
    if region is None:
        return OUT_OF_VIEW, None
    return "", capped(region, displayed, task.spatial_axes, task.margin)


def _margins(viewer: ViewerModel, source: Image) -> tuple[tuple[float, float], ...]:
    """How far a slice reaches that is the projection of several, along each axis of the source."""
    dims = viewer.dims
    if source.projection_mode == "none" or not any((*dims.margin_left, *dims.margin_right)):
        return ()
    return tuple(zip(dims.margin_left, dims.margin_right, strict=True))[-source.ndim :]
