"""The Wiener filter of blocks, compiled.

Belongs here: the inner loops of ``wiener.py``, which has the same sums in plain numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.engine.compilation import inner_kernel, kernel

ZERO, ONE = np.float32(0), np.float32(1)


@inner_kernel
def weigh(weights: Any, rows: Any, first: int, step: int, out: Any) -> None:
    """Write the weighted sum of eight rows that lie a step apart."""
    k0, k1, k2, k3 = weights[0], weights[1], weights[2], weights[3]
    k4, k5, k6, k7 = weights[4], weights[5], weights[6], weights[7]
    a, b = rows[first], rows[first + step]
    c, d = rows[first + 2 * step], rows[first + 3 * step]
    e, f = rows[first + 4 * step], rows[first + 5 * step]
    g, h = rows[first + 6 * step], rows[first + 7 * step]
    for x in range(len(out)):
        total = k0 * a[x] + k1 * b[x] + k2 * c[x] + k3 * d[x]
        out[x] = total + k4 * e[x] + k5 * f[x] + k6 * g[x] + k7 * h[x]


@inner_kernel
def to_waves(weights: Any, rows: Any, halves: Any, out: Any) -> None:
    """Write the cosine transform of 16 rows, element by element; ``halves`` is room for it."""
    for j in range(8):
        near, far, total, difference = rows[j], rows[15 - j], halves[j], halves[8 + j]
        for x in range(len(near)):
            total[x] = near[x] + far[x]
            difference[x] = near[x] - far[x]
    for number in range(16):
        parity, k = number % 2, number // 2
        weigh(weights[parity, k], halves, 8 * parity, 1, out[number])


@inner_kernel
def from_waves(weights: Any, rows: Any, halves: Any, out: Any) -> None:
    """Write 16 rows of which :func:`to_waves` gives these."""
    even, odd = halves[0], halves[1]
    for j in range(8):
        for parity in range(2):
            weigh(weights[parity, j], rows, parity, 2, halves[parity])
        near, far = out[j], out[15 - j]
        for x in range(len(even)):
            near[x] = even[x] + odd[x]
            far[x] = even[x] - odd[x]


@inner_kernel
def filter_waves(noisy: Any, clean: Any, noise: Any) -> None:
    """Turn waves of a noisy row into those that it gains; add their noise."""
    for x in range(len(noise)):
        share = ONE - ONE / (clean[x] * clean[x] + ONE)
        noisy[x] = share * noisy[x] - clean[x]
        noise[x] = noise[x] + share * share


@inner_kernel
def cut(columns: Any, left: int, out: Any) -> None:
    """Write blocks side by side, each with its rows as columns."""
    for y in range(16):
        line = columns[y]
        for x in range(16):
            row = out[x]
            for block in range(0, len(row), 16):
                row[block + y] = line[left + block + x]


@inner_kernel
def put(blocks: Any, window: Any, left: int, out: Any) -> None:
    """Add blocks as :func:`cut` has them, times the window."""
    for y in range(16):
        line = out[y]
        for x in range(16):
            row = blocks[x]
            for block in range(0, len(row), 16):
                line[left + block + x] += row[block + y] * window[x]


@kernel
def filter_rows(
    noisy: Any, clean: Any, weights: Any, window: Any, missing: Any, variance: Any
) -> None:
    """Add what rows of blocks, (R, 16, W), gain; see ``wiener._filter_rows``."""
    planes, width = (noisy, clean), noisy.shape[2]
    forward, inverse, part = weights[0], weights[1], np.float32(1 / 256)
    columns, gained = np.empty((2, 16, width), np.float32), np.empty((16, width), np.float32)
    blocks = np.empty((16, width - 8), np.float32)
    wide, halves = np.empty_like(gained), np.empty_like(blocks)
    waves, noise = np.empty((2, 16, width - 8), np.float32), np.empty(width - 8, np.float32)
    spread, means = np.empty(width, np.float32), np.empty(width // 16, np.float32)
    for row in range(len(noisy)):
        for each in range(2):
            to_waves(forward, planes[each][row], wide, columns[each])
        gained[:] = ZERO
        spread[:] = ZERO
        for left in (0, 8):
            for each in range(2):
                cut(columns[each], left, blocks)
                to_waves(forward, blocks, halves, waves[each])
            noise[:] = ZERO
            for block in range(len(means)):
                means[block] = waves[0, 0, 16 * block] - waves[1, 0, 16 * block]
            filter_waves(waves[0, 0], waves[1, 0], noise)
            for block in range(len(means)):
                waves[0, 0, 16 * block] = means[block]
                noise[16 * block] = ZERO
            for x in range(1, 16):
                filter_waves(waves[0, x], waves[1, x], noise)
            from_waves(inverse, waves[0], halves, blocks)
            put(blocks, window, left, gained)
            for block in range(len(means)):
                total = ZERO
                for y in range(16):
                    total += noise[16 * block + y]
                for x in range(16):
                    spread[left + 16 * block + x] += total * part * window[x]
        from_waves(inverse, gained, wide, columns[0])
        for y in range(16):
            for x in range(width):
                missing[row, y, x] += columns[0, y, x] * window[y]
                variance[row, y, x] += spread[x] * window[y]
