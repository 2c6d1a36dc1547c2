"""Random crops cut on the device that trains: all images lie there, a batch is one gather.

Belongs here: what :class:`CropSampler` does on the CPU, for a card that would wait for it, of LR
and HR planes that are there. Where LR is made on the card is ``made_crops.py``. Random numbers are
the run's own, so a resumed run draws the same crops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autolut_training.data.parts import Pair
from autolut_training.settings import Settings
from napari_autolut.training.degradation import Degradation

FAINTEST = 0.3


class Augmentation:
    """What happens to the intensities of crops on a device: gain, offset, negative and noise."""

    def __init__(self, settings: Settings, random: np.random.Generator) -> None:
        self.share = settings.data.intensity_augmentation
        self.degradation: Degradation = settings.degradation
        self.random, self.device = random, torch.device(settings.optimiser.device)

    def intensities(self, count: int) -> tuple[Tensor, Tensor]:
        """Gains and offsets, as :class:`CropSampler` changes them."""
        changed, negative = self.random.random((2, count)) < np.array([[self.share], [0.5]])
        gain = np.where(changed, self.random.uniform(FAINTEST, 1, count), 1.0)
        offset = self.random.random(count) * 255 * (1 - gain)
        inverted = changed & negative
        offset = np.where(inverted, 255 - offset, offset)
        gain = np.where(inverted, -gain, gain)
        return self._column(gain), self._column(offset)

    def _column(self, values: NDArray[np.float64]) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(self.device)[:, None, None]

    def with_noise(self, values: Tensor) -> Tensor:
        """Crops with noise of their own, if the degradation has any."""
        degradation = self.degradation
        if not degradation.is_noisy:
            return values
        noise = torch.Generator(self.device).manual_seed(int(self.random.integers(2**62)))
        if degradation.photons:
            per_level = degradation.photons / 255
            values = torch.poisson(values.clamp(0, 255) * per_level, noise) / per_level
        if degradation.noise:
            spread = torch.randn(values.shape, generator=noise, device=self.device)
            values = values + degradation.noise * spread
        return values.clamp(0, 255)


class DeviceCrops:
    """Every plane of every image in two flat tensors, LR and HR, and where each of them begins."""

    def __init__(
        self, pairs: Sequence[Pair], settings: Settings, random: np.random.Generator
    ) -> None:
        self.scale, self.crop = settings.scale, settings.data.crop
        self.augmentation = Augmentation(settings, random)
        self.random, self.device = random, torch.device(settings.optimiser.device)
        self.lr, self.lr_starts = flat([pair.lr for pair in pairs], self.device)
        self.hr, self.hr_starts = flat([np.asarray(pair.hr) for pair in pairs], self.device)
        self.shapes = np.array([pair.lr.shape for pair in pairs])

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """(N, 1, crop, crop) LR and (N, 1, crop * r, crop * r) HR, float32 in [0, 255]."""
        places = self._places(2 * count)
        flips = torch.from_numpy(self.random.random((2, count)) < 0.5).to(self.device)
        both = self._cut(self.lr, self.lr_starts, places, 1, flips.repeat(1, 2))
        chosen = livelier(both)
        fine = self._cut(self.hr, self.hr_starts, places[:, chosen], self.scale, flips)
        gain, offset = self.augmentation.intensities(count)
        coarse = self.augmentation.with_noise(gain * both[chosen] + offset)
        return coarse[:, None], (gain * fine + offset)[:, None]

    def _places(self, count: int) -> Tensor:
        """(4, count): image, plane, row and column of crops."""
        image = self.random.integers(len(self.shapes), size=count)
        room = self.shapes[image] - np.array([1, self.crop, self.crop]) + np.array([0, 1, 1])
        inside = (self.random.random(room.shape) * room).astype(np.int64)
        inside[:, 0] = self.random.integers(self.shapes[image][:, 0])
        places = np.concatenate([image[None], inside.T])
        return torch.from_numpy(places).to(self.device)

    def _cut(
        self, planes: Tensor, starts: Tensor, places: Tensor, scale: int, flips: Tensor
    ) -> Tensor:
        """(N, side, side) crops, some of them upside down or transposed."""
        image, plane, y, x = places
        start, rows, columns = starts[:, image]
        side = torch.arange(self.crop * scale, device=self.device)
        i, j = torch.meshgrid(side, side, indexing="ij")
        flipped, transposed = flips[:, :, None, None]
        row, column = torch.where(transposed, j, i), torch.where(transposed, i, j)
        row = torch.where(flipped, len(side) - 1 - row, row)
        first = start + (plane * rows + y * scale) * columns + x * scale
        return planes[first[:, None, None] + row * columns[:, None, None] + column].float()


def livelier(candidates: Tensor) -> Tensor:
    """Of (2 * N, H, W) crops the numbers of N: of each two, N apart, the livelier one.

    Flat crops teach a table nothing.
    """
    first, second = candidates.flatten(1).std(1).view(2, -1)
    count = len(first)
    chosen: Tensor = torch.arange(count, device=candidates.device) + count * (first <= second)
    return chosen


def flat(planes: list[NDArray[Any]], device: torch.device) -> tuple[Tensor, Tensor]:
    """All values one after the other, and (3, images) where each begins, its rows and columns."""
    kind = np.uint8 if all(p.dtype == np.uint8 for p in planes) else np.float32
    sizes = np.cumsum([0, *(p.size for p in planes)], dtype=np.int64)
    flat = torch.empty(int(sizes[-1]), dtype=torch.uint8 if kind is np.uint8 else torch.float32)
    for start, stack in zip(sizes, planes, strict=False):
        flat[start : start + stack.size] = torch.from_numpy(stack.astype(kind).reshape(-1))
    shapes = np.array([p.shape[1:] for p in planes]).T
    starts = torch.from_numpy(np.concatenate([sizes[None, :-1], shapes]).astype(np.int64))
    return flat.to(device), starts.to(device)
