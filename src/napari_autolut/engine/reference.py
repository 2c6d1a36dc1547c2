"""The specification: what a LUT model computes, in plain numpy and as few lines as it takes.

Speed belongs in ``fast.py``; tests hold the two equal. All arithmetic is float32 and in the order
written here, so that a faster engine can give the same bits.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import numpy as np

from napari_autolut.engine import Plane, Planes, Sink
from napari_autolut.engine.coring import cored
from napari_autolut.engine.noise_floor import without_changes_below
from napari_autolut.engine.squares import PRODUCTS, factors_of, numbers_of, square_of
from napari_autolut.model import (
    SQUARE_SIDE,
    AnyBranch,
    AnyTable,
    ChannelNode,
    DualTable,
    LutModel,
    SpatialNode,
    Table,
)
from napari_autolut.util.boxes import next_multiple


def upscale_plane(model: LutModel, plane: Plane) -> Plane:
    """Run a model on one plane.

    Parameters
    ----------
    model : LutModel
        The look-ups to do.
    plane : ndarray of float32, shape (H, W)
        Values in [0, 255], H and W at least 1.

    Returns
    -------
    ndarray of float32, shape (H * r, W * r)
        Values in [0, 255].
    """
    values = np.asarray(plane, np.float32)
    result = cored(signals_of(model, values)[-1][0], values, model.coring, model.padding)
    return without_changes_below(result, values, model.noise_floor, model.padding)


def upscale_rows(model: LutModel, planes: Planes, sink: Sink) -> None:
    """:func:`upscale_plane` of (N, H, W) planes into a sink, which gets all rows at once."""
    sink(0, np.stack([upscale_plane(model, plane) for plane in planes]))


def signals_of(model: LutModel, plane: Plane) -> list[list[Plane]]:
    """The plane, and the channels of every node."""
    signals: list[list[Plane]] = [[np.asarray(plane, np.float32)]]
    for node in model.nodes:
        if isinstance(node, ChannelNode):
            raw = look_up(node.table, [signals[s.node][s.channel] for s in node.signals])
            planes = list(np.moveaxis(raw + np.float32(node.bias), -1, 0))
        else:
            total = _sum_over_rotations(node, signals, model)
            planes = list(total / np.float32(node.divisor) + np.float32(node.bias))
        clipped = [np.clip(p, np.float32(0), np.float32(255)) for p in planes]
        signals.append(clipped if model.rounding == "none" else [np.rint(p) for p in clipped])
    return signals


def _sum_over_rotations(node: SpatialNode, signals: list[list[Plane]], model: LutModel) -> Plane:
    """(channels, H * r, W * r): branches summed within a rotation, then rotations if there are.

    With running rounding: rotations within a branch, rounded after each; AutoLUT's class for MuLUT
    starts again from 0 in every branch, the one for SPF-LUT goes on.
    """
    terms = [
        [_rotated_look_up(node, branch, rotation, signals, model) for branch in node.branches]
        for rotation in range(node.rotations)
    ]
    if model.rounding in ("none", "stage"):
        return reduce(np.add, (reduce(np.add, of_rotation) for of_rotation in terms))
    totals = [np.zeros_like(terms[0][0])]
    for of_branch in zip(*terms, strict=True):
        if model.rounding == "branch":
            totals.append(np.zeros_like(terms[0][0]))
        for term in of_branch:
            totals[-1] = np.rint(totals[-1] + term)
    return reduce(np.add, totals)


def _rotated_look_up(
    node: SpatialNode, branch: AnyBranch, rotation: int, signals: list[list[Plane]], model: LutModel
) -> Plane:
    """One branch on the planes rotated by ``rotation`` * 90 degrees, shuffled and rotated back."""
    rotated = [np.rot90(signals[s.node][s.channel], rotation) for s in branch.sources]
    inputs = np.zeros((branch.table.inputs, *rotated[0].shape), np.float32)
    corners = node.corners(branch)
    alone = np.array([corner is None for corner in corners])[:, None, None]
    for number, plane in enumerate(rotated):
        inputs = _sampled(plane, branch.weights[:, number] * alone, inputs, node, model.padding)
    for j, corner in enumerate(corners):
        if corner is not None:
            inputs[j] = _squared(rotated, branch.weights[j], corner, model.padding)
    found = look_up(branch.table, list(np.clip(inputs, np.float32(0), np.float32(255))))
    shuffled = _pixel_shuffle(found, node.upscale)
    return np.rot90(shuffled, -rotation, axes=(1, 2))


def _sampled(plane: Plane, windows: Plane, total: Plane, node: SpatialNode, padding: str) -> Plane:
    """(inputs, H, W) ``total`` and the weighted sums over windows at or around each pixel."""
    height, width = plane.shape
    padded = np.pad(plane, node.border(windows.shape[-1]), mode=padding)  # type: ignore[call-overload]
    sampled = total.copy()
    for j, row, column in np.argwhere(windows):
        tap = padded[row : row + height, column : column + width]
        sampled[j] = _fused(windows[j, row, column], tap, sampled[j])
    return sampled


def _squared(planes: list[Plane], filters: Plane, corner: tuple[int, int], padding: str) -> Plane:
    """(H, W) sums over 3 x 3 taps of all planes, which begin at a corner of their window.

    They are made for squares of pixels, the last of which may lie in part beyond the planes.
    """
    size = planes[0].shape
    whole = [next_multiple(side, SQUARE_SIDE) for side in size]
    border = [(2, 2 + beyond - side) for side, beyond in zip(size, whole, strict=True)]
    pixels = [slice(first, first + side + 2) for first, side in zip(corner, whole, strict=True)]
    sums = [np.zeros([side // SQUARE_SIDE for side in whole], np.float32)] * PRODUCTS
    for plane, factors in zip(planes, factors_of(filters, corner), strict=True):
        numbers = numbers_of(np.pad(plane, border, mode=padding)[*pixels])  # type: ignore[call-overload]
        sums = [_fused(*each) for each in zip(factors, numbers, sums, strict=True)]
    squares = np.stack(square_of(sums)).reshape(SQUARE_SIDE, SQUARE_SIDE, *sums[0].shape)
    height, width = size
    return squares.transpose(2, 0, 3, 1).reshape(whole)[:height, :width]


def _fused(weight: np.float32, values: Plane, total: Plane) -> Plane:
    """``weight * values + total`` rounded once, as processors and PyTorch's convolution do it.

    The product is exact in double precision. Where the sum is not, its last bit is made odd, so
    that rounding it a second time goes the way of the exact sum.
    """
    product = np.multiply(weight, values, dtype=np.float64)
    near = product + total
    back = near - product
    error = (product - (near - back)) + (total - back)
    even = (error != 0) & (near.view(np.int64) & 1 == 0)
    return np.where(even, np.nextafter(near, np.copysign(np.inf, error)), near).astype(np.float32)


def look_up(table: AnyTable, inputs: list[Plane]) -> Plane:
    """Interpolate a table's rows over a simplex.

    Parameters
    ----------
    table : Table or DualTable
        The rows, or two sets of them.
    inputs : list of ndarray of float32, shape (H, W)
        One plane of values in [0, 255] for each input of the table.

    Returns
    -------
    ndarray of float32, shape (H, W, columns)
        The interpolated rows.
    """
    if isinstance(table, DualTable):
        near = np.all([abs(x - inputs[0]) <= np.float32(table.reach) for x in inputs], axis=0)
        return np.where(near[..., None], look_up(table.near, inputs), look_up(table.far, inputs))
    return _interpolate(table, inputs)


def _interpolate(table: Table, inputs: list[Plane]) -> Plane:
    """Walk from the base node to the opposite one, the largest fraction first."""
    size = table.grid_size
    position = np.stack(inputs) * np.float32((size - 1) / 256)
    base = np.clip(np.floor(position), 0, size - 2).astype(np.int64)
    fraction = position - base.astype(np.float32)
    strides = size ** np.arange(len(inputs))[::-1]

    order = np.argsort(-fraction, axis=0, kind="stable")
    descending = np.take_along_axis(fraction, order, axis=0)
    row = np.tensordot(strides, base, 1)
    bounds = [np.float32(1), *descending, np.float32(0)]
    result = np.float32(0)
    for step, (upper, lower) in enumerate(pairwise(bounds)):
        if step:
            row = row + strides[order[step - 1]]
        weight = (upper - lower) * np.float32(table.scale)
        result = result + weight[..., None] * table.values[row].astype(np.float32)
    return np.asarray(result)


def _pixel_shuffle(rows: Plane, upscale: int) -> Plane:
    """(H, W, channels * r * r) -> (channels, H * r, W * r), torch's order of the columns."""
    height, width, columns = rows.shape
    blocks = rows.reshape(height, width, columns // upscale**2, upscale, upscale)
    shape = (-1, height * upscale, width * upscale)
    return np.ascontiguousarray(blocks.transpose(2, 0, 3, 1, 4)).reshape(shape)
