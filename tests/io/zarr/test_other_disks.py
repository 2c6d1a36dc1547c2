"""Disks of other systems: files that a virus scanner holds, and calls that a share lacks."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.util import in_use
from tests.pictures import picture, same

IMAGE = picture((40, 50), "uint16")


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


def test_disks_that_cannot_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(os, "fsync", unknown)
    monkeypatch.setattr(shutil, "disk_usage", unknown)
    write_image(tmp_path / "a.zarr", ImageFile(IMAGE, "YX"))
    assert same(read_image(tmp_path / "a.zarr"), IMAGE, "YX")
