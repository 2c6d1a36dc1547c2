"""How answers to an image are to be mixed, as a smaller copy of the image says.

Belongs here: the sample that is made smaller, and the shares that serve it best. What the answers
are, is ``noisy_enlarger.py``.

An image that is binned by the model's factor has a known truth: itself. Answers err on it much as
they err on the image. Noise would tell the answers of the truth's own noise, which both have in
common. So more noise n of the same strength is added before binning, t * n, and n / t is taken from
the truth: with t * t = r * r - 1 the binned image is as noisy as the image was, and what is left in
both is uncorrelated (recorrupted-to-recorrupted: Pang et al., CVPR 2021).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import averaged
from napari_autolut.noise import NoiseModel
from napari_autolut.util.samples import middle

SIDE, MIN_SIDE = 512, 24
"""Rows and columns that are looked at, at most, and of the smaller copy at least."""

CAUTION, FEW_PIXELS = 0.03, 300.0
"""What a change of shares must gain, in the logarithm of the squared error for each squared change,
and how many times one over the number of pixels more."""

STEPS = 10
"""Shares are tenths."""

Floats = NDArray[np.float64]
Answers = Callable[[Floats], Sequence[Floats]]
"""Several enlargements of a plane."""


class Copy(NamedTuple):
    """A smaller copy of an image, and what it was made of."""

    small: Floats
    truth: Floats


def smaller_copy(
    planes: Sequence[NDArray[Any]], scale: int, noise: NoiseModel | None = None
) -> Copy | None:
    """Bin the middle of a sample of planes; where there is noise, as noisy as they are.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of a channel's planes.
    scale : int
        By how much to bin, at least 2.
    noise : NoiseModel, optional
        Their white noise.

    Returns
    -------
    Copy or None
        None of small planes, and of those with NaN or infinite pixels.
    """
    plane = planes[len(planes) // 2]
    sides = [min(SIDE, side) // scale * scale for side in plane.shape]
    rows, columns = (middle(*each) for each in zip(plane.shape, sides, strict=True))
    truth = np.asarray(plane[rows, columns], np.float64)
    if min(truth.shape) < MIN_SIDE * scale or not np.isfinite(truth).all():
        return None
    if noise is None:
        return Copy(averaged(truth, scale), truth)
    more = np.random.default_rng(0).normal(size=truth.shape)
    more *= np.sqrt(noise.variance(truth))
    times = math.sqrt(scale * scale - 1)
    return Copy(averaged(truth + times * more, scale), truth - more / times)


def best_shares(copy: Copy, answers: Answers, usual: Sequence[float]) -> Floats:
    """Shares whose mix comes closest to the truth, the usual ones unless others gain enough.

    Parameters
    ----------
    copy : Copy
        Of an image.
    answers : callable
        Gives N enlargements of the copy.
    usual : sequence of N float
        Shares without a look at the image; their sum is 1.

    Returns
    -------
    ndarray of float64, shape (N,)
        From 0 to 1, with a sum of 1.
    """
    errors = np.stack([(answer - copy.truth).ravel() for answer in answers(copy.small)])
    products = errors @ errors.T / errors.shape[1]
    candidates = np.vstack([usual, _mixes(len(errors))])
    squares = np.einsum("ki,ij,kj->k", candidates, products, candidates)
    away = ((candidates - np.asarray(usual)) ** 2).sum(1)
    cost = np.log(np.maximum(squares, np.finfo(float).tiny))
    cost += (CAUTION + FEW_PIXELS / errors.shape[1]) * away
    best: Floats = candidates[np.argmin(cost)]
    return best


@cache
def _mixes(count: int) -> Floats:
    """All shares in tenths, (M, N)."""
    tenths = [each for each in product(range(STEPS + 1), repeat=count) if sum(each) == STEPS]
    return np.array(tenths, np.float64) / STEPS
