"""Tables at several sizes: stabilised planes without their noise.

Belongs here: what a table takes away at one size, and what the answer of half the size adds to it.
From intensities to stabilised values and back is ``plane.py``.

Tables know white noise of one deviation, to which the noise is scaled. A table sees a few pixels
around each. Wider waves of noise are taken away at half the size and a quarter, where white noise
has half the deviation and a quarter. Squares of half the size begin at even and at odd pixels, and
the mean of both answers counts: each loses detail where its squares lie across edges. Light tables
do with half the size and even pixels, and with one share for the whole image. Correlated noise is
weak between neighbours and strong in wide waves. So it is taken away at four sizes, at each as much
as it has there. What is finer than the correlation stays: averaging over squares lost up to 10 dB
of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import enlarged
from napari_autolut.arrays.smoothing import averaged, neighbour_mean
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

DOUBLED_HALO = 2 * (1 + BICUBIC_RADIUS)
"""Pixels on each side that what half the size adds depends on, beside those that its tables see."""

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
    left : float, optional
        Deviation of the noise that the size above leaves, as far as it is seen there; what is more
        than that noise stays.
    share : float, default 1.0
        Without ``left``, how much the answer counts beside that of the size above it, from 0 to 1.
    brighter : tuple of float, default ()
        The same where levels do not hold the image: what becomes level 0 in brighter parts of it.
    offsets : tuple of int, default (0,)
        Rows and columns of the size above at which squares of 2 x 2 begin; the mean of their
        answers counts.
    """

    table: WhiteNoiseTable
    deviation: float
    lowest: float
    left: float | None = None
    share: float = 1.0
    brighter: tuple[float, ...] = ()
    offsets: tuple[int, ...] = (0,)

    @property
    def factor(self) -> float:
        """Levels of a stabilised intensity."""
        return self.table.sigma / self.deviation

    def moved(self, lowest: float) -> Size:
        """The same for stabilised intensities that are counted from ``lowest``."""
        brighter = tuple(each - lowest for each in self.brighter)
        return self._replace(lowest=self.lowest - lowest, brighter=brighter)


def tables_halo(models: Sequence[LutModel]) -> int:
    """Pixels around one that tables look at, at full size, half the size and so on."""
    first, *smaller = models
    if not smaller:
        return first.halo
    return max(first.halo, 2 * tables_halo(smaller)) + DOUBLED_HALO


def cleaned(
    values: NDArray[np.float32], sizes: Sequence[Size], engine: PlaneEngine
) -> NDArray[np.float32]:
    """Stabilised values without noise, a few hundred from 0: they need half of the digits."""
    first, *smaller = sizes
    clean = _looked_up(values, first, engine)
    if not smaller:
        return clean
    offsets = [each for each in smaller[0].offsets if each < min(clean.shape)]
    added = np.zeros_like(clean)
    for offset in offsets:
        noisy, found = (averaged(plane[offset:, offset:], 2) for plane in (values, clean))
        missing = cleaned(noisy, smaller, engine)
        missing -= found
        missing *= _counting(missing, smaller[0])
        added += _placed(enlarged(missing, 2), offset, clean.shape)
    added /= len(offsets)
    clean += added
    return clean


def _placed(plane: NDArray[np.float32], offset: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A plane that begins later, with its first row and column repeated where it is not."""
    rows, columns = (slice(0, side - offset) for side in shape)
    part = plane[rows, columns]
    return np.pad(part, ((offset, 0), (offset, 0)), mode="edge") if offset else part


def _counting(missing: NDArray[np.float32], size: Size) -> NDArray[np.float32] | np.float32:
    """How much counts of what a size would take away beside the size above it, from 0 to 1.

    What is more than noise of the deviation that is left is detail which the smaller size has lost.
    """
    if size.left is None:
        return np.float32(size.share)
    variance = np.float32(size.left * size.left)
    shares: NDArray[np.float32] = variance / (neighbour_mean(missing * missing) + variance)
    return shares


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
