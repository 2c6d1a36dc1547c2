"""Noise that is stronger in some places or planes than in others, and noise that is not."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft, spots, tissue
from skimage import data

from napari_autolut import denoise, estimate_noise
from napari_autolut.denoising import NoiseWarning
from napari_autolut.noise import NoiseModel, planes_of
from napari_autolut.noise.evenness import UNEVEN, uneven_doubt, unevenness

SIDE = 256


def recorded(image, photons=100, light=1.0, seed=0):
    """An image of a camera that was divided by its illumination."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson((image + 0.05) * photons * light) + rng.normal(0, 1.5, image.shape)
    return np.rint(np.clip(3 * counts / light + 100, 0, None)).astype(np.uint16)


def shading(corner):
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    return 1 - (1 - corner) * (rows**2 + columns**2) / 2


def of(*planes):
    sample = [piece for plane in planes for piece in planes_of(plane)]
    return unevenness(sample, estimate_noise(list(planes)))


@pytest.mark.parametrize("scene", [soft, cells, spots, tissue])
@pytest.mark.parametrize("photons", [20, 200, 2000])
def test_noise_of_a_camera_is_even(scene, photons):
    assert of(recorded(scene(np.random.default_rng(1), SIDE), photons)) < 1.3


@pytest.mark.parametrize("name", ["camera", "coins", "moon", "brick", "grass"])
def test_structure_is_not_taken_for_uneven_noise(name):
    image = getattr(data, name)()[:SIDE, :SIDE] / 255
    for photons in (50, 1000):
        assert of(recorded(image, photons)) < UNEVEN


@pytest.mark.parametrize("scene", [soft, cells])
def test_a_flat_field_correction_is_seen(scene):
    image = scene(np.random.default_rng(1), SIDE)
    assert of(recorded(image, light=shading(0.2))) > UNEVEN
    with pytest.warns(NoiseWarning, match=r"the noise is 1\.\d times as strong in some places"):
        denoise(recorded(image, light=shading(0.2)))


def test_tiles_of_other_exposures_and_bleaching_that_was_corrected_are_seen():
    image = cells(np.random.default_rng(1), SIDE)
    tiles = np.kron([[1.0, 0.5], [0.3, 0.7]], np.ones((SIDE // 2, SIDE // 2)))
    assert of(recorded(image, light=tiles)) > UNEVEN
    frames = [recorded(image, light=0.8**time, seed=time) for time in range(8)]
    assert of(*frames) > UNEVEN
    assert of(*[recorded(image * 0.8**time, seed=time) for time in range(8)]) < 1.3


def test_noise_below_a_grey_level_and_small_images_say_nothing():
    noisy = recorded(soft(np.random.default_rng(1), SIDE), light=shading(0.2))
    assert unevenness([noisy[:48, :48]], NoiseModel(3.0, -280.0)) == 1
    assert unevenness([noisy], NoiseModel(0.0, 0.01)) == 1
    assert uneven_doubt([noisy[:4, :4]], NoiseModel(3.0, -280.0)) == ""


@pytest.mark.parametrize("scene, curve", [(cells, np.log1p), (tissue, np.negative)])
def test_noise_that_falls_with_brightness_is_named(scene, curve):
    image = scene(np.random.default_rng(1), SIDE)
    counts = np.random.default_rng(0).poisson((image + 0.05) * 100)
    with pytest.warns(NoiseWarning, match="does not go by brightness as that of photons"):
        denoise(curve(counts.astype(np.float32)))
