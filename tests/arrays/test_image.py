"""What is taken for an image, and the sentences for what is not."""

import dask.array as da
import numpy as np
import pytest
from PIL import Image

from napari_autolut import NoiseModel, denoise, estimate_noise, make_isotropic, upscale

RGB = Image.fromarray(np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8))
CALLS = [upscale, denoise, estimate_noise, lambda image: make_isotropic(image, 3)]


@pytest.mark.parametrize("mode", ["P", "LA", "CMYK", "YCbCr", "HSV", "LAB", "PA"])
@pytest.mark.parametrize("call", CALLS)
def test_colours_of_pillow_that_are_not_rgb(call, mode):
    """Numbers of a palette are no intensities, inks of CMYK no red, green, blue and alpha."""
    image = RGB.convert("RGBA").convert(mode) if mode == "PA" else RGB.convert(mode)
    with pytest.raises(TypeError, match=f"one of Pillow with the mode {mode}, expected L, RGB,"):
        call(image)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "F", "I", "I;16"])
def test_images_of_pillow(mode):
    image = RGB.convert("I").convert(mode) if mode == "I;16" else RGB.convert(mode)
    expected = upscale(np.asarray(image), "natural-x2-light")
    np.testing.assert_array_equal(upscale(image, "natural-x2-light"), expected)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ({"a": 1}, "found a dict that makes no array"),
        (np.zeros((8, 8), bool), "found bool"),
        (np.zeros((8, 8), object), "found object"),
    ],
)
def test_what_is_no_image(call, image, sentence):
    with pytest.raises(TypeError, match=f"^image.*: {sentence}"):
        call(image)


def test_noise_of_tensors_with_gradients_and_of_masked_dask_arrays():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match="found a Tensor that makes no array"):
        estimate_noise(torch.ones((16, 16), requires_grad=True))
    masked = da.from_array(np.ma.masked_equal(np.arange(256).reshape(16, 16), 5))
    with pytest.raises(TypeError, match="found a masked array"):
        estimate_noise(masked)


@pytest.mark.parametrize("numbers", [("1", 0), (None, 0), (1, 0, 0.5), (1, 0, "ab")])
def test_a_noise_model_of_what_are_no_numbers(numbers):
    with pytest.raises(TypeError, match=r"found .*, expected a (sequence of )?number"):
        NoiseModel(*numbers)
