"""A range that is kept for later frames."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut import Upscaler, upscale
from tests.models import doubling_model
from tests.pictures import picture

MODEL = doubling_model()


def test_frames_are_upscaled_in_the_range_of_the_stack():
    stack = picture((3, 9, 8), "uint16", top=4000)
    stack[0, :4, :4] = 9000  # more than a few hot pixels
    upscaler = Upscaler(MODEL, engine="reference").fit(stack)
    assert upscaler.value_range == (stack.min(), 9000)
    expected = upscale(stack, MODEL, engine="reference")
    for frame, result in zip(stack, expected, strict=True):
        np.testing.assert_array_equal(upscaler.upscale(frame), result)


def test_a_given_range_and_colours():
    image = picture((9, 8, 3), "float32", top=1)
    upscaler = Upscaler(MODEL, value_range=(0, 2), rgb=True, engine="reference").fit(image)
    assert upscaler.value_range == (0, 2)
    expected = upscale(image, MODEL, value_range=(0, 2), engine="reference")
    np.testing.assert_array_equal(upscaler.upscale(image), expected)


def test_channels_of_frames():
    stack = picture((3, 9, 8, 2), "uint16", top=4000)
    upscaler = Upscaler(MODEL, channel_axis=-1, engine="reference").fit(stack)
    expected = upscale(stack, MODEL, channel_axis=-1, engine="reference")
    np.testing.assert_array_equal(upscaler.upscale(stack[2]), expected[2])


def test_lazy_frames_stay_lazy():
    image = picture((2, 9, 8), "uint16", top=4000)
    stack = da.from_array(image, chunks=4)
    upscaler = Upscaler(MODEL, value_range="auto", engine="reference").fit(stack)
    assert upscaler.value_range == Upscaler(MODEL).fit(image).value_range
    found = upscaler.upscale(stack[0])
    assert isinstance(found, da.Array)
    assert found.shape == (18, 16)


def test_a_stack_comes_first():
    with pytest.raises(ValueError, match=r"call fit\(stack\) first"):
        Upscaler(MODEL).upscale(picture((9, 8)))
    with pytest.raises(TypeError, match="found bool"):
        Upscaler(MODEL).fit(np.zeros((9, 8), bool))
