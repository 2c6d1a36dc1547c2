"""What is done to each channel, settled before a pixel is computed: its noise, and which table.

Belongs here: from arrays and what is said of their noise to :class:`Denoiser`. What one does, and
which tables it takes, is ``arrays/denoiser/plane.py``; how noise is found is ``noise``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Axes, ModelLike
from napari_autolut.arrays.denoiser import (
    SHIPPED,
    ColourDenoiser,
    Denoiser,
    Tables,
    WhiteNoiseTable,
    denoiser_for,
    for_noisy_images,
    limits_of,
    shipped,
    together,
)
from napari_autolut.arrays.noisy import noise_of_each
from napari_autolut.model import LutModel
from napari_autolut.noise import (
    NoiseModel,
    NoiseWarning,
    Sample,
    noise_of_planes,
    planes_of,
    sample_of,
    warn_of_doubts,
)
from napari_autolut.storage import UnknownModelError, list_models, load_model, model_digest
from napari_autolut.util.plain_values import is_number
from napari_autolut.util.text import quoted
from napari_autolut.util.warning import warn

NEGLIGIBLE = 1e-4
"""Deviation of noise, as a part of the image's range, below which there is none to take away."""

MAX_STRENGTH = 100.0
"""Times the deviation of the noise: of more no image is left, and rounding errors are in its place.
"""

Noise = str | NoiseModel | Sequence[NoiseModel]

DenoisingModel = ModelLike | Sequence[ModelLike]
"""A table for white noise, several from which the image's range chooses, or "best" or "light"."""


class Settled(NamedTuple):
    """What is done to an array.

    Parameters
    ----------
    denoisers : tuple of Denoiser or None
        One for each channel or colour, one for all where there are none; None leaves planes as
        they are.
    colours : ColourDenoiser or None
        What takes their place where colours are denoised together.
    """

    denoisers: tuple[Denoiser | None, ...]
    colours: ColourDenoiser | None = None


def denoisers_for(
    array: Any,
    axes: Axes,
    noise: Noise = "auto",
    strength: float = 1.0,
    model: DenoisingModel | None = None,
) -> Settled:
    """Settle what is done to each channel or colour, or to colours together.

    Parameters
    ----------
    array : array_like
        Of a real dtype; of a lazy one only samples are computed.
    axes : Axes
        What its axes are.
    noise : "auto", NoiseModel or sequence of NoiseModel
        As for :func:`napari_autolut.denoise`.
    strength : float
        Times the noise's standard deviation.
    model : str, os.PathLike, LutModel or sequence of them, optional
        As for :func:`napari_autolut.denoise`.

    Returns
    -------
    Settled
        What it is.

    Raises
    ------
    ValueError
        If the strength is none, the number of noise models is not that of channels, or the model
        is none for white noise.

    Warns
    -----
    NoiseWarning
        Where no noise is found, or what may be structure.
    """
    check_strength(strength)
    tables = Tables.of(shipped() if model is None else white_noise_tables(model))
    strength *= tables.strength
    if noise is None or (isinstance(noise, str) and noise != "auto"):
        raise ValueError(f"noise: found {quoted(noise)}, expected 'auto' or a NoiseModel")
    channels, total = axes.channels(array, alpha=False), len(axes.channels(array))
    noises = noise_of_each(noise, len(channels), total)
    if not strength:
        return Settled((None,) * total)
    samples = [sample_of(channel) for channel in channels]
    denoisers = [
        _denoiser(sample, said if isinstance(said, NoiseModel) else None, strength, tables)
        for sample, said in zip(samples, noises, strict=True)
    ]
    planes = [sample.planes for sample in samples]
    colours = together(planes, denoisers, tables, strength) if axes.rgb else None
    return Settled((*denoisers, *[None] * (total - len(denoisers))), colours)


def check_strength(strength: Any) -> None:
    """Check how much of the noise is to be taken away.

    Raises
    ------
    ValueError
        If it is no number from 0 to 100.
    """
    if not (is_number(strength) and 0 <= strength <= MAX_STRENGTH):
        expected = f"a number from 0 to {MAX_STRENGTH:g}"
        raise ValueError(f"strength: found {quoted(strength)}, expected {expected}")


_SIGMAS = {each.name: each.sigma for tables in SHIPPED.values() for each in tables}


def known_sigma(model: LutModel) -> float:
    """Deviation of the white noise that a model takes away, in levels of 255.

    0 for models for something else. A shipped table has its own under any name.
    """
    if model.scale != 1:
        return 0.0
    own = model.card.noise_sigma or _SIGMAS.get(model.name)
    return own or _sigmas_by_digest().get(model_digest(model), 0.0)


@cache
def _sigmas_by_digest() -> dict[str, float]:
    """Those of the shipped tables that are there, which are read once for all unknown models."""
    there = {entry.name for entry in list_models()}
    known = {name: sigma for name, sigma in _SIGMAS.items() if name in there}
    return {model_digest(load_model(name)): sigma for name, sigma in known.items()}


def white_noise_table(model: ModelLike) -> WhiteNoiseTable:
    """A model that takes white noise away, with the noise's deviation that its card tells.

    Raises
    ------
    ValueError
        If it is another kind of model.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    taken = f"{', '.join((*SHIPPED, *_SIGMAS))} or one that was trained with --noisy"
    try:
        loaded = load_model(model)
    except UnknownModelError as error:
        raise UnknownModelError(f"no model named {model!r}, expected {taken}") from error
    sigma = known_sigma(loaded)
    if not sigma:
        raise ValueError(
            f"model {loaded.name}: found none for white noise of a known strength, expected {taken}"
        )
    return WhiteNoiseTable(for_noisy_images(loaded), sigma, loaded.card.noise_strength)


def white_noise_tables(model: DenoisingModel) -> tuple[WhiteNoiseTable, ...]:
    """Tables for white noise, from strong noise to weak.

    Parameters
    ----------
    model : str, os.PathLike, LutModel or sequence of them
        "best" or "light" for the shipped ones, a model, or several.

    Raises
    ------
    ValueError
        If there are none, or one is for something else.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    if isinstance(model, str) and model in SHIPPED:
        return shipped(model)
    if isinstance(model, str) or not isinstance(model, Sequence):
        return (white_noise_table(model),)
    if not model:
        raise ValueError("model: found an empty sequence, expected one table or more")
    found = (white_noise_table(each) for each in model)
    return tuple(sorted(found, key=lambda each: -each.sigma))


def _denoiser(
    sample: Sample, given: NoiseModel | None, strength: float, tables: Tables
) -> Denoiser | None:
    planes, outliers = sample
    noise = given
    if noise is None:
        try:
            noise = noise_of_planes(planes)
        except ValueError as error:
            warn(f"{error}; the image is left as it is", NoiseWarning)
            return None
        warn_of_doubts(planes, noise, outliers)
    if noise.is_none or _is_negligible(noise, planes):
        if given is None:
            warn("found no noise; the image is left as it is", NoiseWarning)
        return None
    taken = noise.scaled(strength)
    if _is_negligible(taken, planes):
        return None
    denoiser = denoiser_for(planes, taken, tables)
    # Correlated noise needs so many pixels around already that docks should not read more.
    return denoiser if noise.is_correlated else replace(denoiser, minimum=_minimum(planes))


def _minimum(planes: Sequence[NDArray[Any]]) -> float:
    """The smallest whole number that a type holds, where an image has it; else there is none."""
    dtype = planes[0].dtype
    if dtype.kind == "f":
        return -math.inf
    minimum = int(np.iinfo(dtype).min)
    return float(minimum) if any(bool((plane == minimum).any()) for plane in planes) else -math.inf


def _is_negligible(noise: NoiseModel, planes: Sequence[NDArray[Any]]) -> bool:
    """Whether noise is so much weaker than an image that nothing is left to be told of it."""
    limits = limits_of(planes)
    deviation = math.sqrt(float(noise.variance([limits.lo, limits.hi]).max()))
    return deviation < NEGLIGIBLE * (limits.hi - limits.lo)


def settled(channel: Any, noise: NoiseModel, table: WhiteNoiseTable | None = None) -> Denoiser:
    """Choose the table whose range holds the stabilised intensities of a channel, or take one."""
    tables = Tables.of(shipped() if table is None else (table,))
    return denoiser_for(planes_of(channel), noise.scaled(tables.strength), tables)
