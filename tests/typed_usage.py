"""How the public functions are called, for mypy: it says so where a type is not what this says."""

from typing import Any, assert_type

import dask.array as da
import numpy as np
from numpy.typing import NDArray

import napari_autolut
from napari_autolut import (
    LutModel,
    NoiseModel,
    Upscaler,
    denoise,
    estimate_noise,
    load_model,
    make_isotropic,
    upscale,
)

frame = np.zeros((8, 9), np.uint8)
lazy: da.Array = da.zeros((8, 9), dtype=np.uint8, chunks=4)

assert_type(load_model("natural-x2"), LutModel)
assert_type(upscale(frame), NDArray[Any])
assert_type(upscale(frame, scale=2, value_range="auto"), NDArray[Any])
assert_type(upscale([[1, 2], [3, 4]], "natural-x2", value_range=(0, 4)), NDArray[Any])
assert_type(upscale(lazy, load_model("natural-x2"), rgb=False), da.Array)

FloatMap = NDArray[np.float32]
assert_type(
    upscale(frame, "micro-x2", noise=None, expected_error=True), tuple[NDArray[Any], FloatMap]
)
assert_type(
    upscale(lazy, "micro-x2", noise=NoiseModel(1, 0), expected_error=True),
    tuple[da.Array, da.Array],
)
asked: bool = bool(frame.any())
assert_type(
    upscale(frame, "micro-x2", expected_error=asked),
    NDArray[Any] | tuple[NDArray[Any], FloatMap],
)
assert_type(upscale(lazy, "micro-x2", expected_error=asked), da.Array | tuple[da.Array, da.Array])
assert_type(denoise(frame), NDArray[Any])
assert_type(denoise([[1, 2], [3, 4]], strength=0.5), NDArray[Any])
assert_type(denoise(lazy, NoiseModel(1, 0)), da.Array)
assert_type(estimate_noise(frame), NoiseModel)
assert_type(estimate_noise(frame, channel_axis=0), list[NoiseModel])
assert_type(make_isotropic(frame, 3), NDArray[Any])
assert_type(make_isotropic(lazy, (3, 1, 1)), da.Array)

upscaler = Upscaler("natural-x2", value_range="auto").fit(frame)
assert_type(upscaler, Upscaler)
assert_type(upscaler.value_range, tuple[float, float])
assert_type(upscaler.upscale(frame), NDArray[Any])
assert_type(upscaler.upscale(lazy), da.Array)
assert_type(napari_autolut.__version__, str)
