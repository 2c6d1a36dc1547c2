"""Rotation-equivariant (C4) branches: every input of a look-up is a filter over all channels.

Belongs here: a spatial node of such branches. The pixel is made by centre weights over all channels
of the stage before and the image; the window by a quadrant kernel over all of them. Weights have
any sign. The table is looked up at what they give, clipped to [0, 255]. These are layers of a
convolutional network, with a table of five inputs as the function between them
(``docs/training.md``).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autolut_training.models.c4_branches import START_TAPS, C4Tables, symmetric
from autolut_training.models.sampling import START_LOGIT
from autolut_training.models.stages import levels, plain, stored
from autolut_training.ops.lookup import sample
from autolut_training.settings.architecture import SpatialPlan
from napari_autolut.model import AnyBranch, FilterBranch, ModelError, SpatialNode
from napari_autolut.model.symmetry import INPUTS, c4_filters, c4_parts, symmetrised

SMALLEST_WINDOW = 3
"""Holds every place where windows start."""

PRUNE_BELOW = 0.01
"""Filter weights nearer to 0 are dropped on export: each tap costs time in every pixel. Without
those up to 0.01 a denoiser of 20 ms took 17, with the same PSNR to 0.001 dB."""


class FilterStage(C4Tables):
    """Every parameter of one node: ``tables``, ``kernels`` and ``centres``.

    Quadrant ``kernels`` (T, S, K, K) go from the pixel to the right and down, and are rotated
    around it; ``centres`` (T, S) are the weights that make the pixel. What each branch's weights
    lack of a sum of 1 is spread over all of them. A branch starts with its own source alone.
    """

    def __init__(
        self, plan: SpatialPlan, window: int, grid_size: int, noise: torch.Generator
    ) -> None:
        super().__init__()
        tables = len(plan.sources)
        self.plan, self.window = plan, window
        self.inputs, self.grid_size, self.upscale = INPUTS, grid_size, plan.upscale
        own = [plan.together.index(source) for source in plan.sources]
        self.centres = nn.Parameter(
            nn.functional.one_hot(torch.tensor(own), len(plan.together)).float()
        )
        logits = 0.3 * torch.randn(tables, 1, window, window, generator=noise)
        for t in range(tables):
            ((row, column),) = START_TAPS[t % len(START_TAPS)]
            logits[t, 0, row, column] += START_LOGIT
        windows = logits.flatten(1).softmax(-1).view_as(logits)
        self.kernels = nn.Parameter(self.centres.detach()[:, :, None, None] * windows)
        self.tables = nn.Parameter(self.first_tables(plan, grid_size, noise))

    @classmethod
    def of(cls, node: SpatialNode) -> FilterStage:
        """The node of a model, to be trained on.

        Raises
        ------
        ModelError
            if its branches are not C4, or tables DFC's pairs or of several grids
        """
        tables = plain([*node.tables])
        branches = [branch for branch in node.branches if isinstance(branch, FilterBranch)]
        together = branches[0].signals
        middle = node.halo
        parts = [c4_parts(branch.filters) for branch in branches]
        fits = node.rotations == 1 and tables[0].inputs == INPUTS
        if any(part is None for part in parts) or not fits:
            raise ModelError(
                "filters around the pixel", "other ones", "C4 branches, to be trained on"
            )
        centres, kernels = (np.stack(part) for part in zip(*filter(None, parts), strict=True))
        sources = tuple(together[int(centre.argmax())] for centre in centres)
        plan = SpatialPlan(
            sources,
            (None,) * len(sources),
            tables[0].columns,
            node.upscale,
            together=together,
        )
        stage = cls(plan, max(SMALLEST_WINDOW, middle + 1), tables[0].grid_size, torch.Generator())
        with torch.no_grad():
            stage.kernels.zero_()
            stage.kernels[:, :, : middle + 1, : middle + 1] = torch.from_numpy(kernels)
            stage.centres.copy_(torch.from_numpy(centres))
            values = levels(tables, len(tables) / node.divisor, node.bias)
            stage.tables.data = symmetric(values, stage.grid_size, stage.upscale)
        return stage

    @property
    def weights(self) -> tuple[Tensor, Tensor]:
        """``centres`` and ``kernels`` whose sums are 1."""
        return _summing_to_one(self.centres), _summing_to_one(self.kernels)

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) means over branches; rows are not yet shuffled to blocks."""
        centres, kernels = self.weights
        planes = torch.stack([signals[s.node][:, s.channel] for s in self.plan.together], 1)
        height, width = planes.shape[2:]
        count, read = centres.shape
        around = sample(planes, kernels[:, None], [tuple(range(read))] * count)
        around = around[:, :, :, 0].permute(1, 2, 0, 3)
        pixels = torch.einsum("ts,nsp->ntp", centres, planes.flatten(2))
        return self.means(pixels.clamp(0, 255), around.clamp(0, 255), (height, width))

    def project(self) -> None:
        """Weights of any size will do."""

    def node(self, *, quantise: bool) -> SpatialNode:
        """What a model stores."""
        values = self.tables.detach().cpu().numpy()
        tables, centre = stored(values, self.grid_size, INPUTS, quantise=quantise)
        centres, kernels = (_pruned(w.detach().cpu().numpy()) for w in self.weights)
        tables = [
            replace(table, values=symmetrised(table.values, self.grid_size, self.upscale))
            for table in tables
        ]
        branches: list[AnyBranch] = [
            FilterBranch(table, c4_filters(centre_weights, each), self.plan.together)
            for table, centre_weights, each in zip(tables, centres, kernels, strict=True)
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
