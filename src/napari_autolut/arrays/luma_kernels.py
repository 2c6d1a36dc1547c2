"""The kernels that join an enlarged luma with colours, compiled.

Belongs here: the inner loops of ``luma.py``, which has the same sums in plain numpy. Pixels that
lie every ``r`` places become vector code where ``r`` is known when compiling. So there is a loop
for each usual factor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.compilation.kernels import borrowing_kernel, kernel

ONE, NINTH = np.float32(1), np.float32(1 / 9)


@kernel
def neighbour_means(plane: Any, out: Any) -> None:
    """Means over 3 x 3 pixels, as ``smoothing.neighbour_mean``."""
    rows, columns = plane.shape
    down = np.empty(columns + 2, np.float32)
    for y in range(rows):
        above, here, below = plane[max(y - 1, 0)], plane[y], plane[min(y + 1, rows - 1)]
        for x in range(columns):
            down[x + 1] = above[x] + here[x] + below[x]
        down[0], down[columns + 1] = down[1], down[columns]
        line = out[y]
        for x in range(columns):
            line[x] = (down[x] + down[x + 1] + down[x + 2]) * NINTH


@kernel
def follow_luma(levels: Any, luma: Any, flat: Any, weights: Any, out: Any) -> None:
    """Write how colours follow luma; see ``luma.slopes``."""
    mean, variance = np.empty_like(luma), np.empty_like(luma)
    product, own = np.empty_like(luma), np.empty_like(luma)
    neighbour_means(luma, mean)
    for y in range(len(luma)):
        for x in range(luma.shape[1]):
            product[y, x] = luma[y, x] * luma[y, x]
    neighbour_means(product, variance)
    for y in range(len(luma)):
        for x in range(luma.shape[1]):
            variance[y, x] = variance[y, x] - mean[y, x] * mean[y, x] + flat
    for c in range(3):
        level, slope = levels[c], out[c]
        for y in range(len(luma)):
            for x in range(luma.shape[1]):
                product[y, x] = level[y, x] * luma[y, x]
        neighbour_means(level, own)
        neighbour_means(product, slope)
        for y in range(len(luma)):
            for x in range(luma.shape[1]):
                product[y, x] = (slope[y, x] - own[y, x] * mean[y, x]) / variance[y, x]
        neighbour_means(product, slope)
    for y in range(len(luma)):
        rest = mean[y]
        rest[:] = ONE
        take_luma((out[0, y], out[1, y], out[2, y]), weights, rest)
        for c in range(3):
            slope = out[c, y]
            for x in range(len(rest)):
                slope[x] += rest[x]


@kernel
def weigh_five(rows: Any, weights: Any, out: Any) -> None:
    """Write the weighted sum of five rows."""
    k0, k1, k2, k3, k4 = weights[0], weights[1], weights[2], weights[3], weights[4]
    a, b, c, d, e = rows
    for x in range(len(out)):
        out[x] = k0 * a[x] + k1 * b[x] + k2 * c[x] + k3 * d[x] + k4 * e[x]


@kernel
def weigh_three(rows: Any, weights: Any, out: Any) -> None:
    """Write the weighted sum of three rows."""
    k0, k1, k2 = weights[0], weights[1], weights[2]
    a, b, c = rows
    for x in range(len(out)):
        out[x] = k0 * a[x] + k1 * b[x] + k2 * c[x]


@kernel
def take_luma(colours: Any, weights: Any, row: Any) -> None:
    """Take the luma of rows of three colours from a row."""
    red, green, blue = colours
    k0, k1, k2 = weights[0], weights[1], weights[2]
    for x in range(len(row)):
        row[x] -= k0 * red[x] + k1 * green[x] + k2 * blue[x]


@kernel
def add_detail(row: Any, slopes: Any, weights: Any, detail: Any) -> None:
    """Add to a row of a colour its slope times the detail, within [0, 255]."""
    low, own, high = weights[0], weights[1], weights[2]
    for x in range(len(row)):
        slope = low * slopes[x + 1] + own * slopes[x + 2] + high * slopes[x + 3]
        value = row[x] + slope * detail[x]
        row[x] = min(max(value, np.float32(0)), np.float32(255))


@kernel
def join_rows(luma: Any, colours: Any, slopes: Any, taps: Any, first: int, out: Any) -> None:
    """Write rows of three colours; see ``luma.py`` for what they are.

    ``taps`` are the interpolation's weights and offsets: cubic (r, 5), linear (r, 3), luma's (3,).
    """
    cubic, linear, weights = taps
    scale, radius = cubic.shape[0], cubic.shape[1] // 2
    width = colours.shape[2]
    columns = width - 2 * radius
    lines = np.empty((3, width), np.float32)
    rates = np.empty((3, width), np.float32)
    details = np.empty((scale, columns), np.float32)
    made = np.empty((3, scale, columns), np.float32)
    for y in range(luma.shape[0]):
        row, down = divmod(first + y, scale)
        for c in range(3):
            colour, slope = colours[c, row : row + 5], slopes[c, row + 1 : row + 4]
            around = colour[0], colour[1], colour[2], colour[3], colour[4]
            weigh_five(around, cubic[down], lines[c])
            weigh_three((slope[0], slope[1], slope[2]), linear[down], rates[c])
        part(luma[y], details)
        for phase in range(scale):
            for c in range(3):
                line = lines[c]
                beside = line, line[1:], line[2:], line[3:], line[4:]
                weigh_five(beside, cubic[phase], made[c, phase])
            take_luma((made[0, phase], made[1, phase], made[2, phase]), weights, details[phase])
            for c in range(3):
                add_detail(made[c, phase], rates[c], linear[phase], details[phase])
        for c in range(3):
            interleave(made[c], out[c, y])


@borrowing_kernel
def interleave(phases: Any, row: Any) -> None:
    """Write (r, W) phases side by side: pixel x of phase p goes to ``row[x * r + p]``."""
    columns = phases.shape[1]
    if len(phases) == 2:
        a, b = phases[0], phases[1]
        for x in range(columns):
            row[2 * x], row[2 * x + 1] = a[x], b[x]
    elif len(phases) == 3:
        a, b, c = phases[0], phases[1], phases[2]
        for x in range(columns):
            row[3 * x], row[3 * x + 1], row[3 * x + 2] = a[x], b[x], c[x]
    elif len(phases) == 4:
        a, b, c, d = phases[0], phases[1], phases[2], phases[3]
        for x in range(columns):
            row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3] = a[x], b[x], c[x], d[x]
    else:
        for phase in range(len(phases)):
            for x in range(columns):
                row[x * len(phases) + phase] = phases[phase, x]


@borrowing_kernel
def part(row: Any, phases: Any) -> None:
    """Undo :func:`interleave`."""
    columns = phases.shape[1]
    if len(phases) == 2:
        a, b = phases[0], phases[1]
        for x in range(columns):
            a[x], b[x] = row[2 * x], row[2 * x + 1]
    elif len(phases) == 3:
        a, b, c = phases[0], phases[1], phases[2]
        for x in range(columns):
            a[x], b[x], c[x] = row[3 * x], row[3 * x + 1], row[3 * x + 2]
    elif len(phases) == 4:
        a, b, c, d = phases[0], phases[1], phases[2], phases[3]
        for x in range(columns):
            a[x], b[x], c[x], d[x] = row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]
    else:
        for phase in range(len(phases)):
            for x in range(columns):
                phases[phase, x] = row[x * len(phases) + phase]
