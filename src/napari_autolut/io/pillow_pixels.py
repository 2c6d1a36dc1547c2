"""Pixels of JPEG, WebP and BMP: what a file declares is checked, then it is decoded.

Belongs here: those that Pillow opens. PNGs keep their depth in ``png.py``; how often a JPEG goes
over its pixels is ``jpeg.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile as PillowFile

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.jpeg import check_jpeg
from napari_autolut.io.memory import check_memory

DIRECT_MODES = ("L", "RGB", "RGBA")
"""Pillow modes whose array is already what we want; every other one is converted."""

JPEGS = ("JPEG", "MPO")
"""What Pillow calls them."""

MAX_EXPANSION = 8192
"""How many pixels a byte of a JPEG or of run lengths can stand for, generously; WebP has no such
bound."""

COEFFICIENTS, HELD = 2, 4
"""Bytes a sample that a progressive JPEG needs besides, and bytes a pixel that Pillow holds."""


def samples(pil_image: PillowFile) -> int:
    """How many samples a pixel has when it is read."""
    if _has_alpha(pil_image):
        return 4
    return 1 if pil_image.mode in ("1", "L", "I", "F") or pil_image.mode.startswith("I;") else 3


def _has_alpha(pil_image: PillowFile) -> bool:
    return pil_image.mode.lower() in ("la", "pa", "rgba") or "transparency" in pil_image.info


def decoded(path: Path, pil_image: PillowFile, content: bytes) -> NDArray[Any]:
    """Decode the pixels of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    pil_image : PIL.ImageFile.ImageFile
        The same, opened.
    content : bytes
        All of it; empty for a BMP.

    Returns
    -------
    ndarray of uint8, shape (rows, columns) or (rows, columns, 3 or 4)
        Greys, colours, or colours with alpha.

    Raises
    ------
    ImageFileError
        If it declares more pixels than it can hold, or needs more memory than is free.
    ValueError
        If it is a JPEG that goes over its pixels far too often.
    """
    if pil_image.format in JPEGS:
        check_jpeg(content)
    check_declared(path, pil_image)
    converted = HELD if pil_image.mode not in DIRECT_MODES else 0
    progressive = pil_image.info.get("progressive")
    coefficients = COEFFICIENTS * len(pil_image.getbands()) if progressive else 0
    a_pixel = samples(pil_image) + HELD + converted + coefficients
    check_memory(path, pil_image.width * pil_image.height * a_pixel)
    if pil_image.format == "WEBP":  # which Pillow holds five times
        return np.asarray(imagecodecs.webp_decode(content))
    return _pixels(pil_image)


def check_declared(path: Path, pil_image: PillowFile) -> None:
    """Compare the size that a file declares with its own.

    Raises
    ------
    ImageFileError
        If so many pixels have no room in it.
    """
    pixels, size = pil_image.width * pil_image.height, path.stat().st_size
    bounds = {
        "raw": 8 / len(pil_image.getbands()),
        "jpeg": MAX_EXPANSION,
        "bmp_rle": MAX_EXPANSION,
    }
    decoder = str(pil_image.tile[0][0]) if pil_image.tile else ""
    if pixels > bounds.get(decoder, np.inf) * size:
        words = f"{pil_image.width:,} x {pil_image.height:,} pixels"
        raise ImageFileError(path, f"declares {words}, for which {size:,} bytes have no room")


def _pixels(pil_image: PillowFile) -> NDArray[Any]:
    """(rows, columns) or (rows, columns, 3 or 4)."""
    if _has_alpha(pil_image) and pil_image.mode != "RGBA":
        return np.asarray(pil_image.convert("RGBA"))
    if pil_image.mode in DIRECT_MODES:
        return np.asarray(pil_image)
    return np.asarray(pil_image.convert("L" if pil_image.mode == "1" else "RGB"))
