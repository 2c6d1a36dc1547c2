"""Which shipped table suits an image: by its type, colours, calibration, ground and noise.

Belongs here: what can be seen of an image, and the rules that follow from it. What a table does and
how good it is stands on its card; the figures behind the rules are made by
``benchmarks/model_choice.py``.

A new table joins by one line in :data:`RULES`: of the tables of a kind and scale, the first that is
in the catalogue is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.axes import Axes, guessed_axes
from napari_autolut.storage.catalogue import UnknownModelError, list_models, next_scale
from napari_autolut.util.grid import Scale, checked_scale
from napari_autolut.util.samples import middle

if TYPE_CHECKING:
    from napari_autolut.noise import NoiseModel

AUTO = "auto"
"""What stands for a model that is chosen by the image."""

MICROGRAPH, PHOTOGRAPH = "micrograph", "photograph"

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

SAMPLED_PLANES, SAMPLED_SIDE = 3, 1024
"""What is looked at of an image: planes of its first channel, and the middle of large ones."""

DARK = 0.15
"""Where the median of an image with a dark ground lies at most, between its ends."""

BRIGHT, STAINED = 0.5, 0.7
"""Where the bright end of a stained slide's darkest colour lies at least, and the fraction of its
coloured pixels in which green is the darkest, as stains absorb it."""

COLOUR_SIDE, COMMON_DETAIL = 256, 0.3
"""What is looked at of colours, and how far their steps from pixel to pixel correlate at least for
them to count as one image in colour: of 252 photographs nine in ten have 0.65 or more."""

LARGEST_PIXEL = 20.0
"""Micrometres of a micrograph's pixels at most; larger ones are the dots of a print."""

ENDS = 0.001, 0.999
NOISY = 1000.0
"""Photons in bright pixels below which noise is worth a word."""

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

    Micrographs are images of more than 8 bits, with small pixels, a dark ground, or the colours of
    a stained slide, and grey ones with noise; all else counts as a photograph.

    Parameters
    ----------
    image : array_like, shape (..., H, W) or (..., H, W, 3 or 4)
        Numpy or dask array; a sample of three planes is looked at.
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

    Examples
    --------
    >>> import numpy as np
    >>> from napari_autolut.arrays import choose_model
    >>> frame = np.random.default_rng(0).poisson(40, (128, 128)).astype(np.uint16)
    >>> choose_model(frame).name
    'micro-x2'
    """
    array = image if hasattr(image, "shape") and hasattr(image, "dtype") else np.asarray(image)
    axes = guessed_axes(array.shape, channel_axis, rgb)
    return choose_model_for(array, axes, scale=scale, pixel_size=pixel_size)


def choose_model_for(
    array: Any, axes: Axes, *, scale: Scale | None = None, pixel_size: float | None = None
) -> ModelChoice:
    """Choose a shipped table for an array whose axes are known; see :func:`choose_model`."""
    pieces = [np.asarray(piece) for piece in _sample(array, axes)]
    seen = _words(array.dtype, axes, pieces, pixel_size)
    noise = [] if axes.rgb else _noise_words(pieces)
    if noise and seen[-1] == PHOTOGRAPH:
        del seen[-1]  # tables for photographs would make the noise sharper
    kind = PHOTOGRAPH if seen[-1] == PHOTOGRAPH else MICROGRAPH
    name = _table(kind, scale)
    return ModelChoice(name, f"{', '.join([*seen, *noise])}: {name}", kind)


def _words(
    dtype: np.dtype[Any], axes: Axes, pieces: list[NDArray[Any]], pixel_size: float | None
) -> list[str]:
    """What is seen of an image that tells its kind, the last word first to decide."""
    bits = f"{8 * dtype.itemsize}-bit" + (" float" if dtype.kind == "f" else "")
    words = [bits, "RGB"] if axes.rgb else [bits]
    if pixel_size is not None and 0 < pixel_size < LARGEST_PIXEL:
        return [*words, f"pixels of {pixel_size:.3g} µm"]
    if axes.rgb:
        return [*words, "stained slide" if _is_stained(pieces) else PHOTOGRAPH]
    if dtype.kind != "f" and dtype.itemsize > 1:
        return words
    return [*words, "dark ground" if _has_dark_ground(pieces) else PHOTOGRAPH]


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


def _noise_words(pieces: list[NDArray[Any]]) -> list[str]:
    """How strong the noise is, where that can be told and matters."""
    from napari_autolut.noise import estimate_noise

    try:
        noise: NoiseModel = estimate_noise(pieces)  # type: ignore[assignment]
    except ValueError:
        return []
    values = np.concatenate([_finite(piece) for piece in pieces])
    bright = float(np.quantile(values, 0.99))
    if noise.is_none or noise.certainty < SURE:
        return []
    photons = noise.photons(bright)
    if not math.isfinite(photons):
        spread = float(np.quantile(values, 0.99) - np.quantile(values, 0.01)) or 1.0
        photons = spread**2 / float(noise.variance(bright))
    if photons > NOISY:
        return []
    return [f"noise of about {_rounded(photons)} photons"]


def _rounded(value: float) -> str:
    """Two digits."""
    digits = max(0, math.floor(math.log10(max(value, 1.0))) - 1)
    return f"{round(value, -digits):,.0f}"


def _sample(array: Any, axes: Axes, side: int = SAMPLED_SIDE) -> Iterator[Any]:
    """Middles of planes, evenly spread along all axes but that of channels, of which the first."""
    planes = axes.spatial_last(array)
    leading = [array.shape[axis] for axis in axes.leading(array.ndim)]
    if axes.channel is not None:
        leading[axes.leading(array.ndim).index(axes.channel)] = 1
    count = math.prod(leading)
    numbers = {count * (2 * n + 1) // (2 * SAMPLED_PLANES) for n in range(SAMPLED_PLANES)}
    for number in sorted(numbers):
        plane = planes[np.unravel_index(number, leading)] if leading else planes
        yield plane[tuple(middle(length, side) for length in plane.shape[:2])]


def _has_dark_ground(pieces: list[NDArray[Any]]) -> bool:
    values = np.concatenate([_finite(piece) for piece in pieces])
    if not values.size:
        return False
    low, high = np.quantile(values, ENDS)
    return bool(high > low and (np.median(values) - low) < DARK * (high - low))


def _is_stained(pieces: list[NDArray[Any]]) -> bool:
    """Whether colours are those of stains on a bright ground: they absorb green the most."""
    pixels = np.concatenate([piece[..., :3].reshape(-1, 3) for piece in pieces]).astype(np.float64)
    pixels = pixels[np.isfinite(pixels).all(1)]
    if not len(pixels):
        return False
    top = np.iinfo(pieces[0].dtype).max if pieces[0].dtype.kind != "f" else max(1.0, pixels.max())
    bright = np.quantile(pixels, 0.99, axis=0) / top
    coloured = np.ptp(pixels, axis=1) > 0.06 * top
    if bright.min() < BRIGHT or not coloured.any():
        return False
    green_darkest = pixels[coloured].argmin(1) == 1
    return bool(green_darkest.mean() > STAINED)


def has_common_detail(array: Any, axes: Axes) -> bool:
    """Whether colours change together from pixel to pixel, and are not those of stains.

    Looks at a small sample; reads it where the array is lazy.
    """
    pieces = [np.asarray(piece) for piece in _sample(array, axes, COLOUR_SIDE)]
    if _is_stained(pieces):
        return False
    steps = [np.diff(piece[..., :3].astype(np.float64), axis=1).reshape(-1, 3) for piece in pieces]
    products = sum(each.T @ each for each in steps)
    sizes = np.sqrt(np.diag(products))
    if not sizes.all():
        return False
    alike = products / np.outer(sizes, sizes)
    return bool(alike[np.triu_indices(3, 1)].min() > COMMON_DETAIL)


def _finite(piece: NDArray[Any]) -> NDArray[np.float64]:
    values = np.asarray(piece, np.float64).reshape(-1)
    return values[np.isfinite(values)]
