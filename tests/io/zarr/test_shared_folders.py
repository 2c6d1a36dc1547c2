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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
@pytest.mark.parametrize("what", ["deep", "pipe", "endless", "folder"])
def test_what_somebody_put_beside_a_result_costs_nothing(tmp_path: Path, what: str) -> None:
    """Folders that look like unfinished work come along in an archive: nothing in them is read."""
    other = tmp_path / ".0123456789abcdef.zarr-part"
    for folder in (other, unfinished.temporary_folder(tmp_path / "a.zarr")):
        folder.mkdir()
        said = folder / unfinished.MADE
        match what:
            case "deep":
                said.write_text("[" * 100_000)
            case "pipe":
                os.mkfifo(said)
            case "endless":
                said.symlink_to("/dev/zero")
            case _:
                said.mkdir()
    assert write_image(tmp_path / "a.zarr", IMAGE).is_dir()
    assert other.is_dir()


def test_no_lock_is_made_where_a_link_leads(tmp_path: Path) -> None:
    folder, elsewhere = unfinished.temporary_folder(tmp_path / "a.zarr"), tmp_path / "new"
    folder.mkdir()
    (folder / "lock").symlink_to(elsewhere)
    with pytest.raises(OSError, match="link"):
        write_image(tmp_path / "a.zarr", IMAGE)
    assert not elsewhere.exists()


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
    plain = {each: getattr(Path, each) for each in ("read_bytes", "write_bytes")}

    def held(kind: str, path: Path, *given: bytes) -> object:
        if path.name == unfinished.MADE and kind not in seen and path.parent.is_dir():
            seen.add(kind)
            raise PermissionError(13, "in use", str(path))
        return plain[kind](path, *given)

    monkeypatch.setattr(Path, "read_bytes", lambda *each: held("read_bytes", *each))
    monkeypatch.setattr(Path, "write_bytes", lambda *each: held("write_bytes", *each))
    monkeypatch.setattr("napari_autolut.util.in_use.PAUSES", (0, 0))
    assert write_image(tmp_path / "a.zarr", IMAGE).is_dir()
    assert seen == set(plain)
