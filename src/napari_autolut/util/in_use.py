"""Files that others hold open: moving and deleting them with a little patience.

Belongs here: the retries, and what else Windows asks for. There a virus scanner, an indexer or a
synchronising folder opens every new file for a moment. What is open, or marked as read-only, can be
neither replaced nor deleted.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between tries: scanners are done in less than all of them together."""

SHORT = 5
"""How many of them are waited where no work would be lost."""

HELD = (errno.EBUSY, errno.ETXTBSY)
"""What Linux and macOS answer where a share's own machine holds a file. Windows denies the right to
it, and of a mapped file or one that a cloud brings it has numbers of its own:"""

HELD_ON_WINDOWS = (170, 391, 1224)


class InUseError(PermissionError):
    """A file that is there cannot be replaced now; it is as it was."""


IN_USE = "is open in another program, or may not be replaced; close it there, or take another name"


def move_file(source: Path, target: Path) -> None:
    """Rename a file or folder, replacing ``target``; tried again while somebody holds one of them.

    Raises
    ------
    OSError
        If it cannot be renamed after all tries; an :class:`InUseError` where ``target`` is there.
    """
    try:
        with _unprotected(target):
            patiently(lambda: source.replace(target))
    except OSError as error:
        if not _is_held(error) or not target.exists():
            raise
        raise InUseError(error.errno, IN_USE, str(target)) from error


def check_not_in_use(path: Path) -> None:
    """Check before any work that a file or folder can be replaced.

    Windows lets nobody rename, even to the name it has, what a program holds open or has mapped
    into memory; other systems know no such thing.

    Raises
    ------
    InUseError
        If it is held, with the sentence.
    """
    try:
        patiently(lambda: os.rename(path, path), shortly=True)  # noqa: PTH104 - links too
    except OSError as error:
        if _is_held(error):
            raise InUseError(error.errno or errno.EACCES, IN_USE, str(path)) from error
        # no such disk; it is said when something is written


def remove_file(path: Path) -> bool:
    """Delete a file that nobody needs any more, or leave it where it cannot be deleted.

    Returns
    -------
    bool
        Whether it is gone. What cannot be tidied up never undoes what was done.
    """
    try:
        with _unprotected(path):
            patiently(lambda: path.unlink(missing_ok=True), shortly=True)
    except OSError:
        return False
    return True


def remove_folder(folder: Path) -> None:
    """Delete a folder with all that is in it; one that is gone already is no error.

    Each try deletes whatever nobody holds: of a thousand files a scanner may hold more than one. Of
    a link the link goes, and nothing of what it leads to.

    Raises
    ------
    OSError
        If something of it cannot be deleted after all tries.
    """
    if folder.is_symlink():
        patiently(lambda: folder.unlink(missing_ok=True))
        return
    for pause in PAUSES[:SHORT]:
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        _unprotect_all(folder)
        time.sleep(pause)
    shutil.rmtree(folder)


@contextmanager
def _unprotected(path: Path) -> Iterator[None]:
    """Take Windows' mark of a read-only file off; it is put on again where what follows fails."""
    try:
        mode = path.stat().st_mode
    except OSError:
        mode = 0
    marked = sys.platform == "win32" and stat.S_ISREG(mode) and not mode & stat.S_IWRITE
    if marked:
        path.chmod(mode | stat.S_IWRITE)
    try:
        yield
    except BaseException:
        if marked:
            with suppress(OSError):
                path.chmod(mode)
        raise


def _unprotect_all(folder: Path) -> None:
    """Let what is in a folder be deleted: folders must be writable, and on Windows files, too."""
    for root, _, names in os.walk(folder):
        for each in (root, *names) if sys.platform == "win32" else (root,):
            with suppress(OSError):
                Path(root, each).chmod(stat.S_IRWXU)


def await_free(path: Path) -> None:
    """Wait for others to let go of a new file, so that it can be opened for writing once more.

    Raises
    ------
    OSError
        If it cannot be opened after all tries.
    """
    patiently(lambda: path.open("rb+").close())


def patiently(action: Callable[[], T], *, shortly: bool = False) -> T:
    """Do something with files, and try again while somebody holds one of them.

    Parameters
    ----------
    action : callable
        What can be done again after it failed.
    shortly : bool, default False
        Give up after a second or two.

    Returns
    -------
    object
        What it gives.

    Raises
    ------
    OSError
        If it cannot be done after all tries, or for another reason.
    """
    for pause in PAUSES[: SHORT if shortly else None]:
        try:
            return action()
        except OSError as error:
            if not _is_held(error):
                raise
        time.sleep(pause)
    return action()


def _is_held(error: OSError) -> bool:
    """Whether somebody may hold the file, and let go of it."""
    number = getattr(error, "winerror", None)
    return isinstance(error, PermissionError) or error.errno in HELD or number in HELD_ON_WINDOWS
