"""What a dock offers before a training."""

from dataclasses import replace
from pathlib import Path

import pytest

from autolut_training.data.crop_source import smallest_side
from autolut_training.models.build import new_model
from autolut_training.models.quantise import in_16_bits
from autolut_training.settings import SettingsError, read_recipe
from napari_autolut import save_model
from napari_autolut.model import Card
from napari_autolut.training.choices import (
    PRESETS,
    SMALLEST_SIDE,
    free_name,
    name_error,
    suggested_name,
    validation_error,
)
from napari_autolut.training.request import TrainRequest

MARKS_APART = "U\N{COMBINING DIAERESIS}bung"
"""As macOS stores names."""


def test_presets_name_no_gain_beside_those_of_the_models_list():
    """Figures of other images than the list's differ: 2.7 dB here, 1.5 dB there, of one model."""
    assert [preset.title for preset in PRESETS if "dB" in preset.words] == []


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.recipe)
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_the_expected_size_is_that_of_what_is_trained(preset, scale, tmp_path):
    settings, _ = read_recipe(preset.recipe)
    assert smallest_side(settings.data.crop) == SMALLEST_SIDE
    noise = 5.0 if scale == 1 else 0.0
    trained = new_model(settings.changed(scale=scale, noise=noise))
    path = save_model(trained.to_model(Card("own")), tmp_path / "own.safetensors")
    assert preset.nbytes(scale) == pytest.approx(path.stat().st_size, rel=0.15)
    finer = in_16_bits(trained.to_model(Card("own"), quantise=False))
    path = save_model(finer, path, overwrite=True)
    assert 1.4 < path.stat().st_size / preset.nbytes(scale) < 2.1, "twice that, as the dock says"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the model a name"),
        (" own", "begins with a letter"),
        (".own", "begins with a letter"),
        ("~own", "begins with a letter"),
        ("own.", "does not end with a dot"),
        ("a/b", "cannot hold /"),
        ("a:b", "cannot hold :"),
        ("NUL", "cannot be the name of a file"),
        ("a" * 80, "cannot be the name of a file"),
        ("Natural-X4", "There is a model 'Natural-X4' already"),
        ("\N{LATIN SMALL LETTER U WITH DIAERESIS}bung", "already"),
    ],
)
def test_names_that_cannot_be(name, words):
    assert words in name_error(name, ["natural-x4", MARKS_APART])


@pytest.mark.parametrize("name", ["own", "meine Zellen x2", "ядра-x2", "a.b", "x+1"])
def test_names_that_can_be(name):
    assert name_error(name, ["natural-x4"]) == ""


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("My Cells (2024)", "my-cells-2024-x2"),
        ("...", "own-x2"),
        ("nuclei", "nuclei-x2-2"),
        (MARKS_APART, "\N{LATIN SMALL LETTER U WITH DIAERESIS}bung-x2"),
    ],
)
def test_a_name_is_suggested_that_can_be(origin, name):
    taken = ["nuclei-x2"]
    assert suggested_name(origin, 2, taken) == name
    assert name_error(name, taken) == ""


def test_the_first_number_that_is_free():
    assert free_name("a", ["A", "a-2"]) == "a-3"
    assert free_name("\N{LATIN SMALL LETTER U WITH DIAERESIS}bung", [MARKS_APART])[-2:] == "-2"


def test_scale_1_needs_something_to_undo():
    nothing = TrainRequest(Path("/i"), Path("a"), scale=1)
    assert "something to undo" in validation_error(nothing)
    for undoes in (
        {"degradation": {"noise": 3.0}}, {"lr": Path("/s")}, {"noisy": True}, {"scale": 2},
    ):  # fmt: skip
        assert validation_error(replace(nothing, **undoes)) == ""


@pytest.mark.parametrize("content", [b"\x89PNG\xff", b"data = 5", b"[card", b"card = 3"])
def test_a_recipe_that_is_none_is_named(tmp_path, content):
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"my\.toml"):
        read_recipe(str(path))
