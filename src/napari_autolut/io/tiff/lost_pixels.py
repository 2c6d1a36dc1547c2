"""Pixels that a TIFF declares and does not hold.

Belongs here: what tifffile says of them in its log alone, and planes that no page holds.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tifffile import TiffPageSeries

from napari_autolut.io.decoding import logged, quotable
from napari_autolut.io.image_file import ImageFileError
from napari_autolut.util.text import counted

LOST_PIXELS = re.compile(
    "corrupted|zeroed|out of range|incompletely written|failed to read|missing files"
    "|invalid page offset|invalid offset to|shaped series |TiffTag 270 |failed to reshape"
)
"""What tifffile says in its log, and no more than that, when a file is cut off or parts of it are
missing; 270 is the description that names axes and sizes."""

MISSING_MEMBER = re.compile(r"failed to read '?([^',]+)'?, raised")
"""What it says of a file that OME-XML names."""


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
def complete(path: Path) -> Iterator[None]:
    """Make an error of reading a file that is not all there."""
    logger, listener = logging.getLogger("tifffile"), _Listener()
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if listener.messages:
        first = listener.messages[0]
        if member := MISSING_MEMBER.search(first):
            raise ImageFileError(
                path,
                f"is one of several files of an image, of which {member[1]} is missing or cannot "
                "be read; copy all of them into one folder",
            )
        words = quotable(logged(first))
        remedy = "copy it again, or open it in Fiji and save what is left of it"
        raise ImageFileError(path, f"is incomplete or damaged ({words}); {remedy}")


def missing_words(series: TiffPageSeries) -> tuple[str, ...]:
    """What there is to say of planes that OME-XML has no page for, as of a sparse recording."""
    pages = [*series.pages]
    count = pages.count(None)
    words = f"{count} of its {counted(len(pages), 'plane')} are not in the file and were read as 0"
    return (words,) if count else ()
