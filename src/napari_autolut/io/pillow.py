"""PNG, JPEG, WebP and BMP through Pillow.

Belongs here: single images and what their files say of them. TIFF is in ``tiff``; pixels are
decoded in ``png.py`` and ``pillow_pixels.py``. 16-bit colours, which Pillow cannot write, are
encoded in ``png16.py``.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile as PillowFile
from PIL.PngImagePlugin import PngInfo

from napari_autolut.io.decoding import decoding
from napari_autolut.io.exif import IPTC_WORD, XMP_WORD, kept_exif
from napari_autolut.io.image_file import ImageFile, ImageFileError, in_native_order, upright
from napari_autolut.io.jpeg import check_jpeg_head
from napari_autolut.io.pillow_pixels import JPEGS, check_declared, decoded, samples
from napari_autolut.io.pillow_sizes import pixel_size
from napari_autolut.io.png import PngHeader, decode_png, png_header, png_orientation
from napari_autolut.io.png16 import encode_png16, with_colour_space
from napari_autolut.io.png_chunks import COLOUR_SPACE, kept_chunks, lost_chunks
from napari_autolut.io.provenance import JSON_KEY, History, history_from_json, history_to_json
from napari_autolut.io.series import SeriesInfo
from napari_autolut.io.units import MICRONS_PER_INCH, in_microns
from napari_autolut.io.webp import check_webp, webp_header

MAX_DPI_PNG = 10**8
MAX_DPI_JPEG = 2**16 - 1
JPEG_QUALITY = 95
MAX_JPEG_COMMENT = 2**16 - 100

SCREEN_GAMMA = 1 / 2.2

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
"""What Pillow calls them."""

CODERS_COMMENT = b"CREATOR: gd-jpeg"
"""What a widespread coder puts into each of its files."""

XMP_OF_PNG, IPTC = "XML:com.adobe.xmp", 0x0404
"""Where Pillow has them; older versions know XMP of PNGs as one of their texts."""

HEAD_BYTES = 2**16
"""Read at once, of a file of which only its head is wanted: EXIF and a profile have room."""

_one_at_a_time = threading.RLock()
"""Warning filters are the whole process's: two threads would put back each other's."""


def pillow_series(path: Path) -> tuple[SeriesInfo]:
    """Describe the only image of a file; errors are ``ImageFileError``."""
    dtype: np.dtype[Any] = np.dtype(np.uint8)
    if webp := webp_header(path):
        rows, columns, orientation = webp.rows, webp.columns, webp.orientation
        bands = 4 if webp.alpha else 3
    else:
        with _opened(path) as (pil_image, png, _):
            rows, columns = pil_image.height, pil_image.width
            orientation = _orientation(pil_image, png)
            check_declared(path, pil_image)
            if png is not None and png.bits == 16:
                dtype = np.dtype(np.uint16)
            bands = samples(pil_image)
    if orientation in range(5, 9):
        rows, columns = columns, rows
    lengths = {"Y": rows, "X": columns} | ({"S": bands} if bands > 1 else {})
    return (SeriesInfo(0, lengths, dtype),)


def read_pillow(path: Path) -> ImageFile:
    """Read one image, upright; errors are ``ImageFileError``."""
    with _opened(path, whole=True) as (pil_image, png, content):
        frames = getattr(pil_image, "n_frames", 1)
        if frames > 1 and pil_image.format != "MPO":
            problem = f"found an animation of {frames} frames, expected one image"
            raise ImageFileError(path, problem)
        orientation = _orientation(pil_image, png)
        if png is not None:
            data = decode_png(path, png, content)
        else:
            data = decoded(path, pil_image, content)
        data = upright(data, orientation)
        return ImageFile(
            data=in_native_order(data),
            axes="YX" if data.ndim == 2 else "YXS",
            icc_profile=_profile(pil_image, data),
            history=_history(pil_image),
            not_kept=_not_kept(pil_image, png),
            metadata=kept_chunks(png.chunks) if png is not None else {},
            exif=kept_exif(pil_image.getexif) if "exif" in pil_image.info else None,
            **pixel_size(pil_image, png, transposed=orientation >= 5),
        )


class _Opened(NamedTuple):
    """A file that Pillow opened, what the chunks of a PNG say, and all its bytes if wanted."""

    image: PillowFile
    png: PngHeader | None
    content: bytes


@contextmanager
def _opened(path: Path, *, whole: bool = False) -> Iterator[_Opened]:
    """Open with Pillow, without its warnings on damaged side information.

    Unless the ``whole`` file is wanted, little more is read than what stands before its pixels. Of
    a BMP that is so in any case: Pillow maps its pixels.

    Its limit of pixels is not asked: a large image is what the user wants, and what files declare
    is checked here.
    """
    with (
        decoding(path, "an image"),
        _one_at_a_time,
        warnings.catch_warnings(),
        path.open("rb", buffering=0) as file,
    ):
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        kind = _kind(file.read(16))
        file.seek(0)
        content = file.read() if whole and kind != "BMP" else b""
        png = png_header(path, BytesIO(content) if content else file) if kind == "PNG" else None
        file.seek(0)
        stream = BytesIO(content) if content else BufferedReader(file, HEAD_BYTES)
        if kind == "JPEG":
            check_jpeg_head(stream)
        elif kind == "WEBP":
            check_webp(path, stream)
        stream.seek(0)
        with _without_limit(Image.OPEN[kind][0], stream, path) as pil_image:
            yield _Opened(pil_image, png, content)


def _without_limit(
    factory: Callable[[IO[bytes], str], Image.Image], stream: IO[bytes], path: Path
) -> PillowFile:
    """Open a file; the reader of WebP alone asks Pillow's limit of pixels by itself."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        return cast("PillowFile", factory(stream, str(path)))
    except ValueError as error:
        if "MAX_TEXT" in str(error):  # Pillow's limits: 1 MB unpacked, 64 MB in all
            problem = "its texts or its colour profile are far too large; save it without them"
            raise ImageFileError(path, problem) from error
        raise
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _kind(start: bytes) -> str:
    """Find which format a file has that starts so, whatever its suffix."""
    Image.preinit()
    if not set(FORMATS) <= Image.OPEN.keys():
        Image.init()
    for name in FORMATS:
        accepts = Image.OPEN[name][1]
        if accepts is not None and accepts(start) is True:
            return name
    raise ValueError(f"found no header of {', '.join(FORMATS)}; is the suffix right?")


def _orientation(pil_image: PillowFile, png: PngHeader | None) -> int:
    if png is not None:  # Pillow would decode the pixels to look behind them
        return png_orientation(png)
    found = pil_image.getexif().get(ExifTags.Base.Orientation, 1)
    return found if found in range(1, 9) else 1


def _profile(pil_image: PillowFile, data: NDArray[Any]) -> bytes | None:
    """Colour profile, unless its colours were converted away."""
    grey = data.ndim == 2
    same_colours = ("1", "L", "I;16") if grey else ("RGB", "RGBA", "P")
    profile = pil_image.info.get("icc_profile")
    return bytes(profile) if profile and pil_image.mode in same_colours else None


def _not_kept(pil_image: PillowFile, png: PngHeader | None) -> tuple[str, ...]:
    """What the file holds besides: of a JPEG previews, a second view, or a map of brightness."""
    texts = pil_image.info
    comment = texts.get("comment", b"") if pil_image.format in JPEGS else b""
    own = f"{JSON_KEY} =".encode()
    words = {
        "the other images in the JPEG": pil_image.format == "MPO",
        "the PNG's gamma": _has_own_gamma(pil_image),
        XMP_WORD: "xmp" in texts or XMP_OF_PNG in texts,
        IPTC_WORD: IPTC in (texts.get("photoshop") or ()),
        "the JPEG's comment": bool(comment) and not comment.startswith((own, CODERS_COMMENT)),
    }
    of_chunks = lost_chunks(png.chunks, png.texts, png.bits) if png is not None else ()
    return (*(word for word, there in words.items() if there), *of_chunks)


def _has_own_gamma(pil_image: PillowFile) -> bool:
    """Whether a PNG says that its greys are not those of screens, and no profile says it, too."""
    gamma = pil_image.info.get("gamma", 0)
    told = "icc_profile" in pil_image.info or "srgb" in pil_image.info
    return bool(gamma) and not told and abs(gamma - SCREEN_GAMMA) > 0.01


def pillow_history(path: Path) -> History:
    """Read what was done to an image, without its pixels; errors are ``ImageFileError``."""
    if webp_header(path):
        return ()  # no WebP is written here
    with _opened(path) as (pil_image, _, _):
        return _history(pil_image)


def _history(pil_image: PillowFile) -> History:
    """What was done, from the text of a PNG or the comment of a JPEG."""
    comment = pil_image.info.get("comment", b"")
    text = comment.decode("latin-1") if isinstance(comment, bytes) else str(comment)
    key, _, of_jpeg = text.partition(" = ")
    return history_from_json(of_jpeg if key == JSON_KEY else pil_image.info.get(JSON_KEY))


# --- writing ---------------------------------------------------------------------------------


def write_pillow(path: Path, image: ImageFile) -> None:
    """Write a PNG or JPEG; ``outputs.check_holds`` says which images they can hold."""
    options: dict[str, Any] = {}
    if image.icc_profile:
        options["icc_profile"] = image.icc_profile
    if image.exif:
        options["exif"] = image.exif
    png = path.suffix.lower() == ".png"
    dots = _dots_per_inch(image, png=png)
    if dots:
        options["dpi"] = dots
    history = history_to_json(image.history) if image.history else ""
    if not png:
        if len(history) < MAX_JPEG_COMMENT and history:
            options["comment"] = f"{JSON_KEY} = {history}"
        pil_image = Image.fromarray(in_native_order(image.data))
        pil_image.save(path, "JPEG", quality=JPEG_QUALITY, subsampling=0, **options)
    elif image.rgb and image.data.dtype == np.uint16:
        texts = {JSON_KEY: history} if history else {}
        path.write_bytes(encode_png16(image.data, texts=texts, **options))
    else:
        if history:
            options["pnginfo"] = PngInfo()
            options["pnginfo"].add_text(JSON_KEY, history)
        Image.fromarray(in_native_order(image.data)).save(path, "PNG", **options)
    if png and (colour_space := image.metadata.get(COLOUR_SPACE)):
        path.write_bytes(with_colour_space(path.read_bytes(), colour_space))


def loses_pixel_size(path: Path, image: ImageFile) -> bool:
    """Whether a PNG or JPEG of that name has no room for a pixel size that is known."""
    known = image.unit is not None and {"X", "Y"} <= set(image.pixel_size)
    return known and _dots_per_inch(image, png=path.suffix.lower() == ".png") is None


def _dots_per_inch(image: ImageFile, *, png: bool) -> tuple[float, float] | None:
    """Resolution across and down, where it is known and the file has room for the numbers."""
    max_dpi = MAX_DPI_PNG if png else MAX_DPI_JPEG
    sizes = [in_microns(image.pixel_size.get(axis), image.unit) for axis in "XY"]
    if None in sizes:
        return None
    across, down = (MICRONS_PER_INCH / size for size in sizes if size)
    return (across, down) if min(across, down) >= 1 and max(across, down) <= max_dpi else None
