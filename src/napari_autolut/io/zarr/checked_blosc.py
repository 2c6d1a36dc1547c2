"""Blosc chunks are looked at before they are decoded: the library trusts what their headers say.

Belongs here: the check, and how zarr is told of it. Imported only where zarr is installed. A chunk
that was cut off, or whose first bytes are damaged, made the decoder read and write elsewhere.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec
from zarr.registry import register_codec

HEADER = struct.Struct("<4xIII")
"""Bytes of the content, of a block, and of the chunk; four bytes of other things before."""

ROOM = 2
"""How many times as large as its pixels a chunk's content may be; filters may add to it."""


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
        raise ValueError(f"found a chunk of {nbytes} bytes, expected {pixels_nbytes}")


class CheckedBlosc(BloscCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, which checks first."""

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        _check_chunk(chunk_bytes, chunk_spec)
        return await super()._decode_single(chunk_bytes, chunk_spec)

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        _check_chunk(chunk_bytes, chunk_spec)
        return super()._decode_sync(chunk_bytes, chunk_spec)


def _check_chunk(chunk_bytes: Any, chunk_spec: Any) -> None:
    itemsize = int(getattr(chunk_spec.dtype, "item_size", 0) or 8)
    check_frame(chunk_bytes.as_numpy_array(), math.prod(chunk_spec.shape) * itemsize)


register_codec("blosc", CheckedBlosc)
NAME = f"{CheckedBlosc.__module__}.{CheckedBlosc.__qualname__}"


@contextmanager
def checked() -> Iterator[None]:
    """Arrays that are opened in here check their Blosc chunks (format 3)."""
    with zarr.config.set({"codecs.blosc": NAME}):
        yield


def check_compressor(array: Any) -> None:
    """Have an array of format 2 check its Blosc chunks; others have `checked` codecs."""
    compressor: Any = getattr(array.metadata, "compressor", None)
    if getattr(compressor, "codec_id", "") != "blosc":
        return
    nbytes = math.prod(array.chunks) * np.dtype(array.dtype).itemsize
    decode: Callable[..., Any] = compressor.decode

    def checked_decode(frame: Any, out: Any = None) -> Any:
        check_frame(frame, nbytes)
        return decode(frame, out)

    compressor.decode = checked_decode
