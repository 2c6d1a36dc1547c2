"""What is known of an image's noise: a Poisson-Gaussian model and its correlation.

Belongs here: the frozen type and what follows from it. How it is found is ``estimation.py``; how
variances are made equal is ``stabilisation.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.plain_values import is_number
from napari_autolut.util.text import counted, quoted

CORRELATED = 0.1
"""Correlation of neighbouring pixels from which noise counts as correlated."""

MAX_GAIN = 1e18
"""Grey levels per photon; the square of more would overflow in float32."""

FAR_FROM_ZERO = 100.0
"""Photons at which the dark level lies from which four digits of its variance are too few."""

NUMBERS = ("gain", "offset_variance", "certainty", "softness")


class NoiseWarning(UserWarning):
    """What a user should know of the noise that was found."""


@dataclass(frozen=True)
class NoiseModel:
    """Noise whose variance grows with the mean: ``variance = gain * mean + offset_variance``.

    Parameters
    ----------
    gain : float
        Intensity units per detected photon, at least 0; 0 where the noise does not depend on the
        mean.
    offset_variance : float
        Variance at intensity 0, in squared intensity units: read noise minus ``gain`` times the
        detector's offset, so that it may be negative.
    correlation : sequence of float, default ()
        Correlation of the noise of pixels 1, 2, ... pixels apart, from -1 to 1; empty for white
        noise.
    certainty : float, default 1
        From 0 to 1: how well the image fits the model. Below 0.3 it may be structure that was
        taken for noise.
    softness : float, default 0
        From 0 to 1: how far an enlarged image is interpolated, because the noise looks as if it had
        gone through a filter, and would be made sharper. Denoising does not ask for it.

    Raises
    ------
    TypeError
        If one is no number.
    ValueError
        If a number is not finite or outside its range.

    Notes
    -----
    The model is that of Foi et al., IEEE Trans. Image Process. 17(10), 2008.

    Examples
    --------
    A camera with 4.6 grey levels per photon, an offset of 100 and a read noise of 5 grey levels:

    >>> from napari_autolut import NoiseModel
    >>> noise = NoiseModel(gain=4.6, offset_variance=5**2 - 4.6 * 100)
    >>> float(noise.variance(100)), round(noise.photons(560))
    (25.0, 101)
    """

    gain: float
    offset_variance: float
    correlation: tuple[float, ...] = ()
    certainty: float = 1.0
    softness: float = 0.0

    def __post_init__(self) -> None:
        for name in NUMBERS:
            value = getattr(self, name)
            if not is_number(value):
                raise TypeError(f"{name.replace('_', ' ')}: found {value!r}, expected a number")
        try:
            numbers = tuple(float(rho) for rho in self.correlation)
        except (TypeError, ValueError, OverflowError):
            found = f"correlation: found {quoted(self.correlation)}"
            raise TypeError(f"{found}, expected a sequence of numbers") from None
        object.__setattr__(self, "correlation", numbers)
        if not 0 <= self.gain <= MAX_GAIN:
            raise ValueError(f"gain: found {self.gain}, expected a number from 0 to {MAX_GAIN:g}")
        if not abs(self.offset_variance) <= MAX_GAIN**2:
            raise ValueError(
                f"offset variance: found {self.offset_variance}, expected a number of at most "
                f"{MAX_GAIN**2:g}"
            )
        if not all(-1 <= rho <= 1 for rho in self.correlation):
            raise ValueError(f"correlation: found {self.correlation}, expected -1 to 1")
        for name in ("certainty", "softness"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, expected 0 to 1")
        for name in NUMBERS:
            object.__setattr__(self, name, float(getattr(self, name)))  # numpy's become Python's

    @property
    def is_correlated(self) -> bool:
        """Whether neighbouring pixels share their noise."""
        return bool(self.correlation) and self.correlation[0] >= CORRELATED

    @property
    def widest_waves(self) -> float:
        """Variance of means over long lines of pixels, beside that with white noise as strong."""
        return max(0.0, 1 + 2 * sum(self.correlation))

    @property
    def is_none(self) -> bool:
        """Whether there is no noise at all."""
        return self.gain == 0 and self.offset_variance <= 0

    @property
    def dark(self) -> float:
        """Intensity at which the variance of the model is 0; -inf where it is never."""
        return -self.offset_variance / self.gain if self.gain > 0 else -math.inf

    def variance(self, mean: Any) -> NDArray[np.float64]:
        """Variance of the noise at mean intensities, 0 where the model has none.

        Parameters
        ----------
        mean : array_like of float
            Noise-free intensities.

        Returns
        -------
        ndarray of float64
            Of the shape of ``mean``, in squared intensity units.
        """
        found = self.gain * np.asarray(mean, np.float64) + self.offset_variance
        return np.maximum(found, 0.0)

    def photons(self, intensity: float) -> float:
        """Photons that an intensity stands for, counted from the dark level; inf without gain.

        Parameters
        ----------
        intensity : float
            An intensity of the image.

        Returns
        -------
        float
            At least 0.
        """
        return max(0.0, (intensity - self.dark) / self.gain) if self.gain > 0 else math.inf

    def scaled(self, strength: float) -> NoiseModel:
        """The model of noise with ``strength`` times the deviation, at the same means.

        Parameters
        ----------
        strength : float
            More than 0.

        Returns
        -------
        NoiseModel
            With gain and variance ``strength ** 2`` times as large.
        """
        square = strength * strength
        return replace(self, gain=self.gain * square, offset_variance=self.offset_variance * square)

    def rounded(self) -> NoiseModel:
        """The model with four digits of each number, as messages and files say them.

        Processors differ in the eighth digit of sums and logarithms; noise is known to percents. Of
        a detector whose dark level is far from zero that level is kept, to a hundredth of a photon.
        Four digits of the variance at intensity 0 would be more than all of the noise.

        Returns
        -------
        NoiseModel
            The same on every system, but where a number lies next to a half of its last digit.
        """
        gain, offset, certainty, softness, *correlation = map(
            _in_four_digits,
            (self.gain, self.offset_variance, self.certainty, self.softness, *self.correlation),
        )
        if abs(self.offset_variance) > FAR_FROM_ZERO * self.gain**2 > 0:
            step = max(0.01 * _power_of_ten(gain), 1e-6 * _power_of_ten(self.dark))
            offset = -gain * (round(self.dark / step) * step)
        return NoiseModel(gain, offset, tuple(correlation), certainty, softness)

    def __str__(self) -> str:
        soft = f", {100 * self.softness:.0f} % interpolated" if self.softness else ""
        return self._words() + soft

    def _words(self) -> str:
        if self.is_none:
            return "no noise"
        kind = "correlated" if self.is_correlated else "white"
        if self.gain == 0:
            return f"{kind} noise of {_grey_levels(math.sqrt(self.offset_variance))}"
        text = f"{kind} noise, {_grey_levels(self.gain)} per photon"
        read = self.offset_variance
        return text + (f", {_grey_levels(math.sqrt(read))} in the dark" if read > 0 else "")


def _grey_levels(number: float) -> str:
    return counted(f"{number:.3g}", "grey level")


def _in_four_digits(number: float) -> float:
    return float(f"{number:.4g}")


def _power_of_ten(number: float) -> float:
    return float(10 ** math.floor(math.log10(abs(number))))
