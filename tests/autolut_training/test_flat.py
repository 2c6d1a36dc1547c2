"""A finished table gives a constant image back, and stays the table that it was elsewhere."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autolut_training.models.cascade import Cascade
from autolut_training.models.flat import flattened, without_curve
from autolut_training.models.ramps import MAX_CORING, ramp_error, with_coring
from autolut_training.settings.architecture import Architecture
from napari_autolut import load_model, save_model
from napari_autolut.engine import fast, reference
from napari_autolut.engine.torch.upscaling import upscale_plane as torch_upscale_plane
from napari_autolut.model import Card
from napari_autolut.storage import load_model_file
from tests.models import identity_model, random_model

MODELS = [
    {},
    {"filters": True, "rotations": 1, "inputs": 5, "grid_size": 3},
    {"filters": True, "channels": 2, "table_dtype": "int16"},
    {"upscales": (1, 3), "residual": True, "channels": 2, "table_dtype": "int16"},
    {"upscales": (4,), "padding": "reflect", "dual": True},
    {"upscales": (1, 1, 1), "inputs": 2, "rotations": 1},
]


ARCHITECTURES = [
    Architecture(4, (2, 1), branches=1, window=3, shape="filter"),
    Architecture(4, branches=1, window=3, graph="spf"),
]


def random(changes, seed=0):
    return random_model(np.random.default_rng(seed), **changes)


@pytest.mark.parametrize("changes", MODELS)
def test_constant_images_come_back(changes):
    model = flattened(random(changes))
    for level in np.arange(0, 255.1, 12.75, np.float32):
        level = np.float32(round(4 * float(level)) / 4)
        answer = fast.upscale_plane(model, np.full((5, 4), level, np.float32))
        np.testing.assert_allclose(answer, level, atol=0.05)


@pytest.mark.parametrize("changes", MODELS)
def test_engines_agree_on_the_curve(changes):
    model = flattened(random(changes))
    plane = np.random.default_rng(1).uniform(0, 255, (19, 23)).astype(np.float32)
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)
    np.testing.assert_allclose(torch_upscale_plane(model, plane), expected, atol=0.01)


def test_a_new_curve_takes_the_place_of_an_old_one():
    model = random(MODELS[1])
    once = flattened(model)
    twice = flattened(once)
    assert len(twice.nodes[-1].branches) == len(model.nodes[-1].branches) + 1
    for a, b in zip(once.tables, twice.tables, strict=True):
        np.testing.assert_array_equal(a.values, b.values)
    bare = without_curve(once)
    plane = np.random.default_rng(2).uniform(0, 255, (9, 8)).astype(np.float32)
    np.testing.assert_array_equal(fast.upscale_plane(bare, plane), fast.upscale_plane(model, plane))


def test_models_that_round_stay_as_they_are():
    model = random({"rounding": "stage"})
    assert flattened(model) is model


def test_files_with_a_curve_are_of_format_3(tmp_path):
    model = flattened(random(MODELS[1]))
    path = save_model(model, tmp_path / "flat.safetensors")
    plane = np.random.default_rng(3).uniform(0, 255, (9, 8)).astype(np.float32)
    np.testing.assert_array_equal(
        fast.upscale_plane(load_model_file(path), plane), fast.upscale_plane(model, plane)
    )
    assert rb"\"format_version\": 3" in path.read_bytes()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_flat_table_is_trained_on_without_its_curve(architecture):
    model = Cascade(architecture, 3).to_model(Card("first"))
    before, after = (Cascade.from_model(each) for each in (model, flattened(model)))
    for key, tensor in before.state_dict().items():
        np.testing.assert_array_equal(after.state_dict()[key].numpy(), tensor.numpy())


def test_a_shipped_table_can_be_trained_on_at_another_scale():
    cascade = Cascade.from_model(load_model("natural-x4-light"))
    cascade.rescale(2)
    model = flattened(cascade.to_model(Card("x2")))
    answer = fast.upscale_plane(model, np.full((6, 6), 77.25, np.float32))
    np.testing.assert_allclose(answer, 77.25, atol=0.05)


def test_rows_are_moved_towards_constant_answers(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "training"))
    from flatten import nearly_flat

    model = random({"upscales": (1, 2), "grid_size": 9, "table_dtype": "int16", "noise": 2.0})
    levels = np.arange(0, 255, 8.5, np.float32)
    errors = [
        np.mean([abs(fast.upscale_plane(each, np.full((2, 2), v, np.float32)) - v) for v in levels])
        for each in (model, nearly_flat(model))
    ]
    assert errors[1] < 0.6 * errors[0]


def test_coring_is_what_ramps_need():
    rough = random({"upscales": (1, 2), "noise": 1.5, "table_dtype": "int8"})
    model = with_coring(flattened(rough))
    assert 0 < model.coring <= MAX_CORING
    before, after = ramp_error(replace(model, coring=0.0)), ramp_error(model)
    assert after < before and (after < 0.15 or model.coring == MAX_CORING)
    assert with_coring(model).coring == model.coring


def test_exact_tables_and_those_that_round_get_no_coring():
    for model in (random({"rounding": "stage"}), identity_model(1)):
        assert with_coring(model).coring == 0
