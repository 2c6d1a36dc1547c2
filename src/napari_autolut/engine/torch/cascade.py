"""A finished model as a few Triton kernels: one for each node, and one for the coring.

Belongs here: which models that serves, what a node is on a card, made once for a model, and
running them. Models with other rounding, two grids or look-ups over channels take the way of
``upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_autolut.engine.torch.noise_floor import without_changes_below
from napari_autolut.model import (
    AnyBranch,
    LutModel,
    Signal,
    SpatialNode,
    Table,
    weights_on,
)
from napari_autolut.model.symmetry import rotated_columns
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, TAPS, phases

INPUTS = 5
"""Inputs of every look-up on a card; missing ones are 0."""

MAX_COLUMNS = 64

MASKS = ("MA", "MB", "MC", "MD", "ME")
"""What the kernels call the places of each input's window."""

CACHED_MODELS = 4
"""Models whose tensors stay on a device for the next image."""


class Launch(NamedTuple):
    """Pixels of a program, and how many warps of 32 threads share them."""

    block: int = 256
    warps: int = 4


def serves(model: LutModel) -> bool:
    """Whether a model's nodes all have the shape that the kernels compute."""
    *inner, last = model.nodes
    return (
        model.rounding == "none"
        and all(isinstance(node, SpatialNode) and _serves_node(node) for node in model.nodes)
        and all(node.upscale == 1 for node in inner)
        and last.channels == 1
    )


def _serves_node(node: SpatialNode) -> bool:
    return node.tables[0].columns <= MAX_COLUMNS and all(
        isinstance(table, Table) and table.inputs <= INPUTS for table in node.tables
    )


@dataclass(frozen=True, eq=False)
class CardNode:
    """One node as tensors on a card, with T look-ups, an even number, of S planes.

    Parameters
    ----------
    node : SpatialNode
        The node of the model.
    reads : Tensor of int32, shape (S,)
        Which planes it reads.
    weights : Tensor, shape (T, S, 5, K, K)
        Of each look-up's inputs, for the window around the pixel.
    tables : Tensor
        Rows of all tables one after the other, padded to ``width`` columns.
    walks : Tensor of int32, shape (T, 6)
        Each look-up's first row, and rows from one grid node to the next along each input.
    numbers : Tensor, shape (T, 2)
        Grid cells for one unit of an input, and the table's scale.
    masks : tuple of int
        For each input, as bits, the places of the window where any look-up has a weight.
    width : int
        Columns of ``tables``.
    """

    node: SpatialNode
    reads: Tensor
    weights: Tensor
    tables: Tensor
    walks: Tensor
    numbers: Tensor
    masks: tuple[int, ...]
    width: int

    def run(self, planes: Tensor, targets: Targets, out: Tensor, launch: Launch) -> None:
        """Compute ``out`` at some pixels of padded (C, H, W) planes."""
        from napari_autolut.engine.torch.cascade_kernels import node_kernel

        _, height, stride = planes.shape
        positions = len(targets.rows) * len(targets.columns)
        node_kernel[(-(-positions // launch.block),)](
            planes, self.reads, self.weights, self.tables, self.walks, self.numbers,
            targets.rows, targets.columns, out,
            len(self.weights) // 2, stride, height * stride, len(targets.columns), positions,
            self.node.channels, self.node.divisor, self.node.bias,
            READS=len(self.reads), SIDE=self.weights.shape[-1],
            **dict(zip(MASKS, self.masks, strict=True)),
            WIDTH=self.width, UPSCALE=self.node.upscale,
            BLOCK=launch.block, num_warps=launch.warps, enable_fp_fusion=False,
        )  # fmt: skip


class Targets(NamedTuple):
    """Rows and columns of padded planes at which a node is computed, as int32 tensors."""

    rows: Tensor
    columns: Tensor


class Buffers(NamedTuple):
    """Planes with a border, a result, and which pixels are computed for either."""

    planes: Tensor
    result: Tensor
    padded: Targets
    whole: Targets


class Cascade:
    """A model on a card.

    Parameters
    ----------
    model : LutModel
        One that ``serves`` allows.
    device : torch.device
        Where its tensors are.
    launch : Launch, optional
        How kernels share out pixels.
    """

    def __init__(self, model: LutModel, device: torch.device, launch: Launch | None = None) -> None:
        self.model = model
        self.launch = launch or Launch()
        counts = [1, *(node.channels for node in model.nodes)]
        self._first_planes = np.cumsum([0, *counts]).tolist()
        spatial = [node for node in model.nodes if isinstance(node, SpatialNode)]
        self.nodes = [_card_node(node, self._plane_of, device) for node in spatial]
        self.border = max(BICUBIC_RADIUS, *(node.halo for node in spatial))
        offsets, weights = phases(model.scale)
        self._offsets = torch.from_numpy(offsets.astype(np.int32)).to(device)
        self._weights = torch.from_numpy(weights).to(device)

    def _plane_of(self, signal: Signal) -> int:
        return int(self._first_planes[signal.node]) + signal.channel

    def buffers(self, shape: tuple[int, int], device: torch.device) -> Buffers:
        """Memory for planes of a size, that may be used again and again."""
        padded, whole = (
            _targets(shape, self.border, amount, self.model.padding, device)
            for amount in (self.border, 0)
        )
        size = len(padded.rows), len(padded.columns)
        planes = torch.empty((self._first_planes[-2], *size), device=device)
        scale = self.model.scale
        result = torch.empty((shape[0] * scale, shape[1] * scale), device=device)
        return Buffers(planes, result, padded, whole)

    def run(self, plane: Tensor, buffers: Buffers) -> Tensor:
        """(H * r, W * r) of a (H, W) plane of float32 on the card, in the memory it is given."""
        planes, result, padded, whole = buffers
        rows, columns = (lines - self.border for lines in padded)
        planes[0] = plane[rows][:, columns]
        *inner, last = self.nodes
        for number, node in enumerate(inner, 1):
            made = planes[self._first_planes[number] :]
            node.run(planes, padded, made, self.launch)
        last.run(planes, whole, result, self.launch)
        if self.model.coring:
            self._core(result, planes[0])
        if self.model.noise_floor:
            around = slice(self.border - 1, 1 - self.border or None)
            near = planes[0][around, around]
            result.copy_(without_changes_below(result, near, self.model.noise_floor))
        return result

    def _core(self, result: Tensor, padded: Tensor) -> None:
        from napari_autolut.engine.torch.cascade_kernels import coring_kernel

        count, block = result.numel(), 4 * self.launch.block
        coring = np.float32(self.model.coring)
        coring_kernel[(-(-count // block),)](
            result, padded, self._offsets, self._weights,
            count, result.shape[1], padded.shape[1], self.border, float(coring * coring),
            SCALE=self.model.scale, TAPS=TAPS, BLOCK=block, enable_fp_fusion=False,
        )  # fmt: skip


@lru_cache(CACHED_MODELS)
def cascade_of(model: LutModel, device: torch.device) -> Cascade:
    """The cascade of a model on a device; made on the first call for it."""
    return Cascade(model, device)


def _targets(
    shape: tuple[int, int], border: int, amount: int, padding: Any, device: torch.device
) -> Targets:
    """Which pixels of planes with a border stand for each row and column of a smaller border."""
    lines = (np.pad(np.arange(side), amount, mode=padding) + border for side in shape)
    return Targets(*(torch.from_numpy(each.astype(np.int32)).to(device) for each in lines))


def _card_node(node: SpatialNode, plane_of: Any, device: torch.device) -> CardNode:
    reads = tuple(dict.fromkeys(node.sources))
    look_ups = list(product(node.branches, range(node.rotations)))
    windows = [_window(node, branch, rotation, reads) for branch, rotation in look_ups]
    width = 1 << (node.tables[0].columns - 1).bit_length()
    rows, walks, numbers = _tables(node, look_ups, width)
    if len(look_ups) % 2:
        windows.append(np.zeros_like(windows[0]))
        walks.append([0] * (INPUTS + 1))
        numbers.append((0.0, 0.0))
    weights = np.stack(windows)
    used = weights.any((0, 1)).reshape(INPUTS, -1)
    masks = tuple(sum(1 << int(place) for place in np.flatnonzero(each)) for each in used)
    return CardNode(
        node,
        _to_device(np.array([plane_of(signal) for signal in reads], np.int32), device),
        _to_device(weights, device),
        _to_device(rows, device),
        _to_device(np.array(walks, np.int32), device),
        _to_device(np.array(numbers, np.float32), device),
        masks,
        width,
    )


def _tables(
    node: SpatialNode, look_ups: Sequence[tuple[AnyBranch, int]], width: int
) -> tuple[NDArray[Any], list[list[int]], list[tuple[float, float]]]:
    """Rows of all look-ups, whose columns are rotated as their planes are, and how to walk them."""
    rows, walks, numbers, first = [], [], [], 0
    for branch, rotation in look_ups:
        table = branch.table
        if not isinstance(table, Table):
            raise TypeError(f"found {type(table).__name__}, expected a table of one grid")
        order = rotated_columns(table.columns, node.upscale, rotation) if rotation else slice(None)
        values = np.ascontiguousarray(table.values[:, order])
        rows.append(np.pad(values, ((0, 0), (0, width - table.columns))))
        strides = [table.grid_size**axis for axis in reversed(range(table.inputs))]
        walks.append([first, *strides, *[0] * (INPUTS - table.inputs)])
        numbers.append(((table.grid_size - 1) / 256, float(table.scale)))
        first += len(values)
    return np.concatenate(rows), walks, numbers


def _window(
    node: SpatialNode, branch: AnyBranch, rotation: int, reads: Sequence[Signal]
) -> NDArray[np.float32]:
    """(S, 5, K, K) weights of a look-up around its pixel, in one rotation."""
    first = node.halo - node.border(branch.window_size)[0]
    weights = weights_on(branch, reads, 2 * node.halo + 1, first).swapaxes(0, 1)
    missing = INPUTS - weights.shape[1]
    window = np.pad(weights, ((0, 0), (0, missing), (0, 0), (0, 0)))
    return np.rot90(window, -rotation, (2, 3))


def _to_device(values: NDArray[Any], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(device)
