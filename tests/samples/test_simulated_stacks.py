"""The computed microscope: its noise is what it says, and its blur is longer along z."""

import numpy as np
import pytest

from napari_autolut import estimate_noise
from napari_autolut.samples.simulated_stacks import Camera, Microscope, filaments, nuclei

SHAPE = (20, 96, 96)


@pytest.mark.parametrize("scene", [nuclei, filaments])
def test_grey_levels_have_the_noise_of_camera_and_light(scene):
    microscope = Microscope(photons=40, background=3)
    truth = microscope.expected(scene(SHAPE))
    levels = microscope.record(scene(SHAPE), seed=5).astype(float)
    camera = microscope.camera
    assert levels.mean() == pytest.approx(camera.gain * truth.mean() + camera.offset, rel=0.01)
    noise = (levels - camera.offset) / camera.gain - truth
    expected = truth.mean() + camera.read_noise**2 + 1 / (12 * camera.gain**2)
    assert noise.var() == pytest.approx(expected, rel=0.05)


def test_the_noise_is_found_in_the_stack():
    found = estimate_noise(Microscope(photons=60, background=4).record(filaments((20, 192, 192))))
    assert found.gain == pytest.approx(Camera().gain, rel=0.1)
    assert not found.is_correlated


def test_a_point_is_longer_along_z():
    point = np.zeros((40, 41, 41), np.float32)
    point[20, 20, 20] = 1
    seen = Microscope(photons=1, background=0, z_step=1).expected(point)
    widths = [np.sum(seen[:, 20, 20] > seen.max() / 2), np.sum(seen[20, :, 20] > seen.max() / 2)]
    assert widths[0] > 2 * widths[1]
