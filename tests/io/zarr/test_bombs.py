"""Chunks of a few kB that unpack to far more than their pixels: one sentence, in little memory."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import struct
import tracemalloc
import warnings
import zlib
from functools import cache, partial
from pathlib import Path
from typing import Any

import imagecodecs
import numcodecs
import pytest
import zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec
from zarr.registry import get_codec_class

from napari_autolut.io import ImageFileError
from napari_autolut.io.zarr.pixels import ZarrPixels
from tests.pictures import picture

BOMB = bytes(2**26)
PACKED = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "lzma": partial(lzma.compress, preset=0),
    "zstd": imagecodecs.zstd_encode,
    "lz4": partial(imagecodecs.lz4_encode, header=True),
    "blosc": numcodecs.Blosc("zstd").encode,
}


@cache
def packed(codec: str) -> bytes:
    """The bomb, packed when the first test wants it: that takes a second in all."""
    return bytes(PACKED[codec](BOMB))


def zstd_without_size(content: bytes) -> bytes:
    """A frame of runs of one byte, which does not say how long it is (RFC 8878)."""
    block = 2**17
    runs = [min(block, len(content) - at) for at in range(0, len(content), block)]
    heads = [(run << 3) | 2 | (number == len(runs) - 1) for number, run in enumerate(runs)]
    return b"\x28\xb5\x2f\xfd\0\x58" + b"".join(
        struct.pack("<I", head)[:3] + content[:1] for head in heads
    )


RAW = [{"id": lzma.FILTER_LZMA2, "preset": 0}]


@pytest.mark.parametrize("codec", PACKED)
@pytest.mark.parametrize("version", [2, 3])
def test_a_chunk_that_unpacks_to_far_more_than_its_pixels(
    tmp_path: Path, version: int, codec: str
) -> None:
    """Of 6 GB of zeros 6 MB are left, and unpacking them would take all of the memory."""
    pixels = picture((32, 32), "uint16") + 1
    path = tmp_path / "a.zarr"
    own = {"gzip": GzipCodec, "zstd": ZstdCodec, "blosc": BloscCodec} if version == 3 else {}
    made = own[codec]() if codec in own else numcodecs.get_codec({"id": codec})
    if version == 3 and codec not in own:
        made = of_numcodecs(codec)
    refused(path, pixels, version, made, packed(codec))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("codec", ["lzma", "zstd"])
def test_a_chunk_that_does_not_say_what_it_unpacks_to(
    tmp_path: Path, version: int, codec: str
) -> None:
    options = {"format": lzma.FORMAT_RAW, "filters": RAW} if codec == "lzma" else {}
    made = numcodecs.get_codec({"id": codec, **options})
    if version == 3:
        made = of_numcodecs(codec, **options)
    raw = lzma.compress(BOMB, lzma.FORMAT_RAW, filters=RAW)
    bomb = raw if codec == "lzma" else zstd_without_size(BOMB)
    refused(tmp_path / "a.zarr", picture((32, 32), "uint16") + 1, version, made, bomb)


@pytest.mark.parametrize("codec", ["pcodec", "zfpy", "json2", "pickle", "never-heard-of"])
@pytest.mark.parametrize("version", [2, 3])
def test_codecs_without_a_bound_are_refused(tmp_path: Path, version: int, codec: str) -> None:
    """4.8 kB of pcodec unpack to 250 MB, and pickle starts programs."""
    path = tmp_path / "a.zarr"
    array = zarr.create_array(path, shape=(32, 32), dtype="uint16", zarr_format=version)
    array[...] = picture((32, 32), "uint16") + 1
    file = path / (".zarray" if version == 2 else "zarr.json")
    said = json.loads(file.read_text())
    if version == 2:
        said["compressor"] = {"id": codec}
    else:
        said["codecs"] = [{"name": f"numcodecs.{codec}", "configuration": {}}]
    file.write_text(json.dumps(said))
    with pytest.raises(ImageFileError) as error:
        ZarrPixels(path)
    assert "\n" not in str(error.value)
    if codec == "pcodec" and codec in numcodecs.registry.codec_registry:
        assert "is packed with pcodec, of which no bound is known" in str(error.value)


@pytest.mark.parametrize("codec", ["delta", "fixedscaleoffset", "shuffle"])
def test_filters_stay(tmp_path: Path, codec: str) -> None:
    options = {"delta": {"dtype": "<u2"}, "shuffle": {"elementsize": 2},
               "fixedscaleoffset": {"dtype": "<u2", "scale": 1, "offset": 0}}  # fmt: skip
    filters = [numcodecs.get_codec({"id": codec, **options[codec]})]
    pixels = picture((32, 32), "uint16") + 1
    array = zarr.create_array(
        tmp_path / "a", shape=(32, 32), dtype="uint16", zarr_format=2, filters=filters
    )
    array[...] = pixels
    assert (ZarrPixels(tmp_path / "a")[...] == pixels).all()


@pytest.mark.parametrize("codec", ["zstd", "gzip", "blosc"])
def test_codecs_of_format_2_that_some_write_in_format_3(tmp_path: Path, codec: str) -> None:
    pixels, bomb = picture((32, 32), "uint16") + 1, packed(codec)
    refused(tmp_path / "a.zarr", pixels, 3, of_numcodecs(codec), bomb)


def test_a_compressor_among_the_filters(tmp_path: Path) -> None:
    pixels, path = picture((32, 32), "uint16") + 1, tmp_path / "a.zarr"
    zarr.create_array(path, data=pixels, chunks=(32, 32), zarr_format=2, compressors=None)
    content = json.loads((path / ".zarray").read_text())
    (path / ".zarray").write_text(json.dumps(content | {"filters": [{"id": "zlib", "level": 1}]}))
    (path / "0.0").write_bytes(zlib.compress(pixels.tobytes()))
    assert (ZarrPixels(path)[...] == pixels).all()
    refused_chunk(path, path / "0.0", zlib.compress(BOMB))


def of_numcodecs(codec: str, **options: Any) -> Any:
    """zarr's class for a codec of numcodecs, without its word that no specification knows it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return get_codec_class(f"numcodecs.{codec}")(**options)


def refused(path: Path, pixels: Any, version: int, compressor: Any, bomb: bytes) -> None:
    """An array is read, and refused with a bomb as its only chunk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array = zarr.create_array(
            path, data=pixels, chunks=pixels.shape, compressors=compressor, zarr_format=version
        )
    assert (ZarrPixels(path)[...] == pixels).all()
    refused_chunk(path, path / array.metadata.encode_chunk_key((0, 0)), bomb)


def refused_chunk(path: Path, chunk: Path, bomb: bytes) -> None:
    assert len(bomb) < len(BOMB) // 100
    chunk.write_bytes(bomb)
    tracemalloc.start()
    try:
        with pytest.raises(ImageFileError, match=r"found a chunk of .* bytes, expected 2048"):
            ZarrPixels(path)[...]
        assert tracemalloc.get_traced_memory()[1] < len(BOMB) // 4
    finally:
        tracemalloc.stop()
