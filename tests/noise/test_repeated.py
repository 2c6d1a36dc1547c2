"""Pixels that were repeated are no detail: nothing makes their steps sharper."""

import warnings

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, tissue
from scipy.ndimage import zoom

from napari_autolut import upscale
from napari_autolut.arrays import resize
from napari_autolut.denoising import NoiseWarning
from napari_autolut.noise.repeated import has_repeated_pixels
from tests.noise.scenes import recorded, simulated


@pytest.mark.parametrize("factor", [1.5, 2, 3, 4])
@pytest.mark.parametrize("scene", [cells, tissue])
def test_repeated_pixels_are_seen(scene, factor):
    image = recorded(simulated(scene, 128), 200)
    larger = zoom(image, factor, order=0, grid_mode=True, mode="nearest")
    assert has_repeated_pixels([larger]) and has_repeated_pixels([larger[1:, 3:]])
    padded = np.pad(larger, 40)
    assert has_repeated_pixels([padded, np.zeros_like(padded)])
    assert not has_repeated_pixels([image]) and not has_repeated_pixels([larger, image])


def test_other_images_have_none():
    ramp = np.tile(np.arange(64), (64, 1))
    stripes = np.kron(np.arange(8) % 2, np.ones(8))[None] * np.ones((64, 1))
    mask = np.hypot(*(np.indices((64, 64)) - 31.5)) < 20
    rows = np.repeat(np.random.default_rng(0).random((32, 64)), 2, axis=0)
    for image in (ramp, ramp.T, stripes, mask, rows, np.zeros((9, 9)), np.zeros((0, 4))):
        assert not has_repeated_pixels([image])
    assert not has_repeated_pixels([])


@pytest.mark.parametrize("model", ["micro-x2", "micro-x4-light"])
def test_they_are_interpolated_and_a_sentence_says_so(model):
    """Tables were 0.7 to 1.6 dB below interpolation, in silence."""
    image = np.kron(recorded(simulated(cells, 96), 500), np.ones((2, 2), np.uint16))
    with pytest.warns(NoiseWarning, match="filtered, enlarged or saved as JPEG"):
        result = upscale(image, model)
    interpolated = resize(image.astype(float), len(result) // len(image))
    np.testing.assert_array_equal(result, np.rint(interpolated).clip(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (upscale(image, model, noise=None) != result).any()
