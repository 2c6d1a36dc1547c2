"""Scenes of a benchmark: a channel of an HR image, what methods are given, and a result's score.

Belongs here: reading a pair, making the LR image, the range of errors, and the bicubic baseline.
The metrics are in ``metrics.py``; which files are compared is in ``pairs.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import bicubic, check_image
from napari_autolut.evaluation.metrics import SSIM_WINDOW, psnr_y, ssim_y
from napari_autolut.evaluation.pairs import EvaluationError, Pair
from napari_autolut.evaluation.scores import LeftOut, Score
from napari_autolut.io import FileImage
from napari_autolut.noise import sample_without_outliers

Channels = tuple[list[NDArray[Any]], bool]
"""Channels of an image, and whether each has colours."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A channel of an HR image and of the LR image that methods are given.

    Parameters
    ----------
    name : str
        Name of the image, with the number of the channel where it has several.
    hr, lr : ndarray, shape (H * r, W * r) and (H, W)
        The images, of one type. A stack has a first axis for its slices or frames, colours have a
        last axis of 3.
    rgb : bool
        Whether the last axis holds colours.
    scale : int
        The factor r.
    value_range : tuple of float
        The values of black and white that errors are measured against.
    """

    name: str
    hr: NDArray[Any]
    lr: NDArray[Any]
    rgb: bool
    scale: int
    value_range: tuple[float, float]

    def score(self, result: NDArray[Any]) -> Score:
        """Measure what a method made of the LR image.

        The PSNR of a stack is that of its mean squared error, so that no single slice makes it
        infinite; its SSIM is the mean over the slices. Where the HR image has hot pixels, both are
        clipped to the range without them.
        """
        lo, hi = self.value_range
        truth = self.hr
        if truth.min() < lo or truth.max() > hi:
            result, truth = np.clip(result, lo, hi), np.clip(truth, lo, hi)
        how: dict[str, Any] = {"border": self.scale, "value_range": self.value_range}
        planes = list(zip(planes_of(result, self.rgb), planes_of(truth, self.rgb), strict=True))
        psnrs = [psnr_y(found, expected, **how) for found, expected in planes]
        ssims = [ssim_y(found, expected, **how) for found, expected in planes]
        if len(planes) == 1:
            return Score(psnrs[0], ssims[0])
        error = float(np.mean([10 ** (-psnr / 10) for psnr in psnrs]))
        return Score(-10 * math.log10(error) if error else math.inf, float(np.mean(ssims)))


def planes_of(image: NDArray[Any], rgb: bool) -> NDArray[Any]:
    """Slices of a stack, or the one image, along a first axis."""
    return image[None] if image.ndim == 2 + rgb else image


def by_plane(
    enlarge: Callable[[NDArray[Any]], NDArray[Any]], image: NDArray[Any], rgb: bool
) -> NDArray[Any]:
    """Enlarge every slice of a stack, or the one image."""
    if image.ndim == 2 + rgb:
        return enlarge(image)
    return np.stack([enlarge(plane) for plane in image])


def load_scenes(pair: Pair, scale: int) -> list[Scene | LeftOut]:
    """Read the images of a pair, a scene for every channel; errors as ``evaluate``.

    A channel is left out if its HR image has one value only, or one of both has NaN or infinite
    pixels.
    """
    hr_channels, rgb = _channels(pair.hr)
    hr_channels = [_cropped(pair.hr.path, channel, rgb, scale) for channel in hr_channels]
    if pair.lr is None:
        lr_channels = [_downscaled(hr, rgb, scale) for hr in hr_channels]
    else:
        lr_channels, lr_rgb = _channels(pair.lr)
        _check_belongs(pair, (hr_channels, rgb), (lr_channels, lr_rgb), scale)
    names = [pair.name]
    if len(hr_channels) > 1:
        names = [f"{pair.name}, channel {number}" for number in range(1, len(hr_channels) + 1)]
    return [
        LeftOut(name, problem)
        if (problem := _problem(hr, lr))
        else Scene(name, hr, lr, rgb, scale, _value_range(hr, rgb))
        for name, hr, lr in zip(names, hr_channels, lr_channels, strict=True)
    ]


def baseline_name(scale: int) -> str:
    """Say what a model of that scale is compared with."""
    return "bicubic" if scale > 1 else "input"


def enlarged_bicubically(image: NDArray[Any], scale: int, *, rgb: bool = False) -> NDArray[Any]:
    """Enlarge by bicubic interpolation, in the image's type; at scale 1 the image as it is."""
    return by_plane(lambda plane: as_dtype(bicubic.resize(plane, scale), image.dtype), image, rgb)


def as_dtype(image: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round and clip as interpolation of images of that type would."""
    if dtype.kind != "f" and image.dtype != dtype:
        limits = np.iinfo(dtype)
        image = np.rint(np.clip(image, limits.min, limits.max))
    return image.astype(dtype, copy=False)


def _channels(image: FileImage) -> Channels:
    """Channels of an image, each (H, W), with slices before and colours behind where it has them.

    The second says whether it has colours; alpha does not count.
    """
    found = image.read()
    try:
        check_image(found.data.shape, found.data.dtype)
    except TypeError as error:
        raise EvaluationError(f"{image.path}: {error}") from error
    axes, data = found.axes, found.data[..., :3] if found.rgb else found.data
    channels = list(np.moveaxis(data, axes.index("C"), 0)) if "C" in axes else [data]
    rows, columns = (axes.replace("C", "").index(axis) for axis in "YX")
    ends = (-3, -2) if found.rgb else (-2, -1)
    moved = [np.moveaxis(channel, (rows, columns), ends) for channel in channels]
    inner = 2 + found.rgb
    stacks = [each.reshape(-1, *each.shape[each.ndim - inner :]) for each in moved]
    return [stack[0] if len(stack) == 1 else stack for stack in stacks], found.rgb


def _cropped(path: Path, image: NDArray[Any], rgb: bool, scale: int) -> NDArray[Any]:
    """An HR image, cropped to a multiple of the scale."""
    sides = image.shape[image.ndim - 2 - rgb :][:2]
    height, width = (side - side % scale for side in sides)
    min_side = 2 * scale + SSIM_WINDOW
    if min(height, width) < min_side:
        problem = f"found {sides[0]} x {sides[1]} pixels, expected at least {min_side}"
        raise EvaluationError(f"{path}: {problem} a side after cropping to a multiple of {scale}")
    return by_plane(lambda plane: plane[:height, :width], image, rgb)


def _downscaled(hr: NDArray[Any], rgb: bool, scale: int) -> NDArray[Any]:
    part = Fraction(1, scale)
    return by_plane(lambda plane: as_dtype(bicubic.resize(plane, part), hr.dtype), hr, rgb)


def _check_belongs(pair: Pair, hr: Channels, lr: Channels, scale: int) -> None:
    """Check that an LR image has the size and type of its HR image."""
    assert pair.lr is not None
    path, (hr_channels, rgb), (lr_channels, lr_rgb) = pair.lr.path, hr, lr
    hr_planes, lr_planes = (planes_of(each[0][0], each[1]) for each in (hr, lr))
    found, expected = lr_planes.shape[1:3], tuple(n // scale for n in hr_planes.shape[1:3])
    if found != expected:
        raise EvaluationError(
            f"{path}: found {found[0]} x {found[1]} pixels, expected {expected[0]} x "
            f"{expected[1]}, 1/{scale} of {pair.hr.path}"
        )
    words = [
        f"{stack.dtype} {'RGB' if colours else 'grey'}"
        for stack, colours in ((lr_planes, lr_rgb), (hr_planes, rgb))
    ]
    counts = [(len(lr_channels), len(lr_planes)), (len(hr_channels), len(hr_planes))]
    if counts[0] != counts[1]:
        words = [f"{channels} x {slices} channels and slices" for channels, slices in counts]
    if words[0] != words[1]:
        raise EvaluationError(f"{path}: found {words[0]}, expected {words[1]} as {pair.hr.path}")


def _problem(hr: NDArray[Any], lr: NDArray[Any]) -> str:
    """Why no method can be told from another on an image; empty where it can."""
    for what, image in (("HR", hr), ("LR", lr)):
        if not np.isfinite(image).all():
            return f"found NaN or infinite pixels in the {what} image, expected numbers only"
    lo, hi = float(hr.min()), float(hr.max())
    if lo == hi:
        return f"found the value {lo:g} only, expected an image"
    if not math.isfinite(hi - lo):
        return f"found values from {lo:g} to {hi:g}, expected a range to measure errors against"
    return ""


def _value_range(hr: NDArray[Any], rgb: bool) -> tuple[float, float]:
    """The type's for 8 bits, else minimum and maximum; single hot pixels would raise every PSNR."""
    if hr.dtype == np.uint8:
        return 0, 255
    planes = planes_of(hr, rgb)
    colours = np.moveaxis(planes, -1, 0) if rgb else planes[None]
    kept = [plane for colour in colours for plane in sample_without_outliers([*colour]).planes]
    return min(float(p.min()) for p in kept), max(float(p.max()) for p in kept)
