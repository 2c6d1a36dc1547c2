"""What follows the look-ups, on rows in the fast engine: coring, and the noise floor.

Belongs here: the kernels, with the arithmetic of ``coring.py`` and ``noise_floor.py`` in the order
written there. For coring, pixels are interpolated along their rows first, once for each row of the
image; every row of the result is then made of four such rows, in vector code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.compilation import kernel
from napari_autolut.engine.kernels import View
from napari_autolut.engine.memory import lent
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, Phases, phases

Floats = NDArray[np.float32]

ONE, NOTHING, WHITE = np.float32(1), np.float32(0), np.float32(255)


def core_rows(values: Floats, source: View, first: int, scale: int, coring: float) -> None:
    """Core rows of a result in place.

    Parameters
    ----------
    values : ndarray of float32, shape (rows, W * r)
        Rows of the result.
    source : View
        The plane that was enlarged; two pixels beyond its border can be read.
    first : int
        Which rows of the result: the first one's number.
    scale : int
        Upscaling factor r.
    coring : float
        The model's coring, in levels.
    """
    rows = (first + len(values) - 1) // scale - first // scale + 2 * BICUBIC_RADIUS + 1
    width = values.shape[1]
    with lent(rows * width) as memory:
        wide = memory[: rows * width].reshape(rows, width)
        _core(values, wide, source, first, np.float32(coring) * np.float32(coring), phases(scale))


@kernel
def _core(
    values: Floats, wide: Floats, source: View, first: int, threshold: np.float32, taps: Phases
) -> None:
    """Core every row of ``values``, of which that of number ``first`` is the first."""
    scale, weights = len(taps.offsets), taps.weights
    above = first // scale - BICUBIC_RADIUS
    for row in range(len(wide)):
        start = source.start + (above + row) * source.row_stride
        for phase in range(scale):
            begin = start + taps.offsets[phase]
            a, b, c, d = weights[phase, 0], weights[phase, 1], weights[phase, 2], weights[phase, 3]
            for x in range(source.width):
                near = source.flat[begin + x] * a + source.flat[begin + x + 1] * b
                far = source.flat[begin + x + 2] * c
                wide[row, x * scale + phase] = (near + far) + source.flat[begin + x + 3] * d
    for row in range(len(values)):
        phase = (first + row) % scale
        top = (first + row) // scale - above + taps.offsets[phase]
        one, two, three, four = wide[top], wide[top + 1], wide[top + 2], wide[top + 3]
        a, b, c, d = weights[phase, 0], weights[phase, 1], weights[phase, 2], weights[phase, 3]
        line = values[row]
        for x in range(len(line)):
            base = ((one[x] * a + two[x] * b) + three[x] * c) + four[x] * d
            base = NOTHING if base < NOTHING else base
            base = WHITE if base > WHITE else base
            difference = line[x] - base
            kept = difference * difference > threshold
            reduced = difference - threshold / (difference if kept else ONE)
            line[x] = base + (reduced if kept else NOTHING)


@kernel
def keep_rows(
    values: Floats, source: View, first: int, height: int, noise_floor: np.float32
) -> None:
    """In rows of a result, of which the first has that number, keep the plane without noise."""
    edge, side = min(1, (height - 1) // 2), min(1, (source.width - 1) // 2)
    for row in range(len(values)):
        line, own_row = values[row], source.start + (first + row) * source.row_stride
        inner_row = min(max(first + row, edge), height - 1 - edge)
        middle = source.start + inner_row * source.row_stride
        above, below = middle - source.row_stride, middle + source.row_stride
        for column in range(len(line)):
            x = min(max(column, side), source.width - 1 - side)
            twice = source.flat[middle + x] + source.flat[middle + x]
            across = abs((source.flat[middle + x + 1] + source.flat[middle + x - 1]) - twice)
            down = abs((source.flat[below + x] + source.flat[above + x]) - twice)
            falling = abs((source.flat[below + x + 1] + source.flat[above + x - 1]) - twice)
            rising = abs((source.flat[below + x - 1] + source.flat[above + x + 1]) - twice)
            largest = max(max(across, down), max(falling, rising)) / noise_floor
            own = source.flat[own_row + column]
            line[column] = own + (line[column] - own) * (largest if largest < ONE else ONE)
