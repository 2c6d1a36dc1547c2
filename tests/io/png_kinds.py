"""PNGs of every kind, written by hand from known pixels. No assertions."""

from __future__ import annotations

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
         (1, 0, 2, 1)]  # fmt: skip


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def raw_rows(data: np.ndarray, bits: int) -> bytes:
    """Rows with filter 0."""
    flat = data.reshape(data.shape[0], -1)
    if bits < 8:
        places = np.arange(bits - 1, -1, -1)
        packed = np.packbits((flat[..., None] >> places & 1).reshape(len(flat), -1), axis=1)
        return b"".join(b"\0" + row.tobytes() for row in packed)
    return b"".join(b"\0" + row.astype(f">u{bits // 8}").tobytes() for row in flat)


def png(
    data: np.ndarray,
    bits: int = 0,
    *,
    palette: np.ndarray | None = None,
    transparent: bytes = b"",
    exif: bytes = b"",
    exif_first: bool = True,
    interlaced: bool = False,
    rows: int = 0,
) -> bytes:
    """Encode (rows, columns) or (rows, columns, samples); ``rows`` lies about their number."""
    bits = bits or 8 * data.dtype.itemsize
    samples = data.shape[2] if data.ndim == 3 else 1
    colours = 3 if palette is not None else COLOUR_TYPES[samples]
    header = struct.pack(
        ">IIBBBBB", data.shape[1], rows or len(data), bits, colours, 0, 0, interlaced
    )
    parts = [chunk(b"IHDR", header)]
    if palette is not None:
        parts.append(chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
    if transparent:
        parts.append(chunk(b"tRNS", transparent))
    passes = [data[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [data]
    raw = b"".join(raw_rows(each, bits) for each in passes if each.size)
    pixels = chunk(b"IDAT", zlib.compress(raw))
    side = [chunk(b"eXIf", exif)] if exif else []
    parts += [*side, pixels] if exif_first else [pixels, *side]
    return SIGNATURE + b"".join([*parts, chunk(b"IEND", b"")])
