"""Colours whose noise is their own are denoised together, others each alone."""

import dask.array as da
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from napari_autolut import NoiseModel, denoise
from napari_autolut.arrays import Axes, Range, finish, run, task_for
from napari_autolut.arrays.lazy import computed_lazily
from napari_autolut.denoising import DenoisingTask
from napari_autolut.engine import plane_engine
from napari_autolut.storage import load_model

COLOURS = Axes((0, 1), rgb=True)
WHITE = NoiseModel(0.0, 400.0)


def slide(side=96):
    """A stained slide that comes with scikit-image."""
    return data.immunohistochemistry()[100 : 100 + side, 100 : 100 + side].astype(np.float64)


def photons(image, count, seed=0):
    """Each colour with photons of its own, as 16-bit counts of 10 a photon."""
    rng = np.random.default_rng(seed)
    return (10 * rng.poisson(image * (count / 255))).astype(np.uint16), image * (10 * count / 255)


def psnr(image, truth):
    return 10 * np.log10(np.max(truth) ** 2 / np.mean((image - truth) ** 2))


@pytest.mark.parametrize("count", [50, 500])
def test_colours_together_lose_less_than_each_alone(count):
    noisy, truth = photons(slide(), count)
    noise = NoiseModel(10.0, 0.0)
    apart = denoise(np.moveaxis(noisy, 2, 0), noise, channel_axis=0)
    assert psnr(denoise(noisy, noise), truth) > psnr(np.moveaxis(apart, 0, 2), truth) + 0.5


def test_found_noise_is_taken_away_together_too():
    noisy, truth = photons(slide(256), 100)
    task = DenoisingTask.of(noisy, COLOURS)
    assert task.colours is not None
    assert psnr(denoise(noisy), truth) > psnr(denoise(noisy, NoiseModel(10.0, 0.0)), truth) - 0.3


def test_colours_that_share_their_noise_are_denoised_each_alone():
    """As JPEG leaves it, and grey images saved as RGB have it."""
    rng = np.random.default_rng(0)
    noisy = slide() + rng.normal(0, 20, (96, 96, 1))
    task = DenoisingTask.of(noisy, COLOURS, WHITE)
    assert task.colours is None
    grey = np.repeat(noisy[..., :1], 3, axis=2)
    assert DenoisingTask.of(grey, COLOURS, WHITE).colours is None


@pytest.mark.parametrize(
    "noise",
    [
        [WHITE, WHITE, NoiseModel(0.0, 0.0)],
        [WHITE, WHITE, NoiseModel(0.0, 400.0, (0.6, 0.2))],
    ],
)
def test_a_colour_without_noise_or_with_a_correlated_one_leaves_all_alone(noise):
    noisy = slide() + np.random.default_rng(0).normal(0, 20, (96, 96, 3))
    assert DenoisingTask.of(noisy, COLOURS, noise).colours is None


def test_strength_is_no_reason_to_denoise_apart():
    noisy = slide() + np.random.default_rng(0).normal(0, 20, (96, 96, 3))
    assert all(
        DenoisingTask.of(noisy, COLOURS, WHITE, strength).colours is not None
        for strength in (0.4, 1.0, 2.5)
    )


def test_axes_are_orthonormal_and_begin_with_what_colours_have_in_common():
    noisy = slide() + np.random.default_rng(0).normal(0, 20, (96, 96, 3))
    axes = np.array(DenoisingTask.of(noisy, COLOURS, WHITE).colours.axes)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert axes[0].min() > 0.2


def test_tiles_and_chunks_have_the_bits_of_the_whole():
    noisy = (slide() + np.random.default_rng(0).normal(0, 20, (96, 96, 3))).astype(np.float32)
    noisy[30:32, 40], noisy[90, 5, 1] = np.nan, np.inf
    task = DenoisingTask.of(noisy, COLOURS, WHITE)
    assert task.colours is not None
    whole = finish(run(task, plane_engine(), tile_size=1000, warn=False))
    np.testing.assert_array_equal(np.isfinite(whole), np.isfinite(noisy))
    tiled = finish(run(task, plane_engine(), tile_size=50, warn=False))
    np.testing.assert_array_equal(tiled, whole)
    lazy = computed_lazily(task.on(da.from_array(noisy, chunks=(70, 61, 3))), "auto")
    np.testing.assert_array_equal(lazy, whole)


def test_alpha_and_padding_stay_and_means_are_kept():
    noisy, _ = photons(slide(), 100)
    noisy += 1000
    alpha = np.arange(96 * 96, dtype=np.uint16).reshape(96, 96, 1)
    noisy[:, :20] = 0
    result = denoise(np.concatenate([noisy, alpha], axis=2), NoiseModel(10.0, -10000.0))
    np.testing.assert_array_equal(result[..., 3:], alpha)
    np.testing.assert_array_equal(result[:, :20, :3], 0)
    means = [each[:, 20:, :3].mean((0, 1)) for each in (result, noisy)]
    np.testing.assert_allclose(*means, rtol=5e-3)


def test_enlarged_colours_are_denoised_together():
    clean = slide(256)
    small = clean.reshape(128, 2, 128, 2, 3).mean((1, 3))
    noisy, _ = photons(small, 100)
    model, noise = load_model("micro-x2"), NoiseModel(10.0, 0.0)
    ranges = (Range(0.0, float(noisy.max())),)
    task = task_for(noisy, COLOURS, ranges, model, noise)
    apart = task_for(np.moveaxis(noisy, 2, 0).copy(), Axes((1, 2), channel=0), ranges, model, noise)
    truth = clean * (1000 / 255)
    results = [
        finish(run(each, plane_engine(), tile_size=1000, warn=False)) for each in (task, apart)
    ]
    assert psnr(results[0], truth) > psnr(np.moveaxis(results[1], 0, 2), truth) + 0.4
    tiled = finish(run(task, plane_engine(), tile_size=60, warn=False))
    np.testing.assert_array_equal(tiled, results[0])


def test_stains_that_have_no_detail_in_common_are_denoised_each_alone():
    """Fluorescence saved as RGB: what is seen of one stain says nothing of another."""
    rng = np.random.default_rng(3)
    cells = 20 + 4000 * gaussian_filter((rng.random((128, 128, 3)) > 0.99) * 1.0, (3, 3, 0))
    noisy, _ = photons(np.minimum(cells, 255), 200)
    assert DenoisingTask.of(noisy, COLOURS, NoiseModel(10.0, 0.0)).colours is None
