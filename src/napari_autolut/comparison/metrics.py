"""Images measured against each other: on one grid of pixels, as difference images and in figures.

Belongs here: what a difference and a figure of quality are when images of the same place have
different sizes. PSNR and SSIM themselves are ``evaluation/metrics.py``; plain numpy, no napari.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# ``evaluation`` loads all of ``io``: it is imported where it is used, so that docks open at once.
from napari_autolut.arrays import Progress, Range, resize
from napari_autolut.util.boxes import Box, whole

Pixels = NDArray[Any]


@dataclass(frozen=True, eq=False)
class View:
    """One of the images that are compared.

    Parameters
    ----------
    name : str
        What it is called.
    pixels : numpy.ndarray, shape (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4)
        Its values.
    rgb : bool
        The last axis holds colours, of which a fourth one is alpha.
    nearest : bool
        Shown by nearest-neighbour interpolation, its pixels as squares, and measured so; otherwise
        an image that is smaller than what it is compared with is enlarged by bicubic interpolation.
    error : bool
        A map of expected errors, in pixel values: it has colours of its own, and is measured
        against nothing.
    """

    name: str
    pixels: Pixels
    rgb: bool
    nearest: bool = False
    error: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        height, width = self.pixels.shape[-3:-1] if self.rgb else self.pixels.shape[-2:]
        return height, width

    def plane(self, index: Sequence[int]) -> Pixels:
        """(H, W) or (H, W, 3) at an index of the axes before the rows; axes of length 1 repeat."""
        leading = self.pixels.shape[: self.pixels.ndim - (3 if self.rgb else 2)]
        at = tuple(0 if n == 1 else i for i, n in zip(index, leading, strict=True))
        plane: Pixels = self.pixels[at]
        return plane[..., :3] if self.rgb else plane

    def on_grid(self, index: Sequence[int], size: tuple[int, int]) -> Pixels:
        """Give its plane with as many rows and columns as asked for."""
        plane = self.plane(index)
        for axis, wanted in enumerate(size):
            if self.nearest:
                centres = (np.arange(wanted) + 0.5) * plane.shape[axis] / wanted
                plane = np.take(plane, centres.astype(int), axis)
            elif plane.shape[axis] != wanted:
                plane = resize(plane, Fraction(wanted, plane.shape[axis]), (axis,))
        return plane


class Figures(NamedTuple):
    """How close an image is to what it should be; NaN where that cannot be measured.

    PSNR in dB, SSIM, and the mean and the largest difference in pixel values, either way.
    """

    psnr: float
    ssim: float
    mean_error: float
    largest_error: float


class Measured(NamedTuple):
    """Figures of each view for the visible region and for the whole slice, in order."""

    visible: list[Figures]
    whole: list[Figures]


def common_size(views: Sequence[View]) -> tuple[int, int]:
    """Rows and columns of the largest of the images."""
    return max(view.size[0] for view in views), max(view.size[1] for view in views)


def signed_difference(view: View, reference: View, index: Sequence[int]) -> NDArray[np.float32]:
    """View minus reference in pixel values, of colours their luma, on the larger of both grids."""
    size = common_size([view, reference])
    first, second = (_grey(each.on_grid(index, size)) for each in (view, reference))
    return np.asarray(first - second, np.float32)


def difference_steps(
    views: Sequence[View], reference: View, index: Sequence[int]
) -> Generator[Progress, None, list[NDArray[np.float32]]]:
    """Yield after every view; return the difference image of each to the reference."""
    images = []
    for done, view in enumerate(views, 1):
        images.append(signed_difference(view, reference, index))
        yield Progress(done, len(views))
    return images


def largest_difference(images: Sequence[NDArray[np.float32]]) -> float:
    """The largest finite difference of all images, either way; 1 where there is none."""
    largest = 0.0
    for each in images:
        finite = np.abs(each[np.isfinite(each)])
        largest = max(largest, float(finite.max(initial=0)))
    return largest or 1.0


def border_of(source_size: tuple[int, int], truth_size: tuple[int, int]) -> int:
    """Pixels of the ground truth cut on each side: by custom as many as the scale."""
    return math.ceil(max(t / s for t, s in zip(truth_size, source_size, strict=True)))


def measure_steps(
    views: Sequence[View],
    truth: View,
    index: Sequence[int],
    *,
    visible: Box,
    border: int,
    value_range: Range,
    known: Sequence[Figures] | None = None,
) -> Generator[Progress, None, Measured]:
    """Measure views against the ground truth, on its grid.

    Parameters
    ----------
    views : sequence of View
        What is measured; a smaller one is enlarged first, a larger one reduced.
    truth : View
        What they should be.
    index : sequence of int
        The slice.
    visible : Box
        The region of the truth's pixels that is seen.
    border : int
        Pixels at the truth's edges that count in no figure.
    value_range : Range
        The values of black and white.
    known : sequence of Figures, optional
        Figures for the whole slice, where they were measured before.

    Returns
    -------
    Measured
        Figures of each view.

    Yields
    ------
    Progress
        After every view.
    """
    inner = _within_border(truth.size, border)
    seen = _overlap(visible, inner)
    right = truth.plane(index)
    of_visible, of_whole = [], list(known or ())
    for done, view in enumerate(views, 1):
        image = view.on_grid(index, truth.size)
        of_visible.append(_figures(image, right, seen, value_range))
        if known is None:
            of_whole.append(_figures(image, right, inner, value_range))
        yield Progress(done, len(views))
    return Measured(of_visible, of_whole)


def _figures(image: Pixels, truth: Pixels, region: Box, value_range: Range) -> Figures:
    first, second = image[region.slices], truth[region.slices]
    measurable = first.size and np.isfinite(first).all() and np.isfinite(second).all()
    if not measurable:
        return Figures(math.nan, math.nan, math.nan, math.nan)
    from napari_autolut.evaluation.metrics import SSIM_WINDOW, psnr_y, ssim_y

    errors = np.abs(np.subtract(first, second, dtype=np.float64))
    differences = float(errors.mean()), float(errors.max())
    if value_range.is_flat:
        return Figures(math.nan, math.nan, *differences)
    limits = (value_range.lo, value_range.hi)
    large = min(first.shape[:2]) >= SSIM_WINDOW
    return Figures(
        psnr_y(first, second, border=0, value_range=limits),
        ssim_y(first, second, border=0, value_range=limits) if large else math.nan,
        *differences,
    )


def _grey(plane: Pixels) -> NDArray[np.float64]:
    from napari_autolut.evaluation.metrics import BT601

    values = plane.astype(np.float64)
    return values if values.ndim == 2 else np.asarray(values @ (np.array(BT601) / sum(BT601)))


def _within_border(size: tuple[int, int], border: int) -> Box:
    box = whole(size)
    return Box(box.top + border, box.bottom - border, box.left + border, box.right - border)


def _overlap(first: Box, second: Box) -> Box:
    """What two boxes share; without pixels where they share nothing."""
    top, left = max(first.top, second.top), max(first.left, second.left)
    bottom, right = min(first.bottom, second.bottom), min(first.right, second.right)
    return Box(top, max(top, bottom), left, max(left, right))
