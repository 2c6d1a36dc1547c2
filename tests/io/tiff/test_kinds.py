"""Kinds of TIFF against the pixels that they were made of: every codec, colour, type and layout."""

from __future__ import annotations

import struct
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import list_series, read_image
from tests.io.tiff.kinds import DTYPES, OF_IMAGES, PLAIN, Kind, shown, smooth, top_of, write_tiff
from tests.pictures import UPRIGHT, same

LAYOUTS = [{}, {"tile": 16}, {"order": ">"}, {"big": True, "tile": 16}, {"big": True, "order": ">"}]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("compression", PLAIN)
def test_codecs_of_bytes(tmp_path: Path, compression: int, layout: dict[str, int]) -> None:
    for dtype, shape in product(DTYPES, [(23, 18), (23, 18, 3)]):
        data = smooth(shape, top_of(dtype), dtype)
        photometric = 2 if len(shape) == 3 else 1
        kind = Kind(photometric, compression, **layout)
        path = write_tiff(tmp_path / "a.tif", (data, kind))
        assert same(read_image(path), shown(data), "YXS"[: data.ndim]), (dtype, shape)


@pytest.mark.parametrize("compression", OF_IMAGES)
@pytest.mark.parametrize("tile", [0, 16])
def test_codecs_of_images(tmp_path: Path, compression: int, tile: int) -> None:
    for dtype, shape in product(("uint8", "uint16"), [(23, 18), (23, 18, 3)]):
        if compression == 50001 and (dtype != "uint8" or len(shape) == 2):
            continue  # WebP holds colours of eight bits
        data = smooth(shape, top_of(dtype), dtype)
        kind = Kind(2 if len(shape) == 3 else 1, compression, tile=tile)
        path = write_tiff(tmp_path / "a.tif", (data, kind))
        assert same(read_image(path), data, "YXS"[: data.ndim]), (dtype, shape)


@pytest.mark.parametrize("bits", range(1, 15))
def test_packed_bits(tmp_path: Path, bits: int) -> None:
    dtype = "uint8" if bits <= 8 else "uint16"
    top = 2**bits - 1
    for photometric, compression, shape in product((0, 1, 2), (1, 5, 8), [(23, 19), (23, 19, 3)]):
        if (photometric == 2) != (len(shape) == 3):
            continue
        data = smooth(shape, top, dtype)
        kind = Kind(photometric, compression, bits=bits)
        path = write_tiff(tmp_path / "a.tif", (data, kind))
        values = top - data if photometric == 0 else data
        expected = np.rint(values * (255 / top)).astype(np.uint8) if bits < 8 else values
        assert same(read_image(path), expected, "YXS"[: data.ndim]), kind


@pytest.mark.parametrize("compression", [1, 5, 8, 34712])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation_is_applied_once(tmp_path: Path, orientation: int, compression: int) -> None:
    turn = UPRIGHT[orientation]
    dots = {282: (5, (100, 1)), 283: (5, (50, 1)), 296: (3, (3,))}
    for photometric, shape in ((1, (23, 18)), (0, (23, 18)), (2, (23, 18, 3)), (5, (23, 18, 4))):
        data = smooth(shape, 255, "uint8")
        kind = Kind(photometric, compression, orientation=orientation, tags=dots)
        plain = read_image(write_tiff(tmp_path / "a.tif", (data, Kind(photometric, compression))))
        image = read_image(write_tiff(tmp_path / "b.tif", (data, kind)))
        assert same(image, turn(plain.data), plain.axes)
        across, down = (200.0, 100.0) if orientation >= 5 else (100.0, 200.0)
        assert image.pixel_size == pytest.approx({"X": across, "Y": down})
        on_disk = read_image(tmp_path / "b.tif", memmap_above=0)
        assert same(on_disk, turn(plain.data), plain.axes)


def test_stacks_and_pages_are_turned_too(tmp_path: Path) -> None:
    pages = [smooth((23, 18), 255, "uint8"), smooth((23, 18), 99, "uint8")]
    path = write_tiff(tmp_path / "a.tif", *[(page, Kind(orientation=6)) for page in pages])
    assert same(read_image(path), np.stack([np.rot90(page, -1) for page in pages]), "ZYX")
    mixed = [(pages[0], Kind(orientation=6)), (pages[1], Kind(orientation=1))]
    path = write_tiff(tmp_path / "b.tif", *mixed)
    assert same(read_image(path, series=0), np.rot90(pages[0], -1), "YX")
    assert same(read_image(path, series=1), pages[1], "YX")


@pytest.mark.parametrize("compression", [5, 8, 50000])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
def test_predictor(tmp_path: Path, compression: int, dtype: str) -> None:
    for order, shape in product("<>", [(23, 18), (23, 18, 3)]):
        data = smooth(shape, np.iinfo(dtype).max, dtype)
        photometric = 2 if len(shape) == 3 else 1
        kind = Kind(photometric, compression, order=order, predictor=2)
        path = write_tiff(tmp_path / "a.tif", (data, kind))
        assert same(read_image(path), data, "YXS"[: data.ndim])


@pytest.mark.parametrize("bits", [3, 7, 12, 20, 31])
def test_signed_integers_that_fill_no_whole_bytes(tmp_path: Path, bits: int) -> None:
    """As detectors write them whose values go below zero."""
    limit = 2 ** (bits - 1)
    pixels = np.random.default_rng(bits).integers(-limit, limit, (2, 5, 9))
    size = 8 if bits < 8 else 16 if bits < 16 else 32
    stored = (pixels % 2**bits).astype(f"uint{size}")
    path = tmp_path / "signed.tif"
    tifffile.imwrite(path, stored, bitspersample=bits, metadata=None, photometric="minisblack",
                     extratags=[(340, "H", 1, 2, False)])  # fmt: skip
    # The writer knows no signed ones: a tag that it does write becomes that of the sample format.
    tag = struct.Struct("<HHIH")
    content = path.read_bytes()
    assert content.count(tag.pack(340, 3, 1, 2)) == len(pixels)
    path.write_bytes(content.replace(tag.pack(340, 3, 1, 2), tag.pack(339, 3, 1, 2)))
    found = read_image(path)
    assert found.data.dtype == f"int{size}" == list_series(path)[0].dtype
    np.testing.assert_array_equal(found.data, pixels)
