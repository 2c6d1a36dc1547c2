"""Chunks are looked at before they are decoded: libraries trust what their headers say.

Belongs here: how zarr is told of the bounds in ``bounded.py``. Imported only where zarr is
installed.
"""

from __future__ import annotations

import asyncio
import math
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec
from zarr.registry import get_codec_class, register_codec

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.zarr.bounded import CODECS, check_blosc, unpacked

_NUMCODECS = import_module("numcodecs")  # which has no types

FILTERS = (
    "adler32", "astype", "bitround", "crc32", "crc32c", "delta", "fixedscaleoffset", "fletcher32",
    "jenkins_lookup3", "packbits", "quantize", "shuffle",
)  # fmt: skip
"""What changes values or checks them: about as many come out as go in."""

OF_FORMAT_3 = ("bytes", "transpose", "sharding_indexed")

IN_NO_SPECIFICATION = "Numcodecs codecs are not in the Zarr"
"""What zarr warns of where an array of format 3 has a codec of format 2."""


class CheckedBlosc(BloscCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, which checks first."""

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        check_blosc(memoryview(chunk_bytes.as_numpy_array()).cast("B"), _nbytes(chunk_spec))
        return await super()._decode_single(chunk_bytes, chunk_spec)

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        check_blosc(memoryview(chunk_bytes.as_numpy_array()).cast("B"), _nbytes(chunk_spec))
        return super()._decode_sync(chunk_bytes, chunk_spec)


class _Bounded:
    """A codec that stops where there are more bytes than pixels."""

    compressor: Any
    """The codec of numcodecs that unpacks the same; that of the object, if it has one."""

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        return await asyncio.to_thread(self._decode_sync, chunk_bytes, chunk_spec)

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        compressor = getattr(self, "_codec", None) or self.compressor
        content = unpacked(compressor, chunk_bytes.to_bytes(), _nbytes(chunk_spec))
        return chunk_spec.prototype.buffer.from_bytes(content)


class BoundedZstd(_Bounded, ZstdCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, bounded."""

    compressor = _NUMCODECS.Zstd()


class BoundedGzip(_Bounded, GzipCodec):  # type: ignore[misc, unused-ignore]
    """zarr's codec, bounded."""

    compressor = _NUMCODECS.GZip()


def _nbytes(chunk_spec: Any) -> int:
    itemsize = int(getattr(chunk_spec.dtype, "item_size", 0) or 8)
    return int(math.prod(chunk_spec.shape)) * itemsize


def _of_numcodecs() -> dict[str, type]:
    """Codecs of format 2 that some writers use in format 3, bounded; zarr has a class of each."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (f"numcodecs.{codec}" for codec in CODECS):
            try:
                plain = get_codec_class(name)
            except KeyError:  # none in early versions of zarr
                continue
            found[name] = type(f"Bounded_{name.replace('.', '_')}", (_Bounded, plain), {})
    return found


CHECKED = {"blosc": CheckedBlosc, "zstd": BoundedZstd, "gzip": BoundedGzip, **_of_numcodecs()}
for _name, _codec in CHECKED.items():
    register_codec(_name, _codec)
KNOWN = {*CODECS, *FILTERS, *OF_FORMAT_3}
NAMES = {name: f"{codec.__module__}.{codec.__qualname__}" for name, codec in CHECKED.items()}


@contextmanager
def checked() -> Iterator[None]:
    """Arrays that are opened in here check their chunks (format 3)."""
    codecs = {**zarr.config.get("codecs", {}), **NAMES}
    with warnings.catch_warnings(), zarr.config.set({"codecs": codecs}):
        warnings.filterwarnings("ignore", IN_NO_SPECIFICATION)
        yield


def check_codecs(path: Path, array: Any) -> None:
    """Have an array of format 2 check its chunks; those of format 3 have `checked` codecs.

    Raises
    ------
    ImageFileError
        If chunks are packed with something whose unpacking has no bound here, or that could start
        programs.
    """
    metadata, nbytes = array.metadata, math.prod(array.chunks) * np.dtype(array.dtype).itemsize
    codecs = [getattr(metadata, "compressor", None), *(getattr(metadata, "filters", None) or ())]
    names = [str(codec.codec_id) for codec in codecs if hasattr(codec, "codec_id")]
    names += _names(getattr(metadata, "codecs", ()))
    for name in names:
        if name not in KNOWN:
            problem = f"is packed with {name[:40]}, of which no bound is known"
            raise ImageFileError(path, f"{problem}; save it with Blosc, Zstandard or gzip")
    for codec in codecs:
        if getattr(codec, "codec_id", "") in CODECS:
            _bound(codec, nbytes)


def _names(codecs: Iterable[Any]) -> Iterator[str]:
    """Names of codecs of format 3, and of those in shards."""
    for codec in codecs:
        yield str(codec.to_dict()["name"]).removeprefix("numcodecs.")
        yield from _names((*getattr(codec, "codecs", ()), *getattr(codec, "index_codecs", ())))


def _bound(codec: Any, nbytes: int) -> None:
    """Change what decodes a chunk of so many bytes; a compressor may stand among the filters."""
    plain = copy(codec)

    def decode(frame: Any, out: Any = None) -> Any:
        content = unpacked(plain, frame, nbytes)
        return _NUMCODECS.compat.ndarray_copy(content, out)

    codec.decode = decode
