"""Star branches: the pixel itself and one window in its four rotations, looked up once.

Belongs here: a spatial node of such branches. A papers' branch is looked up on four rotations of
the image, so that what it makes turns with the image. Here one table of five inputs does that: the
pixel, and the window turned by 0, 90, 180 and 270 degrees around it; turning the image moves the
four window inputs on by one place, and the table answers with the block turned likewise. One
look-up instead of four sees as much, and learns more in as many steps (``docs/training.md``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autolut_training.models.architecture import SpatialPlan
from autolut_training.models.sampling import PRUNED_WEIGHT, Sampled, Taps, pruned
from autolut_training.models.stages import BlockTables, grid_points, levels, plain, stored
from autolut_training.ops.gathers import index, turn_columns
from autolut_training.ops.lookup import look_up
from napari_autolut.model.graph import Branch, ModelError, SpatialNode
from napari_autolut.model.symmetry import INPUTS, ROTATIONS, c4_filters

START_TAPS: tuple[Taps, ...] = (((0, 1),), ((1, 1),), ((1, 2),), ((0, 2),), ((2, 2),), ((2, 1),))
"""Where the windows of successive branches start: row and column from the pixel."""


PRUNE_BELOW = 0.01
"""A star samples its window four times in every pixel, so that small taps cost more than elsewhere;
those below this changed held-out PSNR of natural-x4 by less than 0.001 dB."""


class StarTables(BlockTables):
    """Tables of stars: how they start, and what is looked up in them."""

    @staticmethod
    def first_tables(plan: SpatialPlan, grid_size: int, noise: torch.Generator) -> Tensor:
        """(T, L ** 5, C) identity: every output is the pixel, but for a little noise."""
        tables = len(plan.sources)
        start = grid_points(grid_size, INPUTS)[0][None, :, None].expand(tables, -1, plan.columns)
        # Channels that start equal would stay equal for ever. A turned block has the same noise.
        start = start + 2 * torch.randn(tables, 1, plan.columns, generator=noise)
        return symmetric(start, grid_size, plan.upscale)

    def means(self, pixels: Tensor, around: Tensor, size: tuple[int, int]) -> Tensor:
        """(N, C, H, W) means over branches at (N, T, P) pixels and (N, T, 4, P) window inputs."""
        inputs = torch.cat([pixels[:, :, None], around], 2)[None]
        tables = _Symmetric.apply(self.tables, self.grid_size, self.upscale)  # type: ignore[no-untyped-call]
        rows = look_up(tables, inputs, grid_size=self.grid_size, upscale=self.upscale)
        rows = rows / len(self.plan.sources)
        return rows.transpose(1, 2).reshape(len(rows), -1, *size)


class StarStage(Sampled, StarTables):
    """Every parameter of one node of stars: ``tables``, ``logits`` and ``residuals``.

    Windows reach from the pixel to the right and down; their rotations cover the other quarters.
    ``residuals`` (T, 2) are those of the pixel and of the window. Tables start as the identity:
    every output is the pixel.
    """

    def __init__(
        self, plan: SpatialPlan, window: int, grid_size: int, noise: torch.Generator
    ) -> None:
        start = self.first_tables(plan, grid_size, noise)
        super().__init__(plan, window, noise, 1, START_TAPS)
        self.residuals = nn.Parameter(torch.zeros(len(plan.sources), 2))
        self.inputs, self.grid_size, self.upscale = INPUTS, grid_size, plan.upscale
        self.tables = nn.Parameter(start)

    @classmethod
    def of(cls, node: SpatialNode) -> StarStage:
        """The node of a model, to be trained on.

        Raises
        ------
        ModelError
            if its branches are no stars, or its tables DFC's pairs or of several grids
        """
        tables = plain([*node.tables])
        windows = [_window_of(branch) for branch in node.windowed]
        plan = SpatialPlan(
            tuple(branch.source for branch in node.windowed),
            tuple(branch.previous for branch in node.windowed),
            tables[0].columns,
            node.upscale,
            star=True,
        )
        size = max(len(window) for window in windows)
        stage = cls(plan, size, tables[0].grid_size, torch.Generator())
        with torch.no_grad():
            for t, (branch, window) in enumerate(zip(node.windowed, windows, strict=True)):
                weights = torch.zeros(size, size)
                weights[: len(window), : len(window)] = torch.from_numpy(window.copy())
                stage.logits[t, 0] = weights.clamp_min(PRUNED_WEIGHT).log()
                if branch.residual is not None:
                    stage.residuals[t] = torch.from_numpy(branch.residual[:2])
            values = levels(tables, len(tables) / node.divisor, node.bias)
            stage.tables.data = symmetric(values, stage.grid_size, stage.upscale)
        return stage

    @property
    def window_residuals(self) -> Tensor:
        """(T, 1) residual weights of the windows."""
        return self.residuals[:, 1:]

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) means over branches; rows are not yet shuffled to blocks."""
        height, width = signals[self.plan.sources[0].node].shape[2:]
        around = self.sampled(signals)[:, :, :, 0].permute(1, 2, 0, 3)
        return self.means(self._pixels(signals), around, (height, width))

    def _pixels(self, signals: list[Tensor]) -> Tensor:
        """(N, T, H * W) the pixels themselves, mixed with what they were made from."""
        planes, planes_of = self.read(signals)
        flat = planes.flatten(2)
        pixels, *before = (
            flat.index_select(1, index(numbers, flat.device))
            for numbers in zip(*planes_of, strict=True)
        )
        if before:
            keep = self.residuals[None, :, :1]
            pixels = (1 - keep) * pixels + keep * before[0]
        return pixels

    def node(self, *, quantise: bool) -> SpatialNode:
        """What a model stores."""
        values = self.tables.detach().cpu().numpy()
        tables, centre = stored(values, self.grid_size, INPUTS, quantise=quantise)
        branches = self.branches(tables)
        return SpatialNode(branches, len(branches), centre, self.upscale, rotations=1)

    def stored_sampling(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What a model stores of each branch: the star's windows and residual weights."""
        windows, residuals = (t.detach().cpu().numpy() for t in (self.windows, self.residuals))
        stars = [star(window) for window in pruned(windows, PRUNE_BELOW)[:, 0]]
        return np.stack(stars), residuals.clip(0, 1).repeat((1, ROTATIONS), 1)


def star(window: NDArray[np.float32]) -> NDArray[np.float32]:
    """(5, 2K - 1, 2K - 1) windows around the pixel: itself, and a (K, K) one in four rotations."""
    return c4_filters(np.ones(1, np.float32), window[None])[:, 0]


def _window_of(branch: Branch) -> NDArray[np.float32]:
    """The (K, K) window whose star a branch samples."""
    middle = branch.window_size // 2
    window = branch.windows[1, middle:, middle:]
    same_residuals = branch.residual is None or len(set(branch.residual[1:].tolist())) == 1
    if (
        len(branch.windows) != INPUTS
        or not same_residuals
        or not np.allclose(branch.windows, star(window), rtol=0, atol=1e-6)
    ):
        raise ModelError("windows around the pixel", "other ones", "stars, to be trained on")
    # The smallest window has a neighbour to look at.
    return window if len(window) > 1 else np.pad(window, (0, 1))


def symmetric(tables: Tensor, grid_size: int, upscale: int) -> Tensor:
    """The tables nearest to (T, L ** 5, C) ones whose blocks turn when their windows do."""
    count, rows, columns = tables.shape
    grid = tables.view(count, grid_size, *[grid_size] * ROTATIONS, columns)
    total = torch.zeros_like(tables)
    for turns in range(ROTATIONS):
        axes = [2 + (axis - turns) % ROTATIONS for axis in range(ROTATIONS)]
        turned = grid.permute(0, 1, *axes, 6).reshape(count, rows, columns)
        total += turn_columns(turned, upscale, turns)
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
