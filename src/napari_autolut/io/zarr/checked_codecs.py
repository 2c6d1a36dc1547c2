"""Chunks are looked at before they are decoded: libraries trust what their headers say.

Belongs here: the check of Blosc, and how zarr is told of all checks; other compressors are
``bounded.py``. Imported only where zarr is installed. A Blosc chunk that was cut off, or whose
first bytes are damaged, made the decoder read and write elsewhere.
"""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec
from zarr.registry import register_codec

from napari_autolut.io.zarr.bounded import (
    ROOM,
    SAYING,
    UNPACKERS,
    check_said,
    too_many,
    unpacked,
)

HEADER = struct.Struct("<4xIII")
"""Bytes of the content, of a block, and of the chunk; four bytes of other things before."""


def check_frame(frame: Any, pixels_nbytes: int) -> None:
    """Refuse a Blosc chunk whose header does not fit.

    Parameters
    ----------
    frame : bytes-like
        The chunk as it is stored.
    pixels_nbytes : int
        Bytes of its pixels.

    Raises
    ------
    ValueError
        If it is shorter than it says, or says that it holds far more than the pixels.
    """
    content = memoryview(frame).cast("B")
    if len(content) < HEADER.size:
        raise ValueError(f"found a chunk of {len(content)} bytes, shorter than its header")
    nbytes, _, stored = HEADER.unpack_from(content)
    if stored > len(content):
        raise ValueError(f"found a chunk of {len(content)} bytes, expected {stored}")
    if nbytes > ROOM * pixels_nbytes + HEADER.size:
        raise too_many(str(nbytes), pixels_nbytes)


class CheckedBlosc(BloscCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, which checks first."""

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        check_frame(chunk_bytes.as_numpy_array(), _nbytes(chunk_spec))
        return await super()._decode_single(chunk_bytes, chunk_spec)

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        check_frame(chunk_bytes.as_numpy_array(), _nbytes(chunk_spec))
        return super()._decode_sync(chunk_bytes, chunk_spec)


class CheckedZstd(ZstdCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, which checks first."""

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        check_said("zstd", chunk_bytes.as_numpy_array(), _nbytes(chunk_spec))
        return await super()._decode_single(chunk_bytes, chunk_spec)

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        check_said("zstd", chunk_bytes.as_numpy_array(), _nbytes(chunk_spec))
        return super()._decode_sync(chunk_bytes, chunk_spec)


class BoundedGzip(GzipCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, which stops where there are more bytes than pixels."""

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        return await asyncio.to_thread(self._decode_sync, chunk_bytes, chunk_spec)

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        content = unpacked("gzip", chunk_bytes.to_bytes(), _nbytes(chunk_spec))
        return chunk_spec.prototype.buffer.from_bytes(content)


def _nbytes(chunk_spec: Any) -> int:
    itemsize = int(getattr(chunk_spec.dtype, "item_size", 0) or 8)
    return int(math.prod(chunk_spec.shape)) * itemsize


CHECKED = {"blosc": CheckedBlosc, "zstd": CheckedZstd, "gzip": BoundedGzip}
for _name, _codec in CHECKED.items():
    register_codec(_name, _codec)
NAMES = {
    f"codecs.{name}": f"{codec.__module__}.{codec.__qualname__}" for name, codec in CHECKED.items()
}


@contextmanager
def checked() -> Iterator[None]:
    """Arrays that are opened in here check their chunks (format 3)."""
    with zarr.config.set(NAMES):
        yield


def check_compressor(array: Any) -> None:
    """Have an array of format 2 check its chunks; others have `checked` codecs."""
    compressor: Any = getattr(array.metadata, "compressor", None)
    name = getattr(compressor, "codec_id", "")
    if name not in ("blosc", *SAYING, *UNPACKERS):
        return
    nbytes = math.prod(array.chunks) * np.dtype(array.dtype).itemsize
    decode: Callable[..., Any] = compressor.decode

    def checked_decode(frame: Any, out: Any = None) -> Any:
        if name in UNPACKERS and _plain(compressor):
            return import_module("numcodecs.compat").ndarray_copy(
                unpacked(name, frame, nbytes), out
            )
        if name == "blosc":
            check_frame(frame, nbytes)
        elif name in SAYING:
            check_said(name, frame, nbytes)
        return decode(frame, out)

    compressor.decode = checked_decode


def _plain(compressor: Any) -> bool:
    """Whether a file of the codec says all that is needed to unpack it; raw LZMA does not."""
    return not getattr(compressor, "filters", None) and getattr(compressor, "format", 1) == 1
