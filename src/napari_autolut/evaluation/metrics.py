"""PSNR and SSIM on luma, in the field's conventions, so that figures compare.

Belongs here: the metrics. Which images are compared is in ``pairs.py``.

The super-resolution papers measure on the Y of BT.601 as MATLAB's ``rgb2ycbcr`` gives it (16 to
235, not rounded here). They cut a border as wide as the scale, and take 255 as the peak. A grey
image counts as an RGB image of three equal colours, as in the testers of MuLUT, DFC and AutoLUT.
Older MATLAB code takes grey values as they are, which gives 1.32 dB less on them. Set14 holds one:
its bicubic mean at x4 is 26.09 dB here and 26.00 dB there. Other value ranges than 0..255 are
mapped to it first, so that an image has the same figures in 8 bits, 16 bits and floats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

PEAK = 255.0
BT601 = (65.481, 128.553, 24.966)
OFFSET = 16.0
SSIM_SIGMA = 1.5
SSIM_WINDOW = 11


def luma(image: NDArray[Any], value_range: tuple[float, float] = (0, 255)) -> NDArray[np.float64]:
    """Y of BT.601, 16 for black to 235 for white, not rounded.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, 3)
        Grey or RGB, of any real type.
    value_range : tuple of float, default (0, 255)
        The values of black and white.

    Returns
    -------
    ndarray of float64, shape (H, W)
        Luma.
    """
    black, white = value_range
    values = (np.asarray(image, np.float64) - black) / (white - black)
    if values.ndim == 2:
        return np.asarray(OFFSET + values * sum(BT601))
    # Not a matrix product: its last bit depends on how the array lies in memory, and equal images
    # would differ.
    red, green, blue = (weight * values[..., c] for c, weight in enumerate(BT601))
    return np.asarray(OFFSET + (red + green + blue))


def psnr_y(
    image: NDArray[Any],
    truth: NDArray[Any],
    *,
    border: int,
    value_range: tuple[float, float] = (0, 255),
) -> float:
    """Peak signal-to-noise ratio on luma in dB; infinite for equal images.

    Parameters
    ----------
    image, truth : ndarray, shape (H, W) or (H, W, 3)
        Grey or RGB.
    border : int
        Pixels that are cut on each side, by custom the scale.
    value_range : tuple of float, default (0, 255)
        The values of black and white in both.

    Returns
    -------
    float
        PSNR in dB.

    Raises
    ------
    ValueError
        If the sizes differ or the border leaves nothing.
    """
    first, second = _cut(image, truth, border, value_range, min_side=1)
    error = float(np.mean((first - second) ** 2))
    return 10 * math.log10(PEAK**2 / error) if error else math.inf


def ssim_y(
    image: NDArray[Any],
    truth: NDArray[Any],
    *,
    border: int,
    value_range: tuple[float, float] = (0, 255),
) -> float:
    """Structural similarity on luma, 1 for equal images (Wang et al. 2004, as in its MATLAB code).

    Gaussian window of 11 x 11 pixels, sigma 1.5, peak 255.

    Parameters
    ----------
    image, truth : ndarray, shape (H, W) or (H, W, 3)
        Grey or RGB; what the border leaves must be at least 11 pixels high and wide.
    border : int
        Pixels that are cut on each side, by custom the scale.
    value_range : tuple of float, default (0, 255)
        The values of black and white in both.

    Returns
    -------
    float
        SSIM.

    Raises
    ------
    ValueError
        If the sizes differ or the border leaves too little.
    """
    from skimage.metrics import structural_similarity

    first, second = _cut(image, truth, border, value_range, min_side=SSIM_WINDOW)
    similarity = structural_similarity(
        first,
        second,
        data_range=PEAK,
        gaussian_weights=True,
        sigma=SSIM_SIGMA,
        use_sample_covariance=False,
    )
    return float(similarity)


def _cut(
    image: NDArray[Any],
    truth: NDArray[Any],
    border: int,
    value_range: tuple[float, float],
    *,
    min_side: int,
) -> list[NDArray[np.float64]]:
    """Luma of both, without the border."""
    if image.shape[:2] != truth.shape[:2]:
        raise ValueError(f"found images of {image.shape[:2]} and {truth.shape[:2]}, expected equal")
    if min(image.shape[:2]) < 2 * border + min_side:
        raise ValueError(
            f"found images of {image.shape[:2]}, expected at least {2 * border + min_side} pixels "
            f"a side: {min_side}, and the border of {border} that is cut"
        )
    inside = slice(border, -border or None)
    return [luma(each, value_range)[inside, inside] for each in (image, truth)]
