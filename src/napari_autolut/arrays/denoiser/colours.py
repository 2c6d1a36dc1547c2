"""Denoising of colours together: what they have in common is seen thrice, and its noise once.

Belongs here: the axes along which the detail of colours is denoised, and which images they suit.
What happens to a plane is ``plane.py``.

Detectors give each colour a noise of its own, while edges are in all of them. So stabilised colours
are rotated to the principal axes of their detail. Most of it then lies in one plane, where it is
stronger beside the noise; the others hold little but noise. Dabov et al. have fixed axes (Color
image denoising via sparse 3D collaborative filtering, ICIP 2007).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.denoiser.choice import Tables, denoiser_for
from napari_autolut.arrays.denoiser.plane import Denoiser
from napari_autolut.arrays.smoothing import averaged
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine
from napari_autolut.noise import NoiseModel, stabilise

UNIT_NOISE = NoiseModel(0.0, 1.0)
"""Noise of stabilised intensities, along any axis where that of colours is their own."""

MIN_OWN = 0.5
"""Deviation of the noise along the two weaker axes, from which colours are denoised together. Where
each colour has its own, it is 1. It was 0.5 to 1.1 with noise of 50 to 1,000 photons, and 0.05 to
0.4 behind JPEG, which keeps the noise of luma alone."""

COMMON = 0.5
"""Correlation of the detail of two colours, in the mean, from which they are denoised together. It
was 0.55 to 1 in photographs and stained slides, which gained 0.7 dB; fluorescence that bleeds from
channel to channel had 0.2, and would have lost 1 dB."""

WEAK = 0.02
"""Variance of detail, beside that of its noise, below which nothing is known of its correlation."""

MEANS_NOISE = 0.5
"""Variance of the noise of what neighbouring squares of 2 x 2 pixels differ by, as a part of that
of a pixel."""

SQUARE, MIN_SQUARES = 8, 16
"""Side of the squares in which noise is measured, and how many of them there must be."""

FLAT = 0.25
"""Quantile of the squares' energies along the weaker axes, where there is hardly any structure."""

NOISY = 0.2
"""Energy of noise, beside what it is to have, from which a square is not saturated."""

Axis = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class ColourDenoiser:
    """What is done to the planes of three colours, settled before the first pixel.

    Parameters
    ----------
    colours : tuple of Denoiser
        What is known of each colour; its noise is white.
    axes : tuple of 3 tuples of 3 floats
        The principal axes of the detail of stabilised colours, orthonormal.
    along : tuple of Denoiser
        What takes away the noise along each axis.
    """

    colours: tuple[Denoiser, ...]
    axes: tuple[Axis, ...]
    along: tuple[Denoiser, ...]

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on."""
        return max(each.halo for each in (*self.along, *self.colours))

    @property
    def step(self) -> int:
        """Rows and columns of which a tile must begin at a multiple."""
        return max(each.step for each in self.along)

    @property
    def limits(self) -> Range:
        """Intensities that stand for infinite ones beside finite pixels."""
        found = [each.limits for each in self.colours]
        return Range(min(each.lo for each in found), max(each.hi for each in found))

    def __call__(self, planes: NDArray[Any], engine: PlaneEngine) -> NDArray[np.float64]:
        """Denoise three planes of finite intensities.

        Parameters
        ----------
        planes : ndarray, shape (3, H, W)
            Intensities, or a tile of them whose first row and column are multiples of
            :attr:`step`.
        engine : PlaneEngine
            What runs the tables.

        Returns
        -------
        ndarray of float64, shape (3, H, W)
            Expected intensities.
        """
        pixels = np.asarray(planes, np.float64)
        seen = [each.seen(plane) for each, plane in zip(self.colours, pixels, strict=True)]
        values = [
            stabilise(plane, each.noise) for each, plane in zip(self.colours, seen, strict=True)
        ]
        clean = [
            denoiser.cleaned(_sum(values, axis), engine)
            for denoiser, axis in zip(self.along, self.axes, strict=True)
        ]
        back = (_sum(clean, weights) for weights in zip(*self.axes, strict=True))
        whole = zip(self.colours, back, seen, pixels, strict=True)
        return np.stack([colour.expected(*each) for colour, *each in whole])


def together(
    samples: Sequence[Sequence[NDArray[Any]]],
    colours: Sequence[Denoiser | None],
    tables: Tables | None = None,
    strength: float = 1.0,
) -> ColourDenoiser | None:
    """Settle how colours are denoised together, with detail in common and noise of their own.

    Parameters
    ----------
    samples : sequence of sequences of ndarray, shape (H, W)
        A sample of the planes of each colour, such as :func:`planes_of` gives.
    colours : sequence of Denoiser or None
        What would be done to each colour alone.
    tables : Tables, optional
        Those to choose from; by default the best shipped ones.
    strength : float, default 1.0
        Times the deviation of the noise that there is, what is to be taken away.

    Returns
    -------
    ColourDenoiser or None
        None where they do not have three colours with white noise, little detail in common, or
        noise in common.
    """
    noisy = tuple(each for each in colours if each is not None and not each.noise.is_correlated)
    if len(noisy) != len(colours) or len(noisy) != 3:
        return None
    seen = [
        [stabilise(each.seen(np.asarray(plane, np.float64)), each.noise) for plane in planes]
        for each, planes in zip(noisy, samples, strict=True)
    ]
    units = [[strength * plane for plane in planes] for planes in seen]  # of the noise there is
    detail = _detail(units)
    if _correlation(detail - MEANS_NOISE * np.eye(3)) < COMMON:
        return None
    axes = _orthonormal(np.linalg.eigh(detail).eigenvectors.T[::-1])
    if _deviation(units, axes[1:]) < MIN_OWN:
        return None
    rotated = ([_sum(values, axis) for values in zip(*seen, strict=True)] for axis in axes)
    along = tuple(denoiser_for(planes, UNIT_NOISE, tables) for planes in rotated)
    return ColourDenoiser(noisy, axes, along)


def _deviation(colours: Sequence[Sequence[NDArray[np.float64]]], axes: Sequence[Axis]) -> float:
    """Deviation of the finest detail along some axes, in flat places where all colours have noise.

    0 where there are too few of them: saturated ones have none.
    """
    found = [np.zeros(0)]
    for planes in zip(*colours, strict=True):
        if min(planes[0].shape) < SQUARE + 2:
            continue
        noisy = np.min([_energies(plane) for plane in planes], axis=0) > NOISY
        along = np.mean([_energies(_sum(planes, axis)) for axis in axes], axis=0)
        found.append(along[noisy])
    energies = np.concatenate(found)
    return math.sqrt(np.quantile(energies, FLAT)) if energies.size >= MIN_SQUARES else 0.0


def _energies(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean squares of the finest detail in squares; 1 for white noise of deviation 1.

    The filter is that of Immerkaer (Computer Vision and Image Understanding 64(2), 1996).
    """
    detail = np.diff(np.diff(plane, 2, axis=0), 2, axis=1) / 6
    rows, columns = (side // SQUARE * SQUARE for side in detail.shape)
    return averaged(detail[:rows, :columns] ** 2, SQUARE)


def _detail(colours: Sequence[Sequence[NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Covariance of the detail of stabilised colours: what neighbouring squares differ by."""
    total, count = np.zeros((3, 3)), 0
    for planes in zip(*colours, strict=True):
        means = np.stack([averaged(plane, 2) for plane in planes])
        for axis in (1, 2):
            found = np.diff(means, axis=axis).reshape(3, -1)
            found = found[:, np.isfinite(found).all(0)]
            total += found @ found.T
            count += found.shape[1]
    return total / max(1, count)


def _correlation(covariance: NDArray[np.float64]) -> float:
    """Mean correlation of pairs; 0 where the variances are too small to tell."""
    deviation = np.sqrt(np.maximum(np.diag(covariance), WEAK))
    pairs = (covariance / np.outer(deviation, deviation))[np.triu_indices(3, 1)]
    return float(np.clip(pairs, -1, 1).mean())


def _orthonormal(axes: NDArray[np.float64]) -> tuple[Axis, ...]:
    """Axes of three digits made orthonormal, so that processors have the same bits of them."""
    found: list[tuple[float, ...]] = []
    for axis in axes:
        strongest = axis[np.argmax(np.abs(axis))]
        rest = [round(float(each), 3) for each in axis * np.sign(strongest)]
        for other in found:
            along = sum(a * b for a, b in zip(rest, other, strict=True))
            rest = [a - along * b for a, b in zip(rest, other, strict=True)]
        length = sum(each * each for each in rest) ** 0.5
        found.append(tuple(each / length for each in rest))
    (a, b, c), (d, e, f), (g, h, i) = found
    return (a, b, c), (d, e, f), (g, h, i)


def _sum(planes: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> NDArray[np.float64]:
    """Weighted sum in the order of the planes: the same bits of a pixel in any tile."""
    result: NDArray[np.float64] = weights[0] * planes[0]
    for weight, plane in zip(weights[1:], planes[1:], strict=True):
        result += weight * plane
    return result
