"""Chunks of a Zarr unpacked no further than their pixels need: a few MB may unpack to terabytes.

Belongs here: the bounds of general compressors. Blosc, and how zarr is told, are
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

ROOM = 2
"""How many times as large as its pixels a chunk's content may be; filters may add to it."""

SPARE = 1024
"""Bytes besides, for chunks of a few pixels."""

ZSTD = b"\x28\xb5\x2f\xfd"


def unpacked(codec: str, frame: Any, pixels_nbytes: int) -> bytes:
    """Unpack a chunk of one of the `UNPACKERS`.

    Parameters
    ----------
    codec : str
        Its name.
    frame : bytes-like
        The chunk as it is stored.
    pixels_nbytes : int
        Bytes of its pixels.

    Returns
    -------
    bytes
        What the codec itself gives.

    Raises
    ------
    ValueError
        If there are far more bytes than those of the pixels.
    """
    most = ROOM * pixels_nbytes + SPARE
    content = UNPACKERS[codec](bytes(frame), most + 1)
    if len(content) > most:
        raise too_many(f"more than {most}", pixels_nbytes)
    return content


def check_said(codec: str, frame: Any, pixels_nbytes: int) -> None:
    """Refuse a chunk whose header says that there are far more bytes than those of the pixels."""
    head = bytes(memoryview(frame).cast("B")[:18])
    said = _said_by_lz4(head) if codec == "lz4" else _said_by_zstd(head)
    if said > ROOM * pixels_nbytes + SPARE:
        raise too_many(str(said), pixels_nbytes)


def too_many(found: str, pixels_nbytes: int) -> ValueError:
    """Say how many bytes were found in a chunk."""
    return ValueError(f"found a chunk of {found} bytes, expected {pixels_nbytes}")


def _zlib(frame: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(frame, most)
    if len(content) < most and not unpacking.eof:
        raise ValueError("found a chunk that breaks off")
    return content


def _file(opened: Callable[[Any], Any]) -> Callable[[bytes, int], bytes]:
    def read(frame: bytes, most: int) -> bytes:
        with opened(io.BytesIO(frame)) as file:
            return bytes(file.read(most))

    return read


UNPACKERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _file(lambda stream: gzip.GzipFile(fileobj=stream)),
    "zlib": _zlib,
    "bz2": _file(bz2.BZ2File),
    "lzma": _file(lzma.LZMAFile),
}
"""By the name of the codec: each unpacks a frame, but no more than so many bytes of it."""

SAYING = ("lz4", "zstd")
"""Codecs whose chunks begin with their size."""


def _said_by_lz4(head: bytes) -> int:
    return int(struct.unpack_from("<I", head)[0]) if len(head) >= 4 else 0


def _said_by_zstd(head: bytes) -> int:
    """The frame's content size (RFC 8878), 0 where it is not given."""
    if len(head) < 18 or not head.startswith(ZSTD):
        return 0
    flags = head[4]
    single = flags >> 5 & 1
    at = 5 + (not single) + (0, 1, 2, 4)[flags & 3]
    width = (single, 2, 4, 8)[flags >> 6]
    return int.from_bytes(head[at : at + width], "little") + (256 if width == 2 else 0)
