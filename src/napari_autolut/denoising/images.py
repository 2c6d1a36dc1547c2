"""The public functions: an image in, one without its noise out.

Belongs here: which arrays are refused, and whether numpy or dask does the work. The settled work is
``task.py``; napari's layers are ``layers/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut.arrays import Steps, finish, image_and_axes, is_dask, run
from napari_autolut.arrays.masks import masked_like
from napari_autolut.denoising.channels import DenoisingModel, Noise
from napari_autolut.denoising.task import DenoisingTask
from napari_autolut.engine import plane_engine

if TYPE_CHECKING:
    import dask.array as da

TILE_SIDE = 1024
"""Rows and columns of a tile, approximately; no result depends on it."""


@overload
def denoise(
    image: da.Array,
    noise: Noise = "auto",
    strength: float = 1.0,
    *,
    model: DenoisingModel | None = None,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    engine: str = "auto",
) -> da.Array: ...


@overload
def denoise(
    image: ArrayLike,
    noise: Noise = "auto",
    strength: float = 1.0,
    *,
    model: DenoisingModel | None = None,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    engine: str = "auto",
) -> NDArray[Any]: ...


def denoise(
    image: Any,
    noise: Noise = "auto",
    strength: float = 1.0,
    *,
    model: DenoisingModel | None = None,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    engine: str = "auto",
) -> Any:
    """Take the noise of a camera or detector out of an image, with look-up tables.

    Parameters
    ----------
    image : array_like, shape (..., H, W) or (..., H, W, 3 or 4)
        Numpy or dask array of integers or floats, in the units of the detector: an image whose
        contrast was changed by a curve has another noise. Every plane is denoised alone; the
        colours of RGB together, where they have detail in common and noise of their own.
    noise : "auto", NoiseModel or sequence of NoiseModel, default "auto"
        The noise, or one for each channel; "auto" finds it in the image, one model for all planes
        of a channel.
    strength : float, default 1.0
        Times the noise's standard deviation, up to 100; 0 leaves the image as it is.
    model : str, os.PathLike, LutModel or sequence of them, optional
        "light" for shipped tables that take less time, the default being "best"; or a table for
        white noise, such as one that learned from noisy images of the same kind; or several, such
        as ``("denoise-10", "denoise-3")``: the first whose levels hold the image is taken, from
        strong noise to weak.
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
        Of the same shape and dtype; lazy for dask, masked for a masked array. NaN and infinite
        pixels stay where they are.

    Raises
    ------
    TypeError
        For what is no array, and for bool, complex, object and text arrays.
    ValueError
        For empty arrays, fewer than 2 axes, axes that do not fit, and a strength below 0; for noise
        models that are not as many as channels, and a model that is none for white noise.

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
    if not is_dask(image):
        steps = denoise_steps(
            image,
            noise,
            strength,
            model=model,
            channel_axis=channel_axis,
            rgb=rgb,
            engine=engine,
        )
        result = finish(steps)
        return masked_like(result, image) if isinstance(image, np.ma.MaskedArray) else result
    from napari_autolut.arrays.lazy import computed_lazily

    return computed_lazily(_task(image, noise, strength, model, channel_axis, rgb), engine)


def denoise_steps(
    image: Any,
    noise: Noise = "auto",
    strength: float = 1.0,
    *,
    model: DenoisingModel | None = None,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    engine: str = "auto",
) -> Steps:
    """:func:`denoise` in steps that can be watched and stopped.

    Parameters
    ----------
    image, noise, strength, model, channel_axis, rgb, engine : as for :func:`denoise`
        A dask array is computed plane by plane.

    Returns
    -------
    generator of Progress
        One for each tile of a plane; returns the numpy array. Closing it cancels. What can be wrong
        with the arguments is raised here, before the first step.
    """
    task = _task(image, noise, strength, model, channel_axis, rgb)
    return run(task, plane_engine(engine), tile_size=TILE_SIDE, warn=False)


def _task(
    image: Any,
    noise: Noise,
    strength: float,
    model: DenoisingModel | None,
    channel_axis: int | None,
    rgb: bool | None,
) -> DenoisingTask:
    return DenoisingTask.of(*image_and_axes(image, channel_axis, rgb), noise, strength, model)
