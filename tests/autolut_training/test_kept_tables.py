"""The table that a run keeps, at every moment: its figure, its checkpoint, and going on from it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skimage import data, io

from autolut_training.api import train_folder
from autolut_training.data.dataset import read_folder
from autolut_training.loop import checkpoint as checkpoints
from autolut_training.loop import trainer
from autolut_training.loop.checkpoint import CheckpointError
from autolut_training.report.control import follow
from autolut_training.settings import Settings
from napari_autolut import load_model, save_model
from napari_autolut.model import Card
from napari_autolut.training.events import Done, Started, Step, Stopped, Validation
from napari_autolut.training.record import held_out_figures

SMALL = Settings.of(
    scale=2, channels=(1,), branches=2, window=3, skip=False, steps=40, minutes=None,
    grids=((0.0, 3), (0.5, 5)), batch=2, crop=16, multi_scale=(),
)  # fmt: skip


def run(folder, out, settings=SMALL, **options):
    return list(train_folder(folder, out, settings, **options))


def test_resuming_where_nothing_is_yet_begins_anew_and_says_so(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    started, *_, done = run(folder, out, SMALL.changed(steps=2), resume=True)
    assert started.notes[0] == "There is nothing to resume yet; it begins anew."
    assert isinstance(done, Done) and out.exists()
    with pytest.raises(CheckpointError, match="its training is over; choose another name, or"):
        run(folder, out, resume=True)


def test_a_run_that_is_killed_after_its_first_table_can_be_resumed(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL.changed(init_from="natural-x2", grids=((0.0, 5),)))
    assert [type(next(events)) for _ in range(2)] == [Started, Validation]
    assert out.exists() and trainer.checkpoint_path(out).exists()
    events.close()
    with pytest.raises(FileExistsError, match="exists already, and its training can be resumed"):
        run(folder, out)


def test_a_stopped_run_tells_the_figure_of_the_table_it_keeps(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    out, emitted = tmp_path / "t.safetensors", []

    class StopAtStep:
        def latest(self):
            return "stop" if isinstance(emitted[-1], Step) else None

    settings = SMALL.changed(steps=10**6)
    follow(lambda resume: train_folder(folder, out, settings), StopAtStep(), emitted.append, "")
    measured = [event for event in emitted if isinstance(event, Validation)]
    figures = held_out_figures(load_model(out).card)
    assert figures[:2] == (measured[-1].psnr, measured[-1].bicubic_psnr)
    assert isinstance(emitted[-1], Stopped)


def test_a_resumed_run_takes_the_figure_of_the_table_that_is_there(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    events.close()
    model = load_model(out)
    card = replace(model.card, benchmark={"held-out": {"psnr": 99.0, "bicubic_psnr": 30.0}})
    save_model(replace(model, card=card), out, overwrite=True)
    *_, done = run(folder, out, resume=True)
    assert done.psnr == 99.0 and load_model(out).card.benchmark["held-out"]["psnr"] == 99.0


def test_the_first_figure_of_what_it_learns_comes_soon(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_TO_FIRST_VALIDATION", 0.0)
    settings = SMALL.changed(steps=None, minutes=0.02)
    first, *_ = (e.step for e in run(folder, tmp_path / "t.safetensors", settings)
                 if isinstance(e, Validation))  # fmt: skip
    assert first == 1


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="shown by Linux alone")
def test_a_resumed_run_keeps_no_file_mapped(folder, tmp_path):
    """Windows replaces no file that is mapped, and the next checkpoint replaces this one."""
    out = tmp_path / "t.safetensors"
    for resume in (False, True):
        events = train_folder(folder, out, SMALL, resume=resume)
        next(events)
        held = [line for line in Path("/proc/self/maps").read_text().splitlines()
                if str(tmp_path) in line]  # fmt: skip
        events.close()
    assert not held


def tables_of(out):
    return [table.values for table in load_model(out).tables]


def test_what_is_kept_does_not_depend_on_how_quick_the_machine_is(folder, tmp_path, monkeypatch):
    """Measured by the clock, another step's table would be the best one."""
    steps, outs = {}, {}
    for seconds in (0.0, 1e9):
        monkeypatch.setattr(trainer, "SECONDS_TO_FIRST_VALIDATION", seconds)
        monkeypatch.setattr(trainer, "SECONDS_BETWEEN_CHECKPOINTS", seconds)
        outs[seconds] = tmp_path / f"{seconds}.safetensors"
        events = run(folder, outs[seconds], SMALL.changed(steps=45))
        steps[seconds] = [e.step for e in events if isinstance(e, Validation)]
    assert steps[1e9] == list(range(3, 46, 3))
    assert steps[0.0] == [1, 2, *steps[1e9]], "and a table before the first one that is judged"
    np.testing.assert_equal(*map(tables_of, outs.values()))


def test_a_long_run_has_a_table_before_it_is_judged(folder, tmp_path, monkeypatch):
    """It is there after a kill, and is no measure for the first one that is judged."""
    monkeypatch.setattr(trainer, "SECONDS_TO_FIRST_VALIDATION", 0.0)
    out, settings = tmp_path / "t.safetensors", SMALL.changed(steps=10**4)
    events = train_folder(folder, out, settings)
    measured = next(event for event in events if isinstance(event, Validation))
    assert measured.step == 1 and measured.best and out.exists()
    run_ = trainer.Run(read_folder(folder, 2, crop=16), settings, out, Card("t"))
    run_.restore(trainer.checkpoint_path(out))
    assert run_.step == 1 and run_.schedule.best == -np.inf and not run_.misses_table
    events.close()


def test_killed_between_a_checkpoint_and_its_table_the_table_is_not_lost(
    folder, tmp_path, monkeypatch
):
    """It is the best one, as later ones learn at a rate that spoils them."""
    out, whole = tmp_path / "t.safetensors", tmp_path / "whole.safetensors"
    settings = SMALL.changed(steps=6, table_lr=900.0)
    measured = [e for e in run(folder, whole, settings) if isinstance(e, Validation)]
    assert not measured[-1].best, "or this test shows nothing"
    best = [e.step for e in measured if e.best][-1]
    save = trainer.save_model

    class KilledError(Exception):
        pass

    def killed(model, path, **options):
        if checkpoints.load_checkpoint(trainer.checkpoint_path(out))[0].step == best:
            raise KilledError
        save(model, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "save_model", killed)
        with pytest.raises(KilledError):
            run(folder, out, settings)
    run(folder, out, settings, resume=True)
    np.testing.assert_equal(tables_of(out), tables_of(whole))


def test_a_table_that_was_taken_away_is_there_again_at_once(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    events.close()
    out.unlink()
    resumed = train_folder(folder, out, SMALL, resume=True)
    assert [type(next(resumed)) for _ in range(2)] == [Started, Validation] and out.exists()
    resumed.close()


def test_what_counts_as_getting_worse_is_remembered(folder, tmp_path):
    out, path = tmp_path / "t.safetensors", tmp_path / "c"
    dataset = read_folder(folder, 2, crop=16)
    one, other = (trainer.Run(dataset, SMALL, out, Card("t")) for _ in range(2))
    one.schedule.step = 1
    one.schedule.judge(30.0)
    one.save(path)
    other.restore(path)
    for each in (one, other):
        each.schedule.judge(29.0)
    assert one.schedule.validations_without_improvement == 1
    assert other.schedule.validations_without_improvement == 1


def test_other_settings_are_named(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    events.close()
    said = r"other settings \(seed was 0 and is 3; window was 3 and is 5\)"
    with pytest.raises(CheckpointError, match=said):
        run(folder, out, SMALL.changed(seed=3, window=5), resume=True)


def replaced(path):
    io.imsave(path, np.rot90(io.imread(path)), check_contrast=False)


CHANGES = {
    "new: new.png": lambda root: io.imsave(root / "new.png", data.camera()[:96, :96]),
    "gone: 1.png": lambda root: (root / "1.png").unlink(),
    "changed: 0.png": lambda root: replaced(root / "0.png"),
    "new: 9.png; gone: 0.png": lambda root: (root / "0.png").rename(root / "9.png"),
}


@pytest.mark.parametrize("said", CHANGES)
def test_other_images_are_refused(folder, tmp_path, said):
    """What is held out then may be what was learned from before."""
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    events.close()
    before = out.read_bytes()
    CHANGES[said](folder)
    with pytest.raises(CheckpointError, match=rf"\({said}\), expected the same"):
        run(folder, out, resume=True)
    assert out.read_bytes() == before
