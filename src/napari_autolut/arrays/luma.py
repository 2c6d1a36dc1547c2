"""Colour images through luma: the table once, and colours that follow its edges.

Belongs here: the task that does it, and which images it suits. Planes that each go through the
table are ``task.py``.

Eyes see detail in luma, and the colours of photographs have it in common. So the table enlarges
luma alone. Each colour is its own bicubic enlargement, plus detail: what the table added to luma,
times the slope of the colour on luma around the pixel. That is joint upsampling by local linear
regression (He, Sun and Tang, Guided image filtering, ECCV 2010). Luma stays the table's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import Block, Pixels
from napari_autolut.arrays.bicubic import enlarged
from napari_autolut.arrays.holes import inpainted_around, put_non_finite
from napari_autolut.arrays.image import Axes
from napari_autolut.arrays.normalisation import normalise, out_of_range_residual, to_dtype
from napari_autolut.arrays.smoothing import neighbour_mean
from napari_autolut.arrays.task import Task, WritePixels, pixel_writer, upscale_box
from napari_autolut.arrays.traits import has_common_detail
from napari_autolut.engine import PlaneEngine, Planes
from napari_autolut.engine.threads import lent
from napari_autolut.model import LutModel
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, lines
from napari_autolut.util.optional import compiled

Colour = Literal["auto", "luma", "channels"]
"""How colours are enlarged: through luma, each on its own, or as the image suggests."""

KERNELS = "napari_autolut.arrays.luma_kernels"

LUMA = (0.299, 0.587, 0.114)
"""Of red, green and blue (BT.601)."""

COLOUR_RADIUS = 4
"""Pixels around a place that its colour depends on, beside what luma does."""

FLAT = 4.0
"""Variance of luma, in levels of 0 to 255, below which a slope is little trusted."""

TOGETHER = 2**16
"""Pixels that are joined before they are written, few enough to stay in the caches."""


class Weights(NamedTuple):
    """Weights of the interpolations for each phase, and those of luma."""

    cubic: NDArray[np.float32]
    linear: NDArray[np.float32]
    luma: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LumaTask(Task):
    """An upscaling of RGB whose luma alone goes through the table.

    Parameters
    ----------
    array, axes, ranges, model : as for Task
        With colours.
    """

    @property
    def _radius(self) -> int:
        return max(super()._radius, COLOUR_RADIUS * (2 if self.array.dtype.kind == "f" else 1))

    def _upscale(
        self, model: LutModel, planes: Pixels, block: Block, engine: PlaneEngine, out: Pixels
    ) -> None:
        value_range, box, scale = self.range_of(block), block.box, model.scale
        if value_range.is_flat:
            upscale_box(model, planes, box, value_range, engine, out)
            return
        margin = max(model.halo, COLOUR_RADIUS)
        outer, pixels = inpainted_around(planes, box, value_range, margin, self.step)
        residual = out_of_range_residual(pixels, value_range)
        # In the same arithmetic with a residual and without: only some tiles have one.
        number = np.float32 if value_range.suits_float32(out.dtype) else np.float64
        values = out if residual is None else np.empty(out.shape, number)
        levels = np.ascontiguousarray(normalise(pixels, value_range))
        luma = _luma(levels)
        inner = box.within(outer).times(scale).slices
        colours = _Colours.of(levels, luma, scale)
        put = partial(_put, colours, inner, pixel_writer(value_range, values))
        engine.rows(model, luma[None], put)
        if residual is not None:
            carried = enlarged(residual, scale)[:, *inner]
            out[...] = to_dtype(values + carried, out.dtype)
        put_non_finite(planes[:, *box.slices], scale, out)


def slopes(levels: Planes, luma: NDArray[np.float32]) -> Planes:
    """How each colour follows luma around each pixel.

    Parameters
    ----------
    levels : numpy.ndarray of float32, shape (3, H, W)
        Red, green and blue, 0 to 255.
    luma : numpy.ndarray of float32, shape (H, W)
        Their luma.

    Returns
    -------
    numpy.ndarray of float32, shape (3, H, W)
        Slopes, whose luma is 1.
    """
    kernels = compiled(KERNELS)
    if kernels:
        result: Planes = np.empty(levels.shape, np.float32)
        kernels.follow_luma(levels, luma, np.float32(FLAT), np.array(LUMA, np.float32), result)
        return result
    mean = neighbour_mean(luma)
    variance: Any = neighbour_mean(luma * luma) - mean * mean + np.float32(FLAT)
    found: Planes = np.stack(
        [
            neighbour_mean((neighbour_mean(each * luma) - neighbour_mean(each) * mean) / variance)
            for each in levels
        ]
    )
    result = found + (np.float32(1) - _luma(found))
    return result


class _Colours(NamedTuple):
    """Planes of three colours and their slopes, padded, and how they are enlarged."""

    levels: Planes
    slopes: Planes
    taps: Weights

    @classmethod
    def of(cls, levels: Planes, luma: NDArray[np.float32], scale: int) -> Self:
        """Pad as bicubic interpolation does."""
        beside = ((0, 0), (BICUBIC_RADIUS, BICUBIC_RADIUS), (BICUBIC_RADIUS, BICUBIC_RADIUS))
        padded = np.pad(levels, beside, "symmetric")
        return cls(padded, np.pad(slopes(levels, luma), beside, "symmetric"), _taps(scale))

    def join(self, luma: NDArray[np.float32], first: int, out: Planes) -> None:
        """Write three colours of some rows of luma, of which ``first`` is the number."""
        kernels = compiled(KERNELS)
        join = kernels.join_rows if kernels else _join_rows
        join(np.ascontiguousarray(luma), self.levels, self.slopes, self.taps, first, out)


def _put(
    colours: _Colours, part: tuple[slice, slice], write: WritePixels, first: int, rows: Planes
) -> None:
    """Write what ``part`` of the result has of some rows of luma, from ``first`` on, in colour."""
    wanted, columns = part
    top, bottom = max(first, wanted.start), min(first + rows.shape[1], wanted.stop)
    together = max(1, TOGETHER // rows.shape[2])
    with lent(3 * together * rows.shape[2]) as memory:
        for start in range(top, bottom, together):
            luma = rows[0, start - first : min(start + together, bottom) - first]
            made = memory[: 3 * luma.size].reshape(3, *luma.shape)
            colours.join(luma, start, made)
            write(made, (slice(0, len(luma)), columns), start - wanted.start)


def _join_rows(
    luma: NDArray[np.float32], levels: Planes, rates: Planes, taps: Weights, first: int, out: Planes
) -> None:
    """Do what the kernel does, where numba is missing."""
    scale, columns = len(taps.cubic), levels.shape[2] - 2 * BICUBIC_RADIUS
    rows, phases = np.divmod(first + np.arange(len(luma)), scale)
    cubics, linears = (each[phases].T[:, :, None] for each in (taps.cubic, taps.linear))
    down = _weighted([levels[:, rows + tap] for tap in range(5)], cubics)
    rates_down = _weighted([rates[:, rows + tap] for tap in (1, 2, 3)], linears)
    for phase in range(scale):
        cubic, linear = taps.cubic[phase], taps.linear[phase]
        plain = _weighted([down[..., tap : tap + columns] for tap in range(5)], cubic)
        rate = _weighted([rates_down[..., tap : tap + columns] for tap in (1, 2, 3)], linear)
        detail = luma[:, phase::scale] - _luma(plain, taps.luma)
        out[..., phase::scale] = np.clip(plain + rate * detail, np.float32(0), np.float32(255))


def _weighted(parts: Sequence[Planes], weights: Any) -> Planes:
    """Sum in the order of the parts."""
    total: Planes = weights[0] * parts[0]
    for weight, part in zip(weights[1:], parts[1:], strict=True):
        total = total + weight * part
    return total


def _luma(planes: Planes, weights: Any = None) -> NDArray[np.float32]:
    red, green, blue = np.array(LUMA, np.float32) if weights is None else weights
    result: NDArray[np.float32] = red * planes[0] + green * planes[1] + blue * planes[2]
    return result


@lru_cache
def _taps(scale: int) -> Weights:
    offset = (np.arange(scale) + 0.5) / scale - 0.5
    linear = np.stack([np.maximum(-offset, 0), 1 - np.abs(offset), np.maximum(offset, 0)], 1)
    return Weights(lines(scale), linear.astype(np.float32), np.array(LUMA, np.float32))


def check_colour(colour: str) -> None:
    """Refuse what is no way to enlarge colours, with a ValueError."""
    if colour not in get_args(Colour):
        raise ValueError(f"colour: found {colour!r}, expected auto, luma or channels")


def through_luma(array: Any, axes: Axes, model: LutModel, colour: Colour) -> bool:
    """Whether colours are enlarged through luma.

    Parameters
    ----------
    array : array_like
        The image; of a lazy one a sample is computed for "auto".
    axes : Axes
        What its axes are.
    model : LutModel
        What enlarges it.
    colour : {"auto", "luma", "channels"}
        What is asked for. "auto" takes luma for 8-bit RGB whose colours have their detail in
        common, as photographs have, and that is no stained slide.

    Raises
    ------
    ValueError
        If it is none of these. If luma is asked for of what has no colours, or of a model that
        knows of noise, which is that of each channel.
    """
    check_colour(colour)
    if colour == "luma" and not axes.rgb:
        raise ValueError("colour: found 'luma', expected an RGB image; leave it out for others")
    if colour == "luma" and model.noisy:
        raise ValueError(
            f"colour: found 'luma', but {model.name} knows the noise of each channel; leave it out "
            "or take a model for photographs such as natural-x4"
        )
    if colour != "auto":
        return colour == "luma"
    return model.scale > 1 and not model.noisy and is_photograph(array, axes)


def is_photograph(array: Any, axes: Axes) -> bool:
    """Whether an image is 8-bit RGB with detail in common, as seen in a small sample."""
    return axes.rgb and np.dtype(array.dtype) == np.uint8 and has_common_detail(array, axes)
