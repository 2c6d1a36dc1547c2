"""The noise floor on tensors.

Belongs here: what ``engine/noise_floor.py`` says, for ``cascade.py`` and ``upscaling.py``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from napari_autolut.engine.noise_floor import DIRECTIONS


def without_changes_below(result: Tensor, padded: Tensor, noise_floor: float) -> Tensor:
    """A denoiser's result that is the image itself where that has no noise.

    Parameters
    ----------
    result : Tensor, shape (H, W)
        What look-ups gave.
    padded : Tensor, shape (H + 2, W + 2)
        What they were given, with a pixel more on each side.
    noise_floor : float
        The model's noise floor, in levels; more than 0.
    """
    height, width = result.shape
    plane = padded[1:-1, 1:-1]
    differences = []
    for row, column in DIRECTIONS:
        one, other = (
            padded[1 + r : 1 + r + height, 1 + c : 1 + c + width]
            for r, c in ((row, column), (-row, -column))
        )
        differences.append(((one + other) - 2 * plane).abs())
    rows, columns = (_inner(size, result.device) for size in (height, width))
    largest = torch.stack(differences).amax(0)[rows][:, columns]
    return plane + (result - plane) * (largest / noise_floor).clamp(max=1)


def _inner(size: int, device: torch.device) -> Tensor:
    """What ``engine/noise_floor.inner`` gives, made on the device, where a graph may record it."""
    border = min(1, (size - 1) // 2)
    return torch.arange(size, device=device).clamp(border, size - 1 - border)
