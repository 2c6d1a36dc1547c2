"""What an image's darkest pixels say of its noise: a detector without light is no brighter.

Belongs here: a sample of intensities, and noise models that would have no noise in dark places.
What stabilising does with little noise there, is ``stabilisation.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.stabilisation import MIN_SHARE, raised, stabilise

QUANTILES = 0.001, 0.999
"""Fractions of pixels between which an image's range lies."""

PADDED_SHARE, PADDING = 0.02, 10.0
"""Fraction of pixels of the lowest intensity from which they may be padding, and how far darker it
is than all others, in deviations of their noise."""

ONE_PHOTON = 1.0
"""Photons above the dark level below which a line of variance over mean says nothing: where it
begins is not known so well."""

MIN_LEFT, DARKER = 0.6, 2.4
"""Share of the noise that a line from the darkest pixels leaves at least, if read noise of black
ground can be why they are so dark; and photons by which it makes them darker than where the line
begins. Noise of mean m reaches down to m - k * sqrt(gain * (m - begin)), nowhere below begin -
k**2 / 4 * gain. One pixel in a thousand is k = 3.1 deviations away."""

BRIGHT = 100.0
"""Photons by which the brightest pixels lie above where the line begins, if read noise can be why
the darkest lie below. Where there is less light, structure is as steep: 25 micrographs with 10
photons and a read noise of 0.6 and 1.2 photons lost 0.3 dB on average, and up to 2.3."""

ENOUGH = 2**12
"""Pixels of a sample from which the one in a thousand is known so well."""


class Padding(NamedTuple):
    """The black around an image.

    Parameters
    ----------
    black : float
        Its intensity, and any below.
    ground : float
        The darkest intensity that a detector gave, which takes its place.
    """

    black: float
    ground: float

    def filled(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels with the ground in place of padding, which would shine into the image."""
        return np.where(pixels <= self.black, self.ground, pixels)

    def put_back(
        self, pixels: NDArray[np.float64], result: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """A result of filled pixels with the padding of the pixels, bit for bit."""
        return np.where(pixels <= self.black, pixels, result)


def from_the_dark(
    noise: NoiseModel, planes: Sequence[NDArray[Any]], margin: float, deviations: float
) -> NoiseModel:
    """The same noise of the median, less of it in bright places where there is none in dark ones.

    Bright structure that was taken for noise makes the line of variance over mean so steep that it
    is 0 above the darkest pixels. Where most pixels have next to no photon, the median tells
    nothing, and the noise of one photon is kept.

    Parameters
    ----------
    noise : NoiseModel
        The noise that was found in an image.
    planes : sequence of ndarray, shape (H, W)
        A sample of its planes.
    margin, deviations : float
        Part of the range, and deviations of the noise of the median, by the larger of which the
        line may begin above the darkest pixels: these are what noise made of somewhat brighter
        ones, and detectors that cut off what is dark bend the line.

    Returns
    -------
    NoiseModel
        The same one where its line begins there, or nothing is dark.
    """
    values, _ = without_padding(every_other_pixel(planes), noise)
    if not values.size:
        return noise
    darkest, median, brightest = sample_quantiles(values)
    of_noise = deviations * float(np.sqrt(noise.variance(median)))
    away = max(margin * (brightest - darkest), of_noise)
    found = _less_steep(noise, darkest + away, median)
    is_dim = brightest - noise.dark < BRIGHT * noise.gain
    if is_dim or found.gain >= MIN_LEFT * noise.gain or len(values) < ENOUGH:
        return found
    of_ground = _less_steep(noise, darkest + max(away, DARKER * noise.gain), median)
    return of_ground if of_ground.gain >= MIN_LEFT * noise.gain else found


def _less_steep(noise: NoiseModel, begin: float, median: float) -> NoiseModel:
    """The same noise of the median, of a line that begins no later."""
    if not begin < noise.dark < median:
        return noise
    kept = max(median, noise.dark + ONE_PHOTON * noise.gain)
    gain = float(noise.variance(kept)) / float(kept - begin)
    return replace(noise, gain=gain, offset_variance=-gain * float(begin))


def without_padding(values: NDArray[Any], noise: NoiseModel) -> tuple[NDArray[Any], Padding | None]:
    """A sample without what no detector saw: the black around a rotated or stitched image.

    Parameters
    ----------
    values : ndarray, shape (N,)
        Finite intensities.
    noise : NoiseModel
        Their noise.

    Returns
    -------
    values : ndarray
        The others; all where the lowest intensity is no darker than noise makes it.
    padding : Padding or None
        What was left out.
    """
    if not values.size:
        return values, None
    lowest = values.min()
    black, seen = float(lowest), values > lowest
    if np.count_nonzero(seen) > (1.0 - PADDED_SHARE) * len(values) or not seen.any():
        return values, None
    rest = values[seen]
    darkest, median, _ = sample_quantiles(rest)
    deviation = float(np.sqrt(max(noise.variance(darkest), MIN_SHARE * noise.variance(median))))
    if darkest - black <= PADDING * deviation or darkest == median:
        return values, None
    return rest, Padding(black, darkest)


def stabilised_range(
    values: NDArray[Any], noise: NoiseModel
) -> tuple[NoiseModel, tuple[float, float]]:
    """The noise with what the dark lacks, and the range of a sample in deviations of it.

    Parameters
    ----------
    values : ndarray, shape (N,)
        Finite intensities.
    noise : NoiseModel
        Their noise.

    Returns
    -------
    noise : NoiseModel
        As :func:`~napari_autolut.noise.stabilisation.raised` gives it.
    limits : tuple of float
        The darkest and the brightest, stabilised.
    """
    darkest, median, brightest = sample_quantiles(values)
    noise = raised(noise, darkest, median)
    low, high = stabilise([darkest, brightest], noise)
    return noise, (float(low), float(high))


def sample_quantiles(values: NDArray[Any]) -> tuple[float, float, float]:
    """The darkest, the median and the brightest of a sample; any where it is empty."""
    if not values.size:
        return 0.0, 0.5, 1.0
    places = np.multiply((QUANTILES[0], 0.5, QUANTILES[1]), len(values) - 1)
    below = places.astype(np.intp)
    above = np.minimum(below + 1, len(values) - 1)
    lower, upper = np.split(_at(values, np.concatenate([below, above])), 2)
    darkest, median, brightest = (lower + (places - below) * (upper - lower)).tolist()
    return darkest, median, brightest


def _at(values: NDArray[Any], places: NDArray[np.intp]) -> NDArray[np.float64]:
    """Which values stand at some places when they are sorted."""
    if values.dtype.kind == "f":
        found: NDArray[np.float64] = np.partition(values, places)[places]  # half of a sort's time
        return found
    lowest, counts = _counted(values)
    return np.searchsorted(np.cumsum(counts), places, "right").astype(np.float64) + lowest


def _counted(values: NDArray[Any]) -> tuple[int, NDArray[np.intp]]:
    """The lowest of whole numbers of up to 16 bits, and how many have it and each one above."""
    lowest = int(values.min())
    return lowest, np.bincount(values.astype(np.intp) - lowest)


def levels_with_counts(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The levels of a sample that :func:`every_other_pixel` gave, and how many pixels have each."""
    if values.dtype.kind == "f" or not values.size:
        return np.unique(values, return_counts=True)
    lowest, counts = _counted(values)
    levels = np.flatnonzero(counts)
    return levels + lowest, counts[levels]


def every_other_pixel(planes: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Finite intensities of every other row and column: enough for quantiles.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes of one real dtype.

    Returns
    -------
    ndarray, shape (N,)
        Whole numbers of up to 16 bits as they are, since those are counted in a tenth of the time;
        all others as float64.
    """
    values: NDArray[Any] = np.concatenate([plane[::2, ::2].reshape(-1) for plane in planes])
    if values.dtype.kind in "ui" and values.dtype.itemsize <= 2:
        return values
    found = values.astype(np.float64)
    return found[np.isfinite(found)]
