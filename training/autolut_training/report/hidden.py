"""What a denoiser is worth, from noisy images alone: how well it foretells pixels that are hidden.

Belongs here: hiding, once for a loss and once for a figure. A hidden pixel is replaced by one of
its neighbours above and below, so that the denoiser cannot see it; as noise is independent, what it
answers there can be compared with the noisy pixel itself (Noise2Void, Krull, Buchholz and Jug,
CVPR 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autolut_training.report.validation import Enlarger, View

SHARE = 0.05
"""Fraction of the pixels that are hidden at once."""

TIMES = 8
"""How often pixels of a view are hidden for a figure."""


def hidden_loss(denoise: Callable[[Tensor], Tensor], noisy: Tensor, seed: int) -> Tensor:
    """Mean squared error at hidden pixels, to be made smaller.

    Parameters
    ----------
    denoise : callable
        Takes and gives (N, 1, H, W) in [0, 255].
    noisy : Tensor, shape (N, 1, H, W)
        Noisy crops in [0, 255].
    seed : int
        Of what is hidden.
    """
    random = torch.Generator(noisy.device).manual_seed(seed)
    chance = torch.rand((2, *noisy.shape), generator=random, device=noisy.device)
    hidden, below = chance[0] < SHARE, chance[1] < 0.5
    neighbour = torch.where(below, noisy.roll(-1, 2), noisy.roll(1, 2))
    answers = denoise(torch.where(hidden, neighbour, noisy))
    return torch.mean((answers - noisy)[hidden] ** 2)


def hidden_psnr(views: Sequence[View], denoise: Enlarger) -> float:
    """PSNR in dB of what a denoiser answers at hidden pixels, against those noisy pixels.

    The same pixels are always hidden, so that figures of several tables can be compared.
    """
    errors = [_error(noisy, denoise, number) for number, (_, noisy) in enumerate(views)]
    return float(10 * np.log10(255**2 / np.mean(errors)))


def _error(noisy: NDArray[np.float32], denoise: Enlarger, seed: int) -> float:
    random = np.random.default_rng(seed)
    errors = []
    for _ in range(TIMES):
        hidden, below = random.random(noisy.shape) < SHARE, random.random(noisy.shape) < 0.5
        neighbour = np.where(below, np.roll(noisy, -1, 0), np.roll(noisy, 1, 0))
        answers = denoise(np.where(hidden, neighbour, noisy))
        errors.append(np.mean((answers - noisy)[hidden].astype(np.float64) ** 2))
    return float(np.mean(errors))
