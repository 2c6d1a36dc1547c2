"""The trainable model made of tables: for the direct route, and for training any model file on.

Belongs here: the order of the nodes, rounding, and export to a ``LutModel``; the nodes themselves
are in ``stages.py``. Architecture (after MuLUT, AutoLUT and SPF-LUT): every branch of a node
samples one channel of an earlier node; the last node gives the r x r block of every pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from autolut_training.models.filter_branches import FilterStage
from autolut_training.models.flat import without_curve
from autolut_training.models.sampling import straight_through
from autolut_training.models.stages import ChannelStage, Stage
from autolut_training.settings.architecture import Architecture, ChannelPlan, SpatialPlan
from napari_autolut.model import (
    MAX_GRID_SIZES,
    Card,
    ChannelNode,
    FilterBranch,
    LutModel,
    ModelError,
    Node,
)

AnyStage = Stage | FilterStage | ChannelStage


class Cascade(nn.Module):
    """Nodes in a row; takes (N, 1, H, W) in [0, 255], gives (N, 1, H * r, W * r) unclipped.

    ``rounded`` cascades round after every node as the papers' do, with straight-through gradients.
    """

    def __init__(self, architecture: Architecture, grid_size: int, seed: int = 0) -> None:
        noise = torch.Generator().manual_seed(seed)
        stages: list[AnyStage] = [
            ChannelStage(plan, grid_size)
            if isinstance(plan, ChannelPlan)
            else _kind(plan)(plan, architecture.window, grid_size, noise)
            for plan in architecture.plans
        ]
        self._build(stages, rounded=False)

    @classmethod
    def from_model(cls, model: LutModel) -> Cascade:
        """Any model, to be trained on; borders are repeated, whatever the model does there.

        The curve by which a finished model gives constant images back is left out.

        Raises
        ------
        ModelError
            if the model has DFC's pairs of tables, grids of several sizes, or windows around the
            pixel that are not C4
        """
        cascade = cls.__new__(cls)
        stages = [_stage(node) for node in without_curve(model).nodes]
        sizes = {stage.grid_size for stage in stages}
        if len(sizes) > 1:
            raise ModelError("grid sizes", sorted(sizes), "one size for all nodes")
        cascade._build(stages, rounded=model.rounding != "none")
        return cascade

    def _build(self, stages: Sequence[AnyStage], *, rounded: bool) -> None:
        super().__init__()
        self.stages, self.rounded = nn.ModuleList(stages), rounded

    def forward(self, planes: Tensor) -> Tensor:
        """Run the cascade; inner nodes are clipped to [0, 255], the last is not."""
        signals = [planes]
        for stage in self._stages():
            result = stage(signals)
            if stage.upscale > 1:
                result = functional.pixel_shuffle(result, stage.upscale)
            if len(signals) < len(self.stages):
                result = result.clamp(0, 255)
            signals.append(straight_through(result) if self.rounded else result)
        return signals[-1]

    def _stages(self) -> list[AnyStage]:
        return [stage for stage in self.stages if isinstance(stage, AnyStage)]

    def refine(self, grid_size: int) -> None:
        """Refine the grid of every node; the function stays the same."""
        for stage in self._stages():
            stage.refine(grid_size)

    def rescale(self, scale: int) -> None:
        """Give another scale: the blocks that the last node gives are resized.

        Raises
        ------
        ModelError
            if other nodes enlarge
        """
        *others, last = self._stages()
        sizes = [stage.upscale for stage in others]
        if isinstance(last, ChannelStage) or any(size > 1 for size in sizes):
            raise ModelError("upscale of nodes", [*sizes, last.upscale], "1 but for the last one")
        last.rescale(scale)

    @property
    def grid_size(self) -> int:
        """L of the tables."""
        return self._stages()[0].grid_size

    @property
    def max_grid_size(self) -> int:
        """Largest L that tables of so many inputs may have."""
        return min(MAX_GRID_SIZES[stage.inputs] for stage in self._stages())

    def project(self) -> None:
        """Keep AdaRL's weights in [0, 1]."""
        for stage in self._stages():
            stage.project()

    @torch.no_grad()
    def to_model(self, card: Card, *, quantise: bool = True) -> LutModel:
        """Export; ``quantise`` stores int8 tables, otherwise the float32 ones."""
        nodes = tuple(stage.node(quantise=quantise) for stage in self._stages())
        return LutModel(nodes, card, "stage" if self.rounded else "none")


def _stage(node: Node) -> AnyStage:
    if isinstance(node, ChannelNode):
        return ChannelStage.of(node)
    if isinstance(node.branches[0], FilterBranch):
        return FilterStage.of(node)
    return Stage.of(node)


def _kind(plan: SpatialPlan) -> type[Stage | FilterStage]:
    return FilterStage if plan.together else Stage
