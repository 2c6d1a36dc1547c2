"""Rotation-equivariant (C4) tables: symmetric under rotations of the window around a pixel.

Belongs here: their start, the look-up, and the projection that keeps them symmetric. A branch of
the papers is looked up on four rotations of the image. Here one table of five inputs does that: the
pixel, and one kernel rotated by 0, 90, 180 and 270 degrees around it. Rotating the image moves the
four window inputs on by one place, and the table answers with the block rotated likewise: one
look-up instead of four (``docs/training.md``). Source: Cohen and Welling, ICML 2016.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autolut_training.models.sampling import Offsets
from autolut_training.models.stages import BlockTables, identity_tables
from autolut_training.ops.lookup import look_up
from autolut_training.settings.architecture import SpatialPlan
from napari_autolut.engine.torch.gathers import rotate_columns
from napari_autolut.model.symmetry import INPUTS, ROTATIONS

START_TAPS: tuple[Offsets, ...] = (((0, 1),), ((1, 1),), ((1, 2),), ((0, 2),), ((2, 2),), ((2, 1),))
"""Where the windows of successive branches start: row and column from the pixel."""


class C4Tables(BlockTables):
    """Tables of C4 branches: how they start, and what is looked up in them."""

    @staticmethod
    def first_tables(plan: SpatialPlan, grid_size: int, noise: torch.Generator) -> Tensor:
        """(T, L ** 5, C) identity: every output is the pixel; a rotated block has its noise."""
        start = identity_tables(plan, INPUTS, grid_size, noise)
        return symmetric(start, grid_size, plan.upscale)

    def means(self, pixels: Tensor, around: Tensor, size: tuple[int, int]) -> Tensor:
        """(N, C, H, W) means over branches at (N, T, P) pixels and (N, T, 4, P) window inputs."""
        inputs = torch.cat([pixels[:, :, None], around], 2)[None]
        tables = _Symmetric.apply(self.tables, self.grid_size, self.upscale)  # type: ignore[no-untyped-call]
        rows = look_up(tables, inputs, grid_size=self.grid_size, upscale=self.upscale)
        rows = rows / len(self.plan.sources)
        return rows.transpose(1, 2).reshape(len(rows), -1, *size)


def symmetric(tables: Tensor, grid_size: int, upscale: int) -> Tensor:
    """The tables nearest to (T, L ** 5, C) ones whose blocks rotate when their windows do."""
    count, rows, columns = tables.shape
    grid = tables.view(count, grid_size, *[grid_size] * ROTATIONS, columns)
    total = torch.zeros_like(tables)
    for rotation in range(ROTATIONS):
        axes = [2 + (axis - rotation) % ROTATIONS for axis in range(ROTATIONS)]
        rotated = grid.permute(0, 1, *axes, 6).reshape(count, rows, columns)
        total += rotate_columns(rotated, upscale, rotation)
    return total / ROTATIONS


class _Symmetric(torch.autograd.Function):
    """Symmetric tables as they are, with gradients that leave them symmetric."""

    @staticmethod
    def forward(ctx: Any, tables: Tensor, grid_size: int, upscale: int) -> Tensor:
        ctx.shape = grid_size, upscale
        return tables.view_as(tables)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return symmetric(gradients[0], *ctx.shape), None, None
