"""Images that were saved as JPEG or WebP: their noise is not known any more."""

import io

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, threads, tissue
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data

from napari_autolut import denoise
from napari_autolut.denoising import NoiseWarning
from napari_autolut.noise import found_noise
from napari_autolut.noise.jpeg import was_jpeg, was_webp


def recorded(scene, photons, side=256):
    image = scene(np.random.default_rng(0), side)
    counts = np.random.default_rng(1).poisson((image + 0.05) * photons)
    return np.clip(20 + counts * (180 / photons), 0, 255).astype(np.uint8)


def saved(image, quality, kind="jpeg"):
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, quality=quality)
    return np.asarray(Image.open(file).convert("L"))


@pytest.mark.parametrize("scene", [cells, threads])
@pytest.mark.parametrize("cut", [0, 3])
def test_the_grid_of_jpeg_is_seen_wherever_it_begins(scene, cut):
    image = recorded(scene, 500)
    assert was_jpeg([saved(image, 85)[cut:, cut:]])
    assert was_webp([saved(image, 75, "webp")[cut:, cut:]])
    assert not was_jpeg([image]) and not was_webp([image])


@pytest.mark.parametrize("scene", [cells, threads])
def test_the_grid_stays_where_levels_were_changed(scene):
    """As 16 bits, as floats, with other contrast: tables were 1 dB below interpolation."""
    image = recorded(scene, 300)
    for changed in (np.uint16(257) * saved(image, 80), saved(image, 80) / np.float32(255)):
        assert was_jpeg([changed])
    assert was_jpeg([np.rint(255 * (saved(image, 80) / 255) ** 0.7).astype(np.uint8)])
    assert not was_jpeg([np.uint16(257) * image]) and not was_jpeg([image / 255])


@pytest.mark.parametrize("name", ["camera", "moon", "brick", "grass"])
def test_other_images_have_none(name):
    image = getattr(data, name)()
    doubled = np.kron(image[:128, :128], np.ones((2, 2), np.uint8))
    columns = image + (np.arange(image.shape[1]) % 8 == 0).astype(np.uint8) * 9
    for each in (image, columns, image[:20], image.astype(np.float32)):
        assert not was_jpeg([each]) and not was_webp([each])
    assert not was_jpeg([doubled])
    assert not was_jpeg([np.full((64, 64), 7, np.uint8)])


def test_smooth_images_of_few_levels_have_none():
    """The differences in them are few whole numbers, whose medians had waves by chance."""
    rng = np.random.default_rng(0)
    scenes = [gaussian_filter(rng.normal(size=(160, 160)), 8) for _ in range(40)]
    levels = [np.rint(128 + 40 * scene / scene.std()).clip(0, 255) for scene in scenes]
    images = [each.astype(np.uint8) for each in levels]
    assert not any(was_jpeg([each]) or was_webp([each]) for each in images)


def test_small_images_have_waves_by_chance():
    rng = np.random.default_rng(0)
    images = [rng.poisson(100, (40, 40)).astype(np.uint16) for _ in range(40)]
    assert not any(was_jpeg([image]) or was_webp([image]) for image in images)


@pytest.mark.parametrize("name", ["coins", "page"])
def test_photographs_that_were_jpeg_once(name):
    assert was_jpeg([getattr(data, name)()])


def test_denoising_says_that_jpeg_has_changed_the_noise():
    with pytest.warns(NoiseWarning, match="the image was saved as JPEG or WebP"):
        denoise(saved(recorded(cells, 500), 85))


@pytest.mark.parametrize("scene, photons, softness", [(tissue, 1000, 1.0), (threads, np.inf, 0.3)])
def test_noise_that_webp_left_is_not_made_sharper(scene, photons, softness):
    """Tables were up to 2.3 dB below interpolation; of clean images they are above."""
    image = scene(np.random.default_rng(0), 256) + 0.05
    if np.isfinite(photons):
        image = np.random.default_rng(1).poisson(image * photons) / photons
    image = np.clip(20 + 180 * image, 0, 255).astype(np.uint8)
    assert found_noise([saved(image, 75, "webp")]).softness == pytest.approx(softness, abs=0.2)
