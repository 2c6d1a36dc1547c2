"""What enlarges a channel: the table for its noise, and how much of other answers.

Belongs here: the choice, made before the first pixel. What is chosen is ``noisy_enlarger.py``; what
a smaller copy of the image says of it, ``self_check.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.blocks import model_for
from napari_autolut.arrays.denoiser_choice import denoiser_for
from napari_autolut.arrays.noisy_enlarger import (
    DenoisedShare,
    NoisyEnlarger,
    PartlyInterpolated,
)
from napari_autolut.arrays.self_check import best_shares, smaller_copy
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel
from napari_autolut.model.limits import count_lookups
from napari_autolut.noise import NoiseModel, planes_of
from napari_autolut.noise.levels import Levels, white_noise
from napari_autolut.noise.spectrum import as_white

Enlarger = NoisyEnlarger | PartlyInterpolated

FULL_RANGE, MAX_SHARE = 7.0, 1.0
"""Range of an image in deviations of its noise up to which the denoised answer counts most, and how
much that is; from there on it falls as 1 over the range."""

MIN_SHARES = {2: 0.4}
MIN_SHARE = 0.2
"""How much it counts at least, by scale, and at others: ``benchmarks/denoised_share.py``."""

CHECKED_RANGE = 20.0
"""Range of an image in deviations of its noise from which a smaller copy of it tells how much the
answers count; in stronger noise it tells too little."""

LIGHT = 24
"""Look-ups for each pixel of the LR image up to which a model is light."""


def enlarger_for(
    channel: Any, noise: NoiseModel | str | None, value_range: Range, model: LutModel
) -> Enlarger | None:
    """Settle what enlarges a channel.

    Parameters
    ----------
    channel : array_like, shape (..., H, W)
        Its planes; of a lazy one samples are computed.
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
    """
    if noise is None:
        return None
    planes = list(planes_of(channel))
    found = white_noise(planes) if isinstance(noise, str) else noise
    tables = dict(model.noisy)
    levels = None
    if found is not None and not found.is_none:
        levels = Levels.of(planes, as_white(found), list(tables))
    if levels is None:
        return None if value_range.is_flat else _partly_interpolated(planes, value_range, model)
    table = tables[levels.sigma]
    if is_light(table):
        return NoisyEnlarger(table, levels)
    share = denoised_share(levels.deviations, table.scale)
    usual = DenoisedShare(denoiser_for(planes, levels.noise), share)
    return _checked(NoisyEnlarger(table, levels, usual), usual, planes)


def _partly_interpolated(
    planes: list[NDArray[Any]], value_range: Range, model: LutModel
) -> PartlyInterpolated | None:
    """What enlarges a channel without noise; None where interpolation would not make it better."""
    if any(is_light(each.model) for each in model.noisy):
        return None
    copy = smaller_copy(planes, model.scale)
    if copy is None:
        return None
    engine, table = plane_engine("auto"), model_for(model, value_range)
    mixes = [PartlyInterpolated(table, value_range, share) for share in (0.0, 1.0)]
    _, share = best_shares(copy, lambda small: [mix(small, engine) for mix in mixes], (1.0, 0.0))
    return PartlyInterpolated(table, value_range, float(share)) if share else None


def _checked(
    enlarger: NoisyEnlarger, usual: DenoisedShare, planes: list[NDArray[Any]]
) -> NoisyEnlarger:
    """The same with the shares that a smaller copy of the image asks for."""
    if enlarger.levels.deviations < CHECKED_RANGE:
        return enlarger
    copy = smaller_copy(planes, enlarger.table.scale, enlarger.noise)
    if copy is None:
        return enlarger
    engine, scale = plane_engine("auto"), enlarger.table.scale

    def answers(small: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        own = replace(enlarger, denoised=None)(small, engine)
        denoised = usual.denoiser(small, engine)
        return [own, resize(denoised, scale), resize(small, scale)]

    _, share, interpolated = best_shares(copy, answers, (1 - usual.share, usual.share, 0.0))
    return replace(enlarger, denoised=usual._replace(share=float(share)),
                   interpolated=float(interpolated))  # fmt: skip


def denoised_share(range_: float, scale: int) -> float:
    """How much the denoised answer counts.

    Parameters
    ----------
    range_ : float
        Range of the image in deviations of its noise.
    scale : int
        Upscaling factor.

    Returns
    -------
    float
        From 0 to 1.
    """
    least = MIN_SHARES.get(scale, MIN_SHARE)
    return min(MAX_SHARE, max(least, FULL_RANGE / range_))


def is_light(table: LutModel) -> bool:
    """Whether a table is there for its speed, and does without other answers."""
    return count_lookups(table.nodes, table.signal_scales) <= LIGHT
