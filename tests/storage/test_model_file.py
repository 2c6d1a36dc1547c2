"""Model files: what is written comes back, and nothing broken gets in."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from safetensors.numpy import save_file

from napari_autolut.engine import plane_engine
from napari_autolut.model import Card, ModelError
from napari_autolut.storage import (
    ModelFileError,
    load_model,
    load_model_file,
    read_card,
    save_model,
)
from napari_autolut.storage.model_file import MODEL_FILE
from napari_autolut.util.atomic import atomic_write
from tests.modelfiles import good_file, opened, refused, rewritten
from tests.models import lut_models, planes, random_model

reference = plane_engine("reference")


@pytest.fixture
def path(tmp_path):
    return good_file(tmp_path)


# --- round trip ----------------------------------------------------------------------------------


@given(model=lut_models(max_grid_size=5), plane=planes(6))
def test_what_is_written_comes_back(tmp_path_factory, model, plane):
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    found = load_model_file(save_model(model, path))
    assert (found.scale, found.halo, found.rounding, found.padding, found.nbytes, found.card) == (
        model.scale, model.halo, model.rounding, model.padding, model.nbytes, model.card,
    )  # fmt: skip
    for table, original in zip(found.tables, model.tables, strict=True):
        assert type(table) is type(original)
    np.testing.assert_array_equal(reference(found, plane), reference(model, plane))


def test_the_whole_card_comes_back(tmp_path):
    card = Card(
        "näme", "denoising", "what", "CC-BY-4.0", "images", "recipe", "2026-01-01", "0..255",
        "paper", noise_sigma=10.0, noise_strength=1.5, benchmark={"Set5": {"psnr_y": 30.67}},
    )  # fmt: skip
    model = replace(random_model(np.random.default_rng(0)), card=card)
    assert load_model_file(save_model(model, tmp_path / "m.safetensors")).card == card


def test_other_entries_on_the_card_are_let_through(path):
    rewritten(path, lambda description, _: description["card"].update(colour="blue"))
    assert load_model_file(path).name == "random"


def test_equal_models_give_equal_bytes(path, tmp_path):
    again = save_model(load_model_file(path), tmp_path / "again.safetensors")
    assert again.read_bytes() == path.read_bytes()


# --- damaged files -------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_truncated(path, part):
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    refused(path, "a napari-autolut .safetensors file")


@pytest.mark.parametrize("lost", [1, 8])
def test_truncated_by_a_few_bytes(path, lost):
    path.write_bytes(path.read_bytes()[:-lost])
    refused(path)


def test_cut_at_every_part_of_the_header(path):
    content = path.read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    for end in (4, 7, 8, 9, header // 2, header - 1, header):
        path.write_bytes(content[:end])
        refused(path)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x93NUMPY\x01\x00", b"\x80\x04N."])
def test_not_safetensors(path, content):
    path.write_bytes(content * 100)
    refused(path, "a napari-autolut .safetensors file")


def test_what_is_no_model_is_named_as_it_was_given_in_plain_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.safetensors").write_bytes(b"hello world, this is text")
    save_file({"weight": np.zeros(2, np.float32)}, "other.safetensors", {"format": "pt"})
    kinds = {
        "text": "file: found a damaged file, or one of another kind, expected a napari-autolut "
        ".safetensors file",
        "other": "metadata: found format, expected an entry napari_autolut",
    }
    for name, problem in kinds.items():
        with pytest.raises(ModelFileError) as error:
            load_model(f"{name}.safetensors")
        assert str(error.value) == f"{name}.safetensors: {problem}"


def test_other_safetensors(path):
    save_file({"weight": np.zeros(3, np.float32)}, path)
    refused(path, "metadata", "an entry napari_autolut")


@pytest.mark.parametrize(
    ("text", "part"),
    [("{", "JSON"), ("[1]", "[1]"), ("3", "3"), ("null", "null"), ("[" * 10**5, "brackets")],
)
def test_metadata_that_is_no_description(path, text, part):
    save_file({"weight": np.zeros(3, np.float32)}, path, {MODEL_FILE.key: text})
    refused(path, "metadata", part)


@pytest.mark.parametrize("text", ["[" * 10**5, '{"card":' * 10**5])
def test_cards_that_are_no_description(path, text):
    save_file({"weight": np.zeros(3, np.float32)}, path, {MODEL_FILE.key: text})
    with pytest.raises(ModelFileError, match=r"metadata: found .* expected JSON"):
        read_card(path)


def test_types_that_numpy_has_not(path):
    tensor = {"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}
    header = json.dumps({**tensor, "__metadata__": {MODEL_FILE.key: "{}"}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"1234")
    refused(path, "file")


def test_changed_tensors(path):
    description, tensors = opened(path)
    name = next(name for name in tensors if name.endswith("table"))
    tensors[name] = tensors[name] ^ 1
    save_file(tensors, path, {MODEL_FILE.key: json.dumps(description)})
    refused(path, "sha256")


def test_a_flipped_bit_anywhere_in_the_tensors(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 4
    path.write_bytes(content)
    refused(path, "sha256")


@pytest.mark.parametrize("version", [MODEL_FILE.version + 1, 99])
def test_newer_formats(path, version):
    rewritten(path, lambda description, _: description.update(format_version=version))
    refused(path, "format_version", str(version), "a newer napari-autolut can read this file")


@pytest.mark.parametrize("version", [None, "1", 1.5, []])
def test_formats_that_are_no_number(path, version):
    rewritten(path, lambda description, _: description.update(format_version=version))
    refused(path, "format_version")


def test_a_folder(tmp_path):
    refused(tmp_path, "a folder", "a napari-autolut .safetensors file")


def test_no_file(tmp_path):
    refused(tmp_path / "none.safetensors", "no such file")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user without all rights")
def test_an_unreadable_file(path):
    path.chmod(0)
    refused(path, "file")


# --- writing -------------------------------------------------------------------------------------


def test_an_existing_file_stays(path):
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="exists already"):
        save_model(random_model(np.random.default_rng(1)), path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_overwriting_is_allowed_on_request(path):
    model = random_model(np.random.default_rng(1), upscales=(1, 4))
    save_model(model, path, overwrite=True)
    assert load_model_file(path).scale == 4
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_no_such_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        save_model(random_model(np.random.default_rng(0)), tmp_path / "none" / "m.safetensors")


@pytest.mark.parametrize("overwrite", [False, True])
def test_failing_while_writing_leaves_nothing(tmp_path, overwrite):
    target = tmp_path / "out.bin"
    with pytest.raises(OSError, match="disk full"), atomic_write(target, overwrite=overwrite) as t:
        t.write_bytes(b"half")
        raise OSError("disk full")
    assert list(tmp_path.iterdir()) == []


def test_failing_while_overwriting_keeps_the_old_file(tmp_path):
    target = tmp_path / "out.bin"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic_write(target, overwrite=True) as temporary:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_errors_are_value_errors_of_models(path):
    path.write_bytes(b"")
    with pytest.raises(ModelError):
        load_model_file(path)
    with pytest.raises(ValueError, match="found"):
        load_model_file(path)
