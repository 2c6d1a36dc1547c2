"""Blocks of an image and the energies of their cosine transforms: what noise is read from.

Belongs here: cutting planes into blocks, leaving out those that say nothing of noise, and the bands
of frequencies. Which of them are flat is ``flat.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.clipping import cut_off
from napari_autolut.noise.counting import MAX_BLACK

SIDE = 8
"""Rows and columns of a block."""

STRIDE = 4
"""Distance of blocks in pixels: they overlap by half."""

SMALL, CLOSER = 160**2, 2
"""Pixels of a plane up to which blocks are closer: where few are flat, none should be missed."""

_ROW, _COLUMN = np.mgrid[:SIDE, :SIDE]
RADIUS = np.hypot(_ROW, _COLUMN)
"""Frequency of each coefficient, in half periods a block."""

LOW = (RADIUS > 0) & (RADIUS < 3)
"""Frequencies in which structure shows most."""

MIDDLE = (RADIUS >= 3) & (RADIUS < 6)
HIGH = (_ROW + _COLUMN) >= SIDE
"""Frequencies in which structure shows least."""

HIGHEST = (_ROW + _COLUMN) >= SIDE + 2
"""About half of these, where there is still less of it."""

MAX_WHITE, FAR_BELOW, MOSTLY = 0.1, 0.5, 0.5
"""Part of a block that may be saturated where the brightest without such a pixel is far below: by
so much of the range. Where a few photons saturate a detector, noise alone does so in all blocks
that have light. Of many of these it saturates more, but not most of one, as light itself does."""

RUN = np.dtype((np.void, SIDE * np.dtype(np.float32).itemsize))
"""A row of coefficients, to be moved as one."""

MAX_BLOCKS = 2**17
"""Blocks that are looked at; of larger images some are left out, evenly."""


class Blocks(NamedTuple):
    """Statistics of B blocks.

    Parameters
    ----------
    halves : ndarray, shape (B, 2)
        Mean intensities of the pixels on the white and on the black squares of a chessboard: two
        measurements of one mean, whose noise is not the same.
    energies : ndarray, shape (B, 8, 8)
        Squared coefficients of the orthonormal cosine transform, the mean left out: 1 each for
        white noise of variance 1. Of float32, which is enough for what noise scatters.
    """

    halves: NDArray[np.float64]
    energies: NDArray[np.float32]

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean intensities, shape (B,)."""
        means: NDArray[np.float64] = (self.halves[:, 0] + self.halves[:, 1]) / 2
        return means


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
    return joined(
        _blocks(shifted, clipped) for plane in planes for shifted in _shifted(np.asarray(plane))
    )


def unsorted_blocks_of(planes: Iterable[NDArray[Any]]) -> Blocks:
    """The same blocks but for their order, those of small planes in a third of the time.

    Parameters
    ----------
    planes : iterable of ndarray, shape (H, W)
        As for :func:`blocks_of`.

    Returns
    -------
    Blocks
        Sums of small planes are rounded in another order, too, and cut off as the whole plane is.
    """
    return joined(_blocks(plane, False, _stride(plane)) for plane in planes)


def _stride(plane: NDArray[Any]) -> int:
    return CLOSER if plane.size <= SMALL else STRIDE


def _shifted(plane: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """A plane, and of a small one also what is left without its first rows and columns."""
    for top, left in product(range(0, STRIDE, _stride(plane)), repeat=2):
        yield plane[top:, left:]


def _blocks(plane: NDArray[Any], clipped: bool, stride: int = STRIDE) -> Blocks:
    use = _usable(plane, clipped, stride)
    if not use.any():
        return joined([])
    pixels, centre = centred(plane)
    halves = _chosen(_halves(pixels, stride), use) + centre
    return Blocks(halves, _energies(pixels, use, stride))


def _chosen(statistics: NDArray[Any], use: NDArray[np.bool_]) -> NDArray[Any]:
    """(B, ...) those of blocks that are used, of (R, C, ...); a copy only of a part."""
    flat = statistics.reshape(-1, *statistics.shape[2:])
    return flat if use.all() else flat[np.flatnonzero(use)]


def centred(plane: NDArray[Any]) -> tuple[NDArray[np.float32], float]:
    """Finite intensities around about their mean, others 0, and that mean.

    Half of the digits are enough for what is not far from it.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Intensities of any real dtype, some of them finite.

    Returns
    -------
    pixels : ndarray of float32, shape (H, W)
        Intensities less the mean.
    mean : float
        A number that float32 has, too.
    """
    small = plane.dtype.kind in "ui" and plane.dtype.itemsize <= 2  # exact in float32
    values: NDArray[Any] = plane.astype(np.float32 if small else np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        values[~finite] = 0.0
    centre = float(np.float32(values.mean(dtype=np.float64)))
    values -= centre
    return values.astype(np.float32, copy=False), centre


def _cosines() -> NDArray[np.float64]:
    """The orthonormal cosine transform of a row as a matrix."""
    place, frequency = np.arange(SIDE) + 0.5, np.arange(SIDE)[:, None]
    waves: NDArray[np.float64] = np.cos(np.pi * frequency * place / SIDE) / np.sqrt(SIDE / 2)
    waves[0] /= np.sqrt(2)
    return waves


COSINES = _cosines()


def energies_of(pixels: NDArray[np.float64]) -> NDArray[np.float32]:
    """Squared cosine coefficients of (B, 8, 8) blocks."""
    squared: NDArray[np.float64] = (COSINES @ pixels @ COSINES.T) ** 2
    return squared.astype(np.float32)


def _energies(
    pixels: NDArray[np.float32], use: NDArray[np.bool_], stride: int = STRIDE
) -> NDArray[np.float32]:
    """(B, 8, 8) squared coefficients of blocks that are used, rows that they share once."""
    cosines, windows = COSINES.astype(np.float32), np.lib.stride_tricks.sliding_window_view
    across = windows(pixels, SIDE, 1)[:, ::stride] @ cosines.T
    columns = across.shape[1]
    strips = windows(across.reshape(len(pixels), -1), SIDE, 0)[::stride].swapaxes(1, 2)
    coefficients = (cosines @ strips).reshape(-1, SIDE, columns, SIDE)
    runs = coefficients.view(RUN)[..., 0].swapaxes(1, 2)  # half the time of single numbers
    energies: NDArray[np.float32] = runs[use].view(np.float32).reshape(-1, SIDE, SIDE)
    energies *= energies
    energies[:, 0, 0] = 0.0
    return energies


def band(energies: NDArray[np.float32], frequencies: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean energy of each block in a band of frequencies."""
    weights = (frequencies / frequencies.sum()).astype(np.float32)
    # No matrix product: BLAS would share so little work out to threads that wait for each other.
    means: NDArray[np.float32] = np.einsum("nij,ij->n", energies, weights)
    return means.astype(np.float64)


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
    if not use.any():
        return joined([])
    (dark, black), (bright, white) = centred(first), centred(second)
    halves = _chosen(_halves(dark) + _halves(bright), use) + (black + white)
    difference, _ = centred((first - second) / np.sqrt(2.0))
    return Blocks(halves / 2.0, _energies(difference, use))


def joined(parts: Iterable[Blocks]) -> Blocks:
    """Blocks of several planes, some left out evenly where they are too many."""
    found = [part for part in parts if part.energies.size]
    if not found:
        return Blocks(np.zeros((0, 2)), np.zeros((0, SIDE, SIDE), np.float32))
    if len(found) > 1:
        found = [Blocks(*map(np.concatenate, zip(*found, strict=True)))]
    step = -(-len(found[0].halves) // MAX_BLOCKS)
    return Blocks(found[0].halves[::step], found[0].energies[::step])


def _over_blocks(
    combine: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    plane: NDArray[Any],
    stride: int,
) -> NDArray[Any]:
    """(R, C) what all pixels of each block come to; squares that blocks share once.

    A plane that is smaller than a block has none.
    """
    rows, columns = (side // stride * stride for side in plane.shape)
    lines = reduce(combine, [plane[k:rows:stride, :columns] for k in range(stride)])
    squares = reduce(combine, [lines[:, k::stride] for k in range(stride)])
    side = 1
    while side * stride < SIDE:
        tall = combine(squares[:-side], squares[side:])
        squares = combine(tall[:, :-side], tall[:, side:])
        side *= 2
    return squares


def _halves(pixels: NDArray[np.float32], stride: int = STRIDE) -> NDArray[np.float64]:
    """(R, C, 2) means of each block's white and black squares."""
    white = pixels.copy()
    white[::2, ::2] = white[1::2, 1::2] = 0.0
    sums = _over_blocks(np.add, white, stride), _over_blocks(np.add, pixels, stride)
    halves = np.stack([sums[0], sums[1] - sums[0]], -1).astype(np.float64)
    halves /= SIDE**2 / 2
    return halves


def _usable(plane: NDArray[Any], clipped: bool = False, stride: int = STRIDE) -> NDArray[np.bool_]:
    """(R, C) which blocks of a plane tell of its noise."""
    highest, lowest = (_over_blocks(each, plane, stride) for each in (np.maximum, np.minimum))
    use: NDArray[np.bool_] = np.isfinite(highest) & np.isfinite(lowest) & (highest > lowest)
    if not clipped and use.any():
        black, white = cut_off(plane)
        if np.isfinite(white):
            use = _unsaturated(use, plane, white, stride)
        if np.isfinite(black):
            dark = _over_blocks(np.add, (plane <= black).astype(np.uint8), stride)
            use &= dark < MAX_BLACK * SIDE**2
    return use


def _unsaturated(
    use: NDArray[np.bool_], plane: NDArray[Any], white: float, stride: int
) -> NDArray[np.bool_]:
    """Those of the blocks that are not saturated, or hardly where noise alone saturates."""
    saturated = _over_blocks(np.add, (plane >= white).astype(np.float32), stride) / SIDE**2
    none: NDArray[np.bool_] = use & (saturated == 0)
    means = _over_blocks(np.add, plane.astype(np.float64), stride)[none] / SIDE**2
    bounds = np.array([0.0, MAX_WHITE, MOSTLY])
    _, hardly, partly, mostly = np.bincount(np.searchsorted(bounds, saturated[use]), minlength=4)
    by_noise = partly > max(mostly, hardly / 4)
    if not by_noise or (means.size and np.ptp(means) > FAR_BELOW * (white - means.min())):
        return none
    few: NDArray[np.bool_] = use & (saturated <= MAX_WHITE)
    return few
