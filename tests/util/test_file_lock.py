"""The lock of a folder or file: held once, and no lock where the disk knows none."""

from __future__ import annotations

import errno
import os

import pytest

from napari_autolut.util import file_lock
from napari_autolut.util.file_lock import FileLock, FolderLock, is_locked


def test_a_lock_is_held_once(tmp_path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    assert is_locked(tmp_path)
    first.release()
    assert not is_locked(tmp_path)


def test_a_child_that_was_forked_meanwhile_does_not_keep_it(tmp_path) -> None:
    lock = FolderLock(tmp_path)
    assert lock.acquire() and lock._file is not None
    of_child = os.dup(lock._file)  # what a fork does to every file
    lock.release()
    try:
        assert not is_locked(tmp_path)
    finally:
        os.close(of_child)


def test_a_child_does_not_give_back_what_its_parent_holds(tmp_path, monkeypatch) -> None:
    lock = FolderLock(tmp_path)
    assert lock.acquire()
    file = lock._file
    assert file is not None
    child = FolderLock(tmp_path)
    child._file = os.dup(file)
    with monkeypatch.context() as patch:
        patch.setattr(child, "_process", os.getpid() + 1)
        child.release()
    assert is_locked(tmp_path)
    lock.release()


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS, errno.EINVAL])
def test_a_disk_without_locks_says_not_that_somebody_has_it(tmp_path, monkeypatch, number) -> None:
    def unknown(_: int) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(file_lock, "_lock", unknown)
    lock = FolderLock(tmp_path)
    assert lock.acquire()
    assert not is_locked(tmp_path)
    lock.release()


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EACCES, errno.EDEADLK])
def test_a_lock_that_somebody_has_is_not_ours(tmp_path, monkeypatch, number) -> None:
    def taken(_: int) -> None:
        raise OSError(number, "taken")

    monkeypatch.setattr(file_lock, "_lock", taken)
    assert not FolderLock(tmp_path).acquire()


def test_a_folder_of_somebody_else_is_not_locked(tmp_path, monkeypatch) -> None:
    (tmp_path / file_lock.NAME).write_bytes(b"")

    def denied(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(file_lock.os, "open", denied)
    assert not is_locked(tmp_path)


def test_a_temporary_lock_leaves_nothing(tmp_path) -> None:
    lock = FileLock(tmp_path / "a.lock", temporary=True)
    assert lock.acquire()
    assert not FileLock(tmp_path / "a.lock").acquire()
    lock.release()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no open file")
def test_a_lock_of_a_file_that_was_removed_meanwhile_is_none(tmp_path, monkeypatch) -> None:
    """Whoever opened the file before its owner removed it would hold a lock nobody else sees."""
    path, lock_once = tmp_path / "a.lock", file_lock._lock

    def removed_first(file: int) -> None:
        monkeypatch.setattr(file_lock, "_lock", lock_once)
        path.unlink()
        lock_once(file)

    monkeypatch.setattr(file_lock, "_lock", removed_first)
    lock = FileLock(path, temporary=True)
    assert lock.acquire()
    assert not FileLock(path).acquire()
    lock.release()
