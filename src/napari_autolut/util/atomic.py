"""Atomic writes: a file is complete or not there at all.

Belongs here: when a file gets its final name. Its rights are ``rights.py``, temporary names
and what is left of them ``temporary.py``; what is in the file belongs to the caller.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_autolut.util.arguments import checked_flag
from napari_autolut.util.errors import ExistsAlreadyError
from napari_autolut.util.in_use import await_free, check_not_in_use, move_file, patiently
from napari_autolut.util.paths import FORBIDDEN, check_creatable
from napari_autolut.util.rights import restore_rights, rights_of
from napari_autolut.util.temporary import create_beside, forget, remove_left_overs

NEW_FILE_MODE = 0o666
"""Rights of a new file before the umask, as those of every program's."""

UNKNOWN_CALL = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What disks answer that do not know how to flush; the file is written all the same."""


@contextmanager
def atomic_write(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary name beside ``path``; on success flush it to disk and rename it.

    Nothing is left behind on failure, and an existing file is never touched unless asked. A new
    file has the rights that the umask leaves; one that is replaced keeps its own. Of a link the
    file is replaced that it leads to.

    Raises
    ------
    FileExistsError
        If ``path`` exists and ``overwrite`` is false.
    OSError
        With the name ``path``, also where it is about the temporary file.
    """
    named = Path(path)
    check_replaceable(named, overwrite=overwrite)
    target = Path(os.path.realpath(named)) if named.is_symlink() else named
    remove_left_overs(target.parent)
    rights = rights_of(target)
    # Until it is complete, nobody may read what was private; then its group is the right one, too.
    mode = NEW_FILE_MODE if rights is None else rights.mode & 0o606 | 0o600
    temporary = create_beside(target, mode)
    try:
        await_free(temporary)
        yield temporary
        flush(temporary)
        if rights is not None:
            restore_rights(temporary, rights)
        if overwrite:
            move_file(temporary, target)
        else:
            _rename_to_new(temporary, target)
    except OSError as error:
        names = (None, str(temporary), str(target), temporary)
        if error.errno is None or error.filename not in names:
            raise
        raise type(error)(error.errno, error.strerror, str(named)) from error
    finally:
        forget(temporary)


def check_replaceable(path: Path, *, overwrite: bool) -> None:
    """Check that a name can be that of a file, and is free or may be replaced.

    Raises
    ------
    ValueError
        If Windows keeps the name for a device.
    FileExistsError
        If there is a file and ``overwrite`` is false, a link that leads nowhere, a pipe or device;
        an :class:`ExistsAlreadyError` where ``overwrite`` would help.
    InUseError
        If there is a file that another program holds open.
    """
    check_creatable(path)
    checked_flag(overwrite, "overwrite")
    if path.is_symlink() and not path.exists():
        raise FileExistsError(
            f"{path}: found a link to {path.readlink()}, which does not exist; remove the link or "
            "choose another name"
        )
    if not path.exists():
        return
    if not path.is_file() and not path.is_dir():
        raise FileExistsError(f"{path}: found a pipe or device, expected the name of a file")
    if not overwrite:
        raise ExistsAlreadyError(f"{path}: exists already")
    check_not_in_use(path)


def check_folder_takes_files(folder: Path, named: Path, *, inside: int = 0) -> None:
    """Check before any work that files can be written to a folder, by creating one.

    Nothing else is sure: rights, read-only disks and Windows' lists are asked in different ways.

    Parameters
    ----------
    folder : Path
        One that exists.
    named : Path
        What the user typed, for the message.
    inside : int, default 0
        Letters by which paths in it will be longer, where it will be a folder.

    Raises
    ------
    OSError
        If no file can be created there, or none of that name; it names ``named``.
    """
    try:
        probe = create_beside(folder / named.name, NEW_FILE_MODE)
    except OSError as error:
        reason = f"{error.strerror}, so that nothing can be written there; choose another folder"
        raise OSError(error.errno, reason, str(named)) from error
    try:
        _check_takes_name(probe, folder, named, inside)
    finally:
        forget(probe)


def _check_takes_name(probe: Path, folder: Path, named: Path, inside: int) -> None:
    """Check that a disk has such names, by giving one like it to a temporary file there.

    Those of Windows lack some characters, as do sticks and shares made for it, wherever they are
    mounted; and Windows has no paths of 260 characters where nobody allowed them.
    """
    odd = "".join(sorted(set(named.name) & set(FORBIDDEN)))
    on_windows = sys.platform == "win32"
    length = len(named.name) + inside if on_windows else len(os.fsencode(named.name))
    alike = f"{probe.name}{odd and '.'}{odd}".ljust(length, "x")
    if alike == probe.name:
        return
    long = "paths as long as those in it would be" if inside else "names, or paths, as long as this"
    what = f"names with {' '.join(odd)}" if odd else long
    try:
        if odd and on_windows:  # where a colon would open another stream of a file
            raise OSError
        other = folder / alike
        patiently(lambda: probe.rename(other))
        patiently(lambda: other.rename(probe))
    except OSError as error:
        reason = f"this disk takes no {what}; choose another name"
        raise OSError(errno.EINVAL, reason, str(named)) from error


def flush(path: Path) -> None:
    """Have the system write a file to disk, where the disk knows how.

    Raises
    ------
    OSError
        If that fails.
    """
    with patiently(lambda: path.open("rb+")) as stream:
        try:
            os.fsync(stream.fileno())
        except OSError as error:
            if error.errno not in UNKNOWN_CALL:
                raise


def _rename_to_new(temporary: Path, target: Path) -> None:
    """Rename without replacing a file that appeared meanwhile; to the instant, where links are."""
    appeared = FileExistsError(f"{target}: appeared meanwhile; it was not replaced")
    if os.path.lexists(target):
        raise appeared
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise appeared from None
    except (OSError, AttributeError):  # a disk without links, as of most sticks, or a Python
        move_file(temporary, target)
