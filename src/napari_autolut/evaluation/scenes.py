"""Scenes of a benchmark: an HR image, what methods are given, and the score of a result.

Belongs here: reading a pair, making the LR image, the range of errors, and the bicubic baseline.
The metrics are in ``metrics.py``; which files are compared is in ``pairs.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import bicubic
from napari_autolut.evaluation.metrics import SSIM_WINDOW, psnr_y, ssim_y
from napari_autolut.evaluation.pairs import EvaluationError, Pair
from napari_autolut.io import ImageFileError, read_image

COLOURS = {2: "grey", 3: "RGB"}  # by number of axes


@dataclass(frozen=True)
class Score:
    """How near a result is to the HR image.

    Parameters
    ----------
    psnr : float
        PSNR on luma in dB; infinite for equal images.
    ssim : float
        SSIM on luma.
    """

    psnr: float
    ssim: float


def mean_score(scores: Iterable[Score]) -> Score:
    """Means of both figures."""
    both: Iterator[tuple[float, ...]] = zip(*((s.psnr, s.ssim) for s in scores), strict=True)
    psnrs, ssims = both
    return Score(sum(psnrs) / len(psnrs), sum(ssims) / len(ssims))


@dataclass(frozen=True, eq=False)
class Scene:
    """An HR image and the LR image that methods are given.

    Parameters
    ----------
    hr, lr : ndarray, shape (H * r, W * r) and (H, W)
        The images, of one type, with a last axis of 3 for colours.
    scale : int
        The factor r.
    value_range : tuple of float
        The values of black and white that errors are measured against.
    """

    hr: NDArray[Any]
    lr: NDArray[Any]
    scale: int
    value_range: tuple[float, float]

    @property
    def rgb(self) -> bool:
        """Whether the last axis holds colours."""
        return self.lr.ndim == 3

    def score(self, result: NDArray[Any]) -> Score:
        """Measure what a method made of the LR image."""
        border, values = self.scale, self.value_range
        return Score(
            psnr_y(result, self.hr, border=border, value_range=values),
            ssim_y(result, self.hr, border=border, value_range=values),
        )


def load_scene(pair: Pair, scale: int) -> Scene:
    """Read the images of a pair; errors as ``evaluate``."""
    hr = _hr_image(pair.hr, scale)
    lr = _downscaled(hr, scale) if pair.lr is None else _lr_image(pair.lr, pair.hr, hr, scale)
    return Scene(hr, lr, scale, _value_range(pair.hr, hr))


def baseline_name(scale: int) -> str:
    """Say what a model of that scale is compared with."""
    return "bicubic" if scale > 1 else "input"


def enlarged_bicubically(image: NDArray[Any], scale: int) -> NDArray[Any]:
    """Enlarge by bicubic interpolation, in the image's type; at scale 1 the image as it is."""
    return as_dtype(bicubic.resize(image, scale), image.dtype)


def as_dtype(image: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round and clip as interpolation of images of that type would."""
    if dtype.kind != "f" and image.dtype != dtype:
        limits = np.iinfo(dtype)
        image = np.rint(np.clip(image, limits.min, limits.max))
    return image.astype(dtype, copy=False)


def _hr_image(path: Path, scale: int) -> NDArray[Any]:
    """Read an HR image, cropped to a multiple of the scale."""
    image = _image(path)
    height, width = (side - side % scale for side in image.shape[:2])
    min_side = 2 * scale + SSIM_WINDOW
    if min(height, width) < min_side:
        problem = f"found {image.shape[0]} x {image.shape[1]} pixels, expected at least {min_side}"
        raise EvaluationError(f"{path}: {problem} a side after cropping to a multiple of {scale}")
    return image[:height, :width]


def _image(path: Path) -> NDArray[Any]:
    """(H, W) or (H, W, 3)."""
    image = read_image(path)
    if image.axes not in ("YX", "YXS"):
        problem = f"found a stack with axes {image.axes}, expected one image"
        raise ImageFileError(path, f"{problem}; save its planes as single files")
    return image.data[..., :3] if image.rgb else image.data


def _downscaled(hr: NDArray[Any], scale: int) -> NDArray[Any]:
    return as_dtype(bicubic.resize(hr, Fraction(1, scale)), hr.dtype)


def _lr_image(path: Path, hr_path: Path, hr: NDArray[Any], scale: int) -> NDArray[Any]:
    """Read an LR image and check that the HR image belongs to it."""
    lr = _image(path)
    expected = (hr.shape[0] // scale, hr.shape[1] // scale)
    if lr.shape[:2] != expected:
        found = f"{lr.shape[0]} x {lr.shape[1]} pixels"
        raise EvaluationError(
            f"{path}: found {found}, expected {expected[0]} x {expected[1]}, 1/{scale} of {hr_path}"
        )
    if (lr.dtype, lr.ndim) != (hr.dtype, hr.ndim):
        found, wanted = (f"{each.dtype} {COLOURS[each.ndim]}" for each in (lr, hr))
        raise EvaluationError(f"{path}: found {found}, expected {wanted} as {hr_path}")
    return lr


def _value_range(path: Path, hr: NDArray[Any]) -> tuple[float, float]:
    if hr.dtype == np.uint8:
        return 0, 255
    lo, hi = float(hr.min()), float(hr.max())
    if not (math.isfinite(hi - lo) and lo < hi):
        raise EvaluationError(
            f"{path}: found values from {lo} to {hi}, expected a range to measure errors against"
        )
    return lo, hi
