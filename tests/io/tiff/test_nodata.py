"""Pixels that a TIFF marks as being no data, as GDAL does."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytest import MonkeyPatch

from napari_autolut.io import ImageFile, read_image
from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.tiff import nodata, on_disk


def read(path: Path, data: np.ndarray, mark: bytes, **options: float) -> ImageFile:
    tag = (42113, 2, len(mark) + 1, mark + b"\0", True)
    tifffile.imwrite(path, data, metadata=None, extratags=[tag])
    return read_image(path, **options)


@pytest.mark.parametrize("memmap_above", [np.inf, 0])
@pytest.mark.parametrize("mark", [b"-9999", b"-3.4028234663852886e+38"])
def test_floats_without_data_are_nan(tmp_path: Path, mark: bytes, memmap_above: float) -> None:
    data = np.arange(20, dtype="float32").reshape(4, 5)
    data[1, 2:] = np.float32(float(mark))
    image = read(tmp_path / "a.tif", data, mark, memmap_above=memmap_above)
    np.testing.assert_array_equal(image.data, np.where(data < 0, np.nan, data))
    assert image.remarks == (f"3 pixels without data ({float(mark):g}) taken as NaN",)


@pytest.mark.parametrize("mark", [b"-9999", b"nan", b"inf", b"none", b""])
def test_floats_of_which_none_is_marked(tmp_path: Path, mark: bytes) -> None:
    data = np.arange(20, dtype="float32").reshape(4, 5)
    image = read(tmp_path / "a.tif", data, mark)
    np.testing.assert_array_equal(image.data, data)
    assert not image.remarks and not image.not_kept


def test_integers_keep_their_values(tmp_path: Path) -> None:
    data = np.arange(20, dtype="uint8").reshape(4, 5)
    image = read(tmp_path / "a.tif", data, b"0")
    np.testing.assert_array_equal(image.data, data)
    assert image.not_kept == ("the mark that 0 is no data",)


@pytest.mark.parametrize("tile", [None, (256, 256)])
@pytest.mark.parametrize("byteorder", "<>")
def test_large_files_stay_on_disk(
    tmp_path: Path, tile: tuple[int, int] | None, byteorder: str
) -> None:
    data = np.arange(2**21, dtype="float32").reshape(1024, 2048)
    data[::2, 7] = -1
    path, tag = tmp_path / "a.tif", (42113, 2, 3, b"-1\0", True)
    tifffile.imwrite(path, data, tile=tile, byteorder=byteorder, metadata=None, extratags=[tag])
    with MonkeyPatch.context() as patch:
        patch.setattr(nodata, "PIXELS_AT_ONCE", 2**14)
        patch.setattr(on_disk, "READ_BYTES", 2**16)
        tracemalloc.start()
        image = read_image(path, memmap_above=0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < data.nbytes / 4  # one comparison of all of it alone took as much
    assert isinstance(image.data, FilePixels)
    np.testing.assert_array_equal(image.data, np.where(data < 0, np.nan, data))
    np.testing.assert_array_equal(tifffile.imread(path), data)
    assert image.remarks == ("512 pixels without data (-1) taken as NaN",)


@pytest.mark.parametrize("memmap_above", [np.inf, 0])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("mark", [b"-9999", b""])
def test_tiles_that_are_left_out_have_no_data(
    tmp_path: Path, mark: bytes, compression: str | None, memmap_above: float
) -> None:
    """What lies between two tiles of a file is not taken for one of them."""
    data = np.arange(1, 4097, dtype="float32").reshape(64, 64)
    path, tags = tmp_path / "a.tif", [(42113, 2, len(mark) + 1, mark + b"\0", True)]
    options = {"tile": (32, 32), "metadata": None, "compression": compression, "bigtiff": True}
    tifffile.imwrite(path, data, extratags=tags if mark else (), **options)
    with tifffile.TiffFile(path) as tif, path.open("r+b") as stream:
        for number in (324, 325):  # offsets and lengths
            tag = tif.pages.first.tags[number]
            size = {3: 2, 4: 4, 16: 8}[tag.dtype]
            stream.seek(tag.valueoffset + size)
            stream.write(bytes(size))
    data[:32, 32:] = np.nan if mark else 0
    np.testing.assert_array_equal(read_image(path, memmap_above=memmap_above).data, data)
