"""Regular waves over an image are named before it is denoised; structure is none."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft, spots, threads, tissue
from skimage import data

from napari_autolut import denoise
from napari_autolut.noise import NoiseModel, NoiseWarning
from napari_autolut.noise.waves import strongest_wave, wave_doubt

SIDE = 256
NOISE = NoiseModel(1.0, 0.0)


def recorded(image, photons, strength=0.0, length=11.0, rise=0.31):
    """Counts of photons, and hum that begins somewhat later in each row."""
    rng = np.random.default_rng(3)
    light = (image + 0.05) * photons
    rows, columns = np.mgrid[: len(image), : len(image)]
    hum = np.sin(2 * np.pi * (columns / length + rows * rise))
    return rng.poisson(light) + strength * np.sqrt(light.mean()) * hum + 50, light


@pytest.mark.parametrize("scene", [soft, cells, tissue, threads, spots])
def test_waves_are_found_and_measured(scene):
    clean, light = recorded(scene(np.random.default_rng(1), SIDE), 200)
    image, _ = recorded(scene(np.random.default_rng(1), SIDE), 200, 0.5)
    amplitude, length = strongest_wave(image)
    assert amplitude == pytest.approx(0.5 * np.sqrt(light.mean()), rel=0.25)
    assert length == pytest.approx(1 / np.hypot(1 / 11, 0.31), rel=0.02)
    assert strongest_wave(clean)[0] == 0


@pytest.mark.parametrize("photons", [30, 3000])
@pytest.mark.parametrize("name", ["camera", "coins", "moon", "brick", "grass", "gravel"])
def test_structure_is_no_wave(name, photons):
    image, _ = recorded(getattr(data, name)()[:SIDE, :SIDE] / 255, photons)
    assert not wave_doubt([image - 50], NOISE)


def test_waves_are_named_where_they_would_be_seen():
    scene = cells(np.random.default_rng(1), SIDE)
    with pytest.warns(NoiseWarning, match=r"regular waves lie over the image, 3\.1 pixels from"):
        denoise(recorded(scene, 200, 0.5)[0])
    weak, _ = recorded(scene, 200, 0.1)
    assert strongest_wave(weak)[0] > 0
    assert not wave_doubt([weak], NOISE)


def test_even_and_small_planes_and_holes_tell_nothing():
    image, _ = recorded(np.ones((100, 100)), 200, 1.0)
    assert wave_doubt([image], NOISE)
    assert not wave_doubt([image[:60]], NOISE)
    assert strongest_wave(np.ones((100, 80)))[0] == 0
    image[5, 5] = np.nan
    assert not wave_doubt([image], NOISE)
