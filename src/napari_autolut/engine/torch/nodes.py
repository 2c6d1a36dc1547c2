"""Nodes of a finished model in a few large operations on a device: all branches, all rotations.

Belongs here: what a node's windows and tables look like as tensors, made once for a model, and
running it. Nodes that round between their look-ups, or look up in two grids, are run branch by
branch in ``upscaling.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from napari_autolut.engine.torch import gathers
from napari_autolut.engine.torch.device import device_look_up
from napari_autolut.model import (
    AnyBranch,
    LutModel,
    Padding,
    Signal,
    SpatialNode,
    Table,
    weights_on,
)

CACHED_MODELS = 4
"""Models whose tensors stay on a device for the next image."""


@dataclass(frozen=True)
class FusedNode:
    """A node as parts, one for each size of its tables."""

    node: SpatialNode
    parts: tuple[FusedPart, ...]

    def run(self, signals: list[Tensor], padding: Padding) -> Tensor:
        """(channels, H * r, W * r) of (C, H, W) signals, with divisor and bias, unclipped."""
        total = torch.zeros((), device=signals[0].device)
        for part in self.parts:
            total = total + part.run(signals, padding, self.node.upscale)
        return total / self.node.divisor + self.node.bias


@dataclass(frozen=True)
class FusedPart:
    """Tensors of those branches of a node whose tables have one size.

    Parameters
    ----------
    reads : tuple of Signal
        The U signals that are sampled.
    kernel : Tensor, shape (T * J, U, K, K)
        Windows of the branches, AdaRL's weights in them, or filters.
    tables : Tensor of float32, shape (T, L ** J, C)
        Tables of the branches.
    grid_size : int
        Grid nodes L on each axis.
    inputs : int
        Inputs J of each table.
    corners : Corners
        For every rotation, first row and column of what its windows see of the padded plane.
    halo_radius : int
        Pixels that are padded on each side.
    """

    reads: tuple[Signal, ...]
    kernel: Tensor
    tables: Tensor
    grid_size: int
    inputs: int
    corners: gathers.Corners
    halo_radius: int

    def run(self, signals: list[Tensor], padding: Padding, upscale: int) -> Tensor:
        """(channels, H * r, W * r) of (C, H, W) signals: sums of what is looked up."""
        planes = torch.stack([signals[s.node][s.channel] for s in self.reads])
        height, width = planes.shape[1:]
        rows, columns = (
            padded_index(side, (self.halo_radius, self.halo_radius), padding, planes.device)
            for side in (height, width)
        )
        padded = planes[:, rows][:, :, columns][None]
        rotated = gathers.convolve_rotated(padded, self.kernel, (height, width), self.corners)
        inputs = rotated.view(len(self.corners), 1, -1, self.inputs, height * width).clamp(0, 255)
        look_up = device_look_up(inputs.device, self.inputs)
        found = look_up(self.tables, inputs, grid_size=self.grid_size, upscale=upscale)
        blocks = found[0].T.reshape(-1, height, width)
        return functional.pixel_shuffle(blocks, upscale)


@lru_cache(CACHED_MODELS)
def fused_nodes(model: LutModel, device: torch.device) -> tuple[FusedNode | None, ...]:
    """Every node of a model on a device; None for one that is run branch by branch."""
    if model.rounding in ("running", "branch"):
        return (None,) * len(model.nodes)
    return tuple(
        _fused(node, device) if isinstance(node, SpatialNode) else None for node in model.nodes
    )


def _fused(node: SpatialNode, device: torch.device) -> FusedNode | None:
    by_size: dict[tuple[int, int], list[AnyBranch]] = {}
    for branch in node.branches:
        if not isinstance(branch.table, Table):
            return None
        size = branch.table.grid_size, branch.table.inputs
        by_size.setdefault(size, []).append(branch)
    parts = (_part(node, branches, device) for branches in by_size.values())
    return FusedNode(node, tuple(parts))


def _part(node: SpatialNode, branches: list[AnyBranch], device: torch.device) -> FusedPart:
    tables = [branch.table for branch in branches if isinstance(branch.table, Table)]
    reads = tuple(dict.fromkeys(node.sources))
    halo_radius = node.halo
    around = node.rotations == 1
    side = 2 * halo_radius + 1 if around else halo_radius + 1
    kernels = [
        weights_on(branch, reads, side, halo_radius - branch.window_size // 2 if around else 0)
        for branch in branches
    ]
    values = np.stack([np.float32(t.scale) * t.values.astype(np.float32) for t in tables])
    corners = ((0, 0),) if around else gathers.corners(halo_radius)
    return FusedPart(
        reads,
        torch.from_numpy(np.stack(kernels)).flatten(0, 1).to(device),
        torch.from_numpy(values).to(device),
        tables[0].grid_size,
        tables[0].inputs,
        corners,
        halo_radius,
    )


def padded_index(
    size: int, border: tuple[int, int], padding: Padding, device: torch.device
) -> Tensor:
    """Which rows (or columns) follow each other when a plane is padded before and after."""
    index = np.pad(np.arange(size), border, mode=padding)
    return torch.from_numpy(index).to(device)
