"""The map of expected errors: in the image's units, the same however it is cut."""

from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_autolut import load_model, upscale
from napari_autolut.arrays import Axes, ErrorTask, Range, Task, averaged, finish, run
from napari_autolut.arrays.error_features import put_enlarged
from napari_autolut.engine import plane_engine
from napari_autolut.model import ErrorTable
from napari_autolut.noise import NoiseModel

TABLE = ErrorTable(
    np.linspace(-3, 5, 6 * 4 * 4).reshape(6, 4, 4).astype(np.float32),
    ((-4.0, 6.0), (-4.0, 2.0), (-5.0, 3.0)),
)


@pytest.fixture(scope="module")
def model():
    return replace(load_model("natural-x2"), expected_error=TABLE)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 4000, (2, 37, 45)).astype(np.uint16)


def test_result_and_map(model, image):
    result, expected = upscale(image, model, expected_error=True)
    np.testing.assert_array_equal(result, upscale(image, model))
    assert expected.shape == result.shape
    assert expected.dtype == np.float32
    assert (expected > 0).all()


@pytest.mark.parametrize("tile_size", [7, 20, 512])
def test_tiles_have_the_bits_of_the_whole(model, image, tile_size):
    task = ErrorTask.of(Task(image, Axes((1, 2)), (Range(0, 4000),), model))
    found = finish(run(task, plane_engine("reference"), tile_size=tile_size))
    _, expected = upscale(image, model, value_range=(0, 4000), expected_error=True)
    np.testing.assert_array_equal(found, expected)


def test_dask_is_lazy_and_has_the_same_bits(model, image):
    lazy = da.from_array(image, chunks=(1, 20, 30))
    result, expected = upscale(lazy, model, value_range=(0, 4000), expected_error=True)
    assert isinstance(expected, da.Array)
    assert expected.dtype == np.float32
    now, whole = upscale(image, model, value_range=(0, 4000), expected_error=True)
    np.testing.assert_array_equal(result.compute(), now)
    np.testing.assert_array_equal(expected.compute(), whole)


def test_it_scales_with_the_image_and_beyond_its_range(model, image):
    small = image.astype(np.float64)
    options = {"expected_error": True, "model": model}
    _, expected = upscale(small, value_range=(500, 3000), **options)
    _, scaled = upscale(7 * small - 100, value_range=(3400, 20900), **options)
    np.testing.assert_allclose(scaled, 7 * expected, rtol=1e-3)
    _, larger = upscale(3 * small, value_range=(500, 3000), **options)
    assert larger.mean() > 1.5 * expected.mean()


@pytest.mark.parametrize("photons", [50, 200])
def test_few_levels_of_8_bits_have_no_wider_a_map(photons):
    """In the range of their type they would be the dark ground of others: twice as wide."""
    rng = np.random.default_rng(6)
    scene = gaussian_filter(rng.normal(size=(96, 112)), 1.5)
    scene = 60 * (0.1 + 0.9 * (scene - scene.min()) / np.ptp(scene))
    fine = rng.poisson(scene * photons / 60) * 60 / photons
    maps = [
        upscale(np.rint(levels * fine).astype(dtype), "micro-x2", expected_error=True)[1] / levels
        for levels, dtype in ((1, np.uint8), (1, np.uint16), (100, np.uint16))
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert maps[0].mean() == pytest.approx(maps[2].mean(), rel=0.15)


def test_the_range_that_an_image_is_enlarged_in_changes_no_map(model, image):
    _, expected = upscale(image, model, expected_error=True)
    for value_range in ("dtype", "data", (1000, 2000), (7, 7)):
        _, found = upscale(image, model, value_range=value_range, expected_error=True)
        np.testing.assert_array_equal(found, expected)


def test_smooth_images_are_trusted_more_than_rough_ones(image):
    y, x = np.mgrid[:32, :32]
    smooth = (60 + x + y).astype(np.uint8)
    rough = np.random.default_rng(1).integers(0, 255, (32, 32)).astype(np.uint8)
    means = [upscale(each, "natural-x2", expected_error=True)[1].mean() for each in (smooth, rough)]
    assert means[0] < 3 < 10 < means[1]


def test_colours_have_a_map_each_and_alpha_none(model):
    image = np.random.default_rng(2).integers(0, 255, (12, 14, 4)).astype(np.uint8)
    _, expected = upscale(image, model, expected_error=True)
    assert not expected[..., 3].any()
    _, red = upscale(image[..., 0], model, expected_error=True)
    np.testing.assert_array_equal(expected[..., 0], red)


@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.IntensityWarning")
def test_pixels_that_are_no_numbers_stay_so(model):
    image = np.random.default_rng(3).normal(size=(20, 20)).astype(np.float32)
    image[4, 5] = np.nan
    _, expected = upscale(image, model, expected_error=True)
    assert np.isnan(expected).sum() == 4
    assert np.isnan(expected[8:10, 10:12]).all()


def test_flat_images_and_single_pixels(model):
    for image in (np.full((1, 1), 7, np.uint8), np.full((5, 3), 2.5, np.float32)):
        _, expected = upscale(image, model, expected_error=True)
        assert np.isfinite(expected).all()


def test_noisy_channels_have_the_map_of_the_table_for_their_noise():
    micro = load_model("micro-x2-light")
    tables = [replace(TABLE, values=TABLE.values + shift) for shift in (0, 1, 2)]
    strong, weak = (each._replace(expected_error=table)
                    for each, table in zip(micro.noisy, tables[1:], strict=True))  # fmt: skip
    model = replace(micro, expected_error=TABLE, noisy=(strong, weak))
    rng = np.random.default_rng(4)
    frames = np.stack([np.full((40, 40), 2000), rng.poisson(9, (40, 40)) * 100]).astype(np.uint16)
    options = {"channel_axis": 0, "value_range": (0, 4000), "expected_error": True}
    _, found = upscale(frames, model, **options)
    _, clean = upscale(frames, model, noise=None, **options)
    np.testing.assert_array_equal(found[0], clean[0])
    np.testing.assert_allclose(found[1], 2 * clean[1], rtol=1e-5)
    _, first = upscale(frames[1], model, value_range=(0, 4000), expected_error=True)
    np.testing.assert_array_equal(found[1], first)
    lazy = da.from_array(frames, chunks=(1, 20, 40))
    np.testing.assert_array_equal(upscale(lazy, model, **options)[1].compute(), found)


def test_smooth_images_of_weak_noise_have_a_map():
    rng = np.random.default_rng(0)
    light = gaussian_filter(rng.normal(size=(128, 128)), 12) * 50_000 + 5000
    seen = np.rint(rng.poisson(light) / 40).astype(np.uint8)
    result, expected = upscale(seen, "micro-x2-light", expected_error=True)
    errors = abs(result - light.repeat(2, 0).repeat(2, 1) / 40)
    assert (errors < expected).mean() > 0.9


def test_a_model_without_a_table_is_refused(image):
    bare = replace(load_model("natural-x2"), expected_error=None)
    with pytest.raises(ValueError, match="'natural-x2' without an error table, expected one"):
        upscale(image, bare, expected_error=True)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_tables_that_enlarge_photographs_have_one(scale):
    assert load_model(f"natural-x{scale}").expected_error is not None


CORRELATED = (0.67, 0.21, 0.03)
"""Of noise behind a Gaussian of 0.8 pixels."""


def scene_with_correlated_noise(photons):
    """A scene, itself at half the size with noise that neighbours share, and the gain of that."""
    rng = np.random.default_rng(5)
    truth = gaussian_filter(rng.normal(size=(192, 224)), 4)
    truth = 2400 * (0.3 + 0.7 * (truth - truth.min()) / np.ptp(truth))
    small = averaged(truth, 2)
    gain = 2400 / photons
    noise = gaussian_filter(gain * rng.poisson(small / gain) - small, 0.8)
    return truth, small + noise * np.sqrt((gain * small).mean()) / noise.std(), gain


@pytest.mark.parametrize("photons", [30, 100])
def test_correlated_noise_is_expected_to_leave_more(photons):
    """Neighbours differ less by it: maps of white noise hold less than 80 % of such pixels."""
    truth, noisy, gain = scene_with_correlated_noise(photons)
    noise = NoiseModel(gain, 0.0, CORRELATED)
    options = {"value_range": (0, 2500), "expected_error": True}
    result, expected = upscale(noisy, "micro-x2", noise=noise, **options)
    assert 0.8 < (abs(result - truth) <= expected).mean() < 0.99
    _, as_white = upscale(noisy, "micro-x2", noise=NoiseModel(gain, 0.0), **options)
    assert (abs(result - truth) <= as_white).mean() < 0.8


def test_maps_of_correlated_noise_scale_with_the_image():
    _, noisy, gain = scene_with_correlated_noise(100)
    options = {"model": "micro-x2", "expected_error": True}
    noise = NoiseModel(gain, 900.0, CORRELATED)
    _, expected = upscale(noisy, value_range=(0, 2400), noise=noise, **options)
    noise = NoiseModel(7 * gain, 49 * 900.0 + 700 * gain, CORRELATED)
    _, scaled = upscale(7 * noisy - 100, value_range=(-100, 16700), noise=noise, **options)
    np.testing.assert_allclose(scaled, 7 * expected, rtol=1e-3)
    lazy = da.from_array(noisy, chunks=(50, 64))
    noise = NoiseModel(gain, 900.0, CORRELATED)
    _, cut = upscale(lazy, value_range=(0, 2400), noise=noise, **options)
    np.testing.assert_array_equal(cut.compute(), expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_maps_are_the_same_without_numba_and_between_other_colours(scale, monkeypatch):
    padded = np.random.default_rng(0).random((9, 12), dtype=np.float32)
    whole, definition = (np.empty((7 * scale, 10 * scale), np.float32) for _ in range(2))
    colours = np.zeros((*whole.shape, 3), np.float32)
    put_enlarged(padded, scale, whole)
    put_enlarged(padded, scale, colours[..., 1])
    monkeypatch.setattr("napari_autolut.arrays.error_features.compiled", lambda _: None)
    put_enlarged(padded, scale, definition)
    np.testing.assert_array_equal(whole, definition)
    np.testing.assert_array_equal(colours[..., 1], definition)
    assert not colours[..., ::2].any()


def test_intensities_beyond_float32_are_refused(model, image):
    """Their map was nothing but NaN."""
    with pytest.raises(ValueError, match="which a map of float32 can hold"):
        upscale(image * 1e300, model, expected_error=True)
