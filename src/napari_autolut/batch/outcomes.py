"""What happens to the files of a folder: the events of the work, and what became of each file.

What makes them is ``folder.py``; what keeps and shows them ``record.py``, ``log.py``, the shell and
the docks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from napari_autolut.arrays import Progress
from napari_autolut.batch.files.upscaling import UpscaledFile
from napari_autolut.util.text import counted

COARSE_TIMES = 2.0
"""Seconds to which FAT, the file system of sticks and cards, rounds the time of a change."""


@dataclass(frozen=True)
class FileItem:
    """One file to upscale and where to; ``problem`` says why that cannot be."""

    source: Path
    out: Path
    problem: str = ""

    @property
    def has_result(self) -> bool:
        """Whether something has the result's name; no where the disk takes no such name."""
        return os.path.exists(self.out)  # noqa: PTH110 - no error


@dataclass(frozen=True)
class Started:
    """Work on a file begins; ``number`` counts from 1."""

    item: FileItem
    number: int
    total: int


@dataclass(frozen=True)
class Done:
    """A file was written."""

    item: FileItem
    result: UpscaledFile


@dataclass(frozen=True)
class Skipped:
    """The result was there before, and stayed as it was."""

    item: FileItem

    @property
    def note(self) -> str:
        """What there is to say of the result: an image may have been changed after it."""
        source, out = self.item.source, self.item.out
        try:
            later = source.stat().st_mtime - out.stat().st_mtime
            changed = source.is_file() and later > COARSE_TIMES
        except OSError:
            changed = False
        return "exists already, older than its source" if changed else "exists already"


@dataclass(frozen=True)
class Failed:
    """No result, and nothing left behind; ``reason`` is one sentence that names the file."""

    item: FileItem
    reason: str


Outcome = Done | Skipped | Failed


def gone_words(items: Iterable[FileItem]) -> str:
    """Say how many results somebody has taken away meanwhile; empty where all are there.

    Parameters
    ----------
    items : iterable of FileItem
        Those that had a result.

    Returns
    -------
    str
        The end of a sentence that counts files.
    """
    gone = sum(not item.has_result for item in items)
    return f"; {counted(gone, 'result')} not there any more" if gone else ""


Event = Started | Progress | Outcome
