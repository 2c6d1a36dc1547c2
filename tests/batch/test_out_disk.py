"""A folder run stops where its disk was taken away, and not for less."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from napari_autolut.arrays import Progress
from napari_autolut.batch.files.upscaling import UpscaledFile
from napari_autolut.batch.folder import run_batch
from napari_autolut.batch.outcomes import Done, FileItem, Outcome

OTHER_DISK = 1234


def run(folder: Path, after_the_second: Callable[[], object]) -> list[Outcome]:
    """Write four results; what happens after the second is given."""
    outs = [folder / f"{number}.png" for number in range(4)]
    outcomes: list[Outcome] = []

    def work(source: Path, out: Path) -> Generator[Progress, None, UpscaledFile]:
        yield Progress(1, 1)
        out.write_bytes(b"result")
        return UpscaledFile(out, {}, {}, "model")

    for event in run_batch([FileItem(Path("in", out.name), out) for out in outs], work):
        if isinstance(event, Outcome):
            outcomes.append(event)
            if len(outcomes) == 2:
                after_the_second()
    return outcomes


@pytest.fixture
def other_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on the system gives another number for every disk."""
    plain = os.stat

    def stat(path: object, **options: object) -> os.stat_result:
        found = list(plain(path, **options))  # type: ignore[call-overload]
        found[2] = OTHER_DISK
        return os.stat_result(found)

    return lambda: monkeypatch.setattr(os, "stat", stat)


def remove_all(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def test_another_disk_without_the_last_result(
    tmp_path: Path, other_disk: Callable[[], None]
) -> None:
    """What an unmount leaves: the mount point, empty, on the disk around it."""

    def unmount() -> None:
        remove_all(tmp_path)
        other_disk()

    with pytest.raises(OSError, match="gone with its disk") as failure:
        run(tmp_path, unmount)
    assert (failure.value.errno, failure.value.filename) == (errno.ENODEV, str(tmp_path / "1.png"))
    assert not list(tmp_path.iterdir())


def test_results_that_are_moved_or_a_disk_that_has_another_number(
    tmp_path: Path, other_disk: Callable[[], None]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    moved = run(tmp_path / "a", lambda: remove_all(tmp_path / "a"))
    renumbered = run(tmp_path / "b", other_disk)
    assert [type(outcome) for outcome in moved + renumbered] == [Done] * 8
