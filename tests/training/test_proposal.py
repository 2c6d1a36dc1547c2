"""What degradation is proposed for images, seen in images of known noise."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_autolut.training.degradation import Degradation
from napari_autolut.training.proposal import look_like_micrographs, proposal_text, proposed


def scene(seed, side=256):
    """Smooth spots between 20 and 230 levels."""
    rng = np.random.default_rng(seed)
    spots = gaussian_filter(rng.random((side, side)) ** 12, 6)
    return 20 + 210 * spots / spots.max()


def noisy(seed, photons, read=0.0):
    rng = np.random.default_rng(seed + 100)
    counts = rng.poisson(scene(seed) * photons / 255) * 255 / photons
    return (counts + read * rng.standard_normal(counts.shape)).clip(0, 255).astype(np.float32)


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("photons", [100, 400])
def test_what_is_made_smaller_is_as_noisy_as_the_images(scale, photons):
    planes = [noisy(seed, photons) for seed in range(3)]
    how = proposed(planes, scale, micrographs=True)
    assert how.method == "area"
    # What is left of the photons' noise and what is added make up that of the images.
    left = photons * scale**2
    assert 1 / (1 / left + 1 / how.photons) == pytest.approx(photons, rel=0.2)


def test_the_noise_of_the_detector_is_told_from_that_of_photons():
    how = proposed([noisy(seed, 4000, read=6.0) for seed in range(3)], 2, micrographs=True)
    assert how.noise == pytest.approx(6 * np.sqrt(3 / 4), rel=0.25)


@pytest.mark.parametrize("planes", [[scene(0)], [np.zeros((64, 64))], []])
def test_no_noise_is_proposed_where_none_can_be_told(planes):
    assert proposed(planes, 2, micrographs=False) == Degradation("bicubic")


def test_scale_1_is_given_the_noise_of_the_images_itself():
    planes = [noisy(seed, 200) for seed in range(3)]
    assert proposed(planes, 1, micrographs=True).photons == pytest.approx(200, rel=0.2)


def test_micrographs_are_known_by_their_bits_and_their_dark_ground():
    bright = np.tile(np.linspace(60, 220, 64), (64, 1))
    dark = 3 + 200 * np.exp(-((np.hypot(*np.mgrid[-32:32, -32:32]) / 8) ** 2))
    assert look_like_micrographs(["uint16"], [bright])
    assert look_like_micrographs(["uint8"], [dark])
    assert not look_like_micrographs(["uint8", "uint8", "uint16"], [bright, bright, bright])


def test_it_is_said_in_the_users_words():
    assert proposal_text(Degradation("area", photons=240)) == "binning, 240 photons at white"
    both = proposal_text(Degradation("area", photons=3200, noise=0.7))
    assert both == "binning, 3,200 photons at white and detector noise of 0.7 of 255"
    assert proposal_text(Degradation()) == "bicubic interpolation, no noise"
