"""A convolutional network that learns first, and whose answers tables learn from.

Belongs here: the network, its error, and its answer to a whole plane. A network of some layers
finds more in few images than tables do, and nobody waits for it once the tables are there. Sources:
EDSR (Lim et al. 2017; residual blocks without normalisation, absolute errors), ESPCN (Shi et al.
2016; the last layer gives the r x r block of every pixel), distillation (Hinton, Vinyals and Dean
2015).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn import functional

from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.boxes import grid_boxes, whole

VALUES = NDArray[np.float32]

WHITE = 255.0
QUIET = 0.1
"""Factor of first weights where a layer's result is added to something that is good already."""

LARGEST_GRADIENT = 1.0
TILE_SIDE, MARGIN = 256, 16
"""LR pixels answered at once, and those around them that are seen besides."""


class LabelNetworkError(ValueError):
    """A file that holds no such network: which file, and what is expected."""


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to their input."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(features, features, 3, padding=1)
        self.second = _quiet(nn.Conv2d(features, features, 3, padding=1))

    def forward(self, planes: Tensor) -> Tensor:
        """(N, C, H, W) of the same."""
        result: Tensor = planes + self.second(functional.relu(self.first(planes)))
        return result


class LabelNetwork(nn.Module):
    """Takes (N, 1, H, W) in [0, 255], gives (N, 1, H * r, W * r) unclipped.

    Parameters
    ----------
    scale : int
        Upscaling factor r.
    features : int
        Channels of every layer.
    blocks : int
        Residual blocks of two layers.
    seed : int, default 0
        Seed of its initial weights.
    reduced : bool, default False
        Whether layers compute in bfloat16.
    """

    grid_size = 0
    """Nothing here lies on a grid."""

    def __init__(
        self, scale: int, features: int, blocks: int, seed: int = 0, *, reduced: bool = False
    ) -> None:
        super().__init__()
        self.scale, self.reduced = scale, reduced
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.head = nn.Conv2d(1, features, 3, padding=1)
            self.body = nn.Sequential(*(ResidualBlock(features) for _ in range(blocks)))
            self.tail = _quiet(nn.Conv2d(features, scale**2, 3, padding=1))

    def forward(self, planes: Tensor) -> Tensor:
        """What is missing in bicubic interpolation, added to it."""
        with torch.autocast(planes.device.type, torch.bfloat16, enabled=self.reduced):
            seen = self.head((planes / WHITE).contiguous(memory_format=torch.channels_last))
            detail = self.tail(seen + self.body(seen))
        smooth = planes
        if self.scale > 1:
            smooth = functional.interpolate(planes, scale_factor=self.scale, mode="bicubic")
        return smooth + WHITE * functional.pixel_shuffle(detail.float(), self.scale)

    @staticmethod
    def cost(answers: Tensor, truth: Tensor) -> Tensor:
        """Mean absolute error; learning rates are made for white = 1."""
        return functional.l1_loss(answers, truth) / WHITE

    def limit_gradients(self) -> None:
        """Keep a rare crop from upsetting all weights."""
        nn.utils.clip_grad_norm_(self.parameters(), LARGEST_GRADIENT)

    def project(self) -> None:
        """A network has no bounds."""

    def write(self, path: Path) -> None:
        """Write its weights in half precision, over a file that is there."""
        content = save({name: value.half().cpu() for name, value in self.state_dict().items()})
        with atomic_write(path, overwrite=True) as temporary:
            temporary.write_bytes(content)

    def read(self, path: Path) -> None:
        """Take the weights that :meth:`write` wrote.

        Raises
        ------
        LabelNetworkError
            If the file holds something else, or a network of another size.
        """
        try:
            self.load_state_dict(load(path.read_bytes()))
        except (SafetensorError, RuntimeError, ValueError) as error:
            size = f"{len(self.head.weight)} features, {len(self.body)} blocks, x{self.scale}"
            expected = f"a network of {size}, as the recipe says"
            raise LabelNetworkError(f"{path}: found another file, expected {expected}") from error

    @torch.no_grad()
    def answer(self, planes: VALUES) -> VALUES:
        """(..., H * r, W * r) in [0, 255] of (..., H, W) planes, computed in tiles."""
        *several, height, width = planes.shape
        result = np.empty((*several, height * self.scale, width * self.scale), np.float32)
        device = self.head.weight.device
        for box in grid_boxes(whole((height, width)), TILE_SIDE):
            source = box.grown(MARGIN, (height, width))
            piece = torch.from_numpy(np.ascontiguousarray(planes[..., *source.slices]))
            batch = piece.reshape(-1, 1, *piece.shape[-2:]).to(device)
            values = self(batch).clamp(0, WHITE).cpu().numpy()
            values = values.reshape(*several, *values.shape[-2:])
            inner = box.within(source).times(self.scale)
            result[..., *box.times(self.scale).slices] = values[..., *inner.slices]
        return result


def _quiet(layer: nn.Conv2d) -> nn.Conv2d:
    with torch.no_grad():
        layer.weight *= QUIET
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer
