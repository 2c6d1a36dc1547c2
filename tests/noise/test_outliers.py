"""Hot pixels tell nothing of noise, and change nothing in the rest of an image."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from scipy.special import ndtr

from napari_autolut import denoise, estimate_noise, upscale
from napari_autolut.arrays import Axes, Range, finish, resize, run, task_for
from napari_autolut.denoising import NoiseWarning
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel
from napari_autolut.noise.outliers import sample_without_outliers
from napari_autolut.storage import load_model

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


def without_outliers(plane: np.ndarray) -> np.ndarray:
    return sample_without_outliers([plane]).planes[0]


def salted(photons: float, share: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    """Cells with the noise of photons and single pixels at twice their brightest, and the truth."""
    truth = cells(np.random.default_rng(2), 384) * photons * 10 + 100
    light = truth.reshape(192, 2, 192, 2).mean((1, 3))
    rng = np.random.default_rng(3)
    image = rng.poisson((light - 100) / 10) * 10.0 + 100
    image[rng.random(image.shape) < share] = 100 + 20 * photons
    return np.rint(image).astype(np.uint16), truth


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "float32", "int32"])
def test_single_pixels_far_outside_are_mended(dtype: str) -> None:
    plane = scene(dtype)
    assert without_outliers(plane) is plane
    mended = without_outliers(with_hot(plane))
    assert mended.dtype == plane.dtype and mended.max() <= plane.max()
    assert np.count_nonzero(mended != plane) <= 3


def test_they_are_found_between_the_limits_of_a_type_and_beside_what_is_no_number() -> None:
    signed = (scene("int32") - 1000).astype(np.int16)
    found = without_outliers(with_hot(with_hot(signed, 32767, (9, 9)), -32768, (50, 60)))
    assert found.max() == signed.max() and found.min() == signed.min()
    floats = scene("float32")
    floats[20], floats[5, 5], floats[60, 7] = np.nan, np.inf, -np.inf
    mended = without_outliers(with_hot(floats))
    assert np.isposinf(mended[5, 5]) and np.isneginf(mended[60, 7])
    assert np.nanmax(mended[mended < np.inf]) < 1500


def test_objects_and_constant_images_stay() -> None:
    bright = with_hot(scene(), 60000, (30, 40), (30, 41), (31, 40))
    assert (without_outliers(bright) == bright).all()
    flat = with_hot(np.full(SHAPE, 7, np.uint16))
    assert without_outliers(flat) is flat
    broken = np.full(SHAPE, np.nan, np.float32)
    assert without_outliers(broken) is broken
    assert sample_without_outliers([np.zeros((0, 9)), np.ones((1, 9))]).outliers is None


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("sigma", [0.5, 0.7, 1.3])
def test_spots_of_optics_are_none(sigma: float, noisy: bool) -> None:
    """Stars and single molecules, down to 1.2 pixels wide."""
    rng = np.random.default_rng(0)
    image, pixels = np.full((256, 256), 20.0), np.arange(256)
    for row, column in rng.uniform(4, 252, (300, 2)):
        profiles = [
            ndtr((pixels + 1 - at) / sigma) - ndtr((pixels - at) / sigma) for at in (row, column)
        ]
        image += 200 + 2000 * rng.exponential() * np.outer(*profiles)
    image = rng.poisson(image) + rng.normal(0, 1.5, image.shape) if noisy else image
    assert sample_without_outliers([np.rint(image)]).outliers is None


@pytest.mark.parametrize("photons", [0.02, 0.1, 0.5, 2, 20])
@pytest.mark.parametrize("gain", [0, 100, 300])
def test_single_photons_are_none(photons: float, gain: float) -> None:
    """Nor where electrons are multiplied, so that few photons stand far out of the read noise."""
    rng = np.random.default_rng(1)
    image = rng.poisson((cells(np.random.default_rng(3), 256) + 0.02) * photons).astype(float)
    if gain:
        many = rng.gamma(np.maximum(image, 1e-9), gain) * (image > 0)
        image = np.rint(many + rng.normal(500, 30, image.shape))
    outliers = sample_without_outliers([image]).outliers
    assert outliers is None or outliers.share < 5e-4


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


@pytest.mark.parametrize("model", ["auto", "micro-x2-light", "micro-x4-light"])
@pytest.mark.parametrize("photons", [1000, 3000])
def test_salt_is_not_made_sharper(model: str, photons: float) -> None:
    """Tables were 1.0 to 1.5 dB below interpolation, in silence."""
    image, truth = salted(photons)
    with pytest.warns(NoiseWarning, match="of the pixels are far brighter or darker"):
        result = upscale(image, model).astype(float)
    scale = len(result) // len(image)
    truth = truth if scale == 2 else resize(truth, 2)
    errors = [np.std(each - truth) for each in (result, resize(image.astype(float), scale))]
    assert errors[0] < 1.03 * errors[1]
    assert result.max() > 0.95 * image.max()  # they may be what somebody looks for


def test_two_side_by_side_are_not_made_sharper_where_there_are_many() -> None:
    """Of 3 % a quarter has another one beside it; the table was up to 0.3 dB below."""
    image, truth = salted(1000, 0.03)
    sample = sample_without_outliers([image])
    assert sample.outliers and sample.outliers.share > 0.027
    with pytest.warns(NoiseWarning, match=r"^2\.\d% of the pixels"):
        result = upscale(image, "micro-x2-light").astype(float)
    errors = [np.std(each - truth) for each in (result, resize(image.astype(float), 2))]
    assert errors[0] < 1.01 * errors[1]
    few = with_hot(scene(), 60000, (30, 40), (30, 41))
    assert without_outliers(few) is few


def test_denoising_says_so_too() -> None:
    with pytest.warns(NoiseWarning, match=r"^1\.\d% of the pixels"):
        denoise(salted(200)[0])


@pytest.mark.filterwarnings("ignore:.*of the pixels are far")
@pytest.mark.parametrize("photons", [50, 1000, 3000])
@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_the_same_bits_however_salt_is_cut(model: str, photons: float) -> None:
    image = salted(photons)[0]
    loaded: LutModel = load_model(model)
    task = task_for(image, Axes((0, 1)), (Range(0, 30 * photons),), loaded)
    whole, tiled = (finish(run(task, plane_engine("auto"), tile_size=size)) for size in (1024, 37))
    np.testing.assert_array_equal(tiled, whole)


def test_half_floats_are_subtracted_without_a_word() -> None:
    image = (scene() / 10).astype(np.float16)
    image[20:24, 30:40] = np.finfo(np.float16).min
    with np.errstate(all="raise"):
        sample_without_outliers([image])
