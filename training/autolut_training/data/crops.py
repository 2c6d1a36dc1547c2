"""Random crops of LR and HR, cut and augmented together.

Belongs here: crops of images in memory, drawn one by one. Those that a card cuts are
``device_crops.py`` and ``made_crops.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autolut_training.data.parts import Pair
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.planes import Plane

NOT_NOISY = Degradation()


@dataclass
class CropSampler:
    """Random crops of random planes, flipped and transposed; the same seed gives the same crops.

    ``intensity_augmentation`` is the fraction of the crops whose intensities are changed, see
    :meth:`_intensities`; noise of the degradation is added after that, new in every crop.
    """

    pairs: Sequence[Pair]
    scale: int
    crop: int
    random: np.random.Generator
    intensity_augmentation: float = 0.0
    degradation: Degradation = NOT_NOISY

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """(N, 1, crop, crop) LR and (N, 1, crop * r, crop * r) HR, float32 in [0, 255]."""
        crops = [self._crop() for _ in range(count)]
        lr, hr = (np.stack(side)[:, None] for side in zip(*crops, strict=True))
        return torch.from_numpy(lr), torch.from_numpy(hr)

    def _intensities(self) -> tuple[np.float32, np.float32]:
        """Gain and offset of a crop: as it is, fainter, and each of them as its negative.

        A table knows absolute intensities; an edge is an edge at any of them. Without this the
        rarer rows learn single training pixels by heart.
        """
        gain, offset = 1.0, 0.0
        if self.random.random() < self.intensity_augmentation:
            gain = self.random.uniform(0.3, 1.0)
            offset = self.random.uniform(0, 255 * (1 - gain))
            if self.random.random() < 0.5:
                gain, offset = -gain, 255 - offset
        return np.float32(gain), np.float32(offset)

    def _crop(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        # Of two candidates the livelier one: flat crops teach a table nothing.
        first, second = self._candidate(), self._candidate()
        lr, hr = first if first[0].std() > second[0].std() else second
        if self.random.random() < 0.5:
            lr, hr = lr[::-1], hr[::-1]
        if self.random.random() < 0.5:
            lr, hr = lr.T, hr.T
        gain, offset = self._intensities()
        coarse, fine = (gain * plane.astype(np.float32) + offset for plane in (lr, hr))
        return self.degradation.observed(coarse, fine, self.random)

    def _candidate(self) -> tuple[Plane, Plane]:
        pair = self.pairs[int(self.random.integers(len(self.pairs)))]
        planes, height, width = pair.lr.shape
        p = self.random.integers(planes)
        y, x = (self.random.integers(size - self.crop + 1) for size in (height, width))
        r, side = self.scale, self.crop
        return (
            pair.lr[p, y : y + side, x : x + side],
            pair.hr[p, y * r : (y + side) * r, x * r : (x + side) * r],
        )
