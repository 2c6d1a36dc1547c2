"""Denoising of one plane: stabilise, table, unbiased inverse.

Belongs here: what happens to the finite intensities of a plane or of a tile with its halo. Axes,
dtypes and holes are ``task.py``, which table it is ``settling.py``.

Tables know white noise of one deviation. White noise is scaled to it; correlated noise is first
averaged over squares of 2 or 4 pixels, between which it is nearly white, and the result enlarged:
what is finer than the correlation is noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import BICUBIC_RADIUS, Range, averaged, resize, smooth
from napari_autolut.arrays.bicubic import SMOOTH_RADIUS
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.stabilisation import invert, stabilise

WHITE = 0.2
"""Correlation of neighbouring squares up to which their noise is white enough for a table."""


@dataclass(frozen=True, eq=False)
class Denoiser:
    """What is done to planes, settled before the first one.

    Parameters
    ----------
    noise : NoiseModel
        The noise to take away.
    table : LutModel
        A model of scale 1 for white noise.
    sigma : float
        Standard deviation of that noise, in levels of 255.
    lowest : float
        Stabilised intensity that becomes level 0.
    limits : Range
        Intensities that stand for infinite ones beside finite pixels.
    """

    noise: NoiseModel
    table: LutModel
    sigma: float
    lowest: float
    limits: Range

    @property
    def square(self) -> int:
        """Side in pixels of the squares that are averaged; 1 for white noise."""
        return averaging(self.noise)[0]

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on, a multiple of :attr:`square`."""
        square = self.square
        of_table = (self.table.halo + (BICUBIC_RADIUS if square > 1 else 0)) * square
        needed = of_table + SMOOTH_RADIUS
        return -(-needed // square) * square

    @property
    def _scale(self) -> float:
        """Levels of 255 for a stabilised unit."""
        return self.sigma / averaging(self.noise)[1]

    def levels(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the table sees of a plane: its noise is white there, of deviation ``sigma``.

        Parameters
        ----------
        plane : ndarray of float64, shape (H, W)
            Intensities.

        Returns
        -------
        ndarray of float64, shape (H, W) or that over :attr:`square`
            Levels of 255, some of them beyond.
        """
        stabilised = stabilise(plane, self.noise)
        if self.square > 1:
            stabilised = averaged(stabilised, self.square)
        return (stabilised - self.lowest) * self._scale

    def __call__(self, plane: NDArray[Any], engine: PlaneEngine) -> NDArray[np.float64]:
        """Denoise a plane of finite intensities.

        Parameters
        ----------
        plane : ndarray, shape (H, W)
            Intensities, or a tile of them whose first row and column are multiples of
            :attr:`square`.
        engine : PlaneEngine
            What runs the table.

        Returns
        -------
        ndarray of float64, shape (H, W)
            Expected intensities.
        """
        values = np.asarray(plane, np.float64)
        square, levels = self.square, self.levels(values)
        inside = np.clip(levels, 0.0, 255.0)
        clean = engine(self.table, inside.astype(np.float32)) + (levels - inside)
        clean = clean / self._scale + self.lowest
        if square > 1:
            clean = resize(clean, square)[: values.shape[0], : values.shape[1]]
        result = invert(clean, self.noise)
        # Tables are not exactly without bias; over many pixels the noisy mean is.
        result += smooth(values - result)
        return result


def averaging(noise: NoiseModel) -> tuple[int, float]:
    """Side of the squares whose means have nearly white noise, and its deviation there.

    The correlation is taken to be the product of that along rows and along columns.
    """
    if not noise.is_correlated:
        return 1, 1.0
    lags = np.zeros(16)
    lags[: len(noise.correlation) + 1] = [1.0, *noise.correlation]
    for square in (2, 4):
        places = np.arange(square)
        distances = np.abs(places[:, None] - places)
        within = lags[distances].sum() / square**2
        between = lags[np.abs(places[:, None] - places + square)].sum() / square**2
        if between < WHITE * within:
            break
    return square, float(within)
