"""Settings of any kind of nonsense are one sentence that names the setting, before any work."""

from dataclasses import fields
from pathlib import Path

import pytest

from autolut_training.settings import (
    GROUPS,
    Settings,
    SettingsError,
    read_recipe,
    settings_of,
)
from napari_autolut.training.request import TrainRequest

NAMES = [(group, each.name) for group, kind in GROUPS.items() for each in fields(kind)]

NONSENSE = [
    -1, 2**70, float("nan"), float("inf"), "\0", "../x", {"a": 1}, (), ((),), ("a",),
    (float("nan"),),    ((0.0, 10**8),), ((0.0, -3),), (10**9, 1), True,
]  # fmt: skip


@pytest.mark.parametrize(("group", "name"), NAMES)
def test_every_setting_names_itself(group, name):
    refused = 0
    for value in NONSENSE:
        try:
            Settings.of(**{name: value})
        except SettingsError as error:
            assert str(error).startswith((f"{group}.", "data: "))
            assert "expected" in str(error)
            assert len(str(error)) < 250
            refused += 1
    assert refused >= len(NONSENSE) - 2, "a file's name may be any text, a switch is true"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"device": "cuda:x"}, "device: found cuda:x, expected cpu"),
        ({"table_lr": 1e300}, "table_lr: found 1e"),
        ({"grids": ((0.0, 9), (0.5, 5))}, "sizes that rise"),
        ({"grids": ((0.0, 5), (0.5, 17)), "shape": "filter"}, "at most 9 for filter branches"),
        ({"grids": ((0.0, 5), (0.0, 9))}, "fractions of the run that rise"),
        ({"branches": 10**9}, r"branches: found 1000000000, expected 1 to 64"),
        ({"stabilised": True, "noise": 3}, "stabilised: found True, expected false but at scale 1"),
        ({"stabilised": True, "scale": 1}, "stabilised: found True, expected false but with noise"),
        ({"jpeg": 1.5}, r"jpeg: found 1\.5, expected a whole number"),
        ({"channels": (1,) * 10**5}, r"channels: found .*\.\.\., expected at most 64 stages"),
        ({"multi_scale": (0.5,) * 10**5}, "expected at most 16 fractions from 0.1 to 1"),
        ({"extra_downscales": (2,) * 10**5}, "different whole numbers from 2"),
    ],
)
def test_bounds(change, words):
    with pytest.raises(SettingsError, match=words):
        Settings.of(**change)


def asked(**changes):
    return TrainRequest(Path("images"), Path("own.safetensors"), **changes)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asked(degradation={"scale": 2}), "degradation.scale: found no such setting"),
        (asked(settings={"speed": 1}), "speed: found no such setting"),
        (asked(recipe=""), "recipe: found no ''"),
        (asked(recipe="Lights"), r"found no 'Lights', did you mean light\? Expected a TOML"),
        (TrainRequest(Path("images"), Path("own.npy")), r"ends with \.safetensors"),
        (TrainRequest(Path("images"), Path("con.safetensors")), "Windows keeps for devices"),
    ],
)
def test_a_request_is_checked_without_its_images(request_, words):
    with pytest.raises(SettingsError, match=words):
        settings_of(request_, lambda images, lr: 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("card = 3", "card: found 3, expected a table"),
        ("[card]\nname = 'x'", r"card\.name: found no such text, expected task"),
        ("[card]\ntask = 3", r"card\.task: found 3, expected a text"),
    ],
)
def test_texts_of_a_recipe(tmp_path, text, words):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_recipe(str(path))
