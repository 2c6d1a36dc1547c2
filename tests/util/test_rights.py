"""Who may read what was replaced: no more people than before, whatever the system lets us do."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path

import pytest

from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.rights import ACCESS_LIST, Rights, is_of_another_user, restore_rights

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")

NOBODY = 0xFFFFFFFF
OWNER, USER, GROUP, BOUND, OTHERS = 1, 2, 4, 16, 32


def access_list(group: int) -> bytes:
    """One more user may read, and the group has rights of its own."""
    entries = ((OWNER, 6, NOBODY), (USER, 4, 4711), (GROUP, group, NOBODY), (BOUND, 4, NOBODY),
               (OTHERS, 0, NOBODY))  # fmt: skip
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in entries)


def replaced(path: Path) -> Path:
    with atomic_write(path, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.tif"
    made.write_bytes(b"old")
    try:
        os.setxattr(made, ACCESS_LIST, access_list(4))
        os.removexattr(made, ACCESS_LIST)
    except (OSError, AttributeError):
        pytest.skip("this disk or system has no access lists")
    return made


def test_an_access_list_stays(path: Path) -> None:
    """Its mode says 0640, and yet the group may not read it."""
    os.setxattr(path, ACCESS_LIST, access_list(0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.getxattr(replaced(path), ACCESS_LIST) == access_list(0)


def test_a_file_without_a_list_gets_none_of_its_folder(path: Path) -> None:
    path.chmod(0o640)
    with atomic_write(path, overwrite=True) as temporary:
        os.setxattr(temporary, ACCESS_LIST, access_list(4))
        temporary.write_bytes(b"new")
    with pytest.raises(OSError, match="No data"):
        os.getxattr(path, ACCESS_LIST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(("mode", "expected"), [(0o640, 0o600), (0o664, 0o644), (0o604, 0o604)])
def test_another_group_gets_no_more_than_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, expected: int
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    path = tmp_path / "a.tif"
    path.touch()
    owner, group = path.stat().st_uid, path.stat().st_gid
    monkeypatch.setattr(os, "chown", refused)
    restore_rights(path, Rights(owner, group + 1, mode))
    assert stat.S_IMODE(path.stat().st_mode) == expected
    restore_rights(path, Rights(owner + 1, group, mode))
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_file_of_a_colleague_stays_one_of_the_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def chown(_: Path, owner: int, group: int) -> None:
        if owner != -1:
            raise PermissionError
        given.append(group)

    (tmp_path / "a.tif").touch()
    monkeypatch.setattr(os, "chown", chown)
    restore_rights(tmp_path / "a.tif", Rights(4711, 4712, 0o664))
    assert given == [4712]


def test_what_others_put_where_all_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert not is_of_another_user(tmp_path / "made")
    tmp_path.chmod(0o1777)
    assert is_of_another_user(tmp_path / "made")
    monkeypatch.undo()
    assert not is_of_another_user(tmp_path / "made")
