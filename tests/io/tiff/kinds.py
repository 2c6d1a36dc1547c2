"""TIFFs of every kind, written by hand from known pixels, so that no library reads its own files.

No assertions. The layout is that of the TIFF 6.0 and BigTIFF specifications.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

PLAIN: dict[int, Callable[[bytes], bytes]] = {
    1: bytes,
    5: imagecodecs.lzw_encode,
    8: zlib.compress,
    32773: imagecodecs.packbits_encode,
    32946: zlib.compress,
    34925: partial(lzma.compress, preset=0),
    50000: imagecodecs.zstd_encode,
}
"""Codecs of bytes, by the number that TIFF gives them."""

OF_IMAGES: dict[int, Callable[[np.ndarray], bytes]] = {
    34712: lambda block: imagecodecs.jpeg2k_encode(
        block, level=0, reversible=True, codecformat="j2k"
    ),
    34887: imagecodecs.lerc_encode,
    34933: imagecodecs.png_encode,
    50001: lambda block: imagecodecs.webp_encode(block, lossless=True),
    50002: lambda block: imagecodecs.jpegxl_encode(block, lossless=True),
}
"""Codecs of images without loss."""

FORMATS = {"u": 1, "b": 1, "i": 2, "f": 3}
TYPES = {1: "B", 2: "c", 3: "H", 4: "I", 5: "I", 16: "Q"}


@dataclass
class Kind:
    """How a page is stored. ``tags`` are further ones: number to (type, values)."""

    photometric: int = 1
    compression: int = 1
    bits: int = 0
    order: str = "<"
    big: bool = False
    tile: int = 0
    rows_per_strip: int = 7
    planar: bool = False
    predictor: int = 1
    orientation: int = 1
    extras: tuple[int, ...] = ()
    subsampling: tuple[int, int] = (1, 1)
    tags: dict[int, tuple[int, tuple[int, ...]]] = field(default_factory=dict)


def write_tiff(path: Path, *pages: tuple[np.ndarray, Kind]) -> Path:
    """Write pages of (rows, columns) or (rows, columns, samples), each after its kind."""
    first = pages[0][1]
    entry, word = (20, "Q") if first.big else (12, "I")
    header = b"II" if first.order == "<" else b"MM"
    header += struct.pack(f"{first.order}H", 43 if first.big else 42)
    header += struct.pack(f"{first.order}HH", 8, 0) if first.big else b""
    body, link = bytearray(header), len(header)
    body += struct.pack(first.order + word, 0)
    for data, kind in pages:
        blocks = [encoded(block, kind) for block in blocks_of(data, kind)]
        offsets = []
        for block in blocks:
            offsets.append(len(body))
            body += block + b"\0" * (len(block) % 2)
        tags = tags_of(data, kind, offsets, [len(block) for block in blocks])
        struct.pack_into(kind.order + word, body, link, len(body))
        start = len(body)
        count = struct.pack(kind.order + ("Q" if kind.big else "H"), len(tags))
        outside = start + len(count) + entry * len(tags) + struct.calcsize(word)
        table, values = bytearray(), bytearray()
        for number, (type_, content) in sorted(tags.items()):
            raw = struct.pack(f"{kind.order}{len(content)}{TYPES[type_]}", *content)
            size = len(content) // (2 if type_ == 5 else 1)
            table += struct.pack(f"{kind.order}HH{word}", number, type_, size)
            if len(raw) > struct.calcsize(word):
                table += struct.pack(kind.order + word, outside + len(values))
                values += raw + b"\0" * (len(raw) % 2)
            else:
                table += raw.ljust(struct.calcsize(word), b"\0")
        body += count + table
        link = len(body)
        body += struct.pack(kind.order + word, 0) + values
    path.write_bytes(body)
    return path


def tags_of(
    data: np.ndarray, kind: Kind, offsets: list[int], counts: list[int]
) -> dict[int, tuple[int, tuple[Any, ...]]]:
    samples = data.shape[2] if data.ndim == 3 else 1
    bits = kind.bits or (1 if data.dtype == bool else 8 * data.dtype.itemsize)
    tags: dict[int, tuple[int, tuple[Any, ...]]] = {
        256: (4, (data.shape[1],)),
        257: (4, (data.shape[0],)),
        258: (3, (bits,) * samples),
        259: (3, (kind.compression,)),
        262: (3, (kind.photometric,)),
        274: (3, (kind.orientation,)),
        277: (3, (samples,)),
        284: (3, (2 if kind.planar else 1,)),
        317: (3, (kind.predictor,)),
        339: (3, (FORMATS[data.dtype.kind],) * samples),
    }
    wide = 16 if kind.big else 4
    if kind.tile:
        tags |= {322: (4, (kind.tile,)), 323: (4, (kind.tile,))}
        tags |= {324: (wide, tuple(offsets)), 325: (wide, tuple(counts))}
    else:
        tags |= {278: (4, (kind.rows_per_strip,))}
        tags |= {273: (wide, tuple(offsets)), 279: (wide, tuple(counts))}
    if kind.extras:
        tags[338] = (3, kind.extras)
    if kind.photometric == 6:
        tags[530] = (3, kind.subsampling)
    return tags | kind.tags


def blocks_of(data: np.ndarray, kind: Kind) -> list[np.ndarray]:
    """Cut strips or padded tiles, each of (rows, columns, samples)."""
    data = data[..., None] if data.ndim == 2 else data
    planes = np.split(data, data.shape[2], 2) if kind.planar else [data]
    height, width = (kind.tile,) * 2 if kind.tile else (kind.rows_per_strip, data.shape[1])
    blocks = []
    for plane in planes:
        for y in range(0, data.shape[0], height):
            for x in range(0, data.shape[1], width):
                block = plane[y : y + height, x : x + width]
                if kind.tile:
                    missing = [(0, height - block.shape[0]), (0, width - block.shape[1]), (0, 0)]
                    block = np.pad(block, missing)
                blocks.append(block)
    return blocks


def encoded(block: np.ndarray, kind: Kind) -> bytes:
    if kind.compression in OF_IMAGES:
        squeezed = block[..., 0] if block.shape[2] == 1 else block
        return bytes(OF_IMAGES[kind.compression](np.ascontiguousarray(squeezed)))
    if kind.subsampling != (1, 1):
        raw = data_units(block, kind.subsampling)
    elif block.dtype == bool or kind.bits not in (0, 8 * block.dtype.itemsize):
        raw = packed(block, kind.bits or 1)
    else:
        if kind.predictor == 2:
            block = np.diff(block, axis=1, prepend=block[:, :1] * 0)
        raw = block.astype(block.dtype.newbyteorder(kind.order)).tobytes()
    return bytes(PLAIN[kind.compression](raw))


def packed(block: np.ndarray, bits: int) -> bytes:
    """Samples of any number of bits, each row from a new byte."""
    rows = block.reshape(block.shape[0], -1).astype(np.uint32)
    places = np.arange(bits - 1, -1, -1)
    return np.packbits((rows[..., None] >> places & 1).reshape(len(rows), -1), axis=1).tobytes()


def data_units(block: np.ndarray, subsampling: tuple[int, int]) -> bytes:
    """Luma of a few pixels and one pair of colour differences, over and over."""
    across, down = subsampling
    rows, columns, _ = block.shape
    missing = [(0, -rows % down), (0, -columns % across), (0, 0)]
    full = np.pad(block, missing, mode="edge")
    units = bytearray()
    for y in range(0, full.shape[0], down):
        for x in range(0, full.shape[1], across):
            unit = full[y : y + down, x : x + across]
            units += unit[..., 0].tobytes() + unit[0, 0, 1:].tobytes()
    return bytes(units)


def smooth(shape: tuple[int, ...], top: float, dtype: str) -> np.ndarray:
    """A picture with edges, other in each sample, from 0 to ``top``."""
    y, x, s = np.mgrid[: shape[0], : shape[1], : (shape[2] if len(shape) == 3 else 1)]
    waves = np.sin((x + 5 * s) / 3.1) * np.cos((y - 3 * s) / 4.3) + ((x // 5 + y // 4 + s) % 2)
    scaled = (waves - waves.min()) / (waves.max() - waves.min()) * top
    data = scaled.astype(dtype) if dtype != "bool" else scaled > top / 2
    return data if len(shape) == 3 else data[..., 0]


DTYPES = ["bool", "uint8", "uint16", "uint32", "int8", "int16", "int32", "float16", "float32",
          "float64"]  # fmt: skip
TOPS = {"bool": 1, "float16": 1, "float32": 1, "float64": 1}


def top_of(dtype: str) -> float:
    return TOPS.get(dtype) or np.iinfo(dtype).max


def shown(data: np.ndarray) -> np.ndarray:
    return data.astype(np.uint8) * np.uint8(255) if data.dtype == bool else data
