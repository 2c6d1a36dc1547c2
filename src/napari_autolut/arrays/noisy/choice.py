"""What enlarges a channel: the table for its noise, and how much of other answers.

Belongs here: the choice, made before the first pixel. What is chosen is ``enlarger.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from napari_autolut.arrays.denoiser import denoiser_for
from napari_autolut.arrays.noisy.enlarger import (
    DenoisedShare,
    NoisyEnlarger,
    PartlyInterpolated,
)
from napari_autolut.arrays.task import model_for
from napari_autolut.arrays.value_range import Range
from napari_autolut.model import LutModel
from napari_autolut.noise import (
    NO_NOISE,
    Levels,
    NoiseModel,
    Sample,
    as_white,
    found_noise,
    share_of_noise,
    warn_of_doubts,
)
from napari_autolut.noise.outliers import Outliers

Enlarger = NoisyEnlarger | PartlyInterpolated

FULL_RANGE, MIN_SHARE = 8.0, 0.7
"""Range of an image in deviations of its noise up to which the denoised answer counts alone, and
how much it counts at least: as 1 over the range, between both (by
``benchmarks/denoised_share.py``)."""

TABLE_RANGE, TABLE_SHARE = 14.0, 0.8
"""Range from which the denoised image is enlarged by the table for clean images, and how much that
counts beside bicubic interpolation: below it less, and none at ``FULL_RANGE``, where denoisers
leave waves that the table would make sharper."""

SMOOTH = 0.5
"""Share of noise in the detail of an image from which it is smooth: noise, however weak, is most of
what is as fine as pixels. Of 325 micrographs, binned, none has as much of its own, and one 0.43."""

ALL_NOISE, LITTLE = 0.3, 0.15
"""Share of noise in the detail of an image that counts as clean from which bicubic interpolation
counts alone: a table would make little but noise sharper. Below, it counts in proportion, and not
at all where it would count less than the second number."""


def enlarger_for(
    sample: Sample,
    noise: NoiseModel | str | None,
    value_range: Range,
    model: LutModel,
) -> Enlarger | None:
    """Settle what enlarges a channel.

    Parameters
    ----------
    sample : Sample
        Some of its planes, such as :func:`sample_of` gives.
    noise : NoiseModel, "auto" or None
        Its noise; None for a channel that is taken as it is.
    value_range : Range
        Pixel values that stand for the model's 0 and 255.
    model : LutModel
        One that knows of noise.

    Returns
    -------
    NoisyEnlarger, PartlyInterpolated or None
        None where the model alone does it.

    Warns
    -----
    NoiseWarning
        Where something speaks against noise that was found and is taken away, or where an image is
        interpolated because its noise was filtered.
    """
    if noise is None:
        return None
    planes, outliers = sample
    found = found_noise(planes) if isinstance(noise, str) else noise
    tables = {each.sigma: each.model for each in model.noisy}
    levels, noise_share = levels_of(planes, found, model)
    if isinstance(noise, str):
        warn_of_doubts(planes, found or NO_NOISE, outliers, taken_away=levels is not None)
    soft = 0.0 if found is None else found.softness
    if levels is None or found is None:
        if isinstance(noise, str) and found is not None:
            soft = max(soft, interpolated_share(noise_share))
        if value_range.is_flat or not (soft or outliers):
            return None
        return _partly_interpolated(model, value_range, soft, outliers)
    table = tables.get(levels.sigma)
    share, by_table = denoised_share(levels.deviations)
    if table is None or levels.noise.is_correlated:
        share = 1.0
    enlarger = _partly_interpolated(model, value_range, 1 - by_table * (1 - soft))
    denoiser = denoiser_for(planes, levels.noise)
    return NoisyEnlarger(
        table, levels, DenoisedShare(denoiser, enlarger, max(share, soft)), outliers
    )


def interpolated_share(share: float) -> float:
    """How much bicubic interpolation counts in an image that counts as clean.

    Parameters
    ----------
    share : float
        That of noise in its detail.

    Returns
    -------
    float
        From 0 to 1, with four digits; 0 where it would be little.
    """
    counted = round(min(1.0, share / ALL_NOISE), 4)
    return counted if counted > LITTLE else 0.0


def levels_of(
    planes: Sequence[NDArray[Any]], noise: NoiseModel | None, model: LutModel
) -> tuple[Levels | None, float]:
    """The levels in which a model's tables for noise see a channel, and how much is noise.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of its planes.
    noise, model : as for :func:`enlarger_for`
        None for a channel in which no noise was found.

    Returns
    -------
    levels : Levels or None
        None where there is no noise to take away, or it is weak beside what else is as fine.
    share : float
        That of noise in the detail of a channel that counts as clean by its range, else 0.
    """
    if noise is None or noise.is_none:
        return None, 0.0
    white = noise if noise.is_correlated else as_white(noise)
    levels = Levels.of(planes, white, [each.sigma for each in model.noisy])
    if levels is not None:
        return levels, 0.0
    share = share_of_noise(planes, white)
    if share < SMOOTH or noise.is_correlated:
        return None, share
    return Levels.of_smooth(planes, white), share


def _partly_interpolated(
    model: LutModel, value_range: Range, interpolated: float, outliers: Outliers | None = None
) -> PartlyInterpolated:
    share = 1.0 if value_range.is_flat else interpolated
    return PartlyInterpolated(model_for(model, value_range), value_range, share, outliers)


def denoised_share(range_: float) -> tuple[float, float]:
    """How much the denoised answer counts, and in it the table for clean images.

    Parameters
    ----------
    range_ : float
        Range of the image in deviations of its noise; 0 where all pixels are the same.

    Returns
    -------
    tuple of two float
        From 0 to 1.
    """
    share = max(MIN_SHARE, FULL_RANGE / max(FULL_RANGE, range_))
    rise = (range_ - FULL_RANGE) / (TABLE_RANGE - FULL_RANGE)
    return share, TABLE_SHARE * min(1.0, max(0.0, rise))
