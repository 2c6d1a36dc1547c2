"""Ramps stay ramps: how far a model is off on smooth ground, and the coring that makes up for it.

Belongs here: that measurement, and what a trained model is stored with because of it. What coring
is, is ``napari_autolut.engine.coring``; constant images have a projection of their own in
``flat.py``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from autolut_training.models.flat import flattened
from napari_autolut.engine.fast import upscale_planes
from napari_autolut.model import LutModel

SLOPES = (0.1, 0.3, 1.0, 1.7, 2.5, 4.0)
"""Levels a pixel."""

DIRECTIONS = ((0.0, 1.0), (1.0, 0.0), (0.7, -0.7))
"""Rows and columns by which a ramp rises. A table with the rotation ensemble is as far off on ramps
that are rotated by 90 degrees."""

LEVELS = np.linspace(0, 255, 511, dtype=np.float32)
"""Constant images."""

MIDDLES = tuple(range(25, 240, 17))
"""Levels in the middle of a ramp."""

SIDE = 8
"""Rows and columns of a ramp that are compared; a halo lies around them."""

LEFT = 0.1
"""Levels that an answer to a ramp may be off with coring: less costs PSNR elsewhere."""

MARGIN = 1.05
"""Ramps that lie between those that are looked at are off by a little more."""

STEP = 0.05
"""Levels to which a coring is rounded up."""

MAX_CORING = 2.5
"""Levels; a table that needs more has not learned what is smooth, and would lose detail."""

NOISE_FLOOR = 1.0
"""Levels; of noise of a deviation of 3 one pixel in 5,000 lies below it in all directions."""


def ramp_error(model: LutModel) -> float:
    """Largest difference in levels between a model's answers to ramps and the finer ramps.

    Parameters
    ----------
    model : LutModel
        Its task does not matter: a ramp is free of noise.
    """
    side, scale = SIDE + 2 * model.halo, model.scale
    kinds = list(product(DIRECTIONS, SLOPES, MIDDLES))
    plane, finer = ([_ramp(side * k, k, *kind) for kind in kinds] for k in (1, scale))
    ends = np.array([(ramp.min(), ramp.max()) for ramp in plane])
    inside = (ends[:, 0] > 0) & (ends[:, 1] < 255)
    answers = upscale_planes(model, np.stack(plane)[inside].astype(np.float32))
    seen = slice(model.halo * scale, -model.halo * scale or None)
    of_ramps = np.abs(answers - np.stack(finer)[inside])[:, seen, seen].max()
    flat = np.broadcast_to(LEVELS[:, None, None], (len(LEVELS), 2, 2))
    return float(max(of_ramps, np.abs(upscale_planes(model, flat) - LEVELS[:, None, None]).max()))


def _ramp(
    side: int, scale: int, direction: tuple[float, float], slope: float, middle: int
) -> NDArray[np.float64]:
    """A ramp on a grid that is ``scale`` times finer than that of its slope."""
    place = (np.arange(side) - (side - 1) / 2) / scale
    ramp: NDArray[np.float64] = middle + slope * np.add.outer(
        direction[0] * place, direction[1] * place
    )
    return ramp


def finished(model: LutModel) -> LutModel:
    """A trained model as it is stored: constant images and ramps come back."""
    return with_coring(flattened(model))


def finished_denoiser(model: LutModel) -> LutModel:
    """A model that was trained on noisy images as it is stored: what has no noise comes back."""
    able = model.scale == 1 and model.rounding == "none"
    return replace(model, noise_floor=NOISE_FLOOR) if able else model


def with_coring(model: LutModel) -> LutModel:
    """The model with as much coring as its ramps need, :data:`MAX_CORING` at most."""
    if model.rounding != "none":
        return model
    error = MARGIN * ramp_error(replace(model, coring=0.0))
    coring = math.sqrt(error * max(0.0, error - LEFT))
    return replace(model, coring=min(MAX_CORING, round(math.ceil(coring / STEP) * STEP, 2)))
