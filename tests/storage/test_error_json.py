"""Error tables come through a model file, and bad ones are refused."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import ModelFileError, save_model
from napari_autolut.model import ErrorTable, NoisyModel
from napari_autolut.storage import load_model_file
from tests.modelfiles import rewritten
from tests.models import random_model

TABLE = ErrorTable(
    np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32),
    ((-4.0, 6.0), (-4.5, 2.0), (-5.0, 3.0)),
)


@pytest.fixture
def path(tmp_path):
    model = replace(random_model(np.random.default_rng(0)), expected_error=TABLE)
    return save_model(model, tmp_path / "m.safetensors")


def test_it_comes_back(path):
    found = load_model_file(path).expected_error
    np.testing.assert_array_equal(found.values, TABLE.values)
    assert found.limits == TABLE.limits


@pytest.mark.parametrize("tables", [True, False])
def test_models_for_noise_have_their_own(tmp_path, tables):
    clean, noisy = (random_model(np.random.default_rng(seed)) for seed in range(2))
    other = replace(TABLE, values=TABLE.values + 1)
    known = NoisyModel(10.0, noisy if tables else None, other)
    model = replace(clean, expected_error=TABLE, noisy=(known,))
    found = load_model_file(save_model(model, tmp_path / "noisy.safetensors"))
    np.testing.assert_array_equal(found.expected_error.values, TABLE.values)
    np.testing.assert_array_equal(found.noisy[0].expected_error.values, other.values)


@pytest.mark.parametrize(
    "change",
    [
        {"tensor": "node9"},
        {"tensor": 3},
        {"limits": [[0, 1], [0, 1]]},
        {"limits": [[0, 1], [0, 1], [2, 1]]},
        {"limits": "wide"},
        {"limits": None},
    ],
)
def test_bad_ones_are_refused(path, change):
    rewritten(path, lambda description, _: description["expected_error"].update(change))
    with pytest.raises(ModelFileError, match=r"m\.safetensors"):
        load_model_file(path)


def test_one_of_other_features_is_left_out(path):
    rewritten(path, lambda description, _: description["expected_error"].pop("features"))
    assert load_model_file(path).expected_error is None


def test_a_file_without_one_has_none(tmp_path):
    path = save_model(random_model(np.random.default_rng(0)), tmp_path / "m.safetensors")
    assert load_model_file(path).expected_error is None
