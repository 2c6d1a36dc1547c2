"""Upscaling by models that know of noise: which channel is noisy, and how images are cut."""

from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom

from napari_autolut import Upscaler, load_model, upscale
from napari_autolut.arrays import (
    Axes,
    Block,
    NoisyTask,
    Range,
    Task,
    averaged,
    finish,
    noise_of,
    noise_text,
    resize,
    run,
    task_for,
    widest_halo,
)
from napari_autolut.arrays.enlarger_choice import denoised_share
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel, ModelError, NoisyModel
from napari_autolut.noise import NoiseModel, NoiseWarning
from napari_autolut.storage import save_model
from napari_autolut.storage.model_file import MODEL_FILE
from napari_autolut.storage.tensor_file import read_description


def knowing_noise(noisy: LutModel | None = None) -> LutModel:
    """A model for clean images, with noise that it knows, and another model in its place there."""
    clean = load_model("natural-x2")
    return replace(clean, noisy=(NoisyModel(10.0, noisy), NoisyModel(2.0, noisy)))


def cells(shape=(120, 130), photons=100, seed=0):
    rng = np.random.default_rng(seed)
    scene = gaussian_filter(rng.normal(size=shape), 5)
    scene = np.clip(scene / scene.std(), 0, None) + 0.2
    return (rng.poisson(scene * photons / 2) * 10 + 100).astype(
        np.uint16
    ), scene * photons * 5 + 100


def task(image, noise="auto", model=None):
    channels = Axes((1, 2), channel=0) if image.ndim == 3 else Axes((0, 1))
    return task_for(image, channels, (Range(0, 4095),), model or knowing_noise(), noise)


def test_noise_is_found_channel_by_channel():
    noisy, smooth = cells()
    clean = (smooth * 8).astype(np.uint16)
    found = task(np.stack([noisy, clean]))
    assert isinstance(found, NoisyTask)
    enlarger, none = found.enlargers
    assert none is None and enlarger is not None
    assert enlarger.levels.noise.gain == pytest.approx(10, rel=0.1)


def test_a_clean_image_goes_the_usual_way():
    clean = (cells()[1] * 8).astype(np.uint16)
    assert type(task(clean)) is Task and type(task(cells()[0], None)) is Task
    assert type(task(cells()[0], model=load_model("natural-x2"))) is Task


def test_the_mean_stays_and_noise_is_less():
    noisy, truth = cells()
    result = upscale(noisy, knowing_noise()).astype(float)
    assert result.mean() == pytest.approx(noisy.mean(), rel=0.002)
    as_it_is = upscale(noisy, knowing_noise(), noise=None).astype(float)
    errors = [np.std(averaged(each, 2) - truth) for each in (result, as_it_is)]
    assert errors[0] < 0.95 * errors[1]


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


def test_the_denoised_answer_counts_the_more_the_stronger_the_noise():
    def shares(model):
        enlargers = [task(cells(photons=n)[0], model=model).enlargers[0] for n in (10, 100)]
        return [each.denoised.share for each in enlargers]

    strong, weak = shares(load_model("micro-x2"))
    assert 1 >= strong > weak > 0
    assert shares(load_model("micro-x2-light")) == [1, 1]


def test_the_denoised_image_is_enlarged_by_the_table_where_little_noise_is_left():
    assert denoised_share(6.0) == (1.0, 0.0)
    ranges = (8.0, 10.0, 12.0, 14.0, 60.0)
    shares, by_table = zip(*map(denoised_share, ranges), strict=True)
    assert list(shares) == sorted(shares, reverse=True) and list(by_table) == sorted(by_table)
    noisy, _ = cells(photons=100)
    (enlarger,) = task(noisy, model=load_model("micro-x2")).enlargers
    assert 0 < enlarger.denoised.enlarger.interpolated < 1
    flat = upscale(noisy, "micro-x2", value_range=(5, 5))
    assert flat.mean() == pytest.approx(noisy.mean(), rel=0.01)


def test_few_grey_levels_are_said_to_shift_the_mean():
    photons = np.random.default_rng(0).poisson(0.7, (96, 96))
    with pytest.warns(NoiseWarning, match=r"the mean is 0\.\d+ grey levels above the lowest"):
        upscale(photons.astype(np.uint8), "micro-x2-light")
    kept = upscale(photons.astype(np.float32), "micro-x2-light")
    assert kept.mean() == pytest.approx(photons.mean(), rel=0.01)


@pytest.mark.parametrize("model", ["micro-x2", "micro-x4-light"])
def test_one_grey_level_stays_with_noise_that_was_given(model):
    flat = np.full((24, 28), 1000, np.uint16)
    result = upscale(flat, model, noise=NoiseModel(0.0, 25.0))
    np.testing.assert_array_equal(result, np.full(result.shape, 1000))


def test_a_clean_image_is_in_part_interpolated_and_comes_out_better():
    truth = np.rint(cells((320, 360))[1] * 20)
    image = averaged(truth, 2).astype(np.uint16)
    image = np.stack([image, image[::-1]])
    whole = task_for(image, Axes((1, 2), channel=0), (Range(0, 60_000),), load_model("micro-x2"))
    assert isinstance(whole, NoisyTask)
    assert noise_of(whole) == [None, None] and noise_text(whole) == "auto"
    result = finish(run(whole, plane_engine("auto")))
    tiled = finish(run(whole, plane_engine("auto"), tile_size=37))
    np.testing.assert_array_equal(tiled, result)
    as_it_is = upscale(image[0], "micro-x2", noise=None, value_range=(0, 60_000))
    errors = [np.std((each - truth)[8:-8, 8:-8]) for each in (result[0], as_it_is)]
    assert errors[0] < 0.98 * errors[1]


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_weak_noise_in_a_smooth_image_is_not_made_stronger(model):
    """It counts as clean: the table alone is a sixth further from the truth."""
    rng = np.random.default_rng(2)
    truth = gaussian_filter(rng.normal(size=(320, 360)), 24, mode="wrap")
    truth = (truth - truth.min()) / np.ptp(truth) * 5000
    image = rng.poisson(averaged(truth, 2)).astype(np.uint16)
    task_of_it = task(image, model=load_model(model))
    (noise,) = noise_of(task_of_it)
    assert noise.is_none and noise.softness == 1
    result = finish(run(task_of_it, plane_engine("auto")))
    expected = resize(image.astype(float), 2)
    np.testing.assert_allclose(result, expected, atol=0.51)
    np.testing.assert_array_equal(upscale(image, model, noise=noise), result)
    as_it_is = upscale(image, model, noise=None)
    errors = [np.std((each - truth)[8:-8, 8:-8]) for each in (as_it_is, expected)]
    assert errors[0] > 1.1 * errors[1]


@pytest.mark.parametrize("model, photons", [("micro-x2", 2), ("micro-x2-light", 100)])
def test_a_table_whose_answer_does_not_count_is_not_run(model, photons):
    noisy, _ = cells(photons=photons)
    (enlarger,) = task(noisy, model=load_model(model)).enlargers
    assert enlarger.denoised.share == 1
    used = []

    def engine(model, plane):
        used.append(model)
        return plane_engine("auto")(model, plane)

    enlarger(noisy, engine)
    assert used and enlarger.table not in used
    clean = enlarger.denoised.enlarger
    assert (clean.table in used) == (clean.interpolated < 1)


def test_the_denoised_answer_makes_results_better():
    noisy, truth = cells(photons=30)
    (enlarger,) = task(noisy, model=load_model("micro-x2")).enlargers
    alone = replace(enlarger, denoised=enlarger.denoised._replace(share=0.0))
    errors = [
        np.std(averaged(each(noisy.astype(float), plane_engine("auto")), 2) - truth)
        for each in (enlarger, alone)
    ]
    assert errors[0] < 0.95 * errors[1]


def with_correlated_noise(shape, strength=0.8):
    """Cells whose noise neighbouring pixels share, and the truth."""
    noisy, truth = cells(shape, photons=60)
    noise = noisy - truth
    shared = gaussian_filter(noise, strength)
    return np.rint(truth + shared * (noise.std() / shared.std())).clip(0).astype(np.uint16), truth


@pytest.mark.filterwarnings("ignore:neighbouring pixels share their noise")
@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_correlated_noise_is_taken_away_before_the_image_is_enlarged(model):
    """Taken for white, hardly any of it was found: results were worse than interpolated ones."""
    noisy, truth = with_correlated_noise((256, 272))
    whole = task(noisy, model=load_model(model))
    (found,) = noise_of(whole)
    assert found.is_correlated and noise_text(whole).startswith("correlated noise")
    result = averaged(finish(run(whole, plane_engine("auto"))).astype(float), 2)
    assert np.std(result - truth) < 0.6 * np.std(noisy - truth)


def enlarged_by_half(photons, seed=0):
    """Noisy cells that were made larger by a cubic spline, 192 x 192 pixels, and the truth."""
    truth = np.random.default_rng(seed).normal(size=(256, 256))
    truth = gaussian_filter(truth, 5)
    truth = (np.clip(truth / truth.std(), 0, None) + 0.2) * photons * 20
    counts = np.random.default_rng(seed + 1).poisson(averaged(truth, 2) / 40) * 40.0
    larger = [zoom(each, 1.5, order=3, mode="reflect", grid_mode=True) for each in (counts, truth)]
    return np.rint(larger[0]).clip(0).astype(np.uint16), larger[1]


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
@pytest.mark.parametrize("photons", [50, 200])
def test_small_images_with_filtered_noise_are_interpolated(model, photons):
    """Tables for clean images took the noise for detail: 0.5 to 1.3 dB below interpolation."""
    image, truth = enlarged_by_half(photons)
    interpolated = resize(image.astype(float), 2)
    with pytest.warns(NoiseWarning, match="filtered or interpolated before: it is interpolated"):
        result = upscale(image, model)
    errors = [np.std((each - truth)[8:-8, 8:-8]) for each in (result, interpolated)]
    assert errors[0] < 1.002 * errors[1]
    with pytest.warns(NoiseWarning, match="it is interpolated"):
        frames = Upscaler(model).fit(image[None])
    np.testing.assert_allclose(frames.upscale(image), result, atol=1)
    as_it_is = upscale(image, model, noise=None)
    assert np.std((as_it_is - truth)[8:-8, 8:-8]) > 1.05 * errors[1]


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


def test_colours_have_noise_of_their_own():
    noisy = np.stack([cells(photons=n, seed=n)[0] for n in (40, 100, 200)], -1)
    found = task_for(noisy, Axes((0, 1), rgb=True), (Range(0, 4095),), knowing_noise(), "auto")
    assert len(found.enlargers) == 3 and all(found.enlargers)
    assert upscale(noisy, knowing_noise()).shape == (240, 260, 3)


def test_noise_for_a_model_that_knows_none():
    with pytest.raises(ValueError, match="natural-x2 knows no noise"):
        upscale(cells()[0], "natural-x2", noise=NoiseModel(10, 0))
    with pytest.raises(ValueError, match="noise: found 'some', expected 'auto'"):
        upscale(cells()[0], knowing_noise(), noise="some")
    with pytest.raises(
        ValueError, match="found 2 models for 1 channel, expected one for each; chan"
    ):
        upscale(cells()[0], knowing_noise(), noise=[NoiseModel(10, 0)] * 2)


@pytest.mark.parametrize(("tables", "version"), [("natural-x2-light", 3), (None, 4)])
def test_models_for_noise_are_in_the_file(tmp_path, tables, version):
    model = knowing_noise(tables and load_model(tables))
    path = save_model(model, tmp_path / "both.safetensors")
    assert read_description(path, MODEL_FILE)["format_version"] == version
    again = load_model(path)
    assert [each.sigma for each in again.noisy] == [10.0, 2.0]
    assert [each.model is None for each in again.noisy] == [tables is None] * 2
    noisy = cells()[0]
    np.testing.assert_array_equal(upscale(noisy, again), upscale(noisy, model))


@pytest.mark.parametrize("scale", [2, 4])
def test_light_tables_denoise_and_have_no_tables_for_noise(scale):
    light = load_model(f"micro-x{scale}-light")
    assert [(each.sigma, each.model) for each in light.noisy] == [(10.0, None), (3.0, None)]
    noisy = cells()[0]
    beside = replace(light, noisy=load_model(f"micro-x{scale}").noisy)
    assert np.any(upscale(noisy, light) != upscale(noisy, beside))
    (enlarger,) = task(noisy, model=light).enlargers
    assert enlarger.table is None and enlarger.denoised.share == 1


def test_models_for_noise_must_fit():
    clean = load_model("natural-x2")
    with pytest.raises(ModelError, match="scale of a model for noise"):
        replace(clean, noisy=(NoisyModel(10.0, load_model("natural-x4")),))
    with pytest.raises(ModelError, match="falling deviations"):
        replace(clean, noisy=(NoisyModel(3.0, clean), NoisyModel(10.0, clean)))
    with pytest.raises(ModelError, match="none in it"):
        replace(clean, noisy=(NoisyModel(3.0, knowing_noise()),))


def test_what_was_found_is_said():
    found = task(np.stack([cells()[0], (cells()[1] * 8).astype(np.uint16)]))
    assert noise_of(found)[0] is not None and noise_of(found)[1] is None
    assert noise_text(found).startswith("white noise, ") and "no noise" in noise_text(found)
    assert noise_text(task(cells()[0], None)) == "auto"


def test_a_part_that_begins_at_another_channel():
    noisy = np.stack([cells(photons=n, seed=n)[0] for n in (30, 60, 100)])
    whole = task(noisy)
    part = whole.on(noisy[1:], (1, 0, 0))
    assert part.enlargers == whole.enlargers[1:]
    assert whole.on(noisy).enlargers == whole.enlargers


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_the_black_around_an_image_changes_nothing_within(model):
    noisy = cells()[0] + 900
    # Squares of a quarter of the size lie as they did.
    padded = upscale(np.pad(noisy, ((40, 0), (32, 20))), model)
    np.testing.assert_array_equal(padded[:70], 0)
    difference = padded[80:, 64:-40].astype(float) - upscale(noisy, model)
    assert difference[20:-20, 20:-20].std() < 3
