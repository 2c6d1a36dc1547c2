"""Chunks of a Zarr unpacked no further than their pixels need: a few MB may unpack to terabytes.

Belongs here: the bounds of compressors, whatever holds the chunk. How zarr is told of them is
``checked_codecs.py``.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs

ROOM = 2
"""How many times as large as its pixels a chunk's content may be; filters may add to it."""

SPARE = 1024
"""Bytes besides, for chunks of a few pixels."""

BLOSC = struct.Struct("<4xIII")
"""Bytes of the content, of a block, and of the chunk; four bytes of other things before."""

SIZE = struct.Struct("<I")

TOO_SMALL = "buffer is too small"
"""What zstd says of a frame that unpacks to more than there is room for."""

Unpack = Callable[[bytes, int, Any], bytes | None]
"""Gives at most so many bytes, or none where there are more."""


def unpacked(compressor: Any, frame: Any, pixels_nbytes: int) -> Any:
    """Unpack a chunk.

    Parameters
    ----------
    compressor : numcodecs.abc.Codec
        The codec with what the file says of it.
    frame : bytes-like
        The chunk as it is stored.
    pixels_nbytes : int
        Bytes of its pixels.

    Returns
    -------
    bytes-like
        What the codec itself gives.

    Raises
    ------
    ValueError
        If there are far more bytes than those of the pixels, or the chunk is not as its header
        says.
    """
    name, max_bytes = getattr(compressor, "codec_id", ""), ROOM * pixels_nbytes + SPARE
    if name in UNPACKERS:
        content = UNPACKERS[name](bytes(frame), max_bytes + 1, compressor)
        if content is None or len(content) > max_bytes:
            raise _too_many(f"more than {max_bytes}", pixels_nbytes)
        return content
    head = memoryview(frame).cast("B") if name in ("blosc", "lz4") else memoryview(b"")
    if name == "blosc":
        check_blosc(head, pixels_nbytes)
    elif name == "lz4" and len(head) >= SIZE.size and SIZE.unpack_from(head)[0] > max_bytes:
        raise _too_many(str(SIZE.unpack_from(head)[0]), pixels_nbytes)
    return compressor.decode(frame)


def check_blosc(content: memoryview, pixels_nbytes: int) -> None:
    """Refuse a Blosc chunk whose header does not fit: its decoder reads and writes as that says.

    Raises
    ------
    ValueError
        If it is shorter than it says, or says that it holds far more than the pixels.
    """
    if len(content) < BLOSC.size:
        raise ValueError(f"found a chunk of {len(content)} bytes, shorter than its header")
    nbytes, _, stored = BLOSC.unpack_from(content)
    if stored > len(content):
        raise ValueError(f"found a chunk of {len(content)} bytes, expected {stored}")
    if nbytes > ROOM * pixels_nbytes + BLOSC.size:
        raise _too_many(str(nbytes), pixels_nbytes)


def _too_many(found: str, pixels_nbytes: int) -> ValueError:
    return ValueError(f"found a chunk of {found} bytes, expected {pixels_nbytes}")


def _zlib(frame: bytes, max_bytes: int, _: Any) -> bytes:
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(frame, max_bytes)
    if len(content) < max_bytes and not unpacking.eof:
        raise ValueError("found a chunk that breaks off")
    return content


def _zstd(frame: bytes, max_bytes: int, _: Any) -> bytes | None:
    """Several frames, too, of which each may say its size, or not."""
    try:
        return bytes(imagecodecs.zstd_decode(frame, out=max_bytes))
    except imagecodecs.ZstdError as error:
        if TOO_SMALL in str(error):
            return None
        raise


def _lzma(frame: bytes, max_bytes: int, compressor: Any) -> bytes:
    """Raw streams as well, of which the file says the filters."""
    kind, filters = getattr(compressor, "format", lzma.FORMAT_XZ), compressor.filters
    raw = kind == lzma.FORMAT_RAW
    with lzma.LZMAFile(
        io.BytesIO(frame), format=kind if raw else None, filters=filters if raw else None
    ) as file:
        return bytes(file.read(max_bytes))


def _file(opened: Callable[[Any], Any]) -> Unpack:
    def read(frame: bytes, max_bytes: int, _: Any) -> bytes:
        with opened(io.BytesIO(frame)) as file:
            return bytes(file.read(max_bytes))

    return read


UNPACKERS: dict[str, Unpack] = {
    "gzip": _file(lambda stream: gzip.GzipFile(fileobj=stream)),
    "zlib": _zlib,
    "bz2": _file(bz2.BZ2File),
    "lzma": _lzma,
    "zstd": _zstd,
}
"""By the name of the codec: each unpacks a frame, but no more than so many bytes of it."""

CODECS = ("blosc", "lz4", *UNPACKERS)
"""All that are bounded; the sizes that Blosc and LZ4 say are those to which they unpack."""
