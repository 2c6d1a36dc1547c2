"""What a denoiser is worth, from noisy images alone: what it makes of its own results, noisy again.

Belongs here: adding noise anew, once for a loss and once for a figure. The noise of an image is
known, so that its automatic result can be made as noisy as the image was. What a table makes of
that is compared with the result. Fine structure that the result lost is missing there, too, so that
small steps alone are safe. Hiding pixels (Noise2Void, Krull, Buchholz and Jug, CVPR 2019) sees that
structure. But a table then learns to mistrust the pixel itself, which cost 0.1 dB on average.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from autolut_training.report.validation import Enlarger, View


def renoised_loss(
    denoise: Callable[[Tensor], Tensor], clean: Tensor, sigma: float, seed: int
) -> Tensor:
    """Mean squared error on clean crops that got new noise, to be made smaller.

    Parameters
    ----------
    denoise : callable
        Takes and gives (N, 1, H, W) in [0, 255].
    clean : Tensor, shape (N, 1, H, W)
        Crops of automatic results in [0, 255].
    sigma : float
        Standard deviation of the noise.
    seed : int
        Of the noise.
    """
    random = torch.Generator(clean.device).manual_seed(seed)
    noise = torch.randn(clean.shape, generator=random, device=clean.device)
    noisy = (clean + sigma * noise).clamp(0, 255)
    return torch.nn.functional.mse_loss(denoise(noisy), clean)


def renoised_psnr(views: Sequence[View], denoise: Enlarger, sigma: float) -> float:
    """PSNR in dB of what a denoiser makes of automatic results that got new noise.

    The noise is always the same, so that figures of several tables can be compared.
    """
    errors = []
    for number, (clean, _) in enumerate(views):
        noise = np.random.default_rng(number).normal(0, sigma, clean.shape)
        noisy = np.clip(clean + noise, 0, 255).astype(np.float32)
        errors.append(np.mean((denoise(noisy) - clean).astype(np.float64) ** 2))
    return float(10 * np.log10(255**2 / np.mean(errors)))
