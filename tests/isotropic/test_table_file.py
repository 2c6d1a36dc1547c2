"""Files of tables: what is written is read, and nothing else is taken."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from napari_autolut import ModelFileError, load_model, make_isotropic
from napari_autolut.isotropic import (
    AxialBlur,
    IsotropicWarning,
    load_axial_tables,
    save_axial_tables,
)
from napari_autolut.isotropic.table import STRUCTURES, TAPS, AxialTable, cubic_table
from napari_autolut.isotropic.table_file import AXIAL_TABLES
from napari_autolut.storage.tensor_file import read_tensors, tensor_digest


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return AxialTable(
        3,
        rng.normal(size=(17, 3)).astype(np.float32),
        rng.normal(size=(STRUCTURES, TAPS, 3)).astype(np.float32),
        np.array([1, 5], np.float32),
        np.array([0.2, 0.6], np.float32),
        AxialBlur(1.5),
        detail=0.5,
        gain=1.25,
    )


@pytest.fixture
def path(table, tmp_path):
    return save_axial_tables([table, cubic_table(3, note="why")], tmp_path / "t.safetensors")


def test_what_is_written_is_read(path, table):
    first, second = load_axial_tables(path)
    for name in ("base", "filters", "strengths", "coherences"):
        np.testing.assert_array_equal(getattr(first, name), getattr(table, name))
    assert (first.factor, first.blur, first.detail, first.gain) == (3, AxialBlur(1.5), 0.5, 1.25)
    assert second.is_cubic and second.note == "why"


def test_what_was_not_sure_of_a_table_is_said_on_its_next_stack(table, tmp_path):
    doubted = replace(table, remark="1.5 dB below cubic if slices are means", doubtful=True)
    path = save_axial_tables([doubted], tmp_path / "doubted.safetensors")
    with pytest.warns(IsotropicWarning, match="Gaussian of 1.5 pixels: 1.5 dB below cubic if"):
        make_isotropic(np.zeros((4, 20, 20), np.uint8), 3, table=path)


def test_files_that_are_older_than_remarks_are_read(path):
    def older(description, tensors):
        for name in ("remark", "doubtful"):
            del description["tables"][0][name]

    _changed(path, older)
    first, _ = load_axial_tables(path)
    assert first.remark == "" and not first.doubtful


def test_a_file_is_not_replaced_unasked(path, table):
    with pytest.raises(FileExistsError):
        save_axial_tables([table], path)
    assert len(load_axial_tables(save_axial_tables([table], path, overwrite=True))) == 1


def _changed(path, change):
    description, tensors = read_tensors(path, AXIAL_TABLES)
    tensors = dict(load_file(path))
    change(description, tensors)
    description["sha256"] = tensor_digest(tensors)
    save_file(tensors, path, {AXIAL_TABLES.key: json.dumps(description)})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d, t: d.update(format_version=2), "format_version"),
        (lambda d, t: d.update(tables=[]), "tables"),
        (lambda d, t: d["tables"][0].update(factor=99), "factor"),
        (lambda d, t: d["tables"][0].update(factor="3"), "factor"),
        (lambda d, t: d["tables"][0].update(sigma=-1), "Gaussian"),
        (lambda d, t: d["tables"][0].pop("gain"), "gain"),
        (lambda d, t: d["tables"][0].update(doubtful="no"), "doubtful"),
        (lambda d, t: t.update({"0.base": t["0.base"][:5]}), "base"),
        (lambda d, t: t.update({"0.base": t["0.base"].astype(np.float64)}), "base dtype"),
        (lambda d, t: t["0.filters"].fill(np.nan), "filters"),
        (lambda d, t: t.update({"0.strengths": np.array([5, 1], np.float32)}), "strengths"),
        (lambda d, t: t.pop("1.coherences"), "coherences"),
    ],
)
def test_files_that_are_no_tables(path, change, says):
    _changed(path, change)
    with pytest.raises(ModelFileError, match=says) as caught:
        load_axial_tables(path)
    assert str(path) in str(caught.value)


def test_bytes_that_changed_are_noticed(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="sha256"):
        load_axial_tables(path)


def test_models_and_tables_for_z_are_told_apart(path, models_folder):
    with pytest.raises(ModelFileError, match="napari_autolut"):
        load_model(path)
    model = next((models_folder / "shipped").glob("*.safetensors"), None)
    if model is not None:
        with pytest.raises(ModelFileError, match="entry napari_autolut_axial"):
            load_axial_tables(model)
