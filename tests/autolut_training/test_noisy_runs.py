"""A denoiser that learns from noisy images alone: what it sees, its figure, and its use."""

import numpy as np
import pytest
import tifffile
from scipy.ndimage import gaussian_filter
from skimage import data

from autolut_training.api import train_request
from autolut_training.data import denoising_strength
from autolut_training.data.denoising_strength import with_fitted_strength
from autolut_training.data.noisy import read_noisy
from autolut_training.report.renoised import renoised_loss, renoised_psnr
from autolut_training.report.validation import by_table
from napari_autolut import denoise, load_model
from napari_autolut.cli.train import train
from napari_autolut.denoising import white_noise_table
from napari_autolut.noise import NoiseModel
from napari_autolut.training.events import Started
from napari_autolut.training.images import TrainingDataError
from napari_autolut.training.record import gain_text, held_out_figures
from napari_autolut.training.request import TrainRequest, TrainRequestError

PICTURE = data.camera()[100:260, 100:260].astype(float)


@pytest.fixture
def noisy(tmp_path):
    """A folder with one image of few photons."""
    folder = tmp_path / "noisy"
    folder.mkdir()
    photons = np.random.default_rng(0).poisson(PICTURE / 8)
    tifffile.imwrite(folder / "cells.tif", (photons * 40).astype(np.uint16))
    return folder


def test_what_is_learned_from_is_the_result_in_levels_where_noise_has_the_tables_deviation(noisy):
    dataset, table = read_noisy(noisy, 48)
    (pair,) = dataset.train
    assert table.model.name == "denoise-10" and table.sigma == 10
    clean, seen = pair.hr[0], 2 * np.sqrt(PICTURE / 8 + 3 / 8) * table.sigma
    assert clean.dtype == np.float32 and clean.min() >= 0 and clean.max() <= 255
    rows = len(clean)  # the others are held out
    errors = [np.std(clean - each) for each in (seen[:rows], seen[-rows:])]
    assert 0 < min(errors) < 0.6 * table.sigma, "most of the noise is gone"
    assert "There is no clean image" in dataset.notes[0]


def test_images_without_noise_are_skipped(tmp_path):
    ramp = np.tile(np.arange(128, dtype=np.uint16) // 16, (128, 1))
    tifffile.imwrite(tmp_path / "render.tif", ramp)
    with pytest.raises(TrainingDataError, match="found no usable image"):
        read_noisy(tmp_path, 48)


def test_new_noise_tells_a_good_denoiser_from_bad_ones():
    clean = data.camera()[100:292, 100:292].astype(np.float32) * 0.8 + 20

    def figure(denoiser):
        return renoised_psnr([(clean, clean)], denoiser, 10.0)

    good = figure(by_table(load_model("denoise-10")))
    assert good > figure(by_table(load_model("denoise-3")))
    assert good > figure(lambda plane: gaussian_filter(plane, 4.0))
    assert good > 5 + figure(lambda plane: plane)


@pytest.mark.parametrize(("times", "least", "most"), [(1, 1, 1), (16, 0.7, 0.8)])
def test_where_structure_was_taken_for_correlated_noise_the_strength_is_less(times, least, most):
    random = np.random.default_rng(0)
    smooth = gaussian_filter(data.text()[:, :256].astype(float), 2)
    noise = gaussian_filter(random.normal(size=smooth.shape), 0.8)
    image = smooth + 6 * noise / noise.std()
    told = NoiseModel(0.0, 36.0 * times, correlation=(0.68, 0.21, 0.03, 0, 0, 0, 0))
    table = white_noise_table("denoise-10")
    chosen = with_fitted_strength([(image, told)], table)
    assert least <= chosen.strength <= most and chosen.sigma == table.sigma


def test_a_run_keeps_a_table_that_denoise_uses(noisy, tmp_path, monkeypatch):
    emitted = []
    monkeypatch.setattr("autolut_training.api.ProgressLine", lambda: Recorder(emitted))
    out = tmp_path / "own.safetensors"
    train_request(TrainRequest(images=noisy, out=out, steps=2, noisy=True))
    started = emitted[0]
    assert isinstance(started, Started) and "no truth is known" in started.over
    model = load_model(out)
    assert (model.card.noise_sigma, model.card.task, model.scale) == (10.0, "denoising", 1)
    figures = held_out_figures(model.card)
    assert figures.psnr >= figures.bicubic
    assert "over the shipped denoiser; no truth is known" in gain_text(*figures)
    image = tifffile.imread(noisy / "cells.tif")
    result = denoise(image, model=out)
    assert result.dtype == image.dtype
    truth = PICTURE / 8 * 40
    assert np.mean((result - truth) ** 2) < 0.6 * np.mean((image - truth) ** 2)


class Recorder:
    def __init__(self, emitted):
        self.emitted = emitted

    def __call__(self, event):
        self.emitted.append(event)

    def end(self):
        pass


def test_where_it_gets_no_better_the_shipped_table_stays(noisy, tmp_path, monkeypatch):
    monkeypatch.setattr("autolut_training.loop.losses.renoised_loss", worse)
    out = tmp_path / "own.safetensors"
    train_request(TrainRequest(images=noisy, out=out, steps=3, noisy=True))
    shipped, kept = (load_model(name) for name in ("denoise-10", out))
    image = tifffile.imread(noisy / "cells.tif")
    np.testing.assert_array_equal(denoise(image, model=kept), denoise(image, model=shipped))


def worse(denoise, clean, sigma, seed):
    return -1000 * renoised_loss(denoise, clean, sigma, seed)


def test_what_cannot_be_asked_for(noisy, tmp_path):
    with pytest.raises(TrainRequestError, match="found noisy images alone and the scale 2"):
        TrainRequest(tmp_path, tmp_path / "a.safetensors", noisy=True, scale=2)
    with pytest.raises(TrainRequestError, match="found noisy images alone, and LR images"):
        TrainRequest(images=noisy, out=tmp_path / "t.safetensors", noisy=True, lr=noisy)
    with pytest.raises(ValueError, match="natural-x2: found none for white noise"):
        denoise(PICTURE, model="natural-x2")


def test_a_request_says_that_images_are_noisy(noisy, tmp_path):
    train(noisy, str(tmp_path / "t.safetensors"), noisy=True, request=tmp_path / "r.toml")
    assert TrainRequest.read(tmp_path / "r.toml").noisy


def test_every_plane_has_one_vote_on_the_strength(monkeypatch):
    """Squared errors of a bright plane are large; those of a dim one count as much."""
    table = white_noise_table("denoise-10-light")
    errors = {"bright": [100, 101, 102, 103], "dim": [1.0, 0.5, 0.4, 0.3]}
    monkeypatch.setattr(denoising_strength, "settled", lambda plane, noise, table: table.strength)

    def error(plane, strength):
        return errors[plane][denoising_strength.STRENGTHS.index(strength)]

    monkeypatch.setattr(denoising_strength, "_error", error)
    planes = [(name, NoiseModel(1.0, 0.0)) for name in errors]
    assert with_fitted_strength(planes, table).strength == denoising_strength.STRENGTHS[-1]
