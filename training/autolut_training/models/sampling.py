"""AutoSample's windows and AdaRL's residual weights of one node, whatever is looked up behind them.

Belongs here: from signals to the inputs of look-ups. The operation itself is ``lookup.sample``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from autolut_training.ops.lookup import sample
from autolut_training.settings.architecture import SpatialPlan
from napari_autolut.model import PATTERNS, AnyTable, Branch

Offsets = tuple[tuple[int, int], ...]
"""(row, column) in the window of each input of a look-up."""

START_TAPS: tuple[Offsets, ...] = (
    PATTERNS["S"],
    PATTERNS["D"],
    PATTERNS["Y"],
    ((0, 0), (0, 1), (0, 2), (1, 0)),
    ((0, 0), (1, 2), (2, 1), (2, 2)),
    ((0, 0), (0, 2), (1, 1), (2, 0)),
)
"""Where the windows of successive branches start; AutoSample learns where they end."""

START_LOGIT = 4.0
"""How much larger than others the logit of that place is at first."""

PRUNE_BELOW = 1e-3
"""Window weights smaller than this are dropped on export: each tap costs time in every pixel."""

PRUNED_WEIGHT = 1e-5
"""What a window weight of 0 becomes when a model is trained on."""


class Sampled(nn.Module):
    """Windows and residual weights of a node's branches; parameters ``logits``, ``residuals``."""

    def __init__(
        self,
        plan: SpatialPlan,
        window: int,
        noise: torch.Generator,
        inputs: int = 4,
    ) -> None:
        super().__init__()
        self.plan, self.window = plan, window
        tables = len(plan.sources)
        logits = 0.3 * torch.randn(tables, inputs, window, window, generator=noise)
        for t in range(tables):
            for j, (row, column) in enumerate(START_TAPS[t % len(START_TAPS)][:inputs]):
                logits[t, j, row, column] += START_LOGIT
        self.logits = nn.Parameter(logits)
        self.residuals = nn.Parameter(torch.zeros(tables, inputs))

    @property
    def windows(self) -> Tensor:
        """(T, J, K, K) weights, each window summing to 1."""
        return functional.softmax(self.logits.flatten(2), -1).view_as(self.logits)

    def sampled(self, signals: list[Tensor]) -> Tensor:
        """(4, N, T, J, H * W) inputs of the look-ups in each rotation, of (N, C, H, W) signals."""
        planes, planes_of = self.read(signals)
        weights = self.windows[:, :, None]
        if any(self.plan.previous):
            keep = self.residuals[:, :, None, None, None]
            weights = torch.cat([(1 - keep) * weights, keep * weights], 2)
        return sample(planes, weights, planes_of)

    def read(self, signals: list[Tensor]) -> tuple[Tensor, list[tuple[int, ...]]]:
        """(N, U, H, W) planes that branches read; each one's source, and AdaRL's if any has one."""
        sources, previous = self.plan.sources, self.plan.previous
        used = list(dict.fromkeys(s for s in (*sources, *previous) if s is not None))
        planes = torch.stack([signals[s.node][:, s.channel] for s in used], 1)
        if not any(previous):
            return planes, [(used.index(s),) for s in sources]
        pairs = zip(sources, previous, strict=True)
        return planes, [(used.index(s), used.index(p or s)) for s, p in pairs]

    @torch.no_grad()
    def project(self) -> None:
        """Keep AdaRL's weights in [0, 1]."""
        self.residuals.clamp_(0, 1)

    @torch.no_grad()
    def set_branches(self, branches: tuple[Branch, ...]) -> None:
        """Take over the windows and residual weights of a model's branches."""
        for t, branch in enumerate(branches):
            size = branch.window_size
            weights = torch.zeros_like(self.logits[t])
            weights[:, :size, :size] = torch.from_numpy(branch.windows)
            self.logits[t] = weights.clamp_min(PRUNED_WEIGHT).log()
            if branch.residual is not None:
                self.residuals[t] = torch.from_numpy(branch.residual)

    def branches(self, tables: Sequence[AnyTable]) -> tuple[Branch, ...]:
        """The node's branches over finished tables, without taps that hardly count."""
        windows = pruned(self.windows.detach().cpu().numpy())
        residuals = self.residuals.detach().cpu().numpy().clip(0, 1)
        branches = []
        for t, (source, previous) in enumerate(
            zip(self.plan.sources, self.plan.previous, strict=True)
        ):
            mixed = previous is not None and previous != source and bool(residuals[t].any())
            branches.append(
                Branch(
                    tables[t],
                    windows[t],
                    source,
                    previous if mixed else None,
                    residuals[t] if mixed else None,
                )
            )
        return tuple(branches)


def pruned(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Windows (T, J, K, K) without small weights, summing to 1 again."""
    kept = np.where(windows < PRUNE_BELOW, 0, windows)
    result: NDArray[np.float32] = kept / kept.sum((2, 3), keepdims=True)
    return result


def straight_through(values: Tensor) -> Tensor:
    """Rounded half to even, with the gradient of no rounding (as MuLUT trains)."""
    return values + (values.round() - values).detach()
