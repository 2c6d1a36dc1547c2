"""What enlarges a noisy channel, and in which shares: the table, denoising, interpolation."""

import io
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest
from benchmarks import noise_scenes
from scipy.ndimage import gaussian_filter

from napari_autolut import Upscaler, load_model, upscale
from napari_autolut.arrays import (
    Axes,
    NoisyTask,
    Range,
    averaged,
    finish,
    noise_of,
    noise_text,
    resize,
    run,
    task_for,
)
from napari_autolut.arrays.noisy.choice import (
    denoised_share,
    interpolated_share,
)
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseWarning
from tests.arrays.noisy_cells import (
    cells,
    enlarged_by_half,
    task,
    with_correlated_noise,
)


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


def test_a_clean_image_is_enlarged_by_the_table_alone():
    image = averaged(np.rint(cells((320, 360))[1] * 20), 2).astype(np.uint16)
    image = np.stack([image, image[::-1]])
    whole = task_for(image, Axes((1, 2), channel=0), (Range(0, 60_000),), load_model("micro-x2"))
    assert not isinstance(whole, NoisyTask)
    result = finish(run(whole, plane_engine("auto")))
    as_it_is = upscale(image[0], "micro-x2", noise=None, value_range=(0, 60_000))
    np.testing.assert_array_equal(result[0], as_it_is)


def recorded(width, photons):
    """Soft structure of many photons, and the truth at twice the size."""
    rng = np.random.default_rng(2)
    truth = gaussian_filter(rng.normal(size=(320, 360)), width, mode="wrap")
    truth = (truth - truth.min()) / np.ptp(truth) * photons
    return rng.poisson(averaged(truth, 2)).astype(np.uint16), truth


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_weak_noise_in_soft_structure_is_not_made_stronger(model):
    """It counts as clean: the table alone is a sixth further from the truth."""
    image, truth = recorded(5, 12_000)
    task_of_it = task(image, model=load_model(model))
    (noise,) = noise_of(task_of_it)
    assert noise.is_none and noise.softness == 1
    result = finish(run(task_of_it, plane_engine("auto")))
    expected = resize(image.astype(float), 2)
    np.testing.assert_allclose(result, expected, atol=0.51)
    np.testing.assert_array_equal(upscale(image, model, noise=noise), result)
    frames = Upscaler(model, value_range=(0, 4095)).fit(image[None])
    np.testing.assert_array_equal(frames.upscale(image), result)
    as_it_is = upscale(image, model, noise=None)
    errors = [np.std((each - truth)[8:-8, 8:-8]) for each in (as_it_is, expected)]
    assert errors[0] > 1.1 * errors[1]


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_weak_noise_is_taken_away_where_hardly_anything_else_is_fine(model):
    """With 5,000 photons it counted as clean, and was as far from the truth as interpolation."""
    image, truth = recorded(24, 5000)
    task_of_it = task(image, model=load_model(model))
    (noise,) = noise_of(task_of_it)
    assert noise.gain == pytest.approx(1, rel=0.1)
    result = finish(run(task_of_it, plane_engine("auto")))
    assert result.mean() == pytest.approx(image.mean(), rel=1e-4)
    np.testing.assert_array_equal(upscale(image, model, noise=noise, value_range=(0, 4095)), result)
    errors = [np.std(each - truth) for each in (result, resize(image.astype(float), 2))]
    assert errors[0] < 0.5 * errors[1]


@pytest.mark.parametrize("share, counted", [(0.04, 0), (0.1, 1 / 3), (0.2, 2 / 3), (0.3, 1)])
def test_interpolation_counts_with_the_noise_in_a_clean_image(share, counted):
    """Else a retina whose detail is to a third noise loses 0.6 dB, one with a fifth 1.2 dB."""
    assert interpolated_share(share) == pytest.approx(counted, abs=1e-4)


@pytest.mark.parametrize("model", ["auto", "micro-x2", "micro-x2-light"])
@pytest.mark.parametrize("photons", [100, 300])
def test_noise_that_jpeg_has_left_is_not_made_sharper(model, photons):
    """It is not in the finest frequencies, and must not count as none: 1.3 to 2.6 dB less."""
    truth = noise_scenes.cells(np.random.default_rng(2), 384) * 200 + 20
    counts = np.random.default_rng(3).poisson((averaged(truth, 2) - 20) / 200 * photons)
    image = np.clip(20 + counts * 200 / photons, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    PIL.Image.fromarray(image).save(file, "jpeg", quality=75)
    image = np.asarray(PIL.Image.open(file))
    with pytest.warns(NoiseWarning, match="saved as JPEG or WebP before: it is interpolated"):
        result = upscale(image, model)
    errors = [np.std(each - truth) for each in (result, resize(image.astype(float), 2))]
    assert errors[0] < 1.01 * errors[1]


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


@pytest.mark.filterwarnings("ignore:neighbouring pixels share their noise")
@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_correlated_noise_is_taken_away_before_the_image_is_enlarged(model):
    """Taken for white, hardly any of it is found: results are worse than interpolated ones."""
    noisy, truth = with_correlated_noise((256, 272))
    whole = task(noisy, model=load_model(model))
    (found,) = noise_of(whole)
    assert found.is_correlated and noise_text(whole).startswith("correlated noise")
    result = averaged(finish(run(whole, plane_engine("auto"))).astype(float), 2)
    assert np.std(result - truth) < 0.6 * np.std(noisy - truth)


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
@pytest.mark.parametrize("photons", [50, 200])
def test_small_images_with_filtered_noise_are_interpolated(model, photons):
    """Tables for clean images take the noise for detail: 0.5 to 1.3 dB below interpolation."""
    image, truth = enlarged_by_half(photons)
    interpolated = resize(image.astype(float), 2)
    with pytest.warns(NoiseWarning, match="saved as JPEG or WebP before: it is interpolated"):
        result = upscale(image, model)
    errors = [np.std((each - truth)[8:-8, 8:-8]) for each in (result, interpolated)]
    assert errors[0] < 1.002 * errors[1]
    with pytest.warns(NoiseWarning, match="it is interpolated"):
        frames = Upscaler(model).fit(image[None])
    np.testing.assert_allclose(frames.upscale(image), result, atol=1)
    as_it_is = upscale(image, model, noise=None)
    assert np.std((as_it_is - truth)[8:-8, 8:-8]) > 1.05 * errors[1]


@pytest.mark.parametrize("scale", [2, 4])
def test_light_tables_denoise_and_have_no_tables_for_noise(scale):
    light = load_model(f"micro-x{scale}-light")
    assert [(each.sigma, each.model) for each in light.noisy] == [(10.0, None), (3.0, None)]
    noisy = cells()[0]
    beside = replace(light, noisy=load_model(f"micro-x{scale}").noisy)
    assert np.any(upscale(noisy, light) != upscale(noisy, beside))
    (enlarger,) = task(noisy, model=light).enlargers
    assert enlarger.table is None and enlarger.denoised.share == 1
