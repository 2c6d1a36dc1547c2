"""Flat stays flat: a finished model is made to give every constant image back exactly.

Belongs here: that projection, which every trained table gets on export, and its inverse for tables
that are trained on. Integer tables answer a constant image with a pattern of up to two levels: each
phase of a block has roundings of its own. The last node gets one more branch, whose table has one
input. It is a curve over the pixel's own value: for each phase what was missing on a constant image
of that value. Where an image is not flat the curve adds as little as it does there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.reference import signals_of, upscale_plane
from napari_autolut.model import (
    INPUT,
    AnyBranch,
    Branch,
    Card,
    FilterBranch,
    LutModel,
    Node,
    SpatialNode,
    Table,
)
from napari_autolut.model.symmetry import rotated_columns

Rows = NDArray[np.floating[Any]]

LEVELS = np.linspace(0, 256, 1025, dtype=np.float32)
"""Where the curve is set: the nodes of its table, four a level."""

WHITE = np.float32(255)
"""The last level that is looked up."""


def flattened(model: LutModel) -> LutModel:
    """The model with a curve that makes it give constant images back.

    Parameters
    ----------
    model : LutModel
        A finished model. One that rounds, ends in a channel look-up, or whose last node does not
        read the image's own pixels stays as it is.

    Returns
    -------
    LutModel
        The model, with a new curve in place of one that it had.
    """
    bare = without_curve(model)
    last = bare.nodes[-1]
    own_pixels = bare.signal_scales[last.sources[0].node] == 1
    if bare.rounding != "none" or not isinstance(last, SpatialNode) or not own_pixels:
        return model
    missing = (LEVELS[:, None] - flat_answers(bare, last)) * last.divisor / last.rotations
    table = _curve(_symmetric(missing, last), last)
    return _with_last(bare, replace(last, branches=_with_curve(last, table)))


def without_curve(model: LutModel) -> LutModel:
    """The model without the branch that ``flattened`` adds: the tables that can be trained on."""
    last = model.nodes[-1]
    if not isinstance(last, SpatialNode):
        return model
    kept = tuple(branch for branch in last.branches if branch.table.inputs > 1)
    if len(kept) in (0, len(last.branches)):
        return model
    return _with_last(model, replace(last, branches=kept))


def _with_last(model: LutModel, node: SpatialNode) -> LutModel:
    return replace(model, nodes=(*model.nodes[:-1], node))


def flat_answers(model: LutModel, last: SpatialNode) -> Rows:
    """(1025, r * r) what a model makes of constant images of 0 to 256, before it is clipped.

    Its windows are put into one pixel each: one plane holds an image of every level. Its answers
    are brought from -128..382 to 0..255, so that none is clipped.
    """
    nodes: list[Node] = [_pointwise(node) for node in model.nodes[:-1]]
    halved = replace(last, divisor=2 * last.divisor, bias=last.bias / 2 + 64)
    pointwise = LutModel((*nodes, _pointwise(halved)), Card("constant images"))
    rows = upscale_plane(pointwise, LEVELS.clip(0, WHITE)[None])
    size = model.scale
    blocks = rows.reshape(size, len(LEVELS), size).swapaxes(0, 1).reshape(len(LEVELS), -1)
    # What is missing of white is missing beyond it, where no pixel is.
    answers: Rows = 2 * (blocks - 64) + (LEVELS - WHITE).clip(0)[:, None]
    return answers


def constant_signals(model: LutModel) -> list[list[NDArray[np.float64]]]:
    """What every node but the last makes of constant images of 0 to 255: its channels, (1025,)."""
    pointwise = LutModel(tuple(map(_pointwise, model.nodes)), Card("constant images"))
    planes = signals_of(pointwise, LEVELS.clip(0, WHITE)[None])
    return [[channel[0].astype(np.float64) for channel in signal] for signal in planes[:-1]]


def _pointwise(node: Node) -> Node:
    """The node on constant images: all weights of a window are that of one pixel."""
    if not isinstance(node, SpatialNode):
        return node
    branches: list[AnyBranch] = []
    for branch in node.branches:
        if isinstance(branch, FilterBranch):
            sums = branch.filters.sum((2, 3), keepdims=True, dtype=np.float64)
            branches.append(replace(branch, filters=sums.astype(np.float32)))
        else:
            sums = branch.windows.sum((1, 2), keepdims=True, dtype=np.float64)
            branches.append(replace(branch, windows=sums.astype(np.float32)))
    return replace(node, branches=tuple(branches))


def _symmetric(rows: Rows, node: SpatialNode) -> Rows:
    """Rows whose blocks are equal to their rotations to the last bit, if they are but for bits."""
    rotations = [rows[:, rotated_columns(rows.shape[1], node.upscale, k)] for k in range(4)]
    mean: Rows = np.mean(np.stack(rotations), 0)
    alike = abs(mean - rows).max() < 1e-3 * node.divisor
    return mean.round(3) if alike else rows


def _curve(values: Rows, node: SpatialNode) -> Table:
    """A table of one input in the type of the node's others."""
    first = node.tables[0]
    dtype = (first if isinstance(first, Table) else first.near).values.dtype
    if dtype == np.float32:
        return Table(values.astype(np.float32), len(LEVELS), inputs=1)
    scale = float(abs(values).max()) / np.iinfo(dtype).max or 1.0
    return Table(np.rint(values / scale).astype(dtype), len(LEVELS), inputs=1, scale=scale)


def _with_curve(node: SpatialNode, table: Table) -> tuple[AnyBranch, ...]:
    """The node's branches, and one that looks the curve up at the image's own pixel."""
    first, size = node.branches[0], node.branches[0].window_size
    before = node.border(size)[0]
    if not isinstance(first, FilterBranch):
        return (*node.branches, Branch(table, np.ones((1, 1, 1), np.float32), INPUT))
    signals = first.signals if INPUT in first.signals else (*first.signals, INPUT)
    more = len(signals) - len(first.signals)
    padding = ((0, 0), (0, more), (0, 0), (0, 0))
    widened = tuple(
        replace(branch, signals=signals, filters=np.pad(branch.filters, padding))
        for branch in node.branches
        if isinstance(branch, FilterBranch)
    )
    filters = np.zeros((1, len(signals), size, size), np.float32)
    filters[0, signals.index(INPUT), before, before] = 1
    return (*widened, FilterBranch(table, filters, signals))
