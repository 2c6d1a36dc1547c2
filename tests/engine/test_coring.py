"""Coring: small differences from bicubic interpolation go, large ones stay."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import save_model
from napari_autolut.arrays import resize
from napari_autolut.engine import fast, reference
from napari_autolut.engine.coring import cored
from napari_autolut.model import Card, LutModel, ModelError
from napari_autolut.storage import load_model_file
from tests.models import random_model

RNG = np.random.default_rng(5)
PLANE = RNG.uniform(30, 220, (13, 17)).astype(np.float32)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_what_hardly_differs_from_bicubic_is_bicubic(scale):
    bicubic = resize(PLANE, scale)
    near = (bicubic + RNG.uniform(-0.9, 0.9, bicubic.shape)).astype(np.float32)
    inside = slice(2 * scale, -2 * scale)  # borders are continued in other ways
    np.testing.assert_allclose(
        cored(near, PLANE, 1.0, "edge")[inside, inside], bicubic[inside, inside], atol=1e-3
    )


def test_differences_shrink_less_the_larger_they_are():
    for difference, left in ((0.5, 0.0), (1.0, 0.0), (2.0, 1.5), (-2.0, -1.5), (10.0, 9.9)):
        answer = cored(PLANE + np.float32(difference), PLANE, 1.0, "edge")
        np.testing.assert_allclose(answer - PLANE, left, atol=1e-4)


@pytest.mark.parametrize("upscales", [(1,), (2, 2), (3,), (2, 2, 2)])
def test_bands_cut_anywhere_give_the_same_bits(upscales, monkeypatch):
    model = random_model(np.random.default_rng(1), upscales=upscales, coring=2.0)
    expected = reference.upscale_plane(model, PLANE)
    monkeypatch.setattr(fast, "STREAMED", 1)
    np.testing.assert_array_equal(fast.upscale_plane(model, PLANE, threads=3), expected)
    bare = reference.upscale_plane(replace(model, coring=0.0), PLANE)
    assert (expected != bare).any()


def test_one_pixel_and_its_halo():
    model = random_model(np.random.default_rng(2), upscales=(2,), window=1, coring=1.0)
    assert model.halo == 2 and replace(model, coring=0.0).halo == 0
    for plane in (PLANE[:1, :1], PLANE[:1], PLANE[:, :1]):
        answer = fast.upscale_plane(model, plane)
        np.testing.assert_array_equal(answer, reference.upscale_plane(model, plane))


def test_it_is_kept_in_the_file(tmp_path):
    model = random_model(np.random.default_rng(3), coring=1.25)
    path = save_model(model, tmp_path / "cored.safetensors")
    assert load_model_file(path).coring == 1.25
    assert rb"\"format_version\": 3" in path.read_bytes()


@pytest.mark.parametrize("coring", [-1.0, 17.0, float("nan")])
def test_other_values_are_refused(coring):
    with pytest.raises(ModelError, match="coring"):
        random_model(RNG, coring=coring)


def test_models_that_round_have_none():
    model = random_model(RNG, rounding="stage")
    with pytest.raises(ModelError, match="coring"):
        LutModel(model.nodes, Card("rounds"), "stage", coring=1.0)
