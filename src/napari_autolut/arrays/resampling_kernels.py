"""Kernels that resample planes, compiled.

Belongs here: the inner loops of ``resampled.py``, ``bicubic.py`` and ``error_features.py``, which
have the same sums in plain numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.engine.compilation import kernel


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
def doubled_plane(plane: Any, rows: Any, columns: Any, weights: Any, out: Any) -> None:
    """Make a float32 plane twice as large by bicubic interpolation, rows first.

    ``rows`` and ``columns`` are the places from two before the first to two behind the last.
    ``weights`` are those of the four taps of an even place; those of an odd one are the other way
    round.
    """
    width = plane.shape[1]
    line = np.empty(width + 4, np.float32)
    a, b, c, d = weights[0], weights[1], weights[2], weights[3]
    for y in range(len(out)):
        first = y // 2 + y % 2
        above, before = plane[rows[first]], plane[rows[first + 1]]
        behind, below = plane[rows[first + 2]], plane[rows[first + 3]]
        if y % 2:
            for x in range(width):
                line[x + 2] = d * above[x] + c * before[x] + b * behind[x] + a * below[x]
        else:
            for x in range(width):
                line[x + 2] = a * above[x] + b * before[x] + c * behind[x] + d * below[x]
        for x in (0, 1, width + 2, width + 3):
            line[x] = line[columns[x] + 2]
        row = out[y]
        for x in range(width):
            row[2 * x] = a * line[x] + b * line[x + 1] + c * line[x + 2] + d * line[x + 3]
            row[2 * x + 1] = d * line[x + 1] + c * line[x + 2] + b * line[x + 3] + a * line[x + 4]


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
