"""Atomic writes: rights, links, long names, and what is said when it cannot be done."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from napari_autolut.util import in_use
from napari_autolut.util.atomic import atomic_write, check_folder_takes_files, check_replaceable

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")


def written(path: Path, *, overwrite: bool = False, content: bytes = b"new") -> Path:
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@posix
@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path, mask, expected) -> None:
    with umask(mask):
        assert mode(written(tmp_path / "a.png")) == expected


@posix
@pytest.mark.parametrize("before", [0o600, 0o444, 0o640, 0o666, 0o755])
def test_a_file_that_is_replaced_keeps_its_rights(tmp_path, before) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    path.chmod(before)
    with atomic_write(path, overwrite=True) as temporary:
        assert not mode(temporary) & ~before & 0o077, "nobody else reads it meanwhile"
        temporary.write_bytes(b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == before


def test_a_disk_without_rights_takes_files_all_the_same(tmp_path, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    path = written(tmp_path / "a.png", content=b"old")
    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(Path, "chmod", refuse)
    monkeypatch.setattr(os, "chown", refuse, raising=False)
    assert written(path, overwrite=True).read_bytes() == b"new"
    assert written(tmp_path / "b.png").read_bytes() == b"new"


def test_a_disk_that_cannot_flush_takes_files_all_the_same(tmp_path, monkeypatch) -> None:
    def unknown(_: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unknown)
    assert written(tmp_path / "a.png").read_bytes() == b"new"


@pytest.mark.parametrize("suffix", [".png", ".ome.tif", ".safetensors", ""])
def test_names_may_be_as_long_as_the_disk_takes(tmp_path, suffix) -> None:
    name = "n" * (255 - len(suffix)) + suffix
    with atomic_write(tmp_path / name) as temporary:
        assert temporary.name.endswith(suffix)
        assert len(temporary.name) < 50
        temporary.write_bytes(b"new")
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_many_points_make_no_suffix(tmp_path) -> None:
    name = "cells.2024-03-01 with a drug.of 10 µM, second plate.png"
    with atomic_write(tmp_path / name) as temporary:
        assert temporary.suffixes == [".png"]
        temporary.write_bytes(b"new")


def test_an_error_names_the_file_that_was_asked_for(tmp_path, monkeypatch) -> None:
    target = tmp_path / "missing" / "a.png"
    with pytest.raises(FileNotFoundError) as caught:
        written(target)
    assert caught.value.filename == str(target)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        written(tmp_path / "a.png")
    assert caught.value.filename == str(tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_where_creating_is_denied_few_names_are_tried(tmp_path, monkeypatch) -> None:
    tries = []

    def denied(path: object, *_: object) -> int:
        tries.append(path)
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(PermissionError) as caught:
        check_folder_takes_files(tmp_path, tmp_path / "a.png")
    assert len(tries) == 1
    assert caught.value.filename == str(tmp_path / "a.png")
    assert "choose another folder" in caught.value.strerror


def test_a_disk_of_windows_is_asked_for_its_names_before_any_work(tmp_path, monkeypatch) -> None:
    if sys.platform != "win32":
        check_folder_takes_files(tmp_path, tmp_path / "ab: c?.tif")
        assert not list(tmp_path.iterdir())
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if set(target.name) & set(':?"'):
            raise OSError(errno.EINVAL, "Invalid argument", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(
        OSError, match="this disk takes no names with : \\?; choose another name"
    ) as e:
        check_folder_takes_files(tmp_path, tmp_path / "ab: c?.tif")
    assert e.value.filename == str(tmp_path / "ab: c?.tif")
    check_folder_takes_files(tmp_path, tmp_path / "a-b.tif")
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_too_long_is_said_before_any_work(tmp_path, monkeypatch) -> None:
    """As on Windows, where a path has at most 259 characters; the folder takes shorter ones."""
    rename, longest = Path.rename, len(str(tmp_path)) + 81

    def refused(path: Path, target: Path) -> Path:
        if len(str(target)) > longest:
            raise FileNotFoundError(errno.ENOENT, "The system cannot find the path", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    named = tmp_path / f"{'a' * 77}.tif"
    with pytest.raises(OSError, match="takes no names, or paths, as long as this; choose") as e:
        check_folder_takes_files(tmp_path, named)
    assert e.value.filename == str(named)
    check_folder_takes_files(tmp_path, tmp_path / f"{'a' * 76}.tif")
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_taken_is_not_used(tmp_path, monkeypatch) -> None:
    names = iter([b"\0\0\0".hex(), b"\0\0\0".hex(), b"\0\0\1".hex()])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(names))
    with atomic_write(tmp_path / "a.png") as first, atomic_write(tmp_path / "b.png") as second:
        assert first != second
        first.write_bytes(b"1")
        second.write_bytes(b"2")
    assert (tmp_path / "a.png").read_bytes() == b"1"


@links
def test_a_link_leads_to_the_file_that_is_replaced(tmp_path) -> None:
    real = tmp_path / "disk" / "a.png"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link = tmp_path / "a.png"
    link.symlink_to(real)
    written(link, overwrite=True)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@links
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_that_leads_nowhere_is_called_that(tmp_path, overwrite) -> None:
    link = tmp_path / "a.png"
    link.symlink_to(tmp_path / "gone.png")
    with pytest.raises(
        FileExistsError, match=r"a\.png: found a link to .*gone\.png, which does not"
    ):
        check_replaceable(link, overwrite=overwrite)
    with pytest.raises(FileExistsError, match="which does not exist"):
        written(link, overwrite=overwrite)
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_not_replaced(tmp_path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(FileExistsError, match="found a pipe or device"):
        check_replaceable(tmp_path / "a.png", overwrite=True)


def test_a_file_in_use_is_tried_again(tmp_path, monkeypatch) -> None:
    real, refusals = Path.replace, iter([True] * 3)

    def held(path: Path, target: Path) -> Path:
        if next(refusals, False):
            raise PermissionError(13, "in use by another process", str(path))
        return real(path, target)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(in_use.time, "sleep", lambda _: None)
    path = written(tmp_path / "a.png", content=b"old")
    assert written(path, overwrite=True).read_bytes() == b"new"


def test_what_cannot_be_tidied_up_undoes_nothing(tmp_path, monkeypatch) -> None:
    def held(path: Path, **_: object) -> None:
        raise PermissionError(13, "in use by another process", str(path))

    monkeypatch.setattr(Path, "unlink", held)
    monkeypatch.setattr(in_use.time, "sleep", lambda _: None)
    assert written(tmp_path / "a.png").read_bytes() == b"new"
    assert not in_use.remove_file(tmp_path / "a.png")


@pytest.mark.parametrize("links", ["known", "of another disk", "not of this disk", "of no disk"])
def test_a_file_that_appears_meanwhile_stays(tmp_path, monkeypatch, links) -> None:
    """Also on a stick, whose disk knows no links."""
    number = errno.EXDEV if links == "of another disk" else errno.EPERM

    def unknown(*_, **__):
        raise OSError(number, os.strerror(number))

    if links == "of no disk":
        monkeypatch.delattr(os, "link")
    elif links != "known":
        monkeypatch.setattr(os, "link", unknown)
    target = tmp_path / "out.bin"
    with pytest.raises(FileExistsError, match="appeared meanwhile"), atomic_write(target) as made:
        made.write_bytes(b"mine")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [target]
    with atomic_write(tmp_path / "other.bin") as made:
        made.write_bytes(b"mine")
    assert (tmp_path / "other.bin").read_bytes() == b"mine"
