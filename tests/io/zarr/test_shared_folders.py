"""Where others may write, too: what they put in the place of a temporary folder is not ours."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from napari_autolut.io import ImageFile, ImageFileError, write_image
from napari_autolut.io.zarr import unfinished
from napari_autolut.util import rights
from napari_autolut.util.in_use import remove_folder
from tests.pictures import picture

IMAGE = ImageFile(picture((20, 20), "uint16"), "YX")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and modes are others there")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of somebody's, with a file."""
    made = tmp_path / "outside"
    (made / "deep").mkdir(parents=True)
    (made / "deep" / "a").touch()
    for folder in (made, made / "deep"):
        folder.chmod(0o775)
    return made


def assert_untouched(outside: Path) -> None:
    found = [path.relative_to(outside).as_posix() for path in outside.rglob("*")]
    assert sorted(found) == ["deep", "deep/a"]
    modes = {stat.S_IMODE(each.stat().st_mode) for each in (outside, outside / "deep")}
    assert modes == {0o775}


def test_of_a_link_only_the_link_is_removed(outside: Path) -> None:
    link = outside.parent / "link"
    link.symlink_to(outside)
    remove_folder(link)
    assert not link.is_symlink()
    assert_untouched(outside)


def test_a_link_in_the_place_of_the_temporary_folder(outside: Path) -> None:
    """Whatever is in there that is not of the same work is deleted."""
    out = outside.parent / "a.zarr"
    unfinished.temporary_folder(out).symlink_to(outside)
    write_image(out, IMAGE)
    assert_untouched(outside)
    assert not out.is_symlink()


@pytest.mark.parametrize("kind", ["link", "links in it"])
def test_a_link_in_the_place_of_what_is_replaced(outside: Path, kind: str) -> None:
    out = write_image(outside.parent / "a.zarr", IMAGE)
    old = unfinished.temporary_folder(out).with_suffix(".zarr-old")
    if kind == "link":
        old.symlink_to(outside)
    else:
        old.mkdir()
        (old / "link").symlink_to(outside)
    write_image(out, IMAGE, overwrite=True)
    assert_untouched(outside)


def test_links_in_a_temporary_folder(outside: Path) -> None:
    out = outside.parent / "a.zarr"
    part = unfinished.temporary_folder(out)
    part.mkdir()
    (part / "0").symlink_to(outside)
    write_image(out, IMAGE)
    assert_untouched(outside)


def test_a_temporary_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever it belongs to could put links into it at any moment."""
    out = tmp_path / "a.zarr"
    unfinished.temporary_folder(out).mkdir()
    tmp_path.chmod(0o1777)
    with monkeypatch.context() as other:
        other.setattr(rights.os, "geteuid", lambda: 4711)
        with pytest.raises(ImageFileError, match="begun by another user"):
            write_image(out, IMAGE)
    assert write_image(out, IMAGE).is_dir()


def test_what_a_scanner_holds_for_a_moment_ends_no_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows then lets nobody read or write it."""
    seen = set[str]()
    plain = {each: getattr(Path, each) for each in ("read_text", "write_text")}

    def held(kind: str, path: Path, *given: str) -> object:
        if path.name == unfinished.MADE and kind not in seen and path.parent.is_dir():
            seen.add(kind)
            raise PermissionError(13, "in use", str(path))
        return plain[kind](path, *given)

    monkeypatch.setattr(Path, "read_text", lambda *each: held("read_text", *each))
    monkeypatch.setattr(Path, "write_text", lambda *each: held("write_text", *each))
    monkeypatch.setattr("napari_autolut.util.in_use.PAUSES", (0, 0))
    assert write_image(tmp_path / "a.zarr", IMAGE).is_dir()
    assert seen == set(plain)
