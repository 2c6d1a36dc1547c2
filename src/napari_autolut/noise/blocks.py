"""Blocks of an image and the energies of their cosine transforms: what noise is read from.

Belongs here: cutting planes into blocks, leaving out those that say nothing of noise, and the bands
of frequencies. The line through them is ``estimation.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 8
"""Rows and columns of a block."""

STRIDE = 4
"""Distance of blocks in pixels: they overlap by half."""

_ROW, _COLUMN = np.mgrid[:SIDE, :SIDE]
RADIUS = np.hypot(_ROW, _COLUMN)
"""Frequency of each coefficient, in half periods a block."""

LOW = (RADIUS > 0) & (RADIUS < 3)
"""Frequencies in which structure shows most."""

MIDDLE = (RADIUS >= 3) & (RADIUS < 6)
HIGH = (_ROW + _COLUMN) >= SIDE
"""Frequencies in which structure shows least."""

SATURATED_SHARE, CLIPPED_SHARE = 1e-4, 0.02
"""Fraction of pixels at the highest and the lowest intensity from which they count as clipped."""

MAX_CLIPPED = 0.6
"""Part of a block at the lowest intensity from which it counts as clipped; photons may be none."""

MAX_BLOCKS = 2**17
"""Blocks that are looked at; of larger images some are left out, evenly."""


class Blocks(NamedTuple):
    """Statistics of B blocks.

    Parameters
    ----------
    means : ndarray, shape (B,)
        Mean intensities.
    energies : ndarray, shape (B, 8, 8)
        Squared coefficients of the orthonormal cosine transform, the mean left out: 1 each for
        white noise of variance 1.
    """

    means: NDArray[np.float64]
    energies: NDArray[np.float64]


def blocks_of(planes: Iterable[NDArray[Any]], *, clipped: bool = False) -> Blocks:
    """Blocks of planes, without those that are saturated, constant or not finite.

    Parameters
    ----------
    planes : iterable of ndarray, shape (H, W)
        Planes of one channel with the same noise.
    clipped : bool, default False
        Whether blocks count that have pixels of the lowest and the highest intensity.

    Returns
    -------
    Blocks
        Of all planes; none where planes are smaller than a block.
    """
    return joined(_blocks(np.asarray(plane, np.float64), clipped) for plane in planes)


def _blocks(plane: NDArray[np.float64], clipped: bool) -> Blocks:
    pixels = _cut(plane)[_usable(plane, clipped)]
    means = pixels.mean((1, 2))
    return Blocks(means, energies_of(pixels - means[:, None, None]))


def energies_of(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared cosine coefficients of (B, 8, 8) blocks."""
    from scipy.fft import dctn  # takes its time to import, and a dock would wait for it

    squared: NDArray[np.float64] = dctn(pixels, axes=(1, 2), norm="ortho") ** 2
    return squared


def band(energies: NDArray[np.float64], frequencies: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean energy of each block in a band of frequencies."""
    means: NDArray[np.float64] = energies[:, frequencies].mean(1)
    return means


def difference_blocks(one: NDArray[Any], other: NDArray[Any]) -> Blocks:
    """Blocks of the difference of two planes of one static scene, and the means of both.

    Parameters
    ----------
    one, other : ndarray, shape (H, W)
        The same scene, with noise that is not.

    Returns
    -------
    Blocks
        Energies of the difference divided by the root of 2, so that they are those of one plane.
    """
    first, second = (np.asarray(plane, np.float64) for plane in (one, other))
    use = _usable(first) & _usable(second)
    pixels, others = _cut(first)[use], _cut(second)[use]
    difference = (pixels - others) / np.sqrt(2.0)
    difference -= difference.mean((1, 2), keepdims=True)
    return Blocks((pixels + others).mean((1, 2)) / 2.0, energies_of(difference))


def joined(parts: Iterable[Blocks]) -> Blocks:
    """Blocks of several planes, some left out evenly where they are too many."""
    found = [part for part in parts if len(part.means)]
    if not found:
        return Blocks(np.zeros(0), np.zeros((0, SIDE, SIDE)))
    means = np.concatenate([part.means for part in found])
    energies = np.concatenate([part.energies for part in found])
    step = -(-len(means) // MAX_BLOCKS)
    return Blocks(means[::step], energies[::step])


def _cut(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, 8, 8) overlapping blocks of a plane; none of one that is smaller."""
    if min(plane.shape) < SIDE:
        return np.zeros((0, SIDE, SIDE))
    windows = np.lib.stride_tricks.sliding_window_view(plane, (SIDE, SIDE))
    blocks: NDArray[np.float64] = windows[::STRIDE, ::STRIDE].reshape(-1, SIDE, SIDE)
    return blocks


def _usable(plane: NDArray[np.float64], clipped: bool = False) -> NDArray[np.bool_]:
    """Which blocks of a plane tell of its noise."""
    pixels, finite = _cut(plane), np.isfinite(plane)
    if not len(pixels) or not finite.any():
        return np.zeros(len(pixels), bool)
    use: NDArray[np.bool_] = pixels.max((1, 2)) > pixels.min((1, 2))
    if not clipped:
        black, white = cut_off(plane)
        use &= pixels.max((1, 2)) < white
        use &= (pixels <= black).mean((1, 2)) < MAX_CLIPPED
    if not finite.all():
        use &= np.isfinite(pixels).all((1, 2))
    return use


def cut_off(plane: NDArray[np.float64]) -> tuple[float, float]:
    """Intensities at which a plane is cut off at black and at white; infinite where it is not.

    Parameters
    ----------
    plane : ndarray of float, shape (H, W)
        Intensities, some of them finite.

    Returns
    -------
    black, white : float
        The lowest and the highest intensity, if too many pixels have it.
    """
    finite = plane[np.isfinite(plane)]
    lowest, highest = float(finite.min()), float(finite.max())
    dark, bright = np.mean(plane <= lowest), np.mean(plane >= highest)
    return (
        lowest if dark > CLIPPED_SHARE else -np.inf,
        highest if bright > SATURATED_SHARE else np.inf,
    )
