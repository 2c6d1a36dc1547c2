"""What a canvas of views shows, drawn larger than on the screen.

Belongs here: how much larger, and what that takes. The file it becomes is ``export.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtCore import QSignalBlocker

from napari_autolut._compat import (
    camera,
    grid,
    scale_bar,
    scale_bar_font,
    scale_bar_room,
    thicken_scale_bar,
    world_units,
)
from napari_autolut.layers import pixel_sizes, point_in_world, unit_ratios
from napari_autolut.widgets.compare.canvas import SPACING, CompareCanvas
from napari_autolut.widgets.compare.layout import scale_bar_length

MAX_SIDE = 8192
"""Pixels of the longest side of a picture: what every graphics card can draw."""

OFFSET = 0.125
"""Where in a pixel of the picture those of the finest view end: in none of up to four views in a
row in the middle of one, where the card would have to choose."""


def full_factor(canvas: CompareCanvas) -> float:
    """How many times larger all must be drawn for every pixel of the finest view to be seen.

    Each is then a whole number of pixels wide, so that none looks larger than another.
    """
    width = _finest(canvas)[1] * camera(canvas.model).zoom * canvas.native.devicePixelRatioF()
    return max(1, math.ceil(width - 1e-6)) / width


def largest_factor(canvas: CompareCanvas) -> float:
    """How many times larger all can be drawn, so that no side is beyond `MAX_SIDE`."""
    native = canvas.native
    return max(1.0, MAX_SIDE / (max(native.width(), native.height()) * native.devicePixelRatioF()))


def picture(canvas: CompareCanvas, factor: float | None = 1) -> NDArray[np.uint8]:
    """What is seen, (H, W, 4), drawn ``factor`` times as large, as far as that can be.

    None is the factor at which every pixel of the finest view is there.
    """
    wanted = full_factor(canvas) if factor is None else factor
    with _enlarged(canvas, min(wanted, largest_factor(canvas))):
        if factor is None:
            _align(canvas)
        canvas.native.grabFramebuffer()  # vispy's cameras follow the layout as they draw
        return np.ascontiguousarray(canvas.qt_viewer.screenshot(flash=False))


@contextmanager
def _enlarged(canvas: CompareCanvas, factor: float) -> Iterator[None]:
    """Make all on a canvas larger within it; nobody is told."""
    native, size = canvas.native, canvas.native.size()
    view, cells, bar = camera(canvas.model), grid(canvas.model), scale_bar(canvas.model)
    zoom, centre, font = view.zoom, view.center, bar.font_size
    length = scale_bar_length(zoom, scale_bar_room(canvas.model))
    bounds = [clipper.bounds for _, clipper in canvas.clippers]
    try:
        with QSignalBlocker(canvas):
            cells.spacing = round(SPACING * factor)  # first: the new size is laid out so
            native.resize(round(size.width() * factor), round(size.height() * factor))
            bar.length = length  # napari would choose another one
            thicken_scale_bar(canvas.qt_viewer, factor)
            view.zoom, bar.font_size = zoom * factor, scale_bar_font(canvas.model) * factor
            for (_, clipper), each in zip(canvas.clippers, bounds, strict=True):
                sides = (each.left, each.bottom, each.width, each.height)
                clipper.bounds = tuple(side * factor for side in sides)
            yield
    finally:
        with QSignalBlocker(canvas):
            cells.spacing = SPACING
            native.resize(size)
            thicken_scale_bar(canvas.qt_viewer, 1)
            view.zoom, view.center = zoom, centre
            bar.font_size, bar.length = font, None
            for (_, clipper), each in zip(canvas.clippers, bounds, strict=True):
                clipper.bounds = each


def _align(canvas: CompareCanvas) -> None:
    """Move by less than a pixel, so that those of the finest view end at `OFFSET`."""
    layer, view, place = _finest(canvas)[0], camera(canvas.model), canvas.places()[0]
    point = np.zeros(layer.ndim)
    point[-2:] = -0.5
    corner = point_in_world(layer, point, world_units(canvas.model))[-2:]
    ratio = canvas.native.devicePixelRatioF()
    middle = np.array([place.height(), place.width()]) / 2
    ends = ((corner - view.center[-2:]) * view.zoom + middle) * ratio - OFFSET
    moved = (ends - np.round(ends)) / (view.zoom * ratio)
    view.center = (*view.center[:-2], *(view.center[-2:] + moved))


def _finest(canvas: CompareCanvas) -> tuple[Image, float]:
    """The view with the smallest pixels, and their width in the world."""
    units = world_units(canvas.model)
    widths = [pixel_sizes(each)[-1] * unit_ratios(each, units)[-1] for each in canvas.layers]
    at = int(np.argmin(widths))
    return canvas.layers[at], float(widths[at])
