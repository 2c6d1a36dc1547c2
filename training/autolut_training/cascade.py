"""The trainable cascade: tables, sampling windows and residual weights as torch parameters.

Belongs here: the forward pass for training, refining the grid, and export to a ``LutModel``.
Architecture (after MuLUT, AutoLUT and SPF-LUT): stages in a row; every branch of a stage samples
one channel of the stage before. An inner stage may give several channels, each with its own
branches in the next stage; the last stage gives the r x r block of every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from autolut_training.lookup import look_up, sample
from autolut_training.quantise import nearest_int8
from napari_autolut.model import (
    INPUT,
    PATTERNS,
    Branch,
    Card,
    LutModel,
    ModelError,
    Signal,
    SpatialNode,
    Table,
)

START_TAPS: tuple[tuple[tuple[int, int], ...], ...] = (
    PATTERNS["S"],
    PATTERNS["D"],
    PATTERNS["Y"],
    ((0, 0), (0, 1), (0, 2), (1, 0)),
    ((0, 0), (1, 2), (2, 1), (2, 2)),
    ((0, 0), (0, 2), (1, 1), (2, 0)),
)
"""Where the windows of successive branches start; AutoSample learns where they end."""

START_LOGIT = 4.0


@dataclass(frozen=True)
class Architecture:
    """What is trained.

    Parameters
    ----------
    scale : r
    channels : channels that each stage gives, the last always 1
    branches : look-ups per channel in every stage
    window : K of the sampling windows
    skip : whether the last stage also samples the image itself
    """

    scale: int
    channels: tuple[int, ...] = (1, 1)
    branches: int = 3
    window: int = 5
    skip: bool = False

    def __post_init__(self) -> None:
        if not self.channels or self.channels[-1] != 1:
            raise ModelError("channels", self.channels, "a list that ends with 1")
        if self.window < 3:
            raise ModelError("window", self.window, "at least 3")


class Stage(nn.Module):
    """Branches over one or several source channels; every parameter of one stage of the cascade.

    ``sources`` and ``previous`` are channel numbers of the two signals, for every table.
    """

    def __init__(
        self,
        sources: list[Signal],
        previous: list[Signal | None],
        columns: int,
        upscale: int,
        window: int,
        grid_size: int,
        noise: torch.Generator,
    ) -> None:
        super().__init__()
        self.sources, self.previous = sources, previous
        self.upscale, self.window, self.grid_size = upscale, window, grid_size
        tables = len(sources)
        identity = torch.arange(grid_size).repeat_interleave(grid_size**3) * (256 / (grid_size - 1))
        start = identity[None, :, None].expand(tables, -1, columns)
        # Channels that start equal would stay equal for ever: a little noise tells them apart.
        self.tables = nn.Parameter(start + 2 * torch.randn(tables, 1, columns, generator=noise))
        logits = 0.3 * torch.randn(tables, 4, window, window, generator=noise)
        for t in range(tables):
            for j, (row, column) in enumerate(START_TAPS[t % len(START_TAPS)]):
                logits[t, j, row, column] += START_LOGIT
        self.logits = nn.Parameter(logits)
        self.residuals = nn.Parameter(torch.zeros(tables, 4))

    @property
    def windows(self) -> Tensor:
        """(T, 4, K, K) weights, each window summing to 1."""
        return functional.softmax(self.logits.flatten(2), -1).view_as(self.logits)

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) sums over branches and rotations, normalised; rows not yet shuffled."""
        used = list(dict.fromkeys(s for s in (*self.sources, *self.previous) if s is not None))
        planes = torch.stack([signals[s.node][:, s.channel] for s in used], 1)
        weights = self.windows[:, :, None]
        planes_of: list[tuple[int, ...]] = [(used.index(s),) for s in self.sources]
        if None not in self.previous:
            keep = self.residuals[:, :, None, None, None]
            weights = torch.cat([(1 - keep) * weights, keep * weights], 2)
            planes_of = [
                (used.index(s), used.index(p))
                for s, p in zip(self.sources, self.previous, strict=True)
                if p is not None
            ]
        turned = sample(planes, weights, planes_of)
        rows = look_up(self.tables, turned, grid_size=self.grid_size, upscale=self.upscale)
        height, width = planes.shape[2:]
        rows = rows / (4 * len(self.sources))
        return rows.transpose(1, 2).reshape(len(rows), -1, height, width)

    def roughness(self) -> Tensor:
        """Sum of the squared second differences of the tables along their four axes."""
        size = self.grid_size
        grid = self.tables.view(len(self.tables), size, size, size, size, -1)
        total = torch.zeros(())
        for axis in range(1, 5):
            low, middle, high = (grid.narrow(axis, start, size - 2) for start in range(3))
            total = total + (low - 2 * middle + high).square().sum()
        return total

    @torch.no_grad()
    def refine(self, grid_size: int) -> None:
        """Put the same function on a finer grid: interpolating the coarse table is exact."""
        tables, _, columns = self.tables.shape
        if (grid_size - 1) % (self.grid_size - 1):
            raise ModelError("grid size", grid_size, f"a refinement of {self.grid_size}")
        nodes = torch.arange(grid_size) * (256 / (grid_size - 1))
        points = torch.stack(torch.meshgrid(*[nodes] * 4, indexing="ij")).flatten(1)
        fine = interpolate(self.tables.detach(), points, self.grid_size)
        self.tables = nn.Parameter(fine.reshape(tables, grid_size**4, columns))
        self.grid_size = grid_size


def interpolate(tables: Tensor, points: Tensor, grid_size: int) -> Tensor:
    """(T, M, C) rows of (T, L ** 4, C) tables at (4, M) points in [0, 256], one table at a time."""
    position = points * ((grid_size - 1) / 256)
    base = position.floor().clamp(0, grid_size - 2)
    fraction, order = (position - base).sort(0, descending=True)
    strides = torch.tensor([grid_size**3, grid_size**2, grid_size, 1])
    row = (base.long() * strides[:, None]).sum(0)
    ones, zeros = torch.ones_like(fraction[:1]), torch.zeros_like(fraction[:1])
    bounds = torch.cat([ones, fraction, zeros])
    total = torch.zeros(())
    for step, (upper, lower) in enumerate(pairwise(bounds)):
        if step:
            row = row + strides[order[step - 1]]
        total = total + (upper - lower)[:, None] * tables[:, row]
    return total


class Cascade(nn.Module):
    """Stages in a row; takes (N, 1, H, W) in [0, 255], gives (N, 1, H * r, W * r) unclipped."""

    def __init__(self, architecture: Architecture, grid_size: int, seed: int = 0) -> None:
        super().__init__()
        self.architecture = architecture
        noise = torch.Generator().manual_seed(seed)
        counts = (1, *architecture.channels)
        stages = []
        for number, (given, made) in enumerate(pairwise(counts), 1):
            last = number == len(architecture.channels)
            sources = [Signal(number - 1, c) for c in range(given)]
            if architecture.skip and last and number > 1:
                sources.append(INPUT)
            sources = [s for s in sources for _ in range(architecture.branches)]
            previous = [_previous(s, number, counts) for s in sources]
            stages.append(
                Stage(
                    sources,
                    previous,
                    architecture.scale**2 if last else made,
                    architecture.scale if last else 1,
                    architecture.window,
                    grid_size,
                    noise,
                )
            )
        self.stages = nn.ModuleList(stages)

    def forward(self, planes: Tensor) -> Tensor:
        """Run the cascade; inner stages are clipped to [0, 255], the last is not."""
        signals = [planes]
        for stage in self._stages():
            result = stage(signals)
            if stage.upscale > 1:
                result = functional.pixel_shuffle(result, stage.upscale)
            if len(signals) < len(self.stages):
                result = result.clamp(0, 255)
            signals.append(result)
        return signals[-1]

    def _stages(self) -> list[Stage]:
        return [stage for stage in self.stages if isinstance(stage, Stage)]

    def refine(self, grid_size: int) -> None:
        """Refine the grid of every stage; the function stays the same."""
        for stage in self._stages():
            stage.refine(grid_size)

    def roughness(self) -> Tensor:
        """Sum of the squared second differences of all tables."""
        return torch.stack([stage.roughness() for stage in self._stages()]).sum()

    @property
    def grid_size(self) -> int:
        """L of the tables."""
        return self._stages()[0].grid_size

    @torch.no_grad()
    def project(self) -> None:
        """Keep AdaRL's weights in [0, 1]."""
        for stage in self._stages():
            stage.residuals.clamp_(0, 1)

    @torch.no_grad()
    def to_model(self, card: Card, *, quantise: bool = True) -> LutModel:
        """Export; ``quantise`` stores int8 tables, otherwise the float32 ones."""
        nodes = tuple(_node(stage, quantise) for stage in self._stages())
        return LutModel(nodes, card)


def _previous(source: Signal, stage: int, counts: tuple[int, ...]) -> Signal | None:
    """AdaRL's other signal: what the source itself was made from.

    The first stage has none; a later stage that skips to the image mixes it with itself.
    """
    if stage == 1:
        return None
    before = max(source.node - 1, 0)
    return Signal(before, source.channel % counts[before])


PRUNE_BELOW = 1e-3
"""Window weights smaller than this are dropped on export: each tap costs time in every pixel."""


def _node(stage: Stage, quantise: bool) -> SpatialNode:
    windows = stage.windows.detach().numpy()
    windows = np.where(windows < PRUNE_BELOW, 0, windows)
    windows = windows / windows.sum((2, 3), keepdims=True)
    values = stage.tables.detach().numpy()
    # A constant taken out of every table comes back as the node's bias: int8 is symmetric.
    centre = float((values.max() + values.min()) / 2) if quantise else 0.0
    branches = []
    for t, source in enumerate(stage.sources):
        table, scale = values[t] - np.float32(centre), 1.0
        if quantise:
            table, scale = nearest_int8(table)
        previous, residual = stage.previous[t], stage.residuals[t].detach().numpy()
        mixed = previous is not None and previous != source and bool(residual.any())
        branches.append(
            Branch(
                Table(table, stage.grid_size, scale=scale),
                windows[t],
                source,
                previous if mixed else None,
                residual.clip(0, 1) if mixed else None,
            )
        )
    return SpatialNode(tuple(branches), 4 * len(branches), centre, stage.upscale)
