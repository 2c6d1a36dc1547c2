"""What a Wiener filter brings back: waves that tables lose, and no noise on flat ground."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut.arrays.denoiser import Tables, denoiser_for, shipped
from napari_autolut.arrays.denoiser import wiener as module
from napari_autolut.arrays.denoiser.wiener import refined
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseModel

WHITE = NoiseModel(0.0, 100.0)
CORRELATED = NoiseModel(0.0, 100.0, (0.62, 0.2, 0.1, 0.08))


def ratio(scene: np.ndarray) -> float:
    """Error of the refined result beside that of the tables alone."""
    noisy = scene + np.random.default_rng(3).normal(0, 10, scene.shape)
    denoiser, engine = denoiser_for([noisy], WHITE), plane_engine("auto")
    alone = replace(denoiser, refined=False)
    errors = [np.std(each(noisy, engine) - scene) for each in (denoiser, alone)]
    return float(errors[0] / errors[1])


def test_waves_weaker_than_the_noise_come_back():
    rows, columns = np.mgrid[:96, :112]
    assert ratio(200 + 8 * np.cos(0.9 * rows + 0.6 * columns)) < 0.97


def test_flat_ground_and_single_edges_get_no_noise_back():
    step = np.where(np.arange(112) < 50, 100.0, 400.0)
    assert ratio(np.full((96, 112), 200.0)) < 1.01
    assert ratio(np.tile(step, (96, 1))) < 1.02


@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (61, 33)])
def test_the_compiled_kernels_have_the_bits_of_numpy(shape, monkeypatch):
    random = np.random.default_rng(0)
    clean = random.normal(0, 30, shape).astype(np.float32)
    noisy = (clean + random.normal(0, 1, shape)).astype(np.float32)
    compiled = refined(noisy, clean)
    np.testing.assert_array_equal(refined(np.asfortranarray(noisy), clean), compiled)
    monkeypatch.setattr(module, "compiled", lambda _: None)
    np.testing.assert_array_equal(refined(noisy, clean), compiled)


def test_values_far_above_the_noise_stay_finite():
    clean = np.random.default_rng(0).normal(0, 1e20, (40, 40)).astype(np.float32)
    assert np.isfinite(refined(clean, clean)).all()


def test_only_the_best_tables_and_white_noise_are_refined():
    plane = np.random.default_rng(0).normal(100, 10, (64, 64))
    light = Tables.of(shipped("light"))
    assert denoiser_for([plane], WHITE).refined
    assert not denoiser_for([plane], CORRELATED).refined
    assert not denoiser_for([plane], WHITE, light).refined
