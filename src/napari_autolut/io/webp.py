"""What a WebP says of itself: sides, alpha, and which way up it is.

Belongs here: its head and the list of its chunks (RFC 9649), of which only their heads are read.
Pillow reads the whole file before it says a size, and takes memory for all pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, NamedTuple

from PIL import ExifTags, Image

from napari_autolut.io.decoding import decoding
from napari_autolut.io.memory import check_memory
from napari_autolut.io.stream_sizes import StreamSize, of_webp

HEAD_BYTES, FLAGS_AT, FIRST_CHUNK, CHUNK_HEAD = 30, 20, 12, 8
HAS_ALPHA, HAS_EXIF = 0x10, 0x08
"""Flags of a file that has chunks; that of alpha stands in the head of lossless pixels, too."""

MAX_CHUNKS = 10_000
MAX_EXIF_BYTES = 2**16

CANVASES = 8
"""Bytes a pixel that Pillow takes when it opens a file: two images with alpha."""


class WebpHeader(NamedTuple):
    """Sides as they are stored, and EXIF's number of how the image is turned."""

    rows: int
    columns: int
    alpha: bool
    orientation: int


def webp_header(path: Path) -> WebpHeader | None:
    """Read what stands before the pixels, and EXIF, which stands behind them.

    Parameters
    ----------
    path : pathlib.Path
        The file, of any kind.

    Returns
    -------
    WebpHeader or None
        None where it is no WebP, or not called one.

    Raises
    ------
    ImageFileError
        If it is damaged.
    """
    if path.suffix.lower() != ".webp":
        return None
    with decoding(path, "an image"), path.open("rb", buffering=0) as stream:
        head = stream.read(HEAD_BYTES)
        return _header(head, stream) if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _header(head: bytes, stream: IO[bytes]) -> WebpHeader:
    size = _size(head)
    flags = head[FLAGS_AT] if head[12:16] == b"VP8X" else 0
    lossless = head[12:16] == b"VP8L"
    alpha = flags & HAS_ALPHA or (lossless and head[24] & HAS_ALPHA)
    exif = Image.Exif()
    if flags & HAS_EXIF:
        exif.load(_chunk(stream, b"EXIF"))
    return WebpHeader(size.rows, size.columns, bool(alpha), exif.get(ExifTags.Base.Orientation, 1))


def check_webp(path: Path, stream: IO[bytes]) -> None:
    """Check that there is memory for Pillow to open a file.

    Raises
    ------
    ImageFileError
        If there is not.
    ValueError
        If it is no WebP.
    """
    size = _size(stream.read(HEAD_BYTES))
    check_memory(path, CANVASES * size.rows * size.columns)


def _size(head: bytes) -> StreamSize:
    if (size := of_webp(head)) is None:
        raise ValueError("found no size in its head; it is damaged")
    return size


def _chunk(stream: IO[bytes], wanted: bytes) -> bytes:
    """What a chunk holds; nothing where there is none."""
    place = FIRST_CHUNK
    for _ in range(MAX_CHUNKS):
        stream.seek(place)
        head = stream.read(CHUNK_HEAD)
        size = int.from_bytes(head[4:], "little")
        if len(head) < CHUNK_HEAD or head[:4] == wanted:
            return stream.read(min(size, MAX_EXIF_BYTES))
        place += CHUNK_HEAD + size + size % 2
    raise ValueError(f"it holds more than {MAX_CHUNKS:,} chunks")
