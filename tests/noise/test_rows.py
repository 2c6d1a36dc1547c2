"""Line noise is told from structure, and is named before an image is denoised."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft, threads, tissue
from scipy.ndimage import gaussian_filter1d
from skimage import data

from napari_autolut import denoise
from napari_autolut.noise import NoiseModel, NoiseWarning
from napari_autolut.noise.rows import line_doubt, offsets

SIDE = 256
NOISE = NoiseModel(1.0, 0.0)


def recorded(image, photons, strength=0.0):
    """Counts of photons, and offsets of rows in deviations of their noise."""
    rng = np.random.default_rng(3)
    light = (image + 0.05) * photons
    lines = rng.normal(0, strength * np.sqrt(light.mean()), (len(image), 1)) if strength else 0.0
    return np.rint(100 + rng.poisson(light) + lines), light


@pytest.mark.parametrize("scene", [soft, cells, threads, tissue])
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_the_strength_of_line_noise_is_found(scene, strength):
    image, light = recorded(scene(np.random.default_rng(1), SIDE), 300, strength)
    expected = pytest.approx(strength * np.sqrt(light.mean()), rel=0.25)
    assert offsets(image) == offsets(image.T.copy().T) == expected
    assert offsets(image.T) == 0


@pytest.mark.parametrize("photons", [30, 3000])
@pytest.mark.parametrize("name", ["camera", "coins", "moon", "brick", "grass"])
def test_structure_is_no_line_noise(name, photons):
    image, _ = recorded(getattr(data, name)()[:SIDE, :SIDE] / 255, photons)
    said = line_doubt([image - 100], NOISE)
    assert "line noise" not in said and bool(said) == (name == "coins")  # which lie in rows


@pytest.mark.parametrize("strength", [0.6, 1.0])
def test_slow_bands_are_named(strength):
    rng = np.random.default_rng(5)
    image, light = recorded(cells(rng, SIDE), 200)
    bands = gaussian_filter1d(rng.normal(size=SIDE), 8)[:, None]
    with_bands = image - 100 + strength * np.sqrt(light.mean()) * bands / bands.std()
    assert "rows grow brighter and darker together" in line_doubt([with_bands], NOISE)
    assert "columns grow brighter and darker" in line_doubt([with_bands.T], NOISE)
    assert not line_doubt([image - 100], NOISE)
    half = np.where(np.arange(SIDE) < SIDE / 2, with_bands, image - 100)
    assert not line_doubt([half], NOISE)


def test_rows_and_columns_are_named():
    image, _ = recorded(cells(np.random.default_rng(1), SIDE), 200, 0.5)
    with pytest.warns(NoiseWarning, match="rows are brighter or darker than their neighbours"):
        denoise(image)
    with pytest.warns(NoiseWarning, match="columns are brighter or darker"):
        denoise(image.T)


def test_small_planes_and_holes_tell_nothing():
    rows = np.random.default_rng(0).normal(500, 100, (60, 1)) + np.zeros((60, 200))
    hole = np.vstack([rows, rows])
    assert line_doubt([hole], NOISE) and not line_doubt([rows], NOISE)
    hole[5, 5] = np.nan
    assert not line_doubt([hole], NOISE)
