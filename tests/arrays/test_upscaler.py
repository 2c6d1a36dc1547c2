"""A range that is kept for later frames."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut import Upscaler, upscale
from napari_autolut.arrays.value_range import IntensityWarning
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


def test_colours_are_told_as_by_upscale():
    """Three columns must not become six, with colours apart."""
    image = picture((9, 8, 3), "float32", top=1)
    upscaler = Upscaler(MODEL, engine="reference").fit(image)
    np.testing.assert_array_equal(
        upscaler.upscale(image), upscale(image, MODEL, engine="reference")
    )


@pytest.mark.parametrize("kind", ["list", "tensor"])
def test_a_type_that_numpy_has_to_tell(kind):
    frame = picture((9, 8), "float32", top=1)
    other = frame.tolist() if kind == "list" else pytest.importorskip("torch").from_numpy(frame)
    with pytest.warns(IntensityWarning, match="found float.*was found in uint8"):
        Upscaler(MODEL, engine="reference").fit(picture((9, 8))).upscale(other)


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


def noisy_stack():
    clean = picture((4, 40, 44), "float64", top=60)
    return np.random.default_rng(0).poisson(20 + clean).astype(np.uint16)


def test_the_noise_of_the_stack_is_kept_for_its_frames():
    stack = noisy_stack()
    upscaler = Upscaler("micro-x2-light").fit(stack)
    flat = np.full((40, 44), 50, np.uint16)  # nothing tells of noise here
    flat[20:] = 60
    kept = upscaler.upscale(flat)
    alone = upscale(flat, "micro-x2-light", value_range=upscaler.value_range)
    assert (kept != alone).any()
    given = Upscaler("micro-x2-light", noise=None).fit(stack)
    np.testing.assert_array_equal(given.upscale(flat), alone)


def test_each_channel_keeps_its_noise():
    stack = np.stack([noisy_stack(), 9 * noisy_stack()], axis=1)  # T, C, H, W
    upscaler = Upscaler("micro-x2-light", channel_axis=-3).fit(stack)
    assert upscaler.upscale(stack[1]).shape == (2, 80, 88)
    first = Upscaler("micro-x2-light", upscaler.value_range, channel_axis=0).fit(stack[0])
    assert first.upscale(stack[1]).shape == (2, 80, 88)


def test_an_upscaler_says_what_it_keeps():
    upscaler = Upscaler(MODEL, value_range=(0, 9))
    assert repr(upscaler) == f"<Upscaler {MODEL.name!r}: no range yet>"
    assert repr(upscaler.fit(picture((9, 8)))) == f"<Upscaler {MODEL.name!r}: range (0.0, 9.0)>"
    assert "'auto'" in repr(Upscaler("auto"))


def test_a_frame_of_another_type_than_the_stack():
    """A range found in 16 bits is none for 8 bits."""
    stack = np.arange(3 * 8 * 9, dtype=np.uint16).reshape(3, 8, 9)
    upscaler = Upscaler(MODEL, engine="reference").fit(stack)
    with pytest.warns(IntensityWarning, match=r"found uint8, .* was found in uint16"):
        upscaler.upscale(stack[0].astype(np.uint8))
    upscaler.upscale(stack[0].astype(">u2"))
    Upscaler(MODEL, (0, 215), engine="reference").fit(stack).upscale(stack[0].astype(np.float32))
