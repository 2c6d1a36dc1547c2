"""Denoising of one plane: stabilise, tables, unbiased inverse.

Belongs here: what happens to the finite intensities of a plane or of a tile with its halo. What
tables do at several sizes is ``sizes.py``, which ones they are ``choice.py``. Axes, dtypes and
holes are ``denoising/task.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.denoiser.sizes import (
    Size,
    WhiteNoiseTable,
    cleaned,
    tables_halo,
)
from napari_autolut.arrays.denoiser.wiener import SIDE, refined
from napari_autolut.arrays.smoothing import SMOOTH_RADIUS, smooth
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.noise import NoiseModel, invert, stabilise
from napari_autolut.noise.darkest import Padding
from napari_autolut.util.boxes import next_multiple
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

MEAN_SQUARE = 2
"""Side in pixels of the squares whose means tell the mean that a result is to have."""

MEAN_HALO = SMOOTH_RADIUS + MEAN_SQUARE * BICUBIC_RADIUS
"""Pixels on each side that the mean which a result is to have depends on."""

MAX_GIVEN = 0.1
"""Part by which pixels become brighter at most for black ones around that are rounded off."""


@dataclass(frozen=True, eq=False)
class Denoiser:
    """What is done to planes, settled before the first one.

    Parameters
    ----------
    noise : NoiseModel
        The noise to take away.
    sizes : tuple of Size
        What takes it away at full size, at half the size and so on.
    limits : Range
        Intensities that stand for infinite ones beside finite pixels.
    padding : Padding, optional
        The black around the image, which stays.
    minimum : float, optional
        What no result is below, for types that hold nothing less.
    refined : bool, default False
        Whether structure comes back that tables took for noise, which has to be white.
    """

    noise: NoiseModel
    sizes: tuple[Size, ...]
    limits: Range
    padding: Padding | None = None
    minimum: float = -np.inf
    refined: bool = False

    @property
    def table(self) -> WhiteNoiseTable:
        """The table at full size."""
        return self.sizes[0].table

    @property
    def models(self) -> tuple[LutModel, ...]:
        """Every model that is used."""
        return tuple(dict.fromkeys(size.table.model for size in self.sizes))

    @property
    def step(self) -> int:
        """Rows and columns of which a tile must begin at a multiple.

        Squares are averaged, and tables sum some in squares, at each size.
        """
        own = SIDE if self.refined else MEAN_SQUARE
        return max(own, *(size.table.model.step << n for n, size in enumerate(self.sizes)))

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on, a multiple of :attr:`step`."""
        means = MEAN_HALO if np.isinf(self.minimum) else 2 * MEAN_HALO
        needed = tables_halo([size.table.model for size in self.sizes]) + means
        if self.refined:
            needed += SIDE
        return next_multiple(needed, self.step)

    def levels(self, plane: NDArray[np.float64], engine: PlaneEngine) -> NDArray[np.float64]:
        """A plane without its noise in the levels of the table, where noise has its deviation.

        Parameters
        ----------
        plane : ndarray of float64, shape (H, W)
            Finite intensities.
        engine : PlaneEngine
            What runs the table.

        Returns
        -------
        ndarray of float64, shape (H, W)
            Levels of 255, some of them beyond.
        """
        full = self.sizes[0]
        intensities = self.seen(np.asarray(plane, np.float64))
        clean = self.cleaned(stabilise(intensities, self.noise), engine)
        return (clean - full.lowest) * full.factor

    def __call__(self, plane: NDArray[Any], engine: PlaneEngine) -> NDArray[np.float64]:
        """Denoise a plane of finite intensities.

        Parameters
        ----------
        plane : ndarray, shape (H, W)
            Intensities, or a tile of them whose first row and column are multiples of
            :attr:`step`.
        engine : PlaneEngine
            What runs the table.

        Returns
        -------
        ndarray of float64, shape (H, W)
            Expected intensities.
        """
        pixels = np.asarray(plane, np.float64)
        intensities = self.seen(pixels)
        clean = self.cleaned(stabilise(intensities, self.noise), engine)
        return self.expected(clean, intensities, pixels)

    def seen(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a detector saw, and its darkest intensity where it saw nothing."""
        return self.padding.filled(pixels) if self.padding else pixels

    def expected(
        self,
        clean: NDArray[np.float64],
        intensities: NDArray[np.float64],
        pixels: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Expected intensities from stabilised ones without noise.

        Parameters
        ----------
        clean, intensities, pixels : ndarray of float64, shape (H, W)
            The stabilised ones; what :meth:`seen` gave; and the plane itself.
        """
        result = invert(clean, self.noise)
        # Tables are not exactly without bias; over many pixels the noisy mean is.
        result += smooth((intensities - result).astype(np.float32), MEAN_SQUARE)
        if np.isfinite(self.minimum):
            result = not_below(result, self.minimum)
        return self.padding.put_back(pixels, result) if self.padding else result

    def cleaned(self, stabilised: NDArray[np.float64], engine: PlaneEngine) -> NDArray[np.float64]:
        """Stabilised intensities without noise."""
        lowest = self.sizes[0].lowest
        values = (stabilised - lowest).astype(np.float32)
        sizes = [size.moved(lowest) for size in self.sizes]
        clean = cleaned(values, sizes, engine)
        if self.refined:
            clean = refined(values, clean)
        result = clean.astype(np.float64)
        result += lowest
        return result


def not_below(plane: NDArray[np.float64], minimum: float) -> NDArray[np.float64]:
    """A plane that is rounded to no less than a smallest whole number, and keeps its mean.

    Cut off and rounded alone, black ground would become brighter or darker. What it gains or loses
    is taken from brighter pixels around, or given to them, in proportion.

    Parameters
    ----------
    plane : ndarray of float64, shape (H, W)
        Expected intensities.
    minimum : float
        The smallest whole number.

    Returns
    -------
    ndarray of float64, shape (H, W)
        The same bits as the plane where none around are rounded to that number.
    """
    above = plane - minimum
    black = above < 0.5
    if not above[black].any():
        return plane
    gained = np.where(black, -above, 0.0)
    above[black] = 0.0
    around = smooth(above.astype(np.float32), MEAN_SQUARE)
    share = np.divide(gained, around, out=np.zeros_like(gained), where=around > 0)
    share = smooth(share.astype(np.float32), MEAN_SQUARE)
    above *= np.clip(share, -MAX_GIVEN, 1.0)
    kept: NDArray[np.float64] = np.maximum(plane, minimum) - above
    return kept
