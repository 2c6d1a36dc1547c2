"""The noise floor: constant images and ramps stay, noise is taken away as before."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import load_model, save_model
from napari_autolut.engine import fast, reference
from napari_autolut.engine.noise_floor import without_changes_below
from napari_autolut.model import Card, LutModel, ModelError
from napari_autolut.storage import load_model_file
from tests.models import random_model

RNG = np.random.default_rng(5)
PLANE = RNG.uniform(30, 220, (13, 17)).astype(np.float32)


def test_the_largest_second_difference_says_how_much_is_changed():
    plane = np.full((5, 7), 100, np.float32)
    plane[2, 3] += 0.25  # second differences of -0.5 in every direction
    answer = without_changes_below(plane + 8, plane, 2.0, "edge") - plane
    assert answer[2, 3] == 2 and answer[1, 2] == answer[2, 2] == 1
    assert answer[0, 2] == answer[4, 4] == 1, "as the pixel beside it"
    assert answer[0, 0] == answer[2, 1] == answer[1, 5] == 0
    np.testing.assert_array_equal(without_changes_below(plane + 8, plane, 0, "edge"), plane + 8)


def test_noise_is_taken_away_as_before():
    model = load_model("denoise-10")
    bare = replace(model, noise_floor=0.0)
    noisy = (100 + RNG.normal(0, 10, (64, 64))).astype(np.float32)
    one, other = (fast.upscale_plane(each, noisy) for each in (model, bare))
    assert np.mean((one - other) ** 2) < 1e-3 * np.mean((noisy - other) ** 2)


@pytest.mark.parametrize("padding", ["edge", "reflect"])
@pytest.mark.parametrize("shape", [(13, 17), (1, 1), (1, 9), (9, 2), (3, 3)])
def test_the_fast_engine_has_the_references_bits(shape, padding, monkeypatch):
    plane = PLANE[: shape[0], : shape[1]]
    model = random_model(
        np.random.default_rng(1), upscales=(1, 1), padding=padding, noise_floor=15.0
    )
    expected = reference.upscale_plane(model, plane)
    monkeypatch.setattr(fast, "STREAMED", 1)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=3), expected)
    if plane.size > 100:
        assert (expected != reference.upscale_plane(replace(model, noise_floor=0.0), plane)).any()


def test_it_sees_the_pixels_beside_it():
    model = random_model(np.random.default_rng(2), upscales=(1,), window=1, noise_floor=1.0)
    assert model.halo == 2 and replace(model, noise_floor=0.0).halo == 0


def test_it_is_kept_in_the_file(tmp_path):
    path = save_model(
        random_model(RNG, upscales=(1,), noise_floor=1.25), tmp_path / "floor.safetensors"
    )
    assert load_model_file(path).noise_floor == 1.25
    assert rb"\"format_version\": 3" in path.read_bytes()


def test_other_values_and_models_are_refused():
    for noise_floor in (-1.0, 17.0, float("nan")):
        with pytest.raises(ModelError, match="noise floor"):
            random_model(RNG, upscales=(1,), noise_floor=noise_floor)
    with pytest.raises(ModelError, match="expected none in a model that enlarges"):
        random_model(RNG, upscales=(2,), noise_floor=1.0)
    model = random_model(RNG, rounding="stage")
    with pytest.raises(ModelError, match="expected none in a model that rounds"):
        LutModel(model.nodes, Card("rounds"), "stage", noise_floor=1.0)
