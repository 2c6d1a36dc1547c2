"""Targets made by finished tables: their mean answer, mirrored too, and the rest HR."""

import numpy as np
import pytest
from skimage import data, io

from autolut_training.api import train_folder
from autolut_training.data.dataset import Dataset, Pair
from autolut_training.data.teachers import mean_answer, taught
from autolut_training.report.events import Done
from autolut_training.settings import Settings, SettingsError
from napari_autolut.engine import reference
from napari_autolut.model.graph import ModelError
from napari_autolut.storage.model_file import save_model
from tests.conftest import small_model


def pair(dtype, seed=0):
    hr = np.random.default_rng(seed).integers(0, 256, (2, 40, 48)).astype(dtype)
    return Pair("picture", hr, hr[:, ::2, ::2].copy())


@pytest.fixture
def teachers(models_folder):
    """Two files of scale 2."""
    other = models_folder / "other-x2.safetensors"
    save_model(small_model("other-x2", 1, 2), other)
    return [str(models_folder / "small-x2.safetensors"), str(other)]


def test_the_mean_of_both_directions():
    model = small_model("m", 1, 2)
    plane = np.random.default_rng(0).uniform(0, 255, (9, 12)).astype(np.float32)
    there = reference.upscale_plane(model, plane)
    back = reference.upscale_plane(model, plane[:, ::-1])[:, ::-1]
    np.testing.assert_allclose(mean_answer([model], plane), (there + back) / 2, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("share", [0.25, 1.0])
def test_targets_lie_between(teachers, dtype, share):
    one, held_out = pair(dtype), pair(dtype, 1)
    made = taught(Dataset((one,), (held_out,), (pair(dtype, 2),)), teachers, share)
    assert made.held_out == (held_out,)
    assert len(made.again) == 1 and made.again[0].hr.dtype == dtype
    models = [small_model("a", 2), small_model("b", 1, 2)]
    for hr, lr, target in zip(one.hr, one.lr, made.train[0].hr, strict=True):
        answer = mean_answer(models, lr.astype(np.float32))
        expected = (1 - share) * hr + share * answer
        np.testing.assert_allclose(target, expected, atol=0.51 if dtype == np.uint8 else 1e-3)
    assert made.train[0].lr is one.lr


def test_a_run_with_teachers(teachers, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(2):
        io.imsave(folder / f"{i}.png", data.camera()[i * 64 : i * 64 + 64, 128:192])
    settings = Settings(scale=2, channels=(1,), branches=1, window=3, steps=5, minutes=None,
                        grids=((0.0, 3),), batch=2, crop=16, shrunk=(),
                        teachers=tuple(teachers), taught=0.5)  # fmt: skip
    events = list(train_folder(folder, tmp_path / "t.safetensors", settings))
    assert isinstance(events[-1], Done)


def test_a_teacher_of_another_scale(models_folder):
    dataset = Dataset((pair(np.uint8),), (pair(np.uint8),))
    with pytest.raises(ModelError, match=r"scale of the teacher .*small-x4.*found 4, expected 2"):
        taught(dataset, [str(models_folder / "small-x4.safetensors")], 0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taught": 0.5}, "taught: found 0.5, expected more than 0 where there are teachers"),
        ({"teachers": ("a",)}, "taught: found 0.0, expected more than 0 where there are teachers"),
        ({"teachers": ("a",), "taught": 1.5}, "taught: found 1.5, expected 0 to 1"),
        ({"teachers": ("a",), "taught": 0.5, "noise": 5}, "teachers: found a noisy degradation"),
    ],
)
def test_settings_that_do_not_go_together(changes, message):
    with pytest.raises(SettingsError, match=message):
        Settings(**changes)
