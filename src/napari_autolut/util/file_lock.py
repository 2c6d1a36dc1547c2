"""A lock that one process holds on a folder or a file, and that ends with the process anyhow.

Belongs here: the lock and the two systems' calls for it. What it protects belongs to the caller.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from napari_autolut.util.in_use import patiently, remove_file

NAME = "lock"

TRIES = 8
"""How often a file that was removed while its lock was awaited is opened anew."""

FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
"""A link in its place may lead to where a file is to appear, or to be opened, that is no lock."""

TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
"""What the systems answer when somebody has the lock. All else (ENOTSUP, ENOLCK, ENOSYS, EINVAL)
comes from disks that know no locks, as some network homes: there nobody can be seen to have it."""


class FileLock:
    """Held from :meth:`acquire` to :meth:`release`, by an open file that the system locks.

    Parameters
    ----------
    path : Path
        The file that is locked; it is created for that.
    temporary : bool, default False
        Remove it at the end.
    """

    def __init__(self, path: Path, *, temporary: bool = False) -> None:
        self._path, self._temporary = path, temporary
        self._file: int | None = None
        self._process = os.getpid()

    def acquire(self) -> bool:
        """Take the lock, unless somebody has it; say whether it is ours now.

        Where a disk knows no locks, everybody gets it.

        Raises
        ------
        OSError
            If the folder takes no file.
        """
        for left in reversed(range(TRIES)):
            file = patiently(partial(os.open, self._path, FLAGS, 0o666))
            try:
                _lock(file)
            except OSError as error:
                if error.errno in TAKEN:
                    os.close(file)
                    return False
            if _has_name(file, self._path) or not left:  # disks may have no numbers of files
                break
            os.close(file)  # whoever had it has removed it meanwhile
        self._file, self._process = file, os.getpid()
        return True

    def release(self) -> None:
        """Give the lock back; more than once does no harm.

        Closing the file alone would not do: a child that was forked meanwhile has it open, too.
        That child gives nothing back.
        """
        if self._file is None:
            return
        ours = self._process == os.getpid()
        goes = ours and self._temporary
        if goes and sys.platform != "win32":
            remove_file(self._path)  # while nobody else can have it
        if ours:
            with suppress(OSError):  # a disk that knows no locks
                _unlock(self._file)
        os.close(self._file)
        self._file = None
        if goes and sys.platform == "win32":  # which removes no open file, also not another's
            remove_file(self._path)


class FolderLock(FileLock):
    """The lock of a folder: a file in it, which stays."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / NAME)


def _has_name(file: int, path: Path) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def is_locked(folder: Path) -> bool:
    """Whether some process, this one included, holds the lock of a folder."""
    if not (folder / NAME).exists():
        return False
    lock = FolderLock(folder)
    try:
        free = lock.acquire()
    except OSError:  # a folder of somebody else's, which we cannot lock either
        return False
    lock.release()
    return not free


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
