"""Disks of other systems: files that a virus scanner holds, and calls that a share lacks."""

from __future__ import annotations

import asyncio
import errno
import gc
import io
import os
import shutil
import signal
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.zarr import check_outside_zarr, pixels, unfinished
from napari_autolut.io.zarr.result import FINISHED
from napari_autolut.io.zarr.writing import write_zarr
from napari_autolut.util import atomic, in_use, optional
from tests.pictures import picture, same

IMAGE = picture((40, 50), "uint16")


def store() -> Any:
    """The module of stores, which imports zarr."""
    return import_module("napari_autolut.io.zarr.store")


def test_files_that_are_held_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, tries = os.replace, dict[str, int]()

    def held(source, target, **how) -> None:
        name = str(target)
        tries[name] = tries.get(name, 0) + 1
        if tries[name] < 3 and name.startswith(str(tmp_path)):
            raise PermissionError(errno.EACCES, "in use", name)
        replace(source, target, **how)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(in_use, "PAUSES", (0, 0, 0))
    write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"))
    assert min(tries.values()) == 3
    assert same(read_image(tmp_path / "a.zarr"), IMAGE, "YX")


@pytest.mark.parametrize("name", [FINISHED, unfinished.MADE, "0"])
def test_files_that_cannot_be_opened_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Once they are closed a scanner opens them, and shares them with nobody."""
    plain, tries = io.open, list[str]()

    def held(path: Any, mode: str = "r", *how: Any, **more: Any) -> Any:
        if isinstance(path, Path) and path.name == name and path.is_file() and len(tries) < 2:
            tries.append(mode)
            raise PermissionError(errno.EACCES, "in use", str(path))
        return plain(path, mode, *how, **more)

    monkeypatch.setattr(io, "open", held)
    monkeypatch.setattr(in_use, "PAUSES", (0,) * 4)
    write_image(tmp_path / "a.zarr", ImageFile(np.ones((700, 20), np.uint8), "YX"))
    assert len(tries) == 2
    assert read_image(tmp_path / "a.zarr").data.min() == 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_description_that_cannot_be_read_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """zarr leaves tasks undone where it looks for the group around an array."""
    kind = optional.zarr().storage.LocalStore
    plain = kind.get

    async def refused(self: Any, key: str, *args: Any, **options: Any) -> Any:
        if (self.root / key).is_file():
            raise PermissionError(errno.EACCES, "in use", key)
        return await plain(self, key, *args, **options)

    monkeypatch.setattr(in_use, "PAUSES", ())
    monkeypatch.setattr(kind, "get", refused)
    with pytest.raises(PermissionError, match=r"in use.*a.zarr"):
        write_zarr(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"), version=version)
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_disk_that_knows_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Sticks and many shares; there zarr's own way to a file that must be new is closed."""

    def unknown(source: Path, *_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), str(source))

    monkeypatch.setattr(os, "link", unknown)
    out = tmp_path / "a.zarr"
    image = ImageFile(IMAGE, "YX")
    write_zarr(out, image, version=version)
    write_zarr(out, [image, image], version=version, overwrite=True)
    assert same(read_image(out, series=1), IMAGE, "YX")


def test_what_is_tidied_up_may_be_held_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink, tries = os.unlink, dict[str, int]()

    def held(path: Any, *where: Any, **how: Any) -> None:
        name = Path(path).name
        tries[name] = tries.get(name, 0) + 1
        if tries[name] < 3 and name.startswith("of another work"):
            raise PermissionError(errno.EACCES, "in use", name)
        unlink(path, *where, **how)

    monkeypatch.setattr(os, "unlink", held)
    monkeypatch.setattr(in_use, "PAUSES", (0, 0, 0))
    part = unfinished.temporary_folder(tmp_path / "a.zarr")
    (part / "level").mkdir(parents=True)
    (part / "of another work").touch()
    (part / "level" / "of another work, too").touch()
    write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"))
    assert {tries["of another work"], tries["of another work, too"]} == {3}
    assert same(read_image(tmp_path / "a.zarr"), IMAGE, "YX")


def test_a_kill_while_a_result_is_replaced_stops_no_later_one(tmp_path: Path) -> None:
    out = write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"))
    shutil.copytree(out, unfinished.temporary_folder(out).with_suffix(".zarr-old"))
    write_image(out, ImageFile(IMAGE[::-1], "YX"), overwrite=True)
    assert same(read_image(out), IMAGE[::-1], "YX")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zarr"]


@pytest.mark.parametrize("name", [".DS_Store", "._a", "Thumbs.db", "desktop.ini"])
def test_a_folder_with_what_a_window_left_there_counts_as_empty(tmp_path: Path, name: str) -> None:
    out = tmp_path / "a.zarr"
    out.mkdir()
    (out / name).touch()
    with pytest.raises(FileExistsError):
        write_image(out, ImageFile(IMAGE, "YX"))
    write_image(out, ImageFile(IMAGE, "YX"), overwrite=True)
    assert same(read_image(out), IMAGE, "YX")


def test_a_folder_with_hidden_files_of_users_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.zarr" / ".git").mkdir(parents=True)
    with pytest.raises(ImageFileError, match="found something else than a Zarr"):
        write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"), overwrite=True)


def test_a_name_that_a_disk_does_not_take_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(source: Path, target: Path) -> None:
        raise OSError(errno.EINVAL, "Invalid argument", str(source))

    monkeypatch.setattr(unfinished, "move_file", refused)
    with pytest.raises(OSError, match="Invalid argument") as caught:
        write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"))
    assert caught.value.filename == str(tmp_path / "a.zarr")


@pytest.mark.parametrize(("version", "count"), [("0.4", 1), ("0.5", 1), ("0.5", 2)])
@pytest.mark.parametrize("name", ["a", "a" * 60])
def test_paths_in_a_zarr_have_the_length_that_windows_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str, count: int
) -> None:
    """Both while it is written, under a name of our own, and when it has its own."""
    seen, rename = list[int](), Path.rename
    images = [ImageFile(picture((12, 40, 50), "uint16"), "ZYX")] * count
    write = store()._write

    def watched(path: Path, value: Any) -> None:
        seen.append(len(str(path)) + unfinished.PARTIAL)
        write(path, value)

    def limited(source: Path, target: Path) -> Path:
        if len(str(target)) > longest:
            raise FileNotFoundError(errno.ENOENT, "The system cannot find the path", str(source))
        return rename(source, target)

    monkeypatch.setattr(store(), "_write", watched)
    write_zarr(tmp_path / name, images if count > 1 else images[0], version=version)
    seen += [len(str(path)) for path in (tmp_path / name).rglob("*")]
    monkeypatch.setattr(atomic, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(Path, "rename", limited)
    longest = max(seen)
    unfinished.check_zarr_free(tmp_path / name, overwrite=True)
    write_zarr(tmp_path / name, images if count > 1 else images[0], version=version, overwrite=True)
    longest -= 4
    with pytest.raises(OSError, match="takes no paths as long as those in it would be; choose"):
        write_zarr(tmp_path / name, images, version=version, overwrite=True)


def test_files_of_long_paths_are_found_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that Windows does not find as they are count as empty."""
    out, elsewhere = tmp_path / "a.zarr", tmp_path / "b"
    write_image(out, ImageFile(IMAGE, "YX"))
    (out / "0").rename(elsewhere)
    (out / "0").mkdir()
    monkeypatch.setattr(pixels, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(pixels, "long_path", {out / "0": elsewhere}.get)
    assert same(read_image(out), IMAGE, "YX")


def test_disks_that_cannot_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(os, "fsync", unknown)
    monkeypatch.setattr(shutil, "disk_usage", unknown)
    write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"))
    assert same(read_image(tmp_path / "a.zarr"), IMAGE, "YX")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_full_disk_names_the_result_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """zarr says of what it is full nowhere, and writes other chunks for a moment longer."""
    written, full = store().NewStore, iter([True])
    write = written.set

    async def limited(self: Any, key: str, value: Any) -> None:
        if not key.endswith((".json", ".zarray", ".zattrs", ".zgroup")):
            if next(full, False):
                raise OSError(errno.ENOSPC, "No space left on device")
            await asyncio.sleep(0.2)
        await write(self, key, value)

    monkeypatch.setattr(written, "set", limited)
    image = ImageFile(np.ones((1500, 1500), np.uint8), "YX")
    with pytest.raises(OSError, match=r"No space left on device.*a.zarr"):
        write_zarr(tmp_path / "a.zarr", image, version=version)
    time.sleep(0.3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent there")
@pytest.mark.parametrize("call", ["set", "get"])
def test_ctrl_c_leaves_nothing_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """At its end Python told of each chunk, with a traceback: after 2 of 20 at random moments."""
    image = ImageFile(np.ones((1500, 1500), np.uint8), "YX")
    if call == "get":
        write_zarr(tmp_path / "a.zarr", image, version="0.4")
    kind = store().NewStore if call == "set" else optional.zarr().storage.LocalStore
    plain, first = getattr(kind, call), iter([True])

    async def slow(self: Any, key: str, *args: Any, **options: Any) -> Any:
        if key[-1].isdigit():  # of a chunk
            if next(first, False):
                os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(1.5)
        return await plain(self, key, *args, **options)

    monkeypatch.setattr(kind, call, slow)
    with pytest.raises(KeyboardInterrupt):
        if call == "set":
            write_zarr(tmp_path / "a.zarr", image, version="0.4")
        read_image(tmp_path / "a.zarr")
    (loop,) = import_module("zarr.core.sync").loop
    assert not asyncio.all_tasks(loop)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_quota_that_is_found_exceeded_at_the_end_names_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Network disks say so when the system writes what they had taken before."""

    def exceeded(_: int) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(os, "fsync", exceeded)
    with pytest.raises(OSError, match=r"Disk quota exceeded.*a.zarr"):
        write_zarr(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"), version=version)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder whose lock is held")
def test_nobody_empties_a_folder_that_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run of the same folder may begin the same result in that moment."""
    path, move, refused = tmp_path / "a.zarr", unfinished.move_file, list[str]()

    def late(source: Path, target: Path) -> None:
        with pytest.raises(ImageFileError) as found:
            unfinished.UnfinishedZarr(path, {"other": 1}).open()
        refused.append(str(found.value))
        move(source, target)

    monkeypatch.setattr(unfinished, "move_file", late)
    write_image(path, ImageFile(IMAGE, "YX"))
    assert refused == [f"{path}: is being written by another process; wait for it"]
    assert same(read_image(path), IMAGE, "YX")
    assert sorted(each.name for each in path.iterdir()) == ["0", "zarr.json"]


def test_a_folder_that_may_not_be_looked_at_is_told_of_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = os.stat

    def closed(path: Any, **options: Any) -> os.stat_result:
        if os.fspath(path).endswith((".json", ".zgroup", ".zarray", ".zattrs")):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", closed)
    check_outside_zarr(tmp_path / "result.png")
