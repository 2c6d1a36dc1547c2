"""Stars of filters: every input of a look-up is a filter over all channels of the stage before.

Belongs here: a spatial node of such branches. A star (``stars.py``) samples one channel with a
window whose weights are no less than 0, a mean of pixels. Here the pixel is a mixture of all
channels and of the image, the window a filter over all of them, with weights of any sign, and the
table is looked up at what they give, clipped to [0, 255]: layers of a convolutional network, with a
table of five inputs as the function between them. What that is worth is in ``docs/training.md``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autolut_training.models.architecture import SpatialPlan
from autolut_training.models.c4_branches import START_TAPS, StarTables, symmetric
from autolut_training.models.sampling import START_LOGIT
from autolut_training.models.stages import levels, plain, stored
from autolut_training.ops.lookup import sample
from napari_autolut.model.graph import AnyBranch, FilterBranch, ModelError, SpatialNode
from napari_autolut.model.symmetry import INPUTS, c4_filters, c4_parts, symmetrised

SMALLEST_WINDOW = 3
"""Holds every place where windows start."""

PRUNE_BELOW = 1e-3
"""Filter weights nearer to 0 are dropped on export: each tap costs time in every pixel."""


class FilterStage(StarTables):
    """Every parameter of one node: ``tables``, ``filters`` and ``mixtures``.

    ``filters`` (T, S, K, K) reach from the pixel to the right and down, and are turned around it;
    ``mixtures`` (T, S) make the pixel. What each branch's weights lack of a sum of 1 is spread over
    all of them. A branch starts as a star of its own source.
    """

    def __init__(
        self, plan: SpatialPlan, window: int, grid_size: int, noise: torch.Generator
    ) -> None:
        super().__init__()
        tables = len(plan.sources)
        self.plan, self.window = plan, window
        self.inputs, self.grid_size, self.upscale = INPUTS, grid_size, plan.upscale
        own = [plan.together.index(source) for source in plan.sources]
        self.mixtures = nn.Parameter(
            nn.functional.one_hot(torch.tensor(own), len(plan.together)).float()
        )
        logits = 0.3 * torch.randn(tables, 1, window, window, generator=noise)
        for t in range(tables):
            ((row, column),) = START_TAPS[t % len(START_TAPS)]
            logits[t, 0, row, column] += START_LOGIT
        windows = logits.flatten(1).softmax(-1).view_as(logits)
        self.filters = nn.Parameter(self.mixtures.detach()[:, :, None, None] * windows)
        self.tables = nn.Parameter(self.first_tables(plan, grid_size, noise))

    @classmethod
    def of(cls, node: SpatialNode) -> FilterStage:
        """The node of a model, to be trained on.

        Raises
        ------
        ModelError
            if its branches are no stars, or tables DFC's pairs or of several grids
        """
        tables = plain([*node.tables])
        branches = [branch for branch in node.branches if isinstance(branch, FilterBranch)]
        together = branches[0].signals
        middle = node.halo
        stars = [c4_parts(branch.filters) for branch in branches]
        turned = node.rotations == 1 and tables[0].inputs == INPUTS
        if any(star is None for star in stars) or not turned:
            raise ModelError("filters around the pixel", "other ones", "stars, to be trained on")
        mixtures, filters = (np.stack(part) for part in zip(*filter(None, stars), strict=True))
        sources = tuple(together[int(mixture.argmax())] for mixture in mixtures)
        plan = SpatialPlan(
            sources,
            (None,) * len(sources),
            tables[0].columns,
            node.upscale,
            star=True,
            together=together,
        )
        stage = cls(plan, max(SMALLEST_WINDOW, middle + 1), tables[0].grid_size, torch.Generator())
        with torch.no_grad():
            stage.filters.zero_()
            stage.filters[:, :, : middle + 1, : middle + 1] = torch.from_numpy(filters)
            stage.mixtures.copy_(torch.from_numpy(mixtures))
            values = levels(tables, len(tables) / node.divisor, node.bias)
            stage.tables.data = symmetric(values, stage.grid_size, stage.upscale)
        return stage

    @property
    def weights(self) -> tuple[Tensor, Tensor]:
        """``mixtures`` and ``filters`` whose sums are 1."""
        return _summing_to_one(self.mixtures), _summing_to_one(self.filters)

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) means over branches; rows are not yet shuffled to blocks."""
        mixtures, filters = self.weights
        planes = torch.stack([signals[s.node][:, s.channel] for s in self.plan.together], 1)
        height, width = planes.shape[2:]
        count, read = mixtures.shape
        turned = sample(planes, filters[:, None], [tuple(range(read))] * count)
        around = turned[:, :, :, 0].permute(1, 2, 0, 3)
        pixels = torch.einsum("ts,nsp->ntp", mixtures, planes.flatten(2))
        return self.means(pixels.clamp(0, 255), around.clamp(0, 255), (height, width))

    def project(self) -> None:
        """Weights of any size will do."""

    def node(self, *, quantise: bool) -> SpatialNode:
        """What a model stores."""
        values = self.tables.detach().cpu().numpy()
        tables, centre = stored(values, self.grid_size, INPUTS, quantise=quantise)
        mixtures, filters = (_pruned(w.detach().cpu().numpy()) for w in self.weights)
        tables = [
            replace(table, values=symmetrised(table.values, self.grid_size, self.upscale))
            for table in tables
        ]
        branches: list[AnyBranch] = [
            FilterBranch(table, c4_filters(mixture, each), self.plan.together)
            for table, mixture, each in zip(tables, mixtures, filters, strict=True)
        ]
        return SpatialNode(tuple(branches), len(branches), centre, self.upscale, rotations=1)


def _summing_to_one(weights: Tensor) -> Tensor:
    flat = weights.flatten(1)
    missing = (1 - flat.sum(1, keepdim=True)) / flat.shape[1]
    return (flat + missing).view_as(weights)


def _pruned(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights (T, ...) without those that hardly count, summing to 1 again."""
    kept = np.where(abs(weights) < PRUNE_BELOW, 0, weights)
    count = (kept != 0).reshape(len(kept), -1).sum(1)
    missing = (1 - kept.reshape(len(kept), -1).sum(1)) / np.maximum(count, 1)
    result: NDArray[np.float32] = np.where(
        kept, kept + missing.reshape(-1, *[1] * (kept.ndim - 1)), 0
    )
    return result.astype(np.float32)
