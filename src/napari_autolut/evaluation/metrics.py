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
from numpy.typing import ArrayLike, NDArray

from napari_autolut.util.arguments import checked_count

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
    image: ArrayLike,
    truth: ArrayLike,
    *,
    border: int,
    value_range: tuple[float, float] = (0, 255),
) -> float:
    """Peak signal-to-noise ratio on luma in dB; infinite for equal images.

    Parameters
    ----------
    image, truth : array_like, shape (H, W) or (H, W, 3)
        Grey or RGB; alpha does not count. Of a stack give one slice at a time.
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
    TypeError
        If one is no array of real numbers, or the border no whole number.
    ValueError
        If the sizes differ, one is no plane, or the border leaves nothing.
    """
    first, second = _cut(image, truth, border, value_range, min_side=1)
    error = float(np.mean((first - second) ** 2))
    return 10 * math.log10(PEAK**2 / error) if error else math.inf


def ssim_y(
    image: ArrayLike,
    truth: ArrayLike,
    *,
    border: int,
    value_range: tuple[float, float] = (0, 255),
) -> float:
    """Structural similarity on luma, 1 for equal images (Wang et al. 2004, as in its MATLAB code).

    Gaussian window of 11 x 11 pixels, sigma 1.5, peak 255.

    Parameters
    ----------
    image, truth : array_like, shape (H, W) or (H, W, 3)
        As for :func:`psnr_y`; what the border leaves must be at least 11 pixels high and wide.
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
    TypeError, ValueError
        As :func:`psnr_y`, and if the border leaves too little.
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
    image: ArrayLike,
    truth: ArrayLike,
    border: int,
    value_range: tuple[float, float],
    *,
    min_side: int,
) -> list[NDArray[np.float64]]:
    """Luma of both, without the border."""
    border = checked_count(border, "border")
    planes = _plane(image, "image"), _plane(truth, "truth")
    size, other = (each.shape[:2] for each in planes)
    if size != other:
        raise ValueError(f"found images of {size} and {other}, expected equal")
    if min(size) < 2 * border + min_side:
        raise ValueError(
            f"found images of {size}, expected at least {2 * border + min_side} pixels "
            f"a side: {min_side}, and the border of {border} that is cut"
        )
    inside = slice(border, -border or None)
    return [luma(each, value_range)[inside, inside] for each in planes]


def _plane(image: ArrayLike, name: str) -> NDArray[Any]:
    plane = np.asarray(image)
    if plane.dtype.kind not in "biuf":
        raise TypeError(f"{name}: found {plane.dtype}, expected an array of real numbers")
    if plane.ndim != 2 and not (plane.ndim == 3 and plane.shape[-1] in (3, 4)):
        raise ValueError(f"{name}: found shape {plane.shape}, expected (H, W) or (H, W, 3)")
    return plane
