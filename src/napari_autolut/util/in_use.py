"""Files that others hold open: moving and deleting them with a little patience.

Belongs here: the retries alone. On Windows a virus scanner, an indexer or a synchronising folder
opens every new file for a moment, and what is open can be neither replaced nor deleted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries: scanners are done in less than all of them together."""


def move_file(source: Path, target: Path) -> None:
    """Rename a file, replacing ``target``; tried again while somebody holds one of them.

    Raises
    ------
    OSError
        If it cannot be renamed after all tries.
    """
    _patiently(lambda: source.replace(target))


def remove_file(path: Path) -> bool:
    """Delete a file that nobody needs any more, or leave it where it cannot be deleted.

    Returns
    -------
    bool
        Whether it is gone. What cannot be tidied up never undoes what was done.
    """
    try:
        _patiently(lambda: path.unlink(missing_ok=True))
    except OSError:
        return False
    return True


def _patiently(action: Callable[[], object]) -> None:
    for pause in PAUSES:
        try:
            action()
        except PermissionError:
            time.sleep(pause)
        else:
            return
    action()
