"""Noisy images in tiles, chunks, channels and parts: the same bits as whole."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut import load_model, upscale
from napari_autolut.arrays import (
    Axes,
    Block,
    Range,
    finish,
    noise_of,
    run,
    task_for,
    widest_halo,
)
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseModel
from tests.arrays.noisy_cells import (
    cells,
    knowing_noise,
    task,
    with_correlated_noise,
)


@pytest.mark.filterwarnings("ignore:the image has NaN")
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_the_same_bits_however_it_is_cut(dtype):
    noisy = cells()[0].astype(dtype)
    noisy = np.stack([noisy, noisy[::-1]])
    if dtype == np.float32:
        noisy[0, 60, 60] = np.nan
    whole = task(noisy)
    engine = plane_engine("auto")
    expected = finish(run(whole, engine, warn=False))
    assert np.isnan(expected).sum() == (4 if dtype == np.float32 else 0)
    tiled = finish(run(whole, engine, tile_size=33, warn=False))
    np.testing.assert_array_equal(tiled, expected)
    noise = [each.levels.noise for each in whole.enlargers]
    lazy = upscale(
        da.from_array(noisy, chunks=(1, 70, 64)),
        knowing_noise(),
        channel_axis=0,
        value_range=(0, 4095),
        noise=noise,
    )
    eager = upscale(noisy, knowing_noise(), channel_axis=0, value_range=(0, 4095), noise=noise)
    np.testing.assert_array_equal(np.asarray(lazy), eager)


def test_correlated_noise_in_tiles():
    noisy, _ = with_correlated_noise((330, 121))
    noise = NoiseModel(10.0, -1_000.0, (0.65, 0.19, 0.04))
    whole = task(noisy, noise, load_model("micro-x2"))
    expected = finish(run(whole, plane_engine("auto")))
    tiled = finish(run(whole, plane_engine("auto"), tile_size=53))
    np.testing.assert_array_equal(tiled, expected)
    assert whole.halo_radius <= widest_halo(load_model("micro-x2"), noisy.dtype)


@pytest.mark.parametrize("colours", [(), (4,)])
def test_denoised_answers_do_not_depend_on_how_an_image_is_cut(colours):
    """They are made of squares of pixels, so that tiles begin at even rows and columns."""
    rng = np.random.default_rng(0)
    noisy = cells((151, 163), photons=30)[0]
    if colours:
        noisy = np.stack([noisy, noisy[::-1], noisy[:, ::-1], noisy], -1)
        noisy[..., 3] = np.where(rng.random(noisy.shape[:2]) < 0.01, 0, 65535)
    axes = Axes((0, 1), rgb=bool(colours))
    whole = task_for(noisy, axes, (Range(0, 4095),), load_model("micro-x2"))
    assert all(each.denoised for each in whole.enlargers)
    engine = plane_engine("auto")
    expected = finish(run(whole, engine, warn=False))
    np.testing.assert_array_equal(finish(run(whole, engine, tile_size=37, warn=False)), expected)
    noise = noise_of(whole)
    kinds = {"rgb": bool(colours), "value_range": (0, 4095), "noise": noise}
    eager = upscale(noisy, "micro-x2", scale=1.5, **kinds)
    chunked = da.from_array(noisy, chunks=(77, 81, *colours))
    lazy = upscale(chunked, "micro-x2", scale=1.5, **kinds)
    np.testing.assert_array_equal(np.asarray(lazy), eager)


def test_one_channel_of_a_task_knows_its_noise():
    noisy = np.stack([cells()[0], cells(photons=30)[0]])
    whole = task(noisy)
    second = whole.of_planes(Block((1,), whole.whole))
    assert second.enlargers == whole.enlargers[1:]


def test_a_part_that_begins_at_another_channel():
    noisy = np.stack([cells(photons=n, seed=n)[0] for n in (30, 60, 100)])
    whole = task(noisy)
    part = whole.on(noisy[1:], (1, 0, 0))
    assert part.enlargers == whole.enlargers[1:]
    assert whole.on(noisy).enlargers == whole.enlargers
