"""Denoising of images: axes, channels, dtypes, and which table.

Belongs here: the public function and what is settled before a pixel is computed. What happens to a
plane is ``planes.py``.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from napari_autolut.arrays import Progress, Steps, check_image, finish
from napari_autolut.arrays.axes import guessed_axes
from napari_autolut.engine import PlaneEngine, plane_engine
from napari_autolut.noise.estimation import estimate_noise, planes_of
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.planes import Denoiser, as_white, averaged, averaging, denoised_plane
from napari_autolut.noise.stabilisation import stabilise
from napari_autolut.storage import load_model


class Table(NamedTuple):
    """A shipped table for white noise: its name, and the noise's deviation in levels of 255."""

    name: str
    sigma: float


TABLES = (Table("denoise-10", 10.0), Table("denoise-3", 3.0))
"""From strong noise to weak; the first whose 255 levels hold the image is taken."""

UNSURE = 0.3
"""Certainty of a noise model below which a warning says so."""

QUANTILES = 0.001, 0.999
"""Fractions of pixels between which stabilised intensities should lie in a table's range."""


MAX_AVERAGED_RANGE = 64.0
"""Range of an image in deviations of its noise up to which correlated noise is averaged."""


class NoiseWarning(UserWarning):
    """What a user should know of the noise that was found."""


Noise = str | NoiseModel | Sequence[NoiseModel]


def denoise(
    image: Any,
    noise: Noise = "auto",
    strength: float = 1.0,
    *,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    engine: str = "auto",
) -> Any:
    """Take the noise of a camera or detector out of an image, with look-up tables.

    Parameters
    ----------
    image : array_like, shape (..., H, W) or (..., H, W, 3 or 4)
        Numpy or dask array of integers or floats, in the units of the detector: an image whose
        contrast was changed by a curve has another noise. Every plane is denoised alone.
    noise : "auto", NoiseModel or sequence of NoiseModel, default "auto"
        The noise, or one for each channel; "auto" finds it in the image, one model for all planes
        of a channel.
    strength : float, default 1.0
        Times the noise's standard deviation; 0 leaves the image as it is.
    channel_axis : int, optional
        An axis of channels, each with noise of its own.
    rgb : bool, optional
        Whether the last axis holds 3 or 4 colours; by default as for :func:`upscale`. Alpha stays
        as it is.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the tables.

    Returns
    -------
    ndarray or dask array
        Of the same shape and dtype; lazy for dask. NaN and infinite pixels stay where they are.

    Raises
    ------
    TypeError
        For bool, complex, object and text arrays.
    ValueError
        For empty arrays, fewer than 2 axes, axes that do not fit, a strength below 0, and a number
        of noise models that is not that of channels.

    Warns
    -----
    NoiseWarning
        Where no noise can be found, so that the image is left as it is, or where what was found
        may be structure.

    Notes
    -----
    Variances are made equal, a table takes white noise away, and the exact unbiased inverse leads
    back (Makitalo and Foi, IEEE Trans. Image Process. 22(1), 2013).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> noisy = rng.poisson(50, (64, 64)).astype(np.uint16)
    >>> clean = denoise(noisy)
    >>> bool(clean.std() < 0.3 * noisy.std()), clean.dtype
    (True, dtype('uint16'))
    """
    if _is_dask(image):
        from napari_autolut.noise.lazy import denoise_lazily

        plan = _planned(image, noise, strength, channel_axis, rgb)
        result = denoise_lazily(plan.planes, plan.axis, plan.denoisers, engine)
        return _moved(result, (-2, -1), plan.spatial)
    steps = denoise_steps(image, noise, strength, channel_axis=channel_axis, rgb=rgb, engine=engine)
    return finish(steps)


def denoise_steps(
    image: Any,
    noise: Noise = "auto",
    strength: float = 1.0,
    *,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    engine: str = "auto",
) -> Steps:
    """:func:`denoise` in steps that can be watched and stopped.

    Parameters
    ----------
    image, noise, strength, channel_axis, rgb, engine : as for :func:`denoise`
        A dask array is computed plane by plane.

    Returns
    -------
    generator of Progress
        One for each plane; returns the numpy array. Closing it cancels. What can be wrong with the
        arguments is raised here, before the first step.
    """
    array = image if _is_dask(image) else np.asarray(image)
    plan = _planned(array, noise, strength, channel_axis, rgb)
    return _steps(plan, plane_engine(engine))


class _Plan(NamedTuple):
    """An image with rows and columns last, and what is done to each channel along ``axis``."""

    planes: Any
    spatial: tuple[int, int]
    axis: int | None
    denoisers: list[Denoiser | None]


def _planned(
    array: Any, noise: Noise, strength: float, channel_axis: int | None, rgb: bool | None
) -> _Plan:
    check_image(array.shape, array.dtype)
    if not strength >= 0:
        raise ValueError(f"strength: found {strength}, expected a number from 0")
    axes = guessed_axes(array.shape, channel_axis, rgb)
    channel = array.ndim - 1 if axes.rgb else axes.channel
    axis = None if channel is None else channel - sum(each < channel for each in axes.spatial)
    planes = _moved(array, axes.spatial, (-2, -1))
    denoisers = _denoisers(planes, axis, axes.rgb, noise, strength)
    return _Plan(planes, axes.spatial, axis, denoisers)


def _steps(plan: _Plan, engine: PlaneEngine) -> Steps:
    leading = plan.planes.shape[:-2]
    result = np.empty(plan.planes.shape, plan.planes.dtype)
    for done, index in enumerate(np.ndindex(leading), 1):
        denoiser = plan.denoisers[0 if plan.axis is None else index[plan.axis]]
        result[index] = denoised_plane(np.asarray(plan.planes[index]), denoiser, engine)
        yield Progress(done, math.prod(leading))
    return np.ascontiguousarray(_moved(result, (-2, -1), plan.spatial))


def _denoisers(
    planes: Any, axis: int | None, colours: bool, noise: Noise, strength: float
) -> list[Denoiser | None]:
    """What is done to each channel; None to those that stay as they are."""
    count = 1 if axis is None else planes.shape[axis]
    given = list(_given(noise, count))
    found: list[Denoiser | None] = []
    for number in range(count):
        channel = planes if axis is None else planes[(slice(None),) * axis + (number,)]
        alpha = colours and number == 3
        found.append(None if alpha or not strength else _denoiser(channel, given[number], strength))
    return found


def _given(noise: Noise, count: int) -> Iterator[NoiseModel | None]:
    """One model a channel; None where it is to be found."""
    if isinstance(noise, str):
        if noise != "auto":
            raise ValueError(f"noise: found {noise!r}, expected 'auto' or a NoiseModel")
        yield from [None] * count
    elif isinstance(noise, NoiseModel):
        yield from [noise] * count
    elif len(noise) == count:
        yield from noise
    else:
        raise ValueError(f"noise: found {len(noise)} models, expected one for {count} channels")


def _denoiser(channel: Any, given: NoiseModel | None, strength: float) -> Denoiser | None:
    noise = given
    if noise is None:
        try:
            found = estimate_noise(channel)
        except ValueError as error:
            warnings.warn(f"{error}; the image is left as it is", NoiseWarning, stacklevel=4)
            return None
        noise = found[0] if isinstance(found, list) else found
        if not noise.is_none and noise.certainty < UNSURE:
            warnings.warn(
                f"the image has so much structure that the noise found in it ({noise}) may be "
                "structure; compare, or give the noise yourself",
                NoiseWarning,
                stacklevel=4,
            )
    if noise.is_none:
        if given is None:
            warnings.warn("found no noise; the image is left as it is", NoiseWarning, stacklevel=4)
        return None
    return settled(channel, noise.scaled(strength))


def settled(channel: Any, noise: NoiseModel) -> Denoiser:
    """Choose the table whose range holds the stabilised intensities of a channel."""
    low, high = _stabilised_range(channel, noise)
    if noise.is_correlated and high - low > MAX_AVERAGED_RANGE:
        # Squares would cost more detail than there is noise.
        noise = as_white(noise)
        low, high = _stabilised_range(channel, noise)
    _, deviation = averaging(noise)
    range_ = (high - low) / deviation + 2
    table = next((each for each in TABLES if range_ * each.sigma <= 255), TABLES[-1])
    return Denoiser(noise, load_model(table.name), table.sigma, low - deviation)


def _stabilised_range(channel: Any, noise: NoiseModel) -> tuple[float, float]:
    """Quantiles of a sample of a channel, averaged over squares where noise is correlated."""
    square, _ = averaging(noise)
    sample = [
        averaged(stabilise(piece, noise), square)[::2, ::2].reshape(-1)
        for piece in planes_of(channel)
    ]
    values = np.concatenate(sample)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = np.quantile(values, QUANTILES)
    return float(low), float(high)


def _moved(array: Any, source: tuple[int, int], target: tuple[int, int]) -> Any:
    """A view with axes moved, of numpy and of dask arrays."""
    if not _is_dask(array):
        return np.moveaxis(array, source, target)
    import dask.array as da

    return da.moveaxis(array, source, target)


def _is_dask(image: Any) -> bool:
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(image, dask_array.Array)
