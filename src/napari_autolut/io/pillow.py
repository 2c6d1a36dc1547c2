"""PNG, JPEG, WebP and BMP through Pillow, and the 16-bit colour PNGs that Pillow cannot hold.

Belongs here: single pictures. TIFF is ``tiff_reading.py`` and ``tiff_writing.py``.
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

MICRONS_PER_INCH = 25400.0
MOST_DOTS_IN_PNG = 10**8
MOST_DOTS_IN_JPEG = 2**16 - 1
JPEG_QUALITY = 95

DIRECT_MODES = ("L", "RGB", "RGBA", "I;16", "F")
"""Pillow modes whose array is already what we want; every other one is converted."""

HALVES_OF_16_BITS = {
    "RGB;16B": ("RGB;16B", "RGB;16L"),
    "RGBA;16B": ("RGBA;16B", "RGBA;16L"),
}
"""Pillow reads 16-bit colours as 8 bits: the upper byte of each value in the true byte order, the
lower byte when told the other order. Both together are the picture."""

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
"""What Pillow raises on files that are damaged or not pictures."""


_one_at_a_time = threading.RLock()
"""Warning filters are the whole process's: two threads would put back each other's."""


def read_picture(path: Path) -> ImageFile:
    """Read one picture, turned upright; errors are `ImageFileError`."""
    try:
        with opened(path) as picture:
            frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
            if frames > 1:
                problem = f"found an animation of {frames} pictures, expected one picture"
                raise ImageFileError(path, problem)
            data = _pixels(path, picture)
            orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
            data = upright(data, orientation)
            return ImageFile(
                data=native(data),
                axes="YX" if data.ndim == 2 else "YXS",
                icc_profile=_profile(picture, data),
                **_pixel_size(picture, turned=orientation >= 5),
            )
    except ImageFileError:
        raise
    except DECODER_ERRORS as error:
        raise ImageFileError(path, f"cannot be read as a picture ({error})") from error


@contextmanager
def opened(path: Path) -> Iterator[PillowFile]:
    """Open with Pillow, without its warnings on large pictures and on damaged side information.

    A large picture is what the user asked for, and far larger ones still end in an error.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        with Image.open(path) as picture:
            yield picture


def _pixels(path: Path, picture: PillowFile) -> NDArray[Any]:
    """(rows, columns) or (rows, columns, 3 or 4)."""
    if picture.format == "PNG":
        raw_mode = _raw_mode(picture)
        if raw_mode in HALVES_OF_16_BITS:
            upper, lower = (_decoded_as(path, half) for half in HALVES_OF_16_BITS[raw_mode])
            return upper.astype(np.uint16) << 8 | lower
        if raw_mode == "LA;16B":
            grey_alpha = _decoded_as(path, "RGBA").view(">u2").astype(np.uint16)
            return grey_alpha[..., [0, 0, 0, 1]]
    if picture.mode.startswith("I"):
        return np.asarray(picture).astype(np.uint16)
    has_alpha = picture.mode.lower() in ("la", "pa", "rgba") or "transparency" in picture.info
    if has_alpha and picture.mode != "RGBA":
        return np.asarray(picture.convert("RGBA"))
    if picture.mode in DIRECT_MODES:
        return np.asarray(picture)
    return np.asarray(picture.convert("L" if picture.mode == "1" else "RGB"))


def _raw_mode(picture: PillowFile) -> str:
    """How the file's bytes are laid out, in Pillow's words; empty if it says nothing."""
    args = picture.tile[0][3] if picture.tile else ""
    return str(args[0] if isinstance(args, tuple) and args else args)


def _decoded_as(path: Path, raw_mode: str) -> NDArray[np.uint8]:
    """Decode with another layout of the same number of bytes per pixel."""
    with opened(path) as picture:
        picture.tile = [(*tile[:3], raw_mode) for tile in picture.tile]  # type: ignore[misc]
        return np.array(picture, np.uint8)


def _profile(picture: PillowFile, data: NDArray[Any]) -> bytes | None:
    """Give the colour profile, unless its colours were converted away."""
    grey = data.ndim == 2
    kept = ("1", "L", "I;16") if grey else ("RGB", "RGBA", "P")
    profile = picture.info.get("icc_profile")
    return bytes(profile) if profile and picture.mode in kept else None


def _pixel_size(picture: PillowFile, *, turned: bool) -> dict[str, Any]:
    """Pixel size from the resolution in dots per inch, where the file gives one."""
    across, down = (float(dots) for dots in picture.info.get("dpi", (0, 0)))
    if not (0 < across < np.inf and 0 < down < np.inf):
        return {}
    if turned:
        across, down = down, across
    return {
        "pixel_size": {"Y": MICRONS_PER_INCH / down, "X": MICRONS_PER_INCH / across},
        "unit": "µm",
    }


# --- writing ---------------------------------------------------------------------------------


def write_picture(path: Path, image: ImageFile) -> None:
    """Write a PNG or JPEG that `imagefiles.check_holds` has let through."""
    options: dict[str, Any] = {}
    if image.icc_profile:
        options["icc_profile"] = image.icc_profile
    png = path.suffix.lower() == ".png"
    dots = _dots_per_inch(image, most=MOST_DOTS_IN_PNG if png else MOST_DOTS_IN_JPEG)
    if dots:
        options["dpi"] = dots
    if not png:
        picture = Image.fromarray(native(image.data))
        picture.save(path, "JPEG", quality=JPEG_QUALITY, subsampling=0, **options)
    elif image.rgb and image.data.dtype == np.uint16:
        path.write_bytes(_png_of_16_bit_colours(image.data, **options))
    else:
        Image.fromarray(native(image.data)).save(path, "PNG", **options)


def _dots_per_inch(image: ImageFile, most: int) -> tuple[float, float] | None:
    """Resolution across and down, where it is known and the file has room for the numbers."""
    from napari_autolut.io.tiff.metadata import in_microns

    sizes = [in_microns(image.pixel_size.get(axis), image.unit) for axis in "XY"]
    if None in sizes:
        return None
    across, down = (MICRONS_PER_INCH / size for size in sizes if size)
    return (across, down) if min(across, down) >= 1 and max(across, down) <= most else None


def _png_of_16_bit_colours(
    data: NDArray[np.uint16],
    dpi: tuple[float, float] | None = None,
    icc_profile: bytes | None = None,
) -> bytes:
    """Encode (rows, columns, 3 or 4) uint16 as a PNG file (W3C PNG specification, filter Up)."""
    rows, columns, colours = data.shape
    raw = native(data).astype(">u2").view(np.uint8).reshape(rows, -1)
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
    chunks += [(b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
