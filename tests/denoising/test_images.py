"""Images without their noise: better, of the same mean, and the same however they are cut."""

import math
from dataclasses import replace
from itertools import pairwise

import dask.array as da
import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from scipy.ndimage import gaussian_filter
from skimage import data, io

from napari_autolut import denoise, load_model
from napari_autolut.denoising import NoiseWarning, images
from napari_autolut.noise import NoiseModel
from tests.noise.scenes import PAIRS, recorded, scene


def psnr(image, truth, peak):
    return 10 * np.log10(peak**2 / np.mean((np.asarray(image, float) - truth) ** 2))


@pytest.mark.parametrize(("photons", "margin"), [(10, -0.2), (100, 0.5), (1000, 0.5)])
def test_better_than_the_best_blur_and_of_the_same_mean(photons, margin):
    clean = scene()
    truth, noisy = clean * photons * 20 + 100, recorded(clean, photons)
    result = denoise(noisy)
    assert result.dtype == noisy.dtype and result.shape == noisy.shape
    peak = photons * 20
    blurred = max(psnr(gaussian_filter(noisy.astype(float), s), truth, peak) for s in (0.7, 1, 2))
    assert psnr(result, truth, peak) > blurred + margin
    assert psnr(result, truth, peak) > psnr(noisy, truth, peak) + 1.5
    assert result.mean() == pytest.approx(noisy.mean(), rel=0.002)


def test_correlated_noise():
    rng = np.random.default_rng(3)
    noise = gaussian_filter(rng.normal(0, 1, (200, 200)), 0.9)
    truth = 2000 + 500 * gaussian_filter(rng.normal(0, 1, (200, 200)), 12) * 12
    noisy = truth + 150 * noise / noise.std()
    assert psnr(denoise(noisy), truth, 1000) > psnr(noisy, truth, 1000) + 6


@pytest.mark.parametrize(("photons", "gain"), [(20, 6), (100, 3.5), (300, 1.5)])
@pytest.mark.parametrize("name", ["camera", "coins"])
@pytest.mark.filterwarnings("ignore:neighbouring pixels share their noise")
def test_fine_structure_stays_where_noise_is_correlated(name, photons, gain):
    clean = gaussian_filter(getattr(data, name)()[:256, :256] / 255, 0.5)
    rng = np.random.default_rng(5)
    seen, truth = (
        gaussian_filter(image, 0.7) for image in (rng.poisson(clean * photons) / photons, clean)
    )
    assert psnr(denoise(seen), truth, 1) > psnr(seen, truth, 1) + gain


def test_tiles_and_chunks_leave_no_trace(monkeypatch):
    noisy = np.stack([recorded(scene(), 50, seed=seed) for seed in range(2)])
    whole = denoise(noisy)
    np.testing.assert_array_equal(denoise(da.from_array(noisy, chunks=(2, 100, 90))), whole)
    monkeypatch.setattr(images, "TILE_SIDE", 70)
    np.testing.assert_array_equal(denoise(noisy), whole)


def test_a_static_scene_flickers_less():
    frames = np.stack([recorded(scene(), 50, seed=seed) for seed in range(4)])
    before, after = (
        np.mean([np.std(b.astype(float) - a) for a, b in pairwise(stack)])
        for stack in (frames, denoise(frames))
    )
    assert after < before / 3


def test_channels_and_colours_have_noise_of_their_own():
    first, second = recorded(scene(), 50), recorded(scene("cell"), 500)[:256, :256]
    side = min(*first.shape, *second.shape)
    both = np.stack([first[:side, :side], second[:side, :side]])
    apart = [denoise(each) for each in both]
    np.testing.assert_array_equal(denoise(both, channel_axis=0), apart)
    colours = np.moveaxis(np.stack([*both, both[0], np.full_like(both[0], 7)]), 0, -1)
    result = denoise(colours)
    np.testing.assert_array_equal(result[..., 1], apart[1])
    np.testing.assert_array_equal(result[..., 3], colours[..., 3])
    given = [NoiseModel(20.0, -400.0)] * 3
    with_alpha = [*given, NoiseModel(0.0, 0.0)]
    np.testing.assert_array_equal(denoise(colours, given), denoise(colours, with_alpha))


def test_strength():
    noisy = recorded(scene(), 50)
    for nothing in (0, 1e-100, 1e-320):  # whose squares are 0, or nearly so
        np.testing.assert_array_equal(denoise(noisy, strength=nothing), noisy)
    changes = [np.std(denoise(noisy, strength=s).astype(float) - noisy) for s in (0.5, 1, 2)]
    assert changes[0] < changes[1] < changes[2]


def test_missing_pixels_stay_and_spread_nowhere():
    noisy = recorded(scene(), 50).astype(np.float32)
    noise = NoiseModel(20.0, 1600 - 2000)
    holes = noisy.copy()
    holes[100, 120], holes[10, 20:25] = np.inf, np.nan
    result, whole = denoise(holes, noise), denoise(noisy, noise)
    np.testing.assert_array_equal(np.isfinite(result), np.isfinite(holes))
    assert abs(result - whole)[180:].max() < 0.5
    assert np.nanmax(abs(np.where(np.isfinite(result), result, np.nan) - whole)) < 400


def test_images_without_noise_are_left_alone():
    ramp = np.add.outer(np.arange(64.0), np.arange(64.0))
    with pytest.warns(NoiseWarning, match="found no noise"):
        np.testing.assert_array_equal(denoise(ramp), ramp)
    flat = np.full((64, 64), 7, np.uint16)
    with pytest.warns(NoiseWarning, match="left as it is"):
        np.testing.assert_array_equal(denoise(flat), flat)


@pytest.mark.parametrize("drawn", [np.indices((96, 96)).sum(0) % 2, data.page()[:96, :96] > 130])
def test_two_levels_are_drawn_or_single_photons(drawn):
    drawn = drawn.astype(np.uint8) * 200
    with pytest.warns(NoiseWarning, match="found no noise"):
        np.testing.assert_array_equal(denoise(drawn), drawn)
    clean = 200 * scene()[:96, :96]
    photons = np.random.default_rng(0).random(clean.shape) < clean / 200 * 0.5
    single = photons.astype(np.float32) * 200
    assert psnr(2 * denoise(single), clean, 200) > psnr(2 * single, clean, 200) + 8


@pytest.mark.parametrize("offset", [1000, 10000])
def test_the_black_around_an_image_changes_nothing_within(offset):
    clean = scene()[:160, :160]
    noisy = recorded(clean, 200, offset=offset)
    truth = clean * 4000 + offset
    padded = denoise(np.pad(noisy, ((40, 30), (0, 60))))
    within = padded[40:200, :160]
    assert psnr(within, truth, 4000) > psnr(denoise(noisy), truth, 4000) - 0.3
    assert not padded[:40].any() and not padded[:, 160:].any()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"strength": -1}, "strength: found -1"),
        ({"strength": 1e6}, "strength: found 1000000.0, expected a number from 0 to 100"),
        ({"strength": math.nan}, "strength: found nan"),
        ({"noise": "loud"}, "noise: found 'loud'"),
        (
            {"noise": [NoiseModel(1, 0)] * 3, "channel_axis": 0},
            "found 3 models for 2 channels, expected one for each; channel_axis",
        ),
    ],
)
def test_arguments_that_cannot_be(arguments, words):
    with pytest.raises(ValueError, match=words):
        denoise(np.zeros((2, 32, 32)), **arguments)


@pytest.mark.skipif(not PAIRS.is_dir(), reason="the pairs of FMD are not in this checkout")
@pytest.mark.filterwarnings("ignore:neighbouring pixels share their noise")
def test_real_pairs_get_better_by_six_decibels():
    gains = []
    for path in sorted((PAIRS / "noisy").glob("*.png")):
        noisy, clean = io.imread(path), io.imread(PAIRS / "clean" / path.name).astype(float)
        result = denoise(noisy)
        gains.append(psnr(result, clean, 255) - psnr(noisy, clean, 255))
        assert result.mean() == pytest.approx(noisy.mean(), rel=0.005)
    assert np.mean(gains) > 6 and min(gains) > 3


def test_light_tables_and_several_named_ones():
    noisy = np.random.default_rng(0).poisson(40, (64, 64)).astype(np.uint16)
    best, light = denoise(noisy), denoise(noisy, model="light")
    assert 0 < np.abs(best.astype(float) - light).max() < 5
    pair = ("denoise-3-light", "denoise-10-light")
    np.testing.assert_array_equal(denoise(noisy, model=pair), light)
    np.testing.assert_array_equal(denoise(noisy, model="best"), best)
    with pytest.raises(ValueError, match="found an empty sequence"):
        denoise(noisy, model=())


def test_few_grey_levels_are_said_to_shift_the_mean():
    photons = np.random.default_rng(0).poisson(0.7, (96, 96))
    with pytest.warns(NoiseWarning, match=r"the mean is 0\.\d+ grey levels above the lowest"):
        denoise(photons.astype(np.uint8))
    kept = denoise(photons.astype(np.float32))
    assert kept.mean() == pytest.approx(photons.mean(), rel=0.005)


@pytest.mark.parametrize("unit", [1, 4, 60])
@pytest.mark.parametrize("photons", [0.3, 1.0])
def test_whole_numbers_over_black_ground_keep_their_mean(unit, photons):
    """What is below 0, or rounded to it, is taken from what is around."""
    light = np.clip(cells(np.random.default_rng(0), 256) - 0.25, 0, None)
    light *= photons / light.mean()
    noisy = (unit * np.random.default_rng(1).poisson(light)).astype(np.uint16)
    noise = NoiseModel(unit, 0.0)
    result = denoise(noisy, noise)
    assert result.mean() == pytest.approx(noisy.mean(), rel=0.005 if unit > 1 else 0.01)
    as_floats = denoise(noisy.astype(np.float64), noise)
    assert psnr(result, unit * light, unit) > psnr(np.rint(as_floats), unit * light, unit) - 0.3
    # Where nothing is black around, pixels are as they were.
    brighter = noisy[:64, :64] + np.uint16(5)
    plain = np.rint(denoise(brighter.astype(np.float64), noise))
    np.testing.assert_array_equal(denoise(brighter, noise), plain)


def test_a_table_that_learned_how_much_noise_there_is():
    noisy = np.random.default_rng(0).poisson(40, (64, 64)).astype(np.float32)
    table = load_model("denoise-10")
    stronger = replace(table, card=replace(table.card, noise_strength=1.5))
    found = denoise(noisy, model=stronger)
    np.testing.assert_array_equal(found, denoise(noisy, strength=1.5, model=table))
    assert (found != denoise(noisy, model=table)).any()


@pytest.mark.parametrize("noise", [NoiseModel(1e-300, 0.0), NoiseModel(0.0, 1e-200)])
def test_noise_that_is_next_to_nothing_leaves_an_image_as_it_is(noise):
    image = np.random.default_rng(0).integers(0, 60000, (64, 64)).astype(np.uint16)
    np.testing.assert_array_equal(denoise(image, noise), image)
