"""Denoising of one plane: stabilise, table, unbiased inverse.

Belongs here: what happens to the finite intensities of a plane or of a tile with its halo. Which
table it is, is ``denoiser_choice.py``; axes, dtypes and holes are ``denoising/task.py``.

Tables know white noise of one deviation. White noise is scaled to it; correlated noise is first
averaged over squares of 2 or 4 pixels, between which it is nearly white, and the result enlarged:
what is finer than the correlation is noise.

A table sees a few pixels around each. Wider waves of noise are taken away at half the size, where
noise has half the deviation; the stronger it is, the more that answer counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import SMOOTH_RADIUS, averaged, resize, smooth
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.stabilisation import invert, stabilise
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

WHITE = 0.2
"""Correlation of neighbouring squares up to which their noise is white enough for a table."""


TILE_STEP = 2
"""Side in pixels of the largest squares where noise is white."""


class WhiteNoiseTable(NamedTuple):
    """A model for white noise.

    Parameters
    ----------
    model : LutModel
        A model of scale 1.
    sigma : float
        Standard deviation of the noise, in levels of 255.
    strength : float, default 1.0
        Times the noise that is found in an image, what is to be taken away.
    """

    model: LutModel
    sigma: float
    strength: float = 1.0


class HalfSize(NamedTuple):
    """What is done at half the size.

    Parameters
    ----------
    table : WhiteNoiseTable
        One whose levels hold the image there.
    share : float
        How much its answer counts, from 0 to 1.
    """

    table: WhiteNoiseTable
    share: float


@dataclass(frozen=True, eq=False)
class Denoiser:
    """What is done to planes, settled before the first one.

    Parameters
    ----------
    noise : NoiseModel
        The noise to take away.
    table : WhiteNoiseTable
        What takes it away.
    lowest : float
        Stabilised intensity that becomes level 0.
    limits : Range
        Intensities that stand for infinite ones beside finite pixels.
    half : HalfSize, optional
        What is done at half the size, too.
    """

    noise: NoiseModel
    table: WhiteNoiseTable
    lowest: float
    limits: Range
    half: HalfSize | None = None

    @property
    def models(self) -> tuple[LutModel, ...]:
        """Every model that is used."""
        both = (self.table, self.half.table) if self.half else (self.table,)
        return tuple(dict.fromkeys(each.model for each in both))

    @property
    def square(self) -> int:
        """Side in pixels of the squares that are averaged; 1 for white noise."""
        return averaging(self.noise)[0]

    @property
    def step(self) -> int:
        """Side in pixels of the largest squares, by which tiles are placed."""
        return self.square * (TILE_STEP if self.half else 1)

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on, a multiple of :attr:`step`."""
        of_table = _halo(self.table.model, self.half.table.model if self.half else None)
        enlarged = BICUBIC_RADIUS if self.square > 1 else 0
        needed = (of_table + enlarged) * self.square + SMOOTH_RADIUS
        return -(-needed // self.step) * self.step

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
        ndarray of float64, shape (H, W) or that over :attr:`square`
            Levels of 255, some of them beyond.
        """
        return self._clean(self._values(plane), engine) * self.table.sigma

    def _values(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """Stabilised intensities from the lowest on, whose noise is white and of deviation 1."""
        square, deviation = averaging(self.noise)
        stabilised = stabilise(plane, self.noise)
        if square > 1:
            stabilised = averaged(stabilised, square)
        return (stabilised - self.lowest) / deviation

    def _clean(self, values: NDArray[np.float64], engine: PlaneEngine) -> NDArray[np.float64]:
        """Values without noise."""
        clean = _looked_up(values, self.table, engine)
        if self.half:
            # Means of four have half the deviation; twice their values have that of one again.
            coarse = _looked_up(2 * averaged(values, 2), self.half.table, engine) / 2
            missing = resize(coarse - averaged(clean, 2), 2)
            clean += self.half.share * missing[: clean.shape[0], : clean.shape[1]]
        return clean

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
        intensities = np.asarray(plane, np.float64)
        square, deviation = averaging(self.noise)
        clean = self._clean(self._values(intensities), engine)
        clean = clean * deviation + self.lowest
        if square > 1:
            clean = resize(clean, square)[: intensities.shape[0], : intensities.shape[1]]
        result = invert(clean, self.noise)
        # Tables are not exactly without bias; over many pixels the noisy mean is.
        result += smooth(intensities - result)
        return result


def white_halo(models: Iterable[LutModel]) -> int:
    """Pixels on each side that a result depends on at most, where noise is white."""
    every = list(models)
    widest = max(_halo(one, other) for one in every for other in every) + SMOOTH_RADIUS
    return -(-widest // TILE_STEP) * TILE_STEP


def _halo(full: LutModel, half: LutModel | None) -> int:
    """Squares around one that tables at full and at half size look at."""
    return max(full.halo + 1, 2 * (half.halo + BICUBIC_RADIUS)) if half else full.halo


def _looked_up(
    values: NDArray[np.float64], table: WhiteNoiseTable, engine: PlaneEngine
) -> NDArray[np.float64]:
    """Values without noise; it has a deviation of 1, and level 0 is at 0."""
    levels = values * table.sigma
    inside = np.clip(levels, 0.0, 255.0)
    clean = np.asarray(engine(table.model, inside.astype(np.float32)), np.float64)
    clean += levels - inside
    clean /= table.sigma
    return clean


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
