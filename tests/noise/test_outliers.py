"""Hot pixels tell nothing of noise, and change nothing in the rest of an image."""

from __future__ import annotations

import numpy as np
import pytest

from napari_autolut import estimate_noise, upscale
from napari_autolut.noise.outliers import without_outliers

SHAPE = (96, 112)


def scene(dtype: str = "uint16") -> np.ndarray:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    clean = 800 + 500 * np.sin(rows / 17) * np.cos(columns / 21)
    return (clean + np.random.default_rng(0).normal(0, 20, SHAPE)).round().astype(dtype)


def with_hot(plane: np.ndarray, value: float = 60000, *places: tuple[int, int]) -> np.ndarray:
    hot = plane.copy()
    for place in places or ((30, 40), (70, 11), (0, 0)):
        hot[place] = value
    return hot


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "float32", "int32"])
def test_single_pixels_far_outside_are_mended(dtype: str) -> None:
    plane = scene(dtype)
    assert without_outliers(plane) is plane
    mended = without_outliers(with_hot(plane))
    assert mended.dtype == plane.dtype and mended.max() <= plane.max()
    assert np.count_nonzero(mended != plane) <= 3


def test_objects_and_constant_images_stay() -> None:
    bright = with_hot(scene(), 60000, (30, 40), (30, 41), (31, 40))
    assert (without_outliers(bright) == bright).all()
    flat = with_hot(np.full(SHAPE, 7, np.uint16))
    assert without_outliers(flat) is flat
    broken = np.full(SHAPE, np.nan, np.float32)
    assert without_outliers(broken) is broken


def test_a_hot_pixel_changes_neither_the_noise_nor_the_rest() -> None:
    plane = scene()
    hot = with_hot(plane, 65535, (30, 40))
    before, after = (estimate_noise(each) for each in (plane, hot))
    assert after.gain == pytest.approx(before.gain, rel=0.01, abs=1e-3)
    assert after.offset_variance == pytest.approx(before.offset_variance, rel=0.01, abs=1)
    small, large = (upscale(each, "micro-x2").astype(float) for each in (plane, hot))
    difference = np.abs(large - small)
    difference[20:102, 40:122] = 0
    assert difference.max() <= 0.002 * (plane.max() - plane.min())


def test_a_hot_pixel_does_not_count_among_its_neighbours():
    plane = np.random.default_rng(0).uniform(1, 8, (64, 64))
    plane[5:8, 5:8] = [[1, 2, 3], [4, 1e6, 5], [6, 7, 8]]
    assert without_outliers(plane)[6, 6] == 4.5
