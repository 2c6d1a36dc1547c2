"""The lock of a folder: held once, and no lock where the disk knows none."""

from __future__ import annotations

import errno
import os

import pytest

from napari_autolut.util import file_lock
from napari_autolut.util.file_lock import FolderLock, is_locked


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
