"""Left-overs of killed processes are deleted; what a living process writes stays."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from napari_autolut.util import temporary
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.temporary import TRIES, few_tries

WRITER = """
import sys, time
from pathlib import Path
from napari_autolut.util.atomic import atomic_write
with atomic_write(Path(sys.argv[1])) as temporary:
    temporary.write_bytes(b"half")
    print(temporary.name, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def not_searched_yet(monkeypatch):
    monkeypatch.setattr(temporary, "_searched", {})


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "a.tif")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout is not None
            name = writer.stdout.readline().strip()
            temporary.remove_left_overs(tmp_path)
            assert [each.name for each in tmp_path.iterdir()] == [name], "it is being written"
            writer.kill()
            # Not waited for: a dead child is still in the system's list. On Windows the process
            # that writes may be a child of the one that was started.
            while _is_running(int(name.split("-")[2], 16)):
                time.sleep(0.01)
            temporary._searched.clear()
            with atomic_write(tmp_path / "b.tif") as mine:
                mine.write_bytes(b"whole")
        finally:
            writer.kill()
    assert [each.name for each in tmp_path.iterdir()] == ["b.tif"]


def _is_running(process: int) -> bool:
    import psutil

    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    return False


def test_the_machine_is_named_without_a_look_at_all_of_it(monkeypatch) -> None:
    """Python asks Windows' management service for ``platform.node()``, which may take seconds."""
    monkeypatch.setattr("platform.uname", lambda: pytest.fail("looked up"))
    assert re.fullmatch("[0-9a-f]{6}", temporary._machine.__wrapped__())


def test_the_name_of_a_machine_may_be_of_any_bytes(monkeypatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "M\udcfcller")
    assert re.fullmatch("[0-9a-f]{6}", temporary._machine.__wrapped__())


def test_our_own_files_stay(tmp_path) -> None:
    with atomic_write(tmp_path / "a.tif") as mine:
        mine.write_bytes(b"half")
        temporary.remove_left_overs(tmp_path)
        assert mine.exists()


def left_over(folder: Path, *, machine: str | None = None, process: int = 1) -> Path:
    path = folder / f"{temporary.PREFIX}{machine or temporary._machine()}-{process:x}-0a1b2c.tif"
    path.write_bytes(b"half")
    return path


def test_an_earlier_process_of_our_number_writes_no_more(tmp_path) -> None:
    path = left_over(tmp_path, process=os.getpid())
    temporary.remove_left_overs(tmp_path)
    assert not path.exists()


def test_a_number_that_was_given_again_is_another_process(tmp_path) -> None:
    path = left_over(tmp_path, process=os.getppid())
    temporary.remove_left_overs(tmp_path)
    assert path.exists()
    os.utime(path, (1e9, 1e9))
    temporary._searched.clear()
    temporary.remove_left_overs(tmp_path)
    assert not path.exists()


def test_another_machines_file_goes_after_a_week(tmp_path) -> None:
    foreign = "000000" if temporary._machine() != "000000" else "111111"
    path = left_over(tmp_path, machine=foreign, process=2**31 - 1)
    temporary.remove_left_overs(tmp_path)
    assert path.exists()
    os.utime(path, (time.time() - 8 * 86400,) * 2)
    temporary._searched.clear()
    temporary.remove_left_overs(tmp_path)
    assert not path.exists()


def test_other_files_stay(tmp_path) -> None:
    names = [".autolut-notes.txt", ".autolut-12-34-56.tif", "autolut-000000-1-0a1b2c.tif", "a.tif"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (1e9, 1e9))
    temporary.remove_left_overs(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names)


def test_left_overs_that_cannot_be_deleted_are_not_all_waited_for(tmp_path, monkeypatch) -> None:
    path = left_over(tmp_path, process=os.getpid())
    for number in range(9):
        path.with_name(f"{path.name[:-3]}00{number}").touch()
    tried: list[Path] = []
    monkeypatch.setattr(temporary, "remove_file", tried.append)
    temporary.remove_left_overs(tmp_path)
    assert len(tried) == 1


def test_a_folder_that_cannot_be_listed_is_no_error(tmp_path) -> None:
    temporary.remove_left_overs(tmp_path / "missing")


def test_a_folder_without_rights_is_given_up_soon(monkeypatch):
    """As on Windows, where the folder looks as if it could be written."""
    tries = []

    def denied(path: object, *_: object, **__: object) -> int:
        tries.append(path)
        raise FileExistsError(17, "taken", str(path))

    before = tempfile.TMP_MAX
    with monkeypatch.context() as patch, few_tries():
        patch.setattr(os, "open", denied)
        with pytest.raises(OSError, match="No usable temporary file name"):
            tempfile.mkstemp(dir=str(Path.cwd()))
    assert len(tries) == TRIES
    assert before == tempfile.TMP_MAX
