"""Paths as users type them, names that every system takes, and when two names are one file."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest

from napari_autolut.util import paths
from napari_autolut.util.paths import (
    check_creatable,
    check_name,
    fitting_name,
    fitting_names,
    is_same_file,
    missing_words,
    name_problem,
    tells_case,
    user_path,
)


@pytest.mark.parametrize(
    "text",
    ["a b.tif", '"a b.tif"', " 'a b.tif' ", '" a b.tif "', "\u202aa b.tif", "\u202aa b.tif\u202c"],
)
def test_quotes_around_a_path_are_not_of_it(text) -> None:
    assert user_path(text) == Path("a b.tif")


def test_quotes_within_a_path_are_of_it() -> None:
    assert user_path('5" pipe.tif') == Path('5" pipe.tif')


def test_a_home_is_found_and_no_home_is_no_error() -> None:
    assert user_path("~/a.tif") == Path.home() / "a.tif"
    if sys.platform != "win32":  # where homes are taken to lie beside one another
        assert user_path("~nobody-of-that-name/a.tif") == Path("~nobody-of-that-name/a.tif")


def test_an_address_of_a_file_is_its_path() -> None:
    """File managers, browsers and programs in Java write the slashes in different ways."""
    path = Path.cwd() / "ä b#.tif"
    address = path.as_uri()
    for same in (address, address.replace("//", "//localhost"), address.replace("//", "")):
        assert user_path(same) == user_path(f" FILE{same[4:]}") == path
    share = user_path("file://server/share/a%20b.tif")
    if sys.platform == "win32":
        assert (
            share == user_path("file:////server/share/a%20b.tif") == Path("//server/share/a b.tif")
        )
    else:
        assert "expected the path of a file" in missing_words(share)


@pytest.mark.parametrize(
    "name",
    ["", " ", ".hidden", "..", "-rf", "a.", "a ", " a", "aux", "AUX.v2", "com1", "lpt9.x.y", "COM¹",
     "nul .txt", "conin$", "a/b", "a\\b", "a:b", "a\nb", "a\x1b[31m", "a\u202eb", "n" * 300],
)  # fmt: skip
def test_names_that_not_every_system_takes(name) -> None:
    assert name_problem(name)
    with pytest.raises(ValueError, match="--out: found "):
        check_name(name, "--out")


def test_no_file_is_made_under_a_name_that_windows_changes(tmp_path, monkeypatch) -> None:
    """It makes "out" of "out ", and then finds no folder "out " to write into."""
    monkeypatch.setattr(sys, "platform", "win32")
    for name in ("out ", "out.", "new. /a.png", "aux.png"):
        with pytest.raises(ValueError, match="choose another name"):
            check_creatable(tmp_path / name)
    for name in ("out", "..", "a/../b", ".hidden"):
        check_creatable(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["auxiliary", "com10", "console.v2", "ядра-x2", "a.b", "x+1", "null"]
)
def test_names_that_every_system_takes(name) -> None:
    assert name_problem(name) == ""


def test_names_made_to_fit_every_disk() -> None:
    e = "\N{LATIN SMALL LETTER E WITH ACUTE}"
    asked = [
        "a/b",
        "a_b",
        "A:B",
        "nul.old",
        " . ",
        "..",
        f"{e}tat",
        unicodedata.normalize("NFD", f"{e}tat"),
    ]
    made = ["a_b", "a_b-2", "A_B-3", "_nul.old", "unnamed", "unnamed-2", f"{e}tat"]
    assert [unicodedata.normalize("NFC", each) for each in fitting_names(asked)] == [
        *made,
        f"{e}tat-2",
    ]
    assert len(fitting_name("\N{MICROSCOPE}" * 90).encode()) == 200


def test_one_file_of_two_names(tmp_path) -> None:
    path, other = tmp_path / "a.tif", tmp_path / "b.tif"
    path.write_bytes(b"")
    assert is_same_file(path, tmp_path / "x" / ".." / "a.tif")
    assert not is_same_file(path, other)
    if sys.platform != "win32":
        other.symlink_to(path)
        assert is_same_file(path, other)
        (tmp_path / "c.tif").hardlink_to(path)
        assert is_same_file(path, tmp_path / "c.tif")


def test_a_name_that_is_free_is_no_file_that_is_there(tmp_path, monkeypatch) -> None:
    """Windows takes no ß for ss: the disk is asked, which would find the one under the other."""
    monkeypatch.setattr(paths, "tells_case", lambda _: False)
    (tmp_path / "Maße.png").touch()
    assert not is_same_file(tmp_path / "Maße.png", tmp_path / "Masse.png")


@pytest.mark.parametrize("told", [True, False])
def test_a_disk_that_numbers_a_file_anew_under_each_spelling(tmp_path, monkeypatch, told) -> None:
    """As exFAT through FUSE does; on a disk that tells case those are two files."""
    if told and not tells_case(tmp_path):
        pytest.skip("the disk of this test tells no case")
    monkeypatch.setattr(Path, "samefile", lambda *_: False)
    monkeypatch.setattr(paths, "tells_case", lambda _: told)
    for name in ("Cell.png", "cell.PNG"):
        (tmp_path / name).touch()
    assert is_same_file(tmp_path / "Cell.png", tmp_path / "cell.PNG") != told
    assert not is_same_file(tmp_path / "Cell.png", tmp_path / "cell.jpg")


def test_whether_a_disk_tells_case_is_found_out(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "Results"
    folder.mkdir()
    assert tells_case(folder) == (not (tmp_path / "rESULTS").exists())
    assert tells_case(folder / "new" / "newer") == tells_case(folder)
    assert not list(folder.iterdir())
    names, exists = os.listdir, Path.exists

    def without_case(path: Path) -> bool:
        """As on a disk that is mounted in this folder, whose own name lies on another one."""
        if path.parent != folder:
            return exists(path)
        return path.name.casefold() in map(str.casefold, names(folder))

    monkeypatch.setattr(Path, "exists", without_case)
    assert not tells_case(folder)
    assert not tells_case(folder / "new")


@pytest.mark.parametrize("address", ["https://example.com/a.zarr", "s3://bucket/a"])
def test_addresses_are_no_files(address: str) -> None:
    assert "download it" in missing_words(Path(address))
    for file in ("C:/a.tif", "a:b.tif", "file:a.tif"):
        assert missing_words(Path(file)) == "no such file"
