"""Numbers of bytes: in words, and how many a disk has left.

Belongs here: what messages say of memory and disks. What docks show beside a figure is
``widgets/shared/text.py``.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from napari_autolut.util.paths import existing_parent

UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def bytes_text(count: float) -> str:
    """Say a number of bytes with three digits, in the unit that suits it.

    Parameters
    ----------
    count : float
        Bytes.

    Returns
    -------
    str
        In decimal units.

    Examples
    --------
    >>> bytes_text(0), bytes_text(335_400), bytes_text(999_900_000), bytes_text(12_500_000_000)
    ('0 bytes', '335 kB', '1 GB', '12.5 GB')
    """
    size, rest = float(count), list(UNITS)
    while size >= 999.5 and len(rest) > 1:
        size, rest = size / 1000, rest[1:]
    return f"{size:.3g} {rest[0]}"


def free_on_disk(folder: Path) -> float:
    """How many bytes are free where a folder lies; infinite where the disk does not tell.

    Parameters
    ----------
    folder : Path
        It, or the first of its parents that exists, is asked.

    Returns
    -------
    float
        Bytes.
    """
    try:
        return shutil.disk_usage(existing_parent(folder)).free
    except OSError:  # some network disks
        return math.inf
