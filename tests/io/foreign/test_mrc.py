"""MRC files: values, axes and sizes against mrcfile, and what is no image of that kind."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from napari_autolut.io import ImageFileError, list_series, read_image
from napari_autolut.io.file_pixels import FilePixels
from tests.pictures import picture

mrcfile = pytest.importorskip("mrcfile", reason="mrcfile is not installed")


def written(path: Path, data: np.ndarray, angstroms: object = 2.5) -> Path:
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(data)
        file.voxel_size = angstroms
    return path


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint16", "float16", "float32"])
def test_a_volume(tmp_path: Path, dtype: str) -> None:
    data = picture((3, 8, 9), dtype, top=100)
    path = written(tmp_path / "a.mrc", data, (1.0, 2.0, 40.0))
    found = read_image(path)
    assert (found.axes, found.unit) == ("ZYX", "nm")
    assert found.pixel_size == pytest.approx({"X": 0.1, "Y": 0.2, "Z": 4.0})
    assert found.data.dtype == dtype
    np.testing.assert_array_equal(found.data, data)
    on_disk = read_image(path, memmap_above=0).data
    assert isinstance(on_disk, FilePixels)
    np.testing.assert_array_equal(on_disk, data)


def test_a_header_without_numbers_of_samples(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", picture((3, 8, 9), "float32"), (1.0, 2.0, 40.0))
    content = bytearray(path.read_bytes())
    content[28:40] = bytes(12)
    path.write_bytes(content)
    found = read_image(path).pixel_size
    assert found == pytest.approx({"X": 0.1, "Y": 0.2, "Z": 4.0})


@pytest.mark.parametrize("name", ["a.mrcs", "a.st", "a.mrc"])
def test_images_that_are_no_volume_have_no_distance(tmp_path: Path, name: str) -> None:
    """Frames and particles: the header gives a length along z all the same."""
    path = written(tmp_path / name, picture((3, 8, 9), "float32"), (1.0, 2.0, 40.0))
    with mrcfile.open(path, "r+") as file:
        file.set_image_stack()
    found = read_image(path)
    assert found.axes == "ZYX"
    assert found.pixel_size == pytest.approx({"X": 0.1, "Y": 0.2})


@pytest.mark.parametrize(("mode", "words"), [(16, "colours"), (101, "two pixels a byte")])
def test_pixels_of_another_kind(tmp_path: Path, mode: int, words: str) -> None:
    path = written(tmp_path / "a.mrc", picture((8, 9), "float32"))
    content = bytearray(path.read_bytes())
    content[12:16] = struct.pack("<i", mode)
    path.write_bytes(content)
    with pytest.raises(ImageFileError, match=f"found {words} .mode {mode}.*newstack"):
        read_image(path)


def test_a_micrograph_without_a_size(tmp_path: Path) -> None:
    path = written(tmp_path / "a.MRC", picture((8, 9), "float32"), 0.0)
    found = read_image(path)
    assert (found.axes, dict(found.pixel_size), found.unit) == ("YX", {}, None)
    assert [str(each) for each in list_series(path)] == ["0 (9 x 8)"]


def test_a_volume_stored_along_other_axes(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", picture((3, 8, 9), "float32"), (1.0, 2.0, 40.0))
    with mrcfile.open(path, "r+") as file:
        file.header.mapc, file.header.maps = 3, 1
    assert read_image(path).pixel_size == pytest.approx({"X": 4.0, "Y": 0.2, "Z": 0.1})


def test_bytes_of_imod_have_no_signs(tmp_path: Path) -> None:
    data = picture((8, 9), "uint8")
    path = written(tmp_path / "a.mrc", data.view("int8"))
    content = bytearray(path.read_bytes())
    content[152:160] = b"IMOD" + bytes(4)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_image(path).data, data)


def test_a_place(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", picture((3, 8, 9), "float32"), (1.0, 2.0, 40.0))
    assert not read_image(path).origin
    with mrcfile.open(path, "r+") as file:
        file.header.nxstart, file.header.nystart = 10, -3
    assert read_image(path).origin == pytest.approx({"X": 1.0, "Y": -0.6})
    with mrcfile.open(path, "r+") as file:
        file.header.origin.x, file.header.origin.z = 50.0, 7.0
    assert read_image(path).origin == pytest.approx({"X": 5.0, "Z": 0.7})


def test_imods_place_may_have_another_sign(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", picture((3, 8, 9), "float32"))
    with mrcfile.open(path, "r+") as file:
        file.header.origin.x = 50.0
    content = bytearray(path.read_bytes())
    content[152:160] = b"IMOD" + bytes([4, 0, 0, 0])
    path.write_bytes(content)
    assert read_image(path).origin == pytest.approx({"X": -5.0})


@pytest.mark.parametrize("kept", [1, 500, 1024, 1100])
def test_a_file_that_ends_early(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path / "a.mrc", picture((3, 8, 9), "float32"))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ImageFileError, match=r"a\.mrc") as error:
        read_image(path)
    assert "\n" not in str(error.value)


def test_complex_numbers_are_no_image(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="complex"):
        read_image(written(tmp_path / "a.mrc", np.ones((8, 9), "complex64")))


@pytest.mark.parametrize("wrong", [2**31 - 1, -500])
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_extended_header_that_the_file_has_no_room_for(
    tmp_path: Path, wrong: int, order: str
) -> None:
    """mrcfile asks for the memory first: 2 GB for a file of 1 kB."""
    path = written(tmp_path / "a.mrc", picture((8, 9), "int16").astype(f"{order}i2"))
    content = bytearray(path.read_bytes())
    assert content[212] == {"<": 0x44, ">": 0x11}[order]
    struct.pack_into(f"{order}i", content, 92, wrong)
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ImageFileError, match="ends early or has a damaged header"):
            read_image(path)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_a_volume_without_pixels(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mrc", picture((8, 9), "int16"))
    path.write_bytes(struct.pack("<4i", 0, 0, 0, 0) + path.read_bytes()[16:1024])
    with pytest.raises(ImageFileError, match="ends early or has a damaged header"):
        read_image(path)
