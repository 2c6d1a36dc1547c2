"""PNG, JPEG, WebP and BMP through Pillow.

Belongs here: single images. TIFF is in ``tiff``; 16-bit colour PNGs, which Pillow cannot write, are
encoded in ``png16.py``.
"""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile as PillowFile

from napari_autolut.io.image_file import ImageFile, ImageFileError, native, upright
from napari_autolut.io.png16 import encode_png16
from napari_autolut.io.series import SeriesInfo
from napari_autolut.io.units import MICRONS_PER_INCH, in_microns

MAX_DPI_PNG = 10**8
MAX_DPI_JPEG = 2**16 - 1
JPEG_QUALITY = 95

DIRECT_MODES = ("L", "RGB", "RGBA", "I;16", "F")
"""Pillow modes whose array is already what we want; every other one is converted."""

HALVES_OF_16_BITS = {
    "RGB;16B": ("RGB;16B", "RGB;16L"),
    "RGBA;16B": ("RGBA;16B", "RGBA;16L"),
}
"""Pillow reads 16-bit colours as 8 bits: the upper byte of each value in the true byte order, the
lower byte when told the other order. Both together are the image."""

DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow raises on files that are damaged or no images."""


_one_at_a_time = threading.RLock()
"""Warning filters are the whole process's: two threads would put back each other's."""


def pillow_series(path: Path) -> tuple[SeriesInfo]:
    """Describe the only image of a file; errors are ``ImageFileError``."""
    try:
        with opened(path) as pil_image:
            rows, columns = pil_image.height, pil_image.width
            if pil_image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:
                rows, columns = columns, rows
            dtype = np.dtype(np.uint16 if "16" in _raw_mode(pil_image) else np.uint8)
            bands = len(pil_image.getbands())
    except DECODER_ERRORS as error:
        raise ImageFileError(path, f"cannot be read as an image ({error})") from error
    lengths = {"Y": rows, "X": columns} | ({"S": bands} if bands > 1 else {})
    return (SeriesInfo(0, lengths, dtype),)


def read_pillow(path: Path) -> ImageFile:
    """Read one image, upright; errors are ``ImageFileError``."""
    try:
        with opened(path) as pil_image:
            frames = 1 if pil_image.format == "MPO" else getattr(pil_image, "n_frames", 1)
            if frames > 1:
                problem = f"found an animation of {frames} frames, expected one image"
                raise ImageFileError(path, problem)
            data = _pixels(path, pil_image)
            orientation = pil_image.getexif().get(ExifTags.Base.Orientation, 1)
            data = upright(data, orientation)
            return ImageFile(
                data=native(data),
                axes="YX" if data.ndim == 2 else "YXS",
                icc_profile=_profile(pil_image, data),
                **_pixel_size(pil_image, transposed=orientation >= 5),
            )
    except ImageFileError:
        raise
    except DECODER_ERRORS as error:
        raise ImageFileError(path, f"cannot be read as an image ({error})") from error


@contextmanager
def opened(path: Path) -> Iterator[PillowFile]:
    """Open with Pillow, without its warnings on large images and on damaged side information.

    A large image is what the user asked for, and far larger ones still end in an error.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        with Image.open(path) as pil_image:
            yield pil_image


def _pixels(path: Path, pil_image: PillowFile) -> NDArray[Any]:
    """(rows, columns) or (rows, columns, 3 or 4)."""
    if pil_image.format == "PNG":
        raw_mode = _raw_mode(pil_image)
        if raw_mode in HALVES_OF_16_BITS:
            upper, lower = (_decoded_as(path, half) for half in HALVES_OF_16_BITS[raw_mode])
            return upper.astype(np.uint16) << 8 | lower
        if raw_mode == "LA;16B":
            grey_alpha = _decoded_as(path, "RGBA").view(">u2").astype(np.uint16)
            return grey_alpha[..., [0, 0, 0, 1]]
    if pil_image.mode.startswith("I"):
        return np.asarray(pil_image).astype(np.uint16)
    has_alpha = pil_image.mode.lower() in ("la", "pa", "rgba") or "transparency" in pil_image.info
    if has_alpha and pil_image.mode != "RGBA":
        return np.asarray(pil_image.convert("RGBA"))
    if pil_image.mode in DIRECT_MODES:
        return np.asarray(pil_image)
    return np.asarray(pil_image.convert("L" if pil_image.mode == "1" else "RGB"))


def _raw_mode(pil_image: PillowFile) -> str:
    """How the file's bytes are laid out, in Pillow's words; empty if it says nothing."""
    args = pil_image.tile[0][3] if pil_image.tile else ""
    return str(args[0] if isinstance(args, tuple) and args else args)


def _decoded_as(path: Path, raw_mode: str) -> NDArray[np.uint8]:
    """Decode with another layout of the same number of bytes per pixel."""
    with opened(path) as pil_image:
        pil_image.tile = [(*tile[:3], raw_mode) for tile in pil_image.tile]  # type: ignore[misc]
        return np.array(pil_image, np.uint8)


def _profile(pil_image: PillowFile, data: NDArray[Any]) -> bytes | None:
    """Colour profile, unless its colours were converted away."""
    grey = data.ndim == 2
    same_colours = ("1", "L", "I;16") if grey else ("RGB", "RGBA", "P")
    profile = pil_image.info.get("icc_profile")
    return bytes(profile) if profile and pil_image.mode in same_colours else None


def _pixel_size(pil_image: PillowFile, *, transposed: bool) -> dict[str, Any]:
    """Pixel size from the resolution in dots per inch, where the file gives one."""
    across, down = (float(dots) for dots in pil_image.info.get("dpi", (0, 0)))
    if not (0 < across < np.inf and 0 < down < np.inf):
        return {}
    if transposed:
        across, down = down, across
    return {
        "pixel_size": {"Y": MICRONS_PER_INCH / down, "X": MICRONS_PER_INCH / across},
        "unit": "µm",
    }


# --- writing ---------------------------------------------------------------------------------


def write_pillow(path: Path, image: ImageFile) -> None:
    """Write a PNG or JPEG; ``files.check_holds`` says which images they can hold."""
    options: dict[str, Any] = {}
    if image.icc_profile:
        options["icc_profile"] = image.icc_profile
    png = path.suffix.lower() == ".png"
    dots = _dots_per_inch(image, max_dpi=MAX_DPI_PNG if png else MAX_DPI_JPEG)
    if dots:
        options["dpi"] = dots
    if not png:
        pil_image = Image.fromarray(native(image.data))
        pil_image.save(path, "JPEG", quality=JPEG_QUALITY, subsampling=0, **options)
    elif image.rgb and image.data.dtype == np.uint16:
        path.write_bytes(encode_png16(image.data, **options))
    else:
        Image.fromarray(native(image.data)).save(path, "PNG", **options)


def _dots_per_inch(image: ImageFile, max_dpi: int) -> tuple[float, float] | None:
    """Resolution across and down, where it is known and the file has room for the numbers."""
    sizes = [in_microns(image.pixel_size.get(axis), image.unit) for axis in "XY"]
    if None in sizes:
        return None
    across, down = (MICRONS_PER_INCH / size for size in sizes if size)
    return (across, down) if min(across, down) >= 1 and max(across, down) <= max_dpi else None
