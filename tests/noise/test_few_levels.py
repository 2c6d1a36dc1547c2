"""Means that rounding to whole grey levels would shift are told before noise is taken away."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells

from napari_autolut import denoise
from napari_autolut.noise import NoiseModel, NoiseWarning
from napari_autolut.noise.few_levels import few_levels_doubt

NOISE = NoiseModel(0.0, 1.0)


def recorded(ground, dtype):
    """Cells on even ground, of which the noise is stronger than a grey level."""
    rng = np.random.default_rng(0)
    light = 2 * cells(rng, 256) + ground + rng.normal(0, 1, (256, 256))
    return np.rint(light).astype(dtype)


def test_the_shift_is_told_that_the_result_has():
    image = recorded(20.4, np.uint8)
    with pytest.warns(NoiseWarning, match=r"shifts its mean by about \d\.\d%") as told:
        result = denoise(image)
    assert len(told) == 1
    shift = abs(result.mean() / image.mean() - 1)
    assert shift > 0.005
    assert float(str(told[0].message).split("about ")[1].split("%")[0]) == pytest.approx(
        100 * shift, abs=0.3
    )


def test_floats_keep_their_mean_and_have_no_doubt():
    image = recorded(20.4, np.float32)
    assert denoise(image).mean() == pytest.approx(image.mean(), rel=1e-4)
    assert not few_levels_doubt([image], NOISE)


@pytest.mark.parametrize("ground", [20.0, 200.4])
def test_ground_on_a_level_and_bright_images_are_not_shifted(ground):
    assert not few_levels_doubt([recorded(ground, np.uint8)], NOISE)


def test_planes_without_squares_and_light_tell_nothing():
    assert not few_levels_doubt([recorded(20.4, np.uint8)[:7]], NOISE)
    assert not few_levels_doubt([np.zeros((64, 64), np.int16)], NOISE)


def test_noise_that_no_longer_was_there_shifts_nothing():
    image = recorded(20.4, np.uint8)
    assert few_levels_doubt([image], NOISE) and not few_levels_doubt([image], NoiseModel(0, 0.05))
