"""Random crops cut and downscaled on the device that trains, at any place of the LR grid.

Belongs here: what a card needs so as to wait for nobody. HR images lie there once, and LR
crops are made of HR crops. A network that is distilled gives its pseudo-labels once, many planes at
a time. LR that is given, or that went through JPEG, comes as planes (``device_crops.py``). Random
numbers are the run's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby, product
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autolut_training.data.device_crops import Augmentation, flat, livelier
from autolut_training.data.parts import Pair
from autolut_training.settings import Settings
from napari_autolut.arrays import resize
from napari_autolut.training.degradation import Degradation

WIDEST_SIGMAS = 4
"""Deviations after which a Gaussian is cut off."""

LABELLED_AT_ONCE = 2**19
"""LR pixels that a network enlarges at once."""

Enlarge = Callable[[Tensor], Tensor]
"""Enlarges (N, 1, H, W) planes in [0, 255]."""


class Places(NamedTuple):
    """N crops: where each begins among all values, the length of its rows, its phase, and flips."""

    first: Tensor
    columns: Tensor
    phase: Tensor
    flipped: Tensor
    transposed: Tensor


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
        Gives pseudo-labels: tables learn from them and from HR, as much as ``label_weight`` says.
    """

    def __init__(
        self,
        images: Sequence[Pair],
        settings: Settings,
        random: np.random.Generator,
        network: Enlarge | None = None,
    ) -> None:
        data, self.scale, self.crop = settings.data, settings.scale, settings.data.crop
        self.random, self.device = random, torch.device(settings.optimiser.device)
        self.augmentation = Augmentation(settings, random)
        self.degradation = settings.degradation
        self.label_weight = settings.distillation.label_weight
        self.weights = self._inner_weights(hr_side(settings))
        self.border = (self.weights.shape[1] - self.crop * self.scale) // 2
        self.step = max(1, self.scale // data.sub_pixel_phases)
        planes = [pair.hr for pair in images]
        self.whole_levels = all(p.dtype == np.uint8 for p in planes)
        parts = [Fraction(part).limit_denominator(16) for part in data.multi_scale]
        smaller = (made_smaller(p, part, self.device) for part in parts for p in planes)
        planes += [p for p in smaller if min(p.shape[1:]) >= hr_side(settings)]
        planes.sort(key=lambda p: p.shape)  # those of one size are labelled together
        self.hr, self.starts = flat(planes, self.device)
        self.shapes = np.array([p.shape for p in planes])
        self.labels = self._pseudo_labels(network) if network else None

    @property
    def phases(self) -> int:
        """Places along one axis at which LR pixels begin."""
        return self.scale // self.step

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """(N, 1, crop, crop) LR and (N, 1, crop * r, crop * r) HR, float32 in [0, 255]."""
        places = self._places(2 * count)
        side = self.weights.shape[1]
        hr_around = self._cut(self.hr, places, slice(0, side))
        candidates = self._downscaled(hr_around, self.weights, self.weights)
        chosen = livelier(candidates)
        middle = slice(self.border, side - self.border)
        hr = hr_around[chosen][:, middle, middle]
        if self.labels is not None:
            of_chosen = Places(*(each[chosen] for each in places))
            hr = torch.lerp(hr, self._cut(self.labels, of_chosen, middle), self.label_weight)
        gain, offset = self.augmentation.intensities(count)
        lr = self.augmentation.with_noise(gain * candidates[chosen] + offset)
        return lr[:, None], (gain * hr + offset)[:, None]

    def _places(self, count: int) -> Places:
        """Random crops as wide as LR pixels see."""
        image = self.random.integers(len(self.shapes), size=count)
        room = (self.shapes[image][:, 1:] - self.weights.shape[1]) // self.step + 1
        steps = (self.random.random(room.shape) * room).astype(np.int64)
        plane = self.random.integers(self.shapes[image][:, 0])
        flips = self.random.random((2, count)) < 0.5
        row, column = steps.T % self.phases
        drawn = [image, plane, *(self.step * steps).T, row * self.phases + column]
        numbers = torch.from_numpy(np.stack([*drawn, *flips.astype(np.int64)])).to(self.device)
        number, plane_of, y, x, phase, flipped, transposed = numbers
        start, rows, columns = self.starts[:, number]
        first = start + (plane_of * rows + y) * columns + x
        return Places(first, columns, phase, flipped.bool(), transposed.bool())

    def _cut(self, values: Tensor, places: Places, part: slice) -> Tensor:
        """(N, side, side) crops, some upside down or transposed; of each phase, where they differ.

        ``part`` of the rows and of the columns, the same from both ends.
        """
        along = torch.arange(part.start, part.stop, device=self.device)
        down = torch.where(places.flipped[:, None], along.flip(0), along)
        index = (places.first[:, None] + down * places.columns[:, None])[:, :, None] + along
        if values.dim() == 2:
            index = index + (places.phase * values.shape[1])[:, None, None]
        crops = values.view(-1)[index].float()
        return torch.where(places.transposed[:, None, None], crops.transpose(1, 2), crops)

    def _downscaled(self, planes: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """LR of HR, in whole levels where HR is: MATLAB rounds after each of two passes."""
        if self.whole_levels and self.degradation.method != "bicubic":
            return (rows @ planes @ columns.T).clamp(0, 255).round()
        return _resized(planes, rows, columns, whole_levels=self.whole_levels)

    def _inner_weights(self, side: int) -> Tensor:
        """(crop, side) weights of the LR pixels in the middle of so many HR pixels."""
        beyond = (side // self.scale - self.crop) // 2
        return self._weights(side)[beyond : beyond + self.crop]

    def _weights(self, side: int) -> Tensor:
        return _downscaling(self.degradation, self.scale, side).to(self.device)

    def _pseudo_labels(self, network: Enlarge) -> Tensor:
        """(phases ** 2, values of all planes) of a network; HR where a phase has no LR pixel."""
        result = self.hr.repeat(self.phases**2, 1)
        starts = self.starts.T.tolist()
        for phase, (down, right) in enumerate(product(range(0, self.scale, self.step), repeat=2)):
            for first, count, rows, columns in self._of_one_size(starts):
                size = count * rows * columns
                held = result[phase, first : first + size].view(count, rows, columns)
                # Whole LR pixels from the phase on.
                ends = (
                    n - (n - begin) % self.scale for n, begin in ((rows, down), (columns, right))
                )
                bottom, edge = ends
                part = held[:, down:bottom, right:edge]
                along = self._weights(bottom - down), self._weights(edge - right)
                lr = self._downscaled(part.float(), *along)
                labels = network(lr[:, None])[:, 0].clamp(0, 255)
                part.copy_(labels.round() if self.whole_levels else labels)
        return result

    def _of_one_size(self, starts: list[list[int]]) -> Iterator[tuple[int, int, int, int]]:
        """Planes of one size that are labelled at once: start, how many, rows, columns."""
        numbered = zip(starts, self.shapes[:, 0].tolist(), strict=True)
        for (rows, columns), some in groupby(numbered, lambda each: tuple(each[0][1:])):
            together = [(start, count) for (start, *_), count in some]
            first, total = together[0][0], sum(count for _, count in together)
            max_count = max(1, LABELLED_AT_ONCE * self.scale**2 // (rows * columns))
            for begin in range(0, total, max_count):
                count = min(max_count, total - begin)
                yield first + begin * rows * columns, count, rows, columns


def hr_side(settings: Settings) -> int:
    """HR pixels along one axis that a crop is made of: LR pixels see beyond it."""
    degradation, scale = settings.degradation, settings.scale
    radius = 2 * (scale > 1)
    if degradation.method != "bicubic":
        radius = math.ceil(WIDEST_SIGMAS * degradation.sigma / scale)
    return (settings.data.crop + 2 * radius) * scale


@lru_cache
def _downscaling(degradation: Degradation, scale: int, side: int) -> Tensor:
    """(side / r, side) weights along one axis: what lines of one bright pixel each become."""
    lines = np.repeat(np.eye(side, dtype=np.float32)[:, :, None], scale, 2)
    responses = degradation.downscale(lines, scale)[:, :, 0]
    return torch.from_numpy(np.ascontiguousarray(responses.T))


def made_smaller(planes: NDArray[Any], part: Fraction, device: torch.device) -> NDArray[Any]:
    """Planes (P, H, W) as `napari_autolut.arrays.resize` makes them smaller, on a device."""
    whole_levels = planes.dtype == np.uint8
    # What becomes of single bright pixels of a line are the weights along it.
    lines = (resize(np.eye(size, dtype=np.float32), part, axes=(0,)) for size in planes.shape[1:])
    rows, columns = (torch.from_numpy(each).to(device) for each in lines)
    values = torch.from_numpy(planes).to(device).float()
    smaller = _resized(values, rows, columns, whole_levels=whole_levels).cpu().numpy()
    return smaller.astype(np.uint8) if whole_levels else smaller


def _resized(planes: Tensor, rows: Tensor, columns: Tensor, *, whole_levels: bool) -> Tensor:
    """Planes by weights along rows and columns, in levels after each of two passes as MATLAB's."""
    if not whole_levels:
        return rows @ planes @ columns.T
    return _to_levels(_to_levels(rows @ planes) @ columns.T)


def _to_levels(values: Tensor) -> Tensor:
    return (values.clamp(0, 255) + 0.5).floor()
