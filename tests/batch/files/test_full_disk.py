"""A disk that is full, memory that is not there: one line, and no file under the final name."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_autolut.batch.files import results, upscaling
from napari_autolut.io import ImageFile, files, write_image
from napari_autolut.io.tiff import tiles as tiff_tiles
from tests.commandline import fails
from tests.pictures import picture

Break = Callable[[pytest.MonkeyPatch, Exception], None]


def in_the_middle_of_the_pixels(patch: pytest.MonkeyPatch, error: Exception) -> None:
    def write(path: Path, images: object) -> None:
        path.write_bytes(b"II*\0 and half of the pixels")
        raise error

    patch.setattr(files, "write_tiff_series", write)


def at_the_third_tile(patch: pytest.MonkeyPatch, error: Exception) -> None:
    write, count = tiff_tiles.TiledTiff.write, iter(range(3))

    def limited(*args: object, **options: object) -> None:
        if next(count) == 2:
            raise error
        write(*args, **options)

    patch.setattr(upscaling, "LARGE", 0)
    patch.setattr(tiff_tiles, "MAX_TILE_SIDE", 16)
    patch.setattr(tiff_tiles.TiledTiff, "write", limited)


def when_all_is_flushed(patch: pytest.MonkeyPatch, error: Exception) -> None:
    def fsync(_: int) -> None:
        raise error

    patch.setattr(os, "fsync", fsync)


def when_the_result_is_allocated(patch: pytest.MonkeyPatch, error: Exception) -> None:
    def empty(*_: object) -> None:
        raise error

    patch.setattr(results, "np", SimpleNamespace(**{**vars(np), "empty": empty}))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_image(tmp_path / "in.tif", ImageFile(picture((40, 50), "uint16"), "YX"))


@pytest.mark.parametrize(
    ("where", "error", "words"),
    [
        *(
            (where, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), os.strerror(errno.ENOSPC))
            for where in (in_the_middle_of_the_pixels, at_the_third_tile, when_all_is_flushed)
        ),
        *(
            (where, MemoryError("Unable to allocate 9 GiB"), "not enough memory (Unable")
            for where in (in_the_middle_of_the_pixels, at_the_third_tile,
                          when_the_result_is_allocated)
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("there_before", [False, True])
def test_one_line_and_no_file(
    tmp_path: Path, source: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch,
    where: Break, error: Exception, words: str, there_before: bool,
) -> None:  # fmt: skip
    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / "out.tif"
    if there_before:
        out.write_bytes(b"mine")
    with monkeypatch.context() as patch:
        where(patch, error)
        line = fails("upscale", source, out, "-m", model_file, "--overwrite")
    assert words in line
    if isinstance(error, OSError):
        assert str(out) in line
    assert list(folder.iterdir()) == ([out] if there_before else [])
    assert not there_before or out.read_bytes() == b"mine"


def test_room_is_looked_for_before_the_work(
    tmp_path: Path, source: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(upscaling, "LARGE", 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    out = tmp_path / "out.tif"
    line = fails("upscale", source, out, "-m", model_file)
    assert f"{out}: found 10 kB free on the disk, expected " in line
    assert " kB; make room or write elsewhere" in line
    assert not out.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out.tif", "not all of it could be written; the disk may be full"),
        ("out.png", os.strerror(errno.EFBIG)),
    ],
)
def test_a_limit_of_the_system(
    tmp_path: Path, source: Path, model_file: Path, name: str, words: str
) -> None:
    import resource

    before, known = sorted(tmp_path.iterdir()), resource.getrlimit(resource.RLIMIT_FSIZE)
    out = tmp_path / name
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, known[1]))
    try:
        line = fails("upscale", source, out, "-m", model_file, "--engine", "reference")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, known)
    assert line == f"napari-autolut: {out}: {words}"
    assert sorted(tmp_path.iterdir()) == before
