"""An upscaling in steps that can be watched and stopped.

Belongs here: the public function for callers with a progress bar. Whatever else is settled is
``upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari_autolut.arrays.image import Axes, as_image, check_colours, plain_array
from napari_autolut.arrays.steps import Steps, run
from napari_autolut.arrays.upscaling import ModelLike, model_for_array, settled_task
from napari_autolut.arrays.value_range import ValueRange, resolve_range
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits
from napari_autolut.util.arguments import checked_axis
from napari_autolut.util.boxes import tile_count


def upscale_steps(
    image: Any,
    model: ModelLike | None = None,
    *,
    spatial_axes: tuple[int, int],
    rgb: bool,
    value_range: ValueRange = "auto",
    contrast_limits: Sequence[float] | None = None,
    engine: str = "auto",
    tile_size: int | None = None,
) -> Steps:
    """Enlarge an image in steps that can be watched and stopped.

    Parameters
    ----------
    image : array_like
        As for :func:`upscale`, but a lazy image is computed first.
    model : str, os.PathLike or LutModel, optional
        As for :func:`upscale`.
    spatial_axes : tuple of int
        Rows and columns.
    rgb : bool
        Whether the last axis holds 3 or 4 colours.
    value_range : {"auto", "dtype", "data", "contrast"} or tuple of float, default "auto"
        As for :func:`upscale`.
    contrast_limits : sequence of float, optional
        For ``value_range="contrast"``.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the model.
    tile_size : int, optional
        Side of a tile in input pixels, approximately; no result depends on it.

    Returns
    -------
    generator of Progress
        One for each tile of planes that go together (colours do); it returns the numpy array, and
        closing it cancels. What can be wrong with the arguments is raised here, before the first
        step.
    """
    array = as_image(plain_array(image, spatial_axes))
    axes = _checked_axes(array.shape, spatial_axes, rgb=rgb)
    chosen = model_for_array(model, None, array, axes)
    planes = axes.spatial_last(array)
    limits_of_range = resolve_range(planes, value_range, contrast_limits, rgb=rgb)
    side = limits().tile_size if tile_size is None else tile_size
    tile_count((1, 1), side)
    task = settled_task(array, axes, (limits_of_range,), chosen)
    return run(task, plane_engine(engine), tile_size=side)


def _checked_axes(shape: Sequence[int], spatial_axes: tuple[int, int], *, rgb: bool) -> Axes:
    """Refuse axes that an array of that shape does not have.

    Raises
    ------
    ValueError
        If spatial axes do not exist, are the same or hold colours, or there are not 3 or 4 colours.
    """
    ndim = len(shape)
    rows, columns = (checked_axis(axis, ndim, "spatial axis") for axis in spatial_axes)
    taken = {rows, columns} | ({ndim - 1} if rgb else set())
    if len(taken) != 2 + rgb:
        raise ValueError(
            f"spatial axes: found {spatial_axes}, expected two different axes"
            + (" that are not the last one, which holds colours" if rgb else "")
        )
    check_colours(shape, rgb)
    return Axes((rows, columns), rgb)
