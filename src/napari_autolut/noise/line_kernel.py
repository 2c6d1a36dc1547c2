"""The robust line of ``line.py``, compiled: its rounds are short, and calls of numpy are not.

Belongs here: the same sums as there. Without numba this file cannot be imported.
"""

from __future__ import annotations

from typing import Any

from napari_autolut.compilation.kernels import borrowing_kernel


@borrowing_kernel
def refitted(
    points: Any, usual: Any, expected: Any, trust: Any, smallest: float, rounds: int, settled: float
) -> tuple[float, float]:
    """Fit a line to points again and again; see :func:`napari_autolut.noise.line.refitted`."""
    means, variances, counts = points[0], points[1], points[2]
    gain = offset = 0.0
    for _ in range(rounds):
        total = mean = variance = 0.0
        for i in range(len(means)):
            weight = counts[i] * trust[i] / expected[i] ** 2
            total += weight
            mean += weight * means[i]
            variance += weight * variances[i]
        mean, variance = mean / total, variance / total
        square = product = 0.0
        for i in range(len(means)):
            lever = counts[i] * trust[i] / expected[i] ** 2 * (means[i] - mean)
            square += lever * means[i]
            product += lever * variances[i]
        gain = product / square if min(product, square) > 0 else 0.0
        offset = variance - gain * mean
        change = 0.0
        for i in range(len(means)):
            before, expected[i] = expected[i], max(gain * means[i] + offset, smallest)
            change = max(change, abs(expected[i] - before))
            away = (variances[i] - expected[i]) / expected[i]
            limit = usual[0, i] if away > 0 else usual[1, i]
            trust[i] = limit / (limit + away * away)
        if change <= settled:
            break
    return gain, offset
