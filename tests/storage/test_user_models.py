"""Models that users add and remove."""

import pytest

from napari_autolut.storage import (
    CatalogueEntry,
    ModelFileError,
    catalogue_changes,
    list_models,
    save_model,
)
from napari_autolut.storage.user_models import add_model_file, remove_model
from tests.conftest import small_model


@pytest.fixture
def told():
    heard = []

    def hear():
        heard.append(0)

    catalogue_changes.happened.connect(hear)
    yield heard
    catalogue_changes.happened.disconnect(hear)


def test_what_is_added_is_in_the_catalogue_until_it_is_removed(models_folder, tmp_path, told):
    entry = add_model_file(save_model(small_model("mine", 2), tmp_path / "mine.safetensors"))
    assert entry in list_models()
    remove_model(entry)
    assert entry not in list_models()
    assert len(told) == 2
    remove_model(entry)


def test_only_valid_models_come_in(models_folder, tmp_path, told):
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    (tmp_path / "model.npy").write_bytes(b"nothing")
    for name in ("bad.safetensors", "model.npy", "missing.safetensors"):
        with pytest.raises(ModelFileError, match=name):
            add_model_file(tmp_path / name)
    assert told == []


def test_shipped_models_stay(models_folder):
    shipped = next(entry for entry in list_models() if entry.origin == "shipped")
    for entry in (shipped, CatalogueEntry(shipped.name, shipped.path, "user")):
        with pytest.raises(ValueError, match="came with napari-autolut"):
            remove_model(entry)
    assert shipped.path.exists()
