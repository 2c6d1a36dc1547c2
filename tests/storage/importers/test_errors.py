"""Tables that cannot be imported: each error names the file, what it holds and what it should."""

import mmap
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.model import LutModel
from napari_autolut.storage import ModelFileError
from napari_autolut.storage.importers import import_tables
from tests.storage.importers import tables
from tests.storage.importers.refusals import SR_LUT, error_of

MULUT = tables.mulut(2, "sd", 2)
AUTOLUT = tables.autolut(2, 2, 2)
DFC = tables.dfc_mulut(2, "sd", 2)
SPF = tables.spf("s", 2, sampled=True)


def ragged() -> np.ndarray:
    return np.array([{"a": 1}, None], dtype=object)


def test_unknown_layout(write):
    assert "layout: found svg, expected auto, sr-lut, mulut" in str(error_of(write(MULUT), "svg"))


def test_no_such_place(tmp_path):
    error = error_of(tmp_path / "nowhere")
    assert error.path == tmp_path / "nowhere"
    assert "no such file or folder" in str(error)


def test_empty_folder(tmp_path):
    assert "no .npy file, expected tables with names like Model_S" in str(error_of(tmp_path))


@pytest.mark.parametrize("name", ["weights.npy", "LUT_x4.npy", "Model_Q_x4_4bit_int8.npy"])
def test_unknown_names(tmp_path, name):
    np.save(tmp_path / name, np.zeros(3))
    assert f"file names: found {name}" in str(error_of(tmp_path))
    assert error_of(tmp_path / name).path == tmp_path / name


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "model.pth").write_bytes(b"x")
    assert "file name: found model.pth" in str(error_of(tmp_path / "model.pth"))


def test_samplers_alone(write):
    folder = write(AUTOLUT)
    for path in folder.glob("*_?.npy"):
        path.unlink()
    assert "expected tables with names like" in str(error_of(folder))


def test_another_layout_than_named(write):
    error = error_of(write(AUTOLUT), "dfc")
    assert "layout: found tables for autolut, expected dfc" in str(error)


@pytest.mark.parametrize(
    ("writer", "missing"),
    [
        (MULUT, "LUT_ft_x2_6bit_int8_s2_d"),
        (MULUT, "LUT_ft_x2_6bit_int8_s1_s"),
        (AUTOLUT, "LUT_x2_6bit_int8_s0_1"),
        (AUTOLUT, "LUT_x2_6bit_int8_s0_1_sampler"),
        (AUTOLUT, "LUT_x2_6bit_int8_s1_0_residual"),
        (DFC, "LUT_ft_s1_s_compress2"),
        (DFC, "LUT_ft_s2_d_compress1"),
        (SPF, "weight_s3c0_s"),
        (SPF, "weight_s6c2_s"),
        (SPF, "weight_s5_channel"),
        (SPF, "sampler_s6c1_s"),
        (SPF, "residual_s2c0_s"),
        (tables.dfc_spf("s", 1, mark="_c"), "spf_lut_s6_c3_s_compress2"),
    ],
)
def test_missing_files_are_named(write, writer, missing):
    folder = write(writer)
    (folder / f"{missing}.npy").unlink()
    error = error_of(folder)
    assert error.path == folder
    assert f"files: found no {missing}.npy, expected every file of the set" in str(error)


@pytest.mark.parametrize(
    ("writer", "missing", "message"),
    [
        (AUTOLUT, ["*_s0_*"], "no LUT_x2_6bit_int8_s0_0.npy, "),
        (AUTOLUT, ["*_[sr]*[rl].npy"], "no LUT_x2_6bit_int8_s0_0_sampler.npy"),
        (SPF, ["sampler_*", "weight_s[1-4]*"],
         "weight_s2c0_s.npy, sampler_s2c0_s.npy and 8 more, expected"),
        (DFC, ["ref2index_*"], "no ref2index_*.npy"),
    ],
    ids=["a stage", "samplers of numbered branches", "many, which are counted", "the index"],
)  # fmt: skip
def test_missing_parts_are_named(write, writer, missing, message):
    folder = write(writer)
    for path in [path for pattern in missing for path in folder.glob(pattern)]:
        path.unlink()
    assert message in str(error_of(folder))


def test_two_dfc_indices(write):
    folder = write(DFC)
    np.save(folder / "ref2index_xyzt2i7.npy", tables.index(5, 2))
    assert "several indices: ref2index_xyzt1i7.npy, ref2index_xyzt2i7.npy" in str(error_of(folder))


def test_a_stage_number_out_of_this_world(write):
    folder = write(MULUT)
    np.save(folder / "LUT_ft_x2_6bit_int8_s4000000000_s.npy", np.zeros(3, np.int8))
    assert "s4000000000, expected at most 64 stages" in str(error_of(folder))


@pytest.mark.parametrize(
    ("writer", "name", "content", "message"),
    [
        (SR_LUT, "Model_S_x2_6bit_int8", np.zeros((624, 4), np.int8), "expected 625 rows of 4"),
        (SR_LUT, "Model_S_x2_6bit_int8", np.zeros((625, 9), np.int8), "expected (rows, 4)"),
        (SR_LUT, "Model_S_x2_6bit_int8", np.int8(3), "table shape: found ()"),
        (SR_LUT, "Model_S_x2_6bit_int8", np.zeros((0, 4), np.int8), "found (0, 4) (0 rows)"),
        (SR_LUT, "Model_S_x2_6bit_int8", np.zeros((625, 4)), "dtype: found float64, expected int8"),
        (MULUT, "LUT_ft_x2_6bit_int8_s1_s", np.zeros((625, 4), np.int8), "expected (rows, 1)"),
        (MULUT, "LUT_ft_x2_6bit_int8_s2_d", np.zeros((81, 4), np.int8), "(81 rows), expected 625"),
        (MULUT, "LUT_ft_x2_6bit_int8_s2_d", np.zeros((625, 1), np.uint8), "dtype: found uint8"),
        (AUTOLUT, "LUT_x2_6bit_int8_s0_1_sampler", np.zeros((4, 1, 3, 2), np.float32),
         "sampler shape: found (4, 1, 3, 2), expected (4, 1, K, K)"),
        (AUTOLUT, "LUT_x2_6bit_int8_s0_1_sampler", np.zeros((4, 1, 17, 17), np.float32),
         "K from 1 to 15"),
        (AUTOLUT, "LUT_x2_6bit_int8_s0_1_sampler", np.zeros((4, 1, 3, 3), np.int8),
         "dtype: found int8, expected sampler logits as float32"),
        (AUTOLUT, "LUT_x2_6bit_int8_s0_1_sampler", np.full((4, 1, 3, 3), np.nan),
         "sampler logits: found NaN or infinity"),
        (AUTOLUT, "LUT_x2_6bit_int8_s1_1_residual", np.zeros((2, 3), np.float32),
         "residual shape: found (2, 3), expected (2, 2)"),
        (AUTOLUT, "LUT_x2_6bit_int8_s1_1_residual", np.full((2, 2), np.inf),
         "residual weights: found NaN or infinity"),
        (DFC, "ref2index_xyzt1i7", np.zeros((5, 3, 3, 3)), "index: found float64 (5, 3, 3, 3)"),
        (DFC, "ref2index_xyzt1i7", np.zeros((5, 5, 5, 5), int), "index: found int64 (5, 5, 5, 5)"),
        (DFC, "ref2index_xyzt1i7", np.zeros((5, 3), int), "expected whole numbers (L, 2d + 1"),
        (DFC, "ref2index_xyzt1i7", np.zeros((6, 3, 3, 3), int), "grid size: found 6"),
        (DFC, "ref2index_xyzt1i7", tables.index(5, 1) // 2, "not each named once"),
        (DFC, "ref2index_xyzt1i7", tables.index(5, 1) + 1, "not each named once"),
        (DFC, "ref2index_xyzt1i7", np.arange(135).reshape(5, 3, 3, 3), "not each named once"),
        (DFC, "LUT_ft_s2_s_compress1", np.zeros((7, 4), np.int8), "found 7 rows, expected 97 rows"),
        (DFC, "LUT_ft_s2_s_compress2", np.zeros((81, 9), np.int8), "expected (rows, 4)"),
        (DFC, "LUT_ft_s2_s_compress2", np.zeros((625, 4), np.int8), "expected 81 rows of 4"),
        (SPF, "weight_s5_channel", np.zeros(13, np.int8), "table shape: found (13,)"),
        (SPF, "weight_s6c1_s", np.zeros((625, 9), np.int8), "expected (rows, 4)"),
    ],
)  # fmt: skip
def test_wrong_contents_are_named(write, writer, name, content, message):
    folder = write(writer)
    np.save(folder / f"{name}.npy", content)
    error = error_of(folder)
    assert error.path == folder / f"{name}.npy"
    assert message in str(error)


@pytest.mark.parametrize("columns", [2, 25, 64])
def test_outputs_that_are_no_block(write, columns):
    folder = write(tables.spf("s", 2))
    for channel in range(4):
        np.save(folder / f"weight_s6c{channel}_s.npy", np.zeros((625, columns), np.int8))
    assert f"weight outputs: found {columns}, expected r * r for r = 1, 2" in str(error_of(folder))


def test_scales_and_grids_that_no_model_may_have(tmp_path):
    np.save(tmp_path / "Model_S_x5_6bit_int8.npy", np.zeros((625, 25), np.int8))
    assert "upscale: found 5, expected 1, 2, 3 or 4" in str(error_of(tmp_path))
    np.save(tmp_path / "Model_V_x2_9bit_int8.npy", np.zeros((1, 4), np.int8))
    error = error_of(tmp_path / "Model_V_x2_9bit_int8.npy")
    assert "grid size: found 1" in str(error)


def test_patterns_that_the_papers_have_not_published(write):
    folder = write(tables.mulut(1, "se", 2))
    error = error_of(folder)
    assert error.path == folder / "LUT_ft_x2_6bit_int8_s1_e.npy"
    assert "branch: found 'e', expected s, d or y" in str(error)


@pytest.mark.parametrize("axes", ["xy", "xyz"])
def test_dfc_over_fewer_inputs(write, axes):
    folder = write(DFC)
    (folder / "ref2index_xyzt1i7.npy").rename(folder / f"ref2index_{axes}1i7.npy")
    message = f"compressed axes: found tables compressed over {axes}, expected tables compressed"
    assert message in str(error_of(folder))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(b""), "something else than a .npy file"),
        (lambda path: path.write_bytes(b"PK\x03\x04 a zip archive"), "something else"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "unreadable content"),
        (lambda path: path.write_bytes(path.read_bytes()[:40]), "unreadable content"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"|i1", b"|01")), "unreadable"),
        (lambda path: np.save(path, ragged(), allow_pickle=True), "unreadable content"),
        (lambda path: (path.unlink(), path.mkdir()), "a folder or device"),
    ],
)
def test_files_that_are_no_arrays(write, spoil, message):
    folder = write(SR_LUT)
    path = folder / "Model_S_x2_6bit_int8.npy"
    spoil(path)
    error = error_of(folder)
    assert error.path == path
    assert message in str(error)
    assert "expected a whole .npy file of plain numbers" in str(error)


def test_a_header_that_promises_terabytes(write):
    path = write(SR_LUT) / "Model_S_x2_6bit_int8.npy"
    content = path.read_bytes()
    header = content.replace(b"(625, 1, 2, 2), }", b"(9999999999999,)}")
    assert len(header) == len(content)
    path.write_bytes(header)
    assert "unreadable content" in str(error_of(path))


def test_a_folder_that_may_not_be_listed_is_called_that(write, monkeypatch):
    """As macOS has it for Documents, Desktop and shares."""

    def denied(*_):
        raise PermissionError(1, "Operation not permitted")

    folder = write(SR_LUT)
    monkeypatch.setattr(os, "listdir", denied)
    monkeypatch.setattr(os, "scandir", denied)
    for source in (folder, folder / "Model_S_x2_6bit_int8.npy"):
        with pytest.raises(ModelFileError, match="Operation not permitted"):
            import_tables(source)


def test_no_file_is_mapped(write, monkeypatch):
    """Windows lets nobody replace or delete a file that is."""

    def mapped(*_, **__):
        raise AssertionError("mapped")

    folder = write(SR_LUT)
    monkeypatch.setattr(mmap, "mmap", mapped)
    assert import_tables(folder).scale == 2


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoiled")
    SR_LUT(folder, np.random.default_rng(0))
    path = folder / "Model_S_x2_6bit_int8.npy"
    return path, path.read_bytes()


@pytest.mark.filterwarnings("ignore:Reading `.npy`:UserWarning")
@given(places=st.dictionaries(st.integers(0, 127), st.integers(0, 255), min_size=1, max_size=4))
def test_no_header_makes_it_stumble(spoiled, places):
    path: Path = spoiled[0]
    content = bytearray(spoiled[1])
    for place, byte in places.items():
        content[place] = byte
    path.write_bytes(content)
    try:
        model = import_tables(path)
    except ModelFileError as error:
        assert error.path == path
    else:
        assert isinstance(model, LutModel)
