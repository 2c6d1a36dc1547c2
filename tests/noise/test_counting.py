"""Counts of photons, and what only looks like them."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, spots
from scipy.ndimage import gaussian_filter

from napari_autolut import denoise, estimate_noise
from napari_autolut.noise import NoiseModel
from napari_autolut.noise.counting import noise_of_counts


def counted(scene, photons, *, unit=1.0, black=0.0, seed=0):
    """A clean image and its counts, most of them none."""
    rng = np.random.default_rng(seed)
    light = (scene(rng, 192) + 0.05) * photons
    return unit * light + black, (unit * rng.poisson(light) + black).astype(np.float32)


@pytest.mark.parametrize("scene", [cells, spots])
@pytest.mark.parametrize(("unit", "black"), [(1.0, 0.0), (37.0, 100.0)])
def test_noise_of_an_image_without_light_in_most_pixels(scene, unit, black):
    _, image = counted(scene, 0.5, unit=unit, black=black)
    assert noise_of_counts([image]) == NoiseModel(unit, -unit * black)
    found = estimate_noise(image)
    assert (found.gain, found.offset_variance) == (unit, -unit * black)


def test_an_image_of_few_photons_is_denoised():
    """Blocks without a photon tell nothing; all others have the same variance."""
    clean, image = counted(spots, 0.5)
    errors = [np.mean((each - clean) ** 2) for each in (image, denoise(image, model="light"))]
    assert errors[1] < errors[0] / 20


def test_a_pixel_that_was_mended_is_no_photon():
    _, image = counted(cells, 0.5)
    image[40, 40] = 0.5
    assert noise_of_counts([image]) == NoiseModel(1.0, 0.0)


def test_empty_slices_of_a_stack_tell_nothing():
    _, image = counted(cells, 0.5)
    stack = np.stack([np.zeros_like(image), image, np.zeros_like(image)])
    assert estimate_noise(stack) == NoiseModel(1.0, 0.0)


def test_bright_images_are_asked_in_blocks():
    _, image = counted(cells, 200.0)
    assert noise_of_counts([image]) is None


def test_noise_below_a_limit_that_was_set_to_black_is_not_counts():
    rng = np.random.default_rng(0)
    light = 200 * spots(rng, 192)
    camera = 3 * (rng.poisson(light) + rng.normal(0, 1.5, light.shape))
    assert noise_of_counts([np.where(camera > 12, camera, 0.0)]) is None


def test_rounded_noise_of_a_camera_is_not_counts():
    """No bright square is flat; sixth differences alone say that it has too little noise."""
    rng = np.random.default_rng(0)
    light = 120 * spots(rng, 256) ** 2
    seen = rng.poisson(light / 0.02) * 0.02 + rng.normal(-0.3, 0.5, light.shape)
    assert noise_of_counts([np.clip(np.rint(seen), 0, 255)]) is None


def test_photons_on_bright_curved_places_are_counts():
    light = gaussian_filter((np.random.default_rng(1).random((256, 256)) < 0.002) * 1.0, 2)
    image = np.random.default_rng(0).poisson(light / light.max() * 20 + 0.02)
    assert noise_of_counts([image.astype(np.uint16)]) == NoiseModel(1.0, 0.0)
