r"""Paths that are longer than Windows takes as they are: ``\\?\`` before them lifts the limit.

Belongs here: that spelling. What a path stands for is ``paths.py``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

WINDOWS_MAX_PATH = 259


def any_length(path: Path) -> Path:
    """Spell a path so that Windows takes it, whatever its length."""
    if sys.platform != "win32" or len(str(path.absolute())) <= WINDOWS_MAX_PATH:
        return path
    return long_path(path)


def long_path(path: Path) -> Path:
    r"""Spell a Windows path so that it may have more than 259 characters (``\\?\``).

    Parameters
    ----------
    path : Path
        Of a disk, or of a share (``\\server\share``).

    Returns
    -------
    Path
        The same file.
    """
    text = os.path.abspath(path)  # noqa: PTH100 - links stay, and ".." goes
    if text.startswith("\\\\?\\"):
        return Path(text)
    return Path(rf"\\?\UNC{text[1:]}" if text.startswith("\\\\") else rf"\\?\{text}")
