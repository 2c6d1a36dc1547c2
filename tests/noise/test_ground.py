"""Black ground with next to no read noise: bright blocks tell the gain, however many are black."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from scipy.ndimage import gaussian_filter
from skimage import data

from napari_autolut import denoise, estimate_noise
from napari_autolut.noise import fitting
from napari_autolut.noise.flat import Points
from napari_autolut.noise.ground import line_from_ground

GAIN, DARK = 30.0, 100.0


def recorded(photons, read=0.1, side=256):
    """Cells on ground without a photon: the expected image, and a noisy one."""
    light = photons * np.clip(cells(np.random.default_rng(0), side) - 0.25, 0, None) / 0.75
    rng = np.random.default_rng(1)
    noisy = GAIN * (rng.poisson(light) + rng.normal(0, read, light.shape)) + DARK
    return GAIN * light + DARK, np.rint(noisy).astype(np.uint16)


@pytest.mark.parametrize("photons", [5, 20, 100])
def test_bright_blocks_tell_the_gain(photons):
    clean, noisy = recorded(photons)
    assert estimate_noise(noisy).gain == pytest.approx(GAIN, rel=0.2)
    before, after = (np.mean((each - clean) ** 2) for each in (noisy, denoise(noisy)))
    assert after < before / 6


@pytest.mark.parametrize("name", ["camera", "coins", "moon"])
def test_clean_structure_on_black_ground_is_no_noise(name, monkeypatch):
    """It is far above the line of weak noise, too, but its finest frequencies fall."""
    image = gaussian_filter(getattr(data, name)()[:256, :256].astype(float), 1.0)
    image[: image.shape[0] // 2] = 0
    noisy = 50 * image + np.random.default_rng(0).normal(300, 3, image.shape)
    found = estimate_noise(noisy)
    monkeypatch.setattr(fitting, "line_from_ground", lambda *_: None)
    assert found == estimate_noise(noisy)


def points(bright, power=1.0, fall=1.0):
    """Ground of variance 1 and bright means whose variance grows with a power of them."""
    ground = np.zeros(8)
    means = np.concatenate([ground, bright])
    variances = 1.0 + 10 * means**power
    counts = np.full(len(means), 64.0)
    high = Points(means, means, variances, counts)
    falls = np.where(means > 0, fall, 1.0)
    return high, high._replace(variances=variances / falls)


ROBUST = 0.0, 1.0, 0.0
BRIGHT = np.geomspace(5, 100, 12)


def test_the_line_begins_at_the_ground():
    gain, offset, misfit = line_from_ground(*points(BRIGHT), ROBUST)
    assert (gain, offset, misfit) == pytest.approx((10.0, 1.0, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    "found",
    [
        points(BRIGHT, power=2.0),  # contrast
        points(BRIGHT, fall=1.6),  # fine structure
        points(BRIGHT[:4]),  # too few
        points(np.linspace(50, 100, 12)),  # too much alike
        points(np.array([])),
    ],
)
def test_structure_and_too_few_points_tell_no_line(found):
    assert line_from_ground(*found, ROBUST) is None


def test_a_line_that_fits_stays():
    assert line_from_ground(*points(BRIGHT), (10.0, 1.0, 0.0)) is None
