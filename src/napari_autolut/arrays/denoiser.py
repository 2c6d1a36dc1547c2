"""Denoising of one plane: stabilise, table, unbiased inverse.

Belongs here: what happens to the finite intensities of a plane or of a tile with its halo. Which
table it is, is ``denoiser_choice.py``; axes, dtypes and holes are ``denoising/task.py``.

Tables know white noise of one deviation, to which the noise is scaled. A table sees a few pixels
around each; wider waves of noise are taken away at half the size, where white noise has half the
deviation: the stronger it is, the more that answer counts. Correlated noise is weak between
neighbours and strong in wide waves, so it is taken away at four sizes, at each as much as it has
there. What is finer than the correlation stays: averaging over squares lost up to 10 dB of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import (
    SMOOTH_RADIUS,
    averaged,
    doubled,
    neighbour_mean,
    smooth,
)
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.noise.darkest import Padding
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.stabilisation import invert, stabilise
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

TILE_STEP = 2
"""Side in pixels of the largest squares where noise is white."""

MEAN_HALO = SMOOTH_RADIUS + TILE_STEP * BICUBIC_RADIUS
"""Pixels on each side that the mean which a result is to have depends on."""

FADE = 16.0
"""Deviations of the noise over which the answer for brighter parts takes the place of the one for
darker parts."""


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


@lru_cache(maxsize=8)
def for_noisy_images(model: LutModel) -> LutModel:
    """The model without a noise floor: nine pixels without a photon are chance, and no flat ground.

    Images of one photon a pixel lose up to 3 dB with it.
    """
    return replace(model, noise_floor=0.0) if model.noise_floor else model


class Size(NamedTuple):
    """What is done at one size.

    Parameters
    ----------
    table : WhiteNoiseTable
        One whose levels hold the image there.
    deviation : float
        Deviation of the noise that is taken away there, 1 for white noise at full size.
    lowest : float
        Stabilised intensity that becomes level 0 there.
    share : float, default 1.0
        How much the answer counts beside that of the size above it, from 0 to 1.
    brighter : tuple of float, default ()
        The same where levels do not hold the image: what becomes level 0 in brighter parts of it.
    """

    table: WhiteNoiseTable
    deviation: float
    lowest: float
    share: float = 1.0
    brighter: tuple[float, ...] = ()

    @property
    def factor(self) -> float:
        """Levels of a stabilised intensity."""
        return self.table.sigma / self.deviation

    def moved(self, lowest: float) -> Size:
        """The same for stabilised intensities that are counted from ``lowest``."""
        brighter = tuple(each - lowest for each in self.brighter)
        return self._replace(lowest=self.lowest - lowest, brighter=brighter)


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
    """

    noise: NoiseModel
    sizes: tuple[Size, ...]
    limits: Range
    padding: Padding | None = None

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
        """Side in pixels of the largest squares that are averaged, by which tiles are placed."""
        return max(TILE_STEP, 1 << (len(self.sizes) - 1))

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on, a multiple of :attr:`step`."""
        needed = _halo([size.table.model for size in self.sizes]) + MEAN_HALO
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
        result += smooth((intensities - result).astype(np.float32), TILE_STEP)
        return self.padding.put_back(pixels, result) if self.padding else result

    def cleaned(self, stabilised: NDArray[np.float64], engine: PlaneEngine) -> NDArray[np.float64]:
        """Stabilised intensities without noise."""
        lowest = self.sizes[0].lowest
        values = (stabilised - lowest).astype(np.float32)
        sizes = [size.moved(lowest) for size in self.sizes]
        clean = _cleaned(values, sizes, engine).astype(np.float64)
        clean += lowest
        return clean


def widest_denoiser_halo(models: Iterable[LutModel], sizes: int) -> int:
    """Pixels on each side that a result depends on at most, with any models at so many sizes."""
    every = list(models)
    widest = max(_halo([one, *[other] * (sizes - 1)]) for one in every for other in every)
    step = 1 << (sizes - 1)
    return -(-(widest + MEAN_HALO) // step) * step


def _halo(models: Sequence[LutModel]) -> int:
    """Pixels around one that tables look at, at full size, half the size and so on."""
    first, *smaller = models
    if not smaller:
        return first.halo
    return max(first.halo + 1, 2 * (_halo(smaller) + BICUBIC_RADIUS))


def _cleaned(
    values: NDArray[np.float32], sizes: Sequence[Size], engine: PlaneEngine
) -> NDArray[np.float32]:
    """Stabilised values without noise, a few hundred from 0: they need half of the digits."""
    first, *smaller = sizes
    clean = _looked_up(values, first, engine)
    if smaller:
        missing = _cleaned(averaged(values, 2), smaller, engine)
        missing -= averaged(clean, 2)
        missing *= smaller[0].share
        clean += doubled(missing)[: clean.shape[0], : clean.shape[1]]
    return clean


def _looked_up(values: NDArray[np.float32], size: Size, engine: PlaneEngine) -> NDArray[np.float32]:
    """Values without the noise of one size."""
    clean = _of_levels(values, size, size.lowest, engine)
    if not size.brighter:
        return clean
    around = neighbour_mean(values)
    darker = size.lowest
    for lowest in size.brighter:
        middle = (darker + lowest + 255 / size.factor) / 2
        share = (around - np.float32(middle)) / np.float32(FADE * size.deviation)
        share = np.clip(share + np.float32(0.5), 0.0, 1.0)
        if share.any():
            clean += share * (_of_levels(values, size, lowest, engine) - clean)
        darker = lowest
    return clean


def _of_levels(
    values: NDArray[np.float32], size: Size, lowest: float, engine: PlaneEngine
) -> NDArray[np.float32]:
    """Values without noise, from ``lowest`` on as far as levels reach; those beyond are carried."""
    beyond = values - np.float32(lowest)
    beyond *= size.factor
    levels = np.clip(beyond, 0.0, 255.0)
    beyond -= levels
    clean: NDArray[np.float32] = engine(size.table.model, levels)
    clean += beyond
    clean *= 1 / size.factor
    clean += lowest
    return clean
