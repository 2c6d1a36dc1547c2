"""Models by name, by path and as they are."""

import errno
import os
import re
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import napari_autolut
from napari_autolut import ModelFileError, list_models, load_model, save_model
from napari_autolut.storage import CatalogueEntry, UnknownModelError, user_models_folder
from napari_autolut.storage.model_file import load_model_file
from tests.models import random_model

LUTS = Path(__file__).parents[2] / "luts"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user without models; gives the folder that would hold them."""
    monkeypatch.setattr(
        "napari_autolut.storage.catalogue.user_data_dir", lambda *_, **__: str(tmp_path)
    )
    return user_models_folder()


def saved(path, scale=2, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    return save_model(random_model(np.random.default_rng(0), upscales=(scale,)), path, **options)


def names(origin):
    return [entry.name for entry in list_models() if entry.origin == origin]


def test_shipped_models_are_those_of_the_repository(home):
    expected = sorted(path.stem for path in LUTS.glob("*.safetensors"))
    assert names("shipped") == expected
    assert names("user") == []


@pytest.mark.parametrize("path", sorted(LUTS.glob("*.safetensors")), ids=lambda path: path.stem)
def test_shipped_models_say_what_they_are(path):
    model = load_model(path.stem)
    assert model.name == path.stem
    assert model.card.licence
    assert model.card.training_data
    assert model.card.recipe


def test_looking_creates_nothing(home):
    list_models()
    assert not home.exists()


def test_the_users_own_models_by_name(home):
    saved(home / "b.safetensors", 2)
    saved(home / "a.safetensors", 4)
    (home / "notes.txt").write_text("not a model")
    (home / ".half.safetensors").write_bytes(b"being written")
    assert names("user") == ["a", "b"]
    assert load_model("a").scale == 4


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.ESTALE, errno.EIO])
def test_a_home_that_cannot_be_read_costs_the_users_own_models_alone(home, monkeypatch, number):
    """Another user's home, a share that went, or a folder that macOS keeps for itself."""
    iterdir = Path.iterdir

    def refused(folder):
        if folder == home:
            raise OSError(number, os.strerror(number), str(home))
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.warns(UserWarning, match="your own models are not listed") as said:
        assert "natural-x4" in [entry.name for entry in list_models()]
    assert str(home) in str(said[0].message) and os.strerror(number) in str(said[0].message)
    with pytest.warns(UserWarning), pytest.raises(UnknownModelError, match="no model named"):
        load_model("mine")


@pytest.mark.parametrize("path", sorted(LUTS.glob("*.safetensors")), ids=lambda path: path.stem)
def test_no_shipped_file_has_an_error_table_that_is_not_read(path):
    with path.open("rb") as file:
        header = file.read(int.from_bytes(file.read(8), "little"))
    model = load_model(path.stem)
    read = [each.expected_error for each in (model, *model.noisy)]
    assert header.count(b'expected_error":{"dtype"') == sum(each is not None for each in read)


def test_shipped_models_win(home):
    for path in LUTS.glob("*.safetensors"):
        saved(home / path.name, 1)
        assert load_model(path.stem).card.name == path.stem
        assert [entry.name for entry in list_models()].count(path.stem) == 2


@pytest.mark.parametrize("kind", [str, Path])
def test_by_path(home, tmp_path, kind):
    path = saved(tmp_path / "elsewhere" / "mine.safetensors", 3)
    assert load_model(kind(path)).scale == 3


def test_a_copy_of_a_shipped_model_has_a_name_of_its_own(home, tmp_path):
    own, original = home / "mine.safetensors", LUTS / "natural-x2.safetensors"
    home.mkdir(parents=True)
    shutil.copyfile(original, own)
    for model in (load_model("mine"), load_model(own)):
        assert model.name == model.card.name == "mine"
    assert load_model("natural-x2").name == "natural-x2"
    assert load_model_file(own).name == "natural-x2"


def test_a_model_is_itself(home):
    model = random_model(np.random.default_rng(0))
    assert load_model(model) is model


def test_a_model_that_has_just_gone(tmp_path, monkeypatch):
    gone = CatalogueEntry("gone", tmp_path / "gone.safetensors", "user")
    monkeypatch.setattr("napari_autolut.storage.catalogue.list_models", lambda: [gone])
    with pytest.raises(ModelFileError):
        load_model("gone")


def test_a_file_is_read_again_only_if_it_has_changed(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path)
    first = load_model(path)
    assert load_model(str(path)) is first
    saved(path, 3, overwrite=True)
    assert load_model(path).scale == 3
    path.unlink()
    with pytest.raises(ModelFileError, match="no such file"):
        load_model(path)


def test_an_unknown_name_says_where_the_known_are():
    words = "no model named 'other'; napari-autolut models, or list_models() in Python, lists all"
    with pytest.raises(UnknownModelError, match=re.escape(words)):
        load_model("other")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *((name, "natural-x2, natural-x") for name in ("naturl-x2", "Natural-X2", "natural_x2")),
        ("my-cell", "my-cells-x2"),
        ("lite", "denoise-10-light, denoise-3-light, .*, spf-light-x4"),
        ("phase", "phase-x2"),
    ],
)
def test_names_that_are_nearly_right_have_a_suggestion(home, name, meant):
    saved(home / "my-cells-x2.safetensors")
    with pytest.raises(UnknownModelError, match=rf"'{name}'; did you mean {meant}.*\? napari"):
        load_model(name)


@pytest.mark.parametrize("path", ["none.safetensors", "some/none", Path("none")])
def test_paths_to_nothing(home, path, monkeypatch):
    monkeypatch.setattr("os.sep", "\\")  # as on Windows, where people type the other one, too
    with pytest.raises(ModelFileError, match="no such file"):
        load_model(path)


@pytest.mark.parametrize("of_file", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_letters_with_marks_are_found_however_they_are_stored(home, of_file, typed):
    """macOS takes letters and marks apart, keyboards do not."""
    name = "\N{LATIN SMALL LETTER U WITH DIAERESIS}bung-x2"
    saved(home / f"{unicodedata.normalize(of_file, name)}.safetensors")
    assert load_model(unicodedata.normalize(typed, name)).scale == 2
    assert names("user") == [name]


def test_a_broken_model_is_listed_and_refused(home):
    home.mkdir(parents=True)
    (home / "broken.safetensors").write_bytes(b"broken")
    assert names("user") == ["broken"]
    with pytest.raises(ModelFileError, match=r"broken\.safetensors"):
        load_model("broken")


def test_the_public_names():
    assert set(napari_autolut.__all__) >= {
        "LutModel", "ModelFileError", "list_models", "load_model", "save_model", "upscale",
    }  # fmt: skip
