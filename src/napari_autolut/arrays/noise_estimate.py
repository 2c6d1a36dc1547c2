"""The public function that finds the noise of an image: a stack, a time series, several images.

Belongs here: what is taken for an image, and its axes of channels and of time. What is looked at
in planes, and what they tell, is ``noise/estimation.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from napari_autolut.arrays.image import (
    MASKED,
    as_image,
    axis_names,
    check_image,
    is_dask,
    is_masked,
)
from napari_autolut.noise import NoiseModel, noise_of_differences, noise_of_planes, planes_of
from napari_autolut.util.arguments import checked_axis
from napari_autolut.util.text import counted


@overload
def estimate_noise(
    image: Any, *, channel_axis: None = None, time_axis: int | None = None
) -> NoiseModel: ...


@overload
def estimate_noise(
    image: Any, *, channel_axis: int, time_axis: int | None = None
) -> list[NoiseModel]: ...


def estimate_noise(
    image: Any,
    *,
    channel_axis: int | None = None,
    time_axis: int | None = None,
) -> NoiseModel | list[NoiseModel]:
    """Find the noise model of an image, a stack, a time series or several images.

    Parameters
    ----------
    image : array_like, shape (..., H, W), or sequence of such arrays
        Intensities of any real dtype; a sequence of arrays, such as the files of one series, is
        taken together. What is masked or NaN does not count.
    channel_axis : int, optional
        An axis whose entries have a noise of their own.
    time_axis : int, optional
        An axis along which a static scene was recorded: the differences of following frames then
        tell of noise, whatever the structure.

    Returns
    -------
    NoiseModel or list of NoiseModel
        One for each channel where there is a ``channel_axis``.

    Raises
    ------
    TypeError
        If the image is no array, bool, complex or not numeric, or an axis no integer.
    ValueError
        If it has fewer than 2 axes beside those that are given, or planes of less than 8 x 8
        pixels; if no block of so many is neither constant nor saturated; or if its intensities are
        too large or too small for their squares.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_autolut import estimate_noise
    >>> light = np.tile(20 + 20 * np.sin(np.arange(256) / 60), (256, 1))
    >>> noise = estimate_noise(5.0 * np.random.default_rng(0).poisson(light))
    >>> round(noise.gain)  # grey levels per photon
    5
    """
    listed = isinstance(image, (list, tuple)) and len(image) > 0
    several = listed and all(np.ndim(each) >= 2 for each in image)
    arrays = [_checked(each) for each in (image if several else [image])]
    ndim = len(arrays[0].shape)
    time = None if time_axis is None else checked_axis(time_axis, ndim, "time_axis")
    channel = None if channel_axis is None else checked_axis(channel_axis, ndim, "channel_axis")
    taken = {time, channel} - {None}
    if ndim - len(taken) < 2 or (time is not None and time == channel):
        raise ValueError(
            f"image: found {counted(ndim, 'axis', 'axes')} (channel_axis={channel_axis}, "
            f"time_axis={time_axis}), expected two more for rows and columns"
        )
    if channel is None:
        return _model(arrays, time)
    if time is not None:
        time -= channel < time
    return [
        _model([np.take(array, number, channel) for array in arrays], time)
        for number in range(arrays[0].shape[channel])
    ]


def _checked(image: Any) -> Any:
    """An image whose masked pixels are NaN; one that is read in parts stays as it is."""
    if hasattr(image, "chunks") and not axis_names(image):
        check_image(image.shape, image.dtype)
    else:
        image = as_image(image)
    if not is_masked(image):
        return image
    if is_dask(image):
        raise TypeError(MASKED)
    return np.where(image.mask, np.nan, image.data)


def _model(arrays: Sequence[Any], time_axis: int | None) -> NoiseModel:
    if time_axis is None:
        return noise_of_planes([plane for array in arrays for plane in planes_of(array)])
    return noise_of_differences(arrays, time_axis)
