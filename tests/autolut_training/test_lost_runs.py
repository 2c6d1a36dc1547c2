"""A full disk, a vanished folder, a killed process: one line, and what was learned is kept."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autolut_training.api import train_folder, train_request
from autolut_training.loop import checkpoint as checkpoints
from autolut_training.loop import trainer
from autolut_training.loop.checkpoint import load_checkpoint
from autolut_training.loop.run import Run
from autolut_training.loop.trainer import checkpoint_path
from autolut_training.preparation import DAMAGED_TABLE
from autolut_training.settings import Settings, SettingsError
from napari_autolut import load_model
from napari_autolut.training.events import Checkpoint, Done, Postponed, Step
from napari_autolut.training.record import held_out_figures
from napari_autolut.training.request import TrainRequest
from napari_autolut.util import in_use
from napari_autolut.util.errors import error_message
from napari_autolut.util.file_lock import FileLock

SMALL = Settings.of(
    scale=2, channels=(1,), branches=1, window=3, skip=False, steps=8, minutes=None,
    grids=((0.0, 3),), batch=1, crop=16, multi_scale=(),
)  # fmt: skip


@pytest.fixture(autouse=True)
def checkpoint_at_every_step(monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)


def until_it_breaks(events, at_checkpoint, break_it):
    """The sentence that a run ends with after something broke, and how many checkpoints it made."""
    count = 0
    with pytest.raises(OSError) as caught:
        for event in events:
            count += isinstance(event, Checkpoint)
            if isinstance(event, Checkpoint) and count == at_checkpoint:
                break_it()
    return error_message(caught.value), count


def test_what_is_stopped_before_a_checkpoint_cannot_be_resumed(folder, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    out = tmp_path / "t.safetensors"
    asked = TrainRequest(folder, out, scale=2, steps=8)
    monkeypatch.setattr(Run, "validate", interrupted)
    with pytest.raises(KeyboardInterrupt, match="nothing was learned yet, and nothing was written"):
        train_request(asked)
    checkpoint_path(out).touch()
    with pytest.raises(KeyboardInterrupt, match=r"^stopped: resume it with --resume$"):
        train_request(replace(asked, overwrite=True))


def test_a_full_disk_leaves_the_last_checkpoint(folder, tmp_path, monkeypatch):
    out = tmp_path / "t.safetensors"
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def no_room(*_):
        raise full

    with monkeypatch.context() as patch:
        line, count = until_it_breaks(
            train_folder(folder, out, SMALL), 3, lambda: patch.setattr(os, "fsync", no_room)
        )
    assert line == (
        f"{out}: {os.strerror(errno.ENOSPC)}; training stopped at step 4, the best table so far is "
        "there; put that right and use --resume"
    )
    assert count == 3 and load_model(out).scale == 2
    assert {p.name for p in tmp_path.iterdir()} == {
        "images", "t.safetensors", "t.safetensors.checkpoint",
    }  # fmt: skip
    done = list(train_folder(folder, out, SMALL, resume=True))[-1]
    assert isinstance(done, Done) and done.step == 8


def test_resumed_after_a_full_disk_the_run_is_as_if_nothing_had_been(folder, tmp_path, monkeypatch):
    out, whole = tmp_path / "t.safetensors", tmp_path / "whole.safetensors"
    save = checkpoints.atomic_write

    def no_room(path, **options):
        if str(path).endswith("checkpoint"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return save(path, **options)

    with monkeypatch.context() as patch:
        until_it_breaks(
            train_folder(folder, out, SMALL), 5,
            lambda: patch.setattr(checkpoints, "atomic_write", no_room),
        )  # fmt: skip
    list(train_folder(folder, out, SMALL, resume=True))
    list(train_folder(folder, whole, SMALL))
    for a, b in zip(load_model(out).tables, load_model(whole).tables, strict=True):
        np.testing.assert_array_equal(a.values, b.values)


@pytest.mark.parametrize("kept", [b"", bytes(500), "half of it"])
def test_a_table_that_was_damaged_is_made_again(kept, folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    while not isinstance(next(events), Checkpoint):
        pass
    events.close()
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) // 2] if isinstance(kept, str) else kept)
    started, *_, done = train_folder(folder, out, SMALL, resume=True)
    assert started.notes[0] == DAMAGED_TABLE
    assert isinstance(done, Done) and held_out_figures(load_model(out).card).psnr == done.psnr


@pytest.fixture
def holding(monkeypatch):
    """Names of files that another program holds open, so that nobody moves or replaces them."""
    names = set()

    def guarded(action):
        def refuse(*paths, **options):
            if {Path(path).name for path in paths} & names:
                raise PermissionError(errno.EACCES, "The process cannot access the file")
            return action(*paths, **options)

        return refuse

    monkeypatch.setattr(in_use, "PAUSES", (0.0,))
    for name in ("rename", "replace", "unlink", "remove"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))
    return names


@pytest.mark.parametrize("name", ["t.safetensors.checkpoint", "t.safetensors"])
def test_a_file_that_is_held_for_long_ends_no_training(name, folder, tmp_path, holding):
    out = tmp_path / "t.safetensors"
    events = []
    for event in train_folder(folder, out, SMALL):
        if isinstance(event, Checkpoint) and event.step == 2:
            holding.add(name)
        if isinstance(event, Postponed):
            held = load_checkpoint(checkpoint_path(out))[0].step
            assert held == (2 if "checkpoint" in name else event.step)  # the one before is whole
            holding.discard(name)
        events.append(event)
    said = [event for event in events if isinstance(event, Postponed)]
    assert [(event.step, event.path) for event in said] == [(3, str(tmp_path / name))]
    assert isinstance(events[-1], Done) and not checkpoint_path(out).exists()
    assert held_out_figures(load_model(out).card).psnr == events[-1].psnr


def test_a_table_that_is_held_at_the_end_is_written_when_resumed(folder, tmp_path, holding):
    out = tmp_path / "t.safetensors"
    line, _ = until_it_breaks(
        train_folder(folder, out, SMALL), 2, lambda: holding.add("t.safetensors")
    )
    assert "is open in another program" in line
    assert line.endswith("step 8, the best table so far is there; put that right and use --resume")
    holding.clear()
    events = list(train_folder(folder, out, SMALL, resume=True))
    assert not any(isinstance(event, Step) for event in events)  # nothing is done again
    assert held_out_figures(load_model(out).card).psnr == events[-1].psnr


def test_a_vanished_folder_is_named(folder, tmp_path):
    place = tmp_path / "stick"
    place.mkdir()
    line, _ = until_it_breaks(
        train_folder(folder, place / "t.safetensors", SMALL), 2, lambda: shutil.rmtree(place)
    )
    assert f"the folder {place} is gone; training stopped at step" in line
    assert line.endswith("without a table so far")


def test_the_line_of_progress_ends_before_what_went_wrong(folder, tmp_path, monkeypatch, capsys):
    def broken(_):
        yield Step(3, 0.5, 1.0, 2.0, 60.0)
        raise OSError("the disk is gone")

    monkeypatch.setattr("autolut_training.api.prepared", lambda *_, **__: broken)
    with pytest.raises(OSError, match="the disk is gone"):
        train_request(TrainRequest(folder, tmp_path / "t.safetensors", scale=2, steps=8))
    assert capsys.readouterr().err.endswith("1:00 left\n")


def test_progress_goes_to_stderr_and_what_was_written_to_stdout(folder, tmp_path, capsys):
    out = tmp_path / "t.safetensors"
    train_request(TrainRequest(folder, out, recipe="light", scale=2, steps=1))
    said = capsys.readouterr()
    assert said.out.startswith(f"{out}: ") and said.out.count("\n") == 1
    assert "step 1: " in said.err and str(out) not in said.err


def test_progress_that_nobody_can_read_ends_no_training(folder, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "t.safetensors"
    monkeypatch.setattr("sys.stderr", SimpleNamespace(write=refuse, flush=refuse))
    train_request(TrainRequest(folder, out, recipe="light", scale=2, steps=1))
    assert out.exists()


def test_images_that_vanish_do_not_matter_any_more(folder, tmp_path):
    events = train_folder(folder, tmp_path / "t.safetensors", SMALL.changed(steps=3))
    next(events)
    shutil.rmtree(folder)
    assert isinstance(list(events)[-1], Done)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_run_leaves_a_table_and_can_be_resumed(folder, tmp_path):
    """Killed at any moment, again and again, while it writes all the time."""
    out = tmp_path / "t.safetensors"
    long = SMALL.changed(steps=10**6)
    program = (
        "import sys; from autolut_training.loop import trainer;"
        "from autolut_training.api import train_folder;"
        "from autolut_training.settings import Settings;"
        "from autolut_training.settings.groups import *;"
        "trainer.SECONDS_BETWEEN_CHECKPOINTS = 0.0\n"
        f"for event in train_folder(*sys.argv[1:3], {long!r}, resume=len(sys.argv) > 3):\n"
        "    print(type(event).__name__, flush=True)\n"
    )
    random, steps = np.random.default_rng(0), 0
    for turn in range(3):
        options = ["resume"] if turn else []
        process = subprocess.Popen(
            [sys.executable, "-c", program, folder, out, *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        stop_after = 3 + int(random.integers(40))
        for line in process.stdout:
            stop_after -= line == "Checkpoint\n"
            if not stop_after:
                process.send_signal(signal.SIGKILL)
                break
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert load_model(out).card.benchmark["held-out"]["psnr"] > 10
        position, _ = checkpoints.load_checkpoint(trainer.checkpoint_path(out))
        assert position.step > steps
        steps = position.step


def test_two_trainings_do_not_write_one_table(folder, tmp_path):
    """Their checkpoints would be mixed, and the first that is done would remove the other's."""
    out = tmp_path / "t.safetensors"
    asked = TrainRequest(folder, out, scale=2, steps=1)
    first = FileLock(out.with_suffix(".lock"), temporary=True)
    assert first.acquire()
    for options in ({}, {"resume": True}, {"overwrite": True}):
        with pytest.raises(SettingsError, match=r"another training that writes .* expected one"):
            train_request(replace(asked, **options))
    first.release()
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_a_training_has_its_output_to_itself_until_it_ends(folder, tmp_path, monkeypatch):
    out, held = tmp_path / "t.safetensors", []

    def broken(_):
        held.append(FileLock(out.with_suffix(".lock")).acquire())
        raise OSError("the disk is gone")

    monkeypatch.setattr("autolut_training.api.prepared", lambda *_, **__: broken)
    with pytest.raises(OSError, match="the disk is gone"):
        train_request(TrainRequest(folder, out, scale=2, steps=8))
    assert held == [False] and [path.name for path in tmp_path.iterdir()] == ["images"]
