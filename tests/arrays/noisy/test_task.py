"""Upscaling by models that know of noise: which channel is noisy, and what is said of it."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import load_model, upscale
from napari_autolut.arrays import (
    Axes,
    NoisyTask,
    Range,
    Task,
    averaged,
    noise_of,
    noise_text,
    task_for,
)
from napari_autolut.model import ModelError, NoisyModel
from napari_autolut.noise import NoiseModel, NoiseWarning
from napari_autolut.storage import save_model
from napari_autolut.storage.model_file import MODEL_FILE
from napari_autolut.storage.tensor_file import read_description
from tests.arrays.noisy_cells import (
    cells,
    knowing_noise,
    task,
)


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


@pytest.mark.parametrize("model", ["micro-x2", "micro-x2-light"])
def test_the_black_around_an_image_changes_nothing_within(model):
    noisy = cells()[0] + 900
    # Squares of a quarter of the size lie as they did.
    padded = upscale(np.pad(noisy, ((40, 0), (32, 20))), model)
    np.testing.assert_array_equal(padded[:70], 0)
    difference = padded[80:, 64:-40].astype(float) - upscale(noisy, model)
    assert difference[20:-20, 20:-20].std() < 3
