"""Images whose every other row is shifted are named, whether they have noise or not."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft, threads, tissue
from skimage import data

from napari_autolut import denoise, upscale
from napari_autolut.noise import NoiseWarning
from napari_autolut.noise.interlaced import interlaced_doubt


def interlaced(image, shift=4):
    made = image.copy()
    made[1::2] = np.roll(made[1::2], shift, 1)
    return made


@pytest.mark.parametrize("scene", [cells, threads])
@pytest.mark.parametrize("photons", [100, np.inf])
def test_combs_are_named(scene, photons):
    image = 200 * interlaced(scene(np.random.default_rng(3), 192)) + 10
    if np.isfinite(photons):
        image = np.random.default_rng(1).poisson(image / 200 * photons)
    assert "every other row is shifted" in interlaced_doubt([image])
    assert "every other column is shifted" in interlaced_doubt([image.T])


@pytest.mark.parametrize("name", ["camera", "moon", "brick", "grass", "coins", "page"])
def test_other_images_have_none(name):
    image = getattr(data, name)()
    waves = 100 + 50 * np.cos(3.1 * np.add.outer(*[np.arange(96)] * 2))
    for each in (image, np.random.default_rng(0).poisson(image / 8), image[:40], waves):
        assert interlaced_doubt([each]) == ""


def test_smooth_noise_and_flat_images_have_none():
    rng = np.random.default_rng(0)
    images = [rng.poisson(20 * scene(rng, 96) + 1) for scene in (soft, tissue) for _ in range(20)]
    assert not any(interlaced_doubt([image]) for image in [*images, np.full((64, 64), 7)])


@pytest.mark.parametrize("work", [denoise, lambda image: upscale(image, "micro-x2-light")])
@pytest.mark.parametrize("photons", [50, np.inf])
def test_it_is_said_before_an_image_is_changed(work, photons):
    image = 200 * interlaced(threads(np.random.default_rng(3), 128)) + 10
    if np.isfinite(photons):
        image = np.random.default_rng(1).poisson(image / 200 * photons)
    with pytest.warns(NoiseWarning, match="every other row is shifted or brighter"):
        work(image.astype(np.uint16))
