"""Random crops cut and made small on the device that trains, at any place of the LR grid.

Belongs here: what a card needs so as to wait for nobody. HR images lie there once, LR crops are
made of HR crops, and a network is asked about the crops of a step alone. LR that is given, or that
went through JPEG, comes as planes (``device_crops.py``). Random numbers are the run's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autolut_training.data.device_crops import Augmentation, flat
from autolut_training.data.parts import Pair
from autolut_training.settings import Settings
from napari_autolut.arrays.bicubic import CUBIC, contributions
from napari_autolut.training.degradation import Degradation

SEEN_BEYOND = 4
"""LR pixels around a crop that a network sees besides."""

WIDEST_SIGMAS = 4
"""Deviations after which a Gaussian is cut off."""

Answers = Callable[[Tensor], Tensor]
"""Enlarges (N, 1, H, W) planes in [0, 255]."""


class MadeCrops:
    """Crops of HR images, some at a fraction of their size, and the LR crops that are made of them.

    Parameters
    ----------
    images : sequence of Pair
        Images of which HR is used.
    settings : Settings
        The recipe.
    random : numpy.random.Generator
        The run's random numbers.
    network : callable, optional
        What tables learn from besides HR, as much as ``label_weight`` says.
    """

    def __init__(
        self,
        images: Sequence[Pair],
        settings: Settings,
        random: np.random.Generator,
        network: Answers | None = None,
    ) -> None:
        data, self.scale, self.crop = settings.data, settings.scale, settings.data.crop
        self.random, self.device = random, torch.device(settings.optimiser.device)
        self.augmentation = Augmentation(settings, random)
        self.network, self.weight = network, settings.distillation.label_weight
        self.around = SEEN_BEYOND if network else 0
        size = self.crop + 2 * self.around
        self.down = _downscaling(settings.degradation, self.scale, size).to(self.device)
        self.border = (self.down.shape[1] - self.crop * self.scale) // 2
        self.phase = max(1, self.scale // data.sub_pixel_phases)
        planes = [pair.hr for pair in images]
        self.whole_levels = all(p.dtype == np.uint8 for p in planes)
        smaller = (
            made_smaller(p, Fraction(part).limit_denominator(16), self.device)
            for part in data.multi_scale
            for p in planes
        )
        side = self.down.shape[1]
        planes += [p for p in smaller if min(p.shape[1:]) >= side]
        self.hr, self.starts = flat(planes, self.device)
        self.shapes = np.array([p.shape for p in planes])
        self.two_passes = settings.data.method == "bicubic"

    @classmethod
    def fits(cls, images: Sequence[Pair], settings: Settings) -> bool:
        """Whether every image is large enough for a crop and what is seen around it."""
        seen = settings.data.crop + 2 * SEEN_BEYOND * settings.distilled
        side = _hr_side(settings.degradation, settings.scale, seen)
        return all(min(pair.hr.shape[1:]) >= side for pair in images)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """(N, 1, crop, crop) LR and (N, 1, crop * r, crop * r) HR, float32 in [0, 255]."""
        wide = self._cut(2 * count)
        seen = self._made_small(wide)
        around, size = self.around, self.crop
        inner = seen[:, around : around + size, around : around + size]
        # Of two candidates the livelier one: flat crops teach a table nothing.
        first, second = inner.flatten(1).std(1).view(2, count)
        chosen = torch.arange(count, device=self.device) + count * (first <= second)
        here = slice(self.border, self.border + size * self.scale)
        fine = wide[chosen][:, here, here]
        if self.network:
            fine = torch.lerp(fine, self._answers(self.network, seen[chosen]), self.weight)
        gain, offset = self.augmentation.intensities(count)
        coarse = self.augmentation.with_noise(gain * inner[chosen] + offset)
        return coarse[:, None], (gain * fine + offset)[:, None]

    def _answers(self, network: Answers, seen: Tensor) -> Tensor:
        inner = slice(self.around * self.scale, (self.around + self.crop) * self.scale)
        return network(seen[:, None])[:, 0, inner, inner].clamp(0, 255)

    def _made_small(self, planes: Tensor) -> Tensor:
        """LR of HR crops, in whole levels where HR is: MATLAB rounds after each of two passes."""
        if not self.whole_levels:
            return self.down @ planes @ self.down.T
        if not self.two_passes:
            return (self.down @ planes @ self.down.T).clamp(0, 255).round()
        return _to_levels(_to_levels(self.down @ planes) @ self.down.T)

    def _cut(self, count: int) -> Tensor:
        """(N, side, side) HR crops as wide as LR pixels see; some are mirrored and transposed."""
        side = self.down.shape[1]
        image = self.random.integers(len(self.shapes), size=count)
        room = (self.shapes[image][:, 1:] - side) // self.phase + 1
        corner = self.phase * (self.random.random(room.shape) * room).astype(np.int64)
        plane = self.random.integers(self.shapes[image][:, 0])
        flips = self.random.random((2, count)) < 0.5
        places = np.concatenate([[image, plane], corner.T, flips.astype(np.int64)])
        number, plane, y, x, flipped, transposed = torch.from_numpy(places).to(self.device)
        start, rows, columns = self.starts[:, number]
        along = torch.arange(side, device=self.device)
        down = torch.where(flipped[:, None].bool(), along.flip(0), along)
        first = start + (plane * rows + y) * columns + x
        index = (first[:, None] + down * columns[:, None])[:, :, None] + along
        crops = self.hr[index].float()
        return torch.where(transposed[:, None, None].bool(), crops.transpose(1, 2), crops)


def _hr_side(degradation: Degradation, scale: int, size: int) -> int:
    """HR pixels along one axis of which so many LR pixels are made, none at a border."""
    reach = 2 * (scale > 1)
    if degradation.method != "bicubic":
        reach = math.ceil(WIDEST_SIGMAS * degradation.sigma / scale)
    return (size + 2 * reach) * scale


def _downscaling(degradation: Degradation, scale: int, size: int) -> Tensor:
    """(size, HR side) weights along one axis.

    They are read off what the degradation makes of lines of one bright pixel each.
    """
    side = _hr_side(degradation, scale, size)
    lines = np.repeat(np.eye(side, dtype=np.float32)[:, :, None], scale, 2)
    first = (side // scale - size) // 2
    answers = degradation.downscale(lines, scale)[:, first : first + size, 0]
    return torch.from_numpy(np.ascontiguousarray(answers.T))


def made_smaller(planes: NDArray[Any], part: Fraction, device: torch.device) -> NDArray[Any]:
    """Planes (P, H, W) as `napari_autolut.arrays.resize` makes them smaller, on a device."""
    whole_levels = planes.dtype == np.uint8
    result = torch.from_numpy(planes).to(device).float()
    for axis in (1, 2):
        weights, indices = contributions(planes.shape[axis], part, CUBIC)
        matrix = np.zeros((len(weights), planes.shape[axis]))
        np.add.at(matrix, (np.arange(len(weights))[:, None], indices), weights)
        along = torch.from_numpy(matrix.astype(np.float32)).to(device)
        result = along @ result if axis == 1 else result @ along.T
        if whole_levels:
            result = _to_levels(result)
    smaller = result.cpu().numpy()
    return smaller.astype(np.uint8) if whole_levels else smaller


def _to_levels(values: Tensor) -> Tensor:
    return (values.clamp(0, 255) + 0.5).floor()
