"""A Zarr folder that is being made: under a temporary name, resumed after a kill, named at the end.

Belongs here: the temporary folder, what it says it will be, and the final name. What is in it is
``result.py`` for one image, ``collection.py`` for several.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.zarr.folder import MARKERS, is_zarr
from napari_autolut.util.atomic import check_folder_takes_files, check_replaceable
from napari_autolut.util.errors import ExistsAlreadyError
from napari_autolut.util.file_lock import NAME as LOCK
from napari_autolut.util.file_lock import FolderLock
from napari_autolut.util.in_use import move_file, patiently, remove_file, remove_folder
from napari_autolut.util.paths import is_of_a_window
from napari_autolut.util.rights import is_of_another_user, restore_rights, rights_of

MADE = ".napari-autolut-made.json"
"""In the temporary folder: what it will be."""

PARTIAL = len(f".{'0' * 32}.partial")
"""Letters behind the name of a file that zarr is writing."""

SHORTEST = len("/0/c/0/0")
"""Letters of a path of pixels in the group of an image."""


def temporary_folder(path: Path) -> Path:
    """Where a result is written before it is complete: the same place for the same name."""
    name = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    return path.absolute().with_name(f".{name}.zarr-part")


def check_zarr_free(path: Path, *, overwrite: bool, inside: int = SHORTEST) -> None:
    """Check that a Zarr could be written there.

    Parameters
    ----------
    path : pathlib.Path
        The final name.
    overwrite : bool
        Whether a Zarr of that name may be replaced.
    inside : int, default SHORTEST
        Letters of the longest path in it.

    Raises
    ------
    ImageFileError
        If there is something else of that name, or the folder around it is missing.
    FileExistsError
        If there is a Zarr and ``overwrite`` is false.
    """
    if not path.absolute().parent.is_dir():
        raise ImageFileError(path, f"no folder {path.parent}; make it first")
    meanwhile = len(temporary_folder(path).name) - len(path.name) + PARTIAL
    check_folder_takes_files(path.absolute().parent, path, inside=inside + max(0, meanwhile))
    check_replaceable(path, overwrite=True)
    if not path.exists():
        return
    if path.is_symlink() or not path.is_dir() or not (_is_empty(path) or _holds_zarr(path)):
        raise ImageFileError(path, "found something else than a Zarr; choose another name")
    if not overwrite:
        raise ExistsAlreadyError(f"{path}: exists already")


def _is_empty(folder: Path) -> bool:
    """Whether there is nothing in it but what a window of the system's left there."""
    return all(is_of_a_window(each.name) for each in folder.iterdir())


def _holds_zarr(path: Path) -> bool:
    return is_zarr(path) and any((path / name).is_file() for name in MARKERS)


def _holds(folder: Path, made: object) -> bool:
    """Whether a temporary folder is one of some work; anybody may have put there what it says."""
    file, said = folder / MADE, json.dumps(made).encode()
    try:
        if not file.is_file() or file.stat().st_size != len(said):
            return False
        return bool(patiently(file.read_bytes) == said)
    except OSError:
        return False


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say of which result something cannot be done, and not of which temporary file."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # a sentence of ours
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


class UnfinishedZarr:
    """The temporary folder of a Zarr.

    Parameters
    ----------
    path : pathlib.Path
        The final name.
    made : mapping of str to object
        Plain values for JSON that say from what and how: only work of the same is resumed.
    overwrite : bool, default False
        Replace a Zarr of that name.
    inside : int, default SHORTEST
        Letters of the longest path in it, as far as that is known.

    Raises
    ------
    ImageFileError, FileExistsError
        As :func:`check_zarr_free`.
    """

    def __init__(
        self,
        path: Path,
        made: Mapping[str, Any],
        *,
        overwrite: bool = False,
        inside: int = SHORTEST,
    ) -> None:
        check_zarr_free(path, overwrite=overwrite, inside=inside)
        self.path, self.folder = path, temporary_folder(path)
        self._made, self._overwrite = json.loads(json.dumps(made)), overwrite
        self._lock = FolderLock(self.folder)

    def open(self) -> bool:
        """Make the folder, empty, or find one of the same work; says whether it did.

        Raises
        ------
        ImageFileError
            If another process writes the same, or another user began it.
        """
        with named(self.path):
            return self._opened()

    def _opened(self) -> bool:
        if self.folder.is_symlink():  # whose ever it is, what it leads to is none of ours
            remove_folder(self.folder)
        if not self.folder.exists():
            self._take_over()
        replaced = rights_of(self.path)
        private = 0o777 if replaced is None else replaced.mode & 0o707 | 0o700
        self.folder.mkdir(private, exist_ok=True)
        if is_of_another_user(self.folder):
            problem = f"was begun by another user, in {self.folder}; choose another name"
            raise ImageFileError(self.path, problem)
        if not self._lock.acquire():
            raise ImageFileError(self.path, "is being written by another process; wait for it")
        same = self._has_same()
        try:
            if not same:
                self._clear()
        except BaseException:
            self._lock.release()
            raise
        return same

    def _clear(self) -> None:
        for each in self.folder.iterdir():
            if each.name != LOCK:
                remove_folder(each) if each.is_dir() else patiently(each.unlink)

    def _take_over(self) -> None:
        """Give this name to the same work that was stopped under another one, if there is any."""
        for other in self.folder.parent.glob(f".*{self.folder.suffix}"):
            if other.is_symlink() or is_of_another_user(other):
                continue
            if _holds(other, self._made) and (lock := FolderLock(other)).acquire():
                lock.release()
                with suppress(OSError):
                    move_file(other, self.folder)
                    return

    def begun(self) -> None:
        """Say what it will be: last, so that what is resumed has all its groups and arrays."""
        made = self.folder / MADE
        patiently(partial(made.write_bytes, json.dumps(self._made).encode()))

    def _has_same(self) -> bool:
        return _holds(self.folder, self._made)

    def check_there(self) -> None:
        """Check that nobody removed it meanwhile: zarr would make folders anew, without a word.

        Raises
        ------
        OSError
            If it is gone, or became that of other work.
        """
        if not self._has_same():
            raise self.vanished()

    def vanished(self) -> OSError:
        """What is said where some of it was removed; to be raised by whoever finds out."""
        problem = "what was written of it so far was removed meanwhile; do it again"
        return OSError(errno.ENOENT, problem, str(self.path))

    def publish(self) -> None:
        """Give it its final name.

        It is locked until then, or another process would find the folder free, and empty it.
        It goes on saying what it is: where the name is not to be had now, it gets it when resumed.

        Raises
        ------
        OSError, ImageFileError
            If it cannot get that name.
        """
        try:
            with named(self.path):
                self._publish()
        finally:
            self._lock.release()
        for own in (MADE, LOCK):
            remove_file(self.path / own)

    def _publish(self) -> None:
        check_zarr_free(self.path, overwrite=self._overwrite)
        old = self.folder.with_suffix(".zarr-old")
        replaced = rights_of(self.path)
        if replaced:
            remove_folder(old)  # of a process that was killed right here
            move_file(self.path, old)
        if sys.platform == "win32":  # which moves no folder with an open file
            self._lock.release()
        try:
            move_file(self.folder, self.path)
        except OSError:
            if replaced:
                move_file(old, self.path)
            raise
        if replaced:
            restore_rights(self.path, replaced)
        with suppress(OSError):
            remove_folder(old)

    def stop(self, error: BaseException, *, worth_keeping: bool = True) -> None:
        """Leave it for the same work to be resumed, or nothing where that would fail again."""
        if worth_keeping and not isinstance(error, ValueError):
            self._lock.release()
        else:
            self.discard()

    def discard(self) -> None:
        """Leave nothing."""
        self._lock.release()
        with suppress(OSError):
            remove_folder(self.folder)
