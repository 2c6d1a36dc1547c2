"""Files that others read: what they give is kept, what they lack is said."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from xarray import DataArray

from napari_autolut.io import ImageFileError, list_series, read_image
from napari_autolut.io.foreign import metaimage, reading
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.foreign_kinds import FOREIGN
from tests.io.foreign.fake_bioio import DATA, FakeImage, file
from tests.io.foreign.folder import enlarged


@pytest.mark.usefixtures("bioio")
def test_scenes_of_bioio(tmp_path: Path) -> None:
    path = file(tmp_path)
    assert [str(each) for each in list_series(path)] == [
        "0 (first, 9 x 8, T 2, C 3)", "1 (second, 9 x 8)"]  # fmt: skip
    found = read_image(path)
    assert (found.axes, found.unit) == ("TCYX", "µm")
    assert found.pixel_size == pytest.approx({"T": 1.5, "Y": 0.5, "X": 0.25})
    assert [each.name for each in found.channels] == ["DAPI", "GFP", "RFP"]
    np.testing.assert_array_equal(found.data, DATA[:, :, 0])
    assert found.not_kept == ("all but the first of its 4 images along H",)
    second = read_image(path, series=1)
    assert second.axes == "YX"
    np.testing.assert_array_equal(second.data, DATA[0, 0, 0] + 1)
    assert hasattr(read_image(path, memmap_above=0).data, "dask")


@pytest.mark.usefixtures("bioio")
def test_a_scene_that_cannot_be_read_is_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One spectrum among its images kept a whole LIF from being read."""
    given = FakeImage.xarray_dask_data.fget

    def spectrum(image: FakeImage) -> DataArray:
        if image.current_scene_index:
            raise ValueError("axes don't match array")
        return given(image)

    monkeypatch.setattr(FakeImage, "xarray_dask_data", property(spectrum))
    path = file(tmp_path)
    assert [each.name for each in list_series(path)] == ["first"]
    assert read_image(path).not_kept[-1].startswith("the scene second, which ")


@pytest.mark.usefixtures("bioio")
def test_a_folder_of_them(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file(tmp_path / "in", "a.CZI")
    out = enlarged(tmp_path / "in")
    listed = list_series(out)
    assert [(each.name, each.lengths["X"]) for each in listed] == [("first", 18), ("second", 18)]
    assert read_image(out).pixel_size == pytest.approx({"T": 1.5, "Y": 0.25, "X": 0.125})


@pytest.mark.usefixtures("bioio")
def test_an_error_of_a_reader_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"reader could not .*; copy it again") as error:
        read_image(file(tmp_path, content=b"damaged"))
    assert "\n" not in str(error.value) and "a.czi" in str(error.value)


@pytest.mark.usefixtures("bioio")
@pytest.mark.parametrize("memmap_above", [0, math.inf])
def test_so_is_one_of_a_plane_that_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memmap_above: float
) -> None:
    """A folder of CZIs written to Zarrs must not end at the first damaged plane."""
    given = FakeImage.xarray_dask_data.fget

    def damaged(block: np.ndarray, block_info: dict) -> np.ndarray:
        if block_info[0]["chunk-location"][0]:
            raise RuntimeError("Zstd-decompression produced\nunexpected size")
        return block

    def with_damage(image: FakeImage) -> DataArray:
        found = given(image)
        return found.copy(data=found.data.rechunk((1, 1, 1, 8, 9)).map_blocks(damaged, dtype="u2"))

    monkeypatch.setattr(FakeImage, "xarray_dask_data", property(with_damage))
    path = file(tmp_path)
    expected = rf"^{re.escape(str(path))}: its reader could not .* size\); copy it again"
    with pytest.raises(ImageFileError, match=expected):
        found = read_image(path, memmap_above=memmap_above).data
        np.testing.assert_array_equal(found[0], DATA[0, :, 0])
        np.asarray(found)


@pytest.mark.usefixtures("bioio")
def test_tiles_of_a_plane_read_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large planes of an ND2 or LIF are not read again for each tile."""
    given, read = FakeImage.xarray_dask_data.fget, []

    def counted(block: np.ndarray, block_info: dict) -> np.ndarray:
        read.append(block_info[0]["chunk-location"])
        return block

    def counting(image: FakeImage) -> DataArray:
        found = given(image)
        return found.copy(data=found.data.rechunk((1, 1, 1, 8, 9)).map_blocks(counted, dtype="u2"))

    monkeypatch.setattr(FakeImage, "xarray_dask_data", property(counting))
    found = read_image(file(tmp_path), memmap_above=0).data
    for plane in np.ndindex(2, 3):
        for rows in (slice(0, 5), slice(3, 8)):
            np.testing.assert_array_equal(
                np.asarray(found[plane][rows]), DATA[:, :, 0][plane][rows]
            )
    assert len(read) == 6


def test_of_readers_that_all_fail_the_first_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(words: str) -> reading.Reader:
        def read(_: Path) -> Sequence[Scene]:
            raise KeyError(words)

        return read

    monkeypatch.setattr(reading, "READERS", (failing("of its kind"), failing("of another")))
    with pytest.raises(ImageFileError, match="KeyError: 'of its kind'"):
        read_image(file(tmp_path))


@pytest.mark.usefixtures("bioio", "plugins")
def test_without_its_reader_the_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_autolut.io.foreign_kinds.find_spec", lambda _: None)
    with pytest.raises(ImageFileError, match="bioio-czi, or install a napari plugin"):
        read_image(file(tmp_path, content=b"unknown"))


@pytest.mark.usefixtures("no_bioio", "plugins")
@pytest.mark.parametrize("suffix", [each for each in FOREIGN if each not in metaimage.SUFFIXES])
def test_without_bioio_the_sentence_says_what_to_install(tmp_path: Path, suffix: str) -> None:
    packages = f'"napari-autolut[bioio]" {FOREIGN[suffix].package}'.strip()
    with pytest.raises(ImageFileError, match=re.escape(f"pip install {packages}, or install")):
        list_series(file(tmp_path, f"a{suffix}"))


@pytest.mark.usefixtures("bioio", "plugins")
def test_where_the_reader_is_installed_the_file_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_autolut.io.foreign_kinds.find_spec", lambda _: True)
    with pytest.raises(ImageFileError, match="bioio-czi can read; it may be damaged"):
        read_image(file(tmp_path, content=b"unknown"))
    with pytest.raises(ImageFileError, match="found an empty file"):
        read_image(file(tmp_path, content=b""))


@pytest.mark.usefixtures("no_bioio", "plugins")
def test_old_files_of_imaris(tmp_path: Path) -> None:
    (tmp_path / "a.ims").write_bytes(b"II*\0\x08\0\0\0")
    with pytest.raises(ImageFileError, match=r"found an Imaris 3 file.*save it as OME-TIFF"):
        read_image(tmp_path / "a.ims")


@pytest.mark.parametrize(
    ("suffix", "words"),
    [(".eer", "sum its frames to an MRC"), (".fits", "save it as OME-TIFF"),
     (".ome", "give one of those"), (".h5", "save the image in it as OME-TIFF"),
     (".HDF5", "save the image in it"), (".htd", "open the STK or TIFF"), (".npy", "with numpy")],
)  # fmt: skip
def test_what_to_do_with_kinds_that_nothing_reads(tmp_path: Path, suffix: str, words: str) -> None:
    with pytest.raises(ImageFileError, match=f"found the suffix {suffix.lower()}, .*{words}"):
        read_image(file(tmp_path, f"a{suffix}"))
