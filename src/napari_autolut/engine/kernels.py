"""The kernels of the fast engine: rows of one node, and what follows the last one.

Belongs here: what kernels are given, and their loops. A block of a node goes through the vector
steps of ``sampling_steps.py``, then ``lookup_steps.py``, then ``output_steps.py``. Coring and the
noise floor have the arithmetic of ``coring.py`` and ``noise_floor.py``, in the order written there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.compilation import kernel
from napari_autolut.engine.lookup_steps import add_up, locate
from napari_autolut.engine.output_steps import put
from napari_autolut.engine.sampling_steps import BLOCK, sample
from napari_autolut.engine.shapes import Shape
from napari_autolut.engine.vectors import LANES
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, Phases

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

ONE, NOTHING, WHITE = np.float32(1), np.float32(0), np.float32(255)


class Taps(NamedTuple):
    """Where look-ups read; G groups of look-ups that share their taps, J inputs.

    ``groups`` (G, 5) are members, rotation, first look-up, J and look-ups, of which those beyond
    the members have the last one's inputs; ``bounds`` (G, J, 3) each input's first tap, the one
    behind its last, and where its weights begin.
    """

    offsets: Integers
    weights: Floats
    groups: Integers
    bounds: Integers


class Tables(NamedTuple):
    """The tables of a node, one behind the other, and how they are looked up.

    ``walks`` (N, J + 2) are the kind of a look-up, where its table begins, and the values from one
    node to the next along each input; ``numbers`` (N, 3) cells for one unit of an input, the
    table's scale, and the radius of the near one of two grids.
    """

    values: NDArray[Any]
    walks: NDArray[np.int32]
    numbers: Floats


class Rule(NamedTuple):
    """How sums become pixels: ``clip(sum / divisor + bias, low, high)``, rounded if ``rounds``."""

    divisor: np.float32
    bias: np.float32
    low: np.float32
    high: np.float32
    rounds: int
    rotations: int
    upscale: int


class View(NamedTuple):
    """Channels of one image in a flat buffer.

    Row 0 of channel 0 begins at ``start``; a row is ``width`` pixels wide. Strides are values from
    one row, and from one channel, to the next.
    """

    flat: Floats
    start: int
    row_stride: int
    channel_stride: int
    width: int


class Scratch(NamedTuple):
    """What is known of a block of pixels, and the shape of the tables that are looked up.

    ``sampler`` is the address of :func:`napari_autolut.engine.sampling_steps.sample_block`.
    """

    samples: Floats
    rows: NDArray[np.int32]
    weights: Floats
    totals: Floats
    sampler: int
    shape: Shape


@kernel
def node_rows(
    taps: Taps, tables: Tables, rule: Rule, source: View, target: View, scratch: Scratch,
    rows: tuple[int, int],
) -> None:  # fmt: skip
    """Compute rows of one node, from the first of ``rows`` to the second."""
    for y in range(rows[0], rows[1]):
        for left in range(0, source.width, BLOCK):
            pixels = BLOCK
            if left + BLOCK > source.width:
                pixels = (source.width - left + LANES - 1) // LANES * LANES
            for i in range(rule.rotations * BLOCK * len(scratch.shape.columns)):
                scratch.totals[i] = 0
            here = source.start + y * source.row_stride + left
            for group in range(len(taps.groups)):
                members, rotation = taps.groups[group, 0], taps.groups[group, 1]
                first, look_ups = taps.groups[group, 2], taps.groups[group, 4]
                sample(scratch, taps, group, source.flat, here, pixels)
                for number in range(look_ups):
                    slot = number if number < members else members - 1
                    locate(scratch, slot, tables, first + number, pixels)
                    add_up(scratch, rotation, tables, pixels)
            to = target.start + (y * target.row_stride + left) * rule.upscale
            put(scratch, rule, target, to, pixels)


@kernel
def core_rows(
    values: Floats, wide: Floats, source: View, first: int, threshold: np.float32, taps: Phases
) -> None:
    """Core every row of ``values``, of which that of number ``first`` is the first, in place.

    Pixels are interpolated along their rows first, into ``wide``, once for each row of the image;
    every row of the result is then made of four such rows, in vector code. Two pixels beyond the
    source's border are read.
    """
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
