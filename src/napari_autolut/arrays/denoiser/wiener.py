"""Structure that tables took for noise: an empirical Wiener filter by what they left.

Belongs here: which waves of the noisy plane come back beside the tables' answer. Tables see a few
pixels around each. A wave through 16 x 16 pixels may be weaker than the noise of each, and still
stand out from that of all. So the answer tells in each block which waves are structure (the second
step of Dabov et al., IEEE Trans. Image Process. 16(8), 2007, without similar blocks).

Waves of an edge cross all of its block, and bring noise to flat ground there. So the result counts
by its noise beside the answer's error, which is small where the answer is flat.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.smoothing import neighbour_mean
from napari_autolut.util.optional import compiled

STEP, SIDE = 8, 16
"""Rows and columns between blocks, and those of a block: twice as many."""

WINDOW = (np.sin(np.pi * (np.arange(SIDE) + 0.5) / SIDE) ** 2).astype(np.float32)
"""Hann's window of a block: those that begin a step apart add up to 1."""

WAVES = np.sqrt(2 / SIDE) * np.cos(
    np.pi / SIDE * np.outer(np.arange(SIDE), np.arange(STEP) + 0.5)
)  # fmt: skip
WAVES[0] /= np.sqrt(2)
HALVES = np.stack([WAVES[::2], WAVES[1::2]])
WEIGHTS = np.stack([HALVES, HALVES.swapaxes(1, 2)]).astype(np.float32)
"""The cosine transform's weights, there and back, of sums and of differences of rows that lie at
opposite places of a block."""

CACHED = 1 << 16
"""Values of a plane that are filtered together: they stay in the processor's caches."""


class Order(NamedTuple):
    """How far apart two halves of rows begin, and the rows of each are."""

    half: int
    row: int


APART, IN_TURNS = Order(STEP, 1), Order(1, 2)

KERNELS = "napari_autolut.arrays.denoiser.wiener_kernels"

SHARE = 0.3
"""How much the filter's result counts beside the tables' answer, at most."""

FLAT_ERROR, DETAIL_ERROR = 0.02, 0.5
"""Variance of the answer's error on flat ground, and what detail adds to it beside its own
variance, in those of the noise. Both, and the share, were chosen on simulated micrographs of 0.8 to
20 photons, drawn scenes, and photographs with white noise."""

CLEAR = 1000.0
"""Deviations of the noise from which detail is clear of it, however much it is."""


def refined(noisy: NDArray[np.float32], clean: NDArray[np.float32]) -> NDArray[np.float32]:
    """The tables' answer, with structure that it lost.

    Parameters
    ----------
    noisy, clean : ndarray of float32, shape (H, W)
        Stabilised values, whose white noise has deviation 1, and the tables' answer. The first row
        and column of a tile are multiples of :data:`SIDE`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Each pixel depends on those less than :data:`SIDE` away.
    """
    missing, variance = _missing(noisy, clean)
    detail = clean - neighbour_mean(clean)
    np.clip(detail, -CLEAR, CLEAR, out=detail)
    detail *= detail
    error = neighbour_mean(detail)
    error *= DETAIL_ERROR
    error += FLAT_ERROR
    variance += error
    error *= SHARE
    error /= variance
    missing *= error
    missing += clean
    return missing


def _missing(
    noisy: NDArray[np.float32], clean: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the filter's result has more than the answer, and the variance of its noise."""
    margins = [(STEP, STEP + (STEP - side) % SIDE) for side in noisy.shape]
    planes = [np.pad(plane, margins, "symmetric") for plane in (noisy, clean)]
    height, width = planes[0].shape
    missing, variance = np.zeros((2, height, width), np.float32)
    together = SIDE * max(1, CACHED // (SIDE * width))
    for offset in (0, STEP):
        for top in range(offset, height - STEP + offset, together):
            rows = slice(top, min(top + together, height - STEP + offset))
            gained, noise = _filtered(*(each[rows].reshape(-1, SIDE, width) for each in planes))
            missing[rows] += gained.reshape(-1, width)
            variance[rows] += noise.reshape(-1, width)
    inner = tuple(slice(STEP, STEP + side) for side in noisy.shape)
    return missing[inner], variance[inner]


def _filtered(
    noisy: NDArray[np.float32], clean: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What rows of blocks, (R, SIDE, W), gain, and the variance of their noise."""
    columns = [_to_waves(np.moveaxis(each, 1, 0)) for each in (noisy, clean)]
    gained, spread = np.zeros_like(columns[0]), np.zeros_like(columns[0][0])
    for left in (0, STEP):
        part = slice(left, left + noisy.shape[2] - STEP)
        waves = []
        for each in columns:
            blocks = each[..., part].reshape(SIDE, len(noisy), -1, SIDE)
            waves.append(_to_waves(np.moveaxis(blocks, 3, 0)))
        noise = _filter(*waves)
        blocks = _from_waves(waves[0]) * WINDOW[:, None, None, None]
        gained[..., part] += np.moveaxis(blocks, 0, 3).reshape(SIDE, len(noisy), -1)
        spread[:, part] += (noise[..., None] * WINDOW).reshape(len(noisy), -1)
    rows = np.moveaxis(_from_waves(gained), 0, 1) * WINDOW[:, None]
    return rows, spread[:, None] * WINDOW[:, None]


def _filter(noisy: NDArray[np.float32], clean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn waves of noisy blocks into those that they gain; give the noise but for the mean's."""
    with np.errstate(over="ignore"):  # far above the noise, all is structure
        shares = np.float32(1) - np.float32(1) / (clean * clean + np.float32(1))
    shares[0, 0] = 1
    noisy *= shares
    noisy -= clean
    shares *= shares
    shares[0, 0] = 0
    return _sum(_sum(shares)) * np.float32(1 / SIDE**2)


def _to_waves(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine transform along the first axis."""
    rows = np.ascontiguousarray(rows)
    near, far = rows[:STEP], rows[: STEP - 1 : -1]
    halves, waves = np.empty_like(rows), np.empty_like(rows)
    np.add(near, far, out=halves[:STEP])
    np.subtract(near, far, out=halves[STEP:])
    _weigh(WEIGHTS[0], halves, APART, waves, IN_TURNS)
    return waves


def _from_waves(waves: NDArray[np.float32]) -> NDArray[np.float32]:
    """What has these waves along the first axis."""
    halves, rows = np.empty_like(waves), np.empty_like(waves)
    _weigh(WEIGHTS[1], waves, IN_TURNS, halves, APART)
    even, odd = halves[:STEP], halves[STEP:]
    np.add(even, odd, out=rows[:STEP])
    np.subtract(even, odd, out=rows[: STEP - 1 : -1])
    return rows


def _weigh(
    weights: NDArray[np.float32],
    rows: NDArray[np.float32],
    order: Order,
    out: NDArray[np.float32],
    order_out: Order,
) -> None:
    """Write weighted sums of both halves of 16 rows, each in an order."""
    if kernels := compiled(KERNELS):
        kernels.weigh(weights, rows.reshape(SIDE, -1), order, out.reshape(SIDE, -1), order_out)
        return
    for half, number in np.ndindex(2, STEP):
        seen = rows[half * order.half :][: STEP * order.row : order.row]
        weighted = (weight * row for weight, row in zip(weights[half, number], seen, strict=True))
        out[half * order_out.half + number * order_out.row] = _sum(weighted)


def _sum(rows: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The sum in one order, whose bits no block changes."""
    total, *others = rows
    for row in others:
        total = total + row
    return total
