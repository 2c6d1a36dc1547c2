"""Kernels that resample planes, compiled.

Belongs here: the inner loops of ``resampled.py``, ``bicubic.py`` and ``error_features.py``, which
have the same sums in plain numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.compilation.kernels import kernel


@kernel
def weighted_rows(plane: Any, weights: Any, indices: Any, out: Any) -> None:
    """Make each row of ``out`` the sum of rows of a plane, weighted, in the order of the taps."""
    for row in range(len(out)):
        for x in range(out.shape[1]):
            out[row, x] = 0
        for tap in range(weights.shape[1]):
            weight, index = weights[row, tap], indices[row, tap]
            for x in range(out.shape[1]):
                out[row, x] += weight * plane[index, x]


@kernel
def enlarged_plane(
    plane: Any, rows: Any, columns: Any, offsets: Any, weights: Any, out: Any
) -> None:
    """Make a plane two, three or four times as large by bicubic interpolation, rows first.

    ``rows`` and ``columns`` are the places from two before the first to two behind the last;
    ``offsets`` and ``weights`` are :class:`napari_autolut.util.keys_cubic.Phases`. The phases of a
    factor are written out: only then do they become vector code.
    """
    width, scale = plane.shape[1], len(weights)
    line = np.empty(width + 4, plane.dtype)
    for y in range(len(out)):
        first = y // scale + 2 + offsets[y % scale]
        above, before = plane[rows[first]], plane[rows[first + 1]]
        behind, below = plane[rows[first + 2]], plane[rows[first + 3]]
        a, b, c, d = weights[y % scale]
        for x in range(width):
            line[x + 2] = a * above[x] + b * before[x] + c * behind[x] + d * below[x]
        for x in (0, 1, width + 2, width + 3):
            line[x] = line[columns[x] + 2]
        a, b, c, d = weights[0]
        e, f, g, h = weights[2 if scale == 3 else 1]
        row = out[y]
        if scale == 2:
            for x in range(width):
                v, w, z = line[x + 1], line[x + 2], line[x + 3]
                row[2 * x] = a * line[x] + b * v + c * w + d * z
                row[2 * x + 1] = e * v + f * w + g * z + h * line[x + 4]
        elif scale == 3:
            for x in range(width):
                v, w, z = line[x + 1], line[x + 2], line[x + 3]
                row[3 * x] = a * line[x] + b * v + c * w + d * z
                row[3 * x + 1] = w
                row[3 * x + 2] = e * v + f * w + g * z + h * line[x + 4]
        else:
            for x in range(width):
                u, v, w, z, t = line[x], line[x + 1], line[x + 2], line[x + 3], line[x + 4]
                row[4 * x] = a * u + b * v + c * w + d * z
                row[4 * x + 1] = e * u + f * v + g * w + h * z
                row[4 * x + 2] = h * v + g * w + f * z + e * t
                row[4 * x + 3] = d * v + c * w + b * z + a * t


@kernel
def linear_rows(padded: Any, firsts: Any, parts: Any, out: Any) -> None:
    """Make a plane larger by linear interpolation, row after row.

    ``padded`` has a pixel more on each side; ``firsts`` and ``parts`` say of each phase behind
    which pixel it lies, and how far.
    """
    height, width, scale = len(padded) - 2, padded.shape[1] - 2, len(parts)
    lines = np.empty((2, width * scale), np.float32)
    for y in range(height + 2):
        row, above, line = padded[y], lines[(y + 1) % 2], lines[y % 2]
        for phase in range(scale):
            first, part = firsts[phase], parts[phase]
            for x in range(width):
                before = row[first + x]
                line[x * scale + phase] = before + part * (row[first + x + 1] - before)
        for phase in range(scale):
            place = y - 1 - firsts[phase]
            if 0 <= place < height:
                result, part = out[place * scale + phase], parts[phase]
                for x in range(width * scale):
                    result[x] = above[x] + part * (line[x] - above[x])
