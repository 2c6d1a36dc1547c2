"""Trainable nodes made of tables: the forward pass, refining the grid, and export.

Belongs here: one spatial or one channel node. How nodes make a model is in ``cascade.py``.
Tables are kept in pixel values: a node gives the mean of what its branches look up. So one learning
rate suits every node, whatever divisor and bias a model file gives it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autolut_training.models.quantise import nearest_int8
from autolut_training.models.sampling import Sampled
from autolut_training.ops.lookup import look_up
from autolut_training.settings.architecture import ChannelPlan, SpatialPlan
from napari_autolut.model import AnyTable, ChannelNode, ModelError, SpatialNode, Table


class GridTables(nn.Module):
    """A node's ``tables`` (T, L ** J, C) on a grid of L nodes along each of J ``inputs``."""

    tables: nn.Parameter
    grid_size: int
    inputs: int

    @torch.no_grad()
    def refine(self, grid_size: int) -> None:
        """Put the same function on a finer grid: interpolating the coarse table is exact."""
        self.tables = nn.Parameter(refined(self.tables, self.grid_size, grid_size, self.inputs))
        self.grid_size = grid_size


class BlockTables(GridTables):
    """Tables whose rows are ``upscale`` x ``upscale`` blocks, one for each channel."""

    plan: SpatialPlan
    upscale: int

    @torch.no_grad()
    def rescale(self, upscale: int) -> None:
        """Resize every block, a pixel being the mean of what it covers."""
        count, rows, columns = self.tables.shape
        blocks = self.tables.view(count, rows, -1, self.upscale, self.upscale)
        overlap = _overlap(self.upscale, upscale).to(blocks.device)
        blocks = overlap @ blocks @ overlap.T
        self.tables = nn.Parameter(blocks.reshape(count, rows, -1))
        columns = columns // self.upscale**2 * upscale**2
        self.plan = replace(self.plan, columns=columns, upscale=upscale)
        self.upscale = upscale


class Stage(Sampled, BlockTables):
    """Every parameter of one spatial node: ``tables``, ``logits`` and ``residuals``.

    Tables start as the identity: every output is the first input.
    """

    def __init__(
        self,
        plan: SpatialPlan,
        window: int,
        grid_size: int,
        noise: torch.Generator,
        inputs: int = 4,
    ) -> None:
        tables = identity_tables(plan, inputs, grid_size, noise)
        super().__init__(plan, window, noise, inputs)
        self.inputs, self.grid_size, self.upscale = inputs, grid_size, plan.upscale
        self.tables = nn.Parameter(tables)

    @classmethod
    def of(cls, node: SpatialNode) -> Stage:
        """The node of a model, to be trained on.

        Raises
        ------
        ModelError
            if a table is one of DFC's pairs, or grids differ inside the node
        """
        tables = plain([*node.tables])
        previous = tuple(b.previous for b in node.windowed)
        plan = SpatialPlan(
            tuple(b.source for b in node.windowed), previous, tables[0].columns, node.upscale
        )
        # A window of 1 has nothing to train, and nothing to fold at its border.
        window = max(2, node.halo + 1)
        stage = cls(plan, window, tables[0].grid_size, torch.Generator(), tables[0].inputs)
        stage.set_branches(node.windowed)
        stage.tables.data = levels(tables, 4 * len(tables) / node.divisor, node.bias)
        return stage

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) means over branches and rotations; rows are not yet shuffled to blocks."""
        height, width = signals[self.plan.sources[0].node].shape[2:]
        rows = look_up(
            self.tables, self.sampled(signals), grid_size=self.grid_size, upscale=self.upscale
        )
        rows = rows / (4 * len(self.plan.sources))
        return rows.transpose(1, 2).reshape(len(rows), -1, height, width)

    def node(self, *, quantise: bool) -> SpatialNode:
        """What a model stores."""
        values = self.tables.detach().cpu().numpy()
        tables, centre = stored(values, self.grid_size, self.inputs, quantise=quantise)
        branches = self.branches(tables)
        return SpatialNode(branches, 4 * len(branches), centre, self.upscale)


class ChannelStage(GridTables):
    """The table of a channel node; it starts as the identity: output *c* is input *c*."""

    def __init__(self, plan: ChannelPlan, grid_size: int) -> None:
        super().__init__()
        self.plan, self.grid_size, self.upscale = plan, grid_size, 1
        self.inputs = len(plan.signals)
        self.tables = nn.Parameter(grid_points(grid_size, len(plan.signals)).T[None].contiguous())

    @classmethod
    def of(cls, node: ChannelNode) -> ChannelStage:
        """The node of a model, to be trained on."""
        table = node.table
        stage = cls(ChannelPlan(node.signals), table.grid_size)
        values = np.float32(table.scale) * table.values + np.float32(node.bias)
        stage.tables.data = torch.from_numpy(values)[None].float()
        return stage

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) rows looked up."""
        planes = torch.stack([signals[s.node][:, s.channel] for s in self.plan.signals], 1)
        crops, _, height, width = planes.shape
        rows = look_up(self.tables, planes.flatten(2)[None, :, None], grid_size=self.grid_size)
        return rows.transpose(1, 2).reshape(crops, -1, height, width)

    def project(self) -> None:
        """A table has no bounds."""

    def node(self, *, quantise: bool) -> ChannelNode:
        """What a model stores."""
        values = self.tables.detach().cpu().numpy()
        inputs = len(self.plan.signals)
        (table,), centre = stored(values, self.grid_size, inputs, quantise=quantise)
        return ChannelNode(self.plan.signals, table, centre)


def _overlap(before: int, after: int) -> Tensor:
    """(after, before) parts of each of ``after`` pieces of a line that ``before`` ones are."""
    fine = torch.eye(before).repeat_interleave(after, 0)
    return fine.view(after, before, before).mean(1)


def identity_tables(
    plan: SpatialPlan, inputs: int, grid_size: int, noise: torch.Generator
) -> Tensor:
    """(T, L ** J, C) tables whose every output is the first input, but for a little noise.

    Channels that start equal would stay equal for ever.
    """
    tables = len(plan.sources)
    start = grid_points(grid_size, inputs)[0][None, :, None].expand(tables, -1, plan.columns)
    return start + 2 * torch.randn(tables, 1, plan.columns, generator=noise)


def grid_points(grid_size: int, inputs: int) -> Tensor:
    """(J, L ** J) values of every input at the rows of a table, the last node at 256."""
    nodes = torch.arange(grid_size) * (256 / (grid_size - 1))
    return torch.stack(torch.meshgrid(*[nodes] * inputs, indexing="ij")).flatten(1)


def interpolate(tables: Tensor, points: Tensor, grid_size: int) -> Tensor:
    """(T, M, C) rows of (T, L ** J, C) tables at (J, M) points in [0, 256]."""
    position = points * ((grid_size - 1) / 256)
    base = position.floor().clamp(0, grid_size - 2)
    fraction, order = (position - base).sort(0, descending=True)
    strides = grid_size ** torch.arange(len(points) - 1, -1, -1, device=points.device)
    row = (base.long() * strides[:, None]).sum(0)
    ones, zeros = torch.ones_like(fraction[:1]), torch.zeros_like(fraction[:1])
    bounds = torch.cat([ones, fraction, zeros])
    total = torch.zeros((), device=points.device)
    for step, (upper, lower) in enumerate(pairwise(bounds)):
        if step:
            row = row + strides[order[step - 1]]
        total = total + (upper - lower)[:, None] * tables[:, row]
    return total


def refined(tables: Tensor, before: int, grid_size: int, inputs: int) -> Tensor:
    """The same function on a finer grid."""
    if (grid_size - 1) % (before - 1):
        raise ModelError("grid size", grid_size, f"a refinement of {before}")
    points = grid_points(grid_size, inputs).to(tables.device)
    return interpolate(tables.detach(), points, before)


def levels(tables: list[Table], gain: float, bias: float) -> Tensor:
    """(T, L ** J, C) what a node gives for each row of its tables, in pixel values."""
    rows = [np.float32(gain * t.scale) * t.values + np.float32(bias) for t in tables]
    return torch.from_numpy(np.stack(rows)).float()


def stored(
    values: NDArray[np.float32], grid_size: int, inputs: int, *, quantise: bool
) -> tuple[list[Table], float]:
    """Tables as a file holds them, and the bias that goes with them."""
    if not quantise:
        return [Table(v, grid_size, inputs) for v in values], 0.0
    # A constant taken out of every table comes back as the node's bias: int8 is symmetric.
    centre = float((values.max() + values.min()) / 2)
    tables = []
    for table in values:
        levels, scale = nearest_int8(table - np.float32(centre))
        tables.append(Table(levels, grid_size, inputs, scale))
    return tables, centre


def plain(tables: list[AnyTable]) -> list[Table]:
    """Tables that can be trained on, all of one size."""
    plain = [t for t in tables if isinstance(t, Table)]
    if len(plain) < len(tables):
        raise ModelError("tables", "DFC's pairs of tables", "plain ones to train on")
    if len({t.grid_size for t in plain}) > 1:
        raise ModelError("grid sizes of a node", sorted({t.grid_size for t in plain}), "one size")
    return plain
