"""The kernel of the fast engine: rows of one node, block by block.

Belongs here: what the kernel is given, and its loops. A block goes through the vector steps of
``sampling_steps.py``, then ``lookup_steps.py``, then ``output_steps.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.compilation import kernel
from napari_autolut.engine.lookup_steps import add_up, locate
from napari_autolut.engine.memory import aligned_empty
from napari_autolut.engine.output_steps import put
from napari_autolut.engine.sampling_steps import BLOCK, sample
from napari_autolut.engine.shapes import MEMBERS, Shape
from napari_autolut.engine.vectors import LANES

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class Taps(NamedTuple):
    """Where look-ups read; G groups of look-ups that share their taps, J inputs.

    ``groups`` (G, 5) are members, rotation, first look-up, J and look-ups, of which those beyond
    the members have the last one's inputs; ``bounds`` (G, J, 3) each input's
    first tap, the one behind its last, and where its weights begin.
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
    """What is known of a block of pixels."""

    samples: Floats
    rows: NDArray[np.int32]
    weights: Floats
    totals: Floats


def scratch_for(shape: Shape) -> Scratch:
    """Memory for a block of a shape."""
    inputs = len(shape.inputs)
    vertices = (inputs + 1) * BLOCK
    return Scratch(
        aligned_empty(max(MEMBERS) * inputs * BLOCK, np.float32),
        aligned_empty(vertices, np.int32),
        aligned_empty(vertices, np.float32),
        aligned_empty(4 * BLOCK * len(shape.columns), np.float32),
    )


@kernel
def node_rows(
    taps: Taps, tables: Tables, rule: Rule, source: View, target: View, scratch: Scratch,
    rows: tuple[int, int], shape: Shape,
) -> None:  # fmt: skip
    """Compute rows of one node, from the first of ``rows`` to the second."""
    for y in range(rows[0], rows[1]):
        for left in range(0, source.width, BLOCK):
            pixels = BLOCK
            if left + BLOCK > source.width:
                pixels = (source.width - left + LANES - 1) // LANES * LANES
            for i in range(rule.rotations * BLOCK * len(shape.columns)):
                scratch.totals[i] = 0
            here = source.start + y * source.row_stride + left
            for group in range(len(taps.groups)):
                members, rotation = taps.groups[group, 0], taps.groups[group, 1]
                first, look_ups = taps.groups[group, 2], taps.groups[group, 4]
                sample(scratch.samples, taps, group, source.flat, here, pixels)
                for number in range(look_ups):
                    slot = number if number < members else members - 1
                    locate(scratch, slot, tables, first + number, pixels, shape)
                    add_up(scratch, rotation, tables, pixels, shape)
            to = target.start + (y * target.row_stride + left) * rule.upscale
            put(scratch.totals, rule, target, to, pixels, shape)
