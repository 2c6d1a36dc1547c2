"""What a DICOM file may unpack to: no more than its header says of its pixels.

Belongs here: data sets that are deflated as a whole, and what compressed frames say of their size.
pydicom unpacks both to the end.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.jpeg import check_jpeg
from napari_autolut.io.stream_sizes import of_jpeg, of_jpeg_2000

DEFLATED, PLAIN = b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.1\0\0\0"
"""Names of the transfer syntaxes with and without, of the same length."""

MAX_BESIDES = 2**24
"""Bytes of all that a deflated data set holds beside its pixels."""

RUN_LENGTHS, MAX_RUN = "1.2.840.10008.1.2.5", 64
"""The syntax whose frames are run lengths, and how many bytes one of them can stand for."""

JPEG_START = b"\xff\xd8"


class _DeflatedError(Exception):
    """Where the deflated part of a file begins."""


class _Asked(FileIO):
    """A file of which pydicom reads all that is left only to unpack it."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            raise _DeflatedError(self.tell())
        return super().read(size) or b""


def inflated(path: Path, pixels_nbytes: Callable[[Any], int]) -> BytesIO | None:
    """Unpack a file whose data set is deflated.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    pixels_nbytes : callable
        Tells from a data set how many bytes its pixels take.

    Returns
    -------
    BytesIO or None
        The same file in plain syntax; none where it is not deflated.

    Raises
    ------
    ImageFileError
        If it unpacks to far more than its pixels.
    ValueError
        If it breaks off.
    """
    dicom = import_module("pydicom")
    try:
        with _Asked(path) as file:
            dicom.filereader.read_partial(file, stop_when=lambda *_: True, force=True)
        return None
    except _DeflatedError as found:
        start = int(found.args[0])
    content = path.read_bytes()
    before = content[:start].replace(DEFLATED, PLAIN)
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    head = unpacking.decompress(content[start:], MAX_BESIDES)
    header = dicom.dcmread(BytesIO(before + head), stop_before_pixels=True, force=True)
    room = pixels_nbytes(header) + 1
    rest = unpacking.decompress(unpacking.unconsumed_tail, room)
    if len(rest) == room:
        problem = f"unpacks to more than {MAX_BESIDES + room - 1:,} bytes, expected {room - 1:,}"
        raise ImageFileError(path, f"{problem} of its pixels and little besides")
    if not unpacking.eof:
        raise ValueError("its deflated part breaks off")
    return BytesIO(before + head + rest)


def check_frames(path: Path, found: Any, lengths: Mapping[str, int]) -> None:
    """Check that compressed frames say of themselves what the header says of them.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    found : pydicom.Dataset
        Its data set.
    lengths : mapping of str to int
        Axes by the header.

    Raises
    ------
    ImageFileError
        If one holds more pixels than the header says, or they have no room in it.
    ValueError
        If one is a JPEG that goes over its pixels far too often.
    """
    syntax = found.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return
    a_frame = lengths["Y"] * lengths["X"]
    frames = math.prod(lengths.values()) // (a_frame * lengths.get("S", 1))
    values = frames * a_frame * int(found.get("SamplesPerPixel") or 1)
    if syntax == RUN_LENGTHS and values > MAX_RUN * len(found.PixelData):
        held = f"has {len(found.PixelData):,} bytes for them"
        raise ImageFileError(path, f"declares {values:,} values, and {held}; is it cut off?")
    for frame in import_module("pydicom.encaps").generate_frames(
        found.PixelData, number_of_frames=frames
    ):
        is_jpeg = frame.startswith(JPEG_START)
        if is_jpeg:
            check_jpeg(frame)
        size = of_jpeg(frame) if is_jpeg else of_jpeg_2000(frame)
        if size and size.rows * size.columns > a_frame:
            words = f"{size.columns:,} x {size.rows:,} pixels, expected"
            expected = f"{lengths['X']:,} x {lengths['Y']:,}"
            raise ImageFileError(path, f"a frame holds {words} {expected}")
        if size and size.samples > max(4, lengths.get("S", 1)):
            raise ImageFileError(path, f"a frame holds {size.samples:,} samples a pixel")
