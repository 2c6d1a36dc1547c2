"""The papers' small network behind a branch, and the table that is read off it.

Belongs here: four values in, a row of a table out. Sources: SR-LUT and MuLUT (1 x 1 convolutions,
densely connected, tanh), AutoLUT (GELU). Sampling and summing are in ``cascade.py``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autolut_training.models.networks.dense.cpu import dense_rows
from autolut_training.models.networks.dense.cuda import dense_layers
from autolut_training.models.stages import grid_points
from napari_autolut.model import Table

LEVELS = 127
"""A network gives -127..127, the values of an int8 table."""

WHITE = 255.0
HIDDEN_LAYERS = 5
ROWS_AT_ONCE = 8192


class Dense(nn.Module):
    """One network for each of T tables, evaluated together: J inputs, C outputs in [-127, 127].

    Five hidden layers of ``features`` channels; the first reads the inputs, the others all hidden
    layers before them. ``reduced`` computes the layers behind the first in bfloat16.
    """

    def __init__(
        self, tables: int, inputs: int, columns: int, features: int, noise: torch.Generator
    ) -> None:
        super().__init__()
        read = [inputs, *(features * k for k in range(1, HIDDEN_LAYERS + 1))]
        given = [features] * HIDDEN_LAYERS + [columns]
        self.weights = nn.ParameterList(
            [
                nn.Parameter(torch.randn(tables, c, r, generator=noise) * (2 / r) ** 0.5)
                for r, c in zip(read, given, strict=True)
            ]
        )
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(tables, c, 1)) for c in given])
        self.inputs, self.reduced = inputs, False

    def forward(self, values: Tensor) -> Tensor:
        """(T, C, M) outputs of (T, J, M) inputs in [0, 256]."""
        precision = torch.bfloat16 if self.reduced else torch.float32
        # The first layer sees single grey levels, which bfloat16 does not.
        weights = [w.to(precision) if k else w for k, w in enumerate(self.weights)]
        biases = [b.to(precision) if k else b for k, b in enumerate(self.biases)]
        rows = dense_rows if values.device.type == "cpu" else dense_layers
        return LEVELS * rows(values / WHITE, weights, biases).tanh()

    @torch.no_grad()
    def tables(self, grid_size: int) -> list[Table]:
        """What every network gives at the nodes of a grid, in full precision, as int8."""
        reduced, self.reduced = self.reduced, False
        points = grid_points(grid_size, self.inputs).to(self.weights[0].device)
        count = len(self.weights[0])
        # Not by calling the module: a compiled one would be compiled again for these sizes.
        rows = [
            self.forward(some.expand(count, -1, -1)).round().to(torch.int8).cpu()
            for some in torch.split(points, ROWS_AT_ONCE, 1)
        ]
        self.reduced = reduced
        levels = torch.cat(rows, 2).transpose(1, 2).contiguous().numpy()
        return [Table(values, grid_size, self.inputs) for values in levels]
