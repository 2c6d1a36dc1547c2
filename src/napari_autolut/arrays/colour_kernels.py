"""The kernel that joins an enlarged luma with colours, compiled.

Belongs here: the inner loops of ``colour.py``, which has the same sums in plain numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.engine.compilation import kernel


@kernel
def five(values: Any) -> Any:
    """Give the five values of an array one by one, so that loops need not read them again."""
    return values[0], values[1], values[2], values[3], values[4]


@kernel
def across(lines: Any, weights: Any, out: Any) -> None:
    """Interpolate rows along their columns, for one phase."""
    k0, k1, k2, k3, k4 = five(weights)
    for c in range(3):
        for x in range(out.shape[1]):
            out[c, x] = (
                k0 * lines[c, x]
                + k1 * lines[c, x + 1]
                + k2 * lines[c, x + 2]
                + k3 * lines[c, x + 3]
                + k4 * lines[c, x + 4]
            )


@kernel
def join_rows(luma: Any, colours: Any, slopes: Any, taps: Any, first: int, out: Any) -> None:
    """Write rows of three colours; see ``colour.py`` for what they are.

    ``taps`` are the interpolation's weights and offsets: cubic (r, 5), linear (r, 3), luma's (3,).
    """
    cubic, linear, weights = taps
    scale, radius = cubic.shape[0], cubic.shape[1] // 2
    width = colours.shape[2]
    columns = width - 2 * radius
    lines = np.empty((3, width), np.float32)
    rates = np.empty((3, width), np.float32)
    plain = np.empty((3, columns), np.float32)
    detail = np.empty(columns, np.float32)
    for y in range(luma.shape[0]):
        row, phase = divmod(first + y, scale)
        for c in range(3):
            k0, k1, k2, k3, k4 = five(cubic[phase])
            for x in range(width):
                lines[c, x] = (
                    k0 * colours[c, row, x]
                    + k1 * colours[c, row + 1, x]
                    + k2 * colours[c, row + 2, x]
                    + k3 * colours[c, row + 3, x]
                    + k4 * colours[c, row + 4, x]
                )
            low, own, high = linear[phase, 0], linear[phase, 1], linear[phase, 2]
            for x in range(width):
                rates[c, x] = (
                    low * slopes[c, row + 1, x]
                    + own * slopes[c, row + 2, x]
                    + high * slopes[c, row + 3, x]
                )
        for phase in range(scale):
            for x in range(columns):
                detail[x] = luma[y, x * scale + phase]
            across(lines, cubic[phase], plain)
            for x in range(columns):
                detail[x] -= (
                    weights[0] * plain[0, x] + weights[1] * plain[1, x] + weights[2] * plain[2, x]
                )
            low, own, high = linear[phase, 0], linear[phase, 1], linear[phase, 2]
            for c in range(3):
                for x in range(columns):
                    rate = low * rates[c, x + 1] + own * rates[c, x + 2] + high * rates[c, x + 3]
                    value = plain[c, x] + rate * detail[x]
                    plain[c, x] = min(max(value, np.float32(0)), np.float32(255))
                for x in range(columns):
                    out[c, y, x * scale + phase] = plain[c, x]
