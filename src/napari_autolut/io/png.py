"""Pixels of PNG files, through imagecodecs (libpng).

Belongs here: decoding in the file's own depth, transparency included, and the checks before it.
What else a PNG says, such as its resolution, is read in ``pillow.py``; writing is there and in
``png16.py``.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.memory import check_memory
from napari_autolut.io.png_chunks import HELD, MAX_HELD, MAX_TEXTS, TEXTS

SIGNATURE = b"\x89PNG\r\n\x1a\n"

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by the colour type."""

PALETTE = 3

MAX_EXPANSION = 1032
"""How many bytes deflate can make of one, at most."""

MAX_CHUNKS = 10_000
"""Of those without pixels: each hundred thousand take half a second."""


class PngHeader(NamedTuple):
    """What the chunks of a PNG say before its pixels are decoded."""

    columns: int
    rows: int
    bits: int
    samples: int
    palette: bool
    exif: bytes
    chunks: dict[bytes, bytes]
    texts: list[bytes]

    @property
    def raw_bytes(self) -> int:
        """Bytes of all rows as the file has them, at least."""
        return self.rows * (1 + math.ceil(self.columns * self.samples * self.bits / 8))

    @property
    def nbytes(self) -> int:
        """Bytes of the pixels, decoded; transparency may be among them."""
        samples = 4 if self.palette else self.samples + self.samples % 2
        return self.rows * self.columns * samples * (2 if self.bits == 16 else 1)


def png_header(path: Path, stream: BinaryIO) -> PngHeader:
    """Walk over the chunks of a PNG.

    Parameters
    ----------
    path : pathlib.Path
        The file, for messages.
    stream : binary file
        The same, opened; one with a buffer would read what lies between the chunks, too.

    Raises
    ------
    ValueError
        If it is none, breaks off or has chunks without end.
    ImageFileError
        If it declares more rows than its data can hold.
    """
    compressed, exif, others = 0, b"", 0
    header: tuple[int, ...] = ()
    chunks: dict[bytes, bytes] = {}
    texts: list[bytes] = []
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if stream.read(8) != SIGNATURE:
        raise ValueError("found no PNG header; is the suffix right?")
    for kind, length, start in _chunks(stream, size):
        others += kind != b"IDAT" or not length
        if others > MAX_CHUNKS:
            raise ValueError(f"a PNG of more than {MAX_CHUNKS:,} chunks beside its pixels")
        if kind == b"IHDR":
            header = struct.unpack(">IIBB", stream.read(10))
        elif kind == b"IDAT":
            compressed += length
        elif kind == b"eXIf":
            exif = stream.read(length)
        elif kind in HELD:
            chunks[kind] = stream.read(min(length, MAX_HELD))
        elif kind in TEXTS and len(texts) < MAX_TEXTS:
            texts.append(stream.read(min(length, MAX_HELD)))
        stream.seek(start + length + 4)
    if not header or header[3] not in SAMPLES:
        raise ValueError("its header names no size or colours")
    columns, rows, bits, colours = header
    found = PngHeader(
        columns, rows, bits, SAMPLES[colours], colours == PALETTE, exif, chunks, texts
    )
    if found.raw_bytes > MAX_EXPANSION * compressed:
        held = f"{compressed:,} bytes of data, which cannot be all of them"
        raise ImageFileError(path, f"declares {columns:,} x {rows:,} pixels, and has {held}")
    return found


def _chunks(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, length and place of each chunk's content."""
    while True:
        head = stream.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        start = stream.tell()
        if start + length > size:
            return  # libpng says what is missing, if pixels are
        yield kind, length, start


def decode_png(path: Path, header: PngHeader, content: bytes) -> NDArray[Any]:
    """Decode the pixels of a PNG.

    Parameters
    ----------
    path : pathlib.Path
        The file, for the message.
    header : PngHeader
        What `png_header` found in it.
    content : bytes
        All of it.

    Returns
    -------
    ndarray of uint8 or uint16, shape (rows, columns), (rows, columns, 3) or (rows, columns, 4)
        Palettes as colours; greys of less than 8 bits stretched to 0..255; grey with alpha, or
        with one transparent value, as RGBA.

    Raises
    ------
    ImageFileError
        If it needs more memory than is free.
    """
    check_memory(path, header.nbytes)
    data = imagecodecs.png_decode(content)
    if data.ndim == 3 and data.shape[2] == 2:
        data = data[..., [0, 0, 0, 1]]
    return np.asarray(data)


def png_orientation(header: PngHeader) -> int:
    """How the image lies in the file, 1 to 8 as in EXIF."""
    exif = Image.Exif()
    exif.load(header.exif)
    found = exif.get(274, 1)
    return int(found) if isinstance(found, int) and 1 <= found <= 8 else 1
