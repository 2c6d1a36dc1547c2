"""What Pillow cannot write of PNG files: colours of 16 bits, and colour spaces.

Belongs here: the encoding. Every other PNG is written by ``pillow.py``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.image_file import in_native_order
from napari_autolut.io.units import MICRONS_PER_INCH

HEAD_BYTES = 33
"""Signature and header of a PNG, behind which colour spaces stand."""


def encode_png16(
    data: NDArray[np.uint16],
    dpi: tuple[float, float] | None = None,
    icc_profile: bytes | None = None,
    texts: Mapping[str, str] | None = None,
    exif: bytes | None = None,
) -> bytes:
    """Encode 16-bit colours as a PNG file (W3C PNG specification, filter Up).

    Parameters
    ----------
    data : ndarray of uint16, shape (rows, columns, 3 or 4)
        RGB or RGBA.
    dpi : tuple of float, optional
        Pixels per inch across and down.
    icc_profile : bytes, optional
        Colour profile.
    texts : mapping of str to str, optional
        Texts by name, in ASCII.
    exif : bytes, optional
        A block of EXIF, as a JPEG has it.

    Returns
    -------
    bytes
        The content of the file.
    """
    rows, columns, colours = data.shape
    raw = in_native_order(data).astype(">u2").view(np.uint8).reshape(rows, -1)
    lines = np.empty((rows, raw.shape[1] + 1), np.uint8)
    lines[:, 0] = 2
    lines[0, 1:] = raw[0]
    np.subtract(raw[1:], raw[:-1], out=lines[1:, 1:])
    header = struct.pack(">IIBBBBB", columns, rows, 16, 2 if colours == 3 else 6, 0, 0, 0)
    chunks = [(b"IHDR", header)]
    if icc_profile:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(icc_profile)))
    if dpi:
        per_metre = (round(dots * 1e6 / MICRONS_PER_INCH) for dots in dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", *per_metre, 1)))
    for name, text in (texts or {}).items():
        chunks.append((b"tEXt", f"{name}\0{text}".encode("ascii")))
    if exif:
        chunks.append((b"eXIf", exif.removeprefix(b"Exif\0\0")))
    chunks += [(b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def with_colour_space(content: bytes, colour_space: bytes) -> bytes:
    """Give the content of a PNG a colour space (cICP)."""
    own = _chunk(b"cICP", colour_space)
    return content[:HEAD_BYTES] + own + content[HEAD_BYTES:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Encode a chunk: its length, kind, content and checksum."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
