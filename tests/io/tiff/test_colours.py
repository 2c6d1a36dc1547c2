"""Colours and greys of TIFF: white as zero, alpha, palettes, inks, luma, planes of samples."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from napari_autolut.io import ImageFileError, read_image
from napari_autolut.io.file_pixels import FilePixels
from tests.io.tiff.kinds import DTYPES, Kind, shown, smooth, top_of, write_tiff
from tests.pictures import noise, picture, same


@pytest.mark.parametrize("compression", [1, 5, 8, 50000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_white_is_zero(tmp_path: Path, compression: int, dtype: str) -> None:
    top = top_of(dtype)
    data = smooth((23, 18), top, dtype)
    low = np.iinfo(dtype).min if dtype.startswith("int") else 0
    stored = ~data if dtype == "bool" else (top + low - data).astype(dtype)
    path = write_tiff(tmp_path / "a.tif", (stored, Kind(0, compression)))
    image = read_image(path)
    assert image.data.dtype == shown(data).dtype
    np.testing.assert_allclose(image.data, shown(data), rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("compression", [1, 5, 8, 34712])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("planar", [False, True])
def test_alpha(tmp_path: Path, compression: int, dtype: str, planar: bool) -> None:
    full = np.iinfo(dtype).max
    alpha = smooth((23, 18, 4), full, dtype)[..., 3:]
    alpha[:4] = 0
    for photometric, colours in ((1, 1), (2, 3)):
        colour = smooth((23, 18, colours), full, dtype)
        for premultiplied in (False, True):
            stored = np.rint(colour * (alpha / full)).astype(dtype) if premultiplied else colour
            data = np.concatenate([stored, alpha], 2)
            extras = (1,) if premultiplied else (2,)
            kind = Kind(photometric, compression, planar=planar, extras=extras)
            image = read_image(write_tiff(tmp_path / "a.tif", (data, kind)))
            assert image.axes == "YXS" and image.data.dtype == dtype
            assert (image.data[..., 3] == alpha[..., 0]).all()
            seen = alpha[..., 0] > 0
            step = full / (2 * alpha[seen].astype(float)) + 0.5 if premultiplied else 0
            wanted = np.broadcast_to(colour, (*colour.shape[:2], 3))[seen]
            assert (np.abs(image.data[..., :3][seen] - wanted.astype(float)) <= step).all()


def test_samples_without_a_meaning(tmp_path: Path) -> None:
    data = noise((23, 18, 4))
    padded = np.dstack([data[..., :3], np.full((23, 18), 255, np.uint8)])
    for samples, kind, expected, axes in [
        (padded, Kind(2, extras=(0,)), padded[..., :3], "YXS"),
        (data, Kind(2, extras=(0,)), np.moveaxis(data, 2, 0), "CYX"),
        (data, Kind(2), data, "YXS"),  # nothing said: alpha, as others take it
        (data, Kind(1, extras=(0, 0, 0)), np.moveaxis(data, 2, 0), "CYX"),
        (data[..., :2], Kind(1, extras=(0,)), np.moveaxis(data[..., :2], 2, 0), "CYX"),
    ]:
        path = write_tiff(tmp_path / "a.tif", (samples, kind))
        assert same(read_image(path), expected, axes), kind


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("compression", [1, 5, 32773])
def test_palettes(tmp_path: Path, bits: int, compression: int) -> None:
    table = noise((3, 2**bits))
    tags = {320: (3, tuple((table.astype(int) * 257).ravel().tolist()))}
    indices = noise((23, 18)) >> (8 - bits)
    kind = Kind(3, compression, bits=bits, tags=tags)
    path = write_tiff(tmp_path / "a.tif", (indices, kind))
    assert same(read_image(path), table.T[indices], "YXS")


@pytest.mark.parametrize("compression", [1, 5, 8])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("planar", [False, True])
def test_inks(tmp_path: Path, compression: int, dtype: str, planar: bool) -> None:
    full = np.iinfo(dtype).max
    cmyk = smooth((23, 18, 4), full, dtype)
    kind = Kind(5, compression, planar=planar)
    path = write_tiff(tmp_path / "a.tif", (cmyk, kind))
    light = 1 - cmyk / full
    expected = np.rint(light[..., :3] * light[..., 3:] * full)
    image = read_image(path)
    assert image.axes == "YXS" and image.data.dtype == dtype
    assert np.abs(image.data - expected).max() <= 1


@pytest.mark.parametrize("subsampling", [(1, 1), (2, 1), (2, 2), (4, 2)])
@pytest.mark.parametrize("compression", [1, 5, 8])
@pytest.mark.parametrize("tile", [0, 16])
def test_luma_and_colour_differences(
    tmp_path: Path, subsampling: tuple[int, int], compression: int, tile: int
) -> None:
    rgb = smooth((6, 5, 3), 255, "uint8").repeat(4, 0).repeat(4, 1)[:, :18].astype(float)
    r, g, b = np.moveaxis(rgb, 2, 0)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    ycbcr = np.stack([y, (b - y) / 1.772 + 128, (r - y) / 1.402 + 128], 2)
    stored = np.rint(ycbcr).clip(0, 255).astype(np.uint8)
    kind = Kind(6, compression, tile=tile, rows_per_strip=8, subsampling=subsampling)
    image = read_image(write_tiff(tmp_path / "a.tif", (stored, kind)))
    assert image.axes == "YXS"
    assert np.abs(image.data - rgb).max() <= 3


@pytest.mark.parametrize("shape", [(23, 18), (23, 18, 3)])
def test_colours_that_are_not_said(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = smooth(shape, 255, "uint8")
    path = write_tiff(
        tmp_path / "a.tif", (data, Kind(2 if len(shape) == 3 else 1, tags={261: (3, (1,))}))
    )
    tag, other = (struct.pack("<HHI", number, 3, 1) for number in (262, 261))
    content = path.read_bytes()
    path.write_bytes(content.replace(other, struct.pack("<HHI", 260, 3, 1)).replace(tag, other))
    assert same(read_image(path), data, "YXS"[: data.ndim]), "no negative"


def test_subsampled_colours_in_one_strip(tmp_path: Path) -> None:
    data = smooth((64, 64, 3), 255, "uint8")
    kinds = [Kind(6, 1, rows_per_strip=rows, subsampling=(2, 2)) for rows in (16, 64)]
    first, second = (read_image(write_tiff(tmp_path / "a.tif", (data, kind))) for kind in kinds)
    assert same(first, second.data, "YXS")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind(1, 3), "8 bits a sample compressed for fax, expected 1"),
        (Kind(1, 1, bits=24), "24 bits of sample format 1 a sample"),
        (Kind(1, 1, bits=24, order=">"), "24 bits of sample format 1 a sample"),
    ],
)
def test_samples_that_are_not_told_apart(tmp_path: Path, kind: Kind, words: str) -> None:
    data = smooth((23, 18), 255, "uint8")
    plain = write_tiff(tmp_path / "a.tif", (data, replace(kind, compression=1)))
    old, new = (struct.pack(f"{kind.order}HHIH", 259, 3, 1, n) for n in (1, kind.compression))
    plain.write_bytes(plain.read_bytes().replace(old, new))
    with pytest.raises(ImageFileError, match=words):
        read_image(plain)


@pytest.mark.parametrize(
    ("entries", "dtype"), [(257, "uint8"), (256, "uint8"), (1, "uint8"), (None, "uint16")]
)
def test_colours_of_a_palette_keep_their_bits(
    tmp_path: Path, entries: int | None, dtype: str
) -> None:
    """As others scale 8 bits to 16, or with more than that in them, as of a scientific map."""
    rng = np.random.default_rng(3)
    colours = rng.integers(0, 256, (3, 256)) * (entries or 1)
    if entries is None:
        colours = rng.integers(0, 65536, (3, 256))
    indices = rng.integers(0, 256, (6, 7), dtype=np.uint8)
    path = tmp_path / "palette.tif"
    tifffile.imwrite(path, indices, photometric="palette", colormap=colours.astype(np.uint16))
    found = read_image(path)
    assert (found.axes, found.data.dtype) == ("YXS", dtype)
    expected = np.moveaxis((colours // (entries or 1))[:, indices], 0, -1)
    np.testing.assert_array_equal(found.data, expected)


@pytest.mark.parametrize("in_stream", [True, False])
def test_jpeg_of_12_bits(tmp_path: Path, in_stream: bool) -> None:
    """With its tables in every tile, or in a tag as libtiff writes them."""
    pixels = (2000 + picture((32, 48), "int64", top=2000)).astype(np.uint16)
    whole = imagecodecs.jpeg8_encode(pixels, level=98, bitspersample=12)
    tables, tile = _apart(whole)
    path = tmp_path / "jpeg.tif"
    tags = [] if in_stream else [(347, 7, len(tables), tables, True)]
    tifffile.imwrite(
        path, iter([whole if in_stream else tile]), shape=(32, 48), dtype="uint16", tile=(32, 48),
        compression="jpeg", bitspersample=12, photometric="minisblack", extratags=tags,
        metadata=None,
    )  # fmt: skip
    found = read_image(path).data
    assert found.dtype == np.uint16
    assert np.abs(found.astype(int) - pixels).max() <= 16


def _apart(stream: bytes) -> tuple[bytes, bytes]:
    """The tables of a JPEG stream, and the stream without them."""
    at, tables, rest = 2, b"", b""
    while stream[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4])
        if stream[at + 1] in (0xDB, 0xC4):
            tables += stream[at:end]
        else:
            rest += stream[at:end]
        at = end
    start, stop = b"\xff\xd8", b"\xff\xd9"
    return start + tables + stop, start + rest + stream[at:]


@pytest.mark.parametrize("tile", [None, (16, 16)])
def test_colours_with_alpha_stay_on_disk(tmp_path: Path, tile: tuple[int, int] | None) -> None:
    """They are not joined in memory again, beside the map."""
    data = smooth((40, 50, 4), 60000, "uint16")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, data, photometric="rgb", extrasamples=["unassalpha"], tile=tile)
    image = read_image(path, memmap_above=0)
    assert isinstance(image.data, FilePixels)
    assert same(image, data, "YXS") and same(read_image(path), data, "YXS")
