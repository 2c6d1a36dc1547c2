"""Which shipped table suits an image: by its type, colours, calibration, ground and noise.

Belongs here: the rules. What can be seen of an image is ``traits.py``; what a table does and how
good it is stands on its card. ``benchmarks/model_choice.py`` makes the figures behind the rules.

A new table joins by one line in :data:`RULES`: of the tables of a kind and scale, the first that is
in the catalogue is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_autolut.arrays.image import Axes, as_image, guessed_axes
from napari_autolut.arrays.traits import (
    Pieces,
    finite,
    has_flat_areas,
    has_two_values,
    is_fluorescence_in_colour,
    is_stained,
    sampled_channels,
    without_equal_colours,
)
from napari_autolut.noise import noise_of_planes, sample_without_outliers, share_of_noise
from napari_autolut.storage import UnknownModelError, list_models, next_scale
from napari_autolut.util.grid import Scale, checked_scale
from napari_autolut.util.samples import middle
from napari_autolut.util.text import counted

AUTO = "auto"
"""What stands for a model that is chosen by the image."""

MICROGRAPH, PHOTOGRAPH = "micrograph", "photograph"
MASK = "two values as in a mask"
LABELS = "flat areas as in labels"
"""What is said of images that have no noise, and edges as a photograph."""

RULES: Mapping[str, tuple[tuple[int, str], ...]] = {
    MICROGRAPH: (
        (2, "micro-x2"),
        (4, "micro-x4"),
        (3, "natural-x3"),
    ),
    PHOTOGRAPH: (
        (4, "natural-x4"),
        (2, "natural-x2"),
        (3, "natural-x3"),
    ),
}
"""Scale and name of the tables of each kind of image, the best first; its scale is offered."""

BETWEEN: Mapping[str, tuple[int, ...]] = {MICROGRAPH: (2, 4), PHOTOGRAPH: (2, 3, 4)}
"""Scales of the tables whose results are resampled for a scale that no table has."""

LARGEST_PIXEL = 20.0
"""Micrometres of a micrograph's pixels at most; larger ones are the dots of a print."""

NOISY = 1000.0
"""Photons in bright pixels below which noise is worth a word."""

NOISE_SHARE = 0.08
"""Share of noise in an image's detail from which it is worth a word, however weak: tables for
photographs then lose up to 4 dB to interpolation. Of 24 photographs without added noise, no other
than those with less than 1,000 photons has as much."""

NOISE_SIDE = 512
"""Rows and columns of the middle of colours in which noise is looked for."""

SURE = 0.3
"""Certainty of a noise model from which it is named."""


@dataclass(frozen=True)
class ModelChoice:
    """A table for an image.

    Parameters
    ----------
    name : str
        In the catalogue.
    reason : str
        One line that ends with the name.
    kind : {"micrograph", "photograph"}
        What the image was taken for.
    """

    name: str
    reason: str
    kind: str


def choose_model(
    image: Any,
    *,
    scale: Scale | None = None,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    pixel_size: float | None = None,
) -> ModelChoice:
    """Choose a shipped table for an image.

    Micrographs are images without colours or with small pixels. So are those whose colours have
    nothing in common on a dark ground, or are a stained slide's, and colour images with noise,
    which tables for photographs would make sharper. All else counts as a photograph, masks and
    labels, too.

    Parameters
    ----------
    image : array_like, shape (..., H, W) or (..., H, W, 3 or 4)
        Numpy or dask array; a sample of three planes is looked at, or of one each of four channels.
    scale : float, optional
        How many times as large the result is to be; by default 2 for micrographs, whose noise
        leaves nothing finer to be seen, and 4 for photographs.
    channel_axis : int, optional
        An axis of channels.
    rgb : bool, optional
        Whether the last axis holds colours; by default as for :func:`~napari_autolut.upscale`.
    pixel_size : float, optional, micrometres
        Distance of pixels in the object, where it is known.

    Returns
    -------
    ModelChoice
        Name and reason.

    Raises
    ------
    UnknownModelError
        If there is no table of that scale.
    TypeError, ValueError
        As :func:`~napari_autolut.upscale`.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_autolut.arrays import choose_model
    >>> frame = np.random.default_rng(0).poisson(40, (128, 128)).astype(np.uint16)
    >>> choose_model(frame).name
    'micro-x2'
    """
    array = image if hasattr(image, "shape") and hasattr(image, "dtype") else as_image(image)
    axes = guessed_axes(array.shape, channel_axis, rgb)
    return choose_model_for(array, axes, scale=scale, pixel_size=pixel_size)


def choose_model_for(
    array: Any, axes: Axes, *, scale: Scale | None = None, pixel_size: float | None = None
) -> ModelChoice:
    """Choose a shipped table for an array whose axes are known; see :func:`choose_model`."""
    channels = sampled_channels(array, axes)
    grey = without_equal_colours(channels[0]) if axes.rgb else None
    if grey is not None:
        channels = {0: grey}
    colours = axes.rgb and grey is None
    seen = [_type_words(array.dtype, axes.rgb, grey is not None)]
    seen += _words(colours, channels, pixel_size)
    known = colours and seen[-1] != PHOTOGRAPH  # by its colours, whatever noise there is
    noise = [] if known or seen[-1] in (MASK, LABELS) else _noise_words(channels, colours)
    if noise and seen[-1] == PHOTOGRAPH:
        del seen[-1]  # tables for photographs would make the noise sharper
    kind = PHOTOGRAPH if seen[-1] in (PHOTOGRAPH, MASK, LABELS) else MICROGRAPH
    name = _table(kind, scale)
    return ModelChoice(name, f"{', '.join([*seen, *noise])}: {name}", kind)


def _type_words(dtype: np.dtype[Any], rgb: bool, grey: bool) -> str:
    bits = f"{8 * dtype.itemsize}-bit" + (" float" if dtype.kind == "f" else "")
    return bits + (", RGB" if rgb else "") + (" in grey" if grey else "")


def _words(colours: bool, channels: Mapping[int, Pieces], pixel_size: float | None) -> list[str]:
    """What is seen of an image that tells its kind beside its type, the last word first."""
    if all(map(has_two_values, channels.values())):
        return [MASK]
    if not colours and all(map(has_flat_areas, channels.values())):
        return [LABELS]
    if pixel_size is not None and 0 < pixel_size < LARGEST_PIXEL:
        return [f"pixels of {pixel_size:.3g} µm"]
    return _colour_words(channels[0]) if colours else []


def _colour_words(pieces: Pieces) -> list[str]:
    if is_stained(pieces):
        return ["stained slide"]
    if is_fluorescence_in_colour(pieces):
        return ["dark ground, colours apart"]
    return [PHOTOGRAPH]


def _table(kind: str, scale: Scale | None) -> str:
    known = {entry.name for entry in list_models()}
    scales = sorted({each for each, name in RULES[kind] if name in known})
    if scale is not None and scales:
        scale = checked_scale(scale)
        between = [each for each in scales if each in BETWEEN[kind]]
        if scale > 1 and scale not in scales and between:
            scale = next_scale(scale, between)
    for each, name in RULES[kind]:
        if name in known and scale in (None, each):
            return name
    raise UnknownModelError(
        f"scale: found {scale}, expected one of {', '.join(map(str, scales)) or 'none'} for a "
        f"{kind}; or give a model"
    )


def _noise_words(channels: Mapping[int, Pieces], colours: bool) -> list[str]:
    """How strong the noise is, where that can be told and matters.

    That of the noisiest channel, or of two of three colours.
    """
    if colours:
        parts = [
            piece[tuple(middle(length, NOISE_SIDE) for length in piece.shape[:2])]
            for piece in channels[0]
        ]
        seen = [(*_photons([part[..., n] for part in parts]), 0) for n in range(3)]
    else:
        seen = [(*_photons(each), number) for number, each in channels.items()]
    noisy = sorted((photons, number) for photons, matters, number in seen if matters)
    if len(noisy) < (2 if colours else 1):
        return []
    photons, number = noisy[1 if colours else 0]
    where = f" in channel {number}" if len(channels) > 1 else ""
    return [f"noise of about {counted(_rounded(photons), 'photon')}{where}"]


def is_noisy(pieces: Pieces) -> bool:
    """Whether noise of a channel matters, of which are pieces, (h, w)."""
    return _photons(pieces)[1]


def _photons(pieces: Pieces) -> tuple[float, bool]:
    """Photons of bright pixels, infinite where no noise is found; and whether that matters."""
    planes = sample_without_outliers(pieces).planes
    try:
        noise = noise_of_planes(planes)
    except ValueError:
        return math.inf, False
    if noise.is_none or noise.certainty < SURE:
        return math.inf, False
    values = np.concatenate([finite(piece) for piece in pieces])
    low, bright = map(float, np.quantile(values, (0.01, 0.99)))
    photons = noise.photons(bright)
    if not math.isfinite(photons):
        photons = ((bright - low) or 1.0) ** 2 / float(noise.variance(bright))
    return photons, photons <= NOISY or share_of_noise(planes, noise) > NOISE_SHARE


def _rounded(value: float) -> str:
    """Two digits."""
    digits = max(0, math.floor(math.log10(max(value, 1.0))) - 1)
    return f"{round(value, -digits):,.0f}"
