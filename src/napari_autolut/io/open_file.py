"""A file that stays open and is read at places.

Belongs here: reading in time, and the sentence where a file ends before. Which bytes are which
pixels is in ``file_pixels.py``.
"""

from __future__ import annotations

import math
import os
import threading
import weakref
from io import FileIO
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.image_file import ImageFileError

BAND_BYTES, BAND_SECONDS = 2**25, 2.0
"""Rows are read whole for tiles beside one another, up to so many bytes; and kept for so long,
since files may change."""

MAX_READ = 2**30
"""Bytes that are read at once: macOS refuses 2 GB and more, Linux gives fewer."""


class Band(NamedTuple):
    """Bytes of a file, where they begin, and when they were read."""

    place: int
    held: NDArray[np.uint8]
    time: float


class OpenFile:
    """A file that is read at places, by several threads and processes; closed with its last user.

    Parameters
    ----------
    path : pathlib.Path
        For messages.
    stream : io.FileIO, optional
        The file, not buffered; opened here by default.
    """

    def __init__(self, path: Path, stream: FileIO | None = None) -> None:
        self.path = path
        self.stream = stream or FileIO(path)
        # Not __del__: in a cycle, Python may destroy the stream first, and warn of it.
        weakref.finalize(self, self.stream.close)
        self._lock = threading.Lock()
        self._last = -1
        self._band = Band(0, np.empty(0, np.uint8), -math.inf)

    def read(self, place: int, target: memoryview) -> None:
        """Fill ``target``; ImageFileError if the file ends before."""
        while len(target):
            try:
                count = self._read_some(place, target[:MAX_READ])
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self.path)) from error
            if not count:
                problem = "ends before its pixels do; it was cut short while it was read"
                raise ImageFileError(self.path, problem)
            place, target = place + count, target[count:]

    def band(self, place: int, nbytes: int, row: int) -> NDArray[np.uint8] | None:
        """Give a tile's bytes, with all between them, where the tile before was in the same rows.

        One by one, rows of tiles would be many small reads.
        """
        first, held, time = self._band
        if monotonic() > time + BAND_SECONDS or not 0 <= place - first <= len(held) - nbytes:
            beside = 0 < abs(place - self._last) < row
            self._last = place
            first = max(0, place - row)
            size = os.fstat(self.stream.fileno()).st_size
            if not beside or nbytes > BAND_BYTES or place + nbytes > size:
                return None
            held = np.empty(min(place + nbytes + row, size) - first, np.uint8)
            self.read(first, held.data)
            self._band = Band(first, held, monotonic())
        return held[place - first :][:nbytes]

    def _read_some(self, place: int, target: memoryview) -> int:
        if hasattr(os, "preadv"):  # not on Windows
            return os.preadv(self.stream.fileno(), [target], place)
        with self._lock:
            self.stream.seek(place)
            return self.stream.readinto(target) or 0
