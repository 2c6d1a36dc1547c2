"""The levels in which tables for noise see an image, and which noise an image is taken to have.

Belongs here: from intensities to levels of 255 in which the noise has one deviation, and back. What
tables make of levels is ``arrays/noisy/task.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.darkest import (
    Padding,
    every_other_pixel,
    from_the_dark,
    stabilised_range,
    without_padding,
)
from napari_autolut.noise.estimation import fit_of_planes
from napari_autolut.noise.jpeg import was_jpeg, was_webp
from napari_autolut.noise.model import MAX_GAIN, NoiseModel
from napari_autolut.noise.repeated import has_repeated_pixels
from napari_autolut.noise.share import share_of_noise
from napari_autolut.noise.spectrum import WhiteFloor, as_white, bounded, white_floors
from napari_autolut.noise.stabilisation import invert, stabilise

CLEAN = 80.0
"""Range in deviations of the noise from which an image counts as clean. Its noise then is mostly
what it was recorded with, which belongs to it: with 1,500 photons the range is 77."""

STRONG = 8.0
"""The same, below which an image's noise is taken to be as strong as it was found. Where fine
structure is no more than that above the noise, there is little of it to lose."""

ENOUGH, SUSPECTED = 2**16, 2**14
"""Pixels that tell correlated noise from structure, and that tell of it at all. Smaller images of
cells, sharp to the pixel, look as if they had it."""

INTERPOLATED_RANGE, SHARP_RANGE = 30.0, 60.0
"""Range of an image in deviations of noise in middle frequencies that has gone through a filter, up
to which the image is interpolated, and from which it is made as sharp as any. A table for clean
images takes such noise for detail."""

JPEG_SHARE = 0.7
"""Share of noise in the detail of an image, by its middle frequencies, from which it is
interpolated where it was saved as JPEG and counts as clean: finer noise was taken away."""

WEBP_SHARE = 0.06
"""The same by the highest frequencies where it was saved as WebP: in many places, flat ones most of
all, that leaves nothing of noise, and in others all of it."""


def found_noise(planes: Sequence[NDArray[Any]]) -> NoiseModel | None:
    """Find the noise of an image that is to be enlarged: where it is white, rather too little.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise, such as :func:`planes_of` gives.

    Returns
    -------
    NoiseModel or None
        None where there is none, or nothing tells of it. It has ``softness`` where pixels were
        repeated, where JPEG has left noise in middle frequencies alone, or WebP in some places. So
        it has where noise looks correlated in an image that is too small to say so for sure.
    """
    if has_repeated_pixels(planes):
        return NoiseModel(0.0, 0.0, softness=1.0)
    try:
        noise, middle, filtered, floors = fit_of_planes(planes)
    except ValueError:
        return None
    if noise.is_none:
        return None
    if noise.is_correlated:
        if sum(plane.size for plane in planes) >= ENOUGH:
            return noise
        noise = as_white(noise)
    weakest = from_the_dark(noise, planes, 0.0, 0.0)
    weakest = bounded(weakest, planes, structure=True, floors=floors)
    _, (low, high), _ = stabilised_limits(every_other_pixel(planes), weakest)
    taken = noise if high - low < STRONG else weakest
    gain, offset = middle
    there = NoiseModel(min(gain, MAX_GAIN), offset).rounded()
    softness = 0.0
    if high - low > CLEAN and was_jpeg(planes):
        softness = share_of_noise(planes, there) / JPEG_SHARE
    elif high - low > CLEAN and was_webp(planes):
        softness = _share_of_floor(planes, floors) / WEBP_SHARE
    elif filtered and sum(plane.size for plane in planes) >= SUSPECTED:
        _, (low, high), _ = stabilised_limits(every_other_pixel(planes), there)
        softness = (SHARP_RANGE - (high - low)) / (SHARP_RANGE - INTERPOLATED_RANGE)
    return replace(taken, softness=round(min(1.0, max(0.0, softness)), 4))


def _share_of_floor(planes: Sequence[NDArray[Any]], floors: Sequence[WhiteFloor]) -> float:
    """Share of what may be white noise by the highest frequencies in the detail of planes."""
    known = floors or white_floors(planes)
    if not known:
        return 0.0
    mean = sum(each.with_structure for each in known) / len(known)
    return share_of_noise(planes, NoiseModel(0.0, mean))


@dataclass(frozen=True)
class Levels:
    """The levels in which a table sees stabilised intensities: noise has its deviation there.

    Parameters
    ----------
    noise : NoiseModel
        Noise of the image, with what the dark lacks.
    given : NoiseModel
        The same without that, as it was found or given: of it come the same levels again.
    sigma : float
        Deviation of the noise in levels of 255; 0 where these hold no image.
    lowest : float
        Stabilised intensity that becomes level 0.
    deviations : float
        Range of the image, in deviations of its noise.
    padding : Padding, optional
        The black around the image.
    """

    noise: NoiseModel
    given: NoiseModel
    sigma: float
    lowest: float
    deviations: float
    padding: Padding | None = None

    @classmethod
    def of(
        cls, planes: Sequence[NDArray[Any]], noise: NoiseModel, sigmas: Sequence[float]
    ) -> Levels | None:
        """Choose the first deviation with which 255 levels hold an image; None for a clean one.

        Parameters
        ----------
        planes : sequence of ndarray, shape (H, W)
            A sample of planes with one noise, as for :func:`found_noise`.
        noise : NoiseModel
            Their noise.
        sigmas : sequence of float
            Deviations for which there are tables, in levels of 255.

        Returns
        -------
        Levels or None
            None where the noise is weaker than any table's.
        """
        sample = every_other_pixel(planes)
        if not sample.size:
            return None
        raised, (low, high), padding = stabilised_limits(sample, noise)
        if high - low > CLEAN:
            return None
        sigma = next((each for each in sigmas if (high - low + 2) * each <= 255), None)
        if sigma is None:
            return None
        return cls(raised, noise, sigma, low - 1.0, high - low, padding)

    @classmethod
    def of_smooth(cls, planes: Sequence[NDArray[Any]], noise: NoiseModel) -> Levels:
        """Those of an image whatever its range: for a denoiser alone, which needs no levels.

        Parameters
        ----------
        planes, noise : sequence of ndarray, NoiseModel
            As for :meth:`of`.

        Returns
        -------
        Levels
            Without a deviation.
        """
        raised, (low, high), padding = stabilised_limits(every_other_pixel(planes), noise)
        return cls(raised, noise, 0.0, low - 1.0, high - low, padding)

    def __call__(self, intensities: NDArray[Any]) -> NDArray[np.float64]:
        """Levels of noisy intensities."""
        levels = stabilise(intensities, self.noise)
        levels -= self.lowest
        levels *= self.sigma
        return levels

    def expected(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Intensities whose noisy levels have these means."""
        return invert(levels / self.sigma + self.lowest, self.noise)


def stabilised_limits(
    sample: NDArray[Any], noise: NoiseModel
) -> tuple[NoiseModel, tuple[float, float], Padding | None]:
    """The noise with what the dark lacks, the range in deviations of it, and what is padding.

    Parameters
    ----------
    sample : ndarray, shape (N,)
        Finite intensities.
    noise : NoiseModel
        Their noise.
    """
    values, padding = without_padding(sample, noise)
    return *stabilised_range(values, noise), padding
