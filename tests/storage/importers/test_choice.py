"""Spellings of the same tables, and which of several sets in a folder is imported."""

import numpy as np
import pytest

from napari_autolut.engine.reference import upscale_plane
from napari_autolut.storage import ModelFileError
from napari_autolut.storage.importers import import_tables
from tests.storage.importers import tables
from tests.storage.importers.tables import picture


def load(folder, name):
    return np.load(folder / f"{name}.npy")


# --- spellings --------------------------------------------------------------------------------


def test_rows_may_be_flat_or_blocks(write):
    folder = write(tables.sr_lut("S", 6, 4))
    blocks = upscale_plane(import_tables(folder), picture())
    flat = load(folder, "Model_S_x4_6bit_int8").reshape(-1, 16)
    tables.save(folder, "Model_S_x4_6bit_int8", flat)
    np.testing.assert_array_equal(upscale_plane(import_tables(folder), picture()), blocks)


def test_mulut_files_may_be_named_by_the_kept_bits(write):
    """MuLUT's tester looks for 8 - interval where its exporter writes the interval."""
    folder = write(tables.mulut(1, "s", 2, bits=5))
    model = import_tables(folder)
    (folder / "LUT_ft_x2_5bit_int8_s1_s.npy").rename(folder / "LUT_ft_x2_3bit_int8_s1_s.npy")
    result = upscale_plane(import_tables(folder), picture())
    np.testing.assert_array_equal(result, upscale_plane(model, picture()))


def test_mulut_tables_without_sizes_in_their_names(write):
    folder = write(tables.mulut(2, "sd", 2, name="LUT"))
    model = import_tables(folder)
    for path in list(folder.glob("*.npy")):
        path.rename(folder / path.name.replace("_x2_6bit_int8", ""))
    result = upscale_plane(import_tables(folder), picture())
    np.testing.assert_array_equal(result, upscale_plane(model, picture()))


def test_the_first_name_of_dfc_indices(write):
    folder = write(tables.dfc_mulut(1, "s", 2))
    model = import_tables(folder)
    (folder / "ref2index_xyzt1i7.npy").rename(folder / "ref2index_L5_d1.npy")
    result = upscale_plane(import_tables(folder), picture())
    np.testing.assert_array_equal(result, upscale_plane(model, picture()))


def test_residuals_are_clamped(write):
    folder = write(tables.autolut(2, 1, 2))
    model = import_tables(folder)
    path = folder / "LUT_x2_6bit_int8_s1_0_residual.npy"
    np.save(path, np.clip(np.load(path), 0, 1))
    result = upscale_plane(import_tables(folder), picture())
    np.testing.assert_array_equal(result, upscale_plane(model, picture()))


# --- which of several -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tuned", "draft"),
    [
        (tables.mulut(2, "sd", 2, "LUT_ft"), tables.mulut(2, "sd", 2, "LUT")),
        (tables.spf("s", 2, "weight"), tables.spf("s", 2, "spf_lut_x4")),
    ],
)
def test_fine_tuned_tables_are_preferred(write, tuned, draft):
    folder = write(tuned, seed=1)
    expected = upscale_plane(import_tables(folder), picture())
    others = {path.name for path in folder.glob("*.npy")}
    write(draft, seed=2)
    np.testing.assert_array_equal(upscale_plane(import_tables(folder), picture()), expected)
    (named, *_) = [path for path in folder.glob("*.npy") if path.name not in others]
    assert (upscale_plane(import_tables(named), picture()) != expected).any()


def test_several_models_are_told_apart_by_file_or_layout(write):
    write(tables.sr_lut("S", 6, 2))
    write(tables.sr_lut("V", 0, 2))
    folder = write(tables.mulut(1, "sd", 4))
    with pytest.raises(ModelFileError, match=r"several models: LUT_ft.*Model_S.*Model_V"):
        import_tables(folder)
    assert import_tables(folder, "mulut").scale == 4
    assert import_tables(folder / "Model_V_x2_0bit_int8.npy").name == "SR-LUT V x2"
    with pytest.raises(ModelFileError, match="several models: Model_S"):
        import_tables(folder, "sr-lut")


def test_other_files_do_not_matter(write):
    folder = write(tables.mulut(1, "s", 2))
    (folder / "notes.txt").write_text("x")
    (folder / "._LUT_ft_x2_6bit_int8_s1_d.npy").write_bytes(b"left by a file manager")
    np.save(folder / "histogram.npy", np.arange(3))
    assert import_tables(folder).name == "MuLUT S x2"


def test_paths_relative_to_the_current_folder(write, monkeypatch):
    monkeypatch.chdir(write(tables.mulut(1, "s", 2)))
    assert import_tables("LUT_ft_x2_6bit_int8_s1_s.npy").scale == 2
    assert import_tables(".").scale == 2
