"""The kernels of the fast engine: rows of one node, and what follows the last one.

Belongs here: what kernels are given, and their loops. A block of a node goes through the vector
steps of ``sampling_steps.py``, then ``lookup_steps.py``, then ``output_steps.py``. Coring and the
noise floor have the arithmetic of ``coring.py`` and ``noise_floor.py``, in the order written there.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import local
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from napari_autolut.compilation.kernels import address, borrowing_kernel, by_address, inner_kernel
from napari_autolut.compilation.values import LANES
from napari_autolut.engine.coring_steps import core_row, enlarge_row
from napari_autolut.engine.lookup_steps import add_up, locate
from napari_autolut.engine.output_steps import put
from napari_autolut.engine.sampling_steps import (
    BLOCK,
    BLOCKS,
    FLOATS,
    SAMPLED,
    TAPS,
    Block,
    sample,
    sample_block,
)
from napari_autolut.engine.shapes import Shape
from napari_autolut.engine.square_steps import square, square_block
from napari_autolut.engine.taps import Taps
from napari_autolut.engine.threads import aligned_empty, lent
from napari_autolut.model import SQUARE_SIDE, LutModel
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, Phases, phases

Floats = NDArray[np.float32]

MAX_ROTATIONS = 4

ONE, NOTHING = np.float32(1), np.float32(0)


class Tables(NamedTuple):
    """The bytes of a node's tables, one behind the other, and how they are looked up.

    ``walks`` (N, J + 2) are the kind of a look-up, where its table begins, and the values from one
    node to the next along each input; ``numbers`` (N, 3) cells for one unit of an input, the
    table's scale, and the radius of the near one of two grids.
    """

    values: NDArray[np.uint8]
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
    """What is known of a block of pixels, and the addresses of inner kernels.

    Behind ``samples`` is what ``square_steps.py`` keeps. ``sampler`` and ``squarer`` are
    :func:`napari_autolut.engine.sampling_steps.sample_block` and ``square_block``; ``look_ups`` and
    ``putter`` are :func:`look_up_block` and :func:`put_block` for the shape of the tables.
    """

    samples: Floats
    rows: NDArray[np.int32]
    weights: Floats
    totals: Floats
    sampler: int
    squarer: int
    look_ups: int
    putter: int


@inner_kernel
def look_up_block(
    scratch: Scratch, taps: Taps, tables: Tables, plane: Floats, block: Block, shape: Shape
) -> None:
    """Sum all look-ups of a block of a plane and those behind it."""
    pixels = block.rows * block.pixels
    for group in range(len(taps.groups)):
        sample(scratch.sampler, (scratch.samples, taps, group, plane, block))
        if len(taps.planes):
            square(scratch.squarer, (scratch.samples, taps, group, plane, block))
        members, rotation = taps.groups[group, 0], taps.groups[group, 1]
        first, look_ups = taps.groups[group, 2], taps.groups[group, 4]
        for member in range(look_ups):
            slot = member if member < members else members - 1
            locate(scratch, shape, slot, tables, first + member, pixels)
            add_up(scratch, shape, rotation, tables, pixels)


@inner_kernel
def put_block(
    totals: Floats, rule: Rule, target: View, to: int, first: int, pixels: int,
    columns: tuple[None, ...],
) -> None:  # fmt: skip
    """Make pixels of the sums of a block from ``first`` on; ``target.flat[to]`` is the first."""
    put(totals, columns, rule, target, to, first, pixels)


_INT, _FLOAT = types.int64, types.float32
_RULE = types.NamedTuple((*4 * (_FLOAT,), *3 * (_INT,)), Rule)
_VIEW = types.NamedTuple((FLOATS, *4 * (_INT,)), View)
_TABLES = types.NamedTuple((types.uint8[::1], types.int32[:, ::1], _FLOAT[:, ::1]), Tables)
_SCRATCH = types.NamedTuple((FLOATS, types.int32[::1], FLOATS, FLOATS, *4 * (_INT,)), Scratch)

# What inner kernels are given; sizes are no arguments of their machine code.
_LOOKED_UP = types.void(_SCRATCH, TAPS, _TABLES, FLOATS, BLOCKS)
_PUT = types.void(FLOATS, _RULE, _VIEW, *3 * (_INT,))

_look_up_there, _put_there = by_address(_LOOKED_UP), by_address(_PUT)


@borrowing_kernel
def node_rows(
    taps: Taps, tables: Tables, rule: Rule, source: View, target: View, scratch: Scratch,
    rows: tuple[int, int],
) -> None:  # fmt: skip
    """Compute rows of one node, from the first of ``rows`` to the second."""
    together = SQUARE_SIDE if len(taps.planes) else 1
    span, unit = BLOCK // together, LANES * together
    totals = scratch.totals
    used = len(totals) // MAX_ROTATIONS * rule.rotations
    # Numbers of squares serve the next rows, too; without them rows are written from end to end.
    tile = span if len(taps.planes) else source.width
    for begin in range(0, source.width, tile):
        end = begin + tile if begin + tile < source.width else source.width
        for y in range(rows[0], rows[1], together):
            for left in range(begin, end, span):
                wanted = span
                if left + span > source.width:
                    wanted = (source.width - left + LANES - 1) // LANES * LANES
                pixels = (wanted + unit - 1) // unit * unit
                for i in range(used):
                    totals[i] = 0
                here, lower = source.start + y * source.row_stride + left, y >> 1 & 1
                topmost = 1 if y == rows[0] else 0
                block = Block(here, source.row_stride, together, pixels, lower, topmost)
                _look_up_there(scratch.look_ups, (scratch, taps, tables, source.flat, block))
                for row in range(together if y + together <= rows[1] else 1):
                    to = target.start + ((y + row) * target.row_stride + left) * rule.upscale
                    _put_there(scratch.putter, (totals, rule, target, to, row * pixels, wanted))


class _Scratch(local):
    """What a thread uses again for every block of a shape."""

    def __init__(self) -> None:
        self.of_shapes: dict[Shape, Scratch] = {}


_scratch = _Scratch()


def scratch_for(shape: Shape) -> Scratch:
    """The calling thread's memory for a block of a shape, of any content; none for samples yet."""
    if shape not in _scratch.of_shapes:
        vertices = (len(shape.inputs) + 1) * BLOCK
        _scratch.of_shapes[shape] = Scratch(
            aligned_empty(0, np.float32),
            aligned_empty(vertices, np.int32),
            aligned_empty(vertices, np.float32),
            aligned_empty(MAX_ROTATIONS * BLOCK * len(shape.columns), np.float32),
            address(sample_block, SAMPLED),
            address(square_block, SAMPLED),
            address(look_up_block, types.void(*_LOOKED_UP.args, types.Omitted(shape))),
            address(put_block, types.void(*_PUT.args, types.Omitted(shape.columns))),
        )
    return _scratch.of_shapes[shape]


# --- what follows the last node -------------------------------------------------------------------


@borrowing_kernel
def core_rows(
    values: Floats, wide: Floats, source: View, first: int, threshold: np.float32, taps: Phases
) -> None:
    """Core every row of ``values``, of which that of number ``first`` is the first, in place.

    Pixels are interpolated along their rows first, into ``wide``, once for each row of the image;
    every row of the result is then made of four such rows. Two pixels beyond the source's border
    are read, and the pixels of a vector written behind the last row of ``wide``.
    """
    scale, width = len(taps.offsets), wide.shape[1]
    above = first // scale - BICUBIC_RADIUS
    for row in range(len(wide)):
        start = source.start + (above + row) * source.row_stride
        enlarge_row(source, start, taps, scale, wide[row])
    for row in range(len(values)):
        phase = (first + row) % scale
        top = (first + row) // scale - above + taps.offsets[phase]
        core_row(wide, top * width, width, taps, phase, threshold, values[row])


@borrowing_kernel
def keep_rows(
    values: Floats, source: View, first: int, height: int, noise_floor: np.float32
) -> None:
    """In rows of a result, of which the first has that number, keep the plane without noise."""
    flat, stride = source.flat, source.row_stride
    edge, side = min(1, (height - 1) // 2), min(1, (source.width - 1) // 2)
    for row in range(len(values)):
        own_row = source.start + (first + row) * stride
        middle = source.start + min(max(first + row, edge), height - 1 - edge) * stride
        for column in range(source.width):
            here = middle + min(max(column, side), source.width - 1 - side)
            twice, largest = flat[here] + flat[here], NOTHING
            for ahead in (1, stride, stride + 1, stride - 1):
                change = abs((flat[here + ahead] + flat[here - ahead]) - twice)
                largest = change if change > largest else largest
            share = largest / noise_floor
            own = flat[own_row + column]
            kept = share if share < ONE else ONE
            values[row, column] = own + (values[row, column] - own) * kept


def finish_rows(
    model: LutModel, sources: Sequence[View], height: int, first: int, results: Floats
) -> None:
    """Core rows of a result and keep what has no noise, where a model does so.

    Parameters
    ----------
    model : LutModel
        Which says whether.
    sources : sequence of View
        The images.
    height : int
        Their number of rows.
    first : int
        Number of the first row of the result that is given.
    results : ndarray of float32, shape (N, rows, W * r or more)
        Rows of the results of all images, which are changed in place: whole vectors, one row behind
        the other.
    """
    if model.coring:
        _, count, width = results.shape
        rows = (first + count - 1) // model.scale - first // model.scale + 2 * BICUBIC_RADIUS + 1
        threshold = np.float32(model.coring) * np.float32(model.coring)
        with lent(rows * width + model.scale * LANES) as memory:
            wide = memory[: rows * width].reshape(rows, width)
            for values, source in zip(results, sources, strict=True):
                core_rows(values, wide, source, first, threshold, phases(model.scale))
    if model.noise_floor:
        for values, source in zip(results, sources, strict=True):
            keep_rows(values, source, first, height, np.float32(model.noise_floor))
