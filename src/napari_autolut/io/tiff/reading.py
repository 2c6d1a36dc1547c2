"""Reading TIFF: plain, ImageJ and OME files, with named axes and pixel sizes.

Belongs here: from a file's pages to an array with axes. What the metadata means is in
``metadata.py``; writing is in ``writing.py``.
"""

from __future__ import annotations

import logging
import math
import re
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffFile, TiffPageSeries

from napari_autolut.io.image_file import ImageFile, ImageFileError, native, upright
from napari_autolut.io.pillow import opened
from napari_autolut.io.series import SeriesInfo, chosen_series
from napari_autolut.io.tiff.contents import contents
from napari_autolut.io.tiff.memmap import can_stay_on_disk, memmap_samples
from napari_autolut.io.tiff.metadata import describe
from napari_autolut.util.memmap import memmap_of

DIRECT = (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.RGB, PHOTOMETRIC.PALETTE)
"""Photometric interpretations whose samples we understand ourselves."""

CONVERTED = (PHOTOMETRIC.SEPARATED, PHOTOMETRIC.YCBCR)
"""Those that Pillow turns into RGB for us."""

UNNAMED_AXES = "IQ"
NAMES_FOR_UNNAMED = "ZTCAPRH"
ORIENTATION_TAG, PROFILE_TAG = 274, 34675

LOST_PIXELS = re.compile(
    "corrupted|zeroed|out of range|incompletely written|failed to read|missing files"
    "|invalid page offset|invalid offset to|shaped series |TiffTag 270 "
)
"""What tifffile says in its log, and no more than that, when a file is cut off or parts of it are
missing; 270 is the description that names axes and sizes."""

DECODER_ERRORS = (
    OSError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    SyntaxError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What tifffile and Pillow raise on files that are damaged or not TIFF."""


class _PageList(NamedTuple):
    """Where a TIFF keeps its page list: struct formats and sizes in bytes."""

    first: int
    entries: str
    entry_bytes: int
    offset: str
    max_bytes: int

    @property
    def offset_bytes(self) -> int:
        return struct.calcsize(f"={self.offset}")


PAGE_LISTS = {
    42: _PageList(4, "H", 12, "I", 2**32),
    43: _PageList(8, "Q", 20, "Q", 2**63),
}
"""By the version number in the header. Classic files beyond 4 GB exist, each its own way."""


def read_tiff(
    path: Path, *, series: int | None = None, memmap_above: float = math.inf
) -> ImageFile:
    """Read one image of a TIFF, all its pages; errors are ``ImageFileError``.

    Pixels of more than ``memmap_above`` bytes stay on disk, and in the file's byte order.
    """
    with _opened(path) as tif:
        found = contents(tif)
        (chosen, *_) = chosen_series(path, [each.info for each in found], series)
        pages = found[chosen.index].pages
        data, axes = _samples(path, tif, pages, memmap_above)
        data, axes = _with_named_axes(path, data, axes)
        fields = describe(tif, pages, chosen.index)
        profile = pages.keyframe.tags.valueof(PROFILE_TAG)
        data = data if memmap_of(data) else native(data)
        return ImageFile(data, axes, icc_profile=bytes(profile) if profile else None, **fields)


def tiff_series(path: Path) -> tuple[SeriesInfo, ...]:
    """List the images of a TIFF; errors are ``ImageFileError``."""
    with _opened(path) as tif:
        return tuple(each.info for each in contents(tif))


@contextmanager
def _opened(path: Path) -> Iterator[TiffFile]:
    """Open a file, and translate what is raised or logged meanwhile."""
    try:
        _check_page_list(path)
        with _complete(path), TiffFile(path) as tif:
            yield tif
    except ImageFileError:
        raise
    except DECODER_ERRORS as error:
        raise ImageFileError(path, f"cannot be read as a TIFF ({error})") from error


def _check_page_list(path: Path) -> None:
    """Follow the list of pages to its end; tifffile stops in silence where it breaks off."""
    with path.open("rb") as stream:
        order = {b"II": "<", b"MM": ">"}.get(stream.read(2), "")
        layout = PAGE_LISTS.get(struct.unpack(f"{order}H", stream.read(2))[0]) if order else None
        size = path.stat().st_size
        if layout is None or size >= layout.max_bytes:
            return
        stream.seek(layout.first)
        (offset,) = struct.unpack(order + layout.offset, stream.read(layout.offset_bytes))
        seen: set[int] = set()
        while offset:
            stream.seek(offset)
            head = stream.read(struct.calcsize(f"={layout.entries}"))
            (entries,) = struct.unpack(order + layout.entries, head)
            stream.seek(offset + len(head) + entries * layout.entry_bytes)
            seen.add(offset)
            (offset,) = struct.unpack(order + layout.offset, stream.read(layout.offset_bytes))
            if offset in seen:
                raise ValueError("its list of pages runs in a circle")


class _Listener(logging.Handler):
    """Collects what tifffile logs about lost pixels, and keeps the log off the screen.

    The log is the whole process's: what other threads read is not for this listener.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.thread == self.thread and LOST_PIXELS.search(message):
            self.messages.append(message)


@contextmanager
def _complete(path: Path) -> Iterator[None]:
    """Make an error of reading a file that is not all there."""
    logger, listener = logging.getLogger("tifffile"), _Listener()
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if listener.messages:
        raise ImageFileError(path, f"is incomplete or damaged ({listener.messages[0]})")


def _samples(
    path: Path, tif: TiffFile, series: TiffPageSeries, memmap_above: float
) -> tuple[NDArray[Any], str]:
    """Pixels as greys or RGB(A), whatever they are called in the file."""
    page = series.keyframe
    if page.photometric in CONVERTED:
        return _decoded_by_pillow(path, series)
    if page.photometric not in DIRECT:
        colours = PHOTOMETRIC(page.photometric).name
        raise ImageFileError(path, f"found {colours} colours, expected greys or RGB; convert it")
    try:
        on_disk = series.nbytes > memmap_above and can_stay_on_disk(tif, series)
        data = memmap_samples(series) if on_disk else series.asarray()
        axes = series.axes
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        data, axes = _decoded_by_pillow(path, series)
    # ImageJ shows its 8-bit images through colour maps and inverted: the values are intensities.
    if not tif.is_imagej:
        if page.photometric == PHOTOMETRIC.PALETTE and page.colormap is not None:
            data, axes = _coloured(data, page.colormap), f"{axes}S"
        if page.photometric == PHOTOMETRIC.MINISWHITE:
            data = ~data if data.dtype.kind in "bu" else data
        if axes in ("YX", "YXS") and series.kind != "ome":
            data = upright(data, int(page.tags.valueof(ORIENTATION_TAG) or 1))
    if data.dtype == np.bool_:
        data = data.astype(np.uint8) * np.uint8(255)
    return data, axes


def _coloured(indices: NDArray[Any], colormap: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Look palette indices up in the (3, 2 ** bits) colour map."""
    # The standard scales entries to 16 bits; some writers do not.
    eight_bit = colormap if colormap.max() < 256 else colormap >> 8
    return np.take(eight_bit.astype(np.uint8).T, indices, axis=0)


def _decoded_by_pillow(path: Path, series: TiffPageSeries) -> tuple[NDArray[Any], str]:
    """Read compressions (LZW, JPEG) and colour spaces that tifffile alone cannot."""
    frames = []
    with opened(path) as pil_image:
        for number in [page.index for page in series.pages if page is not None]:
            pil_image.seek(number)
            direct = pil_image.mode in ("L", "RGB", "RGBA", "F") or pil_image.mode.startswith("I")
            frames.append(np.asarray(pil_image if direct else pil_image.convert("RGB")))
    data = np.stack(frames)
    if native(data).dtype != native(np.empty(0, series.dtype)).dtype:
        compression = COMPRESSION(series.keyframe.compression).name
        problem = f"found {series.dtype} pixels compressed with {compression}"
        remedy = "type: pip install imagecodecs, or save it without compression"
        raise ImageFileError(path, f"{problem}; {remedy}")
    lengths = zip(series.axes, series.shape, strict=True)
    stack = [length for axis, length in lengths if axis not in "YXS"]
    axes = "".join(axis for axis in series.axes if axis != "S")
    return data.reshape(*stack, *data.shape[1:]), axes + "S" * (data.ndim - 3)


def _with_named_axes(path: Path, data: NDArray[Any], axes: str) -> tuple[NDArray[Any], str]:
    """Colours last; grey with alpha as RGBA; more samples as channels; pages as Z."""
    if not {"Y", "X"} <= set(axes) or data.size == 0:
        raise ImageFileError(path, f"found axes {axes} of shape {data.shape}, expected an image")
    if "S" in axes:
        data = np.moveaxis(data, axes.index("S"), -1)
        axes = axes.replace("S", "") + "S"
        if data.shape[-1] == 2:
            data = data[..., [0, 0, 0, 1]]
        elif data.shape[-1] not in (3, 4):
            row = axes.index("Y")
            data, axes = np.moveaxis(data, -1, row), f"{axes[:row]}C{axes[row:-1]}"
    free = iter(letter for letter in NAMES_FOR_UNNAMED if letter not in axes)
    backwards = [next(free, axis) if axis in UNNAMED_AXES else axis for axis in reversed(axes)]
    return data, "".join(reversed(backwards))
