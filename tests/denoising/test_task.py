"""A denoising as a task: the same bits however the image is cut, whatever its noise and holes."""

from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_autolut.arrays import Axes, finish, run
from napari_autolut.arrays.denoiser.choice import LARGEST_STEP, MIN_SHARE, OFFSETS, deviations
from napari_autolut.arrays.lazy import computed_lazily
from napari_autolut.denoising import DenoisingTask
from napari_autolut.engine import plane_engine
from napari_autolut.layers.denoising import LARGEST_HALO
from napari_autolut.noise import NoiseModel

WHITE = NoiseModel(20.0, -400.0)
CORRELATED = NoiseModel(20.0, -400.0, (0.62, 0.2, 0.1, 0.08))


def noisy(*shape, dtype="uint16", seed=0):
    rng = np.random.default_rng(seed)
    return (20 * rng.poisson(30, shape) + 20).astype(dtype)


def computed(task, tile_size):
    return finish(run(task, plane_engine(), tile_size=tile_size, warn=False))


@pytest.mark.parametrize("noise", [WHITE, CORRELATED])
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_tiles_and_chunks_have_the_bits_of_the_whole(noise, dtype):
    image = noisy(2, 310, 203, dtype=dtype)
    if dtype == "float32":
        image[0, 150:153, 80], image[1, 20, 30] = np.nan, np.inf
    task = DenoisingTask.of(image, Axes((1, 2)), noise)
    whole = computed(task, 1000)
    assert whole.dtype == dtype
    np.testing.assert_array_equal(computed(task, 70), whole)
    lazy = computed_lazily(task.on(da.from_array(image, chunks=(1, 103, 110))), "auto")
    np.testing.assert_array_equal(lazy, whole)


def test_some_channels_are_denoised_as_they_are_among_all():
    image = noisy(3, 40, 50)
    axes = Axes((1, 2), channel=0)
    task = DenoisingTask.of(image, axes, [WHITE, WHITE.scaled(3.0), WHITE.scaled(0.3)])
    whole, part = computed(task, 1000), task.on(image[1:], (1, 0, 0))
    np.testing.assert_array_equal(computed(part, 1000), whole[1:])


def test_tiles_and_chunks_of_black_ground_have_the_bits_of_the_whole():
    light = 4 * gaussian_filter(np.random.default_rng(1).normal(size=(310, 203)), 3) - 0.2
    image = np.random.default_rng(0).poisson(np.maximum(light, 0)).astype("uint16") * 40
    task = DenoisingTask.of(image, Axes((0, 1)), NoiseModel(40.0, 0.0))
    (denoiser,) = task.denoisers
    assert denoiser.minimum == 0 and denoiser.halo <= LARGEST_HALO
    whole = computed(task, 1000)
    assert not np.array_equal(whole, computed(replace_minimum(task, -np.inf), 1000))
    np.testing.assert_array_equal(computed(task, 70), whole)
    lazy = computed_lazily(task.on(da.from_array(image, chunks=(103, 110))), "auto")
    np.testing.assert_array_equal(lazy, whole)


def replace_minimum(task, minimum):
    return replace(task, denoisers=tuple(replace(each, minimum=minimum) for each in task.denoisers))


def test_any_two_axes_can_be_rows_and_columns():
    image = noisy(64, 3, 80)
    task = DenoisingTask.of(image, Axes((0, 2)), WHITE)
    turned = DenoisingTask.of(np.moveaxis(image, 1, 0), Axes((1, 2)), WHITE)
    result = np.moveaxis(computed(task, 1000), 1, 0)
    np.testing.assert_array_equal(result, computed(turned, 1000))


def test_chunks_of_several_channels_are_denoised_each_by_its_own_noise():
    image = noisy(2, 96, 96)
    task = DenoisingTask.of(image, Axes((1, 2), channel=0), [WHITE, CORRELATED])
    whole = computed(task, 1000)
    lazy = computed_lazily(task.on(da.from_array(image, chunks=(2, 96, 96))), "auto")
    np.testing.assert_array_equal(lazy, whole)
    assert not np.array_equal(whole[0], whole[1])


def test_channels_without_noise_are_left_alone():
    image = np.stack([noisy(64, 64), np.full((64, 64), 7, "uint16")])
    none = NoiseModel(0.0, 0.0)
    result = computed(DenoisingTask.of(image, Axes((1, 2), channel=0), [WHITE, none]), 1000)
    np.testing.assert_array_equal(result[1], image[1])
    assert result[0].std() < image[0].std() / 2


def test_strong_noise_is_denoised_at_half_the_size_too():
    truth = 400 + 300 * np.kron(np.add.outer(np.arange(4), np.arange(4)) % 2, np.ones((32, 32)))
    image = truth + np.random.default_rng(2).normal(0, 150, truth.shape)
    task = DenoisingTask.of(image, Axes((0, 1)), NoiseModel(0.0, 150.0**2))
    (denoiser,) = task.denoisers
    alone = replace(task, denoisers=(replace(denoiser, sizes=denoiser.sizes[:1]),))
    both, one = (np.std(computed(each, 200) - truth) for each in (task, alone))
    assert both < 0.95 * one


def test_squares_of_half_the_size_begin_at_even_and_at_odd_pixels():
    """Moved by one pixel, squares lie as they did; what is in them is denoised as it was."""
    image = noisy(97, 81)
    task = DenoisingTask.of(image, Axes((0, 1)), WHITE)
    (denoiser,) = task.denoisers
    assert [each.offsets for each in denoiser.sizes[1:]] == [OFFSETS, (0,)]
    first = tuple(each._replace(offsets=(0,)) for each in denoiser.sizes)
    alone = replace(task, denoisers=(replace(denoiser, sizes=first),))
    changes = []
    for each in (task, alone):
        whole, moved = (computed(each.on(part), 200) for part in (image, image[1:, 1:]))
        part = np.s_[30:60, 30:50]
        changes.append(np.std(whole[1:, 1:][part].astype(float) - moved[part]))
    assert changes[0] < 0.5 * changes[1]


def test_light_tables_trust_half_the_size_the_more_the_stronger_the_noise():
    image = np.random.default_rng(3).normal(0, 1, (64, 64)) + np.linspace(0, 80, 64)
    shares = []
    for noise in (NoiseModel(0.0, 1.0), NoiseModel(0.0, 36.0)):
        (denoiser,) = DenoisingTask.of(image, Axes((0, 1)), noise, model="light").denoisers
        _, half = denoiser.sizes
        assert half.left is None and half.offsets == (0,)
        shares.append(half.share)
    assert MIN_SHARE == shares[0] < shares[1]


def test_dots_that_half_the_size_loses_are_kept():
    """What the sizes differ by is noise, where it is no more than noise."""
    dots = 400 + np.kron(np.ones((12, 12)), np.pad([[150.0]], ((3, 4), (3, 4))))
    image = dots + np.random.default_rng(6).normal(0, 20, dots.shape)
    task = DenoisingTask.of(image, Axes((0, 1)), NoiseModel(0.0, 400.0))
    own = replace(task.denoisers[0], refined=False)
    trusting = replace(own, sizes=tuple(each._replace(left=1e6) for each in own.sizes))
    tasks = (replace(task, denoisers=(each,)) for each in (own, trusting))
    kept, lost = (np.std(computed(each, 200) - dots) for each in tasks)
    assert kept < 0.95 * lost, (kept, lost)


@pytest.mark.parametrize("name", ["best", "light"])
def test_no_noise_needs_more_pixels_around_than_docks_read(name):
    for noise in (WHITE, CORRELATED):
        (denoiser,) = DenoisingTask.of(noisy(64, 64), Axes((0, 1)), noise, model=name).denoisers
        assert denoiser.halo <= LARGEST_HALO and LARGEST_STEP % denoiser.step == 0


def test_noise_is_taken_away_as_strong_as_it_is_at_each_size():
    assert deviations(WHITE) == [1, 0.5, 0.25]
    rng = np.random.default_rng(4)
    noise = gaussian_filter(rng.normal(0, 1, (512, 512)), 0.8)
    lags = [float((noise[lag:] * noise[:-lag]).mean() / noise.var()) for lag in range(1, 8)]
    found = np.array(deviations(NoiseModel(0.0, 1.0, tuple(np.clip(lags, -1, 1)))))
    means = [noise.reshape(512 // s, s, 512 // s, s).mean((1, 3)).std() for s in (1, 2, 4, 8)]
    over = found / np.array(means) * noise.std()
    assert over[0] > 1.3 and all(over[:-1] >= over[1:]), "small squares have no wide waves"
    assert over[3] == pytest.approx(1, abs=0.15)


def test_bright_parts_of_images_with_many_photons_lose_as_much_noise_as_dark_ones():
    """Tables have 255 levels; 5,000 photons have more than twice as many deviations of noise."""
    rng = np.random.default_rng(5)
    truth = np.repeat([[50.0, 1000.0, 3000.0, 5000.0]], 64, axis=1).repeat(64, axis=0)
    noisy = rng.poisson(truth).astype(np.float64)
    task = DenoisingTask.of(noisy, Axes((0, 1)), NoiseModel(1.0, 0.0))
    result = computed(task, 1000)
    left = [
        np.std((result - truth)[8:-8, first + 8 : first + 56]) / np.sqrt(truth[0, first])
        for first in (0, 64, 128, 192)
    ]
    assert max(left) < 0.35
    np.testing.assert_array_equal(computed(task, 40), result)


@pytest.mark.parametrize("brightest, parts", [(800, 16), (3000, 1)])
def test_what_a_denoising_costs_is_bounded(brightest, parts):
    """Of an enlarged photograph there would be 44 parts at full size, for minutes."""
    image = np.linspace(0, brightest, 64 * 64).reshape(64, 64)
    task = DenoisingTask.of(image, Axes((0, 1)), NoiseModel(0.0, 1.0))
    (denoiser,) = task.denoisers
    needed = [(1 + len(size.brighter)) * size.deviation for size in denoiser.sizes]
    assert parts / 2 < needed[0] <= parts and max(needed) <= max(parts, 16)
    np.testing.assert_allclose(computed(task, 1000), image, atol=1)


def test_padding_is_outside_the_levels_of_half_the_size_too():
    image = noisy(96, 96) + 2000
    image[:, :24] = 0
    (denoiser,) = DenoisingTask.of(image, Axes((0, 1)), NoiseModel(20.0, -40400.0)).denoisers
    assert denoiser.padding is not None
    full, *smaller = (size.lowest + size.deviation for size in denoiser.sizes)
    assert min(smaller) >= full
