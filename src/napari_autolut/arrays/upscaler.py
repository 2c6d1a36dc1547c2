"""A value range and a noise that are found once and kept for frames to come.

Belongs here: :class:`Upscaler`. Single images are ``upscaling.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut.arrays.image import as_image, image_and_axes
from napari_autolut.arrays.luma import Colour, check_colour
from napari_autolut.arrays.model_choice import AUTO
from napari_autolut.arrays.noisy import Noise, check_noise, noise_of, task_for
from napari_autolut.arrays.upscaling import ModelLike, model_for_array, upscale
from napari_autolut.arrays.value_range import IntensityWarning, Range, ValueRange, resolve_range
from napari_autolut.engine import check_engine
from napari_autolut.model import LutModel
from napari_autolut.noise import NO_NOISE
from napari_autolut.storage import load_model_of_scale
from napari_autolut.util.grid import Scale
from napari_autolut.util.warning import warn

if TYPE_CHECKING:
    import dask.array as da


ANY_PIXEL = np.zeros((1, 1), np.uint8)


class Upscaler:
    """Upscales the frames of one recording, all with the same value range and noise.

    Parameters
    ----------
    model : str, os.PathLike or LutModel, optional
        As for :func:`~napari_autolut.upscale`; ``"auto"`` is settled by the first :meth:`fit`.
    value_range : {"auto", "dtype", "data"} or tuple of float, default "auto"
        As for :func:`~napari_autolut.upscale`; :meth:`fit` settles it.
    scale : float, optional
        As for :func:`~napari_autolut.upscale`.
    noise : "auto", None, NoiseModel or sequence of NoiseModel, default "auto"
        As for :func:`~napari_autolut.upscale`; :meth:`fit` finds it, for models that know of noise.
    channel_axis : int, optional
        An axis of the frames that is not spatial. Count it from the end (-3), as the stack may have
        more axes than a frame; for others the noise is found in each frame anew.
    rgb : bool, optional
        Whether the last axis of stack and frames holds 3 or 4 colours; by default as for
        :func:`~napari_autolut.upscale`.
    colour : {"channels", "luma", "auto"}, default "channels"
        As for :func:`~napari_autolut.upscale`.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the model.

    Raises
    ------
    TypeError, ValueError, UnknownModelError, ModelFileError
        As :func:`~napari_autolut.upscale`, for what can be told without an image.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_autolut import Upscaler
    >>> stack = np.arange(3 * 8 * 9, dtype=np.uint16).reshape(3, 8, 9)
    >>> upscaler = Upscaler(scale=2).fit(stack)
    >>> upscaler.value_range
    (0.0, 215.0)
    >>> upscaler.upscale(stack[1]).shape
    (16, 18)
    """

    def __init__(
        self,
        model: ModelLike | None = None,
        value_range: ValueRange = "auto",
        *,
        scale: Scale | None = None,
        noise: Noise = "auto",
        channel_axis: int | None = None,
        rgb: bool | None = None,
        colour: Colour = "channels",
        engine: str = "auto",
    ) -> None:
        by_stack = isinstance(model, str) and model == AUTO
        self._model = None if by_stack else load_model_of_scale(model, scale)
        resolve_range(ANY_PIXEL, value_range)  # refuses what is no range
        check_noise(noise, self._model)
        check_colour(colour)
        check_engine(engine)
        self._scale, self._wanted = scale, value_range
        self._channel_axis, self._rgb = channel_axis, rgb
        self._colour, self._engine = colour, engine
        self._noise, self._noise_of_stack = noise, noise
        self._range: Range | None = None
        self._fitted = np.dtype(float)

    def __repr__(self) -> str:
        model = AUTO if self._model is None else self._model.name
        found = "no range yet" if self._range is None else f"range {self.value_range}"
        return f"<Upscaler {model!r}: {found}>"

    @property
    def model(self) -> LutModel:
        """The model; one that the stack chooses is known after :meth:`fit`.

        Raises
        ------
        ValueError
            Before that.
        """
        if self._model is None:
            raise ValueError("model: found no stack to choose one by; call fit(stack) first")
        return self._model

    @property
    def value_range(self) -> tuple[float, float]:
        """The pixel values that stand for the model's 0 and 255.

        Raises
        ------
        ValueError
            Before :meth:`fit`.
        """
        if self._range is None:
            raise ValueError("value range: found no stack, expected one; call fit(stack) first")
        return self._range.lo, self._range.hi

    def fit(self, stack: ArrayLike | da.Array) -> Self:
        """Take value range and noise of a stack, or of a frame that stands for the others.

        Parameters
        ----------
        stack : array_like, shape (..., H, W) or, with colours, (..., H, W, 3 or 4)
            Of a dask array a bounded sample is computed, as :func:`~napari_autolut.upscale` does.

        Returns
        -------
        Upscaler
            Itself.

        Raises
        ------
        TypeError, ValueError
            As :func:`~napari_autolut.upscale`.

        Warns
        -----
        NoiseWarning
            Where something speaks against noise that was found and is taken away.
        """
        array, axes = image_and_axes(stack, self._channel_axis, self._rgb)
        if self._model is None:
            self._model = model_for_array(AUTO, self._scale, array, axes)
        self._range = resolve_range(axes.spatial_last(array), self._wanted, rgb=axes.rgb)
        self._fitted = array.dtype.newbyteorder("=")
        same_axis = self._channel_axis is None or self._channel_axis < 0
        if self._noise == AUTO and self._model.noisy and same_axis:
            task = task_for(array, axes, (self._range,), self._model)
            self._noise_of_stack = [each or NO_NOISE for each in noise_of(task)] or NO_NOISE
        return self

    @overload
    def upscale(self, frame: da.Array) -> da.Array: ...

    @overload
    def upscale(self, frame: ArrayLike) -> NDArray[Any]: ...

    def upscale(self, frame: Any) -> Any:
        """Enlarge a frame or a stack of frames with the range and the noise of :meth:`fit`.

        Parameters
        ----------
        frame : array_like, shape (..., H, W) or, with colours, (..., H, W, 3 or 4)
            Of the dtype of the stack.

        Returns
        -------
        numpy.ndarray or dask.array.Array
            As :func:`~napari_autolut.upscale`.

        Raises
        ------
        ValueError
            Before :meth:`fit`.

        Warns
        -----
        IntensityWarning
            For a frame of another dtype than that in which the range was found.
        """
        limits, dtype = self.value_range, getattr(frame, "dtype", None)
        if not isinstance(dtype, np.dtype):  # of lists and tensors
            dtype = as_image(frame).dtype
        found = self._wanted is None or isinstance(self._wanted, str)
        if found and dtype.newbyteorder("=") != self._fitted:
            warn(
                f"frame: found {dtype}, but the value range {limits} was found in {self._fitted}; "
                "call fit with frames of this type, or give value_range=(lo, hi)",
                IntensityWarning,
            )
        return upscale(
            frame,
            self.model,
            scale=self._scale,
            channel_axis=self._channel_axis,
            rgb=self._rgb,
            value_range=limits,
            noise=self._noise_of_stack,
            colour=self._colour,
            engine=self._engine,
        )
