"""How LR images lie on the HR images that they belong to, and HR images moved below them.

Belongs here: measuring it, and what is done about it. Which images belong together is ``pairs.py``.

Crops are flipped and transposed, so that a table cannot learn a shift. Where LR lies a part of a
pixel beside HR it learns the mean of eight shifts, a blur. A quarter of a pixel cost 2.5 dB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.ndimage import shift as shifted
from scipy.signal.windows import hann
from skimage.registration import phase_cross_correlation

from autolut_training.data.parts import Pair
from napari_autolut.training.degradation import as_dtype
from napari_autolut.training.images import TrainingDataError

MAX_SHIFT = 0.5
"""LR pixels that images may lie beside each other, in the middle and at the corners."""

MIN_SHIFT = 0.03
"""LR pixels below which HR images are left as they are: interpolation is not for nothing."""

SIDE = 256
"""LR pixels a side of what is compared of an image."""

SMOOTH, BORDER, ROUNDS = 1.0, 8, 4
"""Blur and border in LR pixels, and rounds, of the comparison."""

SURE = 5.0
"""Times its standard error that a displacement of corners must be."""

SURE_SHIFT = 0.05
"""Standard error in LR pixels of shifts that are taken one by one; of others the median is."""

BETTER = 0.9
"""What a far shift must make of the mean squared difference, or it is none."""

Image = NDArray[np.float64]


class Placement(NamedTuple):
    """How LR lies on HR: LR pixels below and right of it, and their standard error.

    ``difference`` is the mean squared difference there, beside that of unmoved images, ``corner``
    how far the corners lie off besides, where that is sure: by magnification, rotation or shear.
    """

    down: float
    right: float
    error: float
    difference: tuple[float, float]
    corner: float

    def beside(self, down: float, right: float) -> float:
        """Distance to another shift in LR pixels."""
        return math.hypot(self.down - down, self.right - right)


def aligned(pairs: Sequence[Pair], scale: int) -> tuple[list[Pair], dict[str, str], str]:
    """Pairs whose HR images are moved to where LR shows them, why others are not used, and a note.

    Raises
    ------
    TrainingDataError
        If LR images lie more than half an LR pixel beside their HR images.
    """
    places = [placement(pair, scale) for pair in pairs]
    down, right = np.median([place[:2] for place in places], 0).tolist()
    where = _words(down, right)
    if math.hypot(down, right) > MAX_SHIFT:
        raise TrainingDataError(
            f"the small images lie {where} beside their sharp images (median of {len(pairs)}, in "
            f"pixels of the small ones), expected at most {MAX_SHIFT} px; align them first"
        )
    kept, skipped, moved = [], {}, 0
    for pair, place in zip(pairs, places, strict=True):
        far = place.beside(down, right) > MAX_SHIFT
        before, after = place.difference
        if far and after < BETTER * before:
            skipped[pair.name] = (
                f"lies {_words(place.down, place.right)} beside its sharp image, most others "
                f"{where}; align it first"
            )
        elif place.corner > MAX_SHIFT:
            skipped[pair.name] = (
                f"is larger, smaller, rotated or sheared against its sharp image: corners lie "
                f"{place.corner:.1f} px off; register the two first"
            )
        else:
            own = place[:2] if place.error < SURE_SHIFT and not far else (down, right)
            moves = math.hypot(*own) > MIN_SHIFT
            moved += moves
            kept.append(_moved(pair, own, scale) if moves else pair)
    by = f"; {moved} sharp ones were moved to where the small ones show them" if moved else ""
    note = f"The small images lie on their sharp images ({where}, median of {len(pairs)}){by}."
    return kept, skipped, note


def _words(down: float, right: float) -> str:
    x, y = (round(each, 2) + 0.0 for each in (right, down))
    return f"{x:+.2f} px in x and {y:+.2f} px in y"


def _moved(pair: Pair, shift: tuple[float, float], scale: int) -> Pair:
    """A pair whose HR images are moved down and right by LR pixels."""
    by = [scale * each for each in shift]
    planes = [shifted(plane.astype(np.float32), by, order=5, mode="nearest") for plane in pair.hr]
    return replace(pair, hr=as_dtype(np.stack(planes), pair.hr.dtype))


def placement(pair: Pair, scale: int) -> Placement:
    """Measure it in the middle of the middle plane: phase correlation, then least squares.

    Lucas and Kanade (1981): differences of images that lie nearly on each other are their gradients
    times the shift. With noise of 10 levels it is right to a hundredth of a pixel.
    """
    number = len(pair.lr) // 2
    lr = pair.lr[number].astype(np.float64)
    rows, columns = lr.shape
    hr = pair.hr[number].astype(np.float64).reshape(rows, scale, columns, scale).mean((1, 3))
    lr, hr = _middle(lr), _middle(hr)
    start, _, _ = phase_cross_correlation(_faded(lr), _faded(hr))
    lr, hr = gaussian_filter(lr, SMOOTH), gaussian_filter(hr, SMOOTH)
    inner = tuple(slice(border, -border) for border in (min(BORDER, n // 4) for n in lr.shape))
    unmoved = _fit(lr[inner], hr[inner])
    shift = np.asarray(start, np.float64)
    for _ in range(ROUNDS):
        moved = shifted(hr, shift, order=3, mode="nearest")
        fit = _fit(lr[inner], moved[inner], [each[inner] for each in np.gradient(moved)])
        shift = shift - fit.values[:2].clip(-1, 1)
    down, right = shift.tolist()
    return Placement(
        down,
        right,
        float(np.hypot(*fit.errors[:2])),
        (unmoved.difference, fit.difference),
        _corner(lr[inner], moved[inner], [each[inner] for each in np.gradient(moved)], pair),
    )


class _Fit(NamedTuple):
    """Coefficients of least squares, their standard errors, and the mean squared rest."""

    values: Image
    errors: Image
    difference: float


def _fit(lr: Image, hr: Image, slopes: Sequence[Image] = ()) -> _Fit:
    """LR as a sum of slopes, HR and a constant, less HR itself."""
    columns = np.stack([each.ravel() for each in (*slopes, hr, np.ones_like(hr))], 1)
    columns[:, -2] -= columns[:, -2].mean()
    target = (lr - hr).ravel()
    inverse = np.linalg.pinv(columns.T @ columns)
    values = inverse @ (columns.T @ target)
    difference = float(np.mean((target - columns @ values) ** 2))
    # Blurred noise has so many times fewer independent pixels.
    variance = difference * 4 * math.pi * SMOOTH**2
    return _Fit(values, np.sqrt(variance * np.diag(inverse).clip(0)), difference)


def _corner(lr: Image, hr: Image, slopes: Sequence[Image], pair: Pair) -> float:
    """LR pixels by which an image's corners lie off where its middle lies right; 0 if unsure."""
    y, x = (np.linspace(-1, 1, size) for size in hr.shape)
    linear = [slope * along for slope in slopes for along in (y[:, None], x[None])]
    fit = _fit(lr, hr, [*slopes, *linear])
    # From the ends of what is compared to those of the image.
    far = np.tile(
        [whole / part for whole, part in zip(pair.lr.shape[1:], hr.shape, strict=True)], 2
    )
    values, errors = (each[2:6] * far for each in (fit.values, fit.errors))
    off = math.hypot(*np.abs(values).reshape(2, 2).sum(1))
    return off if off > SURE * float(np.linalg.norm(errors)) else 0.0


def _middle(plane: Image) -> Image:
    rows, columns = (min(size, SIDE) for size in plane.shape)
    top, left = (plane.shape[0] - rows) // 2, (plane.shape[1] - columns) // 2
    return plane[top : top + rows, left : left + columns]


def _faded(plane: Image) -> Image:
    """An image faded out at its borders, which would seem to lie on each other."""
    rows, columns = plane.shape
    result: Image = (plane - plane.mean()) * hann(rows)[:, None] * hann(columns)[None]
    return result
