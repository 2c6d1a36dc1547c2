"""The papers' networks in the graph of an architecture: what is trained before there are tables.

Belongs here: nodes and the cascade of them. Sources: MuLUT (ECCV 2022), AutoLUT (CVPR 2025:
AutoSample, AdaRL), SPF-LUT (CVPR 2024). Sampling is a convolution of whole planes to four channels,
windows and output blocks are rotated instead of the image; nothing is unfolded to patches.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from autolut_training.models.networks.dense import LEVELS, Dense
from autolut_training.models.sampling import Sampled, straight_through
from autolut_training.settings.architecture import Architecture, ChannelPlan, SpatialPlan
from napari_autolut.engine.torch.gathers import rotate_columns
from napari_autolut.model import Card, ChannelNode, LutModel, SpatialNode


class NetworkStage(Sampled):
    """A spatial node: ``logits``, ``residuals`` and the networks of its branches.

    Inner nodes give the mean of their branches around 127; the ``last`` the sum of four rotations.
    """

    def __init__(
        self,
        plan: SpatialPlan,
        window: int,
        features: int,
        noise: torch.Generator,
        *,
        last: bool,
    ) -> None:
        super().__init__(plan, window, noise)
        branches = len(plan.sources)
        self.dense = Dense(branches, 4, plan.columns, features, noise)
        self.divisor, self.bias = (branches, 0) if last else (4 * branches, LEVELS)

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H * r, W * r) values, unclipped."""
        height, width = signals[self.plan.sources[0].node].shape[2:]
        rotated = self.sampled(signals)
        rotations, crops, tables, inputs, pixels = rotated.shape
        values = rotated.permute(2, 3, 0, 1, 4).reshape(tables, inputs, -1)
        rows = straight_through(self.dense(values)).sum(0)
        by_rotation = rows.view(-1, rotations, crops, pixels).permute(1, 2, 3, 0)
        total = by_rotation[0]
        for k in range(1, rotations):
            total = total + rotate_columns(by_rotation[k], self.plan.upscale, k)
        blocks = total.transpose(1, 2).reshape(crops, -1, height, width)
        return functional.pixel_shuffle(blocks, self.plan.upscale) / self.divisor + self.bias

    def node(self, grid_size: int) -> SpatialNode:
        """What a model stores."""
        branches = self.branches(self.dense.tables(grid_size))
        return SpatialNode(branches, self.divisor, self.bias, self.plan.upscale)


class NetworkChannels(nn.Module):
    """A channel node: one network over the signals at the same pixel."""

    def __init__(self, plan: ChannelPlan, features: int, noise: torch.Generator) -> None:
        super().__init__()
        self.plan, count = plan, len(plan.signals)
        self.dense = Dense(1, count, count, features, noise)

    def forward(self, signals: list[Tensor]) -> Tensor:
        """(N, C, H, W) values, unclipped."""
        planes = torch.stack([signals[s.node][:, s.channel] for s in self.plan.signals])
        rows = straight_through(self.dense(planes.flatten(1)[None]))[0]
        return rows.view_as(planes).transpose(0, 1) + LEVELS

    def project(self) -> None:
        """A network has no bounds."""

    def node(self, grid_size: int) -> ChannelNode:
        """What a model stores."""
        return ChannelNode(self.plan.signals, self.dense.tables(grid_size)[0], LEVELS)


class Networks(nn.Module):
    """Networks in a row; takes (N, 1, H, W) in [0, 255], gives (N, 1, H * r, W * r) unclipped.

    Inner nodes are clipped to [0, 255]; every node is rounded, straight through, as the published
    programs do. Tables are read off on a grid of ``grid_size`` nodes: exact at the nodes, between
    them they interpolate, which training them on makes up for (``init_from`` in the settings).
    """

    def __init__(
        self, architecture: Architecture, grid_size: int, features: int = 64, seed: int = 0
    ) -> None:
        super().__init__()
        self.grid_size = grid_size
        noise = torch.Generator().manual_seed(seed)
        plans = architecture.plans
        self.stages = nn.ModuleList(
            NetworkChannels(plan, features, noise)
            if isinstance(plan, ChannelPlan)
            else NetworkStage(plan, architecture.window, features, noise, last=plan is plans[-1])
            for plan in plans
        )

    def forward(self, planes: Tensor) -> Tensor:
        """Run the networks on every pixel."""
        signals = [planes]
        for stage in self._stages():
            result = stage(signals)
            if len(signals) < len(self.stages):
                result = result.clamp(0, 255)
            signals.append(straight_through(result))
        return signals[-1]

    def _stages(self) -> list[NetworkStage | NetworkChannels]:
        return [s for s in self.stages if isinstance(s, NetworkStage | NetworkChannels)]

    def compute(self, *, reduced: bool) -> None:
        """How the layers are computed from now on: in bfloat16, or in full precision."""
        for stage in self._stages():
            stage.dense.reduced = reduced

    def refine(self, grid_size: int) -> None:
        """From now on read tables off on another grid."""
        self.grid_size = grid_size

    def project(self) -> None:
        """Keep AdaRL's weights in [0, 1]."""
        for stage in self._stages():
            stage.project()

    @torch.no_grad()
    def to_model(self, card: Card) -> LutModel:
        """The tables as a model that rounds after every node, as the networks do."""
        return LutModel(tuple(s.node(self.grid_size) for s in self._stages()), card, "stage")
